import { parseShanghai } from '../kernel/index.ts';
import { parseExact } from './decimal.ts';
import { forms, labels, sameIn } from './kinds.texts.ts';
import type { Words } from './kinds.texts.ts';

/** How one member of a term's value is read. `form` tells people what is allowed. */
type Field<T> = { readonly form: Words; readonly optional: boolean; readonly read: (value: unknown) => T | undefined };

function textLike(form: Words, fits: (text: string) => boolean): Field<string> {
  return { form, optional: false, read: (value) => (typeof value === 'string' && fits(value) ? value : undefined) };
}

function count(form: Words, min: number, max: number): Field<number> {
  const fits = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  return { form, optional: false, read: (value) => (fits(value) ? value : undefined) };
}

function oneOf<const T extends string>(...words: readonly T[]): Field<T> {
  return { form: sameIn(words.join(' | ')), optional: false, read: (value) => words.find((word) => word === value) };
}

function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, optional: true };
}

const minor = count(forms.minor, 0, Number.MAX_SAFE_INTEGER);
const yesNo = oneOf('yes', 'no');
const words = textLike(forms.text, (text) => text.trim() !== '' && text.length <= 200);
const date = textLike(forms.date, (text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseShanghai(text) !== undefined);
const timeOfDay = textLike(forms.time, (text) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text));
/** Less than the whole amount: a rate written in per cent by mistake is refused. */
const rate = textLike(forms.rate, (text) => {
  const exact = parseExact(text);
  return exact !== undefined && exact.over < exact.under;
});

const instalmentCounts = textLike(forms.instalments, (text) => /^\d{1,2}(,\d{1,2}){0,11}$/.test(text));

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
  refund_window: kind({ days: count(forms.days, 1, 3660) }),
  refund_count: kind({ max: count(forms.count, 1, 10_000) }),
  refund_gap: kind({ seconds: count(forms.seconds, 0, 86_400) }),
  refund_partial: kind({ allowed: yesNo }),
  refund_permission: kind({ allowed: yesNo }),
  refund_approval_above: kind({ minor }),
  limits: kind({
    single_minor: optional(minor),
    day_minor: optional(minor),
    month_minor: optional(minor),
    day_count: optional(count(forms.dayCount, 1, 1_000_000_000)),
  }),
  hours: kind({ from: timeOfDay, to: timeOfDay }),
  settlement: kind({
    mode: oneOf('automatic', 'manual'),
    cycle_days: optional(count(forms.days, 0, 366)),
    threshold_minor: optional(minor),
    currency: optional(textLike(forms.currency, (text) => /^[A-Z]{3}$/.test(text))),
    fund_flow: optional(oneOf('old', 'new')),
  }),
  surplus: kind({
    policy: oneOf('refund', 'keep', 'credit'),
    delay_seconds: count(forms.seconds, 0, 86_400),
  }),
  paid_while_closing: kind({
    deadline: oneOf('keep'),
    cancel_by_shop: oneOf('refund', 'keep'),
  }),
  adopt_within: kind({ hours: count(forms.hours, 0, 8784) }),
  category: kind({ name: words, body: oneOf('goods', 'virtual', 'public') }),
  licence: kind({ name: words, expires_on: date }),
  scene: kind({ allowed: yesNo }),
  credit_card: kind({ allowed: yesNo }),
  instalments: kind({ counts: instalmentCounts, min_minor: optional(minor) }),
  split: kind({ receivers_max: count(forms.receivers, 1, 1000) }),
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

/** Which member of a value is not as its kind wants it, and what is allowed there. Nothing found: it is missing. */
export type Misfit = { readonly field: string; readonly found: string | undefined; readonly allowed: Words };

export type ReadValue<K extends TermKind> =
  | { readonly fits: true; readonly value: TermValue<K> }
  | { readonly fits: false; readonly misfits: readonly [Misfit, ...Misfit[]] };

const shown = (value: unknown): string | undefined =>
  typeof value === 'string' || value === undefined ? value : JSON.stringify(value);

/** Reads a value as its kind wants it: nothing missing, nothing that nobody would read. All that is wrong is named. */
export function readValue<K extends TermKind>(name: K, given: unknown): ReadValue<K> {
  const fields: Readonly<Record<string, Field<unknown>>> = kinds[name].fields;
  const known = forms.members(Object.keys(fields).join(', '));
  if (given === null || typeof given !== 'object' || Array.isArray(given))
    return { fits: false, misfits: [{ field: name, found: shown(given) ?? '-', allowed: known }] };
  const value: Record<string, unknown> = {};
  const misfits: Misfit[] = [];
  const entries = new Map<string, unknown>(Object.entries(given));
  for (const [field, { form, optional: may, read }] of Object.entries(fields)) {
    const found = entries.get(field);
    entries.delete(field);
    if (found === undefined && may) continue;
    value[field] = read(found);
    if (value[field] === undefined) misfits.push({ field, found: shown(found), allowed: form });
  }
  for (const [field, found] of entries) misfits.push({ field, found: shown(found) ?? '-', allowed: known });
  const [first, ...rest] = misfits;
  if (first) return { fits: false, misfits: [first, ...rest] };
  const uneven = unevenOf(name, value);
  return uneven ? { fits: false, misfits: [uneven] } : { fits: true, value: value as TermValue<K> };
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
    return { field: 'reading', found: shown(value['reading']), allowed: forms.withMinimum };
  if (name === 'limits' && Object.keys(value).length === 0)
    return { field: name, found: undefined, allowed: forms.someLimit };
  return undefined;
}
