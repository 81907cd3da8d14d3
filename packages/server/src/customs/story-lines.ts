import type { Instant } from '../kernel/index.ts';
import { caseWords } from '../cases/index.ts';
import {
  auditEntry,
  caseEntries,
  exchangeEntry,
  fromChannel,
  inOrder,
  markOf,
  masked,
  toChannel,
  trustWords,
} from '../platform/story/index.ts';
import type { AuditLine, CaseLine, ExchangeLine, Ordered, TimelineEntry, Words } from '../platform/story/index.ts';
import type { Declaration } from './declaration.ts';
import { evidenceOf } from './evidence.ts';
import {
  customsActs,
  judgedWords,
  leftOutWords,
  ofPack,
  ofPlan,
  packedWords,
  packSentWords,
  plannedWords,
  verdictWords,
  voices,
} from './story-lines.texts.ts';
import type { PackLine, PlanLine, ReportLine } from './story-store.ts';
import { evidenceWords, factWords, operationOf, reasonOf } from './story.texts.ts';
import type { KeptFact } from './store.ts';
import { triageTable } from './triage-table.ts';

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
      .map((exchange) => ({
        order: exchange.id,
        entry: exchangeEntry(exchange, channel, operationOf(exchange.operation)),
      })),
    ...rows.plans.flatMap((plan) =>
      planEntries(plan, declaration).map((entry) => ({ order: orderOf(plan, rows), entry })),
    ),
    ...rows.reports.flatMap(verdictEntry).map((entry) => ({ order: last, entry })),
    ...rows.packs.flatMap(packEntries).map((entry) => ({ order: last, entry })),
    ...rows.cases.flatMap((one) => caseEntries(one, caseWords(one.kind))).map((entry) => ({ order: last, entry })),
    ...rows.audit.map((line) => ({ order: line.id, entry: auditEntry(line, customsActs) })),
  ];
  return inOrder(entries);
}

/** Verdicts and cases have no id that rises with time, and follow from what was heard. */
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
