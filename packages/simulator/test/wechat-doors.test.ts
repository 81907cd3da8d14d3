import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appid, keys, mchid, minute, noon, second, vectors } from './wechat-merchant.ts';
import { isGenuine, opened, openWechatShop, v2Fields, v2Signed } from './wechat-shop.ts';
import type { SignOptions, WechatShop } from './wechat-shop.ts';

let shop: WechatShop;
beforeEach(async () => {
  shop = await openWechatShop();
});
afterEach(() => shop.close());

const queryPath = `/v3/pay/transactions/out-trade-no/ORDER-1?mchid=${mchid}`;
const closePath = '/v3/pay/transactions/out-trade-no/ORDER-1/close';

describe('the door of APIv3', () => {
  test('the requests of the vectors are let in at their moment, byte for byte', async () => {
    await shop.close();
    shop = await openWechatShop({}, vectors.timestamp * 1000);
    const ask = (name: string) => {
      const { message, authorization } = vectors.requests[name];
      const [method = '', path = '', , , ...body] = message.slice(0, -1).split('\n');
      return shop.send(method, path, { authorization, 'user-agent': 'shop' }, body.join('\n'));
    };
    const answers = [await ask('A1'), await ask('A2'), await ask('A4'), await ask('A1')];
    expect(answers.map(({ status }) => status)).toEqual([404, 200, 404, 200]);
    expect(JSON.parse(answers[2]!.text)).toMatchObject({ code: 'ORDER_NOT_EXIST' });
    expect(JSON.parse(answers[3]!.text)).toMatchObject({ out_trade_no: 'LS20261201-0001', trade_state: 'NOTPAY' });
  });

  test('an answer is signed, an empty one too, an error is not', async () => {
    const ordered = await shop.order('ORDER-1');
    expect([ordered.status, isGenuine(ordered.headers, ordered.text)]).toEqual([200, true]);
    expect(JSON.parse(ordered.text).code_url).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=\w{9}$/);
    const closed = await shop.v3('POST', closePath, { mchid });
    expect([closed.status, closed.text, isGenuine(closed.headers, '')]).toEqual([204, '', true]);
    const missing = await shop.v3('GET', queryPath.replace('ORDER-1', 'ORDER-2'));
    expect([missing.status, missing.headers['wechatpay-signature']]).toEqual([404, undefined]);
    await shop.control('settings', { sign_errors: true });
    const signed = await shop.v3('GET', queryPath.replace('ORDER-1', 'ORDER-2'));
    expect(isGenuine(signed.headers, signed.text)).toBe(true);
  });

  const refused: readonly (readonly [string, SignOptions])[] = [
    ['a timestamp that is too old', { at: noon - 5 * minute - second }],
    ['a timestamp that is ahead', { at: noon + 5 * minute + second }],
    ['another path', { target: queryPath.replace('ORDER-1', 'ORDER-2') }],
    ['another body', { body: '{}' }],
    ['an unknown serial number', { serial: 'A'.repeat(40) }],
    ['an unknown merchant', { mchid: '1800000043' }],
    ['another scheme', { headers: { authorization: 'Bearer x' } }],
  ];
  test.each(refused)('%s is not let in', async (_, options) => {
    const { status, text } = await shop.v3('GET', queryPath, undefined, options);
    expect([status, JSON.parse(text).code]).toEqual([401, 'SIGN_ERROR']);
  });

  test('five minutes are let in, and a serial number in small letters', async () => {
    const options = { at: noon - 5 * minute, serial: vectors.merchant_serial.toLowerCase() };
    expect((await shop.v3('GET', queryPath, undefined, options)).status).toBe(404);
  });

  test('what is no JSON object is refused after the signature', async () => {
    const answer = await shop.v3('POST', '/v3/pay/transactions/native', [1]);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'PARAM_ERROR']);
  });

  test('an unknown path and a wrong method have an empty body', async () => {
    const answers = [await shop.v3('GET', '/v3/nothing'), await shop.v3('GET', '/v3/pay/transactions/native')];
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [404, ''],
      [405, ''],
    ]);
    const customs = ['/global/v3/customs/orders', '/v3/global/customs/orders'];
    const statuses = async () => Promise.all(customs.map(async (path) => (await shop.v3('GET', path)).status));
    expect(await statuses()).toEqual([400, 400]);
    await shop.control('settings', { customs_prefix: '/v3/global/customs' });
    expect(await statuses()).toEqual([404, 400]);
  });

  test('certificates and refunds want to know who asks', async () => {
    const options = { headers: { 'user-agent': '' } };
    const answer = await shop.v3('GET', '/v3/certificates', undefined, options);
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('keys of the platform', () => {
  const serial = async (options: SignOptions = {}) =>
    (await shop.order('ORDER-1', {}, options)).headers['wechatpay-serial'];

  test('the certificate signs unless the caller names the public key or the migration is done', async () => {
    expect(await serial()).toBe(vectors.platform_serial);
    expect(await serial({ headers: { 'wechatpay-serial': vectors.public_key_id } })).toBe(vectors.public_key_id);
    await shop.close();
    shop = await openWechatShop({ public_key_percent: 100 });
    expect(await serial()).toBe(vectors.public_key_id);
  });

  test('certificates are handed out sealed; who has the public key alone has none', async () => {
    const { data } = JSON.parse((await shop.v3('GET', '/v3/certificates')).text);
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ serial_no: vectors.platform_serial });
    expect(opened(data[0].encrypt_certificate)).toBe(keys.platform_certificate);
    await shop.close();
    shop = await openWechatShop({ platform_certificates: [] });
    const none = await shop.v3('GET', '/v3/certificates');
    expect([none.status, JSON.parse(none.text).code]).toEqual([404, 'RESOURCE_NOT_EXISTS']);
    expect(await serial()).toBe(vectors.public_key_id);
  });
});

describe('the doors of v2', () => {
  const unified = {
    body: '流水测试商品',
    attach: 'a&b=c <d>',
    out_trade_no: 'ORDER-2',
    total_fee: '12345',
    trade_type: 'NATIVE',
  };
  const rest = { product_id: 'SKU1', spbill_create_ip: '203.0.113.7' };

  test('an order is made, paid, found and refunded, every answer signed', async () => {
    const made = await shop.v2('/pay/unifiedorder', { ...unified, ...rest, notify_url: shop.notifyUrl });
    expect(made).toMatchObject({ return_code: 'SUCCESS', result_code: 'SUCCESS', trade_type: 'NATIVE' });
    const { sign, ...fields } = made;
    expect(v2Fields(v2Signed(fields))['sign']).toBe(sign);
    await shop.control('pay', { code_url: made['code_url'] });
    const found = await shop.v2('/pay/orderquery', { out_trade_no: 'ORDER-2' });
    expect(found).toMatchObject({
      trade_state: 'SUCCESS',
      attach: 'a&b=c <d>',
      total_fee: '12345',
      time_end: '20261202120000',
    });
    const refund = { out_trade_no: 'ORDER-2', out_refund_no: 'R1', total_fee: '12345', refund_fee: '345' };
    expect(await shop.v2('/secapi/pay/refund', refund)).toMatchObject({ result_code: 'SUCCESS', refund_fee: '345' });
    await shop.later(2 * second);
    const asked = await shop.v2('/pay/refundquery', { out_trade_no: 'ORDER-2' });
    expect(asked).toMatchObject({ refund_count: '1', out_refund_no_0: 'R1', refund_status_0: 'SUCCESS' });
    expect(await shop.v2('/pay/refundquery', { out_refund_no: 'R2' })).toMatchObject({ err_code: 'REFUNDNOTEXIST' });
  });

  test('the words of errors are those of v2', async () => {
    expect(await shop.v2('/pay/orderquery', { out_trade_no: 'NOBODY-1' })).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'FAIL',
      err_code: 'ORDERNOTEXIST',
      sign: expect.any(String),
    });
  });

  test.each([
    ['REQUIRE_POST_METHOD', 'GET', ''],
    ['POST_DATA_EMPTY', 'POST', ''],
    ['XML_FORMAT_ERROR', 'POST', '<!DOCTYPE xml [<!ENTITY a "b">]><xml><mch_id>&a;</mch_id></xml>'],
    ['mch_id参数错误', 'POST', v2Signed({ mch_id: '1800000043' })],
    ['签名错误', 'POST', v2Signed({ out_trade_no: 'ORDER-2', sign: '0'.repeat(32) })],
    ['缺少参数nonce_str', 'POST', v2Signed({ nonce_str: '' })],
  ])('%s has no signature', async (message, method, body) => {
    const { text } = await shop.send(method, '/pay/orderquery', {}, body);
    expect(v2Fields(text)).toMatchObject({ return_code: 'FAIL', return_msg: message });
    expect(text).not.toContain('<sign>');
  });

  test('customs take MD5 without a nonce, and no other signature', async () => {
    const path = '/cgi-bin/mch/customs/customdeclarequery';
    const asked = { nonce_str: '', customs: 'GUANGZHOU_ZS', out_trade_no: 'ORDER-9' };
    expect(await shop.v2(path, asked)).toMatchObject({ return_code: 'SUCCESS', err_code: 'ORDERNOTEXIST' });
    const hmac = v2Signed({ ...asked, sign_type: 'HMAC-SHA256' });
    expect(v2Fields((await shop.send('POST', path, {}, hmac)).text)).toMatchObject({ return_msg: '签名类型不支持' });
  });
});

describe('for people', () => {
  test('a page plays the payer and leads back to the shop', async () => {
    const scene = { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } };
    const terms = { appid, mchid, description: '<b>milk', out_trade_no: 'ORDER-1', amount: { total: 1_250 } };
    const made = await shop.v3('POST', '/v3/pay/transactions/h5', {
      ...terms,
      notify_url: shop.notifyUrl,
      scene_info: scene,
    });
    const { h5_url: url } = JSON.parse(made.text);
    const page = await (await fetch(`${url}&redirect_url=${encodeURIComponent('http://127.0.0.1:1/back')}`)).text();
    expect(page).toContain('¥ 12.50');
    expect(page).toContain('&lt;b&gt;milk');
    const action = /action="([^"]+)"/.exec(page)![1]!.replaceAll('&amp;', '&');
    const paid = await fetch(`${shop.url()}${action}`, { method: 'POST', redirect: 'manual' });
    expect(paid.headers.get('location')).toBe('http://127.0.0.1:1/back');
    expect(await shop.query('ORDER-1')).toMatchObject({ trade_state: 'SUCCESS', trade_type: 'MWEB' });
    expect(await (await fetch(`${shop.url()}/`)).text()).toContain('ORDER-1');
  });
});

test('after a restart the books are what they were, and an unanswered callback comes again', async () => {
  shop.says.push({ status: 500, body: '' });
  await shop.control('faults', { fault: 'bad_signature', match: { api: 'query', nth: 2 } });
  await shop.order('ORDER-1');
  await shop.control('pay', { out_trade_no: 'ORDER-1' });
  const refund = {
    out_trade_no: 'ORDER-1',
    out_refund_no: 'R1',
    amount: { refund: 100, total: 12_345, currency: 'CNY' },
  };
  await shop.v3('POST', '/v3/refund/domestic/refunds', refund);
  await shop.later(second);
  await shop.query('ORDER-1');
  const before = [await shop.books(), await shop.control('faults'), await shop.control('settings'), await shop.now()];
  await shop.restart();
  expect([await shop.books(), await shop.control('faults'), await shop.control('settings'), await shop.now()]).toEqual(
    before,
  );
  expect(shop.heard).toHaveLength(1);
  await shop.later(15 * second);
  expect(shop.heard).toHaveLength(2);
  const answer = await shop.v3('GET', queryPath);
  expect(isGenuine(answer.headers, answer.text)).toBe(false);
});
