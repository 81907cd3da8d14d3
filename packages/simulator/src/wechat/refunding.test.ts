import { beforeEach, describe, expect, test } from 'vitest';
import { openBooks } from '../../test/wechat-books.ts';
import { mchid, second, minute, day } from '../../test/wechat-merchant.ts';

let shop: ReturnType<typeof openBooks>;
beforeEach(() => reopen({}));
function reopen(contract: object): void {
  shop = openBooks(contract);
}

describe('refunds', () => {
  const paid = () => {
    shop.order('native');
    shop.pay();
  };

  test('is accepted, then done; the order shows REFUND after a part already', () => {
    paid();
    const before = shop.basic();
    expect(shop.refund('R1', 3_000).fields).toMatchObject({
      status: 'PROCESSING',
      amount: { refund: 3_000, total: 10_000 },
    });
    expect([shop.refundStatus('R1'), shop.state()]).toEqual(['PROCESSING', 'REFUND']);
    shop.after(2 * second);
    expect(shop.refundStatus('R1')).toBe('SUCCESS');
    expect(before - shop.basic()).toBe(3_000 - 18);
    expect(shop.said('refund_query', { out_refund_no: 'R9' }).word).toBe('RESOURCE_NOT_EXISTS');
  });

  test('the same number again moves nothing; with other content it is refused in the word that is set', () => {
    paid();
    shop.refund('R1', 3_000, { reason: 'a' });
    const after1 = shop.basic();
    expect(shop.refund('R1', 3_000, { reason: 'a' }).word).toBe('done');
    expect(shop.basic()).toBe(after1);
    expect(shop.refund('R1', 3_000, { reason: 'b' }).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 2_000, { reason: 'a' }).word).toBe('INVALID_REQUEST');
    shop.set({ refund_mismatch: 'REFUND_FEE_MISMATCH' });
    expect(shop.refund('R1', 2_000, { reason: 'a' }).word).toBe('REFUND_FEE_MISMATCH');
  });

  test('not more than was paid, not of another total, not before a minute has passed, not after a year', () => {
    paid();
    expect(shop.refund('R1', 10_001).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 100, { amount: { refund: 100, total: 9_999, currency: 'CNY' } }).word).toBe(
      'INVALID_REQUEST',
    );
    expect(shop.refund('R1', 6_000).word).toBe('done');
    shop.after(minute - 1);
    expect(shop.refund('R2', 4_000).word).toBe('FREQUENCY_LIMITED');
    shop.after(1);
    expect(shop.refund('R2', 4_001).word).toBe('INVALID_REQUEST');
    shop.after(365 * day - minute);
    expect(shop.refund('R2', 1).word).toBe('done');
    shop.after(minute);
    expect(shop.refund('R3', 1).word).toBe('TRADE_OVERDUE');
    expect(shop.refund('R2', 1).word).toBe('done');
  });

  test('fifty parts and no more', () => {
    paid();
    for (let n = 1; n <= 50; n += 1) {
      expect(shop.refund(`R${n}`, 1).word).toBe('done');
      shop.after(minute);
    }
    expect(shop.refund('R51', 1).word).toBe('INVALID_REQUEST');
  });

  test('of what is unpaid or unknown there is none', () => {
    expect(shop.refund('R1', 1).word).toBe('RESOURCE_NOT_EXISTS');
    shop.order('native');
    expect(shop.refund('R1', 1).word).toBe('INVALID_REQUEST');
  });

  test('without money it is refused, and the same number goes through after a top-up', () => {
    paid();
    shop.control('funds', { mchid, basic: 100 });
    expect(shop.refund('R1', 3_000).word).toBe('NOT_ENOUGH');
    expect(shop.refundStatus('R1')).toBe('none');
    shop.control('funds', { mchid, basic: 3_000 });
    expect([shop.refund('R1', 3_000).word, shop.basic()]).toEqual(['done', 18]);
  });

  test('or it is accepted and waits; after seven days it is closed and another number may be used', () => {
    paid();
    shop.set({ short_refund: 'accept' });
    shop.control('funds', { mchid, basic: 0 });
    expect(shop.refund('R1', 3_000).word).toBe('done');
    shop.after(minute);
    shop.refund('R2', 1_000);
    shop.after(7 * day - minute - 1);
    expect(shop.refundStatus('R1')).toBe('PROCESSING');
    shop.control('funds', { mchid, basic: 1_500 });
    shop.after(1);
    expect([shop.refundStatus('R1'), shop.refundStatus('R2')]).toEqual(['CLOSED', 'PROCESSING']);
    shop.after(2 * second);
    expect([shop.refundStatus('R2'), shop.bookedOrder().refundedFen]).toEqual(['SUCCESS', 1_000]);
    expect(shop.refund('R3', 9_001).word).toBe('INVALID_REQUEST');
    // What was closed takes no money any more, and what was paid is not closed by its own seven days.
    shop.control('funds', { mchid, basic: 50_000 });
    shop.after(day);
    expect([shop.refundStatus('R1'), shop.refundStatus('R2'), shop.basic()]).toEqual(['CLOSED', 'SUCCESS', 50_000]);
  });

  test('an abnormal one keeps its money, so a new number pays the person twice, until a card is named', () => {
    paid();
    shop.fault('refund_abnormal', { out_refund_nos: ['R1'] });
    const { fields } = shop.refund('R1', 3_000);
    shop.after(minute);
    expect(shop.refundStatus('R1')).toBe('ABNORMAL');
    expect(shop.refund('R2', 7_001).word).toBe('INVALID_REQUEST');
    const asked = { refund_id: fields['refund_id'], out_refund_no: 'R1', type: 'MERCHANT_BANK_CARD' };
    expect(shop.said('abnormal_refund', { ...asked, out_refund_no: 'R2' }).word).toBe('INVALID_REQUEST');
    expect(shop.said('abnormal_refund', { ...asked, type: 'USER_BANK_CARD' }).word).toBe('PARAM_ERROR');
    expect(shop.said('abnormal_refund', asked).fields['status']).toBe('PROCESSING');
    shop.after(2 * second);
    expect(shop.refundStatus('R1')).toBe('SUCCESS');
    expect(shop.said('abnormal_refund', asked).word).toBe('INVALID_REQUEST');
  });

  test('one that is closed brings the money and the fee back', () => {
    paid();
    const before = shop.basic();
    shop.fault('refund_closed', { api: 'refund' });
    shop.refund('R1', 3_000);
    shop.after(2 * second);
    expect([shop.refundStatus('R1'), shop.basic() - before, shop.state(), shop.bookedOrder().feeReturnedFen]).toEqual([
      'CLOSED',
      0,
      'SUCCESS',
      0,
    ]);
  });

  test('the new flow has one purse and takes no wish, the old flow pays from what is not settled or from the balance', () => {
    paid();
    expect(shop.refund('R1', 100, { funds_account: 'AVAILABLE' }).word).toBe('INVALID_REQUEST');
    reopen({ fund_flow: 'old' });
    paid();
    expect(shop.books.register.ledger.balanceOf(mchid, 'UNSETTLED')).toBe(9_940);
    expect(shop.refund('R1', 100, { funds_account: 'AVAILABLE' }).fields['funds_account']).toBe('AVAILABLE');
    expect(shop.books.register.ledger.balanceOf(mchid, 'AVAILABLE')).toBe(100_000_000 - 99);
    shop.after(minute);
    shop.control('funds', { mchid, unsettled: 0 });
    expect(shop.refund('R2', 100).word).toBe('NOT_ENOUGH');
  });

  test('by hand, on the merchant web site, has a number that nobody sent, and can be found', () => {
    expect(() => shop.control('refund', { out_trade_no: 'ORDER-1', amount_fen: 1 })).toThrow('nobody was asked');
    paid();
    shop.control('refund', { out_trade_no: 'ORDER-1', amount_fen: 4_000 });
    shop.after(minute);
    expect(shop.refundStatus('BYHAND0000000001')).toBe('SUCCESS');
    expect(() => shop.control('refund', { out_trade_no: 'ORDER-1', amount_fen: 6_001 })).toThrow('left');
    expect(shop.refund('R1', 6_001).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 6_000).word).toBe('done');
  });

  test('in the old flow no more of the fee comes back than was taken', () => {
    reopen({ fund_flow: 'old' });
    shop.order('native', { amount: { total: 200, currency: 'CNY' } });
    shop.pay();
    shop.control('funds', { mchid, unsettled: 1_000 });
    // The fee is 1 fen, and each half is worth 0.6.
    const back = ['R1', 'R2'].map((no) => {
      shop.after(minute);
      shop.refund(no, 100, { amount: { refund: 100, total: 200, currency: 'CNY' } });
      return shop.books.register.refundOf(mchid, no)!.feeReturnedFen;
    });
    expect(back).toEqual([1, 0]);
  });

  test.each([
    ['old', [0, 0, 1]],
    ['new', [0, 1, 1]],
  ])('in the %s flow three parts bring back their fees', (flow, wanted) => {
    reopen({ fund_flow: flow });
    shop.order('native', { amount: { total: 300, currency: 'CNY' } });
    shop.pay();
    shop.control('funds', { mchid, unsettled: 1_000 });
    // The fee is 2 fen of 3.00; the parts are worth 0.36, 0.36 and 1.08 of it. Only the new flow gives the rest back at last.
    const back = [60, 60, 180].map((fen, n) => {
      shop.after(minute);
      shop.refund(`R${n}`, fen, { amount: { refund: fen, total: 300, currency: 'CNY' } });
      return shop.books.register.refundOf(mchid, `R${n}`)!.feeReturnedFen;
    });
    expect(back).toEqual(wanted);
  });
});
