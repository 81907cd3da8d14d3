import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { Agenda } from '../../agenda.ts';
import { spacedTime } from '../../shanghai.ts';
import { OpenApiBooks } from './books.ts';
import { initialOpenApiSettings } from './settings.ts';
import type { OpenApiSettings } from './settings.ts';

const { keys } = JSON.parse(readFileSync(new URL('../../../fixtures/openapi-vectors.json', import.meta.url), 'utf8'));
const start = Date.UTC(2026, 0, 2, 4);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const sellerId = '2088101568338364';

let agenda: Agenda;
let books: OpenApiBooks;
let now: number;
let settings: OpenApiSettings;
beforeEach(() => openBooks({}));

function openBooks(contract: object): void {
  agenda = new Agenda();
  settings = initialOpenApiSettings;
  now = start;
  books = new OpenApiBooks(agenda, () => settings);
  const app = {
    app_id: '2021000000000001',
    seller_id: sellerId,
    alipay_private_key_pem: keys.alipay_private_pkcs8,
    merchant_public_key_pem: keys.app_public,
    ...contract,
  };
  books.control('apps', app, now);
}

function after(ms: number): void {
  now += ms;
  agenda.runUntil(now);
}

const terms = { out_trade_no: 'T1', total_amount: '100.00', subject: 'milk' };
const products: Record<string, object> = {
  'page.pay': { product_code: 'FAST_INSTANT_TRADE_PAY' },
  'wap.pay': { product_code: 'QUICK_WAP_WAY' },
  'app.pay': { product_code: 'QUICK_MSECURITY_PAY' },
  create: { buyer_id: '2088102122524333' },
  pay: { auth_code: '280000000000000001' },
};

function call(method: string, biz: object = {}): string {
  return said(method, biz).word;
}
function said(method: string, biz: object) {
  const outcome = books.call(
    {
      appId: '2021000000000001',
      method: `alipay.trade.${method}`,
      biz: { ...biz },
      charset: 'UTF-8',
      signType: 'RSA2',
      notifyUrl: 'http://127.0.0.1:1/notify',
    },
    now,
  );
  agenda.runUntil(now);
  const { code, subCode, fields } = outcome.result;
  return { word: subCode?.replace('ACQ.', '') ?? code, fields: fields ?? {} };
}
const ask = (method: string, changes: object = {}) => call(method, { ...terms, ...products[method], ...changes });
const status = () => said('query', { out_trade_no: 'T1' }).fields['trade_status'] ?? 'none';
const act = (verb: 'open' | 'pay', input: object = { out_trade_no: 'T1' }) => {
  const outcome = books.control(verb, input, now)?.answer as { refused: string | null };
  agenda.runUntil(now);
  return outcome.refused ?? 'done';
};
const refund = (no: string, amount: string, more: object = {}) =>
  said('refund', { out_trade_no: 'T1', out_request_no: no, refund_amount: amount, ...more });

describe('when a trade is born', () => {
  const table = `
    page.pay   none            WAIT_BUYER_PAY
    wap.pay    none            WAIT_BUYER_PAY
    app.pay    none            WAIT_BUYER_PAY
    precreate  none            WAIT_BUYER_PAY
    create     WAIT_BUYER_PAY  WAIT_BUYER_PAY
    pay        TRADE_SUCCESS   TRADE_SUCCESS
  `;
  test.each(
    table
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)),
  )('%s: %s after the call, %s after the payer has opened it', (method = '', called, opened) => {
    expect(ask(method)).toBe('10000');
    expect(status()).toBe(called);
    if (called === 'none') expect(call('close', { out_trade_no: 'T1' })).toBe('TRADE_NOT_EXIST');
    act('open');
    expect(status()).toBe(opened);
  });
});

describe('what a number means already', () => {
  const table = `
    unborn    same    10000
    unborn    other   10000
    waiting   same    10000
    waiting   other   CONTEXT_INCONSISTENT
    paid      same    TRADE_HAS_SUCCESS
    paid      other   TRADE_HAS_SUCCESS
    closed    same    TRADE_HAS_CLOSE
    refunded  same    TRADE_HAS_CLOSE
    finished  same    TRADE_HAS_SUCCESS
  `;
  const cases = table
    .trim()
    .split('\n')
    .flatMap((line) =>
      ['page.pay', 'app.pay', 'precreate', 'create'].map((method) => [method, ...line.trim().split(/\s+/)]),
    );
  test.each(cases)('%s on a number that is %s, with %s terms: %s', (method = '', state, sameness, answer = '') => {
    ask('page.pay');
    if (state !== 'unborn') act(state === 'waiting' || state === 'closed' ? 'open' : 'pay');
    if (state === 'closed') call('close', { out_trade_no: 'T1' });
    if (state === 'refunded') refund('R1', '100.00');
    if (state === 'finished') after(366 * day);
    expect(ask(method, sameness === 'other' ? { total_amount: '99.00' } : {})).toBe(answer);
  });
  test('the cashier that is opened first decides; one with other terms is turned away', () => {
    ask('page.pay');
    ask('page.pay', { total_amount: '99.00' });
    expect(act('open', { code: 'page00000002' })).toBe('done');
    expect(act('pay', { code: 'page00000001' })).toBe('CONTEXT_INCONSISTENT');
    expect(act('pay', { code: 'page00000002' })).toBe('done');
    expect(said('query', { out_trade_no: 'T1' }).fields['total_amount']).toBe('99.00');
    expect(act('pay', { code: 'page00000002' })).toBe('TRADE_HAS_SUCCESS');
  });
  test('with terms_bind at_request the first request decides', () => {
    settings = { ...settings, terms_bind: 'at_request' };
    ask('page.pay');
    expect(ask('precreate', { total_amount: '99.00' })).toBe('CONTEXT_INCONSISTENT');
  });
});

describe('fields', () => {
  test.each([
    ['page.pay', { out_trade_no: 'T-1' }],
    ['page.pay', { total_amount: '0.00' }],
    ['page.pay', { total_amount: '1.001' }],
    ['page.pay', { total_amount: '100000000.01' }],
    ['page.pay', { subject: 'a&b' }],
    ['page.pay', { subject: undefined }],
    ['page.pay', { product_code: 'FACE_TO_FACE_PAYMENT' }],
    ['page.pay', { time_expire: '2026-01-17 12:00:01' }],
    ['page.pay', { timeout_express: '1.5h' }],
    ['page.pay', { timeout_express: '16d' }],
    ['create', { buyer_id: undefined }],
  ])('%s with %j is an invalid parameter', (method, changes) => {
    expect(ask(method, changes)).toBe('INVALID_PARAMETER');
  });
  test.each([['1234'], ['310000000000000001'], ['28000000000000000x']])('%s is no payer’s code', (authCode) => {
    expect(ask('pay', { auth_code: authCode })).toBe('PAYMENT_AUTH_CODE_INVALID');
  });
});

describe('deadlines', () => {
  const table = `
    page.pay   time_expire=2026-01-02_12:30:00  30
    page.pay   timeout_express=90m              90
    page.pay   timeout_express=1c               720
    page.pay   -                                21600
    precreate  -                                180
    create     timeout_express=2h               120
    wap.pay    timeout_express=3m               5
  `;
  test.each(
    table
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/)),
  )('%s with %s, opened at once, can be paid for %s minutes', (method = '', setting = '', minutes) => {
    const [key = '', value = ''] = setting.split('=');
    ask(method, setting === '-' ? {} : { [key]: value.replace('_', ' ') });
    act('open');
    after(Number(minutes) * minute - 1);
    expect(status()).toBe('WAIT_BUYER_PAY');
    after(1);
    expect(status()).toBe('TRADE_CLOSED');
    expect(act('pay')).toBe('TRADE_HAS_CLOSE');
  });
  test('a code dies after two hours whatever was set, a scanned one lives to its deadline', () => {
    ask('precreate', { time_expire: '2026-01-03 12:00:00' });
    ask('precreate', { out_trade_no: 'T2', time_expire: '2026-01-03 12:00:00' });
    act('open', { out_trade_no: 'T2' });
    after(2 * hour);
    expect(act('open')).toBe('CODE_EXPIRED');
    expect(act('pay', { out_trade_no: 'T2' })).toBe('done');
  });
  test('on a phone the length counts from the payer’s confirmation, on a page from the first request', () => {
    ask('wap.pay', { timeout_express: '15m' });
    ask('page.pay', { out_trade_no: 'T2', timeout_express: '15m' });
    after(10 * minute);
    ask('page.pay', { out_trade_no: 'T2', timeout_express: '15m' });
    after(5 * minute);
    expect(act('open', { out_trade_no: 'T2' })).toBe('NOW_TIME_AFTER_EXPIRE_TIME_ERROR');
    after(45 * minute);
    expect(act('open')).toBe('done');
    after(14 * minute);
    expect(act('pay')).toBe('done');
  });
  test('a deadline of the past is refused', () => {
    expect(ask('page.pay', { time_expire: spacedTime(start) })).toBe('NOW_TIME_AFTER_EXPIRE_TIME_ERROR');
  });
});

describe('refunds', () => {
  const paid = () => {
    ask('page.pay');
    act('pay');
  };
  test('the same number and amount moves money once, another amount is discordant, a new number is a new refund', () => {
    paid();
    expect(refund('R1', '30.00').fields).toMatchObject({ fund_change: 'Y', refund_fee: '30.00' });
    expect(refund('R1', '30.00').fields).toMatchObject({ fund_change: 'N', refund_fee: '30.00' });
    expect(refund('R1', '31.00').word).toBe('DISCORDANT_REPEAT_REQUEST');
    expect(refund('R2', '30.00').fields).toMatchObject({ fund_change: 'Y', refund_fee: '60.00' });
    expect(refund('R1', '30.00').fields).toMatchObject({ fund_change: 'N', refund_fee: '60.00' });
    expect(refund('R3', '40.01').word).toBe('REFUND_AMT_NOT_EQUAL_TOTAL');
    expect(status()).toBe('TRADE_SUCCESS');
    expect(refund('R3', '40.00').fields).toMatchObject({ fund_change: 'Y', refund_fee: '100.00' });
    expect(status()).toBe('TRADE_CLOSED');
    expect(refund('R3', '40.00').fields).toMatchObject({ fund_change: 'N' });
    expect(refund('R4', '1.00').word).toBe('TRADE_HAS_CLOSE');
  });
  test('without a number the trade’s own counts, so the second one repeats the first', () => {
    paid();
    expect(refund('', '10.00').fields['fund_change']).toBe('Y');
    expect(refund('', '10.00').fields['fund_change']).toBe('N');
    expect(refund('T1', '10.00').fields['fund_change']).toBe('N');
  });
  test('an unpaid trade has nothing to give back, and one past its window is finished', () => {
    ask('create');
    expect(refund('R1', '1.00').word).toBe('TRADE_STATUS_ERROR');
    act('pay');
    after(365 * day);
    expect(status()).toBe('TRADE_FINISHED');
    expect(refund('R1', '1.00').word).toBe('TRADE_HAS_FINISHED');
  });
  test('a seller without money is refused, and the same number works once there is some', () => {
    paid();
    books.control('balance', { seller_id: sellerId, balance: '5.00' }, now);
    expect(refund('R1', '30.00').word).toBe('SELLER_BALANCE_NOT_ENOUGH');
    books.control('balance', { seller_id: sellerId, balance: '30.00' }, now);
    expect(refund('R1', '30.00').fields['fund_change']).toBe('Y');
  });
  test('the query shows a refund when it is visible, and says nothing about one it does not show', () => {
    paid();
    refund('R1', '30.00');
    const shown = (no: string) => said('fastpay.refund.query', { out_trade_no: 'T1', out_request_no: no });
    expect(shown('R1')).toEqual({ word: '10000', fields: {} });
    after(10_000);
    expect(shown('R1').fields).toMatchObject({ refund_status: 'REFUND_SUCCESS', refund_amount: '30.00' });
    expect(shown('R9')).toEqual({ word: '10000', fields: {} });
  });
  test.each([
    [true, [-60, 20, 20, 20]],
    [false, [-60, 0, 0, 0]],
  ])('fee returned %s: the fee of 0.60 moves as %j', (isReturned, fees) => {
    openBooks({ fee_returned: isReturned });
    paid();
    refund('R1', '33.33');
    refund('R2', '33.33');
    refund('R3', '33.34');
    const rows = books.register.statement.get('2026-01-02') ?? [];
    expect(rows.map((row) => row.fee_fen)).toEqual(fees);
    expect(rows.map((row) => row.amount_fen)).toEqual([10_000, -3_333, -3_333, -3_334]);
    expect(rows.at(-1)?.balance_fen).toBe(100_000_000 + fees.reduce((sum, fee) => sum + fee, 0));
  });
});

describe('closing', () => {
  test('a closed trade never opens again, a paid one cannot be closed', () => {
    ask('create');
    expect(call('close', { out_trade_no: 'T1' })).toBe('10000');
    expect(call('close', { out_trade_no: 'T1' })).toBe('TRADE_STATUS_ERROR');
    expect(act('pay')).toBe('TRADE_HAS_CLOSE');
    ask('create', { out_trade_no: 'T2' });
    act('pay', { out_trade_no: 'T2' });
    expect(call('close', { out_trade_no: 'T2' })).toBe('TRADE_STATUS_ERROR');
  });
  test('a cancel gives all back with the fee, and says the same again', () => {
    ask('pay');
    expect(said('cancel', { out_trade_no: 'T1' }).fields).toMatchObject({ action: 'refund', retry_flag: 'N' });
    expect(said('cancel', { out_trade_no: 'T1' }).fields).toMatchObject({ action: 'refund', retry_flag: 'N' });
    expect(books.register.balanceOf(sellerId)).toBe(100_000_000);
    expect(call('cancel', { trade_no: '2026010222001400010000000099' })).toBe('TRADE_NOT_EXIST');
    expect(said('cancel', { out_trade_no: 'T9' })).toEqual({
      word: '10000',
      fields: { out_trade_no: 'T9', retry_flag: 'N' },
    });
  });
  test.each([
    [false, 'done'],
    [true, 'CODE_EXPIRED'],
  ])('a cancel before the scan kills the code: %s', (kills, scanned) => {
    settings = { ...settings, cancel_kills_code: kills };
    ask('precreate');
    call('cancel', { out_trade_no: 'T1' });
    expect(act('open')).toBe(scanned);
  });
});

test('ten thousand trades later every fen of the balance is in the statement', () => {
  for (let n = 0; n < 10_000; n += 1) {
    ask('page.pay', { out_trade_no: `M${n}` });
    act('pay', { out_trade_no: `M${n}` });
    if (n % 10 === 0) call('refund', { out_trade_no: `M${n}`, refund_amount: '1.00', out_request_no: 'R' });
    if (n % 100 === 1) call('cancel', { out_trade_no: `M${n}` });
  }
  const rows = [...books.register.statement.values()].flat();
  expect(rows).toHaveLength(11_100);
  const moved = rows.reduce((sum, row) => sum + row.amount_fen + row.fee_fen, 0);
  expect(moved).toBe(10_000 * (10_000 - 60) - 1_000 * 100 - 100 * (10_000 - 60));
  expect(books.register.balanceOf(sellerId)).toBe(100_000_000 + moved);
});
