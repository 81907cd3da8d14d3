import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { describe } from '../platform/refusals.ts';
import { checkerOf } from './body.ts';
import { object } from './schemas.ts';

const check = checkerOf(object({ channel: Type.String(), part: Type.Optional(object({ id: Type.String() })) }));

test('a field that nobody knows is named in both languages, with those that are known', () => {
  const refused = check({ channel: 'x', account: 'A1' });
  expect(refused).toMatchObject({ code: 'usage.bad_input', pointer: '/account' });
  expect(describe(refused!, 'en')).toContain(': no such field: "account"; known: channel, part. Nothing was done.');
  expect(describe(refused!, 'zh')).toContain('：没有字段“account”，可用的有 channel, part。没有执行。');
  expect(check({ channel: 'x', part: { id: 'y', no: 1 } })).toMatchObject({ params: { unknown: 'part/no' } });
  expect(check({ channel: 'x' })).toBeUndefined();
  expect(check({})).toMatchObject({ params: { field: 'channel' } });
});
