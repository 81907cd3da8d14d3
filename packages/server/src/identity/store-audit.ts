import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { insertRows } from '../platform/sql.ts';
import type { AuditLine } from '../platform/story/index.ts';
import { hideSecrets, hideText } from './audit.ts';
import type { AuditEntry, AuditRecord, Stamp } from './audit.ts';

const columns = {
  id: 'uuid',
  at: 'timestamptz',
  actor: 'text',
  door: 'text',
  act: 'text',
  subject: 'text',
  reason: 'text',
  detail: 'jsonb',
} as const;

/** Append-only. In the caller's transaction: what is rolled back was not done and leaves no entry. */
export async function writeAudit(tx: Tx, entries: readonly AuditEntry[], stamp: Stamp): Promise<void> {
  await insertRows(
    tx,
    'audit_entries',
    columns,
    entries.map((entry) => ({
      id: stamp.ids.next(),
      at: stamp.at,
      actor: entry.actor.userId,
      door: entry.actor.door,
      act: entry.act,
      subject: entry.subject,
      reason: hideText(entry.reason ?? ''),
      detail: hideSecrets(entry.detail ?? {}),
    })),
  );
}

export type AuditFilter = {
  readonly subject?: string;
  readonly actor?: string;
  readonly act?: string;
  /** The page after this record of the page before. */
  readonly before?: { readonly at: Instant; readonly id: string };
  /** At most 1,000. */
  readonly limit: number;
};

/** Newest first. */
export async function listAudit(db: Queryable, filter: AuditFilter): Promise<readonly AuditRecord[]> {
  return db.query<AuditRecord>(
    `SELECT id, at, actor, door, act, subject, reason, detail FROM audit_entries
     WHERE ($1::text IS NULL OR subject = $1) AND ($2::text IS NULL OR actor = $2) AND ($3::text IS NULL OR act = $3)
       AND ($4::timestamptz IS NULL OR (at, id) < ($4, $5::uuid))
     ORDER BY at DESC, id DESC LIMIT $6`,
    [
      filter.subject ?? null,
      filter.actor ?? null,
      filter.act ?? null,
      filter.before ? timestamp(filter.before.at) : null,
      filter.before?.id ?? null,
      Math.min(filter.limit, 1000),
    ],
  );
}

/** Who did what to these records, in the order in which it was done. */
export async function findAuditOf(db: Queryable, subjects: readonly string[]): Promise<AuditLine[]> {
  return db.query<AuditLine>(
    'select id, at, actor, door, act, subject, reason from audit_entries where subject = any($1::text[]) order by at, id limit 1000',
    [subjects],
  );
}
