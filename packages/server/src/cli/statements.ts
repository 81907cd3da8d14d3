import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { BusinessDate, Result } from '../kernel/index.ts';
import { listAccounts, listMerchants } from '../accounts/index.ts';
import { allowed } from '../identity/index.ts';
import { explain } from '../platform/refusals.ts';
import { csvLine, csvMark, sheetLine } from '../platform/tables/csv-writer.ts';
import {
  askStatements,
  countDue,
  findLines,
  findStatementDays,
  isDay,
  isHere,
  isLate,
  lastDayThere,
  listDays,
  openStatementFile,
  showStatement,
} from '../statements/index.ts';
import type { KeptLine, ShownStatement, StatementDay } from '../statements/index.ts';
import type { Words } from './answer.ts';
import { bilingualTable, count, readDuration, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Session } from './session.ts';
import { statementTexts as t } from './statements.texts.ts';
import { badWait, workUntil } from './waiting.ts';

export function statementCommands(kit: Kit, program: Command): void {
  const statements = group(kit, program, 'statements', t.statements);
  leaf(kit, statements, 'list', t.listAbout, list, [
    ['--account <id>', t.accountOption],
    ['--kind <kind>', t.kindOption],
    ['--from <day>', t.fromOption],
    ['--to <day>', t.toOption],
    ['--missing', t.missingOption],
  ]);
  leaf(kit, statements, 'show <statement>', t.showAbout, show, [['--lines <count>', t.linesShownOption]]);
  leaf(kit, statements, 'export <statement>', t.exportAbout, write, [
    ['--out <file>', t.outOption],
    ['--lines', t.asLinesOption],
    ['--reason <text>', t.reasonOption],
  ]);
  leaf(kit, statements, 'fetch <account>', t.fetchAbout, fetch, [
    ['--day <day>', t.dayOption],
    ['--to <day>', t.toOption],
    ['--kind <kind>', t.kindOption],
    ['--wait <time>', t.waitOption],
  ]);
}

type Lang = 'zh' | 'en';

/** A table whose cells have two languages. */
function bothTables(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  rows: (lang: Lang) => string[][],
  right: readonly number[] = [],
): Words[] {
  const en = bilingualTable(heads, rows('en'), right);
  return bilingualTable(heads, rows('zh'), right).map(({ zh }, index) => ({ zh, en: en[index]?.en ?? '' }));
}

/** A day where one was given; refused where it is none. */
function dayGiven(options: Options, name: string): Result<BusinessDate | undefined> {
  const given = text(options, name);
  if (given === undefined) return done(undefined);
  const problem = { field: `--${name}`, value: given, problem: '2026-12-01' };
  return isDay(given) ? done(given) : refuse('usage.bad_input', problem, `--${name}`);
}

const shownMax = 200;

const list: Run = async (use, _args, options) => {
  const [from, to] = [dayGiven(options, 'from'), dayGiven(options, 'to')];
  if (!from.ok) return from;
  if (!to.ok) return to;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor, clock } = opened.value;
  const merchants = merchantsSeen(actor);
  const may = allowed(actor, 'numbers.read', merchants === 'all' ? undefined : merchants[0]);
  if (!may.ok) return may;
  const [accountId, kind, at] = [text(options, 'account'), text(options, 'kind'), clock.now()];
  const found = await listDays(db, {
    ...{ merchants, limit: shownMax + 1 },
    ...(accountId === undefined ? {} : { accountId }),
    ...(kind === undefined ? {} : { kinds: [kind] }),
    ...(from.value === undefined ? {} : { from: from.value }),
    ...(to.value === undefined ? {} : { to: to.value }),
    ...(options['missing'] === true ? { lateAt: at } : {}),
  });
  const days = found.slice(0, shownMax);
  const lines = days.length === 0 ? [t.none] : dayLines(days, at);
  const more = found.length > shownMax ? [t.more(shownMax)] : [];
  const [first] = days.flatMap(({ statementId }) => statementId ?? []);
  const shownNext = first === undefined ? undefined : `liushui statements show ${first}`;
  const isAll = options['missing'] !== true && days.length === 0;
  const given = shownNext ?? (isAll ? await nextFetch(opened.value, accountId) : undefined);
  const next = given === undefined ? {} : { next: given };
  return done({ exit: 0, lines: [...lines, ...more], json: { days: days.map((day) => dayJson(day, at)) }, ...next });
};

/** Where nothing is listed yet: the last day of an account whose channel gives files. */
async function nextFetch({ db, actor, clock, customs }: Session, accountId?: string): Promise<string | undefined> {
  const seen = merchantsSeen(actor);
  const accounts = await listAccounts(db, seen === 'all' ? await listMerchants(db) : seen);
  for (const { id, merchantId, channel } of accounts) {
    const rules = customs.channels.get(channel)?.manifest.statement;
    const isMeant = accountId === undefined || id === accountId;
    if (rules && isMeant && allowed(actor, 'statements.fetch', merchantId).ok)
      return `liushui statements fetch ${id} --day ${lastDayThere(rules, clock.now())}`;
  }
  return undefined;
}

type Moment = ReturnType<Session['clock']['now']>;

function dayLines(days: readonly StatementDay[], at: Moment): Words[] {
  const stateOf = (day: StatementDay, lang: Lang): string =>
    isLate(day, at) ? `${t.states[day.state][lang]} (${t.late[lang]})` : t.states[day.state][lang];
  return bothTables(t.heads, (lang) =>
    days.map((day) => [
      ...[day.day, day.accountId, day.kind, stateOf(day, lang), day.statementId ?? '-', day.why.slice(0, 60)],
    ]),
  );
}

const dayJson = (day: StatementDay, at: Moment): Record<string, unknown> => ({
  ...{ day: day.day, account: day.accountId, kind: day.kind, state: day.state, late: isLate(day, at), why: day.why },
  ...{ statement: day.statementId ?? null, ready_at: rfc3339(day.readyAt), late_at: rfc3339(day.lateAt) },
  asked_at: day.askedAt === undefined ? null : rfc3339(day.askedAt),
});

const show: Run = async (use, args, options) => {
  const given = text(options, 'lines') ?? '10';
  if (!/^\d{1,4}$/.test(given))
    return refuse('usage.bad_input', { field: '--lines', value: given, problem: '0 - 9999' }, '--lines');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const id = firstArg(args);
  const shown = await showStatement({ db }, actor, id);
  if (!shown.ok) return shown;
  const first = await findLines(db, id, Number(given));
  const { hasFile, fetchedAt, lines: _count, ...rest } = shown.value.statement;
  const json = {
    ...{ statement: id, ...dayOfJson(shown.value), version: rest.version, has_file: hasFile },
    ...{ bytes: rest.bytes, sha256: rest.sha256, channel_digest: rest.channelDigest, trust: rest.trust },
    ...{ fetched_at: rfc3339(fetchedAt), seen: rest.seenCount, totals: rest.totals, sums: shown.value.sums },
    ...{ unread: rest.unread?.code ?? null, versions: shown.value.versions.map((one) => one.id) },
    lines: first.map(lineJson),
  };
  return done({
    ...{ exit: 0, lines: [...headLines(shown.value), ...lineTable(first)], json },
    next: `liushui statements export ${id} --out ${id}.csv --lines`,
  });
};

const dayOfJson = ({ day, channel }: ShownStatement) => {
  return { day: day.day, account: day.accountId, channel, kind: day.kind };
};

function headLines({ statement, day, channel, sums, versions }: ShownStatement): Words[] {
  const { id, hasFile, fetchedAt, bytes, sha256, channelDigest, askedExchange, version, seenCount, unread } = statement;
  const came = hasFile
    ? t.file(time(fetchedAt), count(bytes), sha256, channelDigest)
    : t.nothing(time(fetchedAt), askedExchange);
  const rows = sums.map((sum) => [sum.kind, count(sum.lines), sum.amount, sum.fee, sum.currency]);
  const read = sums.length > 0 ? bilingualTable(t.sumHeads, rows, [1, 2, 3]) : hasFile && !unread ? [t.kept] : [];
  return [
    t.head(id, day.day, day.accountId, day.kind, channel),
    came,
    t.version(version, versions.length, seenCount),
    ...(unread ? [t.unread(explain(unread))] : read),
  ];
}

const ownNo = (line: KeptLine): string => line.refundNo ?? line.serialNo ?? line.voucherNo ?? '-';
const theirNo = (line: KeptLine): string => line.channelRefundNo ?? line.tradeNo ?? line.flowNo ?? '-';

function lineTable(lines: readonly KeptLine[]): Words[] {
  const rows = lines.map((line) => [
    ...[String(line.lineNo), time(line.at), line.kind, ownNo(line), theirNo(line), line.amount, line.fee ?? ''],
  ]);
  return lines.length === 0 ? [] : bilingualTable(t.lineHeads, rows, [0, 5, 6]);
}

/** By column: the name in our form and how it is read. The same names as on the API. */
const columns: readonly (readonly [string, (line: KeptLine) => string | undefined])[] = [
  ['line_no', (line) => String(line.lineNo)],
  ['at', (line) => rfc3339(line.at)],
  ['kind', (line) => line.kind],
  ['channel_kind', (line) => line.channelKind],
  ['channel_status', (line) => line.channelStatus],
  ['serial_no', (line) => line.serialNo],
  ['trade_no', (line) => line.tradeNo],
  ['refund_no', (line) => line.refundNo],
  ['channel_refund_no', (line) => line.channelRefundNo],
  ['voucher_no', (line) => line.voucherNo],
  ['flow_no', (line) => line.flowNo],
  ['product', (line) => line.product],
  ['currency', (line) => line.currency],
  ['amount', (line) => line.amount],
  ['fee', (line) => line.fee],
  ['rate', (line) => line.rate],
  ['gross', (line) => line.gross],
  ['balance', (line) => line.balance],
  ['about', (line) => line.about],
];

const lineJson = (line: KeptLine): Record<string, unknown> =>
  Object.fromEntries(columns.flatMap(([name, of]) => (of(line) === undefined ? [] : [[name, of(line)]])));

const write: Run = async (use, args, options) => {
  const file = text(options, 'out');
  if (file === undefined) return optionMissing('--out', 'FILE.csv');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const id = firstArg(args);
  const asLines = options['lines'] === true;
  const written = asLines
    ? await writeLines(opened.value, id, file)
    : await writeFile(opened.value, id, file, text(options, 'reason') ?? '');
  if (!written.ok) return written;
  const json = { statement: id, file, [asLines ? 'lines' : 'bytes']: written.value };
  const amount = asLines ? count(written.value) : t.bytes(count(written.value));
  return done({ exit: 0, lines: [t.written(file, amount)], json, next: `liushui statements show ${id}` });
};

async function writeFile(
  { customs, actor }: Session,
  id: string,
  file: string,
  reason: string,
): Promise<Result<number>> {
  const found = await openStatementFile(customs, actor, id, reason);
  if (!found.ok) return found;
  await using handle = await open(file, 'w');
  let bytes = 0;
  for await (const piece of found.value.pieces) {
    await handle.write(piece);
    bytes += piece.byteLength;
  }
  return done(bytes);
}

const linesAtOnce = 5000;

async function writeLines({ db, actor }: Session, id: string, file: string): Promise<Result<number>> {
  const shown = await showStatement({ db }, actor, id);
  if (!shown.ok) return shown;
  await using handle = await open(file, 'w');
  await handle.write(csvMark + csvLine(columns.map(([name]) => name)));
  let written = 0;
  for (let after = 0; ;) {
    const lines = await findLines(db, id, linesAtOnce, after);
    await handle.write(lines.map((line) => sheetLine(columns.map(([, of]) => of(line) ?? ''))).join(''));
    written += lines.length;
    after = lines.at(-1)?.lineNo ?? after;
    if (lines.length < linesAtOnce) return done(written);
  }
}

const fetch: Run = async (use, args, options) => {
  const waitMs = readDuration(text(options, 'wait') ?? '1m');
  if (waitMs === undefined) return badWait(options);
  const [from, to] = [dayGiven(options, 'day'), dayGiven(options, 'to')];
  if (!from.ok) return from;
  if (!to.ok) return to;
  if (from.value === undefined) return optionMissing('--day', '2026-12-01');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const accountId = firstArg(args);
  const kind = text(options, 'kind');
  const wanted = { accountId, from: from.value, to: to.value ?? from.value, ...(kind === undefined ? {} : { kind }) };
  const asked = await askStatements(session.customs, session.actor, wanted);
  if (!asked.ok) return asked;
  use.lookWith(`liushui statements list --account ${accountId}`);
  await workUntil(session, waitMs, async () => (await countDue(session.db, asked.value, session.clock.now())) === 0);
  const at = session.clock.now();
  const days = await findStatementDays(session.db, asked.value);
  const [first] = days.flatMap(({ statementId }) => statementId ?? []);
  return done({
    ...{
      exit: days.every(isHere) ? 0 : 4,
      lines: dayLines(days, at),
      json: { days: days.map((day) => dayJson(day, at)) },
    },
    next: first === undefined ? 'liushui statements list --missing' : `liushui statements show ${first}`,
  });
};
