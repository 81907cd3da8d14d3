import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test.each([
  ['rate=0.006', 'rate=0.006'],
  ['https://a.example.com/b', 'https://a.example.com/b'],
  ['https://a.example.com/b?x=1&y=2', `'https://a.example.com/b?x=1&y=2'`],
  ['contract 4.1', `'contract 4.1'`],
  ['a|b', `'a|b'`],
  ['$HOME', `'$HOME'`],
  ['*', `'*'`],
  [`it's`, `'it'\\''s'`],
  ['', `''`],
])('%s is printed as %s', (text, printed) => {
  expect(shellWord(text)).toBe(printed);
});
