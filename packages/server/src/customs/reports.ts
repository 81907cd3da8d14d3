import { createHash } from 'node:crypto';
import { bucketOf, days, done, minutes, plus, refuse, shanghaiDate } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { nextNumbers } from '../platform/counters.ts';
import { enqueue, hasWork, priorities } from '../platform/jobs.ts';
import { readTable } from '../platform/tables/index.ts';
import { observe, rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import { casesOfVerdicts } from './cases.ts';
import type { JudgedAgain } from './cases.ts';
import type { Fact, FactBody } from './facts.ts';
import { splitOf } from './number-rule.ts';
import { askWish, laneOf } from './job-wishes.ts';
import { readPortList } from './port-list.ts';
import type { PortList } from './port-list.ts';
import {
  countByChannelAndPlace,
  countUnasked,
  countUntied,
  findMembers,
  findReport,
  findReportByFile,
  findTies,
  findUnasked,
  insertReport,
  saveTies,
  saveVerdicts,
} from './report-store.ts';
import type { Member, Report, ReportMeaning, TiedRow, TieWish } from './report-store.ts';
import { findSeparation } from './separation.ts';
import { findDeclarationsBare, findLegs } from './store.ts';
import { judge } from './triage.ts';
import type { GroupView, Verdict } from './triage.ts';

export type ImportedReport = {
  readonly report: Report;
  readonly format: string;
  readonly charset: string;
  readonly released: number;
  readonly stuck: number;
  readonly unknown: number;
  /** The same file came in before: nothing was added. */
  readonly again: boolean;
};

export type PortListFile = {
  readonly merchantId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly meaning: ReportMeaning;
};

const chunk = 1000;

/** Takes a port's list as it is: good rows are kept and tied to what we know, the others are named by line. */
export async function importPortList(
  parts: CustomsJobParts,
  actor: Actor,
  file: PortListFile,
): Promise<Result<ImportedReport>> {
  const permitted = allowed(actor, 'customs.import', file.merchantId);
  if (!permitted.ok) return permitted;
  const table = await readTable(file.bytes, file.fileName);
  if (!table.ok) return table;
  const list = readPortList(table.value);
  if (!list.ok) return list;
  const sha256 = createHash('sha256').update(file.bytes).digest('hex');
  const before = await findReportByFile(parts.db, file.merchantId, sha256, file.meaning);
  const report = before ?? (await saveReport(parts, actor, file, list.value, sha256));
  await tellAndTie(parts, file.merchantId, { reportId: report.id });
  const { released, stuck } = report.separation;
  const unknown = await countUntied(parts.db, report.id);
  const { format, charset } = table.value;
  return done({ report, format, charset, released, stuck, unknown, again: before !== undefined });
}

async function saveReport(
  parts: CustomsJobParts,
  actor: Actor,
  file: PortListFile,
  list: PortList,
  fileSha256: string,
): Promise<Report> {
  const at = parts.clock.now();
  const doubled = list.problems.filter((problem) => problem.code === 'import.duplicate_row').length;
  const badLines = new Set(list.problems.map((problem) => problem.line));
  const separation = findSeparation(list.rows.map((row) => ({ ...row, released: row.released ?? false })));
  return parts.db.transaction(async (tx) => {
    const day = shanghaiDate(at).replaceAll('-', '');
    const [number] = await nextNumbers(tx, `report/${day}`, 1);
    const report: Report = {
      id: `R-${day}-${number}`,
      merchantId: file.merchantId,
      fileName: file.fileName,
      fileSha256,
      meaning: file.meaning,
      importedAt: at,
      importedBy: actor.userId,
      columns: list.columns,
      rowsFound: list.rows.length + badLines.size,
      rowsKept: list.rows.length,
      rowsDoubled: doubled,
      problems: list.problems,
      separation,
    };
    await insertReport(
      tx,
      report,
      list.rows.map((row) => ({
        bucket: bucketOf(file.merchantId, row.orderNo),
        line: row.line,
        orderNo: row.orderNo,
        waybillNo: row.waybillNo,
        tradeNo: row.tradeNo,
        released: row.released,
      })),
    );
    const detail = { file: file.fileName, sha256: fileSha256, rows: report.rowsKept, meaning: file.meaning };
    await writeAudit(tx, [{ actor, act: 'customs.imported', subject: report.id, detail }], { at, ids: parts.ids });
    return report;
  });
}

/**
 * What the rows say becomes facts of their declarations, and only then the rows are tied: a process that dies in between tells the same
 * again, which is one fact. Returns how many rows found their declaration.
 */
async function tellAndTie(parts: CustomsJobParts, merchantId: string, which: TieWish): Promise<number> {
  const ties = await findTies(parts.db, merchantId, which);
  for (let from = 0; from < ties.length; from += chunk) {
    const part = ties.slice(from, from + chunk);
    await observe(
      parts,
      part.map((tie) => ({ key: tie.key, fact: factOf(parts, tie) })),
    );
    crashPoint('import.part_committed');
    await parts.db.transaction((tx) => saveTies(tx, part, parts.clock.now()));
  }
  return ties.length;
}

function factOf(parts: CustomsJobParts, tie: TiedRow): Fact {
  const told = { source: 'port', trust: 'stated', happenedAt: tie.importedAt, heardAt: tie.importedAt } as const;
  return { ...told, id: parts.ids.next(), body: bodyOf(tie) };
}

/** Every row that is not marked released counts as missing reported by the port, unless the list only tells a status. */
function bodyOf({ reportId, line, tradeNo, released, meaning }: TiedRow): FactBody {
  const row = { reportId, line, ...(tradeNo === undefined ? {} : { tradeNo }) };
  if (meaning === 'status_only') return { kind: 'port_status', released: released ?? false, ...row };
  return released ? { kind: 'port_released', ...row } : { kind: 'port_missing', ...row };
}

/** After payments were adopted: rows of earlier lists that waited for them. */
export async function tieWaitingRows(
  parts: CustomsJobParts,
  merchantId: string,
  orderNos: readonly string[],
): Promise<number> {
  const orders = orderNos.map((orderNo) => ({ bucket: bucketOf(merchantId, orderNo), orderNo }));
  return tellAndTie(parts, merchantId, { orders });
}

export type TriageStart = {
  readonly report: Report;
  readonly since: Instant;
  readonly asked: number;
  readonly lanes: readonly string[];
};

/** Asks the channel about every member that was not asked lately: jobs at an operator's priority. The worker does the asking. */
export async function startTriage(
  parts: CustomsJobParts,
  actor: Actor,
  reportId: string,
  freshMs = minutes(5),
): Promise<Result<TriageStart>> {
  const report = await findReport(parts.db, reportId);
  if (!report) return refuse('customs.report_not_found', { report: reportId });
  const permitted = allowed(actor, 'customs.triage', report.merchantId);
  if (!permitted.ok) return permitted;
  const now = parts.clock.now();
  const since = Math.max(plus(now, -freshMs), report.importedAt) as Instant;
  const unasked = await findUnasked(parts.db, reportId, since, 1_000_000);
  const declarations = unasked.map(({ key, accountId }) => ({ ...key, accountId }));
  await parts.db.transaction(async (tx) => {
    await enqueue(
      tx,
      declarations.map((declaration) => askWish(declaration, now, priorities.operator)),
    );
    const detail = { asked: unasked.length };
    await writeAudit(tx, [{ actor, act: 'customs.triaged', subject: reportId, detail }], { at: now, ids: parts.ids });
  });
  const lanes = [...new Set(unasked.map(({ accountId }) => laneOf(accountId, 'customs.query')))];
  return done({ report, since, asked: unasked.length, lanes });
}

/** How many members still wait for their answer. Where no job of their lanes is left, nobody waits, whatever could not be asked. */
export async function countWaiting({ db }: CustomsJobParts, { report, since, lanes }: TriageStart): Promise<number> {
  return (await hasWork(db, lanes)) ? countUnasked(db, report.id, since) : 0;
}

export type JudgedMember = {
  readonly line: number;
  readonly orderNo: string;
  readonly declarationId: string;
  readonly place: string;
  readonly verdict: Verdict;
};

/** Sorts every member by the decision table and keeps the verdicts with the facts that led to them. Sends nothing. */
export async function judgeReport(parts: CustomsJobParts, reportId: string): Promise<Result<JudgedMember[]>> {
  const report = await findReport(parts.db, reportId);
  if (!report) return refuse('customs.report_not_found', { report: reportId });
  const judged: JudgedMember[] = [];
  const now = parts.clock.now();
  const others = await findOthers(parts, report.merchantId, now);
  for (let last: Member | undefined; ;) {
    const members = await findMembers(parts.db, reportId, chunk, last);
    if (members.length === 0) return done(judged);
    const part = await judgeAmong(parts, others, members, now);
    const { open, over } = casesOfVerdicts(part);
    await parts.db.transaction(async (tx) => {
      await saveVerdicts(
        tx,
        reportId,
        part.map(({ declaration, row, member }) => ({ key: declaration, row, verdict: keptVerdict(member.verdict) })),
        now,
      );
      await openCases(tx, open, now);
      await closeCasesOf(tx, over, now);
    });
    judged.push(...part.map(({ member }) => member));
    last = members.at(-1);
  }
}

function keptVerdict({ row, because, caveats }: Verdict): Record<string, unknown> {
  return { row: row.row, cause: row.cause, action: row.action, because, caveats };
}

type Others = Awaited<ReturnType<typeof countByChannelAndPlace>>;
type JudgedPart = readonly (JudgedAgain & { readonly member: JudgedMember })[];

export async function judgeMembers(
  parts: CustomsJobParts,
  merchantId: string,
  members: readonly Member[],
  now: Instant,
): Promise<JudgedPart> {
  return judgeAmong(parts, await findOthers(parts, merchantId, now), members, now);
}

function findOthers(parts: CustomsJobParts, merchantId: string, now: Instant): Promise<Others> {
  return countByChannelAndPlace(parts.db, merchantId, plus(now, -days(7)), plus(now, -minutes(10)));
}

async function judgeAmong(
  parts: CustomsJobParts,
  others: Others,
  members: readonly Member[],
  now: Instant,
): Promise<JudgedPart> {
  const declarations = await findDeclarationsBare(
    parts.db,
    members.map((member) => member.key),
  );
  const byId = new Map(declarations.map((declaration) => [declaration.id, declaration]));
  const siblings = await findLegs(
    parts.db,
    declarations.map(({ bucket, paymentId }) => ({ bucket, id: paymentId })),
  );
  const placesOf = Map.groupBy(siblings, (sibling) => sibling.paymentId);
  const rules = rulesOf(parts);
  return members.flatMap((member) => {
    const declaration = byId.get(member.key.id);
    const channelRules = declaration && rules(declaration.channel);
    if (!declaration || !channelRules) return [];
    // The legs of one child order: another child's declaration is another parcel.
    const places = (placesOf.get(declaration.paymentId) ?? [declaration])
      .filter((sibling) => sibling.childOrderNo === declaration.childOrderNo)
      .map((sibling) => sibling.place);
    const verdict = judge(
      {
        ...(declaration.requestNo === undefined ? {} : { requestNo: declaration.requestNo }),
        channelPlaceRule: channelRules.places[declaration.place] ?? channelRules.unlistedPlace,
        place: declaration.place,
        customsCode: declaration.customsCode,
        ...splitOf(declaration),
        declaredMinor: declaration.declared.minor,
        summary: declaration.summary,
        ...(member.rowTradeNo === undefined ? {} : { portTradeNo: member.rowTradeNo }),
        placesDeclared: places,
        group: groupView(others, declaration.channel, declaration.place),
      },
      now,
    );
    const { orderNo, id, place } = declaration;
    const rowBefore = member.verdictRow === undefined ? {} : { rowBefore: member.verdictRow };
    const judged = { line: member.line, orderNo, declarationId: id, place, verdict };
    return [{ declaration, ...rowBefore, row: verdict.row.row, member: judged }];
  });
}

function groupView(counts: Others, channel: string, place: string): GroupView {
  const others = counts.filter((count) => count.place === place && count.channel !== channel);
  return {
    othersOld: others.reduce((sum, count) => sum + count.old, 0),
    othersSilent: others.reduce((sum, count) => sum + count.silent, 0),
  };
}
