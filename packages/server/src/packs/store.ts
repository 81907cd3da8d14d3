import type { Currency, Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { MemberLine } from './builder.ts';
import type { PackFile } from './file-pieces.ts';
import type { Receiver } from './routing.ts';
import type { Words } from './words.ts';

/** A pack as it was handed out. */
export type Pack = {
  /** `E-3`: people read it aloud. */
  readonly id: string;
  readonly merchantId: string;
  readonly source: string;
  readonly receiver: Receiver;
  readonly factsSha256: string;
  readonly sha256: string;
  readonly members: number;
  readonly moneyMinor: bigint;
  readonly currency: Currency;
  readonly complete: boolean;
  /** Order numbers of members with gaps; a thousand at most. */
  readonly missing: readonly string[];
  readonly raw: boolean;
  /** The approval by which people are shown as they are. */
  readonly unmaskedBy: string | undefined;
  readonly factsUntil: Instant;
  readonly madeBy: string;
  readonly madeAt: Instant;
  readonly deadlineAt: Instant;
  readonly sentAt: Instant | undefined;
  readonly sentBy: string | undefined;
  readonly sentNote: string;
};

type PackDbRow = {
  id: string;
  merchant_id: string;
  source: string;
  receiver_kind: Receiver['kind'];
  receiver: string;
  facts_sha256: string;
  sha256: string;
  members: number;
  money_minor: bigint;
  currency: Currency;
  complete: boolean;
  missing: string[];
  raw: boolean;
  unmasked_by: string | null;
  facts_until: Instant;
  made_by: string;
  made_at: Instant;
  deadline_at: Instant;
  sent_at: Instant | null;
  sent_by: string | null;
  sent_note: string;
};

function packOf(row: PackDbRow): Pack {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    source: row.source,
    receiver: { kind: row.receiver_kind, id: row.receiver },
    factsSha256: row.facts_sha256,
    sha256: row.sha256,
    members: row.members,
    moneyMinor: row.money_minor,
    currency: row.currency,
    complete: row.complete,
    missing: row.missing,
    raw: row.raw,
    unmaskedBy: row.unmasked_by ?? undefined,
    factsUntil: row.facts_until,
    madeBy: row.made_by,
    madeAt: row.made_at,
    deadlineAt: row.deadline_at,
    sentAt: row.sent_at ?? undefined,
    sentBy: row.sent_by ?? undefined,
    sentNote: row.sent_note,
  };
}

export async function findPack(db: Queryable, id: string): Promise<Pack | undefined> {
  const [row] = await db.query<PackDbRow>('select * from evidence_packs where id = $1', [id]);
  return row && packOf(row);
}

/** The pack that says the same to the same receiver already. */
export async function findSamePack(
  db: Queryable,
  source: string,
  receiver: Receiver,
  factsSha256: string,
): Promise<Pack | undefined> {
  const [row] = await db.query<PackDbRow>(
    'select * from evidence_packs where source = $1 and receiver_kind = $2 and receiver = $3 and facts_sha256 = $4',
    [source, receiver.kind, receiver.id, factsSha256],
  );
  return row && packOf(row);
}

/** Newest first, from behind the last one of the page before. */
export async function findPacks(
  db: Queryable,
  reach: readonly string[] | 'all',
  limit: number,
  after: { readonly madeAt: Instant; readonly id: string } | undefined,
): Promise<Pack[]> {
  const rows = await db.query<PackDbRow>(
    `select * from evidence_packs where ($1::text[] is null or merchant_id = any($1))
       and ($2::timestamptz is null or (date_trunc('milliseconds', made_at), id) < ($2, $3))
     order by date_trunc('milliseconds', made_at) desc, id desc limit $4`,
    [reach === 'all' ? null : reach, after ? timestamp(after.madeAt) : null, after?.id ?? null, limit],
  );
  return rows.map(packOf);
}

export async function insertPack(tx: Queryable, pack: Pack): Promise<void> {
  const columns = {
    id: 'text',
    merchant_id: 'text',
    source: 'text',
    receiver_kind: 'text',
    receiver: 'text',
    facts_sha256: 'text',
    sha256: 'text',
    members: 'int4',
    money_minor: 'int8',
    currency: 'text',
    complete: 'bool',
    missing: 'text[]',
    raw: 'bool',
    unmasked_by: 'text',
    facts_until: 'timestamptz',
    made_by: 'text',
    made_at: 'timestamptz',
    deadline_at: 'timestamptz',
  } as const;
  const row = {
    ...{ id: pack.id, merchant_id: pack.merchantId, source: pack.source },
    ...{ receiver_kind: pack.receiver.kind, receiver: pack.receiver.id },
    ...{ facts_sha256: pack.factsSha256, sha256: pack.sha256, members: pack.members },
    ...{ money_minor: pack.moneyMinor, currency: pack.currency, complete: pack.complete, missing: pack.missing },
    ...{ raw: pack.raw, unmasked_by: pack.unmaskedBy, facts_until: pack.factsUntil },
    ...{ made_by: pack.madeBy, made_at: pack.madeAt, deadline_at: pack.deadlineAt },
  };
  await insertRows(tx, 'evidence_packs', columns, [row]);
}

const chunk = 5000;

export async function insertMembers(tx: Queryable, packId: string, lines: readonly MemberLine[]): Promise<void> {
  const columns = {
    bucket: 'int2',
    declaration_id: 'uuid',
    pack_id: 'text',
    position: 'int4',
    verdict_row: 'text',
    complete: 'bool',
  } as const;
  for (let from = 0; from < lines.length; from += chunk) {
    const rows = lines.slice(from, from + chunk).map((line, index) => ({
      ...{ bucket: line.bucket, declaration_id: line.declarationId, pack_id: packId, position: from + index + 1 },
      ...{ verdict_row: line.verdictRow, complete: line.complete },
    }));
    await insertRows(tx, 'evidence_pack_members', columns, rows);
  }
}

const piecesAtOnce = 2;

/** `seal` closes a piece for its place. */
export async function insertFiles(
  tx: Queryable,
  packId: string,
  files: readonly PackFile[],
  seal: (piece: Uint8Array, place: string) => Uint8Array,
): Promise<void> {
  const fileColumns = { pack_id: 'text', position: 'int4', name: 'text', bytes: 'int8', sha256: 'text' } as const;
  const rows = files.map(({ name, bytes, sha256 }, index) => ({
    pack_id: packId,
    position: index + 1,
    name,
    bytes,
    sha256,
  }));
  await insertRows(tx, 'evidence_pack_files', fileColumns, rows);
  const pieceColumns = { pack_id: 'text', name: 'text', position: 'int4', piece: 'bytea' } as const;
  for (const { name, pieces } of files) {
    for (let from = 0; from < pieces.length; from += piecesAtOnce) {
      const some = pieces.slice(from, from + piecesAtOnce).map((piece, index) => {
        const position = from + index + 1;
        return { pack_id: packId, name, position, piece: seal(piece, placeOf(packId, name, position)) };
      });
      await insertRows(tx, 'evidence_pack_pieces', pieceColumns, some);
    }
  }
}

export function placeOf(packId: string, name: string, position: number): string {
  return `${packId}/${name}/${position}`;
}

export type KeptFile = { readonly name: string; readonly bytes: number; readonly sha256: string };

export async function findFiles(db: Queryable, packId: string): Promise<KeptFile[]> {
  const rows = await db.query<{ name: string; bytes: bigint; sha256: string }>(
    'select name, bytes, sha256 from evidence_pack_files where pack_id = $1 order by position',
    [packId],
  );
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

export async function findPiece(
  db: Queryable,
  packId: string,
  name: string,
  position: number,
): Promise<Buffer | undefined> {
  const [row] = await db.query<{ piece: Buffer }>(
    'select piece from evidence_pack_pieces where pack_id = $1 and name = $2 and position = $3',
    [packId, name, position],
  );
  return row?.piece;
}

export async function setSent(tx: Queryable, packId: string, by: string, at: Instant, note: string): Promise<void> {
  await tx.query('update evidence_packs set sent_at = $2, sent_by = $3, sent_note = $4 where id = $1', [
    packId,
    timestamp(at),
    by,
    note,
  ]);
}

/** How many members answered what; under `open` those without an answer. */
export async function countReplies(db: Queryable, packId: string): Promise<Record<string, number>> {
  const rows = await db.query<{ result: string; n: bigint }>(
    `select coalesce(reply_result, 'open') as result, count(*) as n from evidence_pack_members
     where pack_id = $1 group by 1 order by 1`,
    [packId],
  );
  return Object.fromEntries(rows.map((row) => [row.result, Number(row.n)]));
}

export async function findMerchantNames(db: Queryable, merchantId: string): Promise<Words | undefined> {
  const [row] = await db.query<{ zh: string; en: string }>(
    'select name_zh as zh, name_en as en from merchants where id = $1',
    [merchantId],
  );
  return row;
}
