import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import {
  countWaiting,
  importPortList,
  importReceipts,
  judgeReport,
  rebuildMerchant,
  startTriage,
} from '../customs/index.ts';
import type { ImportedReport, JudgedMember, Separation, TriageStart } from '../customs/index.ts';
import type { Answer, Words } from './answer.ts';
import { plain } from './answer.ts';
import { caveatWords, customsTexts as t, dimensionNames } from './customs.texts.ts';
import { count, readDuration, table } from './layout.ts';
import { evidenceCommands } from './evidence.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { declareAnewCommands, repushCommands } from './proposals.ts';
import { reportsCommand } from './reports.ts';
import { problemJson, problemLines } from './row-problems.ts';
import { merchantMeant, readInput } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Args, Run, Session, Use } from './session.ts';
import { badWait, workUntil } from './waiting.ts';

export function customsCommands(kit: Kit, program: Command): void {
  const customs = group(kit, program, 'customs', t.customs);
  const merchant = ['--merchant <id>', t.merchantOption] as const;
  leaf(kit, customs, 'import <file>', t.importAbout, importList, [['--as <meaning>', t.asOption], merchant]);
  reportsCommand(kit, customs);
  leaf(kit, customs, 'triage <report>', t.triageAbout, triage, [['--wait <time>', t.waitOption]]);
  repushCommands(kit, customs);
  declareAnewCommands(kit, customs);
  evidenceCommands(kit, customs);
  leaf(kit, customs, 'receipts <file...>', t.receiptsAbout, receipts, [merchant]);
  leaf(kit, customs, 'rebuild', t.rebuildAbout, rebuild, [['--write', t.writeOption], merchant]);
}

const meanings = new Map([
  ['missing', 'missing'],
  ['status-only', 'status_only'],
] as const);

const importList: Run = async (use, args, options) => {
  const as = text(options, 'as') ?? 'missing';
  const meaning = meanings.get(as as 'missing');
  if (!meaning)
    return refuse('usage.bad_input', { field: '--as', value: as, problem: 'missing | status-only' }, '--as');
  const file = await readInput(firstArg(args));
  if (!file.ok) return file;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const merchantId = await merchantMeant(opened.value, options);
  if (!merchantId.ok) return merchantId;
  const { name: fileName, bytes } = file.value;
  const listed = { merchantId: merchantId.value, fileName, bytes, meaning };
  const imported = await importPortList(opened.value.customs, opened.value.actor, listed);
  return imported.ok ? done(answerOfImport(imported.value)) : imported;
};

function answerOfImport(imported: ImportedReport): Answer {
  const { report, released, stuck, unknown, charset, again } = imported;
  const bad = new Set(report.problems.filter((one) => one.code !== 'import.duplicate_row').map((one) => one.line)).size;
  const counts = { found: report.rowsFound, kept: report.rowsKept, doubled: report.rowsDoubled, unknown, bad };
  const lines = [
    t.file(report.fileName, charset, Object.values(report.columns)),
    t.counts(counts),
    separationWords(report.separation),
    ...problemLines(report.problems),
    ...(unknown > 0 ? [t.unknownNote(unknown)] : []),
    again ? t.again(report.id) : t.report(report.id),
  ];
  const json = {
    report: report.id,
    again,
    ...{ file: report.fileName, charset, columns: report.columns, as: report.meaning },
    rows: report.rowsFound,
    kept: report.rowsKept,
    duplicate: report.rowsDoubled,
    unknown,
    problems: report.problems.map(problemJson),
    ...{ released, stuck },
    separating_dimension: separationJson(report.separation),
  };
  return { exit: 0, lines, json, next: `liushui customs triage ${report.id}` };
}

type Side = readonly { readonly from: string; readonly to: string }[];

function sideText(side: Side): string {
  return side.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(', ');
}

function separationWords({ stuck, released, best }: Separation): Words {
  const first = t.stuck(stuck, released);
  if (stuck === 0 || released === 0) return first;
  const name = best && (dimensionNames[best.name] ?? plain(best.name));
  const second =
    best && name
      ? t.separated(name, sideText(best.stuckSide), sideText(best.releasedSide), best.exceptions)
      : t.notSeparated;
  return { zh: first.zh + second.zh, en: `${first.en} ${second.en}` };
}

function separationJson({ best }: Separation): Record<string, unknown> | null {
  if (!best) return null;
  const { name, lift, stuckSide, releasedSide, perfect, exceptions } = best;
  return { name, lift, stuck: sideText(stuckSide), released: sideText(releasedSide), perfect, exceptions };
}

const triage: Run = async (use, args, options) => {
  const waitMs = readDuration(text(options, 'wait') ?? '2m');
  if (waitMs === undefined) return badWait(options);
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const reportId = firstArg(args);
  const started = await startTriage(session.customs, session.actor, reportId);
  if (!started.ok) return started;
  const waiting = await untilAnswered(use, session, started.value, waitMs);
  const judged = await judgeReport(session.customs, reportId);
  return judged.ok ? done(answerOfTriage(reportId, started.value, judged.value, waiting, session.clockRuns)) : judged;
};

/** Works the due questions in this process too, so that it needs no server; leases keep two workers apart. */
async function untilAnswered(use: Use, session: Session, start: TriageStart, waitMs: number): Promise<number> {
  const left = (): Promise<number> => countWaiting(session.customs, start);
  if (!session.clockRuns) return left();
  const look = async (): Promise<boolean> => {
    const waiting = await left();
    if (start.asked > 0) use.tell.progress(t.asking, start.asked - waiting, start.asked);
    return waiting === 0;
  };
  await workUntil(session, waitMs, look);
  use.tell.end();
  return left();
}

function answerOfTriage(
  reportId: string,
  start: TriageStart,
  judged: readonly JudgedMember[],
  waiting: number,
  clockRuns: boolean,
): Answer {
  const rows = new Map<string, JudgedMember[]>();
  for (const member of judged) {
    const key = `${member.verdict.row.row}/${member.verdict.row.cause}`;
    rows.set(key, [...(rows.get(key) ?? []), member]);
  }
  const groups = [...rows.values()].sort((a, b) => b.length - a.length);
  const notes = [
    ...(waiting > 0 ? [t.stillWaiting(waiting)] : []),
    ...(waiting > 0 && !clockRuns ? [t.clockStands] : []),
  ];
  const lines =
    groups.length === 0 ? [t.nothingToTriage] : [...notes, ...tableOfCauses(groups), ...caveatLines(judged)];
  const push = judged.some((member) => ['repush', 'submit_again'].includes(member.verdict.row.action));
  const json = {
    report: reportId,
    asked: start.asked,
    waiting,
    members: judged.length,
    causes: countBy(judged, (member) => member.verdict.row.cause),
    rows: countBy(judged, (member) => member.verdict.row.row),
    orders: judged.map(orderJson),
  };
  const next = push ? `liushui customs repush propose ${reportId}` : 'liushui show ORDER_NO';
  return { exit: waiting > 0 ? 4 : 0, lines, json, ...(groups.length === 0 ? {} : { next }) };
}

function countBy<T>(items: readonly T[], name: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[name(item)] = (counts[name(item)] ?? 0) + 1;
  return counts;
}

function tableOfCauses(groups: readonly (readonly JudgedMember[])[]): Words[] {
  const rowsIn = (lang: 'Zh' | 'En'): string[][] =>
    groups.flatMap((members) => {
      const row = members[0]?.verdict.row;
      return row ? [[row.row, row[`cause${lang}`], count(members.length), row[`do${lang}`]]] : [];
    });
  const zh = table([t.triageHeads.zh, ...rowsIn('Zh')], [0, 2]);
  const en = table([t.triageHeads.en, ...rowsIn('En')], [0, 2]);
  return zh.map((line, index) => ({ zh: line, en: en[index] ?? '' }));
}

function caveatLines(judged: readonly JudgedMember[]): Words[] {
  const counts = new Map<string, number>();
  for (const { verdict } of judged)
    for (const caveat of verdict.caveats) counts.set(caveat, (counts.get(caveat) ?? 0) + 1);
  return [...counts].map(([caveat, n]) => t.caveat(n, caveatWords[caveat] ?? plain(caveat)));
}

function orderJson({ line, orderNo, place, verdict }: JudgedMember): Record<string, unknown> {
  const { row, because, caveats } = verdict;
  return {
    ...{ order_no: orderNo, line, place },
    row: row.row,
    cause: row.cause,
    facts: because.map(({ at, ...fact }) => ({ ...fact, ...timeOf(at) })),
    caveats,
    do: { action: row.action, who: row.who, zh: row.doZh, en: row.doEn },
  };
}

const timeOf = (at: Instant | undefined): { at?: string } => (at === undefined ? {} : { at: rfc3339(at) });

const rebuild: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const merchantId = await merchantMeant(opened.value, options);
  if (!merchantId.ok) return merchantId;
  const { customs, actor } = opened.value;
  const made = await rebuildMerchant(customs, actor, merchantId.value, { write: options['write'] === true });
  if (!made.ok) return made;
  const { looked, differing, written } = made.value;
  const lines = [
    t.rebuilt(looked, differing.length, written),
    ...differing.slice(0, 20).map((one) => t.differs(one.orderNo, one.keptState, one.state)),
  ];
  const json = {
    looked,
    written,
    differing: differing.map(({ orderNo, fields, keptState, state }) => ({
      order_no: orderNo,
      fields,
      kept: keptState,
      state,
    })),
  };
  return done({ exit: differing.length > written ? 1 : 0, lines, json });
};

const receipts: Run = async (use, args: Args, options) => {
  const [paths] = args;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const merchantId = await merchantMeant(opened.value, options);
  if (!merchantId.ok) return merchantId;
  const lines: Words[] = [];
  const files: Record<string, unknown>[] = [];
  for (const path of Array.isArray(paths) ? (paths as readonly string[]) : []) {
    const file = await readInput(path);
    if (!file.ok) return file;
    const { name, bytes } = file.value;
    const told = await importReceipts(customs, actor, merchantId.value, name, bytes);
    if (!told.ok) return { ok: false, refusal: { ...told.refusal, pointer: told.refusal.pointer ?? name } };
    const { type, found, tied, problems } = told.value;
    const unknown = [...new Set(told.value.unknown)];
    lines.push(t.receiptsFile(name, type, found, tied), ...(unknown.length > 0 ? [t.receiptsUnknown(unknown)] : []));
    files.push({ file: name, type, found, tied, unknown, problems });
  }
  return done({ exit: 0, lines, json: { files }, next: 'liushui show ORDER_NO' });
};
