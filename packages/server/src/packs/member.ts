import { shanghaiText, toDecimal } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Declaration, Summary } from '../customs/index.ts';
import type { Tried } from './member-store.ts';
import { columnWords } from './member.texts.ts';
import type { Words } from './words.ts';

/** The last answer to a query, by which anybody can ask for the bytes. */
export type LastAnswer = { readonly exchangeId: string; readonly answerSha256: string };

export type PackMember = {
  readonly declaration: Declaration;
  readonly verdictRow: string | undefined;
  readonly why: Words;
  readonly tried: Tried | undefined;
  readonly answer: LastAnswer | undefined;
};

/** Nothing that the receiver needs to look one up is absent. */
export function isComplete({ declaration: { summary }, answer }: PackMember): boolean {
  return summary.firstAcceptedAt !== undefined && lastQueryOf(summary) !== undefined && answer !== undefined;
}

type Said = { readonly at: Instant; readonly what: string };

/** What the channel answered last, in its own words where it had any. */
function lastQueryOf(summary: Summary): Said | undefined {
  const { lastAskedAt, queryDoubt, snapshot, snapshotAt } = summary;
  if (lastAskedAt === undefined) return undefined;
  if (queryDoubt !== undefined) return { at: lastAskedAt, what: `in_doubt: ${queryDoubt}` };
  const notFoundAt = summary.notFoundTimes.at(-1);
  if (notFoundAt !== undefined && notFoundAt >= (snapshotAt ?? 0)) return { at: notFoundAt, what: 'not_found' };
  if (!snapshot || snapshotAt === undefined) return undefined;
  const { receipt, channelStatus, memo } = snapshot;
  const told = receipt ? `receipt=${receipt.code} ${receipt.text}`.trim() : 'no receipt';
  const at = receipt?.at === undefined ? '' : ` at ${shanghaiText(receipt.at)}`;
  return { at: snapshotAt, what: `status=${channelStatus}; ${told}${at}${memo === '' ? '' : `; memo=${memo}`}` };
}

/** What port or customs said last, whoever told us. */
function customsFactOf({ best, bad, missing, listStatus, released }: Summary): (Said & { text: string }) | undefined {
  const said: (Said & { text: string })[] = [];
  const receipt = (one: Summary['best']): void => {
    if (one) said.push({ at: one.at, what: `receipt ${one.code} (by ${one.source})`, text: one.text });
  };
  receipt(best);
  receipt(bad);
  if (listStatus) said.push({ at: listStatus.at, what: `list receipt ${listStatus.code}`, text: listStatus.text });
  if (missing) said.push({ at: missing.at, what: `reported missing (by ${missing.source})`, text: '' });
  if (released) said.push({ at: released.at, what: `released (by ${released.source})`, text: '' });
  // Of what was said at one moment the first: a list receipt that reports a missing record says more than that it is missing.
  return said.reduce<(Said & { text: string }) | undefined>(
    (last, one) => (last && last.at >= one.at ? last : one),
    undefined,
  );
}

export type Column = {
  /** The name in CSV and in the API. */
  readonly name: string;
  readonly heading: Words;
  /** In characters. */
  readonly width: number;
  readonly value: (member: PackMember) => string;
};

const time = (at: Instant | undefined): string => (at === undefined ? '' : shanghaiText(at));

function pushResult({ push, pushes }: Summary): string {
  if (!push) return pushes > 0 ? 'by an earlier system' : '';
  return [push.outcome, push.code ?? '', push.text ?? ''].filter((word) => word !== '').join(' ');
}

type Name = keyof typeof columnWords;
const column = (name: Name, width: number, value: Column['value']): Column => ({
  ...{ name, heading: columnWords[name], width, value },
});

/** One line per declaration. Times are of Beijing; amounts in units of the currency. */
export const columns: readonly Column[] = [
  column('order_no', 28, ({ declaration }) => declaration.orderNo),
  column('child_order_no', 20, ({ declaration }) => declaration.childOrderNo),
  column('customs_order_no', 28, ({ declaration }) => declaration.customsOrderNo),
  column('waybill_no', 18, ({ declaration }) => declaration.waybillNo ?? ''),
  column('pushed_payment_no', 32, ({ declaration }) => declaration.summary.pushedPaymentNos.join(' ')),
  column('trade_no', 32, ({ declaration }) => declaration.tradeNo),
  column('declare_no', 24, ({ declaration }) => declaration.summary.snapshot?.channelDeclareNo ?? ''),
  column('request_no', 24, ({ declaration }) => declaration.requestNo ?? ''),
  column('place', 12, ({ declaration }) => declaration.place),
  column('record_no', 14, ({ declaration }) => declaration.customsCode),
  column('amount', 12, ({ declaration }) => toDecimal(declaration.declared)),
  column('currency', 8, ({ declaration }) => declaration.declared.currency),
  column('paid_at', 20, ({ declaration }) => time(declaration.paidAt)),
  column('accepted_at', 20, ({ declaration }) => time(declaration.summary.firstAcceptedAt)),
  column('last_query_at', 20, ({ declaration }) => time(lastQueryOf(declaration.summary)?.at)),
  column('last_query_result', 40, ({ declaration }) => lastQueryOf(declaration.summary)?.what ?? ''),
  column('last_query_sha256', 20, ({ answer }) => answer?.answerSha256 ?? ''),
  column('customs_fact', 30, ({ declaration }) => customsFactOf(declaration.summary)?.what ?? ''),
  column('customs_fact_at', 20, ({ declaration }) => time(customsFactOf(declaration.summary)?.at)),
  column('customs_text', 40, ({ declaration }) => customsFactOf(declaration.summary)?.text ?? ''),
  column('pushes', 8, ({ declaration }) => String(declaration.summary.pushes)),
  column('last_push_at', 20, ({ declaration }) => time(declaration.summary.lastPushAt)),
  column('last_push_result', 20, ({ declaration }) => pushResult(declaration.summary)),
  column('push_evidence', 10, ({ tried }) => (tried ? `${tried.evidence ?? '-'} (${tried.planId})` : '')),
  column('triage_row', 8, ({ verdictRow }) => verdictRow ?? ''),
  column('reply_result', 24, () => ''),
  column('reply_text', 40, () => ''),
];

/** Columns whose text others wrote: people may be named in it. */
const freeText: ReadonlySet<string> = new Set(['last_query_result', 'customs_text', 'last_push_result']);

/** The cells of one member. `mask` is applied to what others wrote. */
export function cellsOf(member: PackMember, mask: (text: string) => string): string[] {
  return columns.map(({ name, value }) => (freeText.has(name) ? mask(value(member)) : value(member)));
}
