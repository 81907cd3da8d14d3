import { AlipaySdk } from 'alipay-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { openShop, sdkConfig, sellerId, vectors } from './merchant.ts';
import type { Shop } from './merchant.ts';

// The official SDK speaks the REST dress by `curl`. It signs with the machine's time, so the simulator's clock stands at it.

let shop: Shop;
afterEach(() => shop.close());

const open = (mode: 'key' | 'certificate') => openShop(mode, { at: Date.now() });
type Body = Record<string, unknown>;
const post = (method: string, body: Body, more: object = {}) =>
  shop.sdk.curl<Body>('POST', `/v3/alipay/trade/${method}`, { body, ...more });
const refusedAs = (code: string, responseHttpStatus: number) => ({ code, responseHttpStatus });

describe.each(['key', 'certificate'] as const)('the official SDK over REST in %s mode', (mode) => {
  test('draws a code, finds the payment, hears of it, and refunds; gateway.do sees the same books', async () => {
    shop = await open(mode);
    await expect(post('query', { out_trade_no: 'A1' })).rejects.toMatchObject(refusedAs('ACQ.TRADE_NOT_EXIST', 400));
    const terms = { out_trade_no: 'A1', total_amount: '199.00', subject: '保税仓奶粉 50%', notify_url: shop.notifyUrl };
    const drawn = await post('precreate', terms);
    expect(drawn).toMatchObject({ responseHttpStatus: 200, data: { out_trade_no: 'A1' } });
    expect(drawn.data).not.toHaveProperty('code');
    await fetch(`${String(drawn.data['qr_code'])}/pay`, { method: 'POST', redirect: 'manual' });
    const paid = { trade_status: 'TRADE_SUCCESS', total_amount: '199.00' };
    expect(await post('query', { out_trade_no: 'A1' })).toMatchObject({ data: paid });
    await shop.later(1_000);
    expect(shop.heard).toMatchObject([{ trade_status: 'TRADE_SUCCESS', seller_id: sellerId }]);
    expect(shop.sdk.checkNotifySignV2(shop.heard[0])).toBe(true);

    const refund = { out_trade_no: 'A1', refund_amount: '50.00', out_request_no: 'R1' };
    expect(await post('refund', refund)).toMatchObject({ data: { fund_change: 'Y', refund_fee: '50.00' } });
    expect(await shop.exec('refund', refund)).toMatchObject({ code: '10000', fundChange: 'N', refundFee: '50.00' });
    const tooMuch = post('refund', { ...refund, refund_amount: '150.00', out_request_no: 'R2' });
    await expect(tooMuch).rejects.toMatchObject(refusedAs('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', 400));
    await shop.later(10_000);
    const asked = { out_trade_no: 'A1', out_request_no: 'R1' };
    expect(await post('fastpay/refund/query', asked)).toMatchObject({ data: { refund_status: 'REFUND_SUCCESS' } });
    expect((await shop.books('A1')).trades).toMatchObject([{ refunds: [{ amount_fen: 5_000 }] }]);
  });

  test('is refused with a key that is not the deposited one, and itself refuses an answer of another key', async () => {
    shop = await open(mode);
    const { gateway, endpoint } = shop.sdk.config;
    const config = { ...sdkConfig(mode), gateway, endpoint };
    const draw = (sdk: AlipaySdk, no: string) =>
      sdk.curl('POST', '/v3/alipay/trade/precreate', { body: { out_trade_no: no, total_amount: '1.00', subject: no } });
    const stranger = new AlipaySdk({ ...config, privateKey: vectors.keys.alipay_private_pkcs8 as string });
    await expect(draw(stranger, 'A1')).rejects.toMatchObject(refusedAs('invalid-signature', 400));
    expect((await shop.books('A1')).offers).toEqual([]);
    const [key, certificate] = [vectors.keys.app_public as string, vectors.keys.app_cert as string];
    const other = mode === 'key' ? { alipayPublicKey: key } : { alipayPublicCertContent: certificate };
    const code = mode === 'key' ? 'response-signature-verify-error' : 'response-alipay-sn-verify-error';
    await expect(draw(new AlipaySdk({ ...config, ...other }), 'A2')).rejects.toMatchObject({ code });
    expect((await shop.books('A2')).offers).toHaveLength(1);
  });

  test('reads what it asked for under encryption', async () => {
    shop = await open(mode);
    const terms = { out_trade_no: 'E1', total_amount: '3.00', subject: '加密', buyer_id: '2088102122524333' };
    expect(await post('create', terms, { needEncrypt: true })).toMatchObject({ data: { out_trade_no: 'E1' } });
  });
});

test('it asks with GET when the simulator is set so, signed with its query', async () => {
  shop = await open('key');
  await post('create', { out_trade_no: 'G1', total_amount: '3.00', subject: 'get', buyer_id: '2088102122524333' });
  const get = () => shop.sdk.curl('GET', '/v3/alipay/trade/query', { query: { out_trade_no: 'G1' } });
  await expect(get()).rejects.toMatchObject(refusedAs('invalid-http-method', 400));
  await shop.sim.control('settings', { openapi: { v3_query: 'either' } });
  expect(await get()).toMatchObject({ data: { trade_status: 'WAIT_BUYER_PAY' } });
});

test('a machine whose clock is eleven minutes off is refused', async () => {
  shop = await openShop('key', { at: Date.now() + 660_000 });
  await expect(post('query', { out_trade_no: 'A1' })).rejects.toMatchObject(refusedAs('invalid-timestamp', 400));
});

test('the faults of gateway.do are played here too, in this dress', async () => {
  shop = await open('key');
  await post('create', { out_trade_no: 'F1', total_amount: '3.00', subject: 'f', buyer_id: '2088102122524333' });
  await shop.act('pay', { out_trade_no: 'F1' });
  const refund = () => post('refund', { out_trade_no: 'F1', refund_amount: '1.00', out_request_no: 'R1' });
  const refundsAt = async () => (await shop.books('F1')).trades[0]?.refunds.length;
  const play = (fault: string, params: Body = {}) =>
    shop.sim.control('faults', { fault, match: { method: 'refund' }, times: 1, params });
  await play('isp_limited');
  await expect(refund()).rejects.toMatchObject(refusedAs('app-call-limited', 429));
  await play('system_error_not_booked');
  await expect(refund()).rejects.toMatchObject(refusedAs('unknow-error', 500));
  expect(await refundsAt()).toBe(0);
  await play('system_error_booked', { business: true });
  await expect(refund()).rejects.toMatchObject(refusedAs('ACQ.SYSTEM_ERROR', 400));
  expect(await refundsAt()).toBe(1);
  await play('bad_signature');
  await expect(refund()).rejects.toMatchObject({ code: 'response-signature-verify-error' });
  expect(await refund()).toMatchObject({ data: { fund_change: 'N', refund_fee: '1.00' } });
});
