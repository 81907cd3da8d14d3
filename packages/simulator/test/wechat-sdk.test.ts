import { Aes, Formatter, Hash, Rsa, Transformer, Wechatpay } from 'wechatpay-axios-plugin';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appid, keys, mchid, second, vectors } from './wechat-merchant.ts';
import { openWechatShop } from './wechat-shop.ts';
import type { WechatShop } from './wechat-shop.ts';

// A public package is a third reading of the documents: what it accepts, both ours must.

let shop: WechatShop;
let wxpay: Wechatpay;
beforeEach(async () => {
  // The package reads the machine's clock, so the simulated one starts there.
  shop = await openWechatShop({ public_key_percent: 100 }, Date.now());
  wxpay = new Wechatpay({
    mchid,
    serial: vectors.merchant_serial,
    privateKey: keys.merchant_private,
    certs: { [vectors.public_key_id]: keys.platform_public, [vectors.platform_serial]: keys.platform_certificate },
    secret: vectors.v2_key,
    baseURL: shop.url(),
  } as ConstructorParameters<typeof Wechatpay>[0]);
});
afterEach(() => shop.close());

const orderOf = (no: string) => ({
  appid,
  mchid,
  description: '保税仓奶粉 50%',
  out_trade_no: no,
  notify_url: shop.notifyUrl,
  amount: { total: 12_345, currency: 'CNY' },
});
type Texts = Record<string, string>;
const native = async (no: string) =>
  (await wxpay.chain('v3/pay/transactions/native').post(orderOf(no))).data as unknown as Texts;
const found = async (no: string) =>
  (await wxpay.chain('v3/pay/transactions/out-trade-no/{no}').get({ params: { mchid }, no })).data;
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'no error',
    (error: { code?: string; response?: { data?: { code?: string } } }) => error.response?.data?.code ?? error.code,
  );

describe('a public package over APIv3', () => {
  test('orders, finds, hears of the payment, refunds and finds the refund, and verifies every answer', async () => {
    const ordered = await native('ORDER|1');
    await shop.control('pay', { code_url: ordered['code_url'] });
    expect(await found('ORDER|1')).toMatchObject({ trade_state: 'SUCCESS', amount: { total: 12_345 } });

    await shop.later(second);
    const [{ headers, body }] = shop.heard as [(typeof shop.heard)[0]];
    const said = (name: string) => String(headers[`wechatpay-${name}`]);
    const message = Formatter.response(said('timestamp'), said('nonce'), body);
    expect(Rsa.verify(message, said('signature'), keys.platform_public)).toBe(true);
    expect(Rsa.verify(message.replace('TRANSACTION', 'TRANSACTIOM'), said('signature'), keys.platform_public)).toBe(
      false,
    );
    const { ciphertext, nonce, associated_data: aad } = JSON.parse(body).resource;
    const told = JSON.parse(Aes.AesGcm.decrypt(ciphertext, vectors.api_v3_key, nonce, aad));
    expect(told).toEqual(await found('ORDER|1'));

    const amount = { refund: 345, total: 12_345, currency: 'CNY' };
    const refund = { transaction_id: told.transaction_id, out_refund_no: 'R1', amount };
    const accepted = await wxpay.chain('v3/refund/domestic/refunds').post(refund);
    expect(accepted.data).toMatchObject({ status: 'PROCESSING', out_refund_no: 'R1' });
    await shop.later(2 * second);
    const done = await wxpay.chain('v3/refund/domestic/refunds/{no}').get({ no: 'R1' });
    expect(done.data).toMatchObject({ status: 'SUCCESS', amount: { refund: 345 } });
  });

  test('closes, sees the order closed, and reads the errors', async () => {
    await native('ORDER-1');
    const close = wxpay.chain('v3/pay/transactions/out-trade-no/{no}/close');
    expect((await close.post({ mchid }, { no: 'ORDER-1' })).status).toBe(204);
    expect(await found('ORDER-1')).toMatchObject({ trade_state: 'CLOSED' });
    expect(await codeOf(native('ORDER-1'))).toBe('ORDER_CLOSED');
    expect(await codeOf(found('ORDER-2'))).toBe('ORDER_NOT_EXIST');
  });

  test('refuses a probe, a spoilt signature, an unknown key and an answer without a signature', async () => {
    await native('ORDER-1');
    const refusals: Record<string, unknown> = {};
    for (const fault of ['probe', 'bad_signature', 'unknown_serial', 'unsigned', 'stale']) {
      await shop.control('faults', { id: 'one', fault, match: { api: 'query' } });
      refusals[fault] = await codeOf(found('ORDER-1'));
    }
    expect(refusals).toEqual({
      probe: 'EV3_RES_HEADER_SIGNATURE_DIGEST',
      bad_signature: 'EV3_RES_HEADER_SIGNATURE_DIGEST',
      unknown_serial: 'EV3_RES_HEADER_PLATFORM_SERIAL',
      unsigned: 'EV3_RES_HEADERS_INCOMPLATE',
      stale: 'EV3_RES_HEADER_TIMESTAMP_OFFSET',
    });
  });
});

describe('a public package over v2', () => {
  test('orders, pays by code and finds, and verifies every answer', async () => {
    const call = async (path: string, fields: object) =>
      (await wxpay.chain(`v2/${path}`).post({ appid, mch_id: mchid, nonce_str: Formatter.nonce(), ...fields }))
        .data as unknown as Texts;
    const terms = { body: '保税仓奶粉', total_fee: '800', spbill_create_ip: '203.0.113.7' };
    const ordered = await call('pay/unifiedorder', {
      ...terms,
      out_trade_no: 'ORDER-1',
      trade_type: 'NATIVE',
      product_id: 'S',
      notify_url: shop.notifyUrl,
      sign_type: 'HMAC-SHA256',
    });
    await shop.control('pay', { code_url: ordered['code_url'] });
    expect(await call('pay/orderquery', { out_trade_no: 'ORDER-1' })).toMatchObject({ trade_state: 'SUCCESS' });
    const paid = await call('pay/micropay', { ...terms, out_trade_no: 'ORDER-2', auth_code: '134567890123456789' });
    expect(paid).toMatchObject({ trade_type: 'MICROPAY', total_fee: '800' });

    await shop.later(second);
    const { sign, ...told } = Transformer.toObject(shop.heard[0]!.body) as Texts;
    expect(Hash.sign('MD5', told, vectors.v2_key)).toBe(sign);
  });
});
