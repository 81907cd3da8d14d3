import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import { consentTexts } from './consent.texts.ts';
import { backupTexts as t } from './backup.texts.ts';
import type { BackupAbout, BackupKept, RestoredLife } from './backup-doors.ts';
import type { Answer, Words } from './answer.ts';
import { count } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { firstArg, text } from './session.ts';
import type { Run, Use } from './session.ts';

export function backupCommands(kit: Kit, program: Command): void {
  const backup = leaf(kit, program, 'backup', t.about, take, [['--to <file>', t.toOption]]);
  // It has options of its own and commands below it: what stands behind the word `check` belongs to that.
  for (const command of [program, backup]) command.enablePositionalOptions();
  leaf(kit, backup, 'check <file>', t.checkAbout, check);
  leaf(kit, program, 'restore <file>', t.restoreAbout, restore, [
    ['--reason <text>', consentTexts.reasonOption],
    ['--epoch <number>', t.epochOption],
  ]);
}

const progress =
  (use: Use, words: (table: string) => Words) =>
  ({ table, done: passed, of }: { readonly table: string; readonly done: number; readonly of: number }): void =>
    use.tell.progress(words(table), passed, of);

const rowsOf = ({ tables }: BackupAbout): number => tables.reduce((sum, table) => sum + table.rows, 0);
const bytesOf = ({ tables }: BackupAbout): number => tables.reduce((sum, table) => sum + table.bytes, 0);

function linesOf({ manifest, sha256 }: BackupKept): Words[] {
  const { taken_at, epoch, born_as, program, master_key: key, tables, schema } = manifest;
  return [
    t.holds(taken_at, count(tables.length), count(rowsOf(manifest)), count(Math.ceil(bytesOf(manifest) / 1024))),
    t.bornAs(born_as, epoch, schema.length, program),
    key === null ? t.needsNoKey : t.needsKey(key),
    t.named(sha256),
  ];
}

function jsonOf({ manifest, sha256 }: BackupKept): Record<string, unknown> {
  const { taken_at, epoch, born_as, program, master_key, tables, schema } = manifest;
  return {
    ...{ sha256, taken_at, epoch, born_as, program, master_key, schema: schema.length },
    ...{ rows: rowsOf(manifest), bytes: bytesOf(manifest) },
    tables: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])),
  };
}

const take: Run = async (use, _args, options) => {
  const to = text(options, 'to');
  if (to === undefined) return optionMissing('--to', 'FILE | DIR');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const taken = await use.doors.backup.take(opened.value, to, progress(use, t.copying));
  if (!taken.ok) return taken;
  const { file } = taken.value;
  const lines = [t.taken(file), ...linesOf(taken.value)];
  return done({ exit: 0, lines, json: { file, ...jsonOf(taken.value) }, next: `liushui backup check ${file}` });
};

const check: Run = async (use, args) => {
  const file = firstArg(args);
  const checked = await use.doors.backup.check(file, progress(use, t.comparing));
  if (!checked.ok) return checked;
  const lines = [t.whole(file), ...linesOf(checked.value)];
  return done({ exit: 0, lines, json: { file, whole: true, ...jsonOf(checked.value) } });
};

const restore: Run = async (use, args, options) => {
  const given = text(options, 'epoch');
  if (given !== undefined && !/^\d{1,2}$/.test(given))
    return refuse('usage.bad_input', { field: '--epoch', value: given, problem: '1-99' }, '--epoch');
  const epoch = given === undefined ? {} : { epoch: Number(given) };
  const wish = { file: firstArg(args), reason: text(options, 'reason') ?? '', ...epoch };
  const restored = await use.doors.backup.restore(use.config, wish, progress(use, t.restoring));
  return restored.ok ? done(answerOf(wish.file, restored.value)) : restored;
};

function answerOf(file: string, life: RestoredLife): Answer {
  const { manifest, epoch, lanes, asked, pausedPlans, stoppedPlans, tokens, lapsed, lostResults } = life;
  const lines = [
    t.restored(manifest.taken_at, epoch),
    t.lanesPaused(lanes.join(', ')),
    t.toAsk(count(asked)),
    ...(pausedPlans.length > 0 ? [t.plansPaused(pausedPlans.join(', '))] : []),
    ...(stoppedPlans.length > 0 ? [t.plansStopped(stoppedPlans.join(', '))] : []),
    ...(lapsed.length > 0 ? [t.lapsed(lapsed.join(', '))] : []),
    ...(lostResults > 0 ? [t.lost(count(lostResults))] : []),
    t.tokens(count(tokens)),
    ...(manifest.born_as === 'production' ? [t.another] : []),
  ];
  const plans = { plans_paused: pausedPlans, plans_stopped: stoppedPlans };
  const told = { lanes_paused: lanes, to_ask: asked, ...plans, approvals_lapsed: lapsed };
  const json = { file, ...jsonOf(life), epoch, ...told, results_lost: lostResults, tokens_valid: tokens };
  return { exit: 0, lines, json, next: 'liushui lanes list' };
}
