import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { minute, second } from './wechat-merchant.ts';
import { isGenuine, openWechatShop } from './wechat-shop.ts';
import type { WechatShop } from './wechat-shop.ts';

let shop: WechatShop;
beforeEach(async () => {
  shop = await openWechatShop();
});
afterEach(() => shop.close());

const fault = (name: string, params: object = {}, match: object = { api: 'native' }) =>
  shop.control('faults', { fault: name, match, params });
const isBooked = async () => (await shop.books()).orders.length === 1;

describe('answers that prove nothing', () => {
  const table: readonly (readonly [string, object, number, string, boolean])[] = [
    ['system_error_booked', {}, 500, 'SYSTEM_ERROR', true],
    ['system_error_not_booked', {}, 500, 'SYSTEM_ERROR', false],
    ['frequency_limited_booked', {}, 429, 'FREQUENCY_LIMITED', true],
    ['frequency_limited_not_booked', {}, 429, 'FREQUENCY_LIMITED', false],
    ['unknown_code', { code: 'GATE_MOVED_AWAY' }, 400, 'GATE_MOVED_AWAY', true],
    ['unknown_code', { code: 'X', book: false }, 400, 'X', false],
    ['business_error', { code: 'NO_AUTH' }, 403, 'NO_AUTH', false],
    ['business_error', {}, 403, 'RULE_LIMIT', false],
  ];
  test.each(table)('%s %j', async (name, params, status, code, booked) => {
    await fault(name, params);
    const answer = await shop.order('ORDER-1');
    expect([answer.status, JSON.parse(answer.text).code, await isBooked()]).toEqual([status, code, booked]);
  });

  test.each([
    ['html_instead', 200],
    ['http_500', 500],
  ])('%s', async (name, status) => {
    await fault(name);
    const answer = await shop.order('ORDER-1');
    expect([answer.status, answer.text.includes('<html>'), await isBooked()]).toEqual([status, true, true]);
  });

  test('half an answer', async () => {
    const whole = (await shop.order('ORDER-1')).body.length;
    await fault('truncated');
    const answer = await shop.order('ORDER-1');
    expect(answer.body.length).toBe(Math.floor(whole / 2));
    expect(() => JSON.parse(answer.text)).toThrow();
  });

  test('about another order', async () => {
    await shop.order('ORDER-1');
    await fault('about_another', {}, { api: 'query' });
    expect(await shop.query('ORDER-1')).toMatchObject({ out_trade_no: 'ANOTHER-ORDER-0001' });
  });
});

describe('signatures that are none', () => {
  test.each(['bad_signature', 'probe', 'unsigned'])('%s', async (name) => {
    await fault(name);
    const answer = await shop.order('ORDER-1');
    expect([answer.status, isGenuine(answer.headers, answer.text), await isBooked()]).toEqual([200, false, true]);
    const signature = answer.headers['wechatpay-signature'];
    expect(typeof signature === 'string' && signature.startsWith('WECHATPAY/SIGNTEST/')).toBe(name === 'probe');
    expect(signature === undefined).toBe(name === 'unsigned');
  });

  test('too old, or of a key that nobody knows', async () => {
    await fault('stale');
    await fault('unknown_serial');
    const { headers, text } = await shop.order('ORDER-1');
    expect((await shop.now()) / 1000 - Number(headers['wechatpay-timestamp'])).toBe(600);
    expect(headers['wechatpay-serial']).toMatch(/^[0-9A-F]{40}$/);
    expect((await shop.books()).merchants[0].platform_serials).not.toContain(headers['wechatpay-serial']);
    expect(isGenuine(headers, text)).toBe(true);
  });

  test('one answer in so many is a probe, and the next is not', async () => {
    await shop.control('settings', { probe_every: 2 });
    const verdicts: boolean[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { headers, text } = await shop.order('ORDER-1');
      verdicts.push(isGenuine(headers, text));
    }
    expect(verdicts).toEqual([true, false, true, false]);
  });
});

describe('no answer', () => {
  test.each([
    ['book_then_hang', true],
    ['hang_before_booking', false],
  ])('%s ends when its time has passed', async (name, booked) => {
    await fault(name, { ms: minute });
    const asked = shop.order('ORDER-1').then(
      () => 'answered',
      () => 'cut',
    );
    let hanging = 0;
    while (hanging === 0) hanging = (await shop.control('clock')).hanging;
    expect(await isBooked()).toBe(booked);
    await shop.later(minute);
    expect(await asked).toBe('cut');
  });

  test('the connection drops, or the answer is slow', async () => {
    await fault('drop_connection_after_booking', {}, { api: 'native', nth: 1 });
    await expect(shop.order('ORDER-1')).rejects.toThrow();
    expect(await isBooked()).toBe(true);
    await fault('slow_ms', { ms: second });
    const asked = shop.order('ORDER-1');
    while ((await shop.control('clock')).hanging === 0);
    await shop.later(second);
    expect((await asked).status).toBe(200);
  });
});

describe('rules', () => {
  test('choose by api, version, number and count, and are taken whole or not at all', async () => {
    await shop.control('faults', [
      { id: 'a', fault: 'unknown_code', match: { out_trade_nos: ['ORDER-2'], version: 'v3' } },
      { id: 'b', fault: 'unknown_code', match: { api: 'native', nth: 3 }, times: 1 },
    ]);
    const statuses: number[] = [];
    for (const no of ['ORDER-1', 'ORDER-2', 'ORDER-3', 'ORDER-4']) statuses.push((await shop.order(no)).status);
    expect(statuses).toEqual([200, 400, 400, 200]);
    const mixed = await shop.control('faults', [{ id: 'c', fault: 'unknown_code' }, { fault: 'no_such_fault' }]);
    expect(mixed.error).toContain('fault must be one of');
    const misspelt = await shop.control('faults', { fault: 'probe', match: { out_trade_no: 'ORDER-1' } });
    expect(misspelt.error).toContain('match has no out_trade_no');
    const ids = (await shop.control('faults')).map((rule: { id: string }) => rule.id);
    expect(ids).toEqual(['a', 'b']);
    await shop.control('faults/a', undefined, 'DELETE');
    expect((await shop.control('faults')).map((rule: { id: string }) => rule.id)).toEqual(['b']);
  });

  test('for refunds count refunds alone', async () => {
    await fault('refund_stuck', {}, { nth: 1 });
    await shop.order('ORDER-1');
    await shop.control('pay', { out_trade_no: 'ORDER-1' });
    const amount = { refund: 100, total: 12_345, currency: 'CNY' };
    await shop.v3('POST', '/v3/refund/domestic/refunds', { out_trade_no: 'ORDER-1', out_refund_no: 'R1', amount });
    await shop.later(minute);
    expect((await shop.books()).orders[0].refunds).toMatchObject([{ status: 'PROCESSING' }]);
  });

  test('v2 can say that it has failed above the business, without a signature', async () => {
    await fault('system_error_not_booked', { layer: 'return' }, { api: 'query', version: 'v2' });
    const answer = await shop.v2('/pay/orderquery', { out_trade_no: 'ORDER-1' });
    expect(answer).toEqual({ return_code: 'FAIL', return_msg: 'SYSTEMERROR' });
  });
});
