import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { ChosenRule, NumberRule } from './number-rule.ts';

type RuleRow = { account_id: string; place: string; rule: NumberRule; valid_from: Instant };

function ruleOf(row: RuleRow): ChosenRule {
  return { accountId: row.account_id, place: row.place, rule: row.rule, validFrom: row.valid_from };
}

/** The rules in force at a moment, one per account and place; where nobody chose there is none. */
export async function findNumberRules(
  db: Queryable,
  accountIds: readonly string[],
  at: Instant,
): Promise<readonly ChosenRule[]> {
  const rows = await db.query<RuleRow>(
    `select distinct on (account_id, place) account_id, place, rule, valid_from from customs_number_rules
     where account_id = any($1::text[]) and valid_from <= $2 order by account_id, place, valid_from desc`,
    [accountIds, timestamp(at)],
  );
  return rows.map(ruleOf);
}

/** A later choice is a new row; what was declared under an earlier one keeps its number. */
export async function insertNumberRule(tx: Tx, chosen: ChosenRule): Promise<void> {
  await tx.query(
    `insert into customs_number_rules (account_id, place, rule, valid_from) values ($1, $2, $3, $4)
     on conflict (account_id, place, valid_from) do update set rule = excluded.rule`,
    [chosen.accountId, chosen.place, chosen.rule, timestamp(chosen.validFrom)],
  );
}
