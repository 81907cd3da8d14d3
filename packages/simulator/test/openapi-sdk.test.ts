import { afterEach, describe, expect, test } from 'vitest';
import { openShop, sellerId, vectors } from './merchant.ts';
import type { Shop } from './merchant.ts';
import { minute } from './player.ts';

// The official SDK is a third reading of the documents: what it accepts, both ours must.

let shop: Shop;
afterEach(() => shop.close());

describe.each(['key', 'certificate'] as const)('the official SDK in %s mode', (mode) => {
  test('draws a code, finds the payment, verifies the notification, refunds and finds the refund', async () => {
    shop = await openShop(mode);
    const drawn = await shop.exec('precreate', {
      out_trade_no: 'A1',
      total_amount: '199.00',
      subject: '保税仓奶粉 50%',
    });
    expect(drawn).toMatchObject({ code: '10000', outTradeNo: 'A1' });
    expect(await shop.exec('query', { out_trade_no: 'A1' })).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' });
    await fetch(`${drawn['qrCode']}/pay`, { method: 'POST', redirect: 'manual' });
    expect(await shop.exec('query', { out_trade_no: 'A1' })).toMatchObject({
      code: '10000',
      tradeStatus: 'TRADE_SUCCESS',
      totalAmount: '199.00',
    });
    await shop.later(1_000);
    expect(shop.heard).toHaveLength(1);
    expect(shop.heard[0]).toMatchObject({
      trade_status: 'TRADE_SUCCESS',
      seller_id: sellerId,
      subject: '保税仓奶粉 50%',
    });
    expect(shop.sdk.checkNotifySignV2(shop.heard[0])).toBe(true);
    expect(shop.sdk.checkNotifySignV2({ ...shop.heard[0], total_amount: '1.00' })).toBe(false);

    const refund = { out_trade_no: 'A1', refund_amount: '50.00', out_request_no: 'R1' };
    expect(await shop.exec('refund', refund)).toMatchObject({ fundChange: 'Y', refundFee: '50.00' });
    expect(await shop.exec('refund', refund)).toMatchObject({ fundChange: 'N', refundFee: '50.00' });
    const asked = { out_trade_no: 'A1', out_request_no: 'R1' };
    expect(await shop.exec('fastpay.refund.query', asked)).not.toHaveProperty('refundStatus');
    await shop.later(10_000);
    expect(await shop.exec('fastpay.refund.query', asked)).toMatchObject({ refundStatus: 'REFUND_SUCCESS' });
    expect(shop.heard[1]).toMatchObject({ trade_status: 'TRADE_SUCCESS', refund_fee: '50.00', out_biz_no: 'R1' });
    expect(shop.sdk.checkNotifySignV2(shop.heard[1])).toBe(true);
  });

  test('its page address leads to a cashier, and paying there leads back to the shop with a signature that verifies', async () => {
    shop = await openShop(mode);
    const bizContent = {
      out_trade_no: 'P1',
      total_amount: '12.5',
      subject: 'page',
      product_code: 'FAST_INSTANT_TRADE_PAY',
    };
    const address = shop.sdk.pageExecute('alipay.trade.page.pay', 'GET', {
      bizContent,
      notifyUrl: shop.notifyUrl,
      returnUrl: 'http://127.0.0.1:1/back?x=1',
    });
    const cashier = await fetch(address);
    expect(await cashier.text()).toContain('¥ 12.50');
    const paid = await fetch(`${cashier.url}/pay`, { method: 'POST', redirect: 'manual' });
    const back = new URL(paid.headers.get('location') ?? '');
    expect(back.origin + back.pathname).toBe('http://127.0.0.1:1/back');
    back.searchParams.delete('x');
    const fields = Object.fromEntries(back.searchParams);
    expect(fields).toMatchObject({ out_trade_no: 'P1', total_amount: '12.50' });
    expect(shop.sdk.checkNotifySignV2(fields)).toBe(true);
    expect(await shop.exec('query', { out_trade_no: 'P1' })).toMatchObject({ tradeStatus: 'TRADE_SUCCESS' });
  });

  test('its app string is taken, and an altered page address shows an error page in GBK', async () => {
    shop = await openShop(mode);
    const biz = { out_trade_no: 'S1', total_amount: '1.00', subject: 'app', product_code: 'QUICK_MSECURITY_PAY' };
    const string = shop.sdk.sdkExecute('alipay.trade.app.pay', { bizContent: biz, notifyUrl: shop.notifyUrl });
    const taken = await fetch(`${shop.sim.alipayUrl}/app`, { method: 'POST', body: string });
    expect(await taken.text()).toContain('"code":"10000"');
    expect(await shop.act('pay', { out_trade_no: 'S1' })).toMatchObject({ trade: { trade_status: 'TRADE_SUCCESS' } });
    const page = { ...biz, out_trade_no: 'S2', product_code: 'FAST_INSTANT_TRADE_PAY' };
    const address = shop.sdk.pageExecute('alipay.trade.page.pay', 'GET', { bizContent: page });
    const refused = await fetch(address.replace('S2', 'S3'));
    const html = new TextDecoder('gbk').decode(await refused.arrayBuffer());
    expect(html).toContain('isv.invalid-signature');
    expect(html).toContain('支付遇到问题');
  });

  test('it reads what it asked for under encryption', async () => {
    shop = await openShop(mode);
    const terms = { out_trade_no: 'E1', total_amount: '3.00', subject: '加密', buyer_id: '2088102122524333' };
    // The SDK cannot verify an encrypted answer, so it is only asked to decrypt it.
    const answer = await shop.sdk.exec('alipay.trade.create', { bizContent: terms, needEncrypt: true });
    expect(answer).toMatchObject({ code: '10000', outTradeNo: 'E1' });
  });
});

test('in certificate mode every answer names the certificate it is signed with, in key mode none does', async () => {
  for (const mode of ['key', 'certificate'] as const) {
    shop = await openShop(mode);
    const bizContent = { out_trade_no: 'C1' };
    const answer = await fetch(shop.sdk.pageExecute('alipay.trade.query', 'GET', { bizContent }));
    const number = ((await answer.json()) as Record<string, unknown>)['alipay_cert_sn'];
    expect(number).toBe(mode === 'key' ? undefined : vectors.C1.alipay.md5);
    if (mode === 'key') await shop.close();
  }
});

test('a payer who is asked pays later, a refused one does not, and a cancel after that settles both', async () => {
  shop = await openShop('key');
  const pay = (no: string, authCode: string) =>
    shop.exec('pay', {
      out_trade_no: no,
      total_amount: '8.00',
      subject: 'till',
      scene: 'bar_code',
      auth_code: authCode,
    });
  await shop.act('codes', [
    { auth_code: '280000000000000001', does: 'ask', after_ms: 20_000 },
    { auth_code: '280000000000000002', does: 'refuse' },
    { auth_code: '280000000000000003', does: 'ask' },
  ]);
  expect(await pay('B1', '280000000000000001')).toMatchObject({ code: '10003' });
  expect(await pay('B2', '280000000000000002')).toMatchObject({ subCode: 'ACQ.BUYER_BALANCE_NOT_ENOUGH' });
  expect(await pay('B3', '280000000000000003')).toMatchObject({ code: '10003' });
  expect(await pay('B4', '280000000000000009')).toMatchObject({ code: '10000', totalAmount: '8.00' });
  expect(await pay('B5', '280000000000000009')).toMatchObject({ subCode: 'ACQ.PAYMENT_AUTH_CODE_INVALID' });
  await shop.later(20_000);
  expect(await shop.exec('query', { out_trade_no: 'B1' })).toMatchObject({ tradeStatus: 'TRADE_SUCCESS' });
  expect(await shop.exec('cancel', { out_trade_no: 'B3' })).toMatchObject({ action: 'close', retryFlag: 'N' });
  expect(await shop.exec('cancel', { out_trade_no: 'B4' })).toMatchObject({ action: 'refund' });
  expect(await shop.exec('cancel', { out_trade_no: 'B9' })).not.toHaveProperty('action');
  await shop.later(24 * 60 * minute);
  expect(await shop.exec('cancel', { out_trade_no: 'B1' })).toMatchObject({ subCode: 'ACQ.TRADE_CANCEL_TIME_OUT' });
});
