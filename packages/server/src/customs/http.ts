import { done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { allowed, everyMerchant } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { CustomsJobParts } from './calls.ts';
import { findReport } from './report-store.ts';
import { findReportPage, findVerdictPage } from './report-page-store.ts';
import type { ReportRow, VerdictRow } from './report-page-store.ts';
import { triageTable } from './triage-table.ts';
import type { TriageRow } from './triage-table.ts';

export type ReportCursor = { readonly importedAt: Instant; readonly id: string };
export type VerdictCursor = { readonly line: number; readonly declarationId: string };

/** Port reports that the actor may see, newest first. */
export async function listReportsOf(
  parts: CustomsJobParts,
  actor: Actor,
  limit: number,
  after: ReportCursor | undefined,
): Promise<Result<readonly ReportRow[]>> {
  const everywhere = actor.merchants.includes(everyMerchant);
  const permitted = allowed(actor, 'numbers.read', everywhere ? undefined : actor.merchants[0]);
  if (!permitted.ok) return permitted;
  return done(await findReportPage(parts.db, everywhere ? 'all' : actor.merchants, limit, after));
}

export type ReadVerdict = VerdictRow & {
  /** What the decision table says; undefined until the member was judged. */
  readonly row: TriageRow | undefined;
};

/** Verdicts as they were kept, in the order of the list's lines. */
export async function readVerdicts(
  parts: CustomsJobParts,
  actor: Actor,
  reportId: string,
  limit: number,
  after: VerdictCursor | undefined,
): Promise<Result<readonly ReadVerdict[]>> {
  const report = await findReport(parts.db, reportId);
  if (!report) return refuse('customs.report_not_found', { report: reportId });
  const permitted = allowed(actor, 'numbers.read', report.merchantId);
  if (!permitted.ok) return permitted;
  const rows = await findVerdictPage(parts.db, reportId, limit, after);
  return done(
    rows.map((one) => ({
      ...one,
      // Two rows of the table are called `-`: the cause tells them apart.
      row: triageTable.find((row) => row.row === one.verdictRow && row.cause === one.cause),
    })),
  );
}
