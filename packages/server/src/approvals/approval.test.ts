import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Actor } from '../identity/index.ts';
import { hours, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { approvalActs, approvalStates, judgeDecision, stateAt, stepOf } from './approval.ts';
import type { Approval, ApprovalState, Decision } from './approval.ts';

const at = Date.parse('2015-10-28T07:40:00Z') as Instant;
const lapsesAt = plus(at, hours(2));
const approval: Approval = {
  ...{
    id: 'A-1',
    merchantId: 'm1',
    command: 'customs.repush',
    subject: 'P-3',
    input: {},
    digest: 'd1',
    state: 'asked',
  },
  ...{ maker: 'wang', askedAt: at, lapsesAt, checker: undefined, decidedAt: undefined, reason: '' },
};
const zhao: Actor = { userId: 'zhao', name: 'Zhao', roles: ['checker'], merchants: ['m1'], door: 'cli' };
const yes: Decision = { verdict: 'approve', checker: zhao, reason: '' };

function judge(
  change: Partial<Decision>,
  more: { of?: Partial<Approval>; alone?: boolean; at?: Instant } = {},
): string {
  const of = { ...approval, ...more.of };
  const judged = judgeDecision(of, { ...yes, ...change }, 'customs.repush.approve', more.alone ?? false, more.at ?? at);
  return judged.ok ? judged.value : judged.refusal.code;
}

function printTable(): string {
  const lines = [
    ['state', ...approvalActs],
    ...approvalStates.map((s) => [s, ...approvalActs.map((act) => stepOf(s, act))]),
  ];
  return lines
    .map((line) =>
      line
        .map((cell) => cell.padEnd(26))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

test('the table in the README is what the code does', () => {
  expect(readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')).toContain('```\n' + printTable() + '\n```');
});

test('nothing leads back to asked, and to used there is one way', () => {
  const ways = approvalStates.flatMap((state) => approvalActs.map((act) => ({ state, act, to: stepOf(state, act) })));
  expect(ways.filter((way) => way.to === 'asked')).toEqual([]);
  const used = ways.filter((way) => way.to === 'used' && way.state !== 'used');
  expect(used).toEqual([{ state: 'approved', act: 'use', to: 'used' }]);
  expect(ways.filter((way) => way.to === 'approved').map((way) => way.state)).toEqual(['asked']);
});

test('the maker never decides, whatever roles, login or door', () => {
  const wang: Actor = { ...zhao, userId: 'wang', roles: ['maker', 'checker', 'admin'], merchants: ['*'] };
  for (const door of ['cli', 'api', 'console'] as const)
    for (const verdict of ['approve', 'refuse'] as const)
      expect(judge({ checker: { ...wang, door }, verdict, reason: 'x' })).toBe('approval.maker_is_checker');
  expect(judge({ checker: { ...wang, roles: ['maker'] } })).toBe('approval.maker_is_checker');
  expect(judge({ checker: wang }, { alone: true })).toBe('approved');
  expect(judge({ checker: { ...wang, roles: ['maker'] } }, { alone: true })).toBe('approval.role_missing');
});

test('a checker needs the role, for this merchant, within the scopes of the key; the installation itself is nobody', () => {
  expect(judge({})).toBe('approved');
  expect(judge({ checker: { ...zhao, roles: ['maker'] } })).toBe('approval.role_missing');
  expect(judge({ checker: { ...zhao, merchants: ['m2'] } })).toBe('auth.merchant_missing');
  expect(judge({ checker: { ...zhao, scopes: ['numbers.read'] } })).toBe('auth.scope_missing');
  expect(judge({ checker: { ...zhao, door: 'system' } }, { alone: true })).toBe('approval.role_missing');
});

test('a decision comes in time, once, about the digest that was seen, and a no has a reason', () => {
  const last = plus(lapsesAt, -1);
  expect(judge({}, { at: last })).toBe('approved');
  expect(judge({}, { at: lapsesAt })).toBe('approval.lapsed');
  expect(judge({ expectedDigest: 'd1' })).toBe('approved');
  expect(judge({ expectedDigest: 'd' })).toBe('approval.digest_differs');
  expect(judge({ verdict: 'refuse', reason: ' ' })).toBe('approval.reason_missing');
  expect(judge({ verdict: 'refuse', reason: 'wrong port' })).toBe('refused');
  for (const state of ['approved', 'refused', 'used'] as const)
    expect(judge({}, { of: { state, checker: 'qian' } }), state).toBe('approval.already_decided');
});

test('what was approved lapses too, what was used or refused stays so', () => {
  const later = approvalStates.map((state): ApprovalState => stateAt({ ...approval, state }, lapsesAt));
  expect(later).toEqual(['lapsed', 'lapsed', 'refused', 'lapsed', 'used']);
});
