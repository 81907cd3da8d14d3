import { expect, test } from 'vitest';
import type { Instant } from '../kernel/index.ts';
import { seededRandomBytes } from '../platform/ids.ts';
import type { TokenRecord } from './token.ts';
import { hasTokenForm, isAddressBlock, judgeToken, makeToken } from './tokens.ts';

const at = 1_000_000 as Instant;

function record(token: Partial<TokenRecord['token']>, user: Partial<TokenRecord['user']> = {}): TokenRecord {
  return {
    token: {
      ...{
        id: 'ab'.repeat(32),
        kind: 'cli',
        userId: 'wang',
        label: 'laptop',
        scopes: [],
        merchants: ['*'],
        ipAllow: [],
      },
      ...{ createdAt: at, expiresAt: undefined, revokedAt: undefined },
      ...token,
    },
    user: {
      ...{ id: 'wang', name: 'Wang', roles: ['maker'], merchants: ['m1', 'm2'], createdAt: at, disabledAt: undefined },
      ...user,
    },
  };
}

const judge = (one: TokenRecord, ip: string | undefined = '10.1.2.3') => judgeToken(one, { door: 'api', ip }, at);
const codeOf = (one: TokenRecord, ip?: string) => {
  const judged = judge(one, ip);
  return judged.ok ? 'in' : judged.refusal.code;
};

test('tokens have their form, differ, and favour no letter', () => {
  const random = seededRandomBytes('tokens');
  const made = Array.from({ length: 2000 }, () => makeToken('cli', random));
  expect(made.every((token) => token.startsWith('ls_cli_') && hasTokenForm(token))).toBe(true);
  expect(makeToken('api_key', random)).toMatch(/^ls_key_/);
  expect(new Set(made).size).toBe(2000);
  const counts = new Map<string, number>();
  for (const letter of made.flatMap((token) => [...token.slice(7)])) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  // 64,000 letters of 62: 1,032 each, deviation 32. Byte % 62 without drawing again would give eight letters 1,250.
  expect(counts.size).toBe(62);
  expect(Math.max(...counts.values())).toBeLessThan(1180);
});

test('a token that ended, or whose user is disabled, lets nobody in', () => {
  expect(codeOf(record({}))).toBe('in');
  expect(codeOf(record({ expiresAt: (at + 1) as Instant }))).toBe('in');
  expect(codeOf(record({ expiresAt: at }))).toBe('auth.token_expired');
  expect(codeOf(record({ revokedAt: at }))).toBe('auth.token_revoked');
  expect(codeOf(record({}, { disabledAt: at }))).toBe('auth.user_disabled');
});

test('an address list lets in what it lists, also when IPv4 comes dressed as IPv6, and nothing without an address', () => {
  const listed = record({ ipAllow: ['10.1.0.0/16', '2001:db8::/32', '192.0.2.7'] });
  for (const ip of ['10.1.255.1', '192.0.2.7', '2001:db8:1::5', '::ffff:10.1.2.3'])
    expect(codeOf(listed, ip), ip).toBe('in');
  for (const ip of ['10.2.0.1', '192.0.2.8', '2001:db9::1', '', 'nonsense'])
    expect(codeOf(listed, ip), ip).toBe('auth.ip_not_allowed');
  expect(judgeToken(listed, { door: 'cli', ip: undefined }, at).ok).toBe(false);
});

test('a token reaches no further than its user and no further than itself', () => {
  const merchants = (token: string[], user: string[]) => {
    const judged = judge(record({ merchants: token }, { merchants: user }));
    return judged.ok && judged.value.merchants;
  };
  expect(merchants(['*'], ['m1'])).toEqual(['m1']);
  expect(merchants(['m1'], ['*'])).toEqual(['m1']);
  expect(merchants(['m1', 'm3'], ['m1', 'm2'])).toEqual(['m1']);
  expect(judge(record({ kind: 'api_key', scopes: [] }))).toMatchObject({ value: { scopes: [], door: 'api' } });
  expect(judge(record({ kind: 'cli' }))).not.toHaveProperty('value.scopes');
  expect(judge(record({}, { roles: ['maker', 'emperor'] }))).toMatchObject({ value: { roles: ['maker'] } });
});

test('address blocks are read strictly', () => {
  expect(['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/128'].filter(isAddressBlock)).toHaveLength(4);
  expect(['10.0.0', '10.0.0.0/33', '::1/129', '10.0.0.0/8/8', '10.0.0.0/', 'x'].filter(isAddressBlock)).toEqual([]);
});
