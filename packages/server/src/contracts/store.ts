import type { Instant } from '../kernel/index.ts';
import type { DefaultTerm } from '../channels/contract/index.ts';
import type { ChannelRegistry } from '../channels/registry.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { isTermKind } from './kinds.ts';
import { accountTerms, inForce } from './terms.ts';
import type { AccountTerms, Term, TermSubject } from './terms.ts';

/** What a channel's documents say in general. */
export type DefaultsOf = (channel: string) => readonly DefaultTerm[];

export function defaultsFrom(channels: ChannelRegistry): DefaultsOf {
  return (channel) => channels.get(channel)?.terms ?? [];
}

type TermRow = {
  account_id: string;
  product: string;
  scene: Term['scene'];
  kind: string;
  value: Readonly<Record<string, string | number>>;
  valid_from: Instant;
  valid_to: Instant | null;
  source: string;
  made_by: string;
  approved_by: string | null;
  approval_id: string;
  made_at: Instant;
};

/** A kind that this program does not know was written by a newer one beside it: nobody here asks for it. */
function termsIn(rows: readonly TermRow[]): Term[] {
  return rows.flatMap((row) =>
    isTermKind(row.kind)
      ? [
          {
            ...{ accountId: row.account_id, product: row.product, scene: row.scene, kind: row.kind, value: row.value },
            ...{ validFrom: row.valid_from, validTo: row.valid_to ?? undefined, source: row.source },
            ...{ madeBy: row.made_by, approvedBy: row.approved_by ?? undefined },
            ...{ approvalId: row.approval_id, madeAt: row.made_at },
          },
        ]
      : [],
  );
}

const columns = `t.account_id, t.product, t.scene, t.kind, t.value, t.valid_from, t.valid_to, t.source, t.made_by, t.approved_by,
  t.approval_id, t.made_at`;

/** What holds for each of these accounts at a moment; one statement. An account that does not exist has no entry. */
export async function termsOf(
  db: Queryable,
  accountIds: readonly string[],
  at: Instant,
  defaultsOf: DefaultsOf,
): Promise<ReadonlyMap<string, AccountTerms>> {
  const rows = await db.query<Partial<TermRow> & { id: string; channel: string }>(
    kept(`select a.id, a.channel, ${columns} from channel_accounts a
      left join contract_terms t on t.account_id = a.id and t.valid_from <= $2 where a.id = any($1::text[])`),
    [accountIds, timestamp(at)],
  );
  const found = new Map<string, { channel: string; rows: TermRow[] }>();
  for (const row of rows) {
    const account = found.get(row.id) ?? { channel: row.channel, rows: [] };
    found.set(row.id, account);
    if (isTerm(row)) account.rows.push(row);
  }
  return new Map(
    [...found].map(([id, account]) => [
      id,
      accountTerms(inForce(termsIn(account.rows), at), defaultsOf(account.channel)),
    ]),
  );
}

function isTerm(row: Partial<TermRow>): row is TermRow {
  return row.account_id !== undefined && row.account_id !== null;
}

/** All rows of an account, those of one subject together, the newest first. */
export async function listTerms(db: Queryable, accountId: string): Promise<readonly Term[]> {
  const rows = await db.query<TermRow>(
    `select ${columns} from contract_terms t where account_id = $1 order by kind, product, scene, valid_from desc`,
    [accountId],
  );
  return termsIn(rows);
}

export async function termsOfSubject(tx: Tx, subject: TermSubject): Promise<readonly Term[]> {
  const rows = await tx.query<TermRow>(
    `select ${columns} from contract_terms t where account_id = $1 and kind = $2 and product = $3 and scene = $4
     order by valid_from desc`,
    [subject.accountId, subject.kind, subject.product, subject.scene],
  );
  return termsIn(rows);
}

/** Two people who agree to two terms of one account at once come one after the other: an overlap is then seen by the second. */
export async function lockTerms(tx: Tx, accountId: string): Promise<void> {
  await tx.query('select from channel_accounts where id = $1 for no key update', [accountId]);
}

export async function insertTerm(tx: Tx, term: Term): Promise<void> {
  await tx.query(
    `insert into contract_terms (account_id, product, scene, kind, value, valid_from, valid_to, source, made_by, approved_by,
       approval_id, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[term.accountId, term.product, term.scene, term.kind, JSON.stringify(term.value), timestamp(term.validFrom)],
      ...[term.validTo === undefined ? null : timestamp(term.validTo), term.source, term.madeBy],
      ...[term.approvedBy ?? null, term.approvalId, timestamp(term.madeAt)],
    ],
  );
}
