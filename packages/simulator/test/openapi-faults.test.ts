import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openShop } from './merchant.ts';
import type { Shop } from './merchant.ts';
import { minute, start } from './player.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop('key', { at: start });
});
afterEach(() => shop.close());

const hour = 60 * minute;
const terms = (no: string) => ({ out_trade_no: no, total_amount: '100.00', subject: 'milk' });
const refund = (no: string) => ({ out_trade_no: no, refund_amount: '10.00', out_request_no: 'R1' });
const fault = (rule: object) => shop.sim.control('faults', rule);
const sell = async (no: string) => {
  await shop.exec('precreate', terms(no));
  await shop.act('pay', { out_trade_no: no });
};
const trade = async (no: string) => (await shop.books(no)).trades[0];
/** The answer without the SDK's judgement of it. */
const raw = async (method: string, bizContent: object) => {
  const url = shop.sdk.pageExecute(`alipay.trade.${method}`, 'GET', { bizContent });
  return fetch(url, { redirect: 'manual' });
};

describe('calls', () => {
  test.each([
    ['refund_hang_booked', 1000],
    ['book_then_hang', 1000],
    ['refund_hang_not_booked', 0],
    ['hang_before_booking', 0],
  ])('%s: no answer, and %s fen have moved', async (name, moved) => {
    await sell('A1');
    await fault({ fault: name, match: { method: 'refund', out_trade_nos: ['A1'] }, times: 1, params: { ms: 15_000 } });
    const call = raw('refund', refund('A1'));
    const failed = expect(call).rejects.toThrow();
    while ((await shop.sim.control('clock')).json.hanging === 0) continue;
    await shop.sim.after(15_000);
    await failed;
    expect(await trade('A1')).toMatchObject({ refunded_fen: moved });
    expect(await shop.exec('refund', refund('A1'))).toMatchObject({ fundChange: moved > 0 ? 'N' : 'Y' });
  });

  const table = `
    system_error_booked      -                      20000  isp.unknow-error      unsigned  1000
    system_error_booked      {"business":true}      40004  ACQ.SYSTEM_ERROR      signed    1000
    system_error_not_booked  -                      20000  isp.unknow-error      unsigned  0
    isp_limited              -                      40005  isv.app-call-limited  unsigned  0
    business_error           {"sub_code":"ACQ.X"}   40004  ACQ.X                 signed    0
    unknown_code             {"sub_code":"ACQ.Y"}   40004  ACQ.Y                 signed    1000
    unknown_code             {"code":"10099"}       10099  ACQ.GATE_MOVED_AWAY   signed    1000
    unknown_code             {"book":false}         40004  ACQ.GATE_MOVED_AWAY   signed    0
  `;
  test.each(
    table
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)),
  )('%s %s answers %s %s, %s, and books %s fen', async (name, params = '', code, subCode, signature, moved) => {
    await sell('A1');
    await fault({ fault: name, match: { method: 'refund' }, params: params === '-' ? {} : JSON.parse(params) });
    const answer = (await (await raw('refund', refund('A1'))).json()) as Record<string, unknown>;
    expect(answer['alipay_trade_refund_response']).toMatchObject({ code, sub_code: subCode });
    expect('sign' in answer ? 'signed' : 'unsigned').toBe(signature);
    expect(await trade('A1')).toMatchObject({ refunded_fen: Number(moved) });
  });

  test('bad_signature, html_instead, http_500, truncated and about_another bend the answer, not the books', async () => {
    await sell('A1');
    await fault({ fault: 'bad_signature', match: { method: 'query', nth: 1 } });
    await fault({ fault: 'html_instead', match: { method: 'query', nth: 2 } });
    await fault({ fault: 'http_500', match: { method: 'query', nth: 3 } });
    await fault({ fault: 'truncated', match: { method: 'query', nth: 4 } });
    await fault({ fault: 'about_another', match: { method: 'query', nth: 5 } });
    const ask = () => shop.exec('query', { out_trade_no: 'A1' });
    await expect(ask()).rejects.toThrow('验签失败');
    const two = await raw('query', { out_trade_no: 'A1' });
    expect([two.status, await two.text()]).toEqual([200, expect.stringContaining('<html>')]);
    expect((await raw('query', { out_trade_no: 'A1' })).status).toBe(500);
    await expect((await raw('query', { out_trade_no: 'A1' })).json()).rejects.toThrow();
    expect(await ask()).toMatchObject({ outTradeNo: 'ANOTHER_TRADE_0001' });
    expect(await ask()).toMatchObject({ outTradeNo: 'A1', tradeStatus: 'TRADE_SUCCESS' });
  });

  test('a rule without a method, app or number stays with the customs gateway', async () => {
    await sell('A1');
    await fault({ id: 'x', fault: 'bad_signature' });
    expect(await shop.exec('query', { out_trade_no: 'A1' })).toMatchObject({ code: '10000' });
    await fault({ id: 'x', fault: 'bad_signature', match: { method: '*' } });
    await expect(shop.exec('query', { out_trade_no: 'A1' })).rejects.toThrow('验签失败');
    expect((await shop.sim.control('faults')).json).toHaveLength(1);
    await shop.sim.control('faults/x', undefined, 'DELETE');
    expect((await shop.sim.control('faults')).json).toHaveLength(0);
    expect((await fault({ fault: 'bad_signature', match: { method: 'guess' } })).code).toBe(400);
    expect((await fault({ fault: 'bad_signature', match: { method: '*', tries: 1 } })).code).toBe(400);
  });
});

describe('the life of a trade', () => {
  test('close_loses: the payment lands just before, or for a page nobody had opened just after', async () => {
    await shop.exec('precreate', terms('A1'));
    await shop.act('open', { out_trade_no: 'A1' });
    await shop.exec('precreate', terms('A2'));
    await fault({ fault: 'close_loses', match: { method: 'close' } });
    expect(await shop.exec('close', { out_trade_no: 'A1' })).toMatchObject({ subCode: 'ACQ.TRADE_STATUS_ERROR' });
    expect(await shop.exec('close', { out_trade_no: 'A2' })).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' });
    for (const no of ['A1', 'A2']) expect(await trade(no)).toMatchObject({ trade_status: 'TRADE_SUCCESS' });
  });
  test.each([
    [false, ['TRADE_SUCCESS', 'TRADE_SUCCESS'], 2],
    [true, ['TRADE_SUCCESS', 'WAIT_BUYER_PAY'], 1],
  ])('second_trade_no, instead %s: two trades under one number', async (instead, statuses, told) => {
    await fault({ fault: 'second_trade_no', times: 1, params: { instead } });
    await sell('A1');
    const { trades } = await shop.books('A1');
    expect(trades.map((one) => one['trade_status'])).toEqual(statuses);
    expect(new Set(trades.map((one) => one['trade_no'])).size).toBe(2);
    await shop.later(1_000);
    expect(shop.heard).toHaveLength(told);
  });
  test('a payer who pays another amount is believed by nobody but the books', async () => {
    await shop.exec('precreate', terms('A1'));
    await shop.act('pay', { out_trade_no: 'A1', amount: '1.00' });
    expect(await shop.exec('query', { out_trade_no: 'A1' })).toMatchObject({ totalAmount: '1.00' });
  });
});

describe('notifications', () => {
  test('come again after 4 m, 10 m, 10 m, 1 h, 2 h, 6 h, 15 h with one id and new times, and then no more', async () => {
    shop.says.push(...Array.from({ length: 9 }, (_, n) => (n === 0 ? 'success\n' : 'fail')));
    await sell('A1');
    await shop.later(1_000);
    const gaps = [4 * minute, 10 * minute, 10 * minute, hour, 2 * hour, 6 * hour, 15 * hour];
    for (const [n, gap] of gaps.entries()) {
      await shop.later(gap - 1);
      expect(shop.heard).toHaveLength(n + 1);
      await shop.later(1);
      expect(shop.heard).toHaveLength(n + 2);
    }
    await shop.later(48 * hour);
    expect(shop.heard).toHaveLength(8);
    expect(new Set(shop.heard.map((one) => one['notify_id'])).size).toBe(1);
    expect(new Set(shop.heard.map((one) => one['notify_time'])).size).toBe(8);
    expect((await shop.books('A1')).notices[0]).toMatchObject({ state: 'given_up' });
    for (const one of shop.heard) expect(shop.sdk.checkNotifySignV2(one)).toBe(true);
  });
  test('end with the word success, and a jump of the clock makes up for what was due in between', async () => {
    shop.says.push('fail', 'fail');
    await sell('A1');
    await shop.later(24 * hour);
    expect(shop.heard).toHaveLength(3);
    const notice = (await shop.books('A1')).notices[0];
    expect(notice).toMatchObject({ state: 'acknowledged' });
    expect(notice?.attempts.map((one) => one['answer'])).toEqual(['200 fail', '200 fail', '200 success']);
  });
  test('of a full refund say closed, with the refund’s number and the sum of all', async () => {
    await sell('A1');
    await shop.exec('refund', refund('A1'));
    await shop.exec('refund', { ...refund('A1'), refund_amount: '90.00', out_request_no: 'R2' });
    await shop.later(1_000);
    expect(
      shop.heard.map((one) => [one['trade_status'], one['out_biz_no'], one['refund_fee'], one['gmt_close']]),
    ).toEqual([
      ['TRADE_SUCCESS', undefined, undefined, undefined],
      ['TRADE_SUCCESS', 'R1', '10.00', undefined],
      ['TRADE_CLOSED', 'R2', '100.00', expect.any(String)],
    ]);
    expect(shop.heard[1]?.['gmt_refund']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
  });
  test.each([
    ['notify_twice', {}, 2, 1],
    ['never_notify', {}, 0, 0],
    ['notify_forged', {}, 2, 2],
    ['notify_wrong_amount', {}, 1, 1],
  ])('%s', async (name, params, heard, ids) => {
    await fault({ fault: name, match: { event: 'paid' }, params });
    await sell('A1');
    await shop.later(1_000);
    expect(shop.heard).toHaveLength(heard);
    expect(new Set(shop.heard.map((one) => one['notify_id'])).size).toBe(ids);
    const genuine = shop.heard.filter((one) => shop.sdk.checkNotifySignV2(one));
    expect(genuine).toHaveLength(name === 'notify_forged' ? 1 : heard);
    const amount = name === 'notify_wrong_amount' ? '101.00' : '100.00';
    for (const one of shop.heard) expect(one['total_amount']).toBe(amount);
    const written = (await shop.books('A1')).notices;
    expect(written.some((one) => one['state'] === 'suppressed')).toBe(name === 'never_notify');
  });
  test('notify_late comes an hour late, notify_before_answer before the answer', async () => {
    await fault({ fault: 'notify_late', match: { event: 'paid' } });
    await fault({ fault: 'notify_before_answer', match: { event: 'refunded' } });
    await sell('A1');
    await shop.later(hour);
    expect(shop.heard).toHaveLength(0);
    await shop.later(1_000);
    expect(shop.heard).toHaveLength(1);
    await shop.exec('refund', refund('A1'));
    expect(shop.heard[1]).toMatchObject({ out_biz_no: 'R1' });
  });
  test.each([
    [{}, ['TRADE_SUCCESS']],
    [
      { created: true, closed: true, finished: true },
      ['WAIT_BUYER_PAY', 'WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_CLOSED', 'TRADE_FINISHED'],
    ],
  ])('of an app with %j tell %j', async (notify, statuses) => {
    await shop.close();
    shop = await openShop('key', { at: start }, { notify });
    await shop.exec('precreate', terms('A2'));
    await shop.act('open', { out_trade_no: 'A2' });
    await sell('A1');
    await shop.later(4 * hour);
    await shop.later(366 * 24 * hour);
    expect(shop.heard.map((one) => one['trade_status'])).toEqual(statuses);
  });
  test('nothing leaves this machine, and a payment without an address is told to nobody', async () => {
    await shop.exec('precreate', terms('A1'), { notifyUrl: 'https://pay.example.com/notify' });
    await shop.act('pay', { out_trade_no: 'A1' });
    await shop.sdk.exec('alipay.trade.precreate', { bizContent: terms('A2') });
    await shop.act('pay', { out_trade_no: 'A2' });
    expect((await shop.books('A1')).notices).toMatchObject([{ state: 'not_loopback' }]);
    expect((await shop.books('A2')).notices).toEqual([]);
  });
  test('forge sends what nothing caused: unsigned unless asked, with fields changed or left out', async () => {
    await shop.exec('precreate', terms('A1'));
    await shop.act('forge', { out_trade_no: 'A1' });
    await shop.act('forge', {
      out_trade_no: 'A1',
      signed: true,
      fields: { seller_id: '2088000000000000', subject: null },
    });
    await shop.later(0);
    expect(shop.heard.map((one) => [shop.sdk.checkNotifySignV2(one), one['seller_id']])).toEqual([
      [false, '2088101568338364'],
      [true, '2088000000000000'],
    ]);
    expect(shop.heard[1]).not.toHaveProperty('subject');
    expect(await trade('A1')).toBe(undefined);
  });
});
