import type { Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import type { Queryable } from './db.ts';
import type { Keyring } from './keys.ts';
import type { SealedPlace } from './seal.ts';
import { insertRows } from './sql.ts';
import type { Sent } from './transport.ts';

export type ExchangeSubject = {
  readonly bucket: number;
  readonly id: string;
  readonly try: number;
  readonly dueAt?: Instant;
};

/** A call that is about to be made: committed before the first byte leaves (architecture rule 2). */
export type ExchangeStart = {
  readonly bucket: number;
  readonly id: string;
  readonly accountId: string;
  readonly operation: string;
  readonly worker: string;
  readonly createdAt: Instant;
  readonly sendBefore: Instant;
  readonly request: { readonly method: string; readonly url: string; readonly body?: Uint8Array };
  /** Every record of ours that the call speaks for; a batch has many. */
  readonly subjects: readonly ExchangeSubject[];
};

const requestPlace = (rowId: string): SealedPlace => ({ table: 'exchanges', column: 'request', rowId });
const answerPlace = (rowId: string): SealedPlace => ({ table: 'exchange_answers', column: 'answer', rowId });

const startColumns = {
  bucket: 'int2',
  id: 'uuid',
  account_id: 'text',
  operation: 'text',
  worker: 'text',
  created_at: 'timestamptz',
  send_before: 'timestamptz',
  method: 'text',
  url: 'text',
  request: 'bytea',
} as const;

const subjectColumns = {
  bucket: 'int2',
  subject: 'uuid',
  operation: 'text',
  try: 'int4',
  due_at: 'timestamptz',
  exchange_bucket: 'int2',
  exchange_id: 'uuid',
} as const;

/**
 * Commits the sent rows. A (subject, operation, try) that exists already makes the whole transaction fail: the same try is never made twice.
 * The query of the address is sealed with the body: it may carry numbers and signatures.
 */
export async function recordStarts(tx: Queryable, keyring: Keyring, starts: readonly ExchangeStart[]): Promise<void> {
  const sorted = [...starts].sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1));
  await insertRows(
    tx,
    'exchanges',
    startColumns,
    sorted.map((start) => {
      const [address = '', query = ''] = start.request.url.split('?', 2);
      const bytes = Buffer.concat([Buffer.from(`${query}\n\n`), start.request.body ?? Buffer.alloc(0)]);
      return {
        bucket: start.bucket,
        id: start.id,
        account_id: start.accountId,
        operation: start.operation,
        worker: start.worker,
        created_at: start.createdAt,
        send_before: start.sendBefore,
        method: start.request.method,
        url: address,
        request: keyring.sealBytes('exchange', bytes, requestPlace(start.id)),
      };
    }),
  );
  const subjects = sorted.flatMap((start) =>
    start.subjects.map((subject) => ({
      bucket: subject.bucket,
      subject: subject.id,
      operation: start.operation,
      try: subject.try,
      due_at: subject.dueAt,
      exchange_bucket: start.bucket,
      exchange_id: start.id,
    })),
  );
  subjects.sort((a, b) => a.bucket - b.bucket || (a.subject < b.subject ? -1 : 1));
  await insertRows(tx, 'exchange_subjects', subjectColumns, subjects);
}

export type ExchangeEnd = {
  readonly bucket: number;
  readonly id: string;
  readonly sent: Sent | { readonly kind: 'lost'; readonly why: string };
  readonly heardAt: Instant;
  /** What we read in it, in our words. */
  readonly reading: Readonly<Record<string, unknown>>;
};

/** Commits the answered rows: an answer, silence, or that nothing was sent. A second end of the same exchange changes nothing. */
export async function recordEnds(tx: Queryable, keyring: Keyring, ends: readonly ExchangeEnd[]): Promise<void> {
  const columns = {
    bucket: 'int2',
    exchange_id: 'uuid',
    kind: 'text',
    why: 'text',
    http_status: 'int4',
    answer: 'bytea',
    heard_at: 'timestamptz',
    ms: 'float8',
    reading: 'jsonb',
    channel_date: 'timestamptz',
  } as const;
  const rows = [...ends]
    .sort((a, b) => a.bucket - b.bucket || (a.id < b.id ? -1 : 1))
    .map(({ bucket, id, sent, heardAt, reading }) => ({
      bucket,
      exchange_id: id,
      kind: sent.kind,
      why: sent.kind === 'answered' ? '' : sent.why,
      http_status: sent.kind === 'answered' ? sent.answer.status : undefined,
      answer: sent.kind === 'answered' ? keyring.sealBytes('exchange', sent.answer.body, answerPlace(id)) : undefined,
      heard_at: heardAt,
      ms: sent.kind === 'answered' || sent.kind === 'silent' ? sent.ms : undefined,
      reading,
      channel_date: sent.kind === 'answered' ? dateOf(sent.answer.headers['date']) : undefined,
    }));
  await insertRows(tx, 'exchange_answers', columns, rows, 'on conflict (bucket, exchange_id) do nothing');
}

/** The `Date` of an answer (RFC 9110 §6.6.1); undefined when there is none or it is no date. */
function dateOf(header: string | undefined): Instant | undefined {
  const at = Date.parse(header ?? '');
  return Number.isNaN(at) ? undefined : (at as Instant);
}

/** The number of the next try of each subject for one operation; 1 when it was never tried. */
export async function nextTries(
  db: Queryable,
  operation: string,
  subjects: readonly { readonly bucket: number; readonly id: string }[],
): Promise<Map<string, number>> {
  // A look into the index for each: a join may read every exchange there ever was.
  const rows = await db.query<{ subject: string; last: number | null }>(
    `select t.subject, (
       select max(s.try) from exchange_subjects s
       where s.bucket = t.bucket and s.subject = t.subject and s.operation = $3) as last
     from unnest($1::int2[], $2::uuid[]) as t(bucket, subject)`,
    [subjects.map((subject) => subject.bucket), subjects.map((subject) => subject.id), operation],
  );
  return new Map(rows.map((row) => [row.subject, (row.last ?? 0) + 1]));
}

/**
 * Ends, as lost, the exchanges of a dead process: nobody will hear their answers. They are in doubt, never failed.
 * @param since only those whose time to leave ended from then on; absent: all.
 */
export async function endLost(tx: Queryable, deadline: Instant, at: Instant, since?: Instant): Promise<number> {
  const rows = await tx.query(
    `insert into exchange_answers (bucket, exchange_id, kind, why, heard_at)
     select e.bucket, e.id, 'lost', 'the process that sent it ended before it heard', $2
     from exchanges e
     where e.send_before < $1 and ($3::timestamptz is null or e.send_before >= $3) and not exists (
       select from exchange_answers a where a.bucket = e.bucket and a.exchange_id = e.id)
     order by e.bucket, e.id
     on conflict (bucket, exchange_id) do nothing
     returning exchange_id`,
    [timestamp(deadline), timestamp(at), since === undefined ? null : timestamp(since)],
  );
  return rows.length;
}
