import { expect, test } from 'vitest';
import { days, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { describe } from '../platform/refusals.ts';
import { refundableUntil, refundCheck } from './refund-check.ts';
import type { WishedRefund } from './refund-check.ts';
import { accountTerms } from './terms.ts';

const paidAt = Date.parse('2026-03-01T10:00:00+08:00') as Instant;
const after = (count: number, ms = 0): Instant => plus(paidAt, days(count) + ms);

const about = { product: '*', scene: '*', source: 'contract 12, clause 4' } as const;
const terms = accountTerms(
  [
    { ...about, kind: 'refund_window', value: { days: 90 } },
    { ...about, kind: 'refund_window', product: 'barcode', value: { days: 30 } },
    { ...about, kind: 'refund_count', value: { max: 50 } },
    { ...about, kind: 'refund_gap', value: { seconds: 60 } },
    { ...about, kind: 'refund_partial', product: 'barcode', value: { allowed: 'no' } },
    { ...about, kind: 'refund_permission', scene: 'counter', value: { allowed: 'no' } },
  ],
  [],
);

function say(change: Partial<WishedRefund>): string {
  const wish: WishedRefund = {
    ...{ product: 'wap', scene: 'online', paidAt, at: after(1), count: 0, isPartial: true },
    ...change,
  };
  const checked = refundCheck(terms, wish);
  return checked.ok ? 'yes' : checked.refusal.code.replace('contract.refund_', '');
}

test('a refund is refused by what the contract says, at the edge and not before it', () => {
  const table: readonly (readonly [Partial<WishedRefund>, string])[] = [
    [{}, 'yes'],
    [{ at: after(90, -1) }, 'yes'],
    [{ at: after(90) }, 'window_over'],
    [{ product: 'barcode', isPartial: false, at: after(30, -1) }, 'yes'],
    [{ product: 'barcode', isPartial: false, at: after(30) }, 'window_over'],
    [{ product: 'barcode' }, 'partial'],
    [{ scene: 'counter' }, 'not_permitted'],
    [{ count: 49 }, 'yes'],
    [{ count: 50 }, 'count_reached'],
    [{ count: 1, lastAt: after(1, -59_999) }, 'too_soon'],
    [{ count: 1, lastAt: after(1, -60_000) }, 'yes'],
  ];
  for (const [change, said] of table) expect(say(change), JSON.stringify(change)).toBe(said);
});

test('where the channel takes no refund any more, a prepared payout is the way out', () => {
  const wish = { product: 'wap', scene: 'online', paidAt, at: after(90), count: 0, isPartial: false } as const;
  const checked = refundCheck(terms, wish);
  expect(checked.ok).toBe(false);
  if (checked.ok) return;
  expect(describe(checked.refusal, 'en')).toContain('ended at 2026-05-30 10:00:00 (GMT+8) (contract 12, clause 4)');
  expect(describe(checked.refusal, 'en')).toContain('Prepare a payout');
});

test('what no term speaks of is left to the channel', () => {
  const wish = { product: 'wap', scene: 'online', paidAt, at: after(9000), count: 999, isPartial: true } as const;
  expect(refundCheck(accountTerms([], []), wish)).toEqual({ ok: true, value: undefined });
  expect(refundableUntil(accountTerms([], []), wish)).toBeUndefined();
});
