import { createDecipheriv, createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mchid, merchantInput, minute, second, vectors } from './wechat-merchant.ts';
import { isGenuine, opened, openWechatShop, v2Fields, v2Signed } from './wechat-shop.ts';
import type { Heard, WechatShop } from './wechat-shop.ts';

let shop: WechatShop;
beforeEach(async () => {
  shop = await openWechatShop();
});
afterEach(() => shop.close());

const paid = async () => {
  await shop.order('ORDER-1', { attach: '甲' });
  return shop.control('pay', { out_trade_no: 'ORDER-1' });
};
const fault = (name: string, params: object = {}, match: object = {}) =>
  shop.control('faults', { fault: name, match, params });
const told = ({ body }: Heard) => JSON.parse(opened(JSON.parse(body).resource));
const verifies = ({ headers, body }: Heard) => isGenuine(headers, body);
const state = async (n = 0) => (await shop.books()).notices[n].state;
const wantsRefund = {
  out_trade_no: 'ORDER-1',
  out_refund_no: 'R1',
  amount: { refund: 100, total: 12_345, currency: 'CNY' },
};
const refund = (changes: object) => shop.v3('POST', '/v3/refund/domestic/refunds', { ...wantsRefund, ...changes });

describe('a callback of APIv3', () => {
  test('is signed, sealed, says what a query says, and an empty 204 ends it', async () => {
    shop.says.push({ status: 204, body: '' });
    await paid();
    expect(shop.heard).toHaveLength(0);
    await shop.later(second);
    const [heard] = shop.heard;
    expect(verifies(heard!)).toBe(true);
    expect(JSON.parse(heard!.body)).toMatchObject({
      event_type: 'TRANSACTION.SUCCESS',
      resource_type: 'encrypt-resource',
      create_time: '2026-12-02T12:00:00+08:00',
      resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM' },
    });
    expect(told(heard!)).toEqual(await shop.query('ORDER-1'));
    expect(await state()).toBe('acknowledged');
  });

  test('comes again after the gaps of the plan until it is taken, then no more', async () => {
    for (let n = 0; n < 4; n += 1) shop.says.push({ status: n === 0 ? 302 : 500, body: '' });
    await paid();
    await shop.later(second);
    const counts: number[] = [];
    for (const gap of [15, 15, 30, 180, 600]) {
      await shop.later(gap * second - 1);
      counts.push(shop.heard.length);
      await shop.later(1);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5]);
    expect(shop.heard).toHaveLength(5);
    const ids = new Set(shop.heard.map(({ body }) => JSON.parse(body).id));
    const nonces = new Set(shop.heard.map(({ headers }) => headers['wechatpay-nonce']));
    expect([ids.size, nonces.size]).toEqual([1, 5]);
  });

  test('is given up after 24 hours and 4 minutes; its id may change each time', async () => {
    await shop.control('settings', { notice_id: 'fresh' });
    for (let n = 0; n < 20; n += 1) shop.says.push({ status: 500, body: '' });
    await paid();
    await shop.later(second);
    await shop.later(24 * 60 * minute + 4 * minute - 1);
    expect([shop.heard.length, await state()]).toEqual([15, 'waiting']);
    await shop.later(1);
    expect([shop.heard.length, await state()]).toEqual([16, 'given_up']);
    expect(new Set(shop.heard.map(({ body }) => JSON.parse(body).id)).size).toBe(16);
  });

  test('of a refund names the refund; each end has its own event', async () => {
    await paid();
    await refund({ notify_url: shop.notifyUrl });
    await shop.later(minute);
    await fault('refund_abnormal', {}, { out_refund_nos: ['R2'] });
    await refund({ notify_url: shop.notifyUrl, out_refund_no: 'R2' });
    await shop.later(minute);
    await fault('refund_closed', {}, { out_refund_nos: ['R3'] });
    await refund({ notify_url: shop.notifyUrl, out_refund_no: 'R3' });
    await shop.later(minute);
    const events = shop.heard.slice(1).map((heard) => [JSON.parse(heard.body).event_type, told(heard).refund_status]);
    expect(events).toEqual([
      ['REFUND.SUCCESS', 'SUCCESS'],
      ['REFUND.ABNORMAL', 'ABNORMAL'],
      ['REFUND.CLOSED', 'CLOSED'],
    ]);
    expect(told(shop.heard[1]!)).toMatchObject({ mchid, out_refund_no: 'R1', amount: { refund: 100, total: 12_345 } });
  });

  test('of a refund without an address goes to the one of the console', async () => {
    await shop.control('merchants', { ...merchantInput, refund_notify_url: shop.notifyUrl });
    await paid();
    await refund({});
    await shop.later(minute);
    expect(shop.heard.slice(1).map(told)).toMatchObject([{ out_refund_no: 'R1', refund_status: 'SUCCESS' }]);
  });

  test('is not sent without the key that seals it', async () => {
    await shop.control('merchants', { ...merchantInput, api_v3_key: undefined });
    await paid();
    expect((await shop.books()).notices).toEqual([]);
  });

  test('during a migration a share is signed with the public key', async () => {
    await shop.close();
    shop = await openWechatShop({ public_key_percent: 50 });
    for (let n = 0; n < 8; n += 1) {
      await shop.order(`ORDER-${n}`);
      await shop.control('pay', { out_trade_no: `ORDER-${n}` });
    }
    await shop.later(second);
    const serials = shop.heard.map(({ headers }) => headers['wechatpay-serial']);
    expect(new Set(serials)).toEqual(new Set([vectors.public_key_id, vectors.platform_serial]));
    expect(shop.heard.every(verifies)).toBe(true);
  });
});

describe('faults of callbacks', () => {
  test('a probe verifies with no key, and the true one follows whatever was answered', async () => {
    await fault('notify_probe');
    await paid();
    await shop.later(second);
    expect(shop.heard[0]!.headers['wechatpay-signature']).toMatch(/^WECHATPAY\/SIGNTEST\//);
    expect([verifies(shop.heard[0]!), await state()]).toEqual([false, 'waiting']);
    await shop.later(15 * second);
    expect([shop.heard.length, verifies(shop.heard[1]!), await state()]).toEqual([2, true, 'acknowledged']);
  });

  test('one callback in so many is a probe by itself', async () => {
    await shop.control('settings', { probe_every: 2 });
    for (const no of ['ORDER-1', 'ORDER-2']) {
      await shop.order(no);
      await shop.control('pay', { out_trade_no: no });
    }
    await shop.later(second);
    expect(shop.heard.map(verifies).toSorted()).toEqual([false, true]);
  });

  test('twice, late, never', async () => {
    await fault('notify_twice');
    await fault('notify_late', { ms: minute });
    await paid();
    await shop.later(second);
    expect(shop.heard).toHaveLength(0);
    await shop.later(minute);
    expect(shop.heard.map(told)).toEqual([await shop.query('ORDER-1'), await shop.query('ORDER-1')]);
    await shop.control('faults', undefined, 'DELETE');
    await fault('never_notify');
    await shop.order('ORDER-2');
    await shop.control('pay', { out_trade_no: 'ORDER-2' });
    await shop.later(minute);
    expect([shop.heard.length, await state(2)]).toEqual([2, 'suppressed']);
  });

  test('before the call that caused it is answered', async () => {
    await fault('notify_before_answer');
    await paid();
    expect(shop.heard).toHaveLength(1);
  });

  test('forged by a stranger, besides the true one', async () => {
    await fault('notify_forged');
    await paid();
    await shop.later(second);
    expect(shop.heard.map(verifies).toSorted()).toEqual([false, true]);
    expect(() => shop.heard.map(told)).toThrow();
  });

  test('with another amount, too old, or without associated data, yet signed', async () => {
    for (const name of ['notify_wrong_amount', 'notify_stale', 'notify_empty_aad']) await fault(name);
    await paid();
    await shop.later(second);
    const [heard] = shop.heard;
    expect(told(heard!).amount.total).toBe(12_445);
    expect(JSON.parse(heard!.body).resource.associated_data).toBe('');
    expect((await shop.now()) / 1000 - Number(heard!.headers['wechatpay-timestamp'])).toBe(600);
    expect(verifies(heard!)).toBe(true);
  });

  test('a stranger sends his once', async () => {
    await shop.order('ORDER-1');
    shop.says.push({ status: 500, body: '' });
    await shop.control('forge', { out_trade_no: 'ORDER-1' });
    await shop.later(minute);
    expect([shop.heard.length, await state()]).toEqual([1, 'given_up']);
  });

  test('a rule for callbacks counts callbacks alone', async () => {
    await fault('never_notify', {}, { nth: 1 });
    await paid();
    await shop.later(second);
    expect([shop.heard.length, await state()]).toEqual([0, 'suppressed']);
  });

  test('about what nobody paid, as an operator forges it', async () => {
    await shop.order('ORDER-1');
    await shop.control('forge', { out_trade_no: 'ORDER-1', fields: { amount: { total: 1 } }, signed: true });
    await shop.control('settle', {});
    expect(told(shop.heard[0]!)).toMatchObject({ trade_state: 'SUCCESS', amount: { total: 1 } });
    expect(verifies(shop.heard[0]!)).toBe(true);
    expect(await shop.query('ORDER-1')).toMatchObject({ trade_state: 'NOTPAY' });
  });
});

describe('callbacks of v2', () => {
  const taken = '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>';
  const unified = { body: 'milk', out_trade_no: 'ORDER-1', total_fee: '12345', trade_type: 'NATIVE', product_id: 'S' };
  const order = async () => {
    await shop.v2('/pay/unifiedorder', { ...unified, spbill_create_ip: '203.0.113.7', notify_url: shop.notifyUrl });
    await shop.control('pay', { out_trade_no: 'ORDER-1' });
  };

  test('of a payment are signed, and end with the word of v2 alone', async () => {
    shop.says.push({ status: 200, body: 'success' }, { status: 200, body: taken });
    await order();
    await shop.later(second);
    const { sign, ...fields } = v2Fields(shop.heard[0]!.body);
    expect(v2Fields(v2Signed(fields))['sign']).toBe(sign);
    expect(fields).toMatchObject({ total_fee: '12345', cash_fee: '12345', time_end: '20261202120000' });
    expect(await state()).toBe('waiting');
    await shop.later(15 * second);
    expect(await state()).toBe('acknowledged');
  });

  test('say another amount when a rule wants it', async () => {
    await fault('notify_wrong_amount', { amount_fen: 1 });
    await order();
    await shop.later(second);
    expect(v2Fields(shop.heard[0]!.body)['total_fee']).toBe('1');
  });

  test('of a refund by hand say so, also where an address of APIv3 is known', async () => {
    const addresses = { refund_notify_url: shop.notifyUrl, v2_refund_notify_url: shop.notifyUrl };
    await shop.control('merchants', { ...merchantInput, ...addresses });
    await paid();
    await shop.control('refund', { out_trade_no: 'ORDER-1', amount_fen: 100 });
    await shop.later(3 * second);
    expect(v2Fields(shop.heard[1]!.body)).toMatchObject({ return_code: 'SUCCESS', req_info: expect.any(String) });
    expect((await shop.books()).notices[1].told).toMatchObject({ refund_request_source: 'VENDOR_PLATFORM' });
  });

  test('of a refund without an address go to the console, sealed with the key and not signed', async () => {
    await shop.control('merchants', { ...merchantInput, v2_refund_notify_url: shop.notifyUrl });
    shop.says.push({ status: 200, body: '' }, { status: 200, body: taken });
    await paid();
    await refund({});
    await shop.later(3 * second);
    const fields = v2Fields(shop.heard[1]!.body);
    expect([fields['return_code'], fields['sign']]).toEqual(['SUCCESS', undefined]);
    const key = createHash('md5').update(vectors.v2_key).digest('hex');
    const text = createDecipheriv('aes-256-ecb', key, null);
    const plain = text.update(fields['req_info']!, 'base64', 'utf8') + text.final('utf8');
    expect(plain).toContain('<refund_status><![CDATA[SUCCESS]]></refund_status>');
    expect(plain).toContain('<refund_recv_accout><![CDATA[支付用户零钱]]></refund_recv_accout>');
    expect(plain).toContain('<refund_fee><![CDATA[100]]></refund_fee>');
  });
});
