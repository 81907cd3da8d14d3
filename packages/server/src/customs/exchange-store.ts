import type { Instant } from '../kernel/index.ts';
import type { Queryable } from '../platform/db.ts';
import type { ExchangeLine } from '../platform/story/index.ts';

export type KeptExchange = {
  readonly bucket: number;
  readonly id: string;
  readonly merchantId: string;
  readonly accountId: string;
  readonly operation: string;
  readonly worker: string;
  readonly createdAt: Instant;
  readonly sendBefore: Instant;
  readonly method: string;
  readonly url: string;
  readonly request: Buffer;
  readonly ended: ExchangeLine['ended'];
  readonly why: string;
  readonly httpStatus: number | undefined;
  readonly answer: Buffer | undefined;
  readonly heardAt: Instant | undefined;
  readonly ms: number | undefined;
  readonly reading: Readonly<Record<string, unknown>>;
};

export async function findExchange(db: Queryable, id: string): Promise<KeptExchange | undefined> {
  type DbRow = {
    bucket: number;
    id: string;
    merchant_id: string;
    account_id: string;
    operation: string;
    worker: string;
    created_at: Instant;
    send_before: Instant;
    method: string;
    url: string;
    request: Buffer;
    kind: ExchangeLine['ended'] | null;
    why: string | null;
    http_status: number | null;
    answer: Buffer | null;
    heard_at: Instant | null;
    ms: number | null;
    reading: Record<string, unknown> | null;
  };
  const [row] = await db.query<DbRow>(
    `select e.*, c.merchant_id, a.kind, a.why, a.http_status, a.answer, a.heard_at, a.ms, a.reading
     from generate_series(0, 999) as b(bucket) join exchanges e on e.bucket = b.bucket::int2 and e.id = $1::uuid
       join channel_accounts c on c.id = e.account_id
       left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id`,
    [id],
  );
  return (
    row && {
      bucket: row.bucket,
      id: row.id,
      merchantId: row.merchant_id,
      accountId: row.account_id,
      operation: row.operation,
      worker: row.worker,
      createdAt: row.created_at,
      sendBefore: row.send_before,
      method: row.method,
      url: row.url,
      request: row.request,
      ended: row.kind ?? undefined,
      why: row.why ?? '',
      httpStatus: row.http_status ?? undefined,
      answer: row.answer ?? undefined,
      heardAt: row.heard_at ?? undefined,
      ms: row.ms ?? undefined,
      reading: row.reading ?? {},
    }
  );
}
