import { expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { Currency } from '../kernel/index.ts';
import { readChannels } from '../channels/registry.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import { explain } from '../platform/refusals.ts';
import { customsOrderNoOf, splitOf } from './number-rule.ts';
import type { NumberRule } from './number-rule.ts';
import { precheck } from './precheck.ts';
import type { DeclaredPayment, PrecheckedDeclaration } from './precheck.ts';

const known = (await readChannels()).get('alipay')?.manifest.customs;
if (!known) throw new Error('the channel has no customs rules');
const noSplit = { givesCodes: true, rePush: true, split: 'no' } as const;
const rules: CustomsRules = { ...known, places: { ...known.places, WHOLE_ONLY: noSplit } };

const yuan = (minor: bigint) => ({ minor, currency: CNY });
const good: PrecheckedDeclaration = {
  id: 'd1',
  accountId: 'A1',
  orderNo: '3130001',
  childOrderNo: '',
  isSplit: false,
  place: 'ZONGSHU',
  customsCode: '3301TEST01',
  customsName: '测试公司',
  declared: yuan(42000n),
};
const alone: DeclaredPayment = { siblings: [good] };
const codesOf = (
  more: Partial<PrecheckedDeclaration>,
  rule: NumberRule | undefined = 'serial',
  payment: DeclaredPayment = alone,
): string[] => precheck({ ...good, ...more }, rules, rule, payment).map((problem) => problem.code);

test('what customs gets to know follows from the rule, and what is split keeps its child number', () => {
  const table = `
    rule    split  child    known as   split on the wire
    serial  no     -        SERIAL     no
    child   no     -        ORDER      yes
    serial  yes    CHILD    CHILD      yes
    child   yes    CHILD    CHILD      yes
  `;
  const lines = table.trim().split('\n').slice(1);
  for (const line of lines) {
    const [rule, split, child = '', known, wire] = line.trim().split(/\s+/);
    const childOrderNo = child === '-' ? '' : child;
    const order = { isSplit: split === 'yes', childOrderNo, orderNo: 'ORDER', serial: 'SERIAL' };
    const { customsOrderNo, asSplit } = customsOrderNoOf(rule as NumberRule, order);
    expect([customsOrderNo, asSplit ? 'yes' : 'no'], line).toEqual([known, wire]);
    const sent = splitOf({ ...order, numberRule: rule as NumberRule, customsOrderNo });
    expect(sent, line).toEqual({ isSplit: asSplit, childOrderNo: asSplit ? customsOrderNo : '' });
  }
  const adopted = { numberRule: 'adopted', customsOrderNo: 'ORDER', isSplit: false, childOrderNo: '' } as const;
  expect(splitOf(adopted)).toEqual({ isSplit: false, childOrderNo: '' });
});

test('a declaration that fits has no problem, by either rule', () => {
  expect(codesOf({})).toEqual([]);
  expect(codesOf({}, 'child')).toEqual([]);
  expect(codesOf({ requestNo: '15102801007000000429' })).toEqual([]);
  expect(codesOf({ isSplit: true, childOrderNo: 'C-1' })).toEqual([]);
});

test('without a choice of number nothing is declared', () => {
  expect(precheck(good, rules, undefined, alone)).toEqual([
    { code: 'customs.number_rule_missing', params: { account: 'A1', place: 'ZONGSHU' } },
  ]);
});

test.each<[string, Partial<PrecheckedDeclaration>, NumberRule, string]>([
  ['a request number of five characters', { requestNo: 'LS-01' }, 'serial', 'declaration.request_no_malformed'],
  ['a place with a blank', { place: 'ZONG SHU' }, 'serial', 'declaration.place_malformed'],
  ['the rule child where nothing may be split', { place: 'WHOLE_ONLY' }, 'child', 'customs.split_not_allowed'],
  [
    'a split order where nothing may be split',
    { place: 'WHOLE_ONLY', isSplit: true, childOrderNo: 'C' },
    'serial',
    'customs.split_not_allowed',
  ],
  ['a split order without child number', { isSplit: true }, 'serial', 'customs.child_order_no_unfit'],
  ['an order number too long for a child', { orderNo: 'X'.repeat(33) }, 'child', 'customs.child_order_no_unfit'],
  ['no amount', { declared: yuan(0n) }, 'serial', 'declaration.amount_not_positive_yuan'],
  [
    'dollars',
    { declared: { minor: 1n, currency: 'USD' as Currency } },
    'serial',
    'declaration.amount_not_positive_yuan',
  ],
  ['a record number of 21 characters', { customsCode: 'X'.repeat(21) }, 'serial', 'declaration.value_length'],
  ['a name of 257 characters', { customsName: '公'.repeat(257) }, 'serial', 'declaration.value_length'],
  ['no name', { customsName: '' }, 'serial', 'declaration.value_length'],
  ['half a character in the name', { customsName: '公\ud83d司' }, 'serial', 'customs.text_not_representable'],
  ['a control character in the name', { customsName: '公\u0000司' }, 'serial', 'customs.text_not_representable'],
])('%s is a problem', (_what, more, rule, code) => {
  expect(codesOf(more, rule)).toEqual([code]);
});

test('the longest that is allowed is allowed', () => {
  expect(codesOf({ customsCode: 'X'.repeat(20), customsName: '公'.repeat(256) })).toEqual([]);
  expect(codesOf({ orderNo: 'X'.repeat(32) }, 'child')).toEqual([]);
  expect(codesOf({ orderNo: 'X'.repeat(33) }, 'serial')).toEqual([]);
});

test('the declarations of one payment at one place stay within what was paid; the legs of a port are one sum', () => {
  const child = (id: string, minor: bigint, more: Partial<PrecheckedDeclaration> = {}): PrecheckedDeclaration => ({
    ...good,
    ...{ id, isSplit: true, childOrderNo: id, declared: yuan(minor), requestNo: `NUMBER-${id}` },
    ...more,
  });
  const split = { isSplit: true, childOrderNo: 'd1', declared: yuan(17000n) };
  const pay = (siblings: readonly PrecheckedDeclaration[]): DeclaredPayment => ({ siblings, paid: yuan(42000n) });
  expect(codesOf(split, 'serial', pay([child('c2', 25000n)]))).toEqual([]);
  expect(codesOf(split, 'serial', pay([child('c2', 25001n)]))).toEqual(['customs.declared_exceeds_paid']);
  expect(codesOf(split, 'serial', pay([child('c2', 42000n, { place: 'HENAN' })]))).toEqual([]);
  expect(codesOf(split, 'serial', { siblings: [child('c2', 25001n)] })).toEqual([]);
  expect(codesOf({}, 'serial', pay([child('d1', 42000n)]))).toEqual([]);
  expect(codesOf({ declared: yuan(42001n) }, 'serial', pay([]))).toEqual(['customs.declared_exceeds_paid']);
});

test('what is declared whole to a place already is not declared there again', () => {
  const other = { ...good, id: 'd2', declared: yuan(1n), requestNo: 'NUMBER-2' };
  expect(codesOf({}, 'serial', { siblings: [good, other] })).toEqual(['customs.already_declared']);
  expect(codesOf({ isSplit: true, childOrderNo: 'c' }, 'serial', { siblings: [other] })).toEqual([
    'customs.already_declared',
  ]);
  expect(codesOf({}, 'serial', { siblings: [{ ...other, place: 'HENAN' }] })).toEqual([]);
  const { requestNo: _none, ...unnumbered } = other;
  expect(codesOf({}, 'serial', { siblings: [unnumbered] })).toEqual([]);
});

test('every problem has its words', () => {
  const all = [
    ...precheck(
      { ...good, requestNo: 'x', place: '?', customsCode: '', customsName: '\u0000' },
      rules,
      undefined,
      alone,
    ),
    ...precheck({ ...good, isSplit: true, place: 'WHOLE_ONLY' }, rules, 'child', { siblings: [], paid: yuan(1n) }),
    ...precheck({ ...good, declared: yuan(0n) }, rules, 'serial', alone),
    ...precheck(good, rules, 'serial', { siblings: [{ ...good, id: 'd2', requestNo: 'NUMBER-2' }] }),
  ];
  expect(new Set(all.map((problem) => problem.code)).size).toBe(10);
  for (const problem of all) expect(explain(problem).zh).not.toMatch(/[{}[\]]/);
});
