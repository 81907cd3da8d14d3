import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows, selectList, unnest } from '../platform/sql.ts';
import type { CaseLine } from '../platform/story/index.ts';
import type { CaseKindName } from './kinds.data.ts';

/** What a case is about. At most one case is open per subject and kind. */
export type CaseSubject = {
  readonly merchantId: string;
  readonly kind: CaseKindName;
  /** The table's word for the record: `customs_declaration`, `lane`. */
  readonly subjectKind: string;
  readonly subject: string;
};

export type CaseParams = Readonly<Record<string, string | number | boolean>>;

export type Case = CaseSubject & {
  /** `C-1042`: people read it aloud. */
  readonly id: string;
  readonly bucket: number;
  readonly params: CaseParams;
  readonly state: 'open' | 'closed';
  readonly owner: string | undefined;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | undefined;
};

type CaseRow = {
  id: string;
  merchant_id: string;
  kind: CaseKindName;
  subject_kind: string;
  bucket: number;
  subject: string;
  params: CaseParams;
  state: 'open' | 'closed';
  owner: string | null;
  opened_at: Instant;
  due_at: Instant;
  closed_at: Instant | null;
};

function caseOf(row: CaseRow): Case {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    kind: row.kind,
    subjectKind: row.subject_kind,
    bucket: row.bucket,
    subject: row.subject,
    params: row.params,
    state: row.state,
    owner: row.owner ?? undefined,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    closedAt: row.closed_at ?? undefined,
  };
}

const subjectColumns = { merchant_id: 'text', kind: 'text', subject_kind: 'text', subject: 'text' } as const;
const subjectNames = Object.keys(subjectColumns).join(', ');

const subjectRow = (one: CaseSubject) => ({
  merchant_id: one.merchantId,
  kind: one.kind,
  subject_kind: one.subjectKind,
  subject: one.subject,
});

export async function readOpen(tx: Queryable, subjects: readonly CaseSubject[]): Promise<readonly Case[]> {
  if (subjects.length === 0) return [];
  const set = unnest(subjectColumns, subjects.map(subjectRow));
  const rows = await tx.query<CaseRow>(
    `SELECT * FROM cases WHERE state = 'open' AND (${subjectNames}) IN (SELECT ${selectList(subjectColumns)} FROM ${set.sql})`,
    set.values,
  );
  return rows.map(caseOf);
}

const caseColumns = {
  ...subjectColumns,
  id: 'text',
  bucket: 'int2',
  params: 'jsonb',
  state: 'text',
  owner: 'text',
  opened_at: 'timestamptz',
  due_at: 'timestamptz',
} as const;

/** Returns the ids of those that were not open already. */
export async function insertCases(tx: Tx, cases: readonly Case[]): Promise<ReadonlySet<string>> {
  const rows = await insertRows<typeof caseColumns, { id: string }>(
    tx,
    'cases',
    caseColumns,
    cases.map((one) => ({
      ...subjectRow(one),
      id: one.id,
      bucket: one.bucket,
      params: one.params,
      state: one.state,
      owner: one.owner,
      opened_at: one.openedAt,
      due_at: one.dueAt,
    })),
    `ON CONFLICT (${subjectNames}) WHERE state = 'open' DO NOTHING RETURNING id`,
  );
  return new Set(rows.map((row) => row.id));
}

export async function readCase(db: Queryable, id: string): Promise<Case | undefined> {
  const [row] = await db.query<CaseRow>('SELECT * FROM cases WHERE id = $1', [id]);
  return row && caseOf(row);
}

export async function saveClosed(tx: Tx, id: string, at: Instant): Promise<Case | undefined> {
  const [row] = await tx.query<CaseRow>(
    `UPDATE cases SET state = 'closed', closed_at = $2 WHERE id = $1 AND state = 'open' RETURNING *`,
    [id, timestamp(at)],
  );
  return row && caseOf(row);
}

/** Locks in the order of ids first: two lists that close the same cases do not wait for each other in a ring. */
export async function saveClosedOf(tx: Tx, subjects: readonly CaseSubject[], at: Instant): Promise<readonly Case[]> {
  if (subjects.length === 0) return [];
  const set = unnest(subjectColumns, subjects.map(subjectRow), 2);
  const rows = await tx.query<CaseRow>(
    `UPDATE cases SET state = 'closed', closed_at = $1 WHERE state = 'open' AND id IN (
       SELECT id FROM cases WHERE state = 'open' AND (${subjectNames}) IN (SELECT ${selectList(subjectColumns)} FROM ${set.sql})
       ORDER BY id FOR UPDATE)
     RETURNING *`,
    [timestamp(at), ...set.values],
  );
  return rows.map(caseOf);
}

export type CaseFilter = {
  readonly merchants: readonly string[] | 'all';
  readonly state?: 'open' | 'closed';
  readonly kind?: CaseKindName;
  readonly subject?: string;
  /** At most 1,000. */
  readonly limit: number;
};

/** What is due first stands first. */
export async function listCases(db: Queryable, filter: CaseFilter): Promise<readonly Case[]> {
  const rows = await db.query<CaseRow>(
    `SELECT * FROM cases
     WHERE ($1::text[] IS NULL OR merchant_id = ANY ($1)) AND ($2::text IS NULL OR state = $2)
       AND ($3::text IS NULL OR kind = $3) AND ($4::text IS NULL OR subject = $4)
     ORDER BY due_at, length(id), id LIMIT $5`,
    [
      filter.merchants === 'all' ? null : filter.merchants,
      filter.state ?? null,
      filter.kind ?? null,
      filter.subject ?? null,
      Math.min(filter.limit, 1000),
    ],
  );
  return rows.map(caseOf);
}

/** Open and closed ones about these records, in the order in which they were opened. */
export async function findCasesOf(db: Queryable, ids: readonly string[]): Promise<CaseLine[]> {
  type DbRow = {
    id: string;
    subject: string;
    kind: string;
    state: string;
    owner: string | null;
    opened_at: Instant;
    due_at: Instant;
    closed_at: Instant | null;
  };
  const rows = await db.query<DbRow>(
    'select id, subject, kind, state, owner, opened_at, due_at, closed_at from cases where subject = any($1::text[]) order by opened_at, id',
    [ids],
  );
  return rows.map((row) => ({
    id: row.id,
    subject: row.subject,
    kind: row.kind,
    state: row.state,
    owner: row.owner ?? undefined,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    closedAt: row.closed_at ?? undefined,
  }));
}
