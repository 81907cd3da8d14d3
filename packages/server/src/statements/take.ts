import type { BusinessDate, Instant, Refusal, Trust } from '../kernel/index.ts';
import type { ProvedFile, StatementContent } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import type { CaseSubject } from '../cases/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Tx } from '../platform/db.ts';
import type { StatementParts } from './parts.ts';
import { piecesOf, placeOfPiece, sha256Of } from './pieces.ts';
import { nameOf } from './statement.ts';
import type { Statement, StatementDay } from './statement.ts';
import { takeUntold } from './store.ts';
import { countSeen, findVersions, insertLines, insertPiece, insertStatement, saveRead } from './version-store.ts';

/** What came for a day: contents that were proved, or the channel's word that there are none. */
export type Arrival = {
  readonly file: ProvedFile | undefined;
  readonly askedExchange: string;
  readonly fileExchange: string | undefined;
  readonly trust: Trust;
  readonly at: Instant;
};

/** An arrival with what could be read in it. */
export type ReadArrival = Arrival & {
  readonly sha256: string;
  readonly content: StatementContent;
  readonly unread: Refusal | undefined;
};

const nothing: StatementContent = { lines: [], totals: {} };

/** Outside the transaction: a large file takes its time. */
export function readArrival(opened: OpenAccount, day: StatementDay, arrival: Arrival): ReadArrival {
  const { file } = arrival;
  const sha256 = sha256Of(file?.bytes ?? new Uint8Array());
  const { statement, manifest } = opened.connector;
  const isRead = manifest.statement?.kinds[day.kind]?.isRead ?? false;
  if (!file || !statement || !isRead) return { ...arrival, sha256, content: nothing, unread: undefined };
  const question = { kind: day.kind, day: day.day };
  const read = statement.read(file.bytes, question, opened.account);
  return read.ok
    ? { ...arrival, sha256, content: read.value, unread: undefined }
    : { ...arrival, sha256, content: nothing, unread: read.refusal };
}

const caseAbout = (day: StatementDay, kind: CaseSubject['kind']): CaseSubject => ({
  merchantId: day.merchantId,
  kind,
  subjectKind: 'statement_day',
  subject: nameOf(day),
});

const numbersOf = (day: { accountId: string; kind: string; day: BusinessDate }) => ({
  account: day.accountId,
  file: day.kind,
  day: day.day,
});

/**
 * Keeps what came. The same contents as the newest version only count up, and are read if they could not be; others become a version beside it, which is a case. The day is locked by
 * the caller.
 * @returns the statement's number.
 */
export async function keepArrival(
  tx: Tx,
  parts: StatementParts,
  day: StatementDay,
  arrival: ReadArrival,
): Promise<string> {
  const { at, file, sha256 } = arrival;
  await closeCasesOf(tx, [caseAbout(day, 'statement.late')], at);
  const [last] = await findVersions(tx, day);
  if (last && last.sha256 === sha256 && last.hasFile === (file !== undefined)) {
    await countSeen(tx, last.id, at);
    if (last.unread) await readAnew(tx, day, arrival, last.id);
    return last.id;
  }
  // A word against a file that lies here takes nothing away.
  if (last?.hasFile === true && !file) return last.id;
  const id = await insertVersion(tx, parts, day, arrival, (last?.version ?? 0) + 1);
  await tellVersion(tx, day, arrival, { id, last });
  return id;
}

/** Contents that could not be read, with what is read in them now: the program may have learnt their columns, or have other words for why not. */
async function readAnew(tx: Tx, day: StatementDay, { at, content, unread }: ReadArrival, id: string): Promise<void> {
  await saveRead(tx, id, { lines: content.lines.length, totals: content.totals, unread });
  await insertLines(tx, id, content.lines);
  if (!unread) await closeCasesOf(tx, [caseAbout(day, 'statement.unreadable')], at);
}

async function insertVersion(
  tx: Tx,
  { keyring }: StatementParts,
  day: StatementDay,
  { at, file, sha256, content, unread, ...proof }: ReadArrival,
  version: number,
): Promise<string> {
  const [number] = await nextNumbers(tx, 'statement', 1);
  const id = `S-${number}`;
  await insertStatement(tx, {
    ...{ id, dayId: day.id, dayBucket: day.bucket, version, hasFile: file !== undefined, sha256 },
    ...{ bytes: file?.bytes.byteLength ?? 0, channelDigest: file?.digest ?? '', trust: proof.trust },
    ...{ askedExchange: proof.askedExchange, fileExchange: proof.fileExchange, fetchedAt: at, lastSeenAt: at },
    ...{ lines: content.lines.length, totals: content.totals, unread },
  });
  const pieces = file ? piecesOf(file.bytes) : [];
  for (const [index, piece] of pieces.entries()) {
    const sealed = keyring.sealBytes('exchange', piece, placeOfPiece(id, index + 1));
    await insertPiece(tx, id, index + 1, sealed);
  }
  await insertLines(tx, id, content.lines);
  return id;
}

async function tellVersion(
  tx: Tx,
  day: StatementDay,
  { at, unread, sha256 }: ReadArrival,
  { id, last }: { readonly id: string; readonly last: Statement | undefined },
): Promise<void> {
  const unreadable = caseAbout(day, 'statement.unreadable');
  const about = { bucket: day.bucket, params: { ...numbersOf(day), statement: id } };
  if (unread) {
    const params = { ...about.params, code: unread.code, ...unread.params };
    await openCases(tx, [{ ...unreadable, ...about, params }], at);
  } else await closeCasesOf(tx, [unreadable], at);
  if (!last) return;
  const params = { ...about.params, before: last.id, sha256, sha256_before: last.sha256 };
  await openCases(tx, [{ ...caseAbout(day, 'statement.changed'), ...about, params }], at);
}

/** The same before its term, of a day that will not come by waiting. */
export async function openUnfetchable(tx: Tx, day: StatementDay, why: string, at: Instant): Promise<void> {
  if (await takeUntold(tx, day)) await openLate(tx, [{ ...day, why }], at);
}

/** Somebody must know of days that should be here. One case for each, however often it is looked. */
export async function openLate(tx: Tx, late: readonly StatementDay[], at: Instant): Promise<void> {
  const cases = late.map((day) => ({
    ...caseAbout(day, 'statement.late'),
    bucket: day.bucket,
    params: { ...numbersOf(day), why: day.why },
  }));
  await openCases(tx, cases, at);
}
