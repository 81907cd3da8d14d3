import { expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { QueryFacts } from '../channels/contract/index.ts';
import { readChannels } from '../channels/registry.ts';
import type { AdoptedRow } from '../payments/index.ts';
import { candidatesOf, differenceOf, readTemplate, sampleOf } from './request-template.ts';

const rules = (await readChannels()).get('alipay')?.manifest.customs;
if (!rules) throw new Error('the channel has no customs rules');

const row: AdoptedRow = {
  line: 2,
  orderNo: '3130001',
  requestNo: undefined,
  place: 'zongshu',
  customsCode: '3301TEST01',
  customsName: '测试公司',
  declaredAmount: { minor: 42000n, currency: CNY },
  isSplit: false,
  childOrderNo: undefined,
  pushedPaymentNo: undefined,
  tradeNo: '2015102700001000630001177120',
  waybillNo: 'W-77',
  paidAt: 0 as Instant,
  earlierPushes: [],
};

function madeOf(text: string, rows: readonly AdoptedRow[] = [row]): string[] {
  const template = readTemplate(text);
  if (!template.ok) return [template.refusal.code];
  const made = candidatesOf(template.value, rows, rules as NonNullable<typeof rules>);
  return made.ok ? made.value.map(({ index, requestNo }) => `${index} ${requestNo}`) : [made.refusal.code];
}

test.each([
  ['{order_no}', '0 3130001'],
  ['LS{order_no}', '0 LS3130001'],
  ['{trade_no}', '0 2015102700001000630001177120'],
  ['{order_no}_{waybill_no}', '0 3130001_W-77'],
  ['LS0001', 'import.template_malformed'],
  ['', 'import.template_malformed'],
  ['{Order_No}', 'import.template_malformed'],
  ['{request_no}', 'import.template_malformed'],
  ['{order_no', 'import.template_malformed'],
  ['{{order_no}}', 'import.template_malformed'],
  ['LS {order_no}', 'import.template_unfit'],
  ['{trade_no}{order_no}', 'import.template_unfit'],
  ['{child_order_no}', 'import.template_unfit'],
])('template "%s" makes %s', (text, made) => {
  expect(madeOf(text)).toEqual([made]);
});

test('rows that have a number keep it, and no number is made twice', () => {
  const numbered = { ...row, orderNo: '3130009', requestNo: 'OLD-000001' };
  expect(madeOf('LS{order_no}', [numbered, row])).toEqual(['1 LS3130001']);
  expect(madeOf('LS{order_no}', [row, { ...row, place: 'HENAN' }])).toEqual(['import.template_unfit']);
  expect(madeOf('LS{order_no}', [{ ...numbered, requestNo: 'LS3130001' }, row])).toEqual(['import.template_unfit']);
});

test('the sample is spread over the file, first and last included', () => {
  const all = Array.from({ length: 100 }, (_, index) => index);
  expect(sampleOf(all, 10)).toEqual([0, 11, 22, 33, 44, 55, 66, 77, 88, 99]);
  expect(sampleOf(all.slice(0, 11), 10)).toHaveLength(10);
  expect(sampleOf(all.slice(0, 4), 10)).toEqual([0, 1, 2, 3]);
  expect(sampleOf(all, 1)).toEqual([0]);
});

const record: QueryFacts = {
  found: true,
  requestNo: 'LS3130001',
  progress: 'done',
  channelStatus: 'succ',
  pushedPaymentNo: row.tradeNo,
  place: 'ZONGSHU',
  customsCode: 'another code, as after a modification',
  customsName: '',
  amount: row.declaredAmount,
  isSplit: false,
  memo: '',
};
const { amount: _none, ...noAmount } = record;
const split = { ...row, isSplit: true, childOrderNo: 'C-1' };
const ofChild: QueryFacts = { ...record, isSplit: true, childOrderNo: 'C-1', pushedPaymentNo: 'ANOTHER' };

test.each<[string, AdoptedRow, QueryFacts, string | undefined]>([
  ['the very same', row, record, undefined],
  ['the child of a split order', split, ofChild, undefined],
  ['nothing', row, { found: false }, 'not found'],
  ['another trade', row, { ...record, pushedPaymentNo: '2015102799' }, 'payment number 2015102799'],
  ['another amount', row, { ...record, amount: { minor: 1n, currency: CNY } }, 'amount 1 fen'],
  ['no amount', row, noAmount, 'amount - fen'],
  ['another place', row, { ...record, place: 'HENAN' }, 'place HENAN'],
  ['a split one for a whole one', row, { ...record, isSplit: true }, 'split'],
  ['a whole one for a split one', split, record, 'not split'],
  ['another child', split, { ...ofChild, childOrderNo: 'C-2' }, 'child order C-2'],
  ['another pushed number', { ...split, pushedPaymentNo: 'P-1' }, ofChild, 'payment number ANOTHER'],
])('the channel knows %s', (_what, told, facts, difference) => {
  expect(differenceOf(told, facts)).toBe(difference);
});
