import type { Instant } from '../../src/kernel/index.ts';
import type { Declaration } from '../../src/customs/declaration.ts';
import { findDeclarations, findFacts } from '../../src/customs/store.ts';
import type { KeptFact } from '../../src/customs/store.ts';
import type { RecordKey } from '../../src/platform/commands.ts';
import type { Queryable } from '../../src/platform/db.ts';

export type ExchangeRow = {
  id: string;
  bucket: number;
  operation: string;
  worker: string;
  created_at: Instant;
  send_before: Instant;
  kind: string | null;
  heard_at: Instant | null;
  trust: string | null;
};
export type SubjectRow = { subject: string; operation: string; try: number; exchange_id: string };
export type JobRow = {
  kind: string;
  subject: string;
  due_at: Instant;
  wanted: number;
  done: number;
  leased_until: Instant | null;
  lease_owner: string | null;
  tries: number;
};
export type PlanRow = {
  id: string;
  state: string;
  size: number;
  digest: string;
  approval_id: string;
  made_by: string;
  started_at: Instant | null;
};
export type ItemRow = {
  plan_id: string;
  bucket: number;
  declaration_id: string;
  position: number;
  cell: string;
  role: string;
  state: string;
  why: string;
  pushed_at: Instant | null;
  pushes: number;
  evidence: string | null;
  judged_at: Instant | null;
};
export type ApprovalRow = {
  id: string;
  state: string;
  maker: string;
  checker: string | null;
  decided_at: Instant | null;
  input: unknown;
};
export type CaseRow = { id: string; kind: string; subject: string; state: string };
export type PortRow = { report_id: string; line: number; order_no: string; tied: boolean };
export type NumberRow = { normal_form: string; kind: string; record: string };
export type OrderRow = { order_no: string; trade_no: string | null };

/** All of Liushui's books that a law of the stories speaks of, at one moment. */
export type Snapshot = {
  readonly at: Instant;
  readonly declarations: readonly Declaration[];
  readonly facts: readonly KeptFact[];
  readonly exchanges: readonly ExchangeRow[];
  readonly subjects: readonly SubjectRow[];
  readonly jobs: readonly JobRow[];
  readonly plans: readonly PlanRow[];
  readonly items: readonly ItemRow[];
  readonly approvals: readonly ApprovalRow[];
  readonly cases: readonly CaseRow[];
  readonly portRows: readonly PortRow[];
  readonly numbers: readonly NumberRow[];
  readonly orders: readonly OrderRow[];
};

/** Columns are named, so that what others add to a table changes no story. Moments are milliseconds. */
const tables = {
  keys: 'select bucket, id from customs_declarations order by id',
  exchanges: `select e.id, e.bucket, e.operation, e.worker, ms(e.created_at) as created_at, ms(e.send_before) as send_before,
      a.kind, ms(a.heard_at) as heard_at, a.reading ->> 'trust' as trust
    from exchanges e left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id order by e.id`,
  subjects: 'select subject, operation, try, exchange_id from exchange_subjects order by subject, operation, try',
  jobs: `select kind, subject, ms(due_at) as due_at, wanted, done, ms(leased_until) as leased_until, lease_owner, tries
    from jobs order by kind, subject`,
  plans: 'select id, state, size, digest, approval_id, made_by, ms(started_at) as started_at from plans order by id',
  items: `select plan_id, bucket, declaration_id, position, cell, role, state, why, ms(pushed_at) as pushed_at, pushes, evidence,
      ms(judged_at) as judged_at from plan_items order by plan_id, position`,
  approvals: 'select id, state, maker, checker, ms(decided_at) as decided_at, input from approvals order by id',
  cases: 'select id, kind, subject, state from cases order by id',
  portRows: `select report_id, line, order_no, tied_at is not null as tied from port_report_rows order by report_id, line`,
  numbers: 'select normal_form, kind, record from numbers order by record, kind, normal_form',
  orders: `select o.order_no, p.trade_no from merchant_orders o
      left join payments p on p.bucket = o.bucket and p.order_id = o.id order by o.order_no, p.trade_no`,
} as const;

/** All tables in one answer, planned once for each connection: a story is looked at fifty times. */
const everything = `prepare story_books as select json_build_object(${Object.entries(tables)
  .map(([name, text]) => `'${name}', (select coalesce(json_agg(t), '[]') from (${inMilliseconds(text)}) t)`)
  .join(', ')}) as books`;

function inMilliseconds(text: string): string {
  return text.replaceAll(/\bms\(([\w.]+)\)/g, '(extract(epoch from $1) * 1000)::float8');
}

type Books = Omit<Snapshot, 'at' | 'declarations' | 'facts'> & { readonly keys: readonly RecordKey[] };

async function readBooks(db: Queryable): Promise<{ books: Books }[]> {
  const read = 'execute story_books';
  try {
    return await db.query(read);
  } catch (error) {
    // invalid_sql_statement_name: this connection has not planned it yet.
    if ((error as { code?: unknown }).code !== '26000') throw error;
    await db.query(everything);
    return db.query(read);
  }
}

export async function takeSnapshot(db: Queryable, at: Instant): Promise<Snapshot> {
  const [row] = await readBooks(db);
  if (!row) throw new Error('no books');
  const { keys, ...books } = row.books;
  const declarations = await findDeclarations(db, keys);
  const facts = await findFacts(db, keys);
  return { at, declarations: declarations.sort((a, b) => (a.id < b.id ? -1 : 1)), facts, ...books };
}
