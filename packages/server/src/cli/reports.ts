import type { Command } from 'commander';
import { done, rfc3339 } from '../kernel/index.ts';
import { listReports } from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import { customsTexts as t } from './customs.texts.ts';
import { bilingualTable, count, time } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { merchantsOf } from './scope.ts';
import type { Run } from './session.ts';

export function reportsCommand(kit: Kit, customs: Command): void {
  leaf(kit, customs, 'reports', t.reportsAbout, reports);
}

const reports: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const merchants = await merchantsOf(opened.value);
  for (const merchant of merchants) {
    const may = allowed(actor, 'numbers.read', merchant);
    if (!may.ok) return may;
  }
  const found = await listReports(db, merchants, 50);
  const rows = found.map((report) => [
    ...[report.id, report.fileName, time(report.importedAt), report.importedBy, count(report.rowsKept)],
    ...[count(report.separation.stuck), count(report.separation.released)],
  ]);
  const json = found.map((report) => ({
    ...{ report: report.id, file: report.fileName, as: report.meaning, by: report.importedBy },
    imported_at: rfc3339(report.importedAt),
    ...{ rows: report.rowsFound, kept: report.rowsKept, duplicate: report.rowsDoubled },
    ...{ stuck: report.separation.stuck, released: report.separation.released },
  }));
  const lines = found.length === 0 ? [t.noReports] : bilingualTable(t.reportHeads, rows, [4, 5, 6]);
  const newest = found[0];
  const next = newest ? `liushui customs triage ${newest.id}` : 'liushui customs import FILE';
  return done({ exit: 0, lines, json: { reports: json }, next });
};
