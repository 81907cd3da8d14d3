import type { Instant } from '../kernel/index.ts';
import { kept, timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { Notice, Rule } from './rules.ts';

type RuleRow = {
  id: string;
  account_id: string;
  product: string;
  priority: number;
  weight: number | null;
  valid_from: Instant;
  valid_to: Instant | null;
  reason: string;
  made_by: string;
  made_at: Instant;
};

const ruleFrom = (row: RuleRow): Rule => ({
  ...{ id: row.id, accountId: row.account_id, product: row.product, priority: row.priority },
  ...{ weight: row.weight ?? undefined, validFrom: row.valid_from, validTo: row.valid_to ?? undefined },
  ...{ reason: row.reason, madeBy: row.made_by, madeAt: row.made_at },
});

const ruleColumns = 'id, account_id, product, priority, weight, valid_from, valid_to, reason, made_by, made_at';

/** All rules of these accounts, the last said first: ids rise where the clock stands still. */
export async function rulesOf(db: Queryable, accountIds: readonly string[]): Promise<readonly Rule[]> {
  const rows = await db.query<RuleRow>(
    kept(`select ${ruleColumns} from routing_rules where account_id = any($1::text[]) order by made_at desc, id desc`),
    [accountIds],
  );
  return rows.map(ruleFrom);
}

export async function insertRule(tx: Tx, rule: Rule): Promise<void> {
  await tx.query(`insert into routing_rules (${ruleColumns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, [
    ...[rule.id, rule.accountId, rule.product, rule.priority, rule.weight ?? null, timestamp(rule.validFrom)],
    ...[rule.validTo === undefined ? null : timestamp(rule.validTo), rule.reason, rule.madeBy],
    timestamp(rule.madeAt),
  ]);
}

type NoticeRow = {
  id: string;
  merchant_id: string | null;
  channel: string;
  account_id: string | null;
  product: string;
  effect: Notice['effect'];
  text: string;
  valid_from: Instant;
  valid_to: Instant | null;
  made_by: string;
  made_at: Instant;
  withdrawn_by: string | null;
  withdrawn_at: Instant | null;
};

const noticeFrom = (row: NoticeRow): Notice => ({
  ...{ id: row.id, merchantId: row.merchant_id ?? undefined, channel: row.channel },
  ...{ accountId: row.account_id ?? undefined, product: row.product, effect: row.effect, text: row.text },
  ...{ validFrom: row.valid_from, validTo: row.valid_to ?? undefined, madeBy: row.made_by, madeAt: row.made_at },
  ...(row.withdrawn_at === null ? {} : { withdrawnAt: row.withdrawn_at }),
  ...(row.withdrawn_by === null ? {} : { withdrawnBy: row.withdrawn_by }),
});

const noticeColumns = `id, merchant_id, channel, account_id, product, effect, text, valid_from, valid_to, made_by, made_at,
  withdrawn_by, withdrawn_at`;

/** Notices that concern these merchants, those of all merchants among them. `from`: without what was over before. */
export async function noticesFor(
  db: Queryable,
  merchantIds: readonly string[],
  from: Instant,
): Promise<readonly Notice[]> {
  const rows = await db.query<NoticeRow>(
    kept(`select ${noticeColumns} from channel_notices where (merchant_id is null or merchant_id = any($1::text[]))
       and (valid_to is null or valid_to > $2) order by valid_from desc, id`),
    [merchantIds, timestamp(from)],
  );
  return rows.map(noticeFrom);
}

export async function insertNotice(tx: Tx, notice: Notice): Promise<void> {
  await tx.query(
    `insert into channel_notices (id, merchant_id, channel, account_id, product, effect, text, valid_from, valid_to, made_by,
       made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[notice.id, notice.merchantId ?? null, notice.channel, notice.accountId ?? null, notice.product],
      ...[notice.effect, notice.text, timestamp(notice.validFrom)],
      ...[notice.validTo === undefined ? null : timestamp(notice.validTo), notice.madeBy, timestamp(notice.madeAt)],
    ],
  );
}

export async function findNotice(tx: Tx, id: string): Promise<Notice | undefined> {
  const [row] = await tx.query<NoticeRow>(`select ${noticeColumns} from channel_notices where id = $1 for update`, [
    id,
  ]);
  return row && noticeFrom(row);
}

export async function withdraw(tx: Tx, id: string, by: string, at: Instant): Promise<void> {
  await tx.query('update channel_notices set withdrawn_by = $2, withdrawn_at = $3 where id = $1', [
    ...[id, by, timestamp(at)],
  ]);
}
