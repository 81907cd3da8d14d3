import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appid, day, merchantInput, mchid, minute, second, vectors } from './wechat-merchant.ts';
import { part, partner, sealedName } from './wechat-sharing-books.ts';
import { isGenuine, opened, openWechatShop } from './wechat-shop.ts';
import type { WechatShop } from './wechat-shop.ts';

let shop: WechatShop;
let transactionId: string;
beforeEach(async () => {
  shop = await openWechatShop();
  await shop.order('ORDER-1', { settle_info: { profit_sharing: true } });
  await shop.control('pay', { out_trade_no: 'ORDER-1' });
  transactionId = (await shop.query('ORDER-1')).transaction_id;
});
afterEach(() => shop.close());

const root = '/v3/profitsharing';
const named = { headers: { 'wechatpay-serial': vectors.public_key_id } };
const add = () =>
  shop.v3(
    'POST',
    `${root}/receivers/add`,
    { appid, type: 'MERCHANT_ID', account: partner, name: sealedName('某公司'), relation_type: 'PARTNER' },
    named,
  );
const share = (no: string, more: object = {}) => {
  const numbers = { transaction_id: transactionId, out_order_no: no };
  return shop.v3('POST', `${root}/orders`, { ...numbers, receivers: [part(1_000)], unfreeze_unsplit: false, ...more });
};
const ask = (path: string) => shop.v3('GET', `${root}/${path}`);
const giveBack = (no: string) => {
  const numbers = { out_order_no: 'S1', out_return_no: no, return_mchid: partner };
  return shop.v3('POST', `${root}/return-orders`, { ...numbers, amount: 400, description: 'back' });
};
const shared = async () => {
  await add();
  await shop.later(minute);
  await share('S1');
  await shop.later(2 * second);
};

describe('the doors of profit sharing', () => {
  test('all of them answer, signed', async () => {
    const answers = [await add()];
    await shop.later(minute);
    answers.push(await share('S1'));
    await shop.later(2 * second);
    answers.push(await ask(`orders/S1?transaction_id=${transactionId}`));
    answers.push(await ask(`transactions/${transactionId}/amounts`));
    answers.push(await giveBack('B1'));
    answers.push(await ask('return-orders/B1?out_order_no=S1'));
    const rest = { transaction_id: transactionId, out_order_no: 'U1', description: 'the rest' };
    answers.push(await shop.v3('POST', `${root}/orders/unfreeze`, rest));
    const gone = { appid, type: 'MERCHANT_ID', account: partner };
    answers.push(await shop.v3('POST', `${root}/receivers/delete`, gone));
    expect(answers.map(({ status, headers, text }) => [status, isGenuine(headers, text)])).toEqual(
      answers.map(() => [200, true]),
    );
    // The fee on 123.45 is 0.74.
    expect(JSON.parse(answers[3]!.text)).toEqual({
      transaction_id: transactionId,
      unsplit_amount: 12_345 - 74 - 1_000,
    });
    const wrong = [await ask('orders/S9'), await shop.v3('POST', `${root}/bills`, {}), await ask('receivers/add')];
    expect(wrong.map(({ status }) => status)).toEqual([400, 405, 405]);
  });

  test('answers that prove nothing, with and without a request behind them', async () => {
    await shop.later(minute);
    const fault = (name: string, no: string) => shop.control('faults', { fault: name, match: { out_order_nos: [no] } });
    await fault('unsigned', 'S1');
    await fault('about_another', 'S2');
    await fault('hang_before_booking', 'S3');
    await fault('http_500', 'S4');
    const unsigned = await share('S1');
    expect([unsigned.status, isGenuine(unsigned.headers, unsigned.text)]).toEqual([200, false]);
    const other = await share('S2');
    expect(JSON.parse(other.text)).toMatchObject({ out_order_no: 'ANOTHER-ORDER-0001' });
    const hanging = share('S3').catch(() => 'hung');
    while ((await shop.control('clock')).hanging === 0) continue;
    await shop.later(minute);
    expect([await hanging, (await share('S4')).status]).toEqual(['hung', 500]);
    const { shares } = await shop.books();
    expect(shares.map((one: { share_no: string }) => one.share_no)).toEqual(['S1', 'S2', 'S4']);
  });

  test('a fault that nobody knows is answered with the list of those that exist', async () => {
    const { error } = await shop.control('faults', { fault: 'share_explodes' });
    for (const name of ['share_receiver_closed', 'share_stays_processing', 'share_return_fails'])
      expect(error).toContain(name);
  });

  test('a restart finds everything as it was', async () => {
    await shared();
    await giveBack('B1');
    await share('S2', { unfreeze_unsplit: true });
    const page = (await shop.send('GET', '/', {}, '')).text;
    expect(page).toContain(`<td>S1</td><td>ORDER-1</td><td>${partner} ¥ 10.00 SUCCESS </td><td>B1 ¥ 4.00 SUCCESS</td>`);
    const before = await shop.books();
    await shop.restart();
    expect(await shop.books()).toEqual(before);
    await shop.later(2 * second);
    expect((await shop.books()).orders[0].hold).toMatchObject({ held_fen: 0, pending_fen: 0, shared_fen: 2_000 });
  });
});

test('the callback has a payment’s name and another type inside, and is sealed for the receiver', async () => {
  await shop.control('merchants', { ...merchantInput, mchid: partner, appids: [] });
  await shop.control('receivers', { account: partner, notify_url: shop.notifyUrl });
  await shop.later(second);
  await shared();
  const before = shop.heard.length;
  await shop.later(second);
  const heard = shop.heard[before]!;
  const letter = JSON.parse(heard.body);
  expect(isGenuine(heard.headers, heard.body)).toBe(true);
  expect([letter.event_type, letter.resource.original_type]).toEqual(['TRANSACTION.SUCCESS', 'profitsharing']);
  expect(JSON.parse(opened(letter.resource))).toMatchObject({ mchid, out_order_no: 'S1', receiver: { amount: 1_000 } });
  await shop.control('settings', { share_event: 'PROFITSHARING' });
  await giveBack('B1');
  await shop.later(second);
  expect(JSON.parse(shop.heard.at(-1)!.body)).toMatchObject({ event_type: 'PROFITSHARING_RETURN' });
});

describe('bills', () => {
  const file = async (path: string) => {
    const asked = JSON.parse((await shop.v3('GET', path)).text);
    const { pathname, search } = new URL(asked.download_url);
    const { body } = await shop.v3('GET', `${pathname}${search}`);
    const bytes = path.includes('GZIP') ? gunzipSync(body) : body;
    expect(createHash('sha1').update(bytes).digest('hex')).toBe(asked.hash_value);
    return bytes.toString().split('\r\n');
  };

  test('the sharing bill has what was paid and what came back, and nothing that was closed', async () => {
    await shared();
    await giveBack('B1');
    await share('S2', { receivers: [part(5, '1900000110')], unfreeze_unsplit: true });
    await shop.later(day);
    const [names = '', first = '', second = '', , sums] = await file(
      `${root}/bills?bill_date=2026-12-02&tar_type=GZIP`,
    );
    expect(names.startsWith('\ufeff分账时间,')).toBe(true);
    const cells = (line: string) => line.slice(1).split(',`');
    expect(cells(first)).toEqual(expect.arrayContaining([transactionId, 'S1', '123.45', partner, '10.00', '分账']));
    expect(cells(second)).toEqual(expect.arrayContaining([transactionId, 'B1', partner, '4.00', '分账回退']));
    expect(sums).toBe('`2,`10.00,`4.00');
    expect((await ask('bills?bill_date=2026-12-01')).text).toContain('NO_STATEMENT_EXIST');
  });

  test('the fund-flow bill names the receiver’s part, and the return', async () => {
    await shared();
    await giveBack('B1');
    const [share1] = (await shop.books()).shares;
    await shop.later(day);
    const lines = await file('/v3/bill/fundflowbill?bill_date=2026-12-02&account_type=BASIC');
    const sharing = lines.filter((line) => line.includes('`分账,`')).map((line) => line.slice(1).split(',`'));
    expect(sharing.map((cells) => [cells[4], cells[5], cells[6], cells.at(-1)])).toEqual([
      ['分账', '支出', '10.00', share1.parts[0].channel_part_no],
      ['分账回退', '收入', '4.00', share1.returns[0].channel_no],
    ]);
  });
});
