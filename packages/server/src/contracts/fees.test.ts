import { expect, test } from 'vitest';
import { dayFee, feeBack, feeRuleOf, payFee } from './fees.ts';
import type { FeeRule, RefundedPart } from './fees.ts';
import type { TermValue } from './kinds.ts';
import { accountTerms } from './terms.ts';

function termsWith(fee: Record<string, string | number>, back: Record<string, string | number>) {
  const about = { product: '*', scene: '*', source: 'contract' } as const;
  const rows = [
    { ...about, kind: 'fee', value: fee },
    { ...about, kind: 'fee_return', value: back },
  ];
  return accountTerms(rows, []);
}

/** `0.006 min 8 fixed 30` and `rate_min b smallest 2` as the values of terms. */
function read(fee: string, back: string) {
  const [rate = '', ...more] = fee.split(' ');
  const [kind = '', ...parts] = back.split(' ');
  const feeValue: Record<string, string | number> = { rate };
  for (let at = 0; at < more.length; at += 2) feeValue[`${more[at]}_minor`] = Number(more[at + 1]);
  const backValue: Record<string, string | number> = { kind };
  for (const [at, word] of parts.entries()) {
    if (/^[abc]$/.test(word)) backValue['reading'] = word;
    if (word === 'smallest') backValue['smallest_minor'] = Number(parts[at + 1]);
  }
  const terms = termsWith(feeValue, backValue);
  const rule = feeRuleOf(terms, 'any', 'online');
  if (!rule) throw new Error('no rule');
  return { terms, rule };
}

function play(fee: string, back: string, paid: number, refunds: readonly number[]) {
  const { terms, rule } = read(fee, back);
  const taken = payFee(terms, { product: 'any', scene: 'online', amount: BigInt(paid) });
  if (!taken) throw new Error('no fee');
  const before: RefundedPart[] = [];
  let loss = taken.minor;
  for (const refund of refunds) {
    const given = feeBack(rule, {
      ...{ paid: BigInt(paid), fee: taken.minor, exactFee: taken.exact },
      ...{ refundedBefore: before, amount: BigInt(refund) },
    });
    before.push({ minor: BigInt(refund), feeBack: given.minor });
    loss = given.lossIfRestFollows;
  }
  return { fee: taken.minor, backs: before.map((part) => part.feeBack), loss };
}

// fee | what comes back | paid | fee taken | refunds → fee given back with each | lost for good if the rest follows
const table = `
  0.006           | none              | 19900  | 119  | 19900                → 0        | 119
  0.006           | full_only         | 10000  | 60   | 4000 6000            → 0 0      | 60
  0.006           | full_only         | 10000  | 60   | 10000                → 60       | 0
  0.006           | rate              | 12345  | 74   | 345 12000            → 2 72     | 0
  0.006           | rate              | 300    | 2    | 100 100 100          → 1 1 0    | 0
  0.006           | rate              | 150    | 1    | 75 75                → 0 0      | 1
  0.006           | proportional      | 150    | 1    | 75 75                → 0 0      | 1
  0.006           | rate smallest 3   | 1000   | 6    | 400 600              → 0 4      | 2
  0.006 min 8     | rate_min          | 1000   | 8    | 1000                 → 6        | 2
  0.006 min 8     | rate_min a        | 1000   | 8    | 1000                 → 6        | 2
  0.006 min 8     | rate_min b        | 1000   | 8    | 1000                 → 0        | 8
  0.006 min 8     | rate_min c        | 1000   | 8    | 1000                 → 8        | 0
  0.006 min 8     | rate_min a        | 1000   | 8    | 400                  → 2        | 2
  0.006 min 8     | rate_min b        | 1000   | 8    | 400                  → 0        | 8
  0.006 min 8     | rate_min c        | 1000   | 8    | 400                  → 2        | 2
  0.006 min 8     | rate_min          | 476800 | 2861 | 100000               → 600      | 0
  0.006           | proportional      | 10000  | 60   | 3333                 → 20       | 0
  0 fixed 80      | proportional      | 10000  | 80   | 2500                 → 20       | 0
  0 fixed 80      | proportional      | 10000  | 80   | 62                   → 0        | 0
  0 fixed 80      | proportional      | 10000  | 80   | 63                   → 1        | 0
  0.006           | until_full        | 250    | 2    | 80 80 90             → 0 0 2    | 0
  0.006           | until_full        | 10000  | 60   | 3333 3333 3334       → 20 20 20 | 0
  0.006           | until_full        | 150    | 1    | 75 75                → 0 1      | 0
  0.006           | daily_net         | 10000  | 60   | 3000                 → 0        | 0
  0.006           | single_negative   | 15000  | 90   | 3000                 → 18       | 0
  0.044 fixed 30  | percent_only      | 10000  | 470  | 4000 6000            → 176 264  | 30
  0.044 fixed 30  | percent_only      | 30     | 31   | 12 12 6              → 1 0 0    | 30
`;

test('the worked examples of all kinds of fee return come out to the fen', () => {
  for (const line of table.trim().split('\n')) {
    const [fee = '', back = '', paid, taken, story = '', loss] = line.split('|').map((cell) => cell.trim());
    const [refunds = '', backs = ''] = story.split('→').map((cell) => cell.trim());
    const told = play(fee, back, Number(paid), refunds.split(/\s+/).map(Number));
    expect(`${told.fee} ${told.backs.join(' ')} ${told.loss}`, `${fee} | ${back} | ${paid} | ${refunds}`).toBe(
      `${taken} ${backs} ${loss}`,
    );
  }
});

test('a fee says its rule and what it was before rounding', () => {
  const { terms } = read('0.0065 min 8 fixed 30', 'none');
  const about = { product: 'any', scene: 'online' } as const;
  expect(payFee(terms, { ...about, amount: 12345n })).toEqual({
    minor: 110n,
    rule: '0.0065 min 8 fixed 30',
    exact: '110.2425',
  });
  expect(payFee(terms, { ...about, amount: 100n })).toMatchObject({ minor: 38n, exact: '38' });
  expect(payFee(accountTerms([], []), { ...about, amount: 100n })).toBeUndefined();
});

test('where refunds are set off within the day, the fee is taken of what is left of it', () => {
  const { rule } = read('0.006', 'daily_net');
  expect(dayFee(rule, { paid: 15000n, refunded: 3000n })).toBe(72n);
  expect(dayFee(rule, { paid: 350n, refunded: 70n })).toBe(2n);
  expect(dayFee(rule, { paid: 100n, refunded: 5000n })).toBe(0n);
});

test('nothing said of what comes back means that nothing does', () => {
  const terms = accountTerms([{ product: '*', scene: '*', source: 's', kind: 'fee', value: { rate: '0.006' } }], []);
  expect(feeRuleOf(terms, 'any', 'online')?.back.kind).toBe('none');
});

/** Another way to the same figures: decimal text, long division with a remainder, cases written apart. */
function second(rule: FeeRule, paid: number, refunds: readonly number[]): string {
  const { rate, min_minor: min = 0, fixed_minor: fixed = 0 } = rule.fee;
  const { kind, reading = 'a', smallest_minor: smallest = 1 } = rule.back;
  const scaled = BigInt(Math.round(Number(rate) * 1e6));
  const round = (over: bigint, under: bigint): bigint => over / under + ((over % under) * 2n >= under ? 1n : 0n);
  const millionths = (of: number): bigint => BigInt(of) * scaled;
  const atLeast = millionths(paid) < BigInt(min) * 1_000_000n ? BigInt(min) * 1_000_000n : millionths(paid);
  const exact = atLeast + BigInt(fixed) * 1_000_000n;
  const fee = round(exact, 1_000_000n);
  let left = fee;
  let gone = 0;
  const backs: bigint[] = [];
  for (const refund of refunds) {
    gone += refund;
    const proportion = round(exact * BigInt(refund), 1_000_000n * BigInt(paid));
    const plain = round(millionths(refund), 1_000_000n);
    let back = kind === 'proportional' || kind === 'until_full' ? proportion : plain;
    if (back < BigInt(smallest)) back = 0n;
    if (kind === 'rate_min' && reading === 'b' && plain < BigInt(min)) back = 0n;
    let cap = left;
    if (kind === 'percent_only') cap = left > BigInt(fixed) ? left - BigInt(fixed) : 0n;
    if (back > cap) back = cap;
    if (kind === 'none' || kind === 'daily_net' || kind === 'full_only') back = 0n;
    if (refund === paid && (kind === 'full_only' || (kind === 'rate_min' && reading === 'c'))) back = fee;
    if (kind === 'until_full' && gone === paid) back = left;
    left -= back;
    backs.push(back);
  }
  return `${fee} ${backs.join(' ')}`;
}

/** Mulberry32: the same numbers in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const kindsOfReturn: readonly TermValue<'fee_return'>['kind'][] = [
  ...(['none', 'full_only', 'rate', 'rate_min', 'proportional', 'until_full', 'daily_net'] as const),
  ...(['single_negative', 'percent_only'] as const),
];

test('a second way of reckoning agrees over ten thousand random payments, and no fee comes back twice', () => {
  const pick = seeded(20_260_401);
  for (let story = 0; story < 10_000; story += 1) {
    const kind = kindsOfReturn[story % kindsOfReturn.length] ?? 'none';
    const fixed = pick(3) === 0 ? ` fixed ${pick(100)}` : '';
    const min = pick(3) === 0 ? ` min ${pick(20)}` : '';
    const reading = kind === 'rate_min' ? ` ${'abc'[pick(3)]}` : '';
    const smallest = pick(4) === 0 ? ` smallest ${pick(5)}` : '';
    const paid = 1 + pick(pick(2) === 0 ? 500 : 10_000_000);
    const refunds: number[] = [];
    for (let rest = paid; rest > 0 && refunds.length < 6;) {
      const refund = pick(4) === 0 ? rest : 1 + pick(rest);
      refunds.push(refund);
      rest -= refund;
    }
    const fee = `0.${String(pick(60_000)).padStart(6, '0')}${min}${fixed}`;
    const told = play(fee, `${kind}${reading}${smallest}`, paid, refunds);
    const { rule } = read(fee, `${kind}${reading}${smallest}`);
    const words = `${fee} | ${kind}${reading}${smallest} | ${paid} | ${refunds.join(' ')}`;
    const [one, other] = [`${told.fee} ${told.backs.join(' ')}`, second(rule, paid, refunds)];
    if (one !== other) expect(one, words).toBe(other);
    const sum = told.backs.reduce((all, one) => all + one, 0n);
    if (sum < 0n || sum > told.fee) throw new Error(`${sum} of ${told.fee} came back: ${words}`);
  }
});

test('a refund beyond what was paid is a mistake of the caller', () => {
  const { rule } = read('0.006', 'rate');
  const given = { paid: 100n, fee: 1n, exactFee: '0.6', refundedBefore: [{ minor: 60n, feeBack: 0n }] };
  expect(() => feeBack(rule, { ...given, amount: 41n })).toThrow('a refund of 41');
});
