import { days, minutes, plus, shanghaiDate } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import { timestamp } from '../../platform/db.ts';
import type { Database } from '../../platform/db.ts';
import { sealClasses } from '../../platform/keys.ts';
import { channelWords as w } from './channels.texts.ts';
import { judgeExpiry } from './expiry.ts';
import { fail, good, warn } from './finding.ts';
import type { Finding } from './finding.ts';

export type LastSecret = {
  readonly account: string;
  readonly field: string;
  /** Of the one that lasts longest; undefined: until it is replaced. */
  readonly endsAt: Instant | undefined;
};

/** Keys and certificates of channels that end soon, and have no successor that lasts longer. */
export function judgeSecrets(secrets: readonly LastSecret[], now: Instant): readonly Finding[] {
  const ending = secrets.flatMap(({ account, field, endsAt }) => {
    if (endsAt === undefined) return [];
    const { state, daysLeft } = judgeExpiry(endsAt, now);
    const words = daysLeft < 0 ? w.ended(account, field) : w.ending(account, field, daysLeft);
    return state === 'ok' ? [] : [(state === 'fail' ? fail : warn)('secrets', words, w.replaceSecret)];
  });
  return ending.length > 0 ? ending : [good('secrets', w.secretsLast(secrets.length))];
}

export type ChannelClock = { readonly account: string; readonly offsetMs: number };

/** Channels refuse requests whose time is minutes away from theirs; both clocks of this house may be wrong together. */
export function judgeChannelClocks(clocks: readonly ChannelClock[]): readonly Finding[] {
  return clocks.flatMap(({ account, offsetMs }) => {
    const off = Math.abs(offsetMs);
    if (off <= 5_000) return [];
    return [(off > 60_000 ? fail : warn)('clock', w.channelClock(account, Math.round(offsetMs / 1000)), w.whoseClock)];
  });
}

/** `month class` of the keys there are. A worker makes next month's a day before it begins. */
export function judgeDataKeys(there: ReadonlySet<string>, now: Instant): Finding {
  const months = [...new Set([now, plus(now, days(1))].map((at) => shanghaiDate(at).slice(0, 7)))];
  const wanted = months.flatMap((month) => sealClasses.map((name) => `${month} ${name}`));
  const missing = wanted.filter((one) => !there.has(one));
  return missing.length > 0
    ? warn('data_keys', w.noKeys(missing.join(', ')), w.startWorker)
    : good('data_keys', w.keys(months.join(', ')));
}

export async function examineChannels(db: Database, sandbox: boolean, now: Instant): Promise<readonly Finding[]> {
  const keys = await db.query<{ key: string }>(`select month || ' ' || class as key from data_keys`);
  return [
    ...judgeSecrets(await readSecrets(db, now), now),
    judgeDataKeys(new Set(keys.map(({ key }) => key)), now),
    // In a sandbox time is moved, and the simulators' answers carry the machine's.
    ...(sandbox ? [] : judgeChannelClocks(await readChannelClocks(db, now))),
  ];
}

async function readSecrets(db: Database, now: Instant): Promise<readonly LastSecret[]> {
  const rows = await db.query<{ account: string; field: string; ends_at: Instant }>(
    `select s.account_id as account, s.field, max(coalesce(s.valid_to, 'infinity')) as ends_at
     from channel_secrets s join channel_accounts a on a.id = s.account_id and a.closed_at is null
     where s.valid_from <= $1::timestamptz + interval '30 days' group by 1, 2 order by 1, 2`,
    [timestamp(now)],
  );
  return rows.map(({ account, field, ends_at: at }) => ({ account, field, endsAt: at === Infinity ? undefined : at }));
}

/** The middle of the last few answers of the last hour: how far the channel's clock is before ours. Its Date has whole seconds. */
async function readChannelClocks(db: Database, now: Instant): Promise<readonly ChannelClock[]> {
  return db.query<{ account: string; offsetMs: number }>(
    `select l.account_id as account,
       (percentile_cont(0.5) within group (order by extract(epoch from last.channel_date - last.heard_at)) * 1000 + 500)::float8 as "offsetMs"
     from lanes l cross join lateral (
       select a.channel_date, a.heard_at from exchanges e
         join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id and a.channel_date is not null
       where e.account_id = l.account_id and e.operation = l.operation and e.created_at > $1
       order by e.created_at desc limit 9) last
     group by l.account_id order by 1`,
    [timestamp(plus(now, -minutes(60)))],
  );
}
