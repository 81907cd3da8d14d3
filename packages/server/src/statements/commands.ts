import { assert, done, refuse } from '../kernel/index.ts';
import type { BusinessDate, Result } from '../kernel/index.ts';
import { findAccounts, openAccount } from '../accounts/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { bucketOfDay, daysFrom, firstDay, kindsOf, lastDay, lateAt, readyAt } from './days.ts';
import type { StatementParts } from './parts.ts';
import { inflatePiece, placeOfPiece } from './pieces.ts';
import { addDays } from './plan.ts';
import type { Statement, StatementDay } from './statement.ts';
import { loadDays } from './store.ts';
import { findPiece, findStatement, findVersions, sumLines } from './version-store.ts';
import type { KindSum } from './version-store.ts';

export type DaysWanted = {
  readonly accountId: string;
  /** Absent: every kind that comes daily. */
  readonly kind?: string;
  readonly from: BusinessDate;
  readonly to: BusinessDate;
};

/**
 * Asks for the files of these days now, also for those that are here: what differs becomes a version beside it.
 * @returns refusals account.not_found, of `allowed`, statement.none_at_channel, statement.kind_unknown, statement.day_unfit.
 */
export async function askStatements(
  parts: StatementParts,
  actor: Actor,
  wanted: DaysWanted,
): Promise<Result<readonly StatementDay[]>> {
  const opened = await openAccount(parts, wanted.accountId);
  if (!opened.ok) return opened;
  const { connector, merchantId, account } = opened.value;
  const permitted = allowed(actor, 'statements.fetch', merchantId);
  if (!permitted.ok) return permitted;
  const rules = connector.manifest.statement;
  if (!rules) return refuse('statement.none_at_channel', { account: account.id });
  const known = kindsOf(connector, account.settings);
  const kinds = known.filter(([kind, { isDaily }]) => (wanted.kind === undefined ? isDaily : kind === wanted.kind));
  if (kinds.length === 0) {
    const names = known.map(([kind]) => kind).join(', ');
    return refuse('statement.kind_unknown', { kind: wanted.kind ?? '', known: names });
  }
  const at = parts.clock.now();
  const [from, to] = [firstDay(rules, at), lastDay(at)];
  const outside = [wanted.from, wanted.to].find((day) => day < from || day > to);
  if (outside !== undefined || wanted.from > wanted.to) {
    const later = outside !== undefined && outside > to ? { readyAt: readyAt(outside, rules) } : {};
    return refuse('statement.day_unfit', { day: outside ?? wanted.from, from, to, ...later });
  }
  const days = kinds.flatMap(([kind]) =>
    daysFrom(wanted.from, wanted.to).map((day) => ({
      ...{ bucket: bucketOfDay(account.id, kind, day), id: parts.ids.next(), accountId: account.id, merchantId },
      ...{ kind, day, readyAt: readyAt(day, rules), lateAt: lateAt(day, rules) },
    })),
  );
  const asked = await parts.db.transaction(async (tx) => {
    const detail = { from: wanted.from, to: wanted.to, kinds: kinds.map(([kind]) => kind) };
    const entry = { actor, act: 'statements.asked', subject: account.id, detail };
    await writeAudit(tx, [entry], { at, ids: parts.ids });
    return addDays(tx, connector, days, at, true);
  });
  return done(asked);
}

export type ShownStatement = {
  readonly statement: Statement;
  readonly day: StatementDay;
  readonly channel: string;
  readonly sums: readonly KindSum[];
  /** All versions of the day, the newest first. */
  readonly versions: readonly Statement[];
};

/** @returns refusals statement.not_found and those of `allowed`. */
export async function showStatement(
  { db }: Pick<StatementParts, 'db'>,
  actor: Actor,
  id: string,
): Promise<Result<ShownStatement>> {
  const statement = await findStatement(db, id);
  if (!statement) return refuse('statement.not_found', { statement: id });
  const day = (await loadDays(db, [{ bucket: statement.dayBucket, id: statement.dayId }])).get(statement.dayId);
  assert(day, `statement ${id} is of no day`);
  const permitted = allowed(actor, 'numbers.read', day.merchantId);
  if (!permitted.ok) return permitted;
  const [[account], sums, versions] = await Promise.all([
    findAccounts(db, [day.accountId]),
    sumLines(db, id),
    findVersions(db, day),
  ]);
  return done({ statement, day, channel: account?.channel ?? '', sums, versions });
}

export type OpenedFile = { readonly name: string; readonly pieces: AsyncGenerator<Uint8Array> };

/**
 * The contents as they came, piece by piece. A day on which nothing happened has none: an empty file. Payers are in it as the channel names them, so
 * it asks for a reason as an exchange that is shown unmasked does, and every opening is written down.
 * @returns refusals statement.not_found, statement.reason_missing, statement.unreadable_now, those of `allowed`.
 */
export async function openStatementFile(
  parts: StatementParts,
  actor: Actor,
  id: string,
  reason: string,
): Promise<Result<OpenedFile>> {
  const shown = await showStatement(parts, actor, id);
  if (!shown.ok) return shown;
  const { day, statement } = shown.value;
  const permitted = allowed(actor, 'exchanges.read', day.merchantId);
  if (!permitted.ok) return permitted;
  if (reason.trim() === '') return refuse('statement.reason_missing', { statement: id }, 'reason');
  const first = await openPiece(parts, id, 1);
  if (first?.kind === 'closed') return refuse('statement.unreadable_now', { statement: id, why: first.why });
  const detail = { account: day.accountId, kind: day.kind, day: day.day };
  const entry = { actor, act: 'statement.opened', subject: id, reason: reason.trim(), detail };
  await parts.db.transaction((tx) => writeAudit(tx, [entry], { at: parts.clock.now(), ids: parts.ids }));
  const name = `${day.accountId}-${day.kind}-${day.day}-v${statement.version}.csv`;
  return done({ name, pieces: piecesOf(parts, id) });
}

async function* piecesOf(parts: StatementParts, id: string): AsyncGenerator<Uint8Array> {
  for (let position = 1; ; position += 1) {
    const piece = await openPiece(parts, id, position);
    if (!piece) return;
    assert(piece.kind === 'open', `a piece of statement ${id} cannot be opened`);
    yield piece.bytes;
  }
}

type Piece = { readonly kind: 'open'; readonly bytes: Uint8Array } | { readonly kind: 'closed'; readonly why: string };

async function openPiece({ db, keyring }: StatementParts, id: string, position: number): Promise<Piece | undefined> {
  const sealed = await findPiece(db, id, position);
  if (!sealed) return undefined;
  await keyring.loadFor([sealed]);
  const opened = keyring.openBytes(sealed, placeOfPiece(id, position));
  if (opened.kind === 'opened') return { kind: 'open', bytes: inflatePiece(opened.value) };
  return { kind: 'closed', why: opened.kind === 'erased' ? 'its key was erased' : opened.why };
}
