import { CNY, sumMoney, toDecimal } from '../kernel/index.ts';
import type { Money, Refusal } from '../kernel/index.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import type { Declaration } from './declaration.ts';
import { customsOrderNoOf } from './number-rule.ts';
import type { NumberRule } from './number-rule.ts';

/** What stands in the way of declaring: a refusal with its words in the catalogue. */
export type Problem = Refusal;

export type PrecheckedDeclaration = Pick<
  Declaration,
  | 'accountId'
  | 'childOrderNo'
  | 'customsCode'
  | 'customsName'
  | 'declared'
  | 'id'
  | 'isSplit'
  | 'orderNo'
  | 'place'
  | 'requestNo'
>;

/** The money that a declaration shares with the other declarations of its payment. */
export type DeclaredPayment = {
  readonly siblings: readonly PrecheckedDeclaration[];
  /** Absent: an adopted payment whose amount nobody told. */
  readonly paid?: Money;
};

/** sub_out_biz_no holds 32 characters (Alipay acquire.customs document); other channels take as many or more. */
const childOrderNoMax = 32;
/** GACC message specification 202205: ebpCode and the registered name; the same lengths in Alipay's acquire.customs document. */
const lengths = { customsCode: 20, customsName: 256 } as const;

/** Everything that would make the channel or customs refuse the declaration, as far as our own records tell. Pure. */
export function precheck(
  declaration: PrecheckedDeclaration,
  rules: CustomsRules,
  rule: NumberRule | undefined,
  payment: DeclaredPayment,
): Problem[] {
  return [
    ...numberProblems(declaration, rules, rule),
    ...formProblems(declaration, rules),
    ...amountProblems(declaration, payment),
  ];
}

function numberProblems(
  declaration: PrecheckedDeclaration,
  rules: CustomsRules,
  rule: NumberRule | undefined,
): Problem[] {
  const { accountId, orderNo, place } = declaration;
  if (rule === undefined) return [{ code: 'customs.number_rule_missing', params: { account: accountId, place } }];
  const { customsOrderNo, asSplit } = customsOrderNoOf(rule, { ...declaration, serial: orderNo });
  if (!asSplit) return [];
  const { split } = rules.places[place] ?? rules.unlistedPlace;
  const problems: Problem[] = split === 'no' ? [{ code: 'customs.split_not_allowed', params: { place } }] : [];
  const { length } = customsOrderNo;
  if (length === 0 || length > childOrderNoMax)
    problems.push({
      code: 'customs.child_order_no_unfit',
      params: { orderNo, found: customsOrderNo, max: childOrderNoMax },
    });
  return problems;
}

function formProblems(declaration: PrecheckedDeclaration, rules: CustomsRules): Problem[] {
  const { requestNo, place, orderNo } = declaration;
  const problems: Problem[] = [];
  if (requestNo !== undefined && !new RegExp(rules.requestNo.pattern).test(requestNo))
    problems.push({ code: 'declaration.request_no_malformed', params: { requestNo } });
  if (!new RegExp(rules.placePattern).test(place))
    problems.push({ code: 'declaration.place_malformed', params: { place } });
  for (const field of ['customsCode', 'customsName'] as const) {
    const text = declaration[field];
    const max = lengths[field];
    if (text === '' || text.length > max) problems.push({ code: 'declaration.value_length', params: { field, max } });
    if (!text.isWellFormed() || /\p{Cc}/u.test(text))
      problems.push({ code: 'customs.text_not_representable', params: { field, orderNo } });
  }
  return problems;
}

function amountProblems(declaration: PrecheckedDeclaration, { siblings, paid }: DeclaredPayment): Problem[] {
  const { declared, orderNo, place } = declaration;
  if (declared.currency !== CNY || declared.minor <= 0n)
    return [{ code: 'declaration.amount_not_positive_yuan', params: { currency: declared.currency } }];
  const problems: Problem[] = [];
  // The legs of a two-leg port are one sum of money: each place is summed up by itself.
  const others = siblings.filter((other) => other.id !== declaration.id && other.place === place);
  // A payment is declared once to a place, or in several children.
  const whole = others.find((other) => other.requestNo !== undefined && !(other.isSplit && declaration.isSplit));
  if (whole) problems.push({ code: 'customs.already_declared', params: { orderNo, place } });
  if (!paid) return problems;
  const inYuan = others.filter((other) => other.declared.currency === CNY);
  const sum = sumMoney([declared, ...inYuan.map((other) => other.declared)], CNY);
  if (sum.minor > paid.minor) {
    const params = { orderNo, place, declared: toDecimal(sum), paid: toDecimal(paid) };
    problems.push({ code: 'customs.declared_exceeds_paid', params });
  }
  return problems;
}
