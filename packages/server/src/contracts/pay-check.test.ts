import { expect, test } from 'vitest';
import type { Currency, Instant } from '../kernel/index.ts';
import { describe } from '../platform/refusals.ts';
import { payCheck, refuseUsedUp } from './pay-check.ts';
import type { Used, WishedPayment } from './pay-check.ts';
import { accountTerms } from './terms.ts';

const about = { product: '*', scene: '*', source: 'contract 12, clause 4' } as const;
const terms = accountTerms(
  [
    { ...about, kind: 'limits', value: { single_minor: 50_000, day_minor: 1 } },
    { ...about, kind: 'limits', product: 'barcode', value: { day_minor: 1 } },
    { ...about, kind: 'limits', product: 'create', value: { single_minor: 60_000 } },
    { ...about, kind: 'hours', product: 'wap', value: { from: '08:00', to: '22:00' } },
    { ...about, kind: 'hours', product: 'app', value: { from: '22:00', to: '06:00' } },
    { ...about, kind: 'scene', scene: 'counter', value: { allowed: 'no' } },
  ],
  [],
);
const clock = (time: string): Instant => Date.parse(`2026-03-01T${time}+08:00`) as Instant;
const yuan = (minor: bigint) => ({ minor, currency: 'CNY' as Currency });

function check(change: Partial<WishedPayment>) {
  return payCheck(terms, { product: 'page', scene: 'online', amount: yuan(100n), at: clock('12:00:00'), ...change });
}

test('a payment is refused by what the contract says, at the edge and not before it', () => {
  const table: readonly (readonly [Partial<WishedPayment>, string])[] = [
    [{}, 'yes'],
    [{ amount: yuan(50_000n) }, 'yes'],
    [{ amount: yuan(50_001n) }, 'amount_over_limit'],
    [{ product: 'barcode', amount: yuan(50_001n) }, 'amount_over_limit'],
    [{ product: 'create', amount: yuan(60_000n) }, 'yes'],
    [{ product: 'create', amount: yuan(60_001n) }, 'amount_over_limit'],
    [{ product: 'wap', at: clock('07:59:59') }, 'outside_hours'],
    [{ product: 'wap', at: clock('08:00:00') }, 'yes'],
    [{ product: 'wap', at: clock('21:59:59') }, 'yes'],
    [{ product: 'wap', at: clock('22:00:00') }, 'outside_hours'],
    [{ product: 'app', at: clock('23:00:00') }, 'yes'],
    [{ product: 'app', at: clock('05:59:59') }, 'yes'],
    [{ product: 'app', at: clock('06:00:00') }, 'outside_hours'],
    [{ scene: 'counter' }, 'scene_not_allowed'],
  ];
  for (const [change, said] of table) {
    const checked = check(change);
    const word = checked.ok ? 'yes' : checked.refusal.code.replace('contract.', '');
    expect(
      word,
      JSON.stringify(change, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).toBe(said);
  }
});

test('a limit that a product has of its own leaves the others to the row of its account, and a default to what no row states', () => {
  const defaults = [{ ...about, kind: 'limits', value: { month_minor: 200_000, day_minor: 7 }, from: 'a document' }];
  const both = accountTerms(
    [
      { ...about, kind: 'limits', value: { day_minor: 100_000, day_count: 9 } },
      { ...about, kind: 'limits', product: 'native', value: { single_minor: 50_000 } },
    ],
    defaults,
  );
  const said = (used: Partial<Used>, product = 'native', minor = 100n): string | undefined =>
    refuseUsedUp(both, { product, scene: 'online', amount: yuan(minor) }, [
      { product: 'h5', scene: 'online', dayMinor: 0n, monthMinor: 0n, dayCount: 0, ...used },
    ])?.code.replace('contract.', '');
  expect(said({ dayMinor: 99_900n })).toBeUndefined();
  for (const product of ['native', 'h5']) expect(said({ dayMinor: 99_901n }, product)).toBe('day_limit');
  expect(said({ dayCount: 9 })).toBe('day_count');
  expect(said({ monthMinor: 199_900n })).toBeUndefined();
  expect(said({ monthMinor: 199_901n })).toBe('month_limit');
});

test('the refusal names the limit, what was asked and the paper it stands on', () => {
  const checked = check({ amount: yuan(50_001n) });
  expect(checked.ok ? '' : describe(checked.refusal, 'en')).toContain('contract 12, clause 4');
  expect(checked.ok ? '' : describe(checked.refusal, 'zh')).toMatch(/50001 .* 50000/);
});

test('what no term speaks of is left to the channel', () => {
  expect(
    payCheck(accountTerms([], []), { product: 'x', scene: 'online', amount: yuan(1n), at: clock('03:00:00') }).ok,
  ).toBe(true);
});
