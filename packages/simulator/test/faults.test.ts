import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { answerFaults, bookingFaults } from '../src/faults.ts';
import {
  declareParams,
  list,
  minute,
  orderNo,
  payer,
  play,
  queryParams,
  requestNo,
  start,
  trade,
  tradeNo,
} from './player.ts';

let sim: Awaited<ReturnType<typeof play>>;
const played = new Set<string>();

beforeAll(async () => {
  sim = await play();
});
afterAll(async () => {
  await sim.close();
  sim.remove();
  expect([...bookingFaults, ...answerFaults].filter((fault) => !played.has(fault))).toEqual([]);
});
beforeEach(async () => {
  await sim.control('reset', { now_ms: start });
  await sim.open(3);
});

async function fault(name: string, params: object = {}, match: object = {}, more: object = {}) {
  played.add(name);
  expect((await sim.control('faults', { fault: name, params, match, ...more })).code).toBe(200);
}
/** A list has waited for order 1 since before it was declared. */
const listFirst = () => sim.control('lists', [list(1, start)]);
const stuck = async () => (await sim.port('port-list?format=json&only=stuck')).text.includes(orderNo(1));
const status = async () => {
  const found = await sim.query(1);
  return [found.get('status'), found.get('customs_code')];
};

test('without a fault a late payment record releases the waiting list after two minutes', async () => {
  await listFirst();
  await sim.after(minute);
  await sim.declare(1);
  await sim.after(15_000 + 2 * minute - 1);
  expect(await stuck()).toBe(true);
  await sim.after(1);
  expect(await stuck()).toBe(false);
});

test('swallow_declaration: succ, no code, the port hears nothing; a re-push outside the rule heals', async () => {
  await listFirst();
  await fault('swallow_declaration', {}, { is_repush: false });
  expect((await sim.declare(1)).get('result_code')).toBe('SUCCESS');
  await sim.after(10 * minute);
  expect(await status()).toEqual(['succ', undefined]);
  expect(await stuck()).toBe(true);
  await sim.declare(1);
  await sim.after(10 * minute);
  expect(await status()).toEqual(['succ', '399']);
  expect(await stuck()).toBe(false);
});

test('no_effect_repush: a legal re-push is answered SUCCESS and nothing changes', async () => {
  await fault('swallow_declaration', {}, { is_repush: false });
  await fault('no_effect_repush', {}, { is_repush: true });
  const first = await sim.declare(1);
  await sim.after(10 * minute);
  const before = await sim.query(1);
  expect((await sim.declare(1)).text).toBe(first.text);
  await sim.after(10 * minute);
  expect((await sim.query(1)).text).toBe(before.text);
  expect((await sim.books(1)).attempts[1]).toMatchObject({ executed: false, why_not: 'fault no_effect_repush' });
});

test.each([
  ['stuck_ws', 'ws'],
  ['stuck_sending', 'sending'],
])('%s: the declaration stays %s', async (name, expected) => {
  await fault(name);
  await sim.declare(1);
  await sim.after(60 * minute);
  expect(await status()).toEqual([expected, undefined]);
});

test('forget_declaration: not found afterwards, and the same number declares again', async () => {
  await fault('forget_declaration', {}, {}, { times: 1 });
  await sim.declare(1);
  await sim.after(minute);
  expect((await sim.query(1)).get('not_found')).toBe(requestNo(1));
  await sim.declare(1);
  await sim.after(minute);
  expect(await status()).toEqual(['succ', '3']);
});

test.each([
  ['4', undefined, 'sending', true],
  ['100', '[Code:1327;Desc:订购人与支付人姓名或证件号码不一致]', 'sending', true],
  ['-401009', '参数校验失败', 'sending', true],
  ['-401007', '支付单已存在', 'succ', false],
  ['2', '新增申报成功', 'succ', false],
  ['399', '审结', 'succ', false],
])('receipt %s instead of the normal way', async (code, text, expected, stays) => {
  await listFirst();
  await fault('receipt', text === undefined ? { code } : { code, text });
  await sim.declare(1);
  await sim.after(20 * minute);
  expect(await status()).toEqual([expected, code]);
  if (text !== undefined) expect((await sim.query(1)).get('customs_info')).toBe(text);
  expect(await stuck()).toBe(stays);
});

test('port_loses_record: Alipay has code 2, the list still waits, a re-push heals', async () => {
  await listFirst();
  await fault('port_loses_record', {}, {}, { times: 1 });
  await sim.declare(1);
  await sim.after(20 * minute);
  expect(await status()).toEqual(['succ', '2']);
  expect(await stuck()).toBe(true);
  expect((await sim.books(1)).port.lost).toBe(true);
  await sim.control('lists', [list(1, start + 20 * minute)]);
  await sim.after(minute);
  expect(await stuck()).toBe(true);
  await sim.declare(1);
  await sim.after(20 * minute);
  expect([...(await status()), await stuck()]).toEqual(['succ', '399', false]);
});

test('receipt_after_hours: nothing for hours, then everything', async () => {
  await listFirst();
  await fault('receipt_after_hours', { hours: 3 });
  await sim.declare(1);
  await sim.after(179 * minute);
  expect([...(await status()), await stuck()]).toEqual(['succ', undefined, true]);
  await sim.after(20 * minute);
  expect([...(await status()), await stuck()]).toEqual(['succ', '399', false]);
});

test('other_place: registered elsewhere, codes come, the port here never hears', async () => {
  await listFirst();
  await fault('other_place', { place: 'HANGZHOU_ZONGSHU', customs_code: '3301WRONG1' });
  await sim.declare(1);
  await sim.after(20 * minute);
  const found = await sim.query(1);
  expect(found.get('customs_place')).toBe('hangzhou_zongshu');
  expect(found.get('merchant_customs_code')).toBe('3301WRONG1');
  expect([found.get('customs_code'), await stuck()]).toEqual(['399', true]);
  await sim.control('faults', undefined, 'DELETE');
  await sim.declare(1);
  await sim.after(20 * minute);
  expect([(await sim.query(1)).get('customs_place'), await stuck()]).toEqual(['zongshu', false]);
});

test('changes_pushed_no: a re-push answers another payment number, and the list keeps waiting for the old one', async () => {
  await listFirst();
  await fault('swallow_declaration', {}, { is_repush: false });
  await fault('changes_pushed_no', {}, { is_repush: true });
  await sim.declare(1);
  await sim.after(10 * minute);
  const again = await sim.declare(1);
  expect(again.get('trade_no')).not.toBe(tradeNo(1));
  await sim.after(20 * minute);
  expect((await sim.query(1)).get('trade_no')).toBe(again.get('trade_no'));
  expect([...(await status()), await stuck()]).toEqual(['succ', '399', true]);
});

test('identity_different: F for the right buyer', async () => {
  await fault('identity_different');
  expect((await sim.declare(1, { buyer_name: payer.name, buyer_id_no: payer.id_no })).get('identity_check')).toBe('F');
});

test.each([
  ['system_error_booked', true],
  ['system_error_not_booked', false],
])('%s: the answer is the same doubt either way', async (name, booked) => {
  await fault(name, {}, {}, { times: 1 });
  const answer = await sim.declare(1);
  expect([answer.get('is_success'), answer.get('error')]).toEqual(['F', 'SYSTEM_ERROR']);
  expect((await sim.query(1)).get('not_found')).toBe(booked ? undefined : requestNo(1));
});

test('business_error: any failure of the list can be had', async () => {
  await fault('business_error', { code: 'PAYER_CERT_INFO_ILLEGAL', text: '付款人实名信息不合法' });
  expect((await sim.declare(1)).get('detail_error_code')).toBe('PAYER_CERT_INFO_ILLEGAL');
  expect((await sim.query(1)).get('not_found')).toBe(requestNo(1));
});

test.each([
  ['book_then_hang', true],
  ['hang_before_booking', false],
])('%s: the connection ends when the simulated minute has passed', async (name, booked) => {
  await fault(name, {}, { operation: 'declare' });
  const pending = sim.declare(1).then(
    () => 'answered',
    () => 'cut',
  );
  await expect.poll(async () => (await sim.control('clock')).json.hanging).toBe(1);
  await sim.after(59_999);
  expect((await sim.control('clock')).json).toMatchObject({ hanging: 1, next_due_ms: start + minute });
  await sim.after(1);
  expect(await pending).toBe('cut');
  expect((await sim.control('clock')).json.hanging).toBe(0);
  expect((await sim.query(1)).get('not_found')).toBe(booked ? undefined : requestNo(1));
});

test('slow_ms: the answer waits for the simulated clock, the booking does not', async () => {
  await fault('slow_ms', { ms: 5_000 }, { operation: 'declare' });
  const pending = sim.declare(1);
  await expect.poll(async () => (await sim.query(1)).get('status')).toBe('ws');
  await sim.after(5_000);
  expect((await pending).get('result_code')).toBe('SUCCESS');
});

test('drop_connection_after_booking', async () => {
  await fault('drop_connection_after_booking', {}, { operation: 'declare' });
  await expect(sim.declare(1)).rejects.toThrow();
  expect((await sim.query(1)).get('status')).toBe('ws');
});

test('endless: bytes come until the peer closes', async () => {
  await fault('endless', {}, { operation: 'declare' });
  const response = await sim.raw(declareParams(1, {}));
  let size = 0;
  for await (const chunk of response.body!) if ((size += chunk.length) > 2_000_000) break;
  expect(size).toBeGreaterThan(2_000_000);
  expect((await sim.query(1)).get('status')).toBe('ws');
});

test.each([
  ['unknown_code', /<detail_error_code>CUSTOMS_GATE_MOVED</],
  ['html_instead', /^<!DOCTYPE html>.*系统繁忙/],
  ['entity_bomb', /<!ENTITY a9 "(&a8;){10}">/],
  ['extra_elements', /<added_in_a_later_version>1<.*<out_request_no>LS20151027_000001</],
  ['about_another', /<out_request_no>ANOTHER_REQUEST_0001</],
])('%s', async (name, expected) => {
  await fault(name, {}, { operation: 'declare' });
  expect((await sim.declare(1)).text).toMatch(expected);
  expect((await sim.query(1)).get('status')).toBe('ws');
});

test('http_500, and a fault that is told not to book', async () => {
  await fault('http_500', { book: false }, { operation: 'declare' });
  expect((await sim.raw(declareParams(1, {}))).status).toBe(500);
  expect((await sim.query(1)).get('not_found')).toBe(requestNo(1));
});

test('truncated: half a document', async () => {
  const whole = await sim.declare(1);
  await fault('truncated');
  const half = await sim.declare(1);
  expect(whole.text.startsWith(half.text)).toBe(true);
  expect(half.text.length).toBeLessThan(whole.text.length);
});

test('bad_signature: all the same but the signature', async () => {
  const good = await sim.declare(1);
  await fault('bad_signature');
  const bad = await sim.declare(1);
  expect(bad.get('sign')).not.toBe(good.get('sign'));
  expect(bad.text.replace(/<sign>.*/, '')).toBe(good.text.replace(/<sign>.*/, ''));
});

test('wrong_charset: says UTF-8 and sends GBK', async () => {
  await fault('wrong_charset');
  const bytes = Buffer.from(await (await sim.raw(declareParams(1, {}))).arrayBuffer());
  expect(bytes.toString('latin1')).toContain('encoding="utf-8"');
  expect(bytes.includes(Buffer.from('babcd6dd', 'hex'))).toBe(true);
});

test('missing_record and duplicate_record: a query answer leaves one out, or says one twice', async () => {
  await sim.declare(1);
  await sim.declare(2);
  await fault('missing_record', { request_no: requestNo(1) }, {}, { times: 1 });
  const missing = await sim.query(1, 2);
  expect([missing.get('not_found'), missing.text.match(/<customs_declare>/g)]).toEqual([
    undefined,
    ['<customs_declare>'],
  ]);
  expect(missing.get('out_request_no')).toBe(requestNo(2));
  await fault('duplicate_record');
  expect((await sim.query(1)).text.match(/<customs_declare>/g)).toHaveLength(2);
});

test('a rule counts: only the second of the calls that fit, or only so many', async () => {
  await fault('bad_signature', {}, { operation: 'query', request_nos: [requestNo(1)], nth: 2 });
  await sim.declare(1);
  const signs = [];
  for (const n of [1, 2, 1, 1]) signs.push((await sim.query(n)).get('sign'));
  expect(signs[2]).not.toBe(signs[0]);
  expect(signs[3]).toBe(signs[0]);
});

test('a rule reads the hour from the order number', async () => {
  const at = (hhmm: string, n: number) => ({ ...trade(n), out_trade_no: `20151027${hhmm}5110054444${n}` });
  await sim.control('trades', [at('1659', 1), at('1700', 2), at('2007', 3)]);
  await fault('swallow_declaration', {}, { order_hours: { date: '20151027', from: 17, to: 19 } });
  for (const n of [1, 2, 3]) await sim.declare(n);
  await sim.after(minute);
  const codes = [];
  for (const n of [1, 2, 3]) codes.push((await sim.query(n)).get('customs_code'));
  expect(codes).toEqual(['3', undefined, '3']);
});

test('rules are listed with their counts, replaced by id and removed by id', async () => {
  await fault('bad_signature', {}, {}, { id: 'mine' });
  await sim.call(queryParams(requestNo(1)));
  expect((await sim.control('faults')).json).toMatchObject([{ id: 'mine', seen: 1, played: 1 }]);
  await fault('http_500', {}, {}, { id: 'mine' });
  expect((await sim.control('faults')).json).toMatchObject([{ id: 'mine', fault: 'http_500', seen: 0 }]);
  expect((await sim.control('faults/mine', undefined, 'DELETE')).json).toEqual([]);
});
