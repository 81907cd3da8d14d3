import { parseShanghai } from '../kernel/index.ts';
import { parseExact } from './decimal.ts';
import { labels } from './kinds.texts.ts';

/** How one member of a term's value is read. `form` tells people what is allowed. */
type Field<T> = { readonly form: string; readonly optional: boolean; readonly read: (value: unknown) => T | undefined };

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

const instalmentCounts = textLike('numbers of instalments, as in 3,6,12', (text) =>
  /^\d{1,2}(,\d{1,2}){0,11}$/.test(text),
);

const kind = <F extends Readonly<Record<string, Field<unknown>>>>(fields: F): { readonly fields: F } => ({ fields });

/** What a contract can say of an account. A value is flat: texts and whole numbers under the names of its paper. */
const kinds = {
  fee: kind({ rate, min_minor: optional(minor), fixed_minor: optional(minor) }),
  fee_return: kind({
    kind: oneOf(
      ...(['none', 'full_only', 'rate', 'rate_min', 'proportional', 'until_full', 'daily_net'] as const),
      ...(['single_negative', 'percent_only'] as const),
    ),
    reading: optional(oneOf('a', 'b', 'c')),
    smallest_minor: optional(minor),
  }),
  void_fee: kind({ charged: yesNo }),
  refund_window: kind({ days: count('days', 1, 3660) }),
  refund_count: kind({ max: count('a whole number', 1, 10_000) }),
  refund_gap: kind({ seconds: count('seconds', 0, 86_400) }),
  refund_partial: kind({ allowed: yesNo }),
  refund_permission: kind({ allowed: yesNo }),
  refund_approval_above: kind({ minor }),
  limits: kind({
    single_minor: optional(minor),
    day_minor: optional(minor),
    month_minor: optional(minor),
    day_count: optional(count('payments begun in a day', 1, 1_000_000_000)),
  }),
  hours: kind({ from: timeOfDay, to: timeOfDay }),
  settlement: kind({
    mode: oneOf('automatic', 'manual'),
    cycle_days: optional(count('days', 0, 366)),
    threshold_minor: optional(minor),
    currency: optional(textLike('three letters', (text) => /^[A-Z]{3}$/.test(text))),
    fund_flow: optional(oneOf('old', 'new')),
  }),
  surplus: kind({
    policy: oneOf('refund', 'keep', 'credit'),
    delay_seconds: count('seconds', 0, 86_400),
  }),
  paid_while_closing: kind({
    deadline: oneOf('keep'),
    cancel_by_shop: oneOf('refund', 'keep'),
  }),
  adopt_within: kind({ hours: count('hours', 0, 8784) }),
  category: kind({ name: words, body: oneOf('goods', 'virtual', 'public') }),
  licence: kind({ name: words, expires_on: date }),
  scene: kind({ allowed: yesNo }),
  credit_card: kind({ allowed: yesNo }),
  instalments: kind({ counts: instalmentCounts, min_minor: optional(minor) }),
  split: kind({ receivers_max: count('receivers', 1, 1000) }),
  statement: kind({
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
  return labels[name];
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
  const entries = new Map<string, unknown>(Object.entries(given));
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

/** A value that was typed as words: what a kind counts becomes a number, and everything else stays as it was typed. */
export function valueOfWords(
  name: TermKind,
  typed: Readonly<Record<string, string>>,
): Readonly<Record<string, string | number>> {
  const fields: Readonly<Record<string, Field<unknown>>> = kinds[name].fields;
  const read = (field: string, text: string): string | number => {
    const isText = !Object.hasOwn(fields, field) || fields[field]?.read(text) !== undefined;
    return !isText && /^\d{1,15}$/.test(text) ? Number(text) : text;
  };
  return Object.fromEntries(Object.entries(typed).map(([field, text]) => [field, read(field, text)]));
}

/** What the members of one value must be to each other. */
function unevenOf(name: TermKind, value: Readonly<Record<string, unknown>>): Misfit | undefined {
  if (name === 'fee_return' && value['reading'] !== undefined && value['kind'] !== 'rate_min')
    return { field: 'reading', found: shown(value['reading']), allowed: 'only with kind rate_min' };
  if (name === 'limits' && Object.keys(value).length === 0)
    return { field: name, found: '{}', allowed: 'single_minor, day_minor, month_minor or day_count' };
  return undefined;
}
