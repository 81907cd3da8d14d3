import { shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { findApproval } from '../approvals/index.ts';
import { findCase } from '../cases/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { CustomsJobParts } from './calls.ts';
import { countItems, findPlan } from './plan-store.ts';
import { countUntied, findReport } from './report-store.ts';
import { auditEntry, caseWords } from './story-lines.ts';
import type { TimelineEntry } from './story-lines.ts';
import { maskText } from './story-mask.ts';
import type { NextStep, Possible } from './story-next.ts';
import { findAuditOf } from './story-store.ts';
import type { Reach } from './story-store.ts';
import { both } from './story-words.ts';
import type { Words } from './story-words.ts';

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
  return (await findAuditOf(parts.db, ids)).map(auditEntry);
}

const stateText: ReadonlyMap<string, Words> = new Map([
  ['asked', both('待复核', 'waits for a second person')],
  ['approved', both('已复核，未执行', 'approved, not run')],
  ['refused', both('已拒绝', 'refused')],
  ['lapsed', both('已逾期失效', 'lapsed')],
  ['used', both('已执行', 'carried out')],
  ['running', both('执行中', 'running')],
  ['finished', both('已结束', 'finished')],
  ['stopped', both('已停止', 'stopped')],
  ['open', both('未结', 'open')],
  ['closed', both('已结', 'closed')],
]);

function stateOf(code: string, since: Instant | undefined): NumberedStory['state'] {
  return { code, words: stateText.get(code) ?? both(code, code), since };
}

const command = (text: string, zh: string, en: string): Possible => ({ command: text, what: both(zh, en) });

const itemWords: ReadonlyMap<string, Words> = new Map([
  ['planned', both('待排', 'planned')],
  ['due', both('待推', 'waiting for their turn')],
  ['pushing', both('推送中', 'being pushed')],
  ['pushed', both('已推待证', 'pushed, evidence awaited')],
  ['judged', both('已判定', 'judged')],
  ['skipped', both('跳过', 'left out')],
  ['refused', both('渠道拒绝', 'refused by the channel')],
]);

type Counts = Readonly<Record<string, number>>;

function countsIn(lang: 'zh' | 'en', byState: Counts, byEvidence: Counts): string {
  return [...Object.entries(byState), ...Object.entries(byEvidence)]
    .map(([name, count]) => `${itemWords.get(name)?.[lang] ?? name} ${count}`)
    .join(lang === 'zh' ? '，' : ', ');
}

async function readPlan(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const plan = await findPlan(parts.db, id);
  if (!plan) return undefined;
  const { byState, byEvidence } = await countItems(parts.db, id);
  const zh = countsIn('zh', byState, byEvidence);
  const en = countsIn('en', byState, byEvidence);
  const can = {
    asked: [command(`liushui customs repush approve ${id}`, '由他人复核', 'a second person approves')],
    approved: [command(`liushui customs repush run ${id}`, '执行', 'run it')],
    running: [command(`liushui customs repush run ${id}`, '继续执行', 'go on with it')],
  } as const satisfies Record<string, readonly Possible[]>;
  const possible = Object.hasOwn(can, plan.state) ? can[plan.state as keyof typeof can] : [];
  const story: NumberedStory = {
    kind: 'plan',
    id,
    merchantId: plan.merchantId,
    state: stateOf(plan.state, undefined),
    what: both(
      `重推计划，${plan.size} 笔，清单 ${plan.reportId ?? '-'}，摘要 ${plan.digest.slice(0, 8)}；${zh}`,
      `re-push plan, ${plan.size} declarations, report ${plan.reportId ?? '-'}, digest ${plan.digest.slice(0, 8)}; ${en}`,
    ),
    timeline: await auditOf(parts, [id]),
    next: [],
    can: [...possible, command(`liushui customs repush show ${id}`, '查看进度', 'see how far it is')],
  };
  return { story, about: [] };
}

async function readReport(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const report = await findReport(parts.db, id);
  if (!report) return undefined;
  const unknown = await countUntied(parts.db, id);
  const { released, stuck } = report.separation;
  const story: NumberedStory = {
    kind: 'report',
    id,
    merchantId: report.merchantId,
    state: stateOf('imported', report.importedAt),
    what: both(
      `口岸清单 ${report.fileName}：${report.rowsKept} 行，滞留 ${stuck}，放行 ${released}，未知 ${unknown}`,
      `port list ${report.fileName}: ${report.rowsKept} rows, ${stuck} stuck, ${released} released, ${unknown} unknown`,
    ),
    timeline: await auditOf(parts, [id]),
    next: [],
    can: [
      command(`liushui customs triage ${id}`, '分诊', 'ask the channel and judge'),
      command(`liushui customs repush propose ${id}`, '提出重推', 'propose a re-push'),
    ],
  };
  return { story: { ...story, state: { ...story.state, words: both('已导入', 'imported') } }, about: [] };
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
    what: both(
      `${approval.command} ${approval.subject}，经办 ${approval.maker}，复核 ${approval.checker ?? '-'}，摘要 ${approval.digest.slice(0, 8)}`,
      `${approval.command} ${approval.subject}, proposed by ${approval.maker}, decided by ${approval.checker ?? '-'}, digest ${approval.digest.slice(0, 8)}`,
    ),
    timeline: await auditOf(parts, [id, approval.subject]),
    next: asked
      ? [
          {
            at: approval.lapsesAt,
            what: both(
              `逾期失效：${shanghaiText(approval.lapsesAt)} (GMT+8)`,
              `lapses at ${shanghaiText(approval.lapsesAt)} (GMT+8)`,
            ),
          },
        ]
      : [],
    can: asked ? [command(`liushui approvals approve ${id}`, '由他人复核', 'a second person approves')] : [],
  };
  return { story, about: [] };
}

async function readCase(parts: CustomsJobParts, id: string): Promise<Found | undefined> {
  const one = await findCase(parts.db, id);
  if (!one) return undefined;
  const words = caseWords(one.kind);
  const params = maskText(
    Object.entries(one.params)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  );
  const story: NumberedStory = {
    kind: 'case',
    id,
    merchantId: one.merchantId,
    state: stateOf(one.state, one.closedAt ?? one.openedAt),
    what: both(`${words.zh}（${params}）`, `${words.en} (${params})`),
    timeline: await auditOf(parts, [id]),
    next:
      one.state === 'open'
        ? [
            {
              at: one.dueAt,
              what: both(
                `负责人：${one.owner ?? '尚无人负责'}；到期 ${shanghaiText(one.dueAt)} (GMT+8)`,
                `owner: ${one.owner ?? 'nobody has taken it'}; due ${shanghaiText(one.dueAt)} (GMT+8)`,
              ),
              case: id,
            },
          ]
        : [],
    can: one.state === 'open' ? [command(`liushui cases close ${id}`, '处理后关闭', 'close it once settled')] : [],
  };
  const about = one.subjectKind === 'customs_declaration' ? [{ bucket: one.bucket, id: one.subject }] : [];
  return { story, about };
}
