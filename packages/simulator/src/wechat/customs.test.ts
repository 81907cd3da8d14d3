import { constants, publicEncrypt } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { appid, hour, keys, mchid, merchantInput, minute, noon, second, vectors } from '../../test/wechat-merchant.ts';
import { Agenda } from '../agenda.ts';
import { PortBooks } from '../port/books.ts';
import { initialSettings as portSettings } from '../settings.ts';
import { WechatBooks } from './books.ts';

let agenda: Agenda;
let port: PortBooks;
let books: WechatBooks;
let now: number;
let transactionId: string;
type Fields = Record<string, unknown>;

// Walked into as a merchant walks into JSON.
const plain = (value: unknown) => JSON.parse(JSON.stringify(value ?? null));
function control(verb: string, input: unknown) {
  const outcome = books.act({ does: 'control', verb, input }, now);
  agenda.runUntil(now);
  return plain(outcome?.answer);
}
const fault = (name: string, params: object = {}) => control('faults', { fault: name, params });
function said(api: string, fields: Fields, version: 'v2' | 'v3' = 'v2', serial = vectors.public_key_id) {
  const call = { api, version, mchid, partner: false, fields, serial };
  const outcome = books.act({ does: 'call', call }, now);
  agenda.runUntil(now);
  const { result } = outcome!;
  return plain(result.kind === 'done' ? { word: 'done', ...result.fields } : { word: result.code });
}
function after(ms: number): void {
  now += ms;
  agenda.runUntil(now);
}

beforeEach(() => openBooks({}));

function openBooks(contract: object): void {
  agenda = new Agenda();
  now = noon;
  port = new PortBooks(agenda, () => portSettings);
  books = new WechatBooks(agenda, port);
  control('merchants', { ...merchantInput, ...contract });
  const order = { appid, mch_id: mchid, body: 'milk', out_trade_no: 'ORDER-1', total_fee: '10000', product_id: 'S' };
  said('native', { ...order, notify_url: 'https://shop.example/n', spbill_create_ip: '203.0.113.7' });
  control('pay', { out_trade_no: 'ORDER-1' });
  transactionId = books.register.orderOf(mchid, 'ORDER-1')!.payment!.transactionId;
}

const named = { appid, mch_id: mchid, customs: 'GUANGZHOU_ZS', mch_customs_no: '4401000001' };
const terms = () => ({ ...named, out_trade_no: 'ORDER-1', transaction_id: transactionId });
const declare = (changes: Fields = {}) => said('customs_declare', { ...terms(), ...changes });
const query = (changes: Fields = { out_trade_no: 'ORDER-1' }) =>
  said('customs_query', { appid, mch_id: mchid, customs: 'GUANGZHOU_ZS', ...changes });
const state = () => query()['state_0'];
const repush = (changes: Fields = {}) =>
  said('customs_repush', { ...named, transaction_id: transactionId, ...changes });
const atPort = (no = 'ORDER-1') => port.recordsOf(no).map((record) => [record.appType, record.amountFen]);

const part = (no: string, product: number, changes: Fields = {}) =>
  declare({
    sub_order_no: no,
    fee_type: 'CNY',
    order_fee: String(product + 500),
    transport_fee: '500',
    product_fee: String(product),
    ...changes,
  });

describe('declaring', () => {
  test('goes from undeclared over processing to success, and the port has the payer, not the buyer', () => {
    const buyer = { cert_type: 'IDCARD', cert_id: '11010119900307123X', name: '张三' };
    const answer = declare(buyer);
    expect(answer).toMatchObject({ word: 'done', state: 'UNDECLARED', cert_check_result: 'DIFFERENT' });
    expect([answer.verify_department, answer.modify_time]).toEqual(['NETSUNION', '20261202120000']);
    after(2 * second);
    expect([state(), atPort()]).toEqual(['PROCESSING', []]);
    after(13 * second);
    expect([state(), atPort()]).toEqual(['SUCCESS', [['1', 10_000]]]);
    expect(port.recordsOf('ORDER-1')[0]).toMatchObject({ payerName: '测试甲', payCode: '4403169D3W' });
  });

  test('compares the buyer with the payer', () => {
    expect(declare().cert_check_result).toBe('UNCHECKED');
    openBooks({});
    control('identities', { openid: 'oSimulatedPayer000000000001', name: '张三', id_no: '11010119900307123X' });
    expect(declare({ cert_type: 'IDCARD', cert_id: '11010119900307123X', name: '张三' }).cert_check_result).toBe(
      'SAME',
    );
  });

  test.each([
    ['OUTTRADENO_NOT_SET', { out_trade_no: '' }],
    ['TRANSACTION_ID_NOT_SET', { transaction_id: '' }],
    ['CUSTOMS_NOT_SET', { customs: '' }],
    ['CHCUSTOMSNO_NOT_SET', { mch_customs_no: '' }],
    ['CUSTOMSCONFIG_NOT_SET', { customs: 'ATLANTIS' }],
    ['INVALID_TRANSACTION_ID', { transaction_id: '4200001234202612020000000009' }],
    ['INVALID_TRANSACTION_ID', { out_trade_no: 'ORDER-2' }],
    ['132011004', { order_fee: '100' }],
    ['APPID_MCHID_NOT_MATCH', { appid: 'wx0000000000000000' }],
    ['INVALID_REQUEST', { action_type: 'MODIFY' }],
  ])('%s', (word, changes) => {
    expect(declare(changes).word).toBe(word);
  });

  test('the place must be entered, under its own registration', () => {
    openBooks({ customs: [{ customs: 'NINGBO', mch_customs_no: '3302000001' }] });
    expect(declare().word).toBe('CUSTOMSCONFIG_NOT_SET');
    expect(declare({ customs: 'NINGBO' }).word).toBe('INVALID_MCHCUSTOMSNO');
    expect(declare({ customs: 'NINGBO', mch_customs_no: '3302000001' }).word).toBe('done');
  });

  test('the same again changes nothing, other content must say that it modifies', () => {
    declare();
    after(15 * second);
    expect(declare().state).toBe('SUCCESS');
    expect(declare({ duty: '100' }).word).toBe('INVALID_REQUEST');
    expect(declare({ duty: '100', action_type: 'MODIFY' }).state).toBe('SUBMITTED');
    after(15 * second);
    expect([state(), query()['duty_0'], atPort()]).toEqual(['SUCCESS', '100', [['2', 10_000]]]);
  });

  test('what customs refused goes out again with the same call', () => {
    control('faults', { fault: 'customs_fail', times: 1, params: { text: 'no such registration' } });
    declare();
    after(15 * second);
    expect([state(), query()['explanation_0'], atPort()]).toEqual(['FAIL', 'no such registration', []]);
    declare();
    after(15 * second);
    expect(state()).toBe('SUCCESS');
  });

  test('declares what was paid without what was refunded', () => {
    const refund = { appid, mch_id: mchid, out_refund_no: 'R1', transaction_id: transactionId, total_fee: '10000' };
    said('refund', { ...refund, refund_fee: '4000' });
    declare();
    after(15 * second);
    expect(atPort()).toEqual([['1', 6_000]]);
  });
});

describe('parts', () => {
  test('each is declared with its own fees, together at most the order', () => {
    expect(part('P1', 4_500)).toMatchObject({ word: 'done', sub_order_no: 'P1' });
    expect(part('P2', 4_501).word).toBe('PAYFEE_NOT_MATCH');
    expect(part('P2', 4_500).word).toBe('done');
    after(15 * second);
    expect([query().count, query()['order_fee_1'], atPort('P2')]).toEqual(['2', '5000', [['1', 5_000]]]);
    expect(query({ sub_order_no: 'P1', out_trade_no: 'ORDER-1' }).count).toBe('1');
  });

  test.each([
    ['PAYFEE_NOT_MATCH', { order_fee: '5001' }],
    ['PAYFEE_NOT_MATCH', { transport_fee: '' }],
    ['FEETYPE_NOT_SET', { fee_type: '' }],
  ])('%s', (word, changes) => {
    expect(part('P1', 4_500, changes).word).toBe(word);
  });
});

describe('re-push', () => {
  test('is for what customs said yes to: a swallowed record reaches the port', () => {
    control('faults', { fault: 'swallow_declaration', times: 1 });
    declare();
    after(15 * second);
    expect([state(), atPort()]).toEqual(['SUCCESS', []]);
    expect(repush().state).toBe('UNDECLARED');
    after(15 * second);
    expect([state(), atPort()]).toEqual(['SUCCESS', [['1', 10_000]]]);
  });

  test('is refused while a declaration is on its way, unless the setting opens the gate', () => {
    expect(repush().word).toBe('ORDER_NOT_EXIST');
    declare();
    expect(repush().word).toBe('INVALID_REQUEST');
    control('settings', { repush_gate: 'documented' });
    const v3 = { ...named, mchid, transaction_id: transactionId };
    expect(said('customs_repush', v3, 'v3').word).toBe('INVALID_REQUEST');
    expect(repush().word).toBe('done');
    control('settings', { repush_gate: 'open' });
    expect(said('customs_repush', v3, 'v3').word).toBe('done');
    expect(repush({ mch_customs_no: '4401000002' }).word).toBe('INVALID_MCHCUSTOMSNO');
    expect(repush({ sub_order_no: 'P9' }).word).toBe('ORDER_NOT_EXIST');
  });

  test('restarts what was pushed before: only the last one ends', () => {
    control('faults', { fault: 'customs_except', times: 1 });
    declare();
    after(15 * second);
    expect([state(), query()['explanation_0']]).toEqual(['EXCEPT', '海关接口异常']);
    repush();
    after(10 * second);
    expect(state()).toBe('PROCESSING');
  });

  test('what was pushed before ends no more, whatever was on its way', () => {
    declare();
    after(10 * second);
    declare({ duty: '100', action_type: 'MODIFY' });
    after(5 * second);
    expect([state(), atPort()]).toEqual(['PROCESSING', []]);
    after(10 * second);
    expect([state(), atPort()]).toEqual(['SUCCESS', [['1', 10_000]]]);
  });

  test.each([
    ['stuck_undeclared', 'UNDECLARED'],
    ['stuck_processing', 'PROCESSING'],
    ['port_loses_record', 'SUCCESS'],
  ])('%s', (name, shown) => {
    fault(name);
    declare();
    after(hour);
    expect(state()).toBe(shown);
    expect(port.recordsOf('ORDER-1').map((record) => record.lost)).toEqual(name === 'port_loses_record' ? [true] : []);
  });

  test('the port hears hours after customs seemed to', () => {
    fault('receipt_after_hours', { hours: 2 });
    declare();
    after(minute);
    expect([state(), atPort()]).toEqual(['SUCCESS', []]);
    after(2 * hour);
    expect(atPort()).toEqual([['1', 10_000]]);
  });
});

describe('on the overseas host', () => {
  const v3 = () => ({
    ...terms(),
    mchid,
    mch_id: undefined,
    mch_customs_no: undefined,
    merchant_customs_no: '4401000001',
  });

  test('declares, finds and changes', () => {
    expect(said('customs_declare', v3(), 'v3')).toMatchObject({
      state: 'UNDECLARED',
      certificate_check_result: 'UNCHECKED',
    });
    expect(said('customs_modify', { ...v3(), duty: 100 }, 'v3').state).toBe('SUBMITTED');
    const asked = { appid, mchid, customs: 'GUANGZHOU_ZS', order_type: 'transaction_id', order_no: transactionId };
    expect(said('customs_query', asked, 'v3')).toMatchObject({
      total_count: 1,
      data: [{ mch_customs_no: '4401000001', duty: 100, modify_time: '2026-12-02T12:00:00+08:00' }],
    });
    expect(said('customs_query', { ...asked, order_no: 'other' }, 'v3').total_count).toBe(0);
  });

  test('compares a person whose name is encrypted to the platform', () => {
    const encrypted = (plain: string) =>
      publicEncrypt(
        { key: keys.platform_public, padding: constants.RSA_PKCS1_OAEP_PADDING },
        Buffer.from(plain),
      ).toString('base64');
    const person = { certificate_type: 'IDCARD', certificate_id: encrypted('999999190001010015') };
    const verify = (name: string) => said('customs_verify', { ...v3(), ...person, certificate_name: name }, 'v3');
    expect(verify(encrypted('测试甲')).certificate_check_result).toBe('SAME');
    expect(verify(encrypted('张三')).certificate_check_result).toBe('DIFFERENT');
    expect(verify('测试甲').word).toBe('PARAM_ERROR');
    const asked = { ...v3(), ...person, certificate_name: encrypted('测试甲') };
    expect(said('customs_verify', asked, 'v3', vectors.platform_serial).word).toBe('done');
    expect(said('customs_verify', asked, 'v3', 'PUB_KEY_ID_0').word).toBe('PARAM_ERROR');
  });
});
