// Goal: what is promised, given, taken back and refused follows from the order as it stands and what the channel verifiably said.
// Method: shared orders as values; one input at a time, the result and its effects looked at.
import { expect, test } from 'vitest';
import { CNY, days, hours, minutes, plus } from '../kernel/index.ts';
import type { Instant, Outcome, Trust } from '../kernel/index.ts';
import type { ShareFacts, ShareReturnFacts, ShareRules } from '../channels/contract/index.ts';
import type { Order } from '../payments/index.ts';
import { backShares } from './back-shares.ts';
import { decideSharing } from './decide.ts';
import type { ShareInput } from './decide.ts';
import type { SharedOrder } from './shared-order.ts';
import { partTable, returnTable, shareTable } from './share.ts';

const t0 = Date.parse('2026-12-01T02:00:00Z') as Instant;
const at = (ms: number): Instant => plus(t0, ms);
const yuan = (amount: number) => ({ minor: BigInt(amount) * 100n, currency: CNY });

const rules: ShareRules = {
  ...{ kinds: {}, relations: [], shareNo: { pattern: '.' }, returnNo: { pattern: '.' }, partsMax: 3, requestsMax: 3 },
  ...{ afterPaymentMs: minutes(1), heldDays: 30, returnDays: 180, resendIsSafe: true, firstQueryAfterMs: 10_000 },
  ...{ comesBack: 'own_call', proRataProducts: [] },
};
const key = { bucket: 7, id: 'o' };

type Sums = { readonly held?: boolean; readonly refunding?: number; readonly shared?: number };

/** A hundred yuan paid at `t0`, held to be shared. */
function paidOrder({ held = true, refunding = 0, shared = 0 }: Sums = {}): SharedOrder {
  const own = { bucket: 7, orderId: 'o', merchantId: 'demo', createdAt: t0 };
  const attempt = { ...own, id: 'a', paymentId: 'p', accountId: 'A1', paidAt: t0, amount: yuan(100), tradeNo: 'T' };
  const sums = { receivedMinor: 10_000n, refundingMinor: BigInt(refunding), sharedMinor: BigInt(shared) };
  const order = {
    ...{ ...key, merchantId: 'demo', orderNo: 'O1', due: yuan(100), version: 1, surplus: [], refunds: [] },
    payments: [{ ...own, id: 'p', state: 'paid', settledBy: 'a' }],
    attempts: [{ ...attempt, ...sums, ...(held ? { isHeldForSharing: true } : {}) }],
  };
  return { order: order as unknown as Order, shares: [], returns: [] };
}

class Play {
  shared: SharedOrder;
  refusal = '';
  againAt: Instant | undefined;
  effects: readonly string[] = [];

  constructor(sums: Sums = {}) {
    this.shared = paidOrder(sums);
  }

  tell(input: Omit<ShareInput, 'key'>, when: Instant): this {
    const { next, effects = [], result } = decideSharing(this.shared, { ...input, key } as ShareInput, when);
    this.shared = next ?? this.shared;
    this.refusal = result.ok ? '' : result.refusal.code;
    this.againAt = result.ok ? result.value.againAt : undefined;
    this.effects = effects.flatMap((one) => {
      if (one.kind === 'entry') return [`${one.draft.kind} ${one.draft.source}`];
      if (one.kind === 'job') return [`${one.wish.kind} +${(one.wish.dueAt - when) / 1000}s`];
      if (one.kind === 'event') return [one.event.type];
      return one.kind === 'case' ? [one.open.kind] : [];
    });
    return this;
  }

  ask(no: string, amounts: readonly number[], more: object = {}, terms: object = {}, when = at(minutes(2))): this {
    const parts = amounts.map((amount, index) => {
      return { id: `${no}-${index}`, receiver: { bucket: 1, id: `r${index}` }, amount: yuan(amount), reason: '' };
    });
    const wish = { id: no, shopShareNo: no, shareNo: `N${no}`, parts, releasesRest: false, reason: '', ...more };
    return this.tell({ kind: 'share', wish, terms: { rules, partsMax: 3, ...terms } } as never, when);
  }

  hear(
    outcome: Outcome<ShareFacts>,
    { by = 'answer', trust = 'verified', when = at(minutes(3)), isAbsent = false, mine = rules } = {},
  ): this {
    const heard = { by, outcome, trust, heardAt: when, ...(isAbsent ? { isAbsent } : {}) };
    return this.tell({ kind: 'share_heard', shareId: 'S1', heard, rules: mine } as never, when);
  }

  back(no: string, amount: number | undefined, when = at(days(1))): this {
    const wish = { id: no, partId: 'S1-0', shopReturnNo: no, returnNo: `N${no}`, reason: '' };
    const full = { ...wish, ...(amount === undefined ? {} : { amount: yuan(amount) }) };
    return this.tell({ kind: 'return', wish: full, rules } as never, when);
  }

  hearBack(
    no: string,
    outcome: Outcome<ShareReturnFacts>,
    trust: Trust = 'verified',
    { by = 'answer', when = at(days(1)), isAbsent = false } = {},
  ): this {
    const heard = { by, outcome, trust, heardAt: when, ...(isAbsent ? { isAbsent } : {}) };
    return this.tell({ kind: 'return_heard', returnId: no, heard, rules } as never, when);
  }

  get states(): string {
    const { shares, returns, order } = this.shared;
    const one = (list: readonly { readonly state: string }[]): string => list.map(({ state }) => state).join(' ');
    const parts = shares.flatMap((share) => share.parts);
    return `${one(shares)} | ${one(parts)} | ${one(returns)} | ${order.attempts[0]?.sharedMinor}`;
  }
}

type Said = 'pending' | 'succeeded' | 'failed';
const facts = (...states: readonly Said[]): ShareFacts => ({
  ...{ shareNo: 'NS1', channelStatus: 'X' },
  parts: states.map((state, index) => ({ partNo: String(index + 1), state, reason: state === 'failed' ? 'NO' : '' })),
});
const finished = (...states: readonly Said[]): Outcome<ShareFacts> => ({ kind: 'succeeded', facts: facts(...states) });
const taken = (...states: readonly Said[]): Outcome<ShareFacts> => ({ kind: 'accepted', facts: facts(...states) });
const refused = { kind: 'rejected', code: 'RULE_LIMIT', text: '' } as const;
const unknown = { kind: 'in_doubt', why: 'silence' } as const;
const came = (no: string, amount: number) => ({ returnNo: `N${no}`, amount: yuan(amount), channelStatus: 'X' });

test('a request promises every part, and its call waits until the channel takes it', () => {
  const early = new Play().ask('S1', [20, 5], {}, {}, at(20_000));
  expect(early.states).toBe('submitting | pending pending |  | 2500');
  expect(early.effects).toEqual([
    ...['share_promised share:NS1-1:promised', 'share_promised share:NS1-2:promised', 'share.submit +40s'],
  ]);
  expect(new Play().ask('S1', [20]).effects.at(-1)).toBe('share.submit +0s');
  expect(early.ask('S1', [20, 5]).effects).toEqual([]);
  expect(early.ask('S1', [20, 6]).refusal).toBe('share.other_terms');
});

test.each<[string, Parameters<Play['ask']>, Sums, string]>([
  ['it was not held', ['S1', [1]], { held: false }, 'share.not_held'],
  ['nothing is asked for', ['S1', []], {}, 'share.nothing'],
  ['more is asked than is left', ['S1', [101]], {}, 'share.exceeds_left'],
  ['a refund is under way', ['S1', [51]], { refunding: 5000 }, 'share.exceeds_left'],
  ['others were promised it', ['S1', [51]], { shared: 5000 }, 'share.exceeds_left'],
  ['it is beyond the percentage', ['S1', [31], {}, { percentMax: 30 }], {}, 'share.exceeds_percent'],
  ['there are too many parts', ['S1', [1, 1, 1], {}, { partsMax: 2 }], {}, 'share.too_many_parts'],
  ['the channel has released it', ['S1', [1], {}, {}, at(days(30))], {}, 'share.window_over'],
])('nothing is shared where %s', (_why, asked, attempt, code) => {
  const play = new Play(attempt).ask(...asked);
  expect([play.refusal, play.effects]).toEqual([code, []]);
});

test('nothing is shared of what is not paid, beyond the count of requests, or after the release', () => {
  const unpaid = new Play();
  unpaid.shared = { ...unpaid.shared, order: { ...unpaid.shared.order, payments: [] } };
  expect(unpaid.ask('S1', [1]).refusal).toBe('share.not_paid');
  const often = new Play().ask('S1', [1]).ask('S2', [1]).ask('S3', [1]);
  expect(often.ask('S4', [1]).refusal).toBe('share.too_many_requests');
  const released = new Play().ask('S1', [], { releasesRest: true });
  expect(released.states).toBe('submitting |  |  | 0');
  expect(released.ask('S2', [1]).refusal).toBe('share.released');
});

const given = 'share share:NS1-1:ended';
const notGiven = (part: number): string => `share_failed share:NS1-${part}:ended`;
test.each<[string, Outcome<ShareFacts>, Trust, string, readonly string[]]>([
  [
    'all given',
    finished('succeeded', 'succeeded'),
    'verified',
    'done | succeeded succeeded |  | 3000',
    [given, 'share share:NS1-2:ended', 'share.done'],
  ],
  [
    'one given',
    finished('succeeded', 'failed'),
    'verified',
    'partly | succeeded failed |  | 2000',
    [given, notGiven(2), 'share.part_failed', 'share.done'],
  ],
  [
    'none given',
    finished('failed', 'failed'),
    'verified',
    'failed | failed failed |  | 0',
    [notGiven(1), 'share.part_failed', notGiven(2), 'share.part_failed', 'share.failed', 'share.failed'],
  ],
  [
    'finished, one not told of',
    finished('succeeded'),
    'verified',
    'processing | succeeded pending |  | 3000',
    [given, 'share.query +10s'],
  ],
  ['taken', taken('pending', 'pending'), 'verified', 'processing | pending pending |  | 3000', ['share.query +10s']],
  [
    'all told, not finished',
    taken('succeeded', 'failed'),
    'verified',
    'partly | succeeded failed |  | 2000',
    [given, notGiven(2), 'share.part_failed', 'share.done'],
  ],
  [
    'refused',
    refused,
    'verified',
    'failed | failed failed |  | 0',
    [notGiven(1), 'share.part_failed', notGiven(2), 'share.part_failed', 'share.failed', 'share.failed'],
  ],
  ['refused, unsigned', refused, 'transport_only', 'in_doubt | pending pending |  | 3000', ['share.query +10s']],
  [
    'given, unsigned',
    finished('succeeded', 'succeeded'),
    'transport_only',
    'in_doubt | pending pending |  | 3000',
    ['share.query +10s'],
  ],
  [
    'given, wrong signature',
    finished('succeeded', 'succeeded'),
    'none',
    'in_doubt | pending pending |  | 3000',
    ['share.query +10s'],
  ],
  ['silence', unknown, 'none', 'in_doubt | pending pending |  | 3000', ['share.query +10s']],
])('%s', (_name, outcome, trust, states, effects) => {
  const play = new Play().ask('S1', [20, 10]).hear(outcome, { trust, when: at(minutes(2)) });
  expect(play.states).toBe(states);
  expect(play.effects).toEqual(effects);
});

test('what is posted is posted once, and a second word of the same changes nothing', () => {
  const play = new Play().ask('S1', [20, 10]).hear(finished('succeeded', 'failed'));
  expect(play.hear(finished('succeeded', 'failed')).effects).toEqual([]);
  expect(play.hear(unknown, { trust: 'none' }).effects).toEqual([]);
});

test('a part that was given after all is booked as it happened, with a case; one that is denied stays booked', () => {
  const late = new Play().ask('S1', [20]).hear(finished('failed')).hear(finished('succeeded'));
  expect(late.states).toBe('failed | late |  | 2000');
  expect(late.effects).toEqual([
    ...['share_promised share:NS1-1:late:promised', 'share share:NS1-1:late:ended', 'share.contradiction'],
  ]);
  const denied = new Play().ask('S1', [20]).hear(finished('succeeded')).hear(finished('failed'));
  expect([denied.states, denied.effects]).toEqual(['done | succeeded |  | 2000', ['share.contradiction']]);
  expect(denied.hear(refused).effects).toEqual(['share.contradiction']);
});

const absent = { by: 'query', trust: 'transport_only', isAbsent: true } as const;
const unsigned = { trust: 'transport_only' } as const;

test('an unsigned refusal counts when the number is still not known minutes after it, unless another answer came between', () => {
  const play = () => new Play().ask('S1', [20]).hear(refused, unsigned).hear(unknown, absent);
  const late = { ...absent, when: at(minutes(13)) };
  expect(play().states).toBe('in_doubt | pending |  | 2000');
  expect(play().hear(unknown, { ...absent, when: at(minutes(12)) }).effects).toEqual([]);
  expect(play().hear(unknown, late).states).toBe('failed | failed |  | 0');
  expect(play().hear(unknown, { ...late, trust: 'none' }).states).toBe('in_doubt | pending |  | 2000');
  expect(play().hear(unknown, { trust: 'none' }).hear(unknown, late).states).toBe('in_doubt | pending |  | 2000');
  const first = new Play().ask('S1', [20]).hear(refused, unsigned);
  expect(first.hear(unknown, late).states).toBe('in_doubt | pending |  | 2000');
});

test('a number that was refused is not sent again, and one that the channel verifiably took is ended by no unsigned word', () => {
  const play = new Play().ask('S1', [20]).hear(refused, unsigned).hear(unknown, absent);
  expect(play.hear(unknown, { ...absent, when: at(minutes(5)) }).effects).toEqual([]);
  const took = new Play().ask('S1', [20]).hear(taken('pending')).hear(unknown, absent).hear(unknown, absent);
  expect([took.states, took.effects]).toEqual(['processing | pending |  | 2000', []]);
  took.hear(refused, unsigned).hear(unknown, { ...absent, when: at(hours(1)) });
  expect(took.states).toBe('processing | pending |  | 2000');
  const back = new Play().ask('S1', [20]).hear(finished('succeeded')).back('B1', 20);
  back.hearBack('B1', { kind: 'accepted', facts: came('B1', 20) }).hearBack('B1', refused, 'transport_only');
  expect(back.hearBack('B1', unknown, 'transport_only', { ...absent, when: at(days(2)) }).states).toBe(
    'done | succeeded | processing | 2000',
  );
});

test('what was called failed and is said to be under way after all is asked about until it ends, and a person looks', () => {
  const play = new Play().ask('S1', [20]).hear(refused).hear(taken('pending'));
  expect([play.states, play.effects]).toEqual(['failed | failed |  | 0', ['share.query +30s', 'share.contradiction']]);
  expect(play.hear(unknown, { by: 'query' }).againAt).toBeDefined();
  expect(play.hear(taken('pending'), { by: 'query' }).againAt).toBeDefined();
  expect(play.hear(finished('succeeded'), { by: 'query' }).againAt).toBeUndefined();
  expect(play.states).toBe('failed | late |  | 2000');
  const back = play
    .back('B1', 20)
    .hearBack('B1', refused)
    .hearBack('B1', { kind: 'accepted', facts: came('B1', 20) });
  expect(back.effects).toEqual(['share.return_query +10s', 'share.contradiction']);
});

test('a return that was called failed and came after another one leaves the receiver with nothing, never with less', () => {
  const play = new Play().ask('S1', [20]).hear(finished('succeeded')).back('B1', 20).hearBack('B1', refused);
  play.back('B2', 20).hearBack('B2', { kind: 'succeeded', facts: came('B2', 20) });
  expect(play.states).toBe('done | succeeded | failed done | 0');
  play.hearBack('B1', { kind: 'succeeded', facts: came('B1', 20) });
  expect(play.states).toBe('done | succeeded | late done | 0');
  expect(play.effects).toContain('share.contradiction');
});

test('a number that the channel does not know goes again after two questions, and only where it honours the number', () => {
  const play = new Play().ask('S1', [20]).hear(unknown, { trust: 'none' });
  expect(play.hear(unknown, absent).effects).toEqual([]);
  expect(play.hear(unknown, absent).effects).toEqual(['share.submit +0s']);
  const unsafe = { ...absent, mine: { ...rules, resendIsSafe: false } };
  expect(play.hear(unknown, unsafe).effects).toEqual([]);
});

test('what is open is asked about ever more slowly, once a day in the end, and lies with a person after a day', () => {
  const play = new Play().ask('S1', [20]).hear(taken('pending'));
  const asked = (when: Instant): number =>
    ((play.hear(taken('pending'), { by: 'query', when }).againAt ?? when) - when) / 1000;
  expect(asked(at(minutes(4)))).toBeLessThanOrEqual(180);
  expect(play.effects).toEqual([]);
  expect(asked(at(hours(12)))).toBeGreaterThan(600);
  expect(asked(at(days(2)))).toBe(86_400);
  expect(play.effects).toEqual(['share.in_doubt_long']);
  expect(asked(at(days(40)))).toBe(86_400);
});

test('a part comes back once and only when the channel says so about our amount', () => {
  const play = new Play().ask('S1', [20]).hear(finished('succeeded'));
  expect(play.back('B1', 15).effects).toEqual(['share.return +0s']);
  expect(play.back('B2', 6).refusal).toBe('share.exceeds_part');
  expect(play.back('B1', 15).effects).toEqual([]);
  expect(play.back('B1', 16).refusal).toBe('share.other_terms');
  expect(play.hearBack('B1', { kind: 'succeeded', facts: came('B1', 14) }).states).toBe(
    'done | succeeded | in_doubt | 2000',
  );
  expect(play.hearBack('B1', { kind: 'succeeded', facts: came('B1', 15) }).effects).toEqual([
    ...['share_back share_back:NB1:came', 'share_back_kept share_back:NB1:kept', 'share.returned'],
  ]);
  expect(play.states).toBe('done | succeeded | done | 500');
  expect(play.back('B3', undefined).shared.returns.at(-1)?.amount.minor).toBe(500n);
  expect(play.hearBack('B3', refused).states).toBe('done | succeeded | done failed | 500');
  expect(play.effects).toEqual(['share.return_failed', 'share.return_failed']);
});

test('nothing comes back of what was not given, past its days, or where refunds bring it', () => {
  expect(new Play().ask('S1', [20]).back('B1', 1).refusal).toBe('share.exceeds_part');
  const play = new Play().ask('S1', [20]).hear(finished('succeeded'));
  expect(play.back('B1', 1, at(days(181))).refusal).toBe('share.return_window_over');
  const wish = { id: 'B1', partId: 'S1-0', shopReturnNo: 'B1', returnNo: 'NB1', reason: '' };
  const withRefund = { ...rules, comesBack: 'with_refund' } as const;
  expect(play.tell({ kind: 'return', wish, rules: withRefund } as never, at(days(1))).refusal).toBe(
    'share.returns_with_refunds',
  );
});

test('every state of each table answers everything that can be told, and what has ended stays as it is', () => {
  for (const told of ['all_done', 'some_done', 'none_done', 'accepted', 'in_doubt', 'contradicted'])
    for (const state of ['done', 'partly', 'failed'] as const)
      expect(shareTable.step(state, 'obs', told).becomes).toBe(state);
  for (const told of ['pending', 'succeeded', 'failed']) {
    expect(partTable.step('succeeded', 'obs', told).becomes).toBe('succeeded');
    expect(partTable.step('failed', 'obs', told).effects).not.toContain('release');
  }
  for (const told of ['succeeded', 'accepted', 'rejected', 'in_doubt'])
    expect(returnTable.step('done', 'obs', told)).toMatchObject({ becomes: 'done' });
});

test.each<[readonly number[], number, number, readonly number[]]>([
  [[2000, 500], 5000, 10_000, [1000, 250]],
  [[2000, 500], 10_000, 10_000, [2000, 500]],
  [[333], 1, 10_000, []],
  [[333, 333], 3334, 10_000, [111, 111]],
  [[1, 1, 1], 9999, 10_000, [1, 1]],
  [[3000, 7000], 9999, 10_000, [3000, 6999]],
  [[100], 0, 0, []],
])('of parts of %j a refund of %d of %d takes back %j', (having, refunded, whole, back) => {
  const parts = having.map((minor, index) => ({ part: String(index), minor: BigInt(minor) }));
  expect(backShares(parts, BigInt(refunded), BigInt(whole)).map(({ minor }) => Number(minor))).toEqual(back);
});
