import { bucketOfSerialNo, fnv1a32, isSerialNo } from '../kernel/index.ts';
import type { BusinessDate, Instant, Refusal, Trust } from '../kernel/index.ts';
import type { StatementLine } from '../channels/contract/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { DayKey } from './store.ts';
import type { Statement } from './statement.ts';

type StatementRow = {
  id: string;
  day_id: string;
  day_bucket: number;
  version: number;
  has_file: boolean;
  bytes: bigint;
  sha256: string;
  channel_digest: string;
  asked_exchange: string;
  file_exchange: string | null;
  trust: Trust;
  fetched_at: Instant;
  last_seen_at: Instant;
  seen_count: number;
  lines: number;
  totals: Readonly<Record<string, string>>;
  unread: Refusal | null;
};

const statementOf = (row: StatementRow): Statement => ({
  ...{ id: row.id, dayId: row.day_id, dayBucket: row.day_bucket, version: row.version, hasFile: row.has_file },
  ...{ bytes: Number(row.bytes), sha256: row.sha256, channelDigest: row.channel_digest, trust: row.trust },
  ...{ askedExchange: row.asked_exchange, fileExchange: row.file_exchange ?? undefined },
  ...{ fetchedAt: row.fetched_at, lastSeenAt: row.last_seen_at, seenCount: row.seen_count },
  ...{ lines: row.lines, totals: row.totals, unread: row.unread ?? undefined },
});

const columns = {
  id: 'text',
  day_bucket: 'int2',
  day_id: 'uuid',
  version: 'int4',
  has_file: 'bool',
  bytes: 'int8',
  sha256: 'text',
  channel_digest: 'text',
  asked_exchange: 'uuid',
  file_exchange: 'uuid',
  trust: 'text',
  fetched_at: 'timestamptz',
  last_seen_at: 'timestamptz',
  lines: 'int4',
  totals: 'jsonb',
  unread: 'jsonb',
} as const;

/** The new version becomes the day's statement. */
export async function insertStatement(tx: Tx, one: Omit<Statement, 'seenCount'>): Promise<void> {
  const row = {
    ...{ id: one.id, day_bucket: one.dayBucket, day_id: one.dayId, version: one.version, has_file: one.hasFile },
    ...{ bytes: one.bytes, sha256: one.sha256, channel_digest: one.channelDigest, trust: one.trust },
    ...{ asked_exchange: one.askedExchange, file_exchange: one.fileExchange, fetched_at: one.fetchedAt },
    ...{ last_seen_at: one.lastSeenAt, lines: one.lines, totals: one.totals, unread: one.unread },
  };
  await insertRows(tx, 'statements', columns, [row]);
  await tx.query('update statement_days set statement_id = $3 where bucket = $1 and id = $2', [
    ...[one.dayBucket, one.dayId, one.id],
  ]);
}

/** The same contents came again. */
export async function countSeen(tx: Tx, id: string, at: Instant): Promise<void> {
  await tx.query('update statements set seen_count = seen_count + 1, last_seen_at = $2 where id = $1', [
    ...[id, timestamp(at)],
  ]);
}

export async function saveRead(
  tx: Tx,
  id: string,
  { lines, totals, unread }: Pick<Statement, 'lines' | 'totals' | 'unread'>,
): Promise<void> {
  await tx.query('update statements set lines = $2, totals = $3, unread = $4 where id = $1', [
    ...[id, lines, JSON.stringify(totals), unread ? JSON.stringify(unread) : null],
  ]);
}

export async function findStatement(db: Queryable, id: string): Promise<Statement | undefined> {
  const [row] = await db.query<StatementRow>('select * from statements where id = $1', [id]);
  return row && statementOf(row);
}

/** The newest first. */
export async function findVersions(db: Queryable, { bucket, id }: DayKey): Promise<readonly Statement[]> {
  const rows = await db.query<StatementRow>(
    'select * from statements where day_bucket = $1 and day_id = $2 order by version desc',
    [bucket, id],
  );
  return rows.map(statementOf);
}

export async function insertPiece(tx: Tx, statementId: string, position: number, piece: Uint8Array): Promise<void> {
  await tx.query('insert into statement_pieces (statement_id, position, piece) values ($1, $2, $3)', [
    ...[statementId, position, Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)],
  ]);
}

export async function findPiece(db: Queryable, statementId: string, position: number): Promise<Buffer | undefined> {
  const [row] = await db.query<{ piece: Buffer }>(
    'select piece from statement_pieces where statement_id = $1 and position = $2',
    [statementId, position],
  );
  return row?.piece;
}

const lineColumns = {
  bucket: 'int2',
  statement_id: 'text',
  line_no: 'int4',
  byte_off: 'int8',
  byte_len: 'int4',
  kind: 'text',
  channel_kind: 'text',
  channel_status: 'text',
  serial_no: 'text',
  trade_no: 'text',
  refund_no: 'text',
  channel_refund_no: 'text',
  voucher_no: 'text',
  flow_no: 'text',
  product: 'text',
  currency: 'text',
  amount: 'numeric',
  fee: 'numeric',
  rate: 'text',
  gross: 'numeric',
  balance: 'numeric',
  about: 'text',
  at: 'timestamptz',
} as const;

/** The bucket of the number that the line quotes for its own operation; of somebody else's number any, but always the same. */
function bucketOfLine({ serialNo, refundNo, voucherNo, flowNo }: StatementLine): number {
  const number = refundNo ?? serialNo ?? voucherNo ?? flowNo ?? '';
  return isSerialNo(number) ? bucketOfSerialNo(number) : fnv1a32(number) % 1000;
}

const linesAtOnce = 5000;

export async function insertLines(tx: Tx, statementId: string, lines: readonly StatementLine[]): Promise<void> {
  for (let from = 0; from < lines.length; from += linesAtOnce) {
    const rows = lines.slice(from, from + linesAtOnce).map((line) => ({
      ...{ bucket: bucketOfLine(line), statement_id: statementId, line_no: line.lineNo },
      ...{ byte_off: line.byteOff, byte_len: line.byteLen, kind: line.kind, channel_kind: line.channelKind },
      ...{ channel_status: line.channelStatus, serial_no: line.serialNo, trade_no: line.tradeNo },
      ...{ refund_no: line.refundNo, channel_refund_no: line.channelRefundNo, voucher_no: line.voucherNo },
      ...{ flow_no: line.flowNo, product: line.product, currency: line.currency, amount: line.amount },
      ...{ fee: line.fee, rate: line.rate, gross: line.gross, balance: line.balance, about: line.about, at: line.at },
    }));
    await insertRows(tx, 'statement_lines', lineColumns, rows);
  }
}

/** A line as it is kept; amounts have every digit that was printed. */
export type KeptLine = Omit<StatementLine, 'byteOff' | 'byteLen'>;

type LineRow = {
  line_no: number;
  kind: StatementLine['kind'];
  channel_kind: string;
  channel_status: string | null;
  serial_no: string | null;
  trade_no: string | null;
  refund_no: string | null;
  channel_refund_no: string | null;
  voucher_no: string | null;
  flow_no: string | null;
  product: string | null;
  currency: string;
  amount: string;
  fee: string | null;
  rate: string | null;
  gross: string | null;
  balance: string | null;
  about: string | null;
  at: Instant;
};

type Filled<T> = { readonly [K in keyof T]?: Exclude<T[K], null> };
/** Only the fields that are filled. */
const filled = <T extends object>(fields: T): Filled<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Filled<T>;

const lineOf = (row: LineRow): KeptLine => ({
  ...{ lineNo: row.line_no, kind: row.kind, channelKind: row.channel_kind },
  ...{ currency: row.currency, amount: row.amount, at: row.at },
  ...filled({ channelStatus: row.channel_status, serialNo: row.serial_no, tradeNo: row.trade_no }),
  ...filled({ refundNo: row.refund_no, channelRefundNo: row.channel_refund_no, voucherNo: row.voucher_no }),
  ...filled({ flowNo: row.flow_no, product: row.product, fee: row.fee, rate: row.rate, gross: row.gross }),
  ...filled({ balance: row.balance, about: row.about }),
});

/** In the order of the file, behind that line. */
export async function findLines(
  db: Queryable,
  statementId: string,
  limit: number,
  afterLine = 0,
): Promise<readonly KeptLine[]> {
  const rows = await db.query<LineRow>(
    'select * from statement_lines where statement_id = $1 and line_no > $2 order by line_no limit $3',
    [statementId, afterLine, limit],
  );
  return rows.map(lineOf);
}

/** What the newest statements of an account from that day on tell of a payment and of its refunds, by our numbers. */
export async function findLinesAbout(
  db: Queryable,
  accountId: string,
  from: BusinessDate,
  numbers: { readonly serialNo: string; readonly refundNos: readonly string[] },
): Promise<readonly (KeptLine & { readonly statementId: string })[]> {
  const rows = await db.query<LineRow & { statement_id: string }>(
    `select l.* from statement_days d join statement_lines l on l.statement_id = d.statement_id
     where d.account_id = $1 and d.day >= $2 and d.day < $2::date + 4 and (l.serial_no = $3 or l.refund_no = any($4))
     order by d.day, d.kind, l.line_no`,
    [accountId, from, numbers.serialNo, numbers.refundNos],
  );
  return rows.map((row) => ({ ...lineOf(row), statementId: row.statement_id }));
}

export type KindSum = {
  readonly kind: StatementLine['kind'];
  readonly currency: string;
  readonly lines: number;
  readonly amount: string;
  readonly fee: string;
};

/** What its lines come to, by what they are. */
export async function sumLines(db: Queryable, statementId: string): Promise<readonly KindSum[]> {
  return db.query<KindSum>(
    `select kind, currency, count(*)::int as lines, sum(amount) as amount, coalesce(sum(fee), 0) as fee
     from statement_lines where statement_id = $1 group by 1, 2 order by 1, 2`,
    [statementId],
  );
}
