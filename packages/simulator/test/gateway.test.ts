import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  declareParams,
  list,
  md5Key,
  minute,
  orderNo,
  partner,
  pastDeclaration,
  payer,
  play,
  queryParams,
  requestNo,
  start,
  trade,
  tradeNo,
} from './player.ts';

let sim: Awaited<ReturnType<typeof play>>;
beforeEach(async () => {
  sim = await play();
  await sim.open(12);
});
afterEach(async () => {
  await sim.close();
  sim.remove();
});

test('a declaration goes through ws, sending and succ, and customs answers 2, 3 and 399', async () => {
  const answer = await sim.declare(1);
  expect(answer.get('result_code')).toBe('SUCCESS');
  expect(answer.get('trade_no')).toBe(tradeNo(1));
  expect(answer.get('alipay_declare_no')).not.toBe(tradeNo(1));
  const seen = [];
  for (const ms of [0, 2_000, 13_000, 20_000, 565_000]) {
    await sim.after(ms);
    const found = await sim.query(1);
    seen.push([
      found.get('status'),
      found.get('customs_code'),
      found.get('last_modified_time'),
      found.get('customs_return_time'),
    ]);
  }
  expect(seen).toEqual([
    ['ws', undefined, '2015-10-27 12:00:00', undefined],
    ['sending', undefined, '2015-10-27 12:00:02', undefined],
    ['succ', '2', '2015-10-27 12:00:15', '20151027120015'],
    ['succ', '3', '2015-10-27 12:00:35', '20151027120035'],
    ['succ', '399', '2015-10-27 12:10:00', '20151027121000'],
  ]);
});

test('the trap: an unchanged re-push before five minutes answers the same and changes nothing at all', async () => {
  const first = await sim.declare(1);
  await sim.after(4 * minute);
  const before = await sim.query(1);
  expect((await sim.declare(1)).text).toBe(first.text);
  await sim.after(30_000);
  expect((await sim.query(1)).text).toBe(before.text);
  const books = await sim.books(1);
  expect(books.attempts.map((attempt: { executed: boolean }) => attempt.executed)).toEqual([true, false]);
  expect(books.attempts[1].why_not).toContain('240 s');
});

test('a re-push after five minutes is executed: modified time and receipt are new, identity is not said again', async () => {
  const buyer = { buyer_name: payer.name, buyer_id_no: payer.id_no };
  expect((await sim.declare(1, buyer)).get('identity_check')).toBe('T');
  await sim.after(5 * minute);
  const before = await sim.query(1);
  const again = await sim.declare(1, buyer);
  expect([again.get('result_code'), again.get('identity_check')]).toEqual(['SUCCESS', undefined]);
  await sim.after(15_000);
  const now = await sim.query(1);
  expect([now.get('last_modified_time'), now.get('customs_code')]).toEqual(['2015-10-27 12:05:15', '2']);
  expect(now.get('customs_info')).toMatch(/^变更申报成功\[.{36}\]$/);
  expect(now.get('customs_info')).not.toBe(before.get('customs_info'));
});

test('an executed re-push that lowers the amount replaces it, one that is too early is refused', async () => {
  await sim.declare(1);
  expect((await sim.declare(1, { amount: '150.00' })).get('detail_error_code')).toBe('CONTEXT_INCONSISTENT');
  await sim.after(5 * minute);
  expect((await sim.declare(1, { amount: '150.00' })).get('result_code')).toBe('SUCCESS');
  expect((await sim.query(1)).get('amount')).toBe('150.00');
});

test('a buyer who is not the payer is told apart, and without buyer data nothing is said', async () => {
  expect((await sim.declare(1, { buyer_name: '测试乙', buyer_id_no: payer.id_no })).get('identity_check')).toBe('F');
  expect((await sim.declare(2)).get('identity_check')).toBeUndefined();
});

test('a split declaration is sent under a new number that equals the declaration number', async () => {
  const answer = await sim.declare(1, { is_split: 'T', sub_out_biz_no: 'CHILD-1', amount: '99.00' });
  expect(answer.get('trade_no')).toBe(answer.get('alipay_declare_no'));
  await sim.after(minute);
  const found = await sim.query(1);
  expect([found.get('is_split'), found.get('sub_out_biz_no'), found.get('trade_no')]).toEqual([
    'T',
    'CHILD-1',
    answer.get('trade_no'),
  ]);
  expect((await sim.books(1)).order_no).toBe('CHILD-1');
});

test('a query names what it did not find, and one bad number fails the whole batch', async () => {
  await sim.declare(1);
  const found = await sim.query(1, 2);
  expect([found.get('not_found'), found.get('out_request_no')]).toEqual([requestNo(2), requestNo(1)]);
  expect((await sim.call(queryParams(`${requestNo(1)},`))).get('detail_error_code')).toBe('INVALID_PARAMETER');
  const eleven = Array.from({ length: 11 }, (_, i) => requestNo(i)).join(',');
  expect((await sim.call(queryParams(eleven))).get('detail_error_code')).toBe('MAX_OUT_REQUEST_NO_EXCEEDED');
});

test('a place without receipts shows no customs code; words can be switched on', async () => {
  await sim.declare(1, { customs_place: 'NINGBO' });
  await sim.after(minute);
  expect((await sim.query(1)).text).toMatch(/<customs_place>ningbo<.*<status>succ<(?!.*customs_code)/);
  await sim.control('settings', { places: { NINGBO: { codes: 'words' } } });
  expect((await sim.query(1)).text).toMatch(/<customs_code>succ<(?!.*customs_return_time)/);
});

test('a refused call is not signed and not booked', async () => {
  const response = await sim.raw({ ...declareParams(1, {}), partner: '2088000000000000' });
  expect(await response.text()).toMatch(/<is_success>F<.*<error>ILLEGAL_PARTNER<(?!.*<sign>)/);
  expect(await sim.books(1)).toBeUndefined();
});

test.each([
  ['A', (inner: string) => `&records=${inner}`],
  ['B', () => ''],
  ['C', () => '&records='],
])('a query answer is signed by reading %s', async (reading, records) => {
  await sim.control('settings', { signing_reading: reading });
  await sim.declare(1);
  const { text, get } = await sim.query(1, 2);
  const inner = /<records>(.*)<\/records>/.exec(text)![1]!;
  const signed = `not_found=${requestNo(2)}${records(inner)}&result_code=SUCCESS${md5Key}`;
  expect(get('sign')).toBe(createHash('md5').update(signed).digest('hex'));
});

test('the switch none leaves query answers unsigned, declare answers stay signed', async () => {
  await sim.control('settings', { signing_reading: 'none' });
  expect((await sim.declare(1)).get('sign')).toHaveLength(32);
  expect((await sim.query(1)).text).not.toContain('<sign');
});

test('answers can be GBK, declared and signed as such', async () => {
  await sim.control('settings', { answer_charset: 'gbk' });
  const bytes = Buffer.from(await (await sim.raw(declareParams(9, { amount: 'x' }))).arrayBuffer());
  const text = new TextDecoder('gbk').decode(bytes);
  expect(text).toMatch(/^<\?xml version="1.0" encoding="GBK"\?>.*<detail_error_des>参数错误: amount</);
  const signed = Buffer.from('64657461696c5f6572726f725f636f64653d494e56414c49445f504152414d45544552', 'hex');
  const gbk = Buffer.concat([
    signed,
    Buffer.from('&detail_error_des='),
    Buffer.from([0xb2, 0xce, 0xca, 0xfd, 0xb4, 0xed, 0xce, 0xf3]),
    Buffer.from(`: amount&result_code=FAIL${md5Key}`),
  ]);
  expect(/<sign>(\w+)</.exec(text)![1]).toBe(createHash('md5').update(gbk).digest('hex'));
});

test('a past history runs through the same rules, in order of time, and later moments wait for the clock', async () => {
  const declarations = [
    { ...pastDeclaration(1, start - 20 * minute), pushes_at_ms: [start - 18 * minute, start - 10 * minute] },
    pastDeclaration(2, start + minute),
    { ...pastDeclaration(3, start - minute), amount: '200.00' },
  ];
  const { json } = await sim.control('declarations', declarations);
  expect(json.calls).toEqual({ later: 1, SUCCESS: 2, 'SUCCESS, not executed': 1, REQUEST_AMOUNT_EXCEED: 1 });
  expect((await sim.query(1, 2)).get('not_found')).toBe(requestNo(2));
  expect((await sim.query(1)).get('last_modified_time')).toBe('2015-10-27 12:00:00');
  await sim.after(minute);
  expect((await sim.query(2)).get('status')).toBe('ws');
});

test('the clock stands still, moves by header or door, and never back', async () => {
  const header = { 'x-sandbox-at': String(start + minute) };
  await fetch(`${sim.alipayUrl}/books`, { headers: header });
  expect((await sim.control('clock')).json).toEqual({ now_ms: start + minute, next_due_ms: null, hanging: 0 });
  expect((await sim.control('clock', { now_ms: start })).json.now_ms).toBe(start + minute);
  await sim.declare(1);
  expect((await sim.control('clock')).json.next_due_ms).toBe(start + minute + 2_000);
});

test('a running clock follows real time from the last set moment', async () => {
  let real = 1_000;
  const other = await play({ clock: 'running', realNow: () => real });
  real += 500;
  expect((await other.control('clock')).json.now_ms).toBe(start + 500);
  await other.control('clock', { now_ms: start + minute });
  real += 2;
  expect((await other.control('clock')).json.now_ms).toBe(start + minute + 2);
  await other.close();
  other.remove();
});

test('a mistake at a control door is named and nothing of the call is kept', async () => {
  const trades = [trade(50), { ...trade(51), amount: 'a lot' }];
  expect(await sim.control('trades', trades)).toEqual({
    code: 400,
    json: { error: expect.stringContaining('amount') },
  });
  expect((await sim.declare(50)).get('detail_error_code')).toBe('TRADE_NOT_EXIST');
  expect((await sim.control('faults', { fault: 'bad_signature', match: { plase: 'ZONGSHU' } })).json.error).toContain(
    'plase',
  );
  expect((await sim.control('partners', { partner, sign_types: ['RSA'], md5_key: 'x' })).code).toBe(400);
  expect((await sim.control('nowhere', {})).code).toBe(404);
});

test('reset forgets everything and may set the clock back', async () => {
  await sim.declare(1);
  await sim.control('reset', { now_ms: start - minute });
  expect((await sim.control('clock')).json).toEqual({ now_ms: start - minute, next_due_ms: null, hanging: 0 });
  expect((await sim.declare(1)).get('error')).toBe('ILLEGAL_PARTNER');
});

test('both pages show the books without anything from outside', async () => {
  await sim.declare(1);
  await sim.control('lists', [list(1, start)]);
  for (const [url, wanted] of [
    [sim.alipayUrl, requestNo(1)],
    [sim.portUrl, orderNo(1)],
  ] as const) {
    const html = await (await fetch(url)).text();
    expect(html).toContain(wanted);
    expect(html).not.toMatch(/(src|href)=|@import|url\(/);
  }
});
