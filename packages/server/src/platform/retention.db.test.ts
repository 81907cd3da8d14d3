import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { days, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { timestamp } from './db.ts';
import { createIds, seededRandomBytes } from './ids.ts';
import { keptForEver, retentionClassNames } from './retention.data.ts';
import type { RetentionClassName } from './retention.data.ts';
import { partsOf } from './retention-sql.ts';
import { countDoomed, readOwnTerms, readReferences, saveTerm, sweepClass } from './retention-store.ts';
import type { Deleted } from './retention-store.ts';

const own = useDatabase();
const now = Date.parse('2026-11-22T03:30:00+08:00') as Instant;
const before = plus(now, -days(1826));
const old = timestamp(plus(before, -days(10)));
const young = timestamp(plus(before, days(10)));

let born: Instant;
const random = seededRandomBytes('retention');
const idAt = (time: string): string => {
  born = Date.parse(time) as Instant;
  return createIds({ now: () => born }, random).next();
};

const run = (sql: string, ...values: unknown[]) => own.db.query(sql, values);
const rows = async (table: string): Promise<number> => (await run(`select from ${table}`)).length;

type Life = { readonly bucket: number; readonly order: string; readonly payment: string; readonly declaration: string };

/** An order with its payment, declaration, fact, exchange and numbers, all of one moment. */
async function live(bucket: number, time: string): Promise<Life> {
  const [order, payment, declaration, exchange] = [idAt(time), idAt(time), idAt(time), idAt(time)];
  await run(`insert into merchant_orders values ($1, $2, 'demo', $3, null, $4)`, bucket, order, `o-${order}`, time);
  await run(
    `insert into payments (bucket, id, order_id, merchant_id, account_id, origin, trade_no, paid_at, created_at)
     values ($1, $2, $3, 'demo', 'A1', 'adopted', $4, $5, $5)`,
    ...[bucket, payment, order, `t-${payment}`, time],
  );
  await run(`insert into channel_trades values ('A1', $3, $1, $2)`, bucket, payment, `t-${payment}`);
  await run(
    `insert into customs_declarations (bucket, id, payment_id, merchant_id, account_id, channel, place, order_no, trade_no,
       customs_order_no, number_rule, declared_minor, currency, customs_code, customs_name, is_split, paid_at, summary, state, version, created_at)
     values ($1, $2, $3, 'demo', 'A1', 'alipay', 'ZONGSHU', 'o', 't', 'o', 'adopted', 1, 'CNY', 'c', 'n', false, $4, '{}', 'released', 1, $4)`,
    ...[bucket, declaration, payment, time],
  );
  await run(`insert into channel_requests values ('A1', $3, $1, $2)`, bucket, declaration, `r-${declaration}`);
  await run(
    `insert into customs_facts (bucket, id, declaration_id, kind, source, happened_at, heard_at, trust, body, digest, last_seen_at)
     values ($1, $2, $3, 'k', 's', $4, $4, 'stated', '{}', 'd', $4)`,
    ...[bucket, idAt(time), declaration, time],
  );
  for (const record of [order, payment, declaration])
    await run(`insert into numbers values ($1, 'demo', $3, 'order', $2)`, bucket, record, `N-${record}`);
  await run(
    `insert into exchanges values ($1, $2, 'A1', 'customs.query', 'w', $3, $3, 'POST', 'https://x.example', ''::bytea)`,
    ...[bucket, exchange, time],
  );
  await run(
    `insert into exchange_answers (bucket, exchange_id, kind, heard_at) values ($1, $2, 'answered', $3)`,
    bucket,
    exchange,
    time,
  );
  await run(
    `insert into exchange_subjects values ($1, $3, 'customs.query', 1, null, $1, $2)`,
    bucket,
    exchange,
    declaration,
  );
  return { bucket, order, payment, declaration };
}

const tables = [
  ...[
    'merchant_orders',
    'payments',
    'channel_trades',
    'customs_declarations',
    'channel_requests',
    'customs_facts',
    'numbers',
  ],
  ...['exchanges', 'exchange_answers', 'exchange_subjects'],
];

beforeEach(async () => {
  await run(`truncate merchants, users, channel_accounts, incidents, plans, port_reports, evidence_packs, approvals, cases, jobs, gaps,
    serial_sequences, idempotency_keys, webhook_events, audit_entries, retention_terms, ${tables.join(', ')} cascade`);
  await run(`insert into merchants values ('demo', '示例', 'Demo', now())`);
  for (const user of ['wang', 'zhao']) await run(`insert into users values ($1, $1, '{}', '{}', now())`, user);
});

async function sweep(names: readonly RetentionClassName[], chunk = 100): Promise<Deleted[]> {
  const told: Deleted[] = [];
  for (const name of names) {
    const record = (_tx: unknown, deleted: Deleted): Promise<void> => Promise.resolve(void told.push(deleted));
    const swept = await sweepClass(own.db, name, { before, chunk, goOn: () => true, record });
    expect(swept.finished).toBe(true);
    expect(await countDoomed(own.db, name, before)).toBe(0);
  }
  return told;
}

test('an old order goes with everything that is its own, a young one stays whole', async () => {
  await live(3, old);
  const kept = await live(999, young);
  expect(await countDoomed(own.db, 'exchanges', before)).toBe(1);
  expect(await countDoomed(own.db, 'records', before)).toBe(0); // its exchange still names it
  await sweep(['exchanges', 'records']);
  for (const table of tables) expect([table, await rows(table)]).toEqual([table, table === 'numbers' ? 3 : 1]);
  expect(await run('select id from customs_declarations')).toEqual([{ id: kept.declaration }]);
});

const asked = `insert into approvals values ('A-1', 'demo', 'customs.repush', 'P-1', '{}', 'd', 'used', 'wang', $1, $1, 'zhao', $1)`;
const planOf = (state: string): string =>
  `insert into plans (id, merchant_id, kind, state, digest, approval_id, size, made_by, made_at) values ('P-1', 'demo', 'repush', '${state}', 'd', 'A-1', 1, 'wang', $1)`;
const item = `insert into plan_items (bucket, plan_id, declaration_id, position, state) values ($1, 'P-1', $2, 1, 'judged')`;

/** What keeps an old order, and whether it keeps its exchanges too. */
const holds: readonly (readonly [why: string, plant: (life: Life) => Promise<unknown>, exchangeToo: boolean])[] = [
  [
    'a job is due',
    ({ bucket, declaration }) =>
      run(
        `insert into jobs (bucket, kind, subject, lane, due_at, priority) values ($1, 'customs.ask', $2, 'l', now(), 3)`,
        bucket,
        declaration,
      ),
    true,
  ],
  [
    'a case is open',
    ({ declaration }) =>
      run(
        `insert into cases values ('C-1', 'demo', 'k', 'customs_declaration', 0, $1, '{}', 'open', null, now(), now(), null)`,
        declaration,
      ),
    true,
  ],
  [
    'a plan is not over',
    async ({ bucket, declaration }) => {
      await run(asked, old);
      await run(planOf('running'), old);
      await run(item, bucket, declaration);
    },
    true,
  ],
  [
    'an incident of its group is open',
    async ({ bucket, declaration }) => {
      await run(
        `insert into channel_accounts values ('A1', 'demo', 'alipay', 'n', '{}', now(), null) on conflict do nothing`,
      );
      const accepted = `jsonb_build_object('firstAcceptedAt', extract(epoch from $3::timestamptz) * 1000)`;
      await run(
        `update customs_declarations set summary = ${accepted} where bucket = $1 and id = $2`,
        bucket,
        declaration,
        old,
      );
      await run(
        `insert into incidents (id, merchant_id, account_id, channel, place, state, signals, onset_at, onset_within_minutes, seen_at,
           last_affected_at, usual, asked, silent, findings)
         values ('I-1', 'demo', 'A1', 'alipay', 'ZONGSHU', 'closing', '{}', $1, 1, $1, $1, 0, 1, 1, '{}')`,
        old,
      );
    },
    true,
  ],
  [
    'a plan that ended is still kept',
    async ({ bucket, declaration }) => {
      await run(asked, old);
      await run(planOf('finished'), young);
      await run(item, bucket, declaration);
    },
    false,
  ],
  [
    'somebody told something about it later',
    ({ bucket, declaration }) =>
      run(
        'update customs_facts set last_seen_at = $3 where bucket = $1 and declaration_id = $2',
        bucket,
        declaration,
        young,
      ),
    false,
  ],
];

test.each(holds)('an old order stays while %s', async (_why, plant, exchangeToo) => {
  await plant(await live(5, old));
  await sweep(['packs', 'plans', 'reports', 'approvals', 'exchanges', 'records']);
  expect(await rows('customs_declarations')).toBe(1);
  expect(await rows('payments')).toBe(1);
  expect(await rows('exchanges')).toBe(exchangeToo ? 1 : 0);
});

test('a plan, its approval and its order go in that order, in one night', async () => {
  const { bucket, declaration } = await live(5, old);
  await run(asked, old);
  await run(planOf('finished'), old);
  await run(item, bucket, declaration);
  expect(await countDoomed(own.db, 'approvals', before)).toBe(0);
  await sweep(['packs', 'plans', 'reports', 'approvals', 'exchanges', 'records']);
  for (const table of ['plans', 'plan_items', 'approvals', 'customs_declarations', 'merchant_orders', 'numbers'])
    expect([table, await rows(table)]).toEqual([table, 0]);
});

test('a table that names declarations and was added later keeps what it names', async () => {
  const { bucket, declaration } = await live(7, old);
  await run('create table later_members (bucket int2, declaration_id uuid)');
  await run('insert into later_members values ($1, $2)', bucket, declaration);
  await sweep(['exchanges', 'records']);
  expect(await rows('customs_declarations')).toBe(1);
  await run('drop table later_members');
  await sweep(['records']);
  expect(await rows('customs_declarations')).toBe(0);
});

test('what goes is written down in the transaction in which it goes, chunk by chunk, and it can be stopped', async () => {
  for (let each = 0; each < 5; each++) await live(each * 100, old);
  const told = await sweep(['exchanges'], 2);
  expect(told.map((deleted) => deleted['exchanges'])).toEqual([2, 2, 1]);
  let asks = 0;
  const failing = { before, chunk: 2, goOn: () => true, record: () => Promise.reject(new Error('no room')) };
  await expect(sweepClass(own.db, 'records', failing)).rejects.toThrow('no room');
  expect(await rows('customs_declarations')).toBe(5);
  const stopped = { ...failing, goOn: () => ++asks < 3, record: () => Promise.resolve() };
  expect(await sweepClass(own.db, 'records', stopped)).toMatchObject({ finished: false });
  expect(await rows('customs_declarations')).toBe(1);
});

test('finished work goes, due work, running answers, open approvals and what they were about stay', async () => {
  const job = `insert into jobs (bucket, kind, subject, lane, due_at, priority, wanted, done) values (1, 'k', $1, 'l', $2, 3, $3, $4)`;
  await run(job, idAt(old), old, 2, 2);
  await run(job, idAt(old), old, 2, 1);
  await run(job, idAt(young), young, 1, 1);
  await run(`insert into gaps values (1, 'g', $1), (1, 'h', $2)`, old, young);
  await run(
    `insert into serial_sequences values (1, 1, ($1::timestamptz)::date, 5), (1, 1, ($2::timestamptz)::date, 5)`,
    old,
    young,
  );
  for (const [key, state] of [
    ['a', 'answered'],
    ['b', 'running'],
  ])
    await run(`insert into idempotency_keys values ('x', $1, 'd', $2, 200, '{}', $3)`, key, state, old);
  await run(asked.replace(`'used'`, `'asked'`).replace(`, 'zhao', $1`, ', null, null'), old);
  const entry = `insert into audit_entries values ($1, $2, 'wang', 'cli', 'approval.asked', $3)`;
  await run(entry, idAt(old), old, 'A-1');
  await run(entry, idAt(old), old, 'A-0');
  await sweep(['idempotency', 'work', 'approvals', 'audit']);
  expect(await run('select wanted, done from jobs order by wanted')).toEqual([
    { wanted: 1, done: 1 },
    { wanted: 2, done: 1 },
  ]);
  expect(await run('select gap_key from gaps')).toEqual([{ gap_key: 'h' }]);
  expect(await rows('serial_sequences')).toBe(1);
  expect(await run('select key from idempotency_keys')).toEqual([{ key: 'b' }]);
  expect(await rows('approvals')).toBe(1);
  expect(await run('select subject from audit_entries')).toEqual([{ subject: 'A-1' }]);
});

test('a message that still waits stays, one that arrived goes with its tries', async () => {
  await run(asked, old);
  await run(
    `insert into webhook_endpoints values ('W-1', 'demo', 'https://x.example', null, 'live', 'A-1', 'wang', $1)`,
    old,
  );
  for (const [id, state] of [
    ['e1', 'delivered'],
    ['e2', 'waiting'],
  ] as const) {
    await run(`insert into webhook_events values ($1, 'demo', 't', 's', '{}', $2)`, id, old);
    const delivery = idAt(old);
    await run(`insert into webhook_deliveries values ($1, $2, 'W-1', $3, $4, 1, 0, $4)`, delivery, id, state, old);
    await run(`insert into webhook_tries values ($1, 1, 'w', $2)`, delivery, old);
  }
  await sweep(['webhooks', 'approvals']);
  expect(await run('select id from webhook_events')).toEqual([{ id: 'e2' }]);
  expect([await rows('webhook_deliveries'), await rows('webhook_tries'), await rows('approvals')]).toEqual([1, 1, 1]);
});

test('a day of statements goes with all its versions, unless one came later or somebody has to look at it', async () => {
  await run(`insert into channel_accounts values ('A1', 'demo', 'alipay', 'n', '{}', now(), null)`);
  for (const [day, seen] of [
    ['2021-01-01', old],
    ['2021-01-02', young],
    ['2021-01-03', old],
  ] as const) {
    const id = idAt(old);
    await run(
      `insert into statement_days (bucket, id, account_id, merchant_id, kind, day, state, ready_at, late_at)
       values (1, $1, 'A1', 'demo', 'trade', $2, 'received', $3, $3)`,
      ...[id, day, old],
    );
    await run(
      `insert into statements values ($1, 1, $2, 1, true, 1, 'a', 'b', $2, null, 'verified', $3, $3, 1, 1, '{}', null)`,
      ...[`S-${day}`, id, seen],
    );
    await run(`insert into statement_pieces values ($1, 1, '')`, `S-${day}`);
    await run(
      `insert into statement_lines (bucket, statement_id, line_no, byte_off, byte_len, kind, channel_kind, currency, amount, at)
       values (1, $1, 2, 0, 1, 'payment', 'x', 'CNY', 1.00, $2)`,
      ...[`S-${day}`, old],
    );
  }
  await run(
    `insert into cases values ('C-1', 'demo', 'k', 'statement_day', 0, 'A1 trade 2021-01-03', '{}', 'open', null, now(), now(), null)`,
  );
  await sweep(['statements']);
  for (const table of ['statement_days', 'statements', 'statement_pieces', 'statement_lines'])
    expect([table, await rows(table)]).toEqual([table, 2]);
});

test('every table is in a class or is kept for ever, with a reason', async () => {
  const references = await readReferences(own.db);
  const swept = retentionClassNames.flatMap((name) =>
    partsOf(name, references).flatMap((part) => Object.keys(part.deletes)),
  );
  const found = await run(
    `select table_name as name from information_schema.tables where table_schema = current_schema()`,
  );
  const known: readonly string[] = [...swept, ...Object.values(keptForEver).flat()];
  expect(found.map((row) => String(row['name'])).filter((name) => !known.includes(name))).toEqual([]);
});

test('own terms are kept, and a second decision for the same moment counts', async () => {
  const term = { class: 'audit', days: 400, validFrom: now, decidedBy: 'wang' };
  await own.db.transaction((tx) => saveTerm(tx, term, 'less is enough'));
  await own.db.transaction((tx) => saveTerm(tx, { ...term, days: 500 }, 'or not'));
  expect(await readOwnTerms(own.db)).toEqual([{ ...term, days: 500 }]);
});
