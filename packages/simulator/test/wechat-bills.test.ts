import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tradeBill } from '../src/wechat/bills.ts';
import type { BillLine } from '../src/wechat/bills.ts';
import { appid, hour, mchid, merchantInput, minute, noon, openid, vectors } from './wechat-merchant.ts';
import { openWechatShop, v2Signed } from './wechat-shop.ts';
import type { WechatShop } from './wechat-shop.ts';

const line: BillLine = {
  kind: 'payment',
  time: '2026-12-01 09:59:58',
  appid,
  mchid,
  subMchid: undefined,
  transactionId: '4200009999202612010000000001',
  outTradeNo: 'LS20261201-0001',
  openid,
  product: 'JSAPI',
  bankType: 'OTHERS',
  amountFen: 12_345,
  description: '流水测试商品',
  attach: '',
  feeFen: 74,
  feePpm: 6_000,
  refund: undefined,
};
const refund = { id: '50300009992026120100000000001', outNo: 'LSRF20261201-0001', status: 'SUCCESS', doneAt: '' };
const refundLine: BillLine = {
  ...line,
  kind: 'refund',
  time: '2026-12-01 15:20:10',
  amountFen: 345,
  feeFen: -2,
  refund,
};

describe('the file', () => {
  test('of the vector is written byte for byte', () => {
    const bytes = tradeBill('ALL', [line, refundLine], 5);
    expect(bytes.toString()).toBe(gunzipSync(Buffer.from(vectors.bill.gzip_base64, 'base64')).toString());
    expect(createHash('sha1').update(bytes).digest('hex')).toBe(vectors.bill.sha1);
  });

  test.each([
    ['ALL', 27, 7],
    ['SUCCESS', 20, 4],
    ['REFUND', 29, 7],
  ] as const)('%s has %i columns and %i sums', (type, columns, sums) => {
    const [names = '', , sumNames = ''] = tradeBill(type, [line], 2).toString().split('\r\n');
    expect([names.split(',').length, sumNames.split(',').length]).toEqual([columns, sums]);
  });

  test('texts are escaped, in refunds otherwise than in orders; fees have the decimals that are asked', () => {
    const odd = { ...line, description: 'a,b"c\\d\ne`f\'g', attach: '\ue000' };
    const [, first = '', second = ''] = tradeBill('ALL', [odd, { ...refundLine, description: odd.description }], 2)
      .toString()
      .split('\r\n');
    expect(first).toContain(',`a\\ b\\"c\\\\d\\ne\\`f\\\'g,`\\ ,`0.74,`0.60%,');
    expect(second).toContain(',`a\\ b\\"c\\\\d\\ne\\140f\'g,`,`-0.02,`0.60%,');
  });
});

describe('asking for it', () => {
  let shop: WechatShop;
  beforeEach(async () => {
    shop = await openWechatShop();
    await shop.order('ORDER-1');
    await shop.control('pay', { out_trade_no: 'ORDER-1' });
    const amount = { refund: 345, total: 12_345, currency: 'CNY' };
    await shop.v3('POST', '/v3/refund/domestic/refunds', { out_trade_no: 'ORDER-1', out_refund_no: 'R1', amount });
    // Nine in the morning of the next day.
    await shop.later(21 * hour);
  });
  afterEach(() => shop.close());

  const ask = async (more = '', kind = 'tradebill', date = '2026-12-02') => {
    const { status, text } = await shop.v3('GET', `/v3/bill/${kind}?bill_date=${date}${more}`);
    return { status, ...JSON.parse(text) };
  };
  const download = (url: string) => shop.v3('GET', url.slice(url.indexOf('/v3/')));
  const rows = (text: string) =>
    text
      .split('\r\n')
      .slice(1, -3)
      .map((row) => row.slice(1).split(',`'));

  test('the digest fits the text, packed or not, and the file is not signed', async () => {
    for (const more of ['', '&tar_type=GZIP']) {
      const { hash_type: kind, hash_value: digest, download_url: url } = await ask(more);
      const { body, headers } = await download(url);
      const text = more === '' ? body : gunzipSync(body);
      expect([kind, createHash('sha1').update(text).digest('hex')]).toEqual(['SHA1', digest]);
      expect(headers['wechatpay-signature']).toBeUndefined();
      expect(rows(text.toString()).map((row) => [row[9], row[12], row[16], row[19], row[22]])).toEqual([
        ['SUCCESS', '123.45', '0.00', '', '0.74000'],
        ['REFUND', '0.00', '3.45', 'SUCCESS', '-0.02000'],
      ]);
    }
  });

  test('the fund flow ties to the balance, fees apart', async () => {
    const { download_url: url } = await ask('&account_type=BASIC', 'fundflowbill');
    const { text } = await download(url);
    expect(rows(text).map((row) => [row[4], row[5], row[6], row[7]])).toEqual([
      ['交易', '收入', '123.45', '1000123.45'],
      ['扣除交易手续费', '支出', '0.74', '1000122.71'],
      ['退款', '支出', '3.45', '1000119.26'],
      ['退还交易手续费', '收入', '0.02', '1000119.28'],
    ]);
    expect(text.split('\r\n').at(-2)).toBe('`4.0,`2.0,`123.47,`2.0,`4.19');
    expect((await ask('&account_type=FEES', 'fundflowbill')).code).toBe('NO_STATEMENT_EXIST');
  });

  test('not before nine, not of a day without trade, not of today, not after three months', async () => {
    expect((await ask('', 'tradebill', '2026-12-01')).code).toBe('NO_STATEMENT_EXIST');
    expect((await ask('', 'tradebill', '2026-12-03')).code).toBe('PARAM_ERROR');
    expect((await ask('&bill_type=OTHER')).code).toBe('PARAM_ERROR');
    await shop.control('settings', { bill_ready_ms: 10 * hour });
    expect(await ask()).toMatchObject({ status: 400, code: 'STATEMENT_CREATING' });
    await shop.later(93 * 24 * hour);
    expect((await ask()).code).toBe('INVALID_REQUEST');
  });

  test('an address lives five minutes', async () => {
    const { download_url: url } = await ask();
    await shop.later(5 * minute);
    expect((await download(url)).status).toBe(200);
    await shop.later(1);
    expect((await download(url)).status).toBe(400);
    expect((await download(url.replace(/token=\w+/, 'token=0'))).status).toBe(404);
  });

  test('only who asked may fetch it', async () => {
    const { download_url: url } = await ask();
    await shop.control('merchants', { ...merchantInput, mchid: '1800000043' });
    const answer = await shop.v3('GET', url.slice(url.indexOf('/v3/')), undefined, { mchid: '1800000043' });
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, 'NO_AUTH']);
  });

  test('faults: late, empty, a wrong digest, a dead address, a line missing, a line twice', async () => {
    const play = async (fault: string) => {
      await shop.control('faults', undefined, 'DELETE');
      await shop.control('faults', { fault });
      return ask();
    };
    const lines = async (url: string) => rows((await download(url)).text).map((row) => row[9]);
    expect((await play('statement_late')).code).toBe('STATEMENT_CREATING');
    expect((await play('statement_empty')).code).toBe('NO_STATEMENT_EXIST');
    const wrong = await play('statement_wrong_hash');
    expect(
      createHash('sha1')
        .update((await download(wrong.download_url)).body)
        .digest('hex'),
    ).not.toBe(wrong.hash_value);
    expect((await download((await play('statement_url_expired')).download_url)).status).toBe(400);
    expect(await lines((await play('statement_line_missing')).download_url)).toEqual(['REFUND']);
    expect(await lines((await play('settle_again')).download_url)).toEqual(['SUCCESS', 'SUCCESS', 'REFUND']);
  });

  test('v2 sends the file itself, or its two words', async () => {
    const { text } = await shop.send('POST', '/pay/downloadbill', {}, billRequest('20261202'));
    expect(rows(text)).toHaveLength(2);
    const none = await shop.send('POST', '/pay/downloadbill', {}, billRequest('20261201'));
    expect(none.text).toContain('No Bill Exist');
  });

  test('in the old flow a refund from the balance is in a bill of its own', async () => {
    await shop.close();
    shop = await openWechatShop({ fund_flow: 'old' }, noon);
    await shop.order('ORDER-1');
    await shop.control('pay', { out_trade_no: 'ORDER-1' });
    const terms = { out_trade_no: 'ORDER-1', out_refund_no: 'R1', funds_account: 'AVAILABLE' };
    const amount = { refund: 345, total: 12_345, currency: 'CNY' };
    await shop.v3('POST', '/v3/refund/domestic/refunds', { ...terms, amount });
    await shop.later(21 * hour);
    const states = async (type: string) =>
      rows((await download((await ask(`&bill_type=${type}`)).download_url)).text).map((row) => row[9]);
    expect([await states('ALL'), await states('RECHARGE_REFUND')]).toEqual([['SUCCESS'], ['REFUND']]);
    expect((await ask('&bill_type=REFUND')).code).toBe('NO_STATEMENT_EXIST');
  });
});

function billRequest(date: string): string {
  return v2Signed({ bill_date: date, bill_type: 'ALL' });
}
