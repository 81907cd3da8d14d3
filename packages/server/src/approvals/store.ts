import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { Approval, ApprovalState } from './approval.ts';
import type { Json } from './canonical.ts';

type ApprovalRow = {
  id: string;
  merchant_id: string;
  command: string;
  subject: string;
  input: Json;
  digest: string;
  state: ApprovalState;
  maker: string;
  asked_at: Instant;
  lapses_at: Instant;
  checker: string | null;
  decided_at: Instant | null;
  reason: string;
};

function approvalOf(row: ApprovalRow): Approval {
  return {
    id: row.id,
    merchantId: row.merchant_id,
    command: row.command,
    subject: row.subject,
    input: row.input,
    digest: row.digest,
    state: row.state,
    maker: row.maker,
    askedAt: row.asked_at,
    lapsesAt: row.lapses_at,
    checker: row.checker ?? undefined,
    decidedAt: row.decided_at ?? undefined,
    reason: row.reason,
  };
}

export async function insertApproval(tx: Tx, approval: Approval): Promise<void> {
  await tx.query(
    `INSERT INTO approvals (id, merchant_id, command, subject, input, digest, state, maker, asked_at, lapses_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      approval.id,
      approval.merchantId,
      approval.command,
      approval.subject,
      JSON.stringify(approval.input),
      approval.digest,
      approval.state,
      approval.maker,
      timestamp(approval.askedAt),
      timestamp(approval.lapsesAt),
    ],
  );
}

export async function readApproval(db: Queryable, id: string): Promise<Approval | undefined> {
  const [row] = await db.query<ApprovalRow>('SELECT * FROM approvals WHERE id = $1', [id]);
  return row && approvalOf(row);
}

export async function isSandbox(db: Queryable): Promise<boolean> {
  return (await db.query(`SELECT FROM installation WHERE born_as = 'sandbox'`)).length === 1;
}

/**
 * True for exactly one of those who decide at once: the others wait for the row and find it decided. One person alone leaves no checker;
 * otherwise the table's own check refuses a checker who is the maker, whatever was judged before.
 */
export async function saveDecision(
  tx: Tx,
  approval: Approval,
  next: ApprovalState,
  by: { readonly checker: string; readonly reason: string; readonly onePerson: boolean; readonly at: Instant },
): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE approvals SET state = $2, checker = CASE WHEN $6 THEN nullif($3, maker) ELSE $3 END,
       decided_at = $4, reason = $5
     WHERE id = $1 AND state = 'asked' AND lapses_at > $4 RETURNING id`,
    [approval.id, next, by.checker, timestamp(by.at), by.reason, by.onePerson],
  );
  return rows.length === 1;
}

/** True for exactly one of those who use it at once. */
export async function saveUse(tx: Tx, id: string, at: Instant): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE approvals SET state = 'used' WHERE id = $1 AND state = 'approved' AND lapses_at > $2 RETURNING id`,
    [id, timestamp(at)],
  );
  return rows.length === 1;
}

/** Writes down what the clock has decided already. */
export async function saveLapses(tx: Tx, at: Instant): Promise<readonly Approval[]> {
  const rows = await tx.query<ApprovalRow>(
    `UPDATE approvals SET state = 'lapsed'
     WHERE id IN (SELECT id FROM approvals WHERE state IN ('asked', 'approved') AND lapses_at <= $1 ORDER BY id FOR UPDATE)
       AND state IN ('asked', 'approved') AND lapses_at <= $1
     RETURNING *`,
    [timestamp(at)],
  );
  return rows.map(approvalOf);
}

export type ApprovalFilter = {
  readonly merchants: readonly string[] | 'all';
  readonly states?: readonly ApprovalState[];
  readonly subject?: string;
  /** At most 1,000. */
  readonly limit: number;
};

/** Newest first. */
export async function readApprovals(db: Queryable, filter: ApprovalFilter): Promise<readonly Approval[]> {
  const rows = await db.query<ApprovalRow>(
    `SELECT * FROM approvals
     WHERE ($1::text[] IS NULL OR merchant_id = ANY ($1)) AND ($2::text[] IS NULL OR state = ANY ($2))
       AND ($3::text IS NULL OR subject = $3)
     ORDER BY asked_at DESC, length(id) DESC, id DESC LIMIT $4`,
    [
      filter.merchants === 'all' ? null : filter.merchants,
      filter.states ?? null,
      filter.subject ?? null,
      Math.min(filter.limit, 1000),
    ],
  );
  return rows.map(approvalOf);
}
