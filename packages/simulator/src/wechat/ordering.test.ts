import { beforeEach, describe, expect, test } from 'vitest';
import { openBooks, terms } from '../../test/wechat-books.ts';
import { appid, mchid, openid, noon, minute, hour, day } from '../../test/wechat-merchant.ts';

let shop: ReturnType<typeof openBooks>;
beforeEach(() => reopen({}));
function reopen(contract: object): void {
  shop = openBooks(contract);
}

describe('ordering', () => {
  test.each(['jsapi', 'native', 'h5', 'app'])('%s opens a session, and the order waits for the payer', (api) => {
    const { word, offer, fields } = shop.order(api);
    expect([word, offer?.order.state, shop.state()]).toEqual(['done', 'NOTPAY', 'NOTPAY']);
    expect('prepay_id' in fields).toBe(api === 'jsapi' || api === 'app');
    for (const name of ['transaction_id', 'success_time', 'payer', 'bank_type'])
      expect(shop.query()).not.toHaveProperty(name);
  });

  test.each([
    ['amount', { total: 0 }],
    ['amount', { total: 1.5 }],
    ['amount', { total: '100.00' }],
    ['amount', { total: '100' }],
    ['amount', { total: 100, currency: 'USD' }],
    ['out_trade_no', 'SHORT'],
    ['out_trade_no', 'A'.repeat(33)],
    ['out_trade_no', 'ORDER 1'],
    ['out_trade_no', 'ORDER@1'],
    ['description', ''],
    ['description', 'x'.repeat(128)],
    ['attach', 'x'.repeat(129)],
    ['notify_url', 'http://shop.example/notify'],
    ['notify_url', 'https://shop.example/notify?a=1'],
    ['notify_url', `https://shop.example/${'x'.repeat(256)}`],
    ['notify_url', undefined],
    ['time_expire', '2026-12-02 13:00:00'],
    ['time_expire', '2026-12-02T13:00:00'],
    ['mchid', '1800000043'],
    ['mchid', undefined],
  ])('%s %j is refused', (name, value) => {
    expect(shop.order('native', { [name]: value }).word).toBe('PARAM_ERROR');
    expect(shop.state()).toBe('none');
  });

  test('what a product needs and what the merchant lacks', () => {
    expect(shop.order('jsapi', { payer: {} }).word).toBe('PARAM_ERROR');
    expect(shop.order('h5', { scene_info: { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } } }).word).toBe(
      'PARAM_ERROR',
    );
    expect(shop.order('h5', { scene_info: { payer_client_ip: '203.0.113.7' } }).word).toBe('PARAM_ERROR');
    expect(shop.order('native', { appid: 'wx0000000000000000' }).word).toBe('APPID_MCHID_NOT_MATCH');
    reopen({ products: ['NATIVE'] });
    expect([shop.order('native').word, shop.order('app').word]).toEqual(['done', 'NO_AUTH']);
  });

  test('every sign of the alphabet is taken, the contested one when the setting says so', () => {
    expect(shop.order('native', { out_trade_no: 'a_b-c|d*1' }).word).toBe('done');
    shop.set({ number_signs: '_-*' });
    expect(shop.order('native', { out_trade_no: 'a_b-c|d*2' }).word).toBe('PARAM_ERROR');
    shop.set({ number_signs: '_-|*@' });
    expect(shop.order('native', { out_trade_no: 'a_b-c|d*@' }).word).toBe('done');
  });

  test('the same number with the same content opens a fresh session, and the old code is dead', () => {
    const old = shop.order('native').offer!;
    const fresh = shop.order('native', { time_expire: '2026-12-02T13:00:00+08:00' }).offer!;
    expect(fresh.code).not.toBe(old.code);
    expect(shop.pay({ code: old.code })).toBe('CODE_REPLACED');
    expect(shop.pay({ code_url: `weixin://wxpay/bizpayurl?pr=${fresh.code}` })).toBe('done');
  });

  test.each([
    ['amount', { total: 9_999 }],
    ['description', 'cheese'],
    ['attach', 'x'],
  ])('another %s under the same number is refused, in the word that is set', (name, value) => {
    shop.order('native');
    expect(shop.order('native', { [name]: value }).word).toBe('INVALID_REQUEST');
    shop.set({ changed_content: 'OUT_TRADE_NO_USED' });
    expect(shop.order('native', { [name]: value }).word).toBe('OUT_TRADE_NO_USED');
    expect(shop.order('app').word).toBe('OUT_TRADE_NO_USED');
  });

  test('a number that is paid or closed cannot be ordered again', () => {
    shop.order('native');
    shop.pay();
    expect(shop.order('native').word).toBe('ORDERPAID');
    shop.set({ paid_order: 'TRADE_ERROR' });
    expect(shop.order('native').word).toBe('TRADE_ERROR');
    shop.order('native', { out_trade_no: 'ORDER-2' });
    shop.said('close', { mchid, out_trade_no: 'ORDER-2' });
    expect(shop.order('native', { out_trade_no: 'ORDER-2' }).word).toBe('ORDER_CLOSED');
  });
});

describe('how long an order can be paid', () => {
  test.each([
    ['native', 2 * hour],
    ['jsapi', 2 * hour],
    ['h5', 5 * minute],
  ])('a session of %s lives its time, the order outlives it', (api, lives) => {
    shop.order(api);
    shop.after(lives - 1);
    expect(shop.payer('scan')).toBe('done');
    shop.after(1);
    expect(shop.pay()).toBe('CODE_EXPIRED');
    expect(shop.order(api).word).toBe('done');
    expect(shop.pay()).toBe('done');
  });

  test.each([
    [undefined, 7 * day],
    ['2026-12-02T12:00:01+08:00', minute],
    ['2026-12-02T13:00:00+08:00', hour],
    ['2026-12-02T05:00:00Z', hour],
    ['2028-01-01T00:00:00+08:00', 90 * day],
  ])('with time_expire %s it ends, without being closed', (end, lives) => {
    shop.order('native', { time_expire: end });
    expect(shop.bookedOrder().payableUntil).toBe(noon + lives);
    shop.set({ prepay_lives_ms: 1_000 * day });
    shop.order('native', { time_expire: end });
    shop.after(lives - 1);
    expect(shop.payer('scan')).toBe('done');
    shop.after(1);
    expect([shop.pay(), shop.state()]).toEqual(['ORDER_EXPIRED', 'NOTPAY']);
    expect(shop.order('native', { time_expire: end }).word).toBe('INVALID_REQUEST');
  });

  test('only the first request for a number decides the end', () => {
    shop.order('native', { time_expire: '2026-12-02T12:05:00+08:00' });
    shop.order('native', { time_expire: '2026-12-02T18:00:00+08:00' });
    expect(shop.bookedOrder().payableUntil).toBe(noon + 5 * minute);
  });
});

describe('paying and closing', () => {
  test('a payment brings a transaction, the fee and the money', () => {
    shop.order('jsapi');
    const before = shop.basic();
    expect(shop.pay()).toBe('done');
    expect(shop.query()).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'JSAPI',
      bank_type: 'OTHERS',
      payer: { openid },
      success_time: '2026-12-02T12:00:00+08:00',
      amount: { total: 10_000, payer_total: 10_000 },
    });
    const transactionId = shop.query()['transaction_id'];
    expect(transactionId).toMatch(/^42000\d{23}$/);
    expect(shop.said('query', { mchid, transaction_id: transactionId }).fields['out_trade_no']).toBe('ORDER-1');
    expect(shop.basic() - before).toBe(9_940);
    expect(shop.pay()).toBe('ORDER_PAID');
  });

  test('who looks at the cashier and leaves changes nothing', () => {
    shop.order('native');
    expect([shop.payer('scan'), shop.payer('cancel'), shop.state()]).toEqual(['done', 'done', 'NOTPAY']);
  });

  test('a query names the merchant', () => {
    shop.order('native');
    expect(shop.said('query', { out_trade_no: 'ORDER-1' }).word).toBe('PARAM_ERROR');
    expect(shop.said('query', { mchid }).word).toBe('PARAM_ERROR');
  });

  test('only the named person pays a JSAPI order', () => {
    shop.order('jsapi');
    expect(shop.pay({ out_trade_no: 'ORDER-1', openid: 'somebody-else' })).toBe('OTHER_PAYER');
    expect(shop.pay({ out_trade_no: 'ORDER-1', openid })).toBe('done');
  });

  test('a close may be repeated, what is paid is not closed, what nobody ordered does not exist', () => {
    expect(shop.close()).toBe('ORDER_NOT_EXIST');
    shop.order('native');
    expect([shop.close(), shop.close(), shop.state(), shop.pay()]).toEqual(['done', 'done', 'CLOSED', 'ORDER_CLOSED']);
    shop.order('native', { out_trade_no: 'ORDER-2' });
    shop.pay({ out_trade_no: 'ORDER-2' });
    expect(shop.said('close', { mchid, out_trade_no: 'ORDER-2' }).word).toBe('ORDERPAID');
    expect(shop.said('close', { out_trade_no: 'ORDER-2' }).word).toBe('PARAM_ERROR');
  });

  test('v2 closes only after five minutes', () => {
    shop.order('native');
    const v2 = () => shop.said('close', { appid, mch_id: mchid, out_trade_no: 'ORDER-1' }, 'v2').word;
    shop.after(5 * minute - 1);
    expect(v2()).toBe('INVALID_REQUEST');
    shop.after(1);
    expect([v2(), shop.state()]).toEqual(['done', 'CLOSED']);
  });

  test('a payment that lands just before the close wins', () => {
    shop.order('native');
    shop.fault('close_loses', { api: 'close' });
    expect([shop.close(), shop.state()]).toEqual(['ORDERPAID', 'SUCCESS']);
  });
});

describe('a service provider', () => {
  const sub = '1900000109';
  const partnerTerms = {
    ...terms,
    appid: undefined,
    mchid: undefined,
    sp_appid: appid,
    sp_mchid: mchid,
    sub_mchid: sub,
  };
  beforeEach(() => reopen({ sub_mchids: [sub] }));

  test('orders for its sub-merchant, whose money it is, and whose number stands apart', () => {
    expect(shop.said('native', partnerTerms, 'v3', true).word).toBe('done');
    expect(shop.order('native', { description: 'cheese' }).word).toBe('done');
    shop.pay({ out_trade_no: 'ORDER-1', mchid: sub });
    const asked = { sp_mchid: mchid, sub_mchid: sub, out_trade_no: 'ORDER-1' };
    expect(shop.said('query', asked, 'v3', true).fields).toMatchObject({
      sp_mchid: mchid,
      sub_mchid: sub,
      trade_state: 'SUCCESS',
      payer: { sp_openid: expect.any(String) },
    });
    expect([shop.state(), shop.basic()]).toEqual(['NOTPAY', 100_000_000]);
    expect(shop.books.register.ledger.balanceOf(sub, 'BASIC')).toBe(100_000_000 + 9_940);
    const { transactionId } = shop.books.register.orderOf(sub, 'ORDER-1')!.payment!;
    expect(shop.said('query', { mchid, transaction_id: transactionId }).word).toBe('ORDER_NOT_EXIST');
    expect(shop.refund('R1', 100, { sub_mchid: sub }).word).toBe('done');
    expect(shop.refund('R2', 100).word).toBe('INVALID_REQUEST');
  });

  test('acts for nobody else', () => {
    expect(shop.said('native', { ...partnerTerms, sub_mchid: '1900000110' }, 'v3', true).word).toBe('NO_AUTH');
    expect(shop.said('native', { ...partnerTerms, sub_mchid: undefined }, 'v3', true).word).toBe('PARAM_ERROR');
  });
});
