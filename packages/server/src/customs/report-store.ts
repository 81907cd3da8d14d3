import type { Instant } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows, updateRows } from '../platform/sql.ts';
import type { RowProblem } from '../platform/tables/index.ts';
import type { Separation } from './separation.ts';

export type ReportMeaning = 'missing' | 'status_only';

export type Report = {
  readonly id: string;
  readonly merchantId: string;
  readonly fileName: string;
  readonly fileSha256: string;
  readonly meaning: ReportMeaning;
  readonly importedAt: Instant;
  readonly importedBy: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly rowsFound: number;
  readonly rowsKept: number;
  readonly rowsDoubled: number;
  readonly problems: readonly RowProblem[];
  readonly separation: Separation;
};

export type ReportRow = {
  readonly bucket: number;
  readonly line: number;
  readonly orderNo: string;
  readonly waybillNo: string | undefined;
  readonly tradeNo: string | undefined;
  readonly released: boolean | undefined;
};

export async function insertReport(tx: Queryable, report: Report, rows: readonly ReportRow[]): Promise<void> {
  await tx.query(
    `insert into port_reports (id, merchant_id, file_name, file_sha256, meaning, imported_at, imported_by, columns,
       rows_found, rows_kept, rows_doubled, problems, separation)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      report.id,
      report.merchantId,
      report.fileName,
      report.fileSha256,
      report.meaning,
      timestamp(report.importedAt),
      report.importedBy,
      JSON.stringify(report.columns),
      report.rowsFound,
      report.rowsKept,
      report.rowsDoubled,
      JSON.stringify(report.problems),
      JSON.stringify(report.separation),
    ],
  );
  const columns = {
    bucket: 'int2',
    report_id: 'text',
    line: 'int4',
    order_no: 'text',
    waybill_no: 'text',
    trade_no: 'text',
    released: 'bool',
  } as const;
  await insertRows(
    tx,
    'port_report_rows',
    columns,
    rows.map((row) => ({
      bucket: row.bucket,
      report_id: report.id,
      line: row.line,
      order_no: row.orderNo,
      waybill_no: row.waybillNo,
      trade_no: row.tradeNo,
      released: row.released,
    })),
  );
}

type ReportDbRow = {
  id: string;
  merchant_id: string;
  file_name: string;
  file_sha256: string;
  meaning: ReportMeaning;
  imported_at: Instant;
  imported_by: string;
  columns: Record<string, string>;
  rows_found: number;
  rows_kept: number;
  rows_doubled: number;
  problems: RowProblem[];
  separation: Separation;
};

function reportOf(row: ReportDbRow): Report {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    fileName: row.file_name,
    fileSha256: row.file_sha256,
    meaning: row.meaning,
    importedAt: row.imported_at,
    importedBy: row.imported_by,
    columns: row.columns,
    rowsFound: row.rows_found,
    rowsKept: row.rows_kept,
    rowsDoubled: row.rows_doubled,
    problems: row.problems,
    separation: row.separation,
  };
}

export async function findReport(db: Queryable, id: string): Promise<Report | undefined> {
  const [row] = await db.query<ReportDbRow>('select * from port_reports where id = $1', [id]);
  return row && reportOf(row);
}

/** The same file with the same meaning is the same report. */
export async function findReportByFile(
  db: Queryable,
  merchantId: string,
  fileSha256: string,
  meaning: ReportMeaning,
): Promise<Report | undefined> {
  const [row] = await db.query<ReportDbRow>(
    'select * from port_reports where merchant_id = $1 and file_sha256 = $2 and meaning = $3',
    [merchantId, fileSha256, meaning],
  );
  return row && reportOf(row);
}

export async function listReports(db: Queryable, merchantIds: readonly string[], limit: number): Promise<Report[]> {
  const rows = await db.query<ReportDbRow>(
    'select * from port_reports where merchant_id = any($1::text[]) order by imported_at desc, id desc limit $2',
    [merchantIds, limit],
  );
  return rows.map(reportOf);
}

export type TiedRow = {
  readonly reportId: string;
  readonly meaning: ReportMeaning;
  readonly importedAt: Instant;
  readonly rowBucket: number;
  readonly key: RecordKey;
  readonly line: number;
  readonly tradeNo: string | undefined;
  readonly released: boolean | undefined;
};

/** Which rows to tie: those of one report, or every untied row of these order numbers. */
export type TieWish =
  { readonly reportId: string } | { readonly orders: readonly { readonly bucket: number; readonly orderNo: string }[] };

/**
 * Finds, for untied rows, the declarations that carry their order number as the shop's or as a child's, through the index of numbers.
 * Writes nothing: the facts are told first, then `saveTies` marks the rows, so that a process which dies in between tells them again.
 */
export async function findTies(db: Queryable, merchantId: string, which: TieWish): Promise<TiedRow[]> {
  const byReport = 'reportId' in which;
  const source = byReport
    ? 'select bucket, report_id, line, order_no, trade_no, released from port_report_rows where report_id = $2 and tied_at is null'
    : `select r.bucket, r.report_id, r.line, r.order_no, r.trade_no, r.released
       from (select distinct * from unnest($2::int2[], $3::text[]) as u(bucket, order_no)) u
         join port_report_rows r on r.bucket = u.bucket and r.order_no = u.order_no and r.tied_at is null`;
  const values = byReport
    ? [which.reportId]
    : [which.orders.map((order) => order.bucket), which.orders.map((order) => order.orderNo)];
  type DbRow = {
    report_id: string;
    meaning: ReportMeaning;
    imported_at: Instant;
    row_bucket: number;
    bucket: number;
    record: string;
    line: number;
    trade_no: string | null;
    released: boolean | null;
  };
  const rows = await db.query<DbRow>(
    `with wanted as (${source})
     select distinct on (n.bucket, w.report_id, n.record)
       w.report_id, w.bucket as row_bucket, w.line, w.trade_no, w.released, p.meaning, p.imported_at, n.bucket, n.record
     from wanted w join port_reports p on p.id = w.report_id and p.merchant_id = $1
       join numbers n on n.merchant_id = $1 and n.normal_form = upper(w.order_no) and n.kind in ('order', 'child_order')
     order by n.bucket, w.report_id, n.record, w.line`,
    [merchantId, ...values],
  );
  return rows.map((row) => ({
    reportId: row.report_id,
    meaning: row.meaning,
    importedAt: row.imported_at,
    rowBucket: row.row_bucket,
    key: { bucket: row.bucket, id: row.record },
    line: row.line,
    tradeNo: row.trade_no ?? undefined,
    released: row.released ?? undefined,
  }));
}

/** Makes the declarations members of their reports, and marks the rows as tied. Twice is once. */
export async function saveTies(tx: Queryable, ties: readonly TiedRow[], at: Instant): Promise<void> {
  const memberColumns = {
    bucket: 'int2',
    report_id: 'text',
    declaration_id: 'uuid',
    line: 'int4',
    row_trade_no: 'text',
  } as const;
  const members = ties.map((tie) => ({
    bucket: tie.key.bucket,
    report_id: tie.reportId,
    declaration_id: tie.key.id,
    line: tie.line,
    row_trade_no: tie.tradeNo,
  }));
  await insertRows(tx, 'port_report_members', memberColumns, members, 'on conflict do nothing');
  const rowColumns = { bucket: 'int2', report_id: 'text', line: 'int4', tied_at: 'timestamptz' } as const;
  const rows = new Map(
    ties.map((tie) => [
      `${tie.rowBucket}/${tie.reportId}/${tie.line}`,
      { bucket: tie.rowBucket, report_id: tie.reportId, line: tie.line, tied_at: at },
    ]),
  );
  await updateRows(tx, 'port_report_rows', rowColumns, ['bucket', 'report_id', 'line'], [...rows.values()]);
}

export async function countUntied(db: Queryable, reportId: string): Promise<number> {
  const [row] = await db.query<{ n: bigint }>(
    'select count(*) as n from port_report_rows where report_id = $1 and tied_at is null',
    [reportId],
  );
  return Number(row?.n ?? 0);
}

export type Member = {
  readonly key: RecordKey;
  readonly line: number;
  readonly rowTradeNo: string | undefined;
  readonly verdictRow: string | undefined;
  readonly verdict: unknown;
};

/** Members of a report in the order of its lines. */
export async function findMembers(db: Queryable, reportId: string, limit: number, after?: Member): Promise<Member[]> {
  type DbRow = {
    bucket: number;
    declaration_id: string;
    line: number;
    row_trade_no: string | null;
    verdict_row: string | null;
    verdict: unknown;
  };
  const rows = await db.query<DbRow>(
    `select bucket, declaration_id, line, row_trade_no, verdict_row, verdict from port_report_members
     where report_id = $1 and (line, declaration_id) > ($2::int4, $4::uuid) order by line, declaration_id limit $3`,
    [reportId, after?.line ?? 0, limit, after?.key.id ?? '00000000-0000-0000-0000-000000000000'],
  );
  return rows.map((row) => ({
    key: { bucket: row.bucket, id: row.declaration_id },
    line: row.line,
    rowTradeNo: row.row_trade_no ?? undefined,
    verdictRow: row.verdict_row ?? undefined,
    verdict: row.verdict,
  }));
}

export async function saveVerdicts(
  tx: Queryable,
  reportId: string,
  verdicts: readonly { readonly key: RecordKey; readonly row: string; readonly verdict: unknown }[],
  at: Instant,
): Promise<void> {
  const columns = {
    bucket: 'int2',
    report_id: 'text',
    declaration_id: 'uuid',
    verdict_row: 'text',
    verdict: 'jsonb',
    judged_at: 'timestamptz',
  } as const;
  await updateRows(
    tx,
    'port_report_members',
    columns,
    ['bucket', 'report_id', 'declaration_id'],
    verdicts.map(({ key, row, verdict }) => ({
      bucket: key.bucket,
      report_id: reportId,
      declaration_id: key.id,
      verdict_row: row,
      verdict,
      judged_at: at,
    })),
  );
}

/** Of a member's declaration `d`: the channel can be asked about it, and was not since that moment. */
const isUnasked = `d.request_no is not null and d.state not in ('released', 'closed', 'closed_manual')
  and coalesce((d.summary->>'lastAskedAt')::float8, 0) < $2`;

/** Members that the channel can be asked about and was not asked since that moment. */
export async function findUnasked(
  db: Queryable,
  reportId: string,
  since: Instant,
  limit: number,
): Promise<{ key: RecordKey; accountId: string }[]> {
  const rows = await db.query<{ bucket: number; id: string; account_id: string }>(
    `select d.bucket, d.id, d.account_id from port_report_members m
       join customs_declarations d on d.bucket = m.bucket and d.id = m.declaration_id
     where m.report_id = $1 and ${isUnasked} order by m.line limit $3`,
    [reportId, since, limit],
  );
  return rows.map((row) => ({ key: { bucket: row.bucket, id: row.id }, accountId: row.account_id }));
}

export async function countUnasked(db: Queryable, reportId: string, since: Instant): Promise<number> {
  const [row] = await db.query<{ n: bigint }>(
    `select count(*) as n from port_report_members m
       join customs_declarations d on d.bucket = m.bucket and d.id = m.declaration_id
     where m.report_id = $1 and ${isUnasked}`,
    [reportId, since],
  );
  return Number(row?.n ?? 0);
}

/** How a merchant's declarations fare by channel and place. Another merchant's figures are not ours to tell. */
export async function countByChannelAndPlace(
  db: Queryable,
  merchantId: string,
  since: Instant,
  until: Instant,
): Promise<{ channel: string; place: string; old: number; silent: number }[]> {
  const rows = await db.query<{ channel: string; place: string; old: bigint; silent: bigint }>(
    `select channel, place, count(*) as old,
       count(*) filter (where state in ('accepted', 'missing_reported', 'hop_failed')) as silent
     from customs_declarations
     where merchant_id = $1 and paid_at >= $2 and paid_at < $3 group by channel, place`,
    [merchantId, timestamp(since), timestamp(until)],
  );
  return rows.map((row) => ({ ...row, old: Number(row.old), silent: Number(row.silent) }));
}
