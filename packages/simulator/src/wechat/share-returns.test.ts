import { beforeEach, describe, expect, test } from 'vitest';
import { day, mchid, merchantInput, minute, second } from '../../test/wechat-merchant.ts';
import { openSharing, part, partner, person } from '../../test/wechat-sharing-books.ts';
import type { Fields } from '../../test/wechat-sharing-books.ts';

let shop: ReturnType<typeof openSharing>;
beforeEach(() => {
  shop = openSharing();
});

describe('refunds of a shared order', () => {
  test('what receivers have must come back first; what is kept goes back at once', () => {
    shop.shared(1_000);
    expect(shop.refund('R1', 9_001).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 9_000).word).toBe('done');
    expect(shop.left()).toBe(0);
    shop.after(minute);
    expect(shop.refund('R2', 1_000).word).toBe('INVALID_REQUEST');
    expect(shop.giveBack('B1', 400).fields).toMatchObject({ result: 'SUCCESS' });
    expect(shop.refund('R2', 401).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R2', 400).word).toBe('done');
    shop.after(minute);
    shop.giveBack('B2', 600);
    expect(shop.refund('R3', 600).word).toBe('done');
  });

  test('where it is set so the balance pays for what receivers have', () => {
    shop.shared(1_000);
    shop.set({ shared_refund: 'from_balance' });
    expect(shop.refund('R1', 10_000).word).toBe('done');
  });

  test('one that is closed is kept again', () => {
    shop.fault('refund_closed', { api: 'refund' });
    shop.refund('R1', 3_000);
    expect(shop.left()).toBe(9_940 - 2_982);
    shop.after(2 * second);
    expect(shop.left()).toBe(9_940);
  });

  test('a payment that was given back entirely cannot be shared', () => {
    shop.add();
    shop.refund('R1', 10_000);
    shop.after(minute);
    expect(shop.share('S1', [part(1)]).word).toBe('NOT_ENOUGH');
  });
});

describe('returns', () => {
  test('come from the receiver to the balance, in parts, and never more than it got', () => {
    shop.shared(1_000);
    const [before, before2] = [shop.basic(), shop.theirs()];
    expect(shop.giveBack('B1', 600).fields).toMatchObject({
      result: 'SUCCESS',
      amount: 600,
      return_mchid: partner,
      out_order_no: 'S1',
    });
    expect(shop.giveBack('B2', 401).word).toBe('INVALID_REQUEST');
    expect(shop.giveBack('B2', 400).word).toBe('done');
    expect([shop.basic() - before, shop.theirs() - before2, shop.left()]).toEqual([1_000, -1_000, 8_940]);
    expect(shop.inBooks().shares[0]).toMatchObject({
      parts: [{ returned_fen: 1_000 }],
      returns: [
        { return_no: 'B1', account: partner, amount_fen: 600, state: 'succeeded' },
        { return_no: 'B2', amount_fen: 400 },
      ],
    });
  });

  test('the same number again moves nothing; with other content it is refused', () => {
    shop.shared(1_000);
    shop.giveBack('B1', 600);
    const before = shop.basic();
    expect([shop.giveBack('B1', 600).word, shop.basic()]).toEqual(['done', before]);
    expect(shop.giveBack('B1', 599).word).toBe('INVALID_REQUEST');
  });

  test('may be asked by WeChat’s number, and are found with the number of the request', () => {
    shop.shared(1_000);
    const { order_id: id } = shop.asked('S1');
    expect(shop.giveBack('B1', 1, { out_order_no: undefined, order_id: id }).word).toBe('done');
    const query = (changes: Fields) => shop.said('share_return_query', { out_return_no: 'B1', ...changes }).word;
    expect([query({ out_order_no: 'S1' }), query({ out_order_no: 'S2' }), query({})]).toEqual([
      'done',
      'RESOURCE_NOT_EXISTS',
      'PARAM_ERROR',
    ]);
    expect(shop.giveBack('B2', 1, { out_order_no: 'S9' }).word).toBe('RESOURCE_NOT_EXISTS');
  });

  test('not from a person, not from who got nothing, not after 180 days', () => {
    shop.add(person);
    shop.shared(1_000);
    shop.share('S2', [part(100, person)]);
    shop.after(2 * second);
    expect(shop.giveBack('B1', 1, { out_order_no: 'S2', return_mchid: person }).word).toBe('INVALID_REQUEST');
    expect(shop.giveBack('B1', 1, { return_mchid: '1900000110' }).word).toBe('INVALID_REQUEST');
    shop.share('S3', [part(100, '1900000110')]);
    shop.unfreeze('U1');
    shop.after(2 * second);
    expect(shop.giveBack('B1', 1, { out_order_no: 'S3', return_mchid: '1900000110' }).word).toBe('INVALID_REQUEST');
    expect(shop.giveBack('B1', 1, { out_order_no: 'U1', return_mchid: mchid }).word).toBe('INVALID_REQUEST');
    shop.after(180 * day);
    expect(shop.giveBack('B1', 1).word).toBe('INVALID_REQUEST');
  });

  test('fail when the receiver has no money, and nothing has moved', () => {
    shop.shared(1_000);
    shop.control('funds', { mchid: partner, basic: 999 });
    const before = shop.basic();
    expect(shop.giveBack('B1', 1_000).fields).toMatchObject({ result: 'FAILED', fail_reason: 'BALANCE_NOT_ENOUGH' });
    expect([shop.basic(), shop.giveBack('B1', 1_000).fields['result']]).toEqual([before, 'FAILED']);
    expect(shop.giveBack('B2', 999).fields).toMatchObject({ result: 'SUCCESS' });
  });

  test('may take a while, and what is on its way cannot be asked for twice', () => {
    shop.shared(1_000);
    shop.set({ share_return_ms: 5 * second });
    expect(shop.giveBack('B1', 600).fields).toMatchObject({ result: 'PROCESSING' });
    expect(shop.giveBack('B2', 600).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 9_600).word).toBe('INVALID_REQUEST');
    shop.after(5 * second);
    expect(shop.giveBack('B1', 600).fields).toMatchObject({ result: 'SUCCESS' });
    expect(shop.refund('R1', 9_600).word).toBe('done');
  });

  test('a return that fails, and one that nobody decides but a command', () => {
    shop.shared(1_000);
    shop.fault('share_return_fails', { out_return_nos: ['B1'] }, { reason: 'TIME_OUT_CLOSED' });
    expect(shop.giveBack('B1', 100).fields).toMatchObject({ result: 'FAILED', fail_reason: 'TIME_OUT_CLOSED' });
    shop.fault('share_return_stays_processing', { out_return_nos: ['B2'] });
    shop.giveBack('B2', 100);
    shop.after(day);
    expect(shop.giveBack('B2', 100).fields).toMatchObject({ result: 'PROCESSING' });
    shop.control('share_returns', { out_return_no: 'B2', becomes: 'SUCCESS' });
    expect(shop.giveBack('B2', 100).fields).toMatchObject({ result: 'SUCCESS' });
    shop.set({ share_return_ms: second });
    shop.giveBack('B3', 100);
    shop.control('share_returns', { out_return_no: 'B3', becomes: 'FAILED' });
    shop.after(second);
    expect(shop.giveBack('B3', 100).fields).toMatchObject({ result: 'FAILED', fail_reason: 'PAYER_ACCOUNT_ABNORMAL' });
  });
});

describe('callbacks', () => {
  const url = 'http://127.0.0.1:1/heard';
  const told = () =>
    shop
      .inBooks()
      .notices.flatMap(({ event, told, mchid: to }) => (event.startsWith('share') ? [{ event, to, told }] : []));

  test('merchants that receive are told, of what they get and of what they give back', () => {
    shop.control('merchants', { ...merchantInput, mchid: partner, appids: [] });
    shop.control('receivers', { account: partner, notify_url: url });
    shop.shared(1_000);
    shop.giveBack('B1', 400);
    expect(told()).toMatchObject([
      {
        event: 'shared',
        to: partner,
        told: {
          mchid,
          transaction_id: shop.transactionId,
          out_order_no: 'S1',
          receiver: { type: 'MERCHANT_ID', account: partner, amount: 1_000, description: 'a part' },
        },
      },
      { event: 'share_returned', to: partner, told: { out_order_no: 'B1', receiver: { account: mchid, amount: 400 } } },
    ]);
  });

  test('another amount is told of the receiver’s part', () => {
    shop.control('merchants', { ...merchantInput, mchid: partner, appids: [] });
    shop.control('receivers', { account: partner, notify_url: url });
    shop.fault('notify_wrong_amount', { event: 'shared' });
    shop.shared(1_000);
    expect(told()).toMatchObject([{ told: { receiver: { amount: 1_100 } } }]);
  });

  test('who has no address, no key or no part is told nothing', () => {
    shop.control('receivers', { account: partner, notify_url: url });
    shop.shared(1_000);
    expect(told()).toEqual([]);
  });
});
