import { parseShanghai } from '../kernel/index.ts';
import { parseExact } from './decimal.ts';

/** How one member of a term's value is read. `form` tells people what is allowed. */
type Field<T> = { readonly form: string; readonly optional: boolean; read(value: unknown): T | undefined };

function textLike(form: string, fits: (text: string) => boolean): Field<string> {
  return { form, optional: false, read: (value) => (typeof value === 'string' && fits(value) ? value : undefined) };
}

function count(form: string, min: number, max: number): Field<number> {
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return { form, optional: false, read: (value) => (fits(value) ? value : undefined) };
}

function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return { form: words.join(' | '), optional: false, read: (value) => words.find((word) => word === value) };
}

function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, optional: true };
}

const minor = count('minor units, a whole number', 0, Number.MAX_SAFE_INTEGER);
const yesNo = oneOf('yes', 'no');
const words = textLike('text, up to 200 letters', (text) => text.trim() !== '' && text.length <= 200);
const date = textLike('yyyy-mm-dd', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseShanghai(text) !== undefined);
const timeOfDay = textLike('hh:mm', (text) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text));
/** Less than the whole amount: a rate written in per cent by mistake is refused. */
const rate = textLike('a share of the amount, such as 0.006 for 0.6 %', (text) => {
  const exact = parseExact(text);
  return exact !== undefined && exact.over < exact.under;
});

type Kind<F> = { readonly zh: string; readonly en: string; readonly fields: F };
const kind = <F extends Readonly<Record<string, Field<unknown>>>>(zh: string, en: string, fields: F): Kind<F> => ({
  ...{ zh, en, fields },
});

/** What a contract can say of an account. A value is flat: texts and whole numbers under the names of its paper. */
const kinds = {
  fee: kind('手续费率', 'fee', { rate, min_minor: optional(minor), fixed_minor: optional(minor) }),
  fee_return: kind('退款退手续费', 'fee given back with a refund', {
    kind: oneOf(
      ...(['none', 'full_only', 'rate', 'rate_min', 'proportional', 'until_full', 'daily_net'] as const),
      ...(['single_negative', 'percent_only'] as const),
    ),
    reading: optional(oneOf('a', 'b', 'c')),
    smallest_minor: optional(minor),
  }),
  void_fee: kind('撤销手续费', 'fee of a voided payment', { charged: yesNo }),
  refund_window: kind('可退款期限', 'refund window', { days: count('days', 1, 3660) }),
  refund_count: kind('退款次数', 'refunds of one payment', { max: count('a whole number', 1, 10_000) }),
  refund_gap: kind('退款间隔', 'gap between refunds of one payment', { seconds: count('seconds', 0, 86_400) }),
  refund_partial: kind('部分退款', 'partial refunds', { allowed: yesNo }),
  refund_permission: kind('退款权限', 'right to refund', { allowed: yesNo }),
  refund_approval_above: kind('退款须两人的金额', 'refunds above this take two people', { minor }),
  limits: kind('限额', 'limits', {
    single_minor: optional(minor),
    day_minor: optional(minor),
    month_minor: optional(minor),
  }),
  hours: kind('服务时间', 'hours of service', { from: timeOfDay, to: timeOfDay }),
  settlement: kind('结算', 'settlement', {
    mode: oneOf('automatic', 'manual'),
    cycle_days: optional(count('days', 0, 366)),
    threshold_minor: optional(minor),
    currency: optional(textLike('three letters', (text) => /^[A-Z]{3}$/.test(text))),
    fund_flow: optional(oneOf('old', 'new')),
  }),
  surplus: kind('多收款', 'money received beyond what is due', {
    policy: oneOf('refund', 'keep', 'credit'),
    delay_seconds: count('seconds', 0, 86_400),
  }),
  paid_while_closing: kind('关单时付款', 'paid while it was being closed', {
    deadline: oneOf('keep'),
    cancel_by_shop: oneOf('refund', 'keep'),
  }),
  adopt_within: kind('可认领期限', 'a shop may adopt late money within', { hours: count('hours', 0, 8784) }),
  category: kind('经营类目', 'category', { name: words, body: oneOf('goods', 'virtual', 'public') }),
  licence: kind('资质', 'licence', { name: words, expires_on: date }),
  scene: kind('可用场景', 'use in this scene', { allowed: yesNo }),
  statement: kind('对账单', 'statement', {
    way: oneOf('console', 'api', 'pushed'),
    ready_from: optional(timeOfDay),
    day_begins: optional(timeOfDay),
  }),
} as const;

export type TermKind = keyof typeof kinds;
type FieldsOf<K extends TermKind> = (typeof kinds)[K]['fields'];
export type TermValue<K extends TermKind> = {
  readonly [F in keyof FieldsOf<K>]: FieldsOf<K>[F] extends Field<infer T> ? T : never;
};

export const termKinds = Object.keys(kinds) as readonly TermKind[];

export function isTermKind(text: string): text is TermKind {
  return Object.hasOwn(kinds, text);
}

export function labelOf(name: TermKind): { readonly zh: string; readonly en: string } {
  const { zh, en } = kinds[name];
  return { zh, en };
}

/** Which member of a value is not as its kind wants it, and what is allowed there. */
export type Misfit = { readonly field: string; readonly found: string; readonly allowed: string };

export type ReadValue<K extends TermKind> =
  { readonly fits: true; readonly value: TermValue<K> } | { readonly fits: false; readonly misfit: Misfit };

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'));

/** Reads a value as its kind wants it: nothing missing, nothing that nobody would read. */
export function readValue<K extends TermKind>(name: K, given: unknown): ReadValue<K> {
  const fields: Readonly<Record<string, Field<unknown>>> = kinds[name].fields;
  if (given === null || typeof given !== 'object' || Array.isArray(given))
    return { fits: false, misfit: { field: name, found: shown(given), allowed: Object.keys(fields).join(', ') } };
  const value: Record<string, unknown> = {};
  const entries = new Map(Object.entries(given));
  for (const [field, { form, optional: may, read }] of Object.entries(fields)) {
    const found = entries.get(field);
    entries.delete(field);
    if (found === undefined && may) continue;
    value[field] = read(found);
    if (value[field] === undefined) return { fits: false, misfit: { field, found: shown(found), allowed: form } };
  }
  const [stranger] = entries;
  if (stranger) {
    const [field, found] = stranger;
    return { fits: false, misfit: { field, found: shown(found), allowed: Object.keys(fields).join(', ') } };
  }
  const uneven = unevenOf(name, value);
  return uneven ? { fits: false, misfit: uneven } : { fits: true, value: value as TermValue<K> };
}

/** What the members of one value must be to each other. */
function unevenOf(name: TermKind, value: Readonly<Record<string, unknown>>): Misfit | undefined {
  if (name === 'fee_return' && value['reading'] !== undefined && value['kind'] !== 'rate_min')
    return { field: 'reading', found: shown(value['reading']), allowed: 'only with kind rate_min' };
  if (name === 'limits' && Object.keys(value).length === 0)
    return { field: name, found: '{}', allowed: 'single_minor, day_minor or month_minor' };
  return undefined;
}
