import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { CustomsRules, QueryFacts } from '../channels/contract/index.ts';
import type { AdoptedRow } from '../payments/index.ts';

/** What a template may take from a row. */
const templateFields = ['order_no', 'child_order_no', 'trade_no', 'waybill_no'] as const;
type TemplateField = (typeof templateFields)[number];

type Part = { readonly text: string } | { readonly field: TemplateField };
export type RequestTemplate = { readonly text: string; readonly parts: readonly Part[] };

const allowed = templateFields.map((field) => `{${field}}`).join(' ');

/** `LS{order_no}`: fixed text and at least one field, by which the rows differ. */
export function readTemplate(text: string): Result<RequestTemplate> {
  const parts: Part[] = [];
  for (const piece of text.match(/\{[^{}]*\}|[^{}]+|[{}]/g) ?? []) {
    const field = templateFields.find((name) => piece === `{${name}}`);
    if (field) parts.push({ field });
    else if (/[{}]/.test(piece)) return refuse('import.template_malformed', { template: text, found: piece, allowed });
    else parts.push({ text: piece });
  }
  const hasField = parts.some((part) => 'field' in part);
  return hasField
    ? done({ text, parts })
    : refuse('import.template_malformed', { template: text, found: text === '' ? '-' : text, allowed });
}

/** Undefined when the row lacks a field that the template takes. */
function fill({ parts }: RequestTemplate, row: AdoptedRow): string | undefined {
  const values: Readonly<Record<TemplateField, string | undefined>> = {
    order_no: row.orderNo,
    child_order_no: row.childOrderNo,
    trade_no: row.tradeNo,
    waybill_no: row.waybillNo,
  };
  const pieces = parts.map((part) => ('field' in part ? values[part.field] : part.text));
  return pieces.includes(undefined) ? undefined : pieces.join('');
}

/** A row of the file that has no request number, with the one that the template makes. */
export type Candidate = { readonly row: AdoptedRow; readonly index: number; readonly requestNo: string };

/** One candidate for every row without a request number. One that cannot be a number refuses the template: it is not how they were made. */
export function candidatesOf(
  template: RequestTemplate,
  rows: readonly AdoptedRow[],
  rules: CustomsRules,
): Result<readonly Candidate[]> {
  const form = new RegExp(rules.requestNo.pattern);
  const used = new Set(rows.flatMap((row) => row.requestNo ?? []));
  const candidates: Candidate[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.requestNo !== undefined) continue;
    const requestNo = fill(template, row) ?? '';
    if (!form.test(requestNo) || used.has(requestNo)) {
      const params = { template: template.text, line: row.line, found: requestNo };
      return refuse('import.template_unfit', params, `line ${row.line}`);
    }
    used.add(requestNo);
    candidates.push({ row, index, requestNo });
  }
  return done(candidates);
}

/** Evenly over the file, first and last included: a way of numbering that changed on some day is not missed. */
export function sampleOf<T>(all: readonly T[], count: number): readonly T[] {
  if (all.length <= count) return all;
  const step = (all.length - 1) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, index) => all[Math.round(index * step)]).filter((one) => one !== undefined);
}

/** How the channel's record differs from the row; undefined when it is the row's own declaration. */
export function differenceOf(row: AdoptedRow, facts: QueryFacts): string | undefined {
  if (!facts.found) return 'not found';
  // Not split, the pushed payment number is the trade number; split, it is another one (Alipay acquire.customs document, trade_no).
  const pushed = row.isSplit ? row.pushedPaymentNo : row.tradeNo;
  if (facts.isSplit !== row.isSplit) return facts.isSplit ? 'split' : 'not split';
  if (pushed !== undefined && facts.pushedPaymentNo !== pushed) return `payment number ${facts.pushedPaymentNo}`;
  if (row.isSplit && facts.childOrderNo !== row.childOrderNo) return `child order ${facts.childOrderNo ?? '-'}`;
  if (facts.amount?.minor !== row.declaredAmount.minor || facts.amount.currency !== row.declaredAmount.currency)
    return `amount ${facts.amount === undefined ? '-' : String(facts.amount.minor)} fen`;
  if (facts.place.toUpperCase() !== row.place.toUpperCase()) return `place ${facts.place}`;
  return undefined;
}
