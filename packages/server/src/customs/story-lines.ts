import type { Instant } from '../kernel/index.ts';
import { caseKinds } from '../cases/index.ts';
import type { CaseKindName } from '../cases/index.ts';
import type { Declaration } from './declaration.ts';
import { evidenceOf } from './evidence.ts';
import type { Before } from './evidence.ts';
import type { FactTrust } from './facts.ts';
import { maskText } from './story-mask.ts';
import type { AuditLine, CaseLine, ExchangeLine, PlanLine, ReportLine } from './story-store.ts';
import { both, evidenceWords, factWords, operationOf, reasonOf, trustWords } from './story-words.ts';
import type { Words } from './story-words.ts';
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
  const proposed = audit.find(({ act, subject }) => act === 'customs.repush_proposed' && subject === planId);
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
  switch (source) {
    case 'import':
      return both('导入', 'import');
    case 'us':
      return body.kind === 'push_started' ? toChannel(channel) : both('我方', 'us');
    case 'channel':
      return both(`${channel.zh}→我方`, `${channel.en}→us`);
    case 'port':
      return both('口岸清单', 'port list');
    case 'customs':
      return both('海关回执', 'customs receipt');
    case 'operator':
      return both('操作人员', 'operator');
  }
}

const toChannel = (channel: Words): Words => both(`我方→${channel.zh}`, `us→${channel.en}`);
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
  const what = operationOf(exchange.operation);
  const end = endWords(exchange);
  return {
    at: exchange.createdAt,
    who: toChannel(channel),
    what: masked(both(`${what.zh}，第 ${exchange.try} 次：${end.zh}`, `${what.en}, try ${exchange.try}: ${end.en}`)),
    evidence: { exchange: markOf(exchange) },
  };
}

function endWords({ ended, why, httpStatus }: ExchangeLine): Words {
  const because = why === '' ? both('', '') : both(`（${why}）`, ` (${why})`);
  switch (ended) {
    case undefined:
      return both('尚无应答', 'no answer yet');
    case 'answered':
      return both(
        `已应答，HTTP ${httpStatus ?? '?'}，内容与之前相同`,
        `answered, HTTP ${httpStatus ?? '?'}, nothing new in it`,
      );
    case 'silent':
      return both(`没有应答，结果未知${because.zh}`, `no answer, the result is unknown${because.en}`);
    case 'unsent':
      return both(`没有发出${because.zh}`, `nothing was sent${because.en}`);
    case 'lost':
      return both(`应答丢失，结果未知${because.zh}`, `the answer was lost, the result is unknown${because.en}`);
  }
}

const skipWords: ReadonlyMap<string, Words> = new Map([
  ['released', both('已放行', 'released')],
  ['customs_has_it', both('海关已收', 'customs has it')],
  ['eport_has_it', both('电子口岸已收', 'the e-port has it')],
  ['refused_by_customs', both('海关退单', 'refused by customs')],
  ['cannot_be_asked', both('无法查询', 'it cannot be asked about')],
  ['place_without_repush', both('该口岸不支持重推', 'its place takes no re-push')],
  ['in_another_plan', both('已在另一计划中', 'it is in another plan')],
]);

function planEntries(plan: PlanLine, declaration: Declaration): TimelineEntry[] {
  const entry = (at: Instant, what: Words): TimelineEntry => ({
    at,
    who: both(`计划 ${plan.planId}`, `plan ${plan.planId}`),
    what,
    evidence: { plan: plan.planId },
  });
  const made = entry(
    plan.madeAt,
    both(
      `列入重推计划，第 ${plan.position} 笔，共 ${plan.size} 笔；尚未发送`,
      `put into the re-push plan, number ${plan.position} of ${plan.size}; nothing sent yet`,
    ),
  );
  const at = plan.judgedAt;
  if (at === undefined) return [made];
  if (plan.state === 'skipped' || plan.state === 'refused') {
    const why = skipWords.get(plan.why) ?? both(plan.why, plan.why);
    const words = plan.state === 'skipped' ? both('跳过', 'left out') : both('渠道拒绝', 'refused by the channel');
    return [made, entry(at, masked(both(`${words.zh}：${why.zh}`, `${words.en}: ${why.en}`)))];
  }
  return [made, entry(at, evidenceSentence(plan, declaration))];
}

function evidenceSentence(plan: PlanLine, { summary }: Declaration): Words {
  const level = isLevel(plan.evidence) ? plan.evidence : 'E0';
  const found =
    plan.pushedAt === undefined ? undefined : evidenceOf((plan.before ?? {}) as Before, plan.pushedAt, summary);
  const reasons = (found?.level === level ? found.reasons : []).map(reasonOf);
  const zh = reasons.length === 0 ? '' : `（${reasons.map((reason) => reason.zh).join('、')}）`;
  const en = reasons.length === 0 ? '' : ` (${reasons.map((reason) => reason.en).join(', ')})`;
  const signed = plan.unsigned ? both('；依据未签名的应答', '; it rests on an unsigned answer') : both('', '');
  return both(
    `推送 ${plan.pushes} 次，证据 ${level}：${evidenceWords[level].zh}${zh}${signed.zh}`,
    `pushed ${plan.pushes} times, evidence ${level}: ${evidenceWords[level].en}${en}${signed.en}`,
  );
}

function isLevel(text: string | undefined): text is keyof typeof evidenceWords {
  return text !== undefined && Object.hasOwn(evidenceWords, text);
}

function verdictEntry({ verdictRow, judgedAt, reportId, fileName, line }: ReportLine): TimelineEntry[] {
  if (judgedAt === undefined || verdictRow === undefined) return [];
  const row = triageTable.find((one) => one.row === verdictRow && one.row !== '-');
  const words = row
    ? both(`第 ${row.row} 行：${row.causeZh}；${row.doZh}`, `row ${row.row}: ${row.causeEn}; ${row.doEn}`)
    : both('无需处理', 'nothing to do');
  return [
    {
      at: judgedAt,
      who: both('分诊', 'triage'),
      what: words,
      evidence: { file: { report: reportId, name: fileName, line } },
    },
  ];
}

export function caseWords(kind: string): Words {
  return Object.hasOwn(caseKinds, kind) ? caseKinds[kind as CaseKindName] : both(kind, kind);
}

function caseEntries({ id, kind, openedAt, closedAt }: CaseLine): TimelineEntry[] {
  const words = caseWords(kind);
  const entry = (at: Instant, zh: string, en: string): TimelineEntry => ({
    at,
    who: both(`差错单 ${id}`, `case ${id}`),
    what: both(`${zh}：${words.zh}`, `${en}: ${words.en}`),
    evidence: { case: id },
  });
  const opened = entry(openedAt, '开立', 'opened');
  return closedAt === undefined ? [opened] : [opened, entry(closedAt, '关闭', 'closed')];
}

const actWords: ReadonlyMap<string, Words> = new Map([
  ['customs.imported', both('导入口岸清单', 'imported the port list')],
  ['customs.receipts_imported', both('导入海关回执', 'imported customs receipts')],
  ['customs.triaged', both('开始分诊', 'started the triage')],
  ['customs.repush_proposed', both('提出重推', 'proposed the re-push')],
  ['approval.asked', both('提交复核', 'asked for a second person')],
  ['approval.approved', both('复核通过', 'approved')],
  ['approval.refused', both('复核拒绝', 'refused')],
  ['approval.used', both('开始执行', 'started it')],
  ['approval.lapsed', both('复核逾期失效', 'the request lapsed')],
  ['case.closed', both('关闭差错单', 'closed the case')],
]);

export function auditEntry({ id, at, actor, door, act, subject, reason }: AuditLine): TimelineEntry {
  const words = actWords.get(act) ?? both(act, act);
  const why = reason === '' ? both('', '') : masked(both(`：“${reason}”`, `: "${reason}"`));
  return {
    at,
    who: both(`${actor}（${door}）`, `${actor} (${door})`),
    what: both(`${words.zh} ${subject}${why.zh}`, `${words.en}: ${subject}${why.en}`),
    evidence: { audit: id },
  };
}
