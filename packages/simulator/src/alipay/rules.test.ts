import { describe, expect, test } from 'vitest';
import { initialSettings } from '../settings.ts';
import { gapMs, judge, readQueryNumbers } from './rules.ts';
import type { Books } from './rules.ts';
import type { Declaration, DeclareCall, Trade } from './types.ts';

const now = Date.UTC(2015, 9, 28, 4);
const trade: Trade = {
  partner: '2088101568338364',
  tradeNo: '2015102700001000860060475162',
  outTradeNo: '2015102715463211006970270',
  amountFen: 19_900,
  paidAt: now - 86_400_000,
  closed: false,
  payerName: '测试甲',
  payerId: '999999190001010015',
};
const call: DeclareCall = {
  partner: trade.partner,
  out_request_no: 'LS20151027_000001',
  trade_no: trade.tradeNo,
  merchant_customs_code: '3301TEST01',
  merchant_customs_name: '杭州流水电子商务有限公司',
  amount: '199.00',
  customs_place: 'ZONGSHU',
};
const empty: Books = {
  trade,
  record: undefined,
  ofTrade: [],
  lastDeclaredAt: undefined,
  now,
  settings: initialSettings,
};

/** The books after the given call, made so long ago. */
function after(first: DeclareCall, agoMs: number, others: readonly Declaration[] = []): Books {
  const record = declared(first);
  return { ...empty, record, ofTrade: [record, ...others], lastDeclaredAt: now - agoMs };
}
function declared(first: DeclareCall): Declaration {
  const verdict = judge(first, empty);
  if (verdict.kind !== 'first') throw new Error(JSON.stringify(verdict));
  return { partner: first.partner, requestNo: first.out_request_no, trade, terms: verdict.terms } as Declaration;
}
function said(changes: Partial<DeclareCall>, books: Books): string {
  const verdict = judge({ ...call, ...changes }, books);
  return verdict.kind === 'fail' ? verdict.failure.code : verdict.kind;
}
const splitCall: DeclareCall = { ...call, is_split: 'T', sub_out_biz_no: 'CHILD-1', amount: '100.00' };

describe('a second call with the same request number', () => {
  test.each([
    ['nothing changed, 5 minutes', {}, gapMs, 'push_again'],
    ['nothing changed, a millisecond less', {}, gapMs - 1, 'same_answer'],
    ['amount written otherwise but equal, too early', { amount: '199' }, 0, 'same_answer'],
    ['place in lower case, too early', { customs_place: 'zongshu' }, 0, 'same_answer'],
    ['code changed, in time', { merchant_customs_code: '3301TEST02' }, gapMs, 'push_again'],
    ['name changed, in time', { merchant_customs_name: '另一家公司' }, gapMs, 'push_again'],
    ['place changed, in time', { customs_place: 'NINGBO' }, gapMs, 'push_again'],
    ['amount lowered, in time', { amount: '150.00' }, gapMs, 'push_again'],
    ['amount lowered, too early', { amount: '150.00' }, gapMs - 1, 'CONTEXT_INCONSISTENT'],
    ['amount above the trade, in time', { amount: '199.01' }, gapMs, 'REQUEST_AMOUNT_EXCEED'],
    ['another trade, in time', { trade_no: '2015102700001000630001177120' }, gapMs, 'CONTEXT_INCONSISTENT'],
    ['another trade, too early', { trade_no: '2015102700001000630001177120' }, 0, 'CONTEXT_INCONSISTENT'],
    ['split added, in time', { is_split: 'T', sub_out_biz_no: 'CHILD-1' }, gapMs, 'CONTEXT_INCONSISTENT'],
    ['buyer added, in time', { buyer_name: '测试甲', buyer_id_no: '1' }, gapMs, 'CONTEXT_INCONSISTENT'],
  ])('%s', (_, changes, ago, expected) => {
    expect(said(changes, after(call, ago))).toBe(expected);
  });

  test('the gap counts from the last declaration of the trade, not of the request number', () => {
    const books = after(splitCall, gapMs);
    expect(said(splitCall, books)).toBe('push_again');
    expect(said(splitCall, { ...books, lastDeclaredAt: now - 60_000 })).toBe('same_answer');
  });
  test('Nansha inspection takes no re-push: unchanged is answered SUCCESS, changed fails', () => {
    const nansha = { ...call, customs_place: 'NANSHAGJ' };
    expect(said(nansha, after(nansha, 10 * gapMs))).toBe('same_answer');
    expect(said({ ...nansha, amount: '1.00' }, after(nansha, 10 * gapMs))).toBe('CONTEXT_INCONSISTENT');
  });
  test('a child order number may be changed', () => {
    expect(said({ ...splitCall, sub_out_biz_no: 'CHILD-9' }, after(splitCall, gapMs))).toBe('push_again');
  });
});

describe('a new request number', () => {
  test.each([
    ['as it should be', {}, 'first'],
    ['number too short', { out_request_no: 'LS001' }, 'INVALID_PARAMETER'],
    ['number with a blank', { out_request_no: ' LS20151027_000001' }, 'INVALID_PARAMETER'],
    ['no amount', { amount: '0.00' }, 'INVALID_PARAMETER'],
    ['three decimals', { amount: '1.001' }, 'INVALID_PARAMETER'],
    ['unknown place', { customs_place: 'ATLANTIS' }, 'INVALID_PARAMETER'],
    ['split without child order', { is_split: 'T' }, 'INVALID_PARAMETER'],
    ['split, lower case', { is_split: 't', sub_out_biz_no: 'CHILD-1' }, 'first'],
    ['more than the trade', { amount: '199.01' }, 'REQUEST_AMOUNT_EXCEED'],
  ])('%s', (_, changes, expected) => {
    expect(said(changes, empty)).toBe(expected);
  });
  test('of a trade that is unknown, unpaid or closed', () => {
    const { paidAt, ...unpaid } = trade;
    expect(paidAt).toBeDefined();
    expect(said({}, { ...empty, trade: undefined })).toBe('TRADE_NOT_EXIST');
    expect(said({}, { ...empty, trade: unpaid })).toBe('TRADE_STATUS_ERROR');
    expect(said({}, { ...empty, trade: { ...trade, closed: true } })).toBe('TRADE_STATUS_ERROR');
  });
  test('for a trade that is declared at this office already', () => {
    const books = { ...empty, ofTrade: [declared({ ...call, amount: '10.00' })] };
    expect(said({ out_request_no: 'LS20151027_000002', amount: '10.00' }, books)).toBe('SAME_CUSTOMS_DECLARE_ONCE');
    expect(said({ out_request_no: 'LS20151027_000002', amount: '10.00', customs_place: 'NINGBO' }, books)).toBe(
      'first',
    );
  });
  test('for the second child of a split: another child, within the sum', () => {
    const books = { ...empty, ofTrade: [declared(splitCall)] };
    const second = { ...splitCall, out_request_no: 'LS20151027_000002', sub_out_biz_no: 'CHILD-2' };
    expect(said({ ...second, amount: '99.00' }, books)).toBe('first');
    expect(said({ ...second, amount: '99.01' }, books)).toBe('REQUEST_AMOUNT_EXCEED');
    expect(said({ ...second, amount: '99.00', sub_out_biz_no: 'CHILD-1' }, books)).toBe('SAME_CUSTOMS_DECLARE_ONCE');
  });
  test('for the second leg of a two-leg port the same money is not counted twice', () => {
    const books = { ...empty, ofTrade: [declared({ ...call, customs_place: 'HENAN' })] };
    expect(said({ out_request_no: 'LS20151027_000002' }, books)).toBe('first');
    expect(said({ out_request_no: 'LS20151027_000002', customs_place: 'NINGBO' }, books)).toBe('REQUEST_AMOUNT_EXCEED');
  });
  test('at an office that takes no split declarations', () => {
    const places = { ...initialSettings.places, ZONGSHU: { codes: 'numbers', split: false, repush: true } as const };
    expect(said(splitCall, { ...empty, settings: { ...initialSettings, places } })).toBe('NOT_SUPPORT_SPLIT');
  });
});

test.each([
  ['A12345', ['A12345']],
  ['A12345,A12345,B12345', ['A12345', 'B12345']],
  ['', 'INVALID_PARAMETER'],
  ['A12345,', 'INVALID_PARAMETER'],
  ['A12345, B12345', 'INVALID_PARAMETER'],
  ['x'.repeat(33), 'INVALID_PARAMETER'],
  [Array(10).fill('x'.repeat(32)).join(','), ['x'.repeat(32)]],
  [Array(11).fill('x'.repeat(32)).join(','), 'INVALID_PARAMETER'],
  [Array(11).fill('A12345').join(','), 'MAX_OUT_REQUEST_NO_EXCEEDED'],
])('a query for %j is read or fails as a whole', (list, expected) => {
  const read = readQueryNumbers(list);
  expect('code' in read ? read.code : read).toEqual(expected);
});
