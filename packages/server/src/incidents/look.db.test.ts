// Goal: one look at all groups opens what the rules say and nothing else, and stays cheap.
// Method: declarations planted with their summaries; the look is called with the moment it shall stand at.
import { afterEach, expect, test } from 'vitest';
import { listCases } from '../cases/index.ts';
import { hours, minutes, parseShanghai, plus } from '../kernel/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Database } from '../platform/db.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { createMetrics } from '../platform/metrics.ts';
import { useDatabase } from '../../test/kit/database.ts';
import { plantAccounts, plantDeclarations, shop } from '../../test/kit/declarations.ts';
import type { Planted } from '../../test/kit/declarations.ts';
import type { Incident } from './incident.ts';
import { closeIncident, takeIncident } from './commands.ts';
import { lookOnce } from './look.ts';
import type { IncidentParts, Look } from './look.ts';
import { findCurves, isAnythingFresh } from './look-store.ts';
import { findIncident, findSizes, listIncidents, listMembers } from './store.ts';

const database = useDatabase();
const morning = parseShanghai('2015-10-27 10:00:00') ?? (0 as Instant);
const metrics = createMetrics({ ofProcess: false });

afterEach(async () => {
  for (const table of [
    'incidents',
    'incident_groups',
    'customs_watches',
    'cases',
    'jobs',
    'plan_items',
    'plans',
    'webhook_events',
  ])
    await database.db.query(`delete from ${table}`);
});

/** Both channels answer with codes at the places P and Q, and never at LOCAL. */
function partsAt(at: Instant): IncidentParts {
  const clock = { now: () => at };
  const places = { P: { givesCodes: true }, Q: { givesCodes: true }, LOCAL: { givesCodes: false } };
  const connector = { manifest: { customs: { places, unlistedPlace: { givesCodes: false } } } };
  const channels = new Map(['one', 'two'].map((id) => [id, connector]));
  const ids = createIds(clock, seededRandomBytes(String(at)));
  return { db: database.db, clock, channels, ids, metrics, owner: 'test' } as unknown as IncidentParts;
}

const look = (at: Instant): Promise<Look> => lookOnce(partsAt(at), at);

async function lookFor(
  from: Instant,
  count: number,
  everyMinutes = 1,
): Promise<{ opened: string[]; closed: string[] }> {
  const opened: string[] = [];
  const closed: string[] = [];
  for (let minute = 0; minute < count; minute += 1) {
    const told = await look(plus(from, minutes(minute * everyMinutes)));
    opened.push(...told.opened);
    closed.push(...told.closed);
  }
  return { opened, closed };
}

let days = 0;
/** Each test on a day of its own. */
async function newDay(...accounts: readonly (readonly [string, string])[]): Promise<Instant> {
  days += 1;
  await plantAccounts(database.db, accounts);
  return plus(morning, hours(24 * days * 20));
}

const plant = (one: Omit<Planted, 'channel' | 'place' | 'askedAt'> & Partial<Planted>): Promise<void> =>
  plantDeclarations(database.db, { channel: 'one', place: 'P', askedAt: 'case when n < 1000 then 10 end', ...one });

const incidentsOf = async (accountId: string): Promise<readonly Incident[]> =>
  (await listIncidents(database.db, { merchants: [shop], limit: 1000 })).filter((one) => one.accountId === accountId);

/** Twenty a minute, answered but for what `answered` says, from an hour before. */
const busy = (accountId: string, at: Instant, answered = 'true', more: Partial<Planted> = {}): Promise<void> =>
  plant({ accountId, from: plus(at, -hours(1)), count: 20 * 60, everyMs: 3000, answered, ...more });

test('silence from one minute on is an incident at the second look that sees it, with its onset, size and case', async () => {
  const at = await newDay(['A1', 'one']);
  await busy('A1', at, 'n < 900');
  expect(await look(at)).toMatchObject({ opened: [], open: 0 });
  expect(await look(plus(at, minutes(1)))).toMatchObject({ open: 1 });
  const [incident] = await incidentsOf('A1');
  expect(incident).toMatchObject({
    state: 'open',
    place: 'P',
    onsetAt: plus(at, -minutes(15)),
    onsetWithinMinutes: 1,
    lastAffectedAt: plus(at, -minutes(11)),
    findings: { members: 300, minor: 300 * 42000, matrix: { blame: 'alone' } },
  });
  expect(incident?.signals.map(({ rule }) => rule)).toEqual(['D1']);
  const cases = await listCases(database.db, { merchants: [shop], state: 'open', limit: 10 });
  expect(cases.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([`customs.incident ${incident?.id}`]);
  expect(await metrics.text()).toContain('liushui_incidents_open{channel="one"} 1');
});

test('one minute alone raises no alarm', async () => {
  const at = await newDay(['A2', 'one']);
  await busy('A2', at, 'n < 900');
  await look(at);
  await database.db.query(
    `update customs_declarations set summary = summary || '{"released": {"at": 0}}' where account_id = 'A2'`,
  );
  expect(await lookFor(plus(at, minutes(1)), 3)).toEqual({ opened: [], closed: [] });
  expect(await incidentsOf('A2')).toEqual([]);
});

test('what nobody asked about is no silence', async () => {
  const at = await newDay(['A3', 'one']);
  await busy('A3', at, 'n < 900', { askedAt: '1' });
  expect(await lookFor(at, 3)).toEqual({ opened: [], closed: [] });
});

test('a place that never gives codes says nothing by its silence', async () => {
  const at = await newDay(['A4', 'one']);
  await busy('A4', at, 'false', { place: 'LOCAL' });
  expect(await lookFor(at, 3)).toEqual({ opened: [], closed: [] });
});

test('one red cell among quiet neighbours: neither the channel nor the port as a whole', async () => {
  const at = await newDay(['A5', 'one'], ['B5', 'two']);
  await busy('A5', at, 'n < 900');
  await busy('A5', at, 'true', { place: 'Q' });
  await busy('B5', at, 'true', { channel: 'two' });
  await lookFor(at, 2);
  const [incident] = await incidentsOf('A5');
  const own = incident?.findings.matrix.cells.filter(({ of }) => of > 0);
  expect(incident?.findings.matrix.blame).toBe('cell');
  expect(own?.map(({ channel, place, red }) => `${channel}/${place} ${red}`).sort()).toEqual([
    'one/P true',
    'one/Q false',
    'two/P false',
  ]);
});

test('a channel that is silent at all its places is the channel', async () => {
  const at = await newDay(['A6', 'one'], ['B6', 'two']);
  await busy('A6', at, 'n < 900');
  await busy('A6', at, 'n < 900', { place: 'Q' });
  await busy('B6', at, 'true', { channel: 'two' });
  await lookFor(at, 2);
  expect((await incidentsOf('A6')).map(({ findings }) => findings.matrix.blame)).toEqual(['channel', 'channel']);
});

test('a usual share that is high at this time of the day is no alarm, and the time of an incident is not usual', async () => {
  const at = await newDay(['A7', 'one']);
  await busy('A7', at, 'n % 10 <> 0');
  const hour = plus(at, -hours(24));
  const insert = `insert into incident_baselines (account_id, place, hour, what, asked, found) values ('A7', 'P', $1, 'silent_10', 10000, 1000)`;
  await database.db.query(insert, [new Date(hour).toISOString()]);
  expect(await lookFor(at, 3)).toEqual({ opened: [], closed: [] });
  await database.db.query(
    `insert into incidents (id, merchant_id, account_id, channel, place, state, signals, onset_at, onset_within_minutes, seen_at,
       last_affected_at, usual, asked, silent, findings, closed_at)
     values ('I-700', $1, 'A7', 'one', 'P', 'closed', '[]', $2, 1, $2, $2, 0, 0, 0, '{}', $2::timestamptz + interval '1 hour')`,
    [shop, new Date(hour).toISOString()],
  );
  await database.db.query(`delete from incident_baselines where hour > $1`, [new Date(hour).toISOString()]);
  expect((await lookFor(plus(at, minutes(5)), 2)).opened).toHaveLength(1);
});

test('looks count what is usual, each cohort once at each age', async () => {
  const at = await newDay(['A8', 'one']);
  await busy('A8', at, 'n % 100 <> 0', { askedAt: '60' });
  await lookFor(at, 5);
  const rows = await database.db.query<{ what: string; asked: number; found: number }>(
    `select what, sum(asked)::int4 as asked, sum(found)::int4 as found from incident_baselines
     where account_id = 'A8' group by 1 order by length(what), what`,
  );
  expect(rows).toEqual(
    ['silent_2', 'silent_5', 'silent_10', 'silent_30'].map((what) => ({ what, asked: 100, found: 1 })),
  );
});

test('a report of missing records is an incident at once, and joins one that is open', async () => {
  const at = await newDay(['A9', 'one']);
  await busy('A9', at);
  await database.db.query(
    `update customs_declarations set summary = summary || jsonb_build_object('missing', jsonb_build_object('at', $1::float8, 'source', 'port'))
     where account_id = 'A9' and right(order_no, 2) = '77'`,
    [plus(at, -minutes(1))],
  );
  expect((await look(at)).opened).toHaveLength(1);
  await look(plus(at, minutes(1)));
  const all = await incidentsOf('A9');
  expect(all.map(({ signals }) => signals.map(({ rule, figure }) => `${rule} ${figure}`))).toEqual([['D2 12']]);
});

test('refusals with one code above its usual share are an incident', async () => {
  const at = await newDay(['A10', 'one']);
  await busy('A10', at);
  await database.db.query(
    `update customs_declarations set summary = summary || jsonb_build_object('bad', jsonb_build_object(
       'code', '100', 'class', 'refused', 'text', '[Code:13035;Desc:支付企业未备案]', 'at', 0))
     where account_id = 'A10' and right(order_no, 2) = '55'`,
  );
  await look(at);
  const [incident] = await incidentsOf('A10');
  expect(incident?.signals.map(({ rule, word, figure }) => [rule, word, figure])).toEqual([['D3', '100/13035', 12]]);
});

test('calls that end without an answer make an account unwell, until five minutes have passed', async () => {
  const at = await newDay(['A11', 'one']);
  const call = `insert into exchanges (bucket, id, account_id, operation, worker, created_at, send_before, method, url, request)
    select 0, md5('c' || n)::uuid, 'A11', 'customs.query', 'w', $1, $1, 'POST', 'u', '' from generate_series(1, 40) as n`;
  await database.db.query(call, [new Date(plus(at, -minutes(1))).toISOString()]);
  await database.db.query(
    `insert into exchange_answers (bucket, exchange_id, kind, http_status, heard_at)
     select 0, md5('c' || n)::uuid, case when n < 4 then 'silent' else 'answered' end, 200, now() from generate_series(1, 40) as n`,
  );
  await look(at);
  const [incident] = await incidentsOf('A11');
  expect(incident).toMatchObject({ place: '', signals: [{ rule: 'D5', figure: 3, of: 40, word: 'customs.query' }] });
  expect((await lookFor(plus(at, minutes(6)), 4, 10)).closed).toEqual([incident?.id]);
});

const person = (userId: string): Actor => ({ userId, name: userId, roles: ['maker'], merchants: [shop], door: 'cli' });

/** Both transactions begin only when both callers have read what they act on. */
function partsOfTwo(at: Instant): IncidentParts {
  const { db } = database;
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  const transaction: Database['transaction'] = async (work) => {
    waiting += 1;
    if (waiting === 2) both.resolve();
    await both.promise;
    return db.transaction(work);
  };
  const query: Database['query'] = (...asked) => db.query(...asked);
  return { ...partsAt(at), db: { ...db, query, transaction } };
}

test('two people who close an incident at once end it once, and who takes it then is told that it is over', async () => {
  const at = await newDay(['A14', 'one']);
  await busy('A14', at, 'n < 900');
  await lookFor(at, 2);
  const [incident] = await incidentsOf('A14');
  const id = incident?.id ?? '';
  await database.db.query(
    `update customs_declarations set state = 'at_customs',
       summary = summary || '{"best": {"rank": 3, "code": "3", "class": "to_customs", "at": 0}}' where account_id = 'A14'`,
  );
  const parts = partsOfTwo(plus(at, minutes(3)));
  const closed = await Promise.all(['wang', 'li'].map((name) => closeIncident(parts, person(name), id, 'looked at')));
  const codes = closed.map((one) => (one.ok ? one.value.kind : one.refusal.code));
  expect(codes.sort()).toEqual(['closed', 'incident.already_closed']);
  const told = await database.db.query(`select from webhook_events where type = 'incident.closed' and subject = $1`, [
    id,
  ]);
  expect(told).toHaveLength(1);
  expect(await takeIncident(partsAt(plus(at, minutes(4))), person('li'), id)).toMatchObject({
    refusal: { code: 'incident.already_closed' },
  });
});

test('a plan that pushes is looked at like fresh orders: its pushes of old ones may make a channel unwell', async () => {
  const at = await newDay(['A15', 'one']);
  await plant({ accountId: 'A15', from: plus(at, -hours(60)), count: 20, everyMs: 3000, answered: 'false' });
  expect(await isAnythingFresh(database.db, at)).toBe(false);
  await database.db.query(
    `insert into users values ('wang', 'wang', '{maker}', '{*}', now(), null) on conflict do nothing`,
  );
  await database.db.query(
    `insert into approvals (id, merchant_id, command, subject, input, digest, state, maker, asked_at, lapses_at)
     values ('A-15', $1, 'customs.repush', 'P-15', '{}', '', 'used', 'wang', now(), now())`,
    [shop],
  );
  await database.db.query(
    `insert into plans (id, merchant_id, kind, state, digest, approval_id, size, made_by, made_at, source, dimension, canary, control, stop_rules)
     values ('P-15', $1, 'repush', 'running', '', 'A-15', 1, 'wang', now(), '{}', '', 0, 0, '{}')`,
    [shop],
  );
  const member = (state: string, pushedAt?: Instant) =>
    database.db.query(
      `insert into plan_items (bucket, plan_id, declaration_id, position, state, cell, role, pushed_at)
       select bucket, 'P-15', id, 1, $1, '', 'rest', $2 from customs_declarations where account_id = 'A15' order by id limit 1
       on conflict (bucket, plan_id, declaration_id) do update set state = excluded.state, pushed_at = excluded.pushed_at`,
      [state, pushedAt === undefined ? null : new Date(pushedAt).toISOString()],
    );
  await member('planned');
  expect(await isAnythingFresh(database.db, at)).toBe(false);
  await member('due');
  expect(await isAnythingFresh(database.db, at)).toBe(true);
  await member('pushed', plus(at, -minutes(1)));
  expect(await isAnythingFresh(database.db, at)).toBe(true);
  await member('pushed', plus(at, -minutes(20)));
  expect(await isAnythingFresh(database.db, at)).toBe(false);
});

test('it closes after half an hour as usual when customs has what was affected, and names the rest', async () => {
  const at = await newDay(['A12', 'one']);
  await busy('A12', at, 'n < 900');
  await lookFor(at, 2);
  const [opened] = await incidentsOf('A12');
  const heal = (where: string) =>
    database.db.query(
      `update customs_declarations set state = 'at_customs',
         summary = summary || '{"best": {"rank": 3, "code": "3", "class": "to_customs", "at": 0}}' where account_id = 'A12' and ${where}`,
    );
  await heal(`right(order_no, 2) <> '99'`);
  const later = plus(at, minutes(2));
  await plant({ accountId: 'A12', from: at, count: 60 * 20, everyMs: 3000, answered: 'true' });
  expect(await lookFor(later, 6, 8)).toEqual({ opened: [], closed: [] });
  expect(await findIncident(database.db, opened?.id ?? '')).toMatchObject({ state: 'closing' });
  await heal(`order_no not like '%1199'`);
  expect(await lookFor(plus(later, minutes(41)), 1)).toEqual({ opened: [], closed: [opened?.id] });
  const closed = await findIncident(database.db, opened?.id ?? '');
  expect(closed).toMatchObject({ state: 'closed', closeReason: 'recovered' });
  expect(closed?.rest).toEqual([]);
});

test('one pass over forty thousand declarations is a matter of milliseconds, members are read in pages', async () => {
  const at = await newDay(['A13', 'one']);
  await plant({
    accountId: 'A13',
    from: plus(at, -hours(24)),
    count: 40_000,
    everyMs: 2160,
    answered: 'n < 30000',
    askedAt: '10',
  });
  await database.db.query('vacuum analyze customs_declarations');
  await lookFor(at, 2);
  const [incident] = await incidentsOf('A13');
  expect(incident?.findings.members).toBeGreaterThan(9000);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const curves = await timed(() => findCurves(database.db, plus(at, minutes(2))));
  const sizes = await timed(() => findSizes(database.db, [incident?.id ?? '']));
  expect(curves).toBeLessThan(100);
  expect(sizes).toBeLessThan(200);
  const first = await listMembers(database.db, incident?.id ?? '', 1000);
  const last = first.at(-1);
  const second = await listMembers(database.db, incident?.id ?? '', 1000, last);
  expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(2000);
}, 120_000);
