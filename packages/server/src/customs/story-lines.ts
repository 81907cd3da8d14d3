import type { Instant } from '../kernel/index.ts';
import type { Declaration } from './declaration.ts';
import { evidenceOf } from './evidence.ts';
import type { FactTrust } from './facts.ts';
import {
  callWords,
  caseActWords,
  endWords,
  fromChannel,
  judgedWords,
  leftOutWords,
  ofCase,
  ofPack,
  ofPerson,
  ofPlan,
  packedWords,
  packSentWords,
  personActWords,
  plannedWords,
  toChannel,
  verdictWords,
  voices,
} from './story-lines.texts.ts';
import { maskText } from './story-mask.ts';
import type { AuditLine, CaseLine, ExchangeLine, PackLine, PlanLine, ReportLine } from './story-store.ts';
import { both, evidenceWords, factWords, operationOf, reasonOf, trustWords } from './story.texts.ts';
import type { Words } from './story.texts.ts';
import type { KeptFact } from './store.ts';
import { triageTable } from './triage-table.ts';

export type ExchangeMark = {
  readonly id: string;
  readonly operation: string;
  readonly try: number;
  /** `open`: nobody has heard anything yet. */
  readonly ended: 'answered' | 'silent' | 'unsent' | 'lost' | 'open';
  readonly httpStatus?: number;
  readonly ms?: number;
};

/** What an entry rests on: a kept exchange, a row of a file, a plan, an approval, a case, an audit entry. */
export type Evidence = {
  readonly exchange?: ExchangeMark;
  readonly file?: { readonly report: string; readonly name: string; readonly line: number };
  readonly plan?: string;
  readonly pack?: string;
  readonly case?: string;
  readonly audit?: string;
};

export type TimelineEntry = {
  readonly at: Instant;
  readonly who: Words;
  readonly what: Words;
  /** Absent where nobody outside vouches for anything: our own acts. */
  readonly trust?: { readonly kind: FactTrust; readonly words: Words };
  /** The same was said this often; last at that moment. */
  readonly seen?: { readonly times: number; readonly lastAt: Instant };
  readonly evidence: Evidence;
};

export type StoryRows = {
  readonly facts: readonly KeptFact[];
  readonly exchanges: readonly ExchangeLine[];
  readonly plans: readonly PlanLine[];
  readonly reports: readonly ReportLine[];
  readonly cases: readonly CaseLine[];
  readonly packs: readonly PackLine[];
  readonly audit: readonly AuditLine[];
};

/** Everything that was said and done about one declaration, in the order of time. */
export function timelineOf(declaration: Declaration, channel: Words, rows: StoryRows): TimelineEntry[] {
  const told = new Set(rows.facts.flatMap((fact) => fact.exchange?.id ?? []));
  const entries: Ordered[] = [
    ...rows.facts.map((fact) => ({ order: fact.id, entry: factEntry(fact, channel, rows) })),
    ...rows.exchanges
      .filter(({ id }) => !told.has(id))
      .map((exchange) => ({ order: exchange.id, entry: exchangeEntry(exchange, channel) })),
    ...rows.plans.flatMap((plan) =>
      planEntries(plan, declaration).map((entry) => ({ order: orderOf(plan, rows), entry })),
    ),
    ...rows.reports.flatMap(verdictEntry).map((entry) => ({ order: last, entry })),
    ...rows.packs.flatMap(packEntries).map((entry) => ({ order: last, entry })),
    ...rows.cases.flatMap(caseEntries).map((entry) => ({ order: last, entry })),
    ...rows.audit.map((line) => ({ order: line.id, entry: auditEntry(line) })),
  ];
  return entries
    .sort((a, b) => a.entry.at - b.entry.at || (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
    .map(({ entry }) => entry);
}

/** Ids rise with time (RFC 9562, UUIDv7): they order what happened in the same millisecond. */
type Ordered = { readonly order: string; readonly entry: TimelineEntry };
/** Verdicts and cases have none, and follow from what was heard. */
const last = '~';

/** A plan has no such id: its lines follow the entry of who proposed it. */
function orderOf({ planId }: PlanLine, { audit }: StoryRows): string {
  const proposed = audit.find(({ act, subject }) => /^customs\.\w+_proposed$/.test(act) && subject === planId);
  return proposed ? `${proposed.id}+` : '';
}

function factEntry(fact: KeptFact, channel: Words, rows: StoryRows): TimelineEntry {
  const { body } = fact;
  const exchange = rows.exchanges.find(({ id }) => id === fact.exchange?.id);
  const row = 'reportId' in body ? body : undefined;
  const name = rows.reports.find(({ reportId }) => reportId === row?.reportId)?.fileName;
  const words = factWords(body);
  return {
    at: fact.happenedAt,
    who: sourceWords(fact, channel),
    what: masked(words),
    ...(fact.source === 'us' ? {} : { trust: { kind: fact.trust, words: trustWords[fact.trust] } }),
    ...(fact.seenCount > 1 ? { seen: { times: fact.seenCount, lastAt: fact.lastSeenAt } } : {}),
    evidence: {
      ...(exchange ? { exchange: markOf(exchange) } : {}),
      ...(row ? { file: { report: row.reportId, name: name ?? '', line: row.line } } : {}),
      ...(body.kind === 'push_started' ? { plan: body.planId } : {}),
    },
  };
}

function sourceWords({ source, body }: KeptFact, channel: Words): Words {
  if (source === 'channel') return fromChannel(channel);
  return source === 'us' && body.kind === 'push_started' ? toChannel(channel) : voices[source];
}

const masked = ({ zh, en }: Words): Words => both(maskText(zh), maskText(en));

function markOf({ id, operation, try: tryNo, ended, httpStatus, ms }: ExchangeLine): ExchangeMark {
  return {
    ...{ id, operation, try: tryNo, ended: ended ?? 'open' },
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(ms === undefined ? {} : { ms: Math.round(ms) }),
  };
}

/** A call that left no fact of its own: the channel said the same as before, or nothing. */
function exchangeEntry(exchange: ExchangeLine, channel: Words): TimelineEntry {
  const { operation, try: tryNo, ended, why, httpStatus } = exchange;
  return {
    at: exchange.createdAt,
    who: toChannel(channel),
    what: masked(callWords(operationOf(operation), tryNo, endWords(ended, why, httpStatus))),
    evidence: { exchange: markOf(exchange) },
  };
}

function planEntries(plan: PlanLine, declaration: Declaration): TimelineEntry[] {
  const { planId, state, judgedAt } = plan;
  const entry = (at: Instant, what: Words): TimelineEntry => ({
    at,
    who: ofPlan(planId),
    what,
    evidence: { plan: planId },
  });
  const made = entry(plan.madeAt, plannedWords(plan.planKind, plan.position, plan.size));
  if (judgedAt === undefined) return [made];
  if (state === 'skipped' || state === 'refused') return [made, entry(judgedAt, masked(leftOutWords(state, plan.why)))];
  return [made, entry(judgedAt, evidenceSentence(plan, declaration))];
}

function evidenceSentence(plan: PlanLine, { summary }: Declaration): Words {
  const { pushedAt, pushes, unsigned } = plan;
  const level = isLevel(plan.evidence) ? plan.evidence : 'E0';
  const found = pushedAt === undefined ? undefined : evidenceOf(plan.before ?? {}, pushedAt, summary);
  const reasons = (found?.level === level ? found.reasons : []).map(reasonOf);
  return judgedWords(pushes, level, evidenceWords[level], reasons, unsigned);
}

function isLevel(text: string | undefined): text is keyof typeof evidenceWords {
  return text !== undefined && Object.hasOwn(evidenceWords, text);
}

function verdictEntry({ verdictRow, judgedAt, reportId, fileName, line }: ReportLine): TimelineEntry[] {
  if (judgedAt === undefined || verdictRow === undefined) return [];
  const what = verdictWords(triageTable.find((one) => one.row === verdictRow));
  return [{ at: judgedAt, who: voices.triage, what, evidence: { file: { report: reportId, name: fileName, line } } }];
}

function packEntries({ packId, receiver, position, size, madeAt, sentAt, sentNote }: PackLine): TimelineEntry[] {
  const entry = (at: Instant, what: Words): TimelineEntry => ({
    at,
    who: ofPack(packId),
    what,
    evidence: { pack: packId },
  });
  const made = entry(madeAt, packedWords(receiver, position, size));
  return sentAt === undefined ? [made] : [made, entry(sentAt, masked(packSentWords(receiver, sentNote)))];
}

function caseEntries({ id, kind, openedAt, closedAt }: CaseLine): TimelineEntry[] {
  const entry = (at: Instant, act: 'opened' | 'closed'): TimelineEntry => ({
    at,
    who: ofCase(id),
    what: caseActWords(act, kind),
    evidence: { case: id },
  });
  const opened = entry(openedAt, 'opened');
  return closedAt === undefined ? [opened] : [opened, entry(closedAt, 'closed')];
}

export function auditEntry({ id, at, actor, door, act, subject, reason }: AuditLine): TimelineEntry {
  return {
    at,
    who: ofPerson(actor, door),
    what: masked(personActWords(act, subject, reason)),
    evidence: { audit: id },
  };
}
