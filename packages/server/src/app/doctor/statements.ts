import { days, hours, plus, shanghaiDate } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import { timestamp } from '../../platform/db.ts';
import type { Database } from '../../platform/db.ts';
import { good, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import { statementWords as w } from './statements.texts.ts';

type StatementsFound = {
  /** The last day of any account that is open; undefined: none was ever planned. */
  readonly through: string | undefined;
  readonly late: number;
  readonly firstLate: string;
  readonly why: string;
  readonly unread: number;
  readonly firstUnread: string;
};

/** Days that should be here and are not, files that nobody could read, and a chore that does not run. */
function judgeStatements(found: StatementsFound, now: Instant): readonly Finding[] {
  const { through, late, firstLate, why, unread, firstUnread } = found;
  if (through === undefined) return [good('statements', w.none)];
  // Planned shortly after midnight: an hour is more than a worker needs.
  const expected = shanghaiDate(plus(now, -days(1) - hours(1)));
  const bad = [
    ...(through < expected ? [warn('statements', w.unplanned(through), w.worker)] : []),
    ...(late > 0 ? [warn('statements', w.late(late, firstLate, why), w.fetch)] : []),
    ...(unread > 0 ? [warn('statements', w.unread(unread, firstUnread), w.export)] : []),
  ];
  return bad.length > 0 ? bad : [good('statements', w.here(through))];
}

export async function examineStatements(db: Database, now: Instant): Promise<readonly Finding[]> {
  const [row] = await db.query<{
    through: string | null;
    late: number;
    first_late: string | null;
    why: string | null;
    unread: number;
    first_unread: string | null;
  }>(
    `select max(d.day)::text as through,
       (count(*) filter (where late.is))::int as late, (min(d.day) filter (where late.is))::text as first_late,
       (array_agg(d.why order by d.day) filter (where late.is))[1] as why,
       count(s.id)::int as unread, min(s.id) as first_unread
     from statement_days d join channel_accounts a on a.id = d.account_id and a.closed_at is null
       left join statements s on s.id = d.statement_id and s.unread is not null
       cross join lateral (select d.late_at <= $1 and d.state not in ('received', 'empty') as is) late`,
    [timestamp(now)],
  );
  const found = {
    ...{ through: row?.through ?? undefined, late: row?.late ?? 0, firstLate: row?.first_late ?? '' },
    ...{ why: row?.why ?? '', unread: row?.unread ?? 0, firstUnread: row?.first_unread ?? '' },
  };
  return judgeStatements(found, now);
}
