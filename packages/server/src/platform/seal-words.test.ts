import { expect, test } from 'vitest';
import { Secret } from '../kernel/index.ts';
import { hasForm, maskedName, maskedNumber, sealableText } from './seal-words.ts';

test('a secret is known again by its end, and tells no more', () => {
  expect(['2088000000000777', 'ab12', '张三'].map((text) => maskedNumber(new Secret(text)))).toEqual([
    ...['****0777', '****12', '****张三'],
  ]);
  expect(['供货公司', '张三', ''].map((text) => maskedName(new Secret(text)))).toEqual(['*司', '*三', '*']);
  expect([hasForm(new Secret('2088'), '^\\d+$'), hasForm(new Secret('x2088'), '^\\d+$')]).toEqual([true, false]);
});

test('what is to be sealed in one piece holds the secrets themselves, and whole numbers exactly', () => {
  const text = sealableText([{ account: new Secret('2088'), inner: { name: new Secret('张三') }, minor: 2n ** 60n }]);
  expect(JSON.parse(text.reveal())).toEqual([
    { account: '2088', inner: { name: '张三' }, minor: '1152921504606846976' },
  ]);
  expect(String(text)).toBe('***');
});
