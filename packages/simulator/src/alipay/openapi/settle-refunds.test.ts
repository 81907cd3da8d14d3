import { beforeEach, describe, expect, test } from 'vitest';
import { back, finish, later, openSettling, other, partner, sellerId, to } from '../../../test/settling-books.ts';
import { statementView } from './views.ts';

let shop: ReturnType<typeof openSettling>;
beforeEach(() => {
  shop = openSettling();
});

describe('refunds', () => {
  test('of the counter take back from everybody pro rata, the last one the rest, and nothing can be said about it', () => {
    shop.sell('precreate');
    shop.bind(partner, other);
    shop.settle('S1', [to(partner, '10.01'), to(other, '5.00')]);
    const before = shop.balance();
    expect(shop.refund('R1', '33.33', { refund_royalty_parameters: [back(partner, '10.01')] }).word).toBe('10000');
    expect([shop.theirs(), shop.theirs(other), shop.balance() - before]).toEqual([
      1_001 - 334,
      500 - 167,
      334 + 167 - 3_333,
    ]);
    shop.refund('R2', '66.67');
    expect([shop.theirs(), shop.theirs(other)]).toEqual([0, 0]);
    expect(shop.states('S1').map(([operation, , amount]) => [operation, amount])).toEqual([
      ['transfer', '10.01'],
      ['transfer', '5.00'],
      ['transfer_refund', '3.34'],
      ['transfer_refund', '1.67'],
      ['transfer_refund', '6.67'],
      ['transfer_refund', '3.33'],
    ]);
    expect(shop.inBooks().shares[0]).toMatchObject({
      parts: [{ returned_fen: 1_001 }, { returned_fen: 500 }],
      returns: [
        { return_no: 'R1', account: partner, amount_fen: 334, state: 'succeeded' },
        {},
        { return_no: 'R2' },
        {},
      ],
    });
  });

  test('elsewhere take back what they name, and the seller pays the rest', () => {
    shop.sell();
    shop.bind(partner, other);
    shop.settle('S1', [to(partner, '10.00')]);
    shop.settle('S2', [to(partner, '5.00'), to(other, '2.00')]);
    const before = shop.balance();
    expect(shop.refund('R1', '20.00').word).toBe('10000');
    expect([shop.theirs(), shop.balance() - before]).toEqual([1_500, -2_000]);
    expect(shop.refund('R2', '20.00', { refund_royalty_parameters: [back(partner, '12.00')] }).word).toBe('10000');
    expect([shop.theirs(), shop.theirs(other), shop.balance() - before]).toEqual([300, 200, 1_200 - 4_000]);
    expect(shop.inBooks().shares.map(({ returns }) => returns.map(({ amount_fen: fen }) => fen))).toEqual([
      [1_000],
      [200],
    ]);
  });

  test.each([
    ['more than he has of it', [back(partner, '10.01')], 'ALLOC_AMOUNT_VALIDATE_ERROR'],
    [
      'more than he has of it, in two lines',
      [back(partner, '9.00'), back(partner, '2.00')],
      'ALLOC_AMOUNT_VALIDATE_ERROR',
    ],
    ['somebody who has nothing of it', [back(other, '1.00')], 'REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST'],
    ['somebody else to have it', [{ ...back(partner, '1.00'), trans_in: other }], 'INVALID_PARAMETER'],
  ])('that name %s are refused, and nothing moves', (_, parameters, word) => {
    shop.sell();
    shop.bind(partner);
    shop.settle('S1', [to(partner, '10.00')]);
    const before = shop.balance();
    expect(shop.refund('R1', '50.00', { refund_royalty_parameters: parameters }).word).toBe(word);
    expect([shop.balance(), shop.theirs()]).toEqual([before, 1_000]);
  });

  test('not more than the refund itself, not what a receiver has spent, not when he has not agreed', () => {
    shop.sell();
    shop.bind(partner);
    shop.settle('S1', [to(partner, '10.00')]);
    const named = { refund_royalty_parameters: [back(partner, '10.00')] };
    expect(shop.refund('R1', '9.99', named).word).toBe('ALLOC_AMOUNT_VALIDATE_ERROR');
    shop.control('receivers', { account: partner, balance: '9.99' });
    expect(shop.refund('R1', '10.00', named).word).toBe('SELLER_BALANCE_NOT_ENOUGH');
    shop.control('receivers', { account: partner, balance: '10.00' });
    shop.fault('share_return_fails', { method: 'refund' });
    expect(shop.refund('R0', '1.00').word).toBe('10000');
    expect(shop.refund('R1', '10.00', named).word).toBe('REFUNDALLOC_UNAUTH_LIMIT');
    shop.books.register.faults.remove(undefined);
    expect(shop.refund('R1', '10.00', named).word).toBe('10000');
  });

  test('find nothing at a receiver whose part is still on its way', () => {
    shop.sell();
    shop.bind(partner);
    shop.control('receivers', { account: partner, balance: '100.00' });
    shop.settle('S1', [to(partner, '10.00')], later);
    const named = { refund_royalty_parameters: [back(partner, '1.00')] };
    expect(shop.refund('R1', '1.00', named).word).toBe('REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST');
  });

  test('use what is frozen first, and never what receivers are to get', () => {
    shop.sell();
    shop.bind(partner);
    shop.fault('share_stays_processing', { out_request_nos: ['S1'] });
    shop.settle('S1', [to(partner, '30.00')], later);
    shop.control('balance', { seller_id: sellerId, balance: '99.40' });
    expect(shop.refund('R1', '69.41').word).toBe('SELLER_BALANCE_NOT_ENOUGH');
    expect(shop.refund('R1', '69.40').word).toBe('10000');
    expect(shop.inBooks().trades[0]!.hold).toMatchObject({ held_fen: 3_000, pending_fen: 3_000 });
    shop.control('shares', { out_request_no: 'S1', becomes: 'SUCCESS' });
    expect([shop.balance(), shop.theirs()]).toEqual([0, 3_000]);
  });

  test('a cancel takes everything back from everybody', () => {
    const before = shop.balance();
    shop.sell('pay', false);
    shop.bind(partner);
    shop.settle('S1', [to(partner, '10.00')]);
    expect(shop.said('cancel', { out_trade_no: 'T1' }).fields['action']).toBe('refund');
    expect([shop.theirs(), shop.balance() - before]).toEqual([0, 0]);
  });

  test('every fen of the balance is in the statement', () => {
    const opening = shop.balance();
    shop.sell('precreate');
    shop.bind(partner);
    shop.settle('S1', [to(partner, '10.00')], finish);
    shop.refund('R1', '50.00');
    const [today] = statementView(shop.books.register, undefined, sellerId);
    expect(today).toMatchObject({
      shared_fen: -1_000,
      share_returned_fen: 500,
      paid_fen: 10_000,
      refunded_fen: -5_000,
    });
    const sum = today!.rows.reduce((total, row) => total + row.amount_fen + row.fee_fen, 0);
    expect(opening + sum).toBe(shop.balance());
  });
});
