import type { Command } from 'commander';
import { done } from '../kernel/index.ts';
import { bilingualTable } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { migrateTexts as t } from './migrate.texts.ts';
import type { Run } from './session.ts';

export function migrateCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'migrate', t.about, migrate, [['--look', t.lookOption]]);
}

const migrate: Run = async (use, _args, options) => {
  const result = await use.doors.migrate(use.config, options['look'] === true);
  if (!result.ok) return result;
  const { database, program, files, applied, processes } = result.value;
  const names = files.map(({ name }) => name).join(', ');
  const rows = processes.map((one) => [
    ...[`${one.host}/${one.pid}`, one.role, one.program, String(one.schema), one.shutOut ? '!' : ''],
  ]);
  const lines = [
    database > program ? t.ahead(database, program) : t.standing(database, program),
    ...(files.length === 0 ? [] : [applied ? t.applied(names) : t.waiting(names)]),
    ...(rows.length === 0 ? [] : bilingualTable(t.heads, rows, [3])),
    ...(processes.some(({ shutOut }) => shutOut) ? [t.shutOut] : []),
  ];
  const json = {
    ...{ database, program, applied },
    files: files.map(({ name, worksWith }) => ({ name, works_with: worksWith })),
    processes: processes.map(({ shutOut, ...one }) => ({
      ...{ host: one.host, pid: one.pid, role: one.role, program: one.program, schema: one.schema },
      shut_out: shutOut,
    })),
  };
  const next = applied || files.length === 0 ? 'liushui doctor' : 'liushui migrate';
  return done({ exit: 0, lines, json, next });
};
