import { describe, expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { BusinessDate, Currency, Instant } from '../kernel/index.ts';
import { accountId, partsOfAccount, slotOf, slotsOf } from './account.ts';
import { chart } from './chart.data.ts';
import type { AccountKindName } from './chart.data.ts';
import { checkBalanced, entry, wantedDate } from './entry.ts';
import * as ledger from './index.ts';
import type { AtPlace, EntryDraft } from './index.ts';

const at: AtPlace = { bucket: 17, merchantId: 'demo', subject: 'o-1', actor: 'system', place: 'A-1', currency: CNY };
const payment = { attempt: '1', amount: 10000n, fee: 60n };
const half = { refund: 'r', amount: 5000n } as const;
const whole = { refund: 'r', amount: 10000n } as const;
const held = { hold: 'p', amount: 100100n };
const wrong = {
  ...{ bucket: 17, merchantId: 'demo', subject: 'o-1', businessDate: '2026-11-20' as BusinessDate },
  ...{ source: 'payment:1:succeeded', lines: ledger.paymentSucceeded(at, payment).lines },
};
const rightLines = ledger.paymentSucceeded(at, { ...payment, amount: 9000n, fee: 54n }).lines;

/** Each event by name. */
const events: Readonly<Record<string, () => EntryDraft | EntryDraft[]>> = {
  'paid 100.00 fee 0.60': () => ledger.paymentSucceeded(at, payment),
  'paid 100.00 fee unknown': () => ledger.paymentSucceeded(at, { ...payment, fee: undefined }),
  'paid 100.00 for 90.00': () => ledger.paymentSucceeded(at, { ...payment, excess: 1000n }),
  'refund 50.00 of sales': () => ledger.refundStarted(at, { ...half, of: 'pending' }),
  'refund 50.00 done': () => ledger.refundSucceeded(at, { ...half, purse: 'unsettled', feeReturn: 30n }),
  'refund 100.00 done fee kept': () => ledger.refundSucceeded(at, { ...whole, purse: 'unsettled', feeReturn: 0n }),
  'refund 50.00 of settled': () => ledger.refundStarted(at, { ...half, of: 'available' }),
  'refund 50.00 done from balance': () => ledger.refundSucceeded(at, { ...half, purse: 'balance', feeReturn: 30n }),
  'refund 50.00 refused': () => ledger.refundRefused(at, { ...half, of: 'pending' }),
  'second success 100.00': () => ledger.surplusReceived(at, payment),
  'surplus refund': () => ledger.refundStarted(at, { ...whole, of: 'surplus' }),
  'surplus refund done': () => ledger.refundSucceeded(at, { ...whole, purse: 'unsettled', feeReturn: 60n }),
  'surplus kept': () => ledger.surplusKept(at, payment),
  'payout 1000.00 fee 1.00': () => ledger.hold(at, held),
  'payout paid': () => ledger.settleHold(at, held, 100100n),
  'payout paid fee later': () => ledger.settleHold(at, held, 100000n),
  'payout failed': () => ledger.releaseHold(at, held),
  'was 90.00': () => ledger.correct(wrong, { actor: 'wang', right: { kind: 'payment', lines: rightLines } }),
  'was nothing': () => ledger.correct(wrong, { actor: 'wang', right: undefined }),
  adopted: () =>
    ledger.openingBalances(at, {
      source: 'A-1',
      balances: { channel_receivable: 700n, channel_available: 5000n, merchant_available: -5000n },
    }),
};

const journeys = `
J1   paid 100.00 fee 0.60            payment          channel_receivable +10000  merchant_pending -10000  merchant_fee +60  fee_expected -60
J1   paid 100.00 fee unknown         payment          channel_receivable +10000  merchant_pending -10000
J1   paid 100.00 for 90.00           payment          channel_receivable +10000  merchant_pending -9000  surplus_payable -1000  merchant_fee +60  fee_expected -60
J4   refund 50.00 of sales           refund_started   merchant_pending +5000  refund_in_progress -5000
J4   refund 50.00 done               refund           refund_in_progress +5000  channel_receivable -5000  fee_expected +30  merchant_fee -30
J5   refund 100.00 done fee kept     refund           refund_in_progress +10000  channel_receivable -10000
J6   refund 50.00 of settled         refund_started   merchant_available +5000  refund_in_progress -5000
J6   refund 50.00 done from balance  refund           refund_in_progress +5000  channel_available -5000  fee_expected +30  merchant_fee -30
J7   refund 50.00 refused            refund_refused   merchant_pending -5000  refund_in_progress +5000
J8   second success 100.00           surplus          channel_receivable +10000  surplus_payable -10000  merchant_fee +60  fee_expected -60
J8   surplus refund                  refund_started   surplus_payable +10000  refund_in_progress -10000
J8   surplus refund done             refund           refund_in_progress +10000  channel_receivable -10000  fee_expected +60  merchant_fee -60
J8   surplus kept                    surplus_kept     surplus_payable +10000  merchant_pending -10000
J12  payout 1000.00 fee 1.00         hold             channel_held +100100  channel_available -100100  merchant_available +100100  merchant_held -100100
J13  payout paid                     settle           merchant_held +100100  channel_held -100100
J13  payout paid fee later           settle           merchant_held +100100  channel_held -100100  channel_available +100  merchant_available -100
J14  payout failed                   release          channel_held -100100  channel_available +100100  merchant_available -100100  merchant_held +100100
J19  was 90.00                       reversal         channel_receivable -10000  merchant_pending +10000  merchant_fee -60  fee_expected +60
J19  was 90.00                       payment          channel_receivable +9000  merchant_pending -9000  merchant_fee +54  fee_expected -54
J19  was nothing                     reversal         channel_receivable -10000  merchant_pending +10000  merchant_fee -60  fee_expected +60
J22  adopted                         opening          channel_receivable +700  channel_available +5000  merchant_available -5000  opening -700
`;

const textOf = ({ kind, lines }: EntryDraft): string => {
  const each = lines.map(
    ({ account, amount }) => `${partsOfAccount(account).kind} ${amount > 0n ? '+' : ''}${String(amount)}`,
  );
  return `${kind}: ${each.join('  ')}`;
};

describe('what happened, and what is booked', () => {
  const rows = journeys
    .trim()
    .split('\n')
    .map((row) => {
      const [, journey = '', event = '', kind = '', lines = ''] = /^(\S+) +(.+?) {2,}(\S+) +(.+)$/.exec(row) ?? [];
      return { journey, event, booked: `${kind}: ${lines}` };
    });

  test.each(Object.keys(events))('%s', (event) => {
    const drafts = [events[event]!()].flat();
    const expected = rows.filter((row) => row.event === event).map((row) => row.booked);
    expect(drafts.map(textOf)).toEqual(expected);
    for (const draft of drafts) checkBalanced(draft);
  });

  test('every row of the table is about an event', () => {
    expect(rows.filter(({ event }) => !(event in events))).toEqual([]);
  });
});

test('all ends of a refund share one source, and so do all ends of a hold', () => {
  const source = (name: string): string => [events[name]!()].flat()[0]!.source;
  expect(source('refund 50.00 refused')).toBe(source('refund 50.00 done'));
  expect(source('payout failed')).toBe(source('payout paid'));
  expect(source('payout failed')).not.toBe(source('payout 1000.00 fee 1.00'));
  expect(source('second success 100.00')).toBe(source('paid 100.00 fee 0.60'));
});

test('what takes an entry back names it, and a correction belongs to the old day', () => {
  expect(events['refund 50.00 refused']!()).toMatchObject({ reverses: 'refund:r:started' });
  expect(events['payout failed']!()).toMatchObject({ reverses: 'hold:p:held' });
  expect(events['was 90.00']!()).toMatchObject([
    { source: 'payment:1:succeeded:reversed', reverses: 'payment:1:succeeded', belongsTo: '2026-11-20' },
    { source: 'payment:1:succeeded:corrected', belongsTo: '2026-11-20' },
  ]);
});

test('only what we decide ourselves is a command', () => {
  const commands = Object.keys(events).filter((name) => [events[name]!()].flat()[0]!.force === 'command');
  expect(commands).toEqual([
    ...['refund 50.00 of sales', 'refund 50.00 of settled', 'surplus refund', 'surplus kept'],
    'payout 1000.00 fee 1.00',
  ]);
});

test('an entry that does not balance at each place and in each currency is a bug', () => {
  const line = (place: string, currency: string, amount: bigint) => ({
    account: accountId('suspense', { merchant: 'demo', place, currency: currency as Currency }),
    amount,
  });
  const check =
    (...lines: ReturnType<typeof line>[]) =>
    () =>
      checkBalanced({ source: 's', lines });
  expect(check(line('A-1', 'CNY', 5n), line('A-1', 'CNY', -5n))).not.toThrow();
  expect(check(line('A-1', 'CNY', 5n), line('A-1', 'CNY', -4n))).toThrow('leaves 1 at A-1 in CNY');
  expect(check(line('A-1', 'CNY', 5n), line('A-1', 'USD', -5n))).toThrow('leaves 5 at A-1 in CNY');
  expect(check(line('A-1', 'CNY', 5n), line('A-2', 'CNY', -5n))).toThrow('leaves 5 at A-1 in CNY');
  expect(check(line('A-1', 'CNY', 0n), line('A-1', 'CNY', 0n))).toThrow('a line of nothing');
  expect(check()).toThrow('fewer than two lines');
  const nothing = { kind: 'x', source: 's', force: 'fact', lines: [line('A-1', 'CNY', 0n)] } as const;
  expect(() => entry(at, nothing)).toThrow('fewer than two lines');
});

test('an account says its kind, dimensions and slots, and nothing else is an account', () => {
  const id = accountId('merchant_pending', { merchant: 'demo', place: 'A-1', currency: CNY });
  expect(id).toBe('merchant_pending:m=demo:p=A-1:c=CNY');
  expect(partsOfAccount(id)).toEqual({ kind: 'merchant_pending', merchant: 'demo', place: 'A-1', currency: 'CNY' });
  for (const kind of Object.keys(chart) as AccountKindName[]) {
    const account = accountId(kind, { merchant: 'demo', place: 'A-1', currency: CNY });
    expect(slotsOf(account)).toHaveLength(chart[kind].slots === 'one' ? 1 : 16);
    for (const bucket of [0, 15, 16, 999]) expect(slotsOf(account)).toContain(slotOf(account, bucket));
    if (chart[kind].floor) expect(chart[kind].slots).toBe('one');
  }
  expect(() => accountId('house', { merchant: 'm', place: 'a:c=USD', currency: CNY })).toThrow('cannot be part');
  for (const text of ['toString:p=a:c=CNY', 'merchant_pending:p=a:c=CNY', 'house:m=a:p=a:c=CNY', 'house'])
    expect(() => partsOfAccount(text as typeof id)).toThrow();
});

test('a believable time dates an entry, any other leaves it to the booking', () => {
  const booked = Date.parse('2026-11-22T00:40:00+08:00') as Instant;
  const dateOf = (text: string): string => wantedDate(Date.parse(text) as Instant, booked);
  expect(dateOf('2026-11-21T23:58:00+08:00')).toBe('2026-11-21');
  expect(dateOf('2026-11-20T00:40:00+08:00')).toBe('2026-11-20');
  expect(dateOf('2026-11-20T00:39:59+08:00')).toBe('2026-11-22');
  expect(dateOf('2026-11-22T00:45:00+08:00')).toBe('2026-11-22');
  const lastMinute = Date.parse('2026-11-21T23:57:00+08:00') as Instant;
  expect(wantedDate((lastMinute + 300_000) as Instant, lastMinute)).toBe('2026-11-22');
  expect(wantedDate((lastMinute + 300_001) as Instant, lastMinute)).toBe('2026-11-21');
  expect(wantedDate(undefined, booked)).toBe('2026-11-22');
});
