import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulators } from '../src/index.ts';
import { openShop, sellerId } from './merchant.ts';
import type { Shop } from './merchant.ts';
import { finish, partner, to } from './settling-books.ts';

// The official SDK asks in both dresses; it signs with the machine's time, so the simulator's clock stands at it.

let shop: Shop;
let tradeNo: string;
beforeEach(async () => {
  shop = await openShop('key', { at: Date.now() });
  const freeze = { extend_params: { royalty_freeze: 'true' } };
  await shop.exec('precreate', { out_trade_no: 'A1', total_amount: '100.00', subject: 'milk', ...freeze });
  await shop.act('pay', { out_trade_no: 'A1' });
  tradeNo = String((await shop.exec('query', { out_trade_no: 'A1' }))['tradeNo']);
  await shop.exec('royalty.relation.bind', {
    out_request_no: 'b1',
    receiver_list: [{ type: 'userId', account: partner, name: '某公司' }],
  });
});
afterEach(() => shop.close());

const wish = (no: string, more: object = {}) => ({
  out_request_no: no,
  trade_no: tradeNo,
  royalty_parameters: [to(partner, '10.00')],
  ...more,
});
const raw = (method: string, bizContent: object) =>
  fetch(shop.sdk.pageExecute(`alipay.trade.${method}`, 'GET', { bizContent }), { redirect: 'manual' });
const books = async () => (await shop.books('A1')) as unknown as { shares: unknown[]; trades: { hold: unknown }[] };

describe('the official SDK', () => {
  test('shares, asks and releases; the REST dress sees the same books', async () => {
    const settled = await shop.exec('order.settle', wish('S1'));
    expect(settled).toMatchObject({ code: '10000', tradeNo });
    const [asked, left] = [
      await shop.exec('order.settle.query', { settle_no: settled['settleNo'] }),
      await shop.exec('order.onsettle.query', { trade_no: tradeNo }),
    ];
    expect(asked).toMatchObject({ outRequestNo: 'S1', royaltyDetailList: [{ transIn: partner, state: 'SUCCESS' }] });
    expect(left).toMatchObject({ unsettledAmount: '89.40' });
    const over = await shop.sdk.curl<Record<string, unknown>>('POST', '/v3/alipay/trade/order/settle', {
      body: { out_request_no: 'U1', trade_no: tradeNo, ...finish },
    });
    expect(over).toMatchObject({ responseHttpStatus: 200, data: { trade_no: tradeNo } });
    const bound = await shop.exec('royalty.relation.batchquery', { out_request_no: 'q1' });
    expect(bound).toMatchObject({ resultCode: 'SUCCESS', receiverList: [{ account: partner }], totalRecordNum: 1 });
    const { shares, trades } = await books();
    expect(shares).toMatchObject([
      { share_no: 'S1', payee: sellerId, parts: [{ account: partner, amount_fen: 1_000 }], released_fen: 0 },
      { share_no: 'U1', parts: [], released_fen: 8_940 },
    ]);
    expect(trades[0]?.hold).toMatchObject({ held_fen: 0, shared_fen: 1_000 });
  });

  test('a refund of the counter takes its share back, and the settle query tells it', async () => {
    await shop.exec('order.settle', wish('S1'));
    await shop.exec('refund', { out_trade_no: 'A1', out_request_no: 'R1', refund_amount: '50.00' });
    const asked = await shop.exec('order.settle.query', { out_request_no: 'S1', trade_no: tradeNo });
    expect(asked['royaltyDetailList']).toMatchObject([
      { operationType: 'transfer', amount: '10.00' },
      { operationType: 'transfer_refund', amount: '5.00', transOut: partner, transIn: sellerId, state: 'SUCCESS' },
    ]);
  });
});

describe('faults', () => {
  test.each([
    ['book_then_hang', 1],
    ['hang_before_booking', 0],
  ])('%s: no answer, and %i requests are in the books', async (name, booked) => {
    await shop.sim.control('faults', {
      fault: name,
      match: { method: 'order.settle' },
      params: { ms: 15_000 },
      times: 1,
    });
    const failed = expect(raw('order.settle', wish('S1'))).rejects.toThrow();
    while ((await shop.sim.control('clock')).json.hanging === 0) continue;
    await shop.sim.after(15_000);
    await failed;
    expect((await books()).shares).toHaveLength(booked);
    expect(await shop.exec('order.settle', wish('S1'))).toMatchObject({ code: '10000' });
    expect((await books()).shares).toHaveLength(1);
  });

  test('an answer about another trade, one that says system error behind what was done, and one with a spoilt signature', async () => {
    const fault = (name: string, no: string, params: object = {}) =>
      shop.sim.control('faults', { fault: name, match: { out_request_nos: [no] }, params });
    await fault('about_another', 'S1');
    await fault('system_error_booked', 'S2', { business: true });
    await fault('bad_signature', 'S3');
    expect(await shop.exec('order.settle', wish('S1'))).toMatchObject({ tradeNo: 'ANOTHER_TRADE_0001' });
    expect(await shop.exec('order.settle', wish('S2'))).toMatchObject({ subCode: 'ACQ.SYSTEM_ERROR' });
    await expect(shop.exec('order.settle', wish('S3'))).rejects.toThrow('验签失败');
    expect((await books()).shares).toHaveLength(3);
  });

  test('one that nobody knows is answered with the list of those that exist', async () => {
    const { json } = await shop.sim.control('faults', { fault: 'share_explodes', match: { method: 'order.settle' } });
    for (const name of ['share_receiver_closed', 'share_stays_processing', 'share_return_fails'])
      expect(json.error).toContain(name);
  });
});

test('books on disk that are read again say the same', async () => {
  await shop.exec('order.settle', wish('S1', { royalty_mode: 'async' }));
  await shop.later(2_000);
  await shop.exec('refund', { out_trade_no: 'A1', out_request_no: 'R1', refund_amount: '50.00' });
  const before = await books();
  expect(before.shares).toMatchObject([{ parts: [{ state: 'succeeded', returned_fen: 500 }] }]);
  const copy = mkdtempSync(join(tmpdir(), 'liushui-simulator-'));
  cpSync(shop.sim.dataDir, copy, { recursive: true });
  const again = await startSimulators({ dataDir: copy, clock: 'stepped' });
  const page = await fetch(`${again.alipayUrl}/openapi/books?out_trade_nos=A1`);
  expect(await page.json()).toEqual(before);
  await again.close();
  rmSync(copy, { recursive: true });
});
