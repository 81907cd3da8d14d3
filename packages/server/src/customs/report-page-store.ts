import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import type { Reach } from '../platform/story/index.ts';

export type ReportRow = {
  readonly id: string;
  readonly merchantId: string;
  readonly fileName: string;
  readonly meaning: string;
  readonly importedAt: Instant;
  readonly importedBy: string;
  readonly rowsFound: number;
  readonly rowsKept: number;
  readonly rowsDoubled: number;
};

/** Newest first, from behind the last one of the page before. */
export async function findReportPage(
  db: Queryable,
  reach: Reach,
  limit: number,
  after: { readonly importedAt: Instant; readonly id: string } | undefined,
): Promise<ReportRow[]> {
  type DbRow = {
    id: string;
    merchant_id: string;
    file_name: string;
    meaning: string;
    imported_at: Instant;
    imported_by: string;
    rows_found: number;
    rows_kept: number;
    rows_doubled: number;
  };
  // Compared in milliseconds: what a cursor carries has no more.
  const rows = await db.query<DbRow>(
    `select id, merchant_id, file_name, meaning, imported_at, imported_by, rows_found, rows_kept, rows_doubled from port_reports
     where ($1::text[] is null or merchant_id = any($1))
       and ($2::timestamptz is null or (date_trunc('milliseconds', imported_at), id) < ($2, $3))
     order by date_trunc('milliseconds', imported_at) desc, id desc limit $4`,
    [reach === 'all' ? null : reach, after ? timestamp(after.importedAt) : null, after?.id ?? null, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    merchantId: row.merchant_id,
    fileName: row.file_name,
    meaning: row.meaning,
    importedAt: row.imported_at,
    importedBy: row.imported_by,
    rowsFound: row.rows_found,
    rowsKept: row.rows_kept,
    rowsDoubled: row.rows_doubled,
  }));
}

export type VerdictRow = {
  readonly line: number;
  readonly declarationId: string;
  readonly orderNo: string;
  readonly place: string;
  readonly verdictRow: string | undefined;
  readonly cause: string | undefined;
  readonly because: readonly unknown[];
  readonly caveats: readonly string[];
  readonly judgedAt: Instant | undefined;
};

export async function findVerdictPage(
  db: Queryable,
  reportId: string,
  limit: number,
  after: { readonly line: number; readonly declarationId: string } | undefined,
): Promise<VerdictRow[]> {
  type DbRow = {
    line: number;
    declaration_id: string;
    order_no: string;
    place: string;
    verdict_row: string | null;
    verdict: { cause?: string; because?: unknown[]; caveats?: string[] } | null;
    judged_at: Instant | null;
  };
  const rows = await db.query<DbRow>(
    `select m.line, m.declaration_id, d.order_no, d.place, m.verdict_row, m.verdict, m.judged_at
     from port_report_members m join customs_declarations d on d.bucket = m.bucket and d.id = m.declaration_id
     where m.report_id = $1 and ($2::int4 is null or (m.line, m.declaration_id) > ($2, $3::uuid))
     order by m.line, m.declaration_id limit $4`,
    [reportId, after?.line ?? null, after?.declarationId ?? null, limit],
  );
  return rows.map((row) => ({
    line: row.line,
    declarationId: row.declaration_id,
    orderNo: row.order_no,
    place: row.place,
    verdictRow: row.verdict_row ?? undefined,
    cause: row.verdict?.cause,
    because: row.verdict?.because ?? [],
    caveats: row.verdict?.caveats ?? [],
    judgedAt: row.judged_at ?? undefined,
  }));
}
