import type { Instant } from '../kernel/index.ts';
import { findApproval } from '../approvals/index.ts';
import { caseWords, findCase } from '../cases/index.ts';
import { findAuditOf } from '../identity/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { auditEntry, dueWords, lapseWords, maskText } from '../platform/story/index.ts';
import type { NextStep, Possible, Reach, TimelineEntry, Words } from '../platform/story/index.ts';
import type { CustomsJobParts } from './calls.ts';
import { countItems, findPlan } from './plan-store.ts';
import { countUntied, findReport } from './report-store.ts';
import { planGroup, purposes } from './story-next.texts.ts';
import { customsActs } from './story-lines.texts.ts';
import { aboutWords, approvalWords, numberedState, planWords, reportWords } from './story-numbered.texts.ts';

/** A plan, report, approval or case by the number that people use for it. */
export type NumberedStory = {
  readonly kind: 'plan' | 'report' | 'approval' | 'case';
  readonly id: string;
  readonly merchantId: string;
  readonly state: { readonly code: string; readonly words: Words; readonly since: Instant | undefined };
  /** What it is, in a line. */
  readonly what: Words;
  readonly timeline: readonly TimelineEntry[];
  readonly next: readonly NextStep[];
  readonly can: readonly Possible[];
};

type Found = { readonly story: NumberedStory; readonly about: readonly RecordKey[] };

/** P-3, R-20151028-1, A-1, C-1042. */
export function isNumbered(form: string): boolean {
  return /^([PAC]-\d{1,15}|R-\d{8}-\d{1,9})$/.test(form);
}

export async function findNumbered(parts: CustomsJobParts, reach: Reach, ids: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const id of ids) {
    const one = await readers[id[0] as keyof typeof readers](parts, id);
    if (one && (reach === 'all' || reach.includes(one.story.merchantId))) found.push(one);
  }
  return found;
}

const readers = { P: readPlan, R: readReport, A: readApproval, C: readCase } as const;

async function auditOf(parts: CustomsJobParts, ids: readonly string[]): Promise<TimelineEntry[]> {
  return (await findAuditOf(parts.db, ids)).map((line) => auditEntry(line, customsActs));
}

function stateOf(code: string, since: Instant | undefined): NumberedStory['state'] {
  return { code, words: numberedState(code), since };
}

const command = (text: string, what: Words): Possible => ({ command: text, what });

async function readPlan(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const plan = await findPlan(parts.db, id);
  if (!plan) return undefined;
  const first: Readonly<Record<string, readonly Possible[]>> = {
    asked: [command(`liushui ${planGroup[plan.kind]} approve ${id}`, purposes.approvePlan)],
    approved: [command(`liushui ${planGroup[plan.kind]} run ${id}`, purposes.runPlan)],
    running: [command(`liushui ${planGroup[plan.kind]} run ${id}`, purposes.runPlan)],
  };
  const story: NumberedStory = {
    kind: 'plan',
    id,
    merchantId: plan.merchantId,
    state: stateOf(plan.state, undefined),
    what: planWords(plan, await countItems(parts.db, id)),
    timeline: await auditOf(parts, [id]),
    next: [],
    can: [...(first[plan.state] ?? []), command(`liushui ${planGroup[plan.kind]} show ${id}`, purposes.showPlan)],
  };
  return { story, about: [] };
}

async function readReport(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const report = await findReport(parts.db, id);
  if (!report) return undefined;
  const story: NumberedStory = {
    kind: 'report',
    id,
    merchantId: report.merchantId,
    state: stateOf('imported', report.importedAt),
    what: reportWords(report, await countUntied(parts.db, id)),
    timeline: await auditOf(parts, [id]),
    next: [],
    can: [
      command(`liushui customs triage ${id}`, purposes.triage),
      command(`liushui customs repush propose ${id}`, purposes.propose),
    ],
  };
  return { story, about: [] };
}

async function readApproval(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const approval = await findApproval(parts.db, id, parts.clock.now());
  if (!approval) return undefined;
  const asked = approval.state === 'asked';
  const story: NumberedStory = {
    kind: 'approval',
    id,
    merchantId: approval.merchantId,
    state: stateOf(approval.state, approval.decidedAt ?? approval.askedAt),
    what: approvalWords(approval),
    timeline: await auditOf(parts, [id, approval.subject]),
    next: asked ? [{ at: approval.lapsesAt, what: lapseWords(approval.lapsesAt) }] : [],
    can: asked ? [command(`liushui approvals approve ${id}`, purposes.approve)] : [],
  };
  return { story, about: [] };
}

async function readCase(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const one = await findCase(parts.db, id);
  if (!one) return undefined;
  const params = Object.entries(one.params).map(([name, value]) => `${name} ${value}`);
  const open = one.state === 'open';
  const story: NumberedStory = {
    kind: 'case',
    id,
    merchantId: one.merchantId,
    state: stateOf(one.state, one.closedAt ?? one.openedAt),
    what: aboutWords(caseWords(one.kind), maskText(params.join(', '))),
    timeline: await auditOf(parts, [id]),
    next: open ? [{ at: one.dueAt, what: dueWords(one.owner, one.dueAt), case: id }] : [],
    can: open ? [command(`liushui cases close ${id}`, purposes.closeCase)] : [],
  };
  const about = one.subjectKind === 'customs_declaration' ? [{ bucket: one.bucket, id: one.subject }] : [];
  return { story, about };
}
