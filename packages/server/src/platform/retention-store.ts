import { assert } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import type { Database, Queryable, Tx } from './db.ts';
import { cutOff, termAt } from './retention.ts';
import type { OwnTerm } from './retention.ts';
import { partsOf } from './retention-sql.ts';
import type { Reference, References, RetentionPart } from './retention-sql.ts';
import { retentionClassNames } from './retention.data.ts';
import type { RetentionClassName } from './retention.data.ts';

export async function readOwnTerms(db: Queryable): Promise<readonly OwnTerm[]> {
  const rows = await db.query<{ class: string; days: number; valid_from: Instant; decided_by: string }>(
    'select class, days, valid_from, decided_by from retention_terms order by class, valid_from',
  );
  return rows.map((row) => ({
    class: row.class,
    days: row.days,
    validFrom: row.valid_from,
    decidedBy: row.decided_by,
  }));
}

/** A term decided twice for the same moment is the later decision's. */
export async function saveTerm(tx: Tx, term: OwnTerm, reason: string): Promise<void> {
  await tx.query(
    `insert into retention_terms (class, days, valid_from, decided_by, reason) values ($1, $2, $3, $4, $5)
     on conflict (class, valid_from) do update set days = excluded.days, decided_by = excluded.decided_by, reason = excluded.reason`,
    [term.class, term.days, timestamp(term.validFrom), term.decidedBy, reason],
  );
}

const goesWithDeclaration = ['customs_facts', 'channel_requests'];
const goesWithPayment = ['channel_trades'];

/**
 * Who names declarations, payments and approvals, by the database's own word: a table that was added later keeps what it names, also
 * when nobody thought of it here.
 */
export async function readReferences(db: Queryable): Promise<References> {
  const columns = await db.query<{ table: string; column: string; bucket: boolean }>(
    `select c.table_name as table, c.column_name as column, exists (
         select from information_schema.columns b
         where b.table_schema = c.table_schema and b.table_name = c.table_name and b.column_name = 'bucket') as bucket
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
       and c.column_name in ('declaration_id', 'payment_id')
     order by 1, 2`,
  );
  const approvals = await db.query<{ table: string; column: string }>(
    `select k.conrelid::regclass::text as table, a.attname as column from pg_constraint k
       join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
     where k.contype = 'f' and k.confrelid = 'approvals'::regclass order by 1, 2`,
  );
  const naming = (column: string, except: readonly string[]): Reference[] =>
    columns
      .filter((row) => row.column === column && !except.includes(row.table))
      .map((row) => ({ table: row.table, column, byBucket: row.bucket }));
  return {
    declaration: naming('declaration_id', goesWithDeclaration),
    payment: naming('payment_id', goesWithPayment),
    approval: approvals.map((row) => ({ ...row, byBucket: false })),
  };
}

/** The smallest id that could have been made at that moment (UUID version 7, RFC 9562 §5.7). */
function firstIdAt(at: Instant): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

const bindings = (doomed: string, before: Instant): unknown[] => {
  const both = [timestamp(before), firstIdAt(before)];
  return doomed.includes('$2') ? both : both.slice(0, 1);
};

/** How many things of a class may go now, the parts counted together. What they take along is not counted. */
export async function countDoomed(db: Queryable, name: RetentionClassName, before: Instant): Promise<number> {
  let sum = 0;
  for (const { doomed } of partsOf(name, await readReferences(db))) {
    const [row] = await db.query<{ n: bigint }>(
      `select count(*) as n from (${doomed}) doomed`,
      bindings(doomed, before),
    );
    sum += Number(row?.n ?? 0);
  }
  return sum;
}

/** Rows deleted, by table. */
export type Deleted = Readonly<Record<string, number>>;

async function deleteChunk(tx: Tx, part: RetentionPart, before: Instant, limit: number): Promise<Deleted> {
  const tables = Object.entries(part.deletes);
  const [row] = await tx.query<Record<string, bigint>>(
    `with doomed as materialized (${part.doomed} limit ${limit}),
     ${tables.map(([table, same]) => `gone_${table} as (delete from ${table} t using doomed where ${same} returning 1)`).join(',\n     ')}
     select ${tables.map(([table]) => `(select count(*) from gone_${table}) as ${table}`).join(', ')}`,
    bindings(part.doomed, before),
  );
  assert(row, 'a deletion told nothing');
  return Object.fromEntries(tables.map(([table]) => [table, Number(row[table] ?? 0)]));
}

const rowsIn = (deleted: Deleted): number => Object.values(deleted).reduce((sum, rows) => sum + rows, 0);

export type Sweep = {
  readonly before: Instant;
  /** Things per transaction: small enough that nobody waits for their locks. */
  readonly chunk: number;
  /** Asked before each transaction. */
  readonly goOn: () => boolean;
  /** Writes down what goes, in the transaction in which it goes. */
  readonly record: (tx: Tx, deleted: Deleted) => Promise<void>;
};

/** Deletes what may go of one class, a chunk per transaction. `finished` is false where it was told to stop before the end. */
export async function sweepClass(
  db: Database,
  name: RetentionClassName,
  sweep: Sweep,
): Promise<{ readonly rows: number; readonly finished: boolean }> {
  let rows = 0;
  for (const part of partsOf(name, await readReferences(db))) {
    for (;;) {
      if (!sweep.goOn()) return { rows, finished: false };
      const gone = await db.transaction(async (tx) => {
        const deleted = await deleteChunk(tx, part, sweep.before, sweep.chunk);
        if (rowsIn(deleted) > 0) await sweep.record(tx, deleted);
        return rowsIn(deleted);
      });
      rows += gone;
      if (gone === 0) break;
    }
  }
  return { rows, finished: true };
}

/** Things per transaction, as a rule. */
const usualChunk = 1000;

export type SweepAll = {
  readonly at: Instant;
  readonly goOn: () => boolean;
  readonly record: (tx: Tx, name: RetentionClassName, before: Instant, deleted: Deleted) => Promise<void>;
};

/** Every class by its term at that moment, in the order in which they let go of each other. */
export async function sweepAll(
  db: Database,
  { at, goOn, record }: SweepAll,
): Promise<{ readonly rows: Readonly<Record<string, number>>; readonly finished: boolean }> {
  const own = await readOwnTerms(db);
  const rows: Record<string, number> = {};
  for (const name of retentionClassNames) {
    const before = cutOff(termAt(name, own, at), at);
    const recorded = (tx: Tx, deleted: Deleted): Promise<void> => record(tx, name, before, deleted);
    const swept = await sweepClass(db, name, { before, chunk: usualChunk, goOn, record: recorded });
    rows[name] = swept.rows;
    if (!swept.finished) return { rows, finished: false };
  }
  return { rows, finished: true };
}
