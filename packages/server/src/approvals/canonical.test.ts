import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, digestOf } from './canonical.ts';
import type { Json } from './canonical.ts';

test('the order of names does not matter, anything else does', () => {
  expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: true, 单: '号' })).toBe(
    '{"a":true,"b":[1,{"c":null,"d":"x"}],"单":"号"}',
  );
  const act = { command: 'customs.repush', subject: 'P-3', input: { orders: ['1', '2'], rate: 20 } };
  const digest = digestOf(act);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(digestOf({ ...act, input: { rate: 20, orders: ['1', '2'] } })).toBe(digest);
  const others = [
    { ...act, command: 'customs.declare_anew' },
    { ...act, subject: 'P-4' },
    { ...act, input: { orders: ['2', '1'], rate: 20 } },
    { ...act, input: { orders: ['1', '2'], rate: '20' } },
    { ...act, input: { orders: ['1,2'], rate: 20 } },
  ];
  expect(new Set([digest, ...others.map(digestOf)]).size).toBe(6);
});

test('what JSON would drop or round is a bug, not a digest', () => {
  for (const value of [undefined, 1n, NaN, Infinity, 2 ** 53, () => 1])
    expect(() => canonicalJson({ a: value as unknown as Json })).toThrow('cannot carry');
});

test('any value reads back as itself and has one text', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      fc.pre(!JSON.stringify(value).match(/\d{16}|e\+/));
      const text = canonicalJson(value as Json);
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 300, seed: 20151028 },
  );
});
