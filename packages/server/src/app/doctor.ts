import { readFileSync, statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import { minutes, plus, shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { measureOffset, readSandboxClock, systemClock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { timestamp } from '../platform/db.ts';
import type { Database } from '../platform/db.ts';
import { createKeyStore } from '../platform/keys-store.ts';
import { checkKeys } from '../platform/keys.ts';
import { explain } from '../platform/refusals.ts';
import { doctorWords as w } from './doctor.texts.ts';
import { examineAddress } from './doctor/address.ts';
import { examineChannels } from './doctor/channels.ts';
import { fail, good, warn } from './doctor/finding.ts';
import type { Finding } from './doctor/finding.ts';
import { examineServer } from './doctor/server.ts';
import { examineServing } from './doctor/serving.ts';
import { examineStatements } from './doctor/statements.ts';
import { openMasterKey } from './parts.ts';
import { leaveDatabase, openExisting } from './session.ts';

/** Looks at everything that stops people at night, without a login and without changing anything. */
export async function examine(config: Config): Promise<readonly Finding[]> {
  const first = [examineRuntime(), examineDisk(config)];
  const place = await openExisting(config, () => undefined);
  if (!place.ok) {
    const { zh, en, wayOut } = explain(place.refusal);
    return [...first, fail('database', { zh, en }, wayOut)];
  }
  const { opened, installation } = place.value;
  const { db, embedded } = opened;
  try {
    const sandbox = installation.bornAs === 'sandbox';
    const server = await examineServer(db, sandbox, embedded ? 'embedded' : 'DATABASE_URL', systemClock().now());
    // Nothing more can be told of tables that are not there, or are not as this program knows them.
    if (server.some(({ name, state }) => name === 'schema' && state === 'fail')) return [...first, ...server];
    const now = await nowOf(db, sandbox);
    return [
      ...first,
      ...server,
      good('born', sandbox ? w.sandbox : w.production),
      await examineKeys(config, db, sandbox),
      await examineClock(db, sandbox),
      await examineLanes(db, now),
      await examineJobs(db, now),
      await examineExchanges(db, now),
      ...(await examineAccounts(db, sandbox, now)),
      await examineAddress(config, sandbox, now),
      ...(await examineChannels(db, sandbox, now)),
      ...(await examineStatements(db, now)),
      ...(await examineServing(db, sandbox, now)),
    ];
  } finally {
    await leaveDatabase(opened);
  }
}

function examineRuntime(): Finding {
  const file = resolve(import.meta.dirname, '../../package.json');
  const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines: { node: string } };
  const { node: version } = process.versions;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const match = /^>=(\d+)\.(\d+) <(\d+)$/.exec(engines.node);
  const fits =
    match !== null &&
    major >= Number(match[1]) &&
    (major > Number(match[1]) || minor >= Number(match[2])) &&
    major < Number(match[3]);
  const words = w.runtime(version, engines.node);
  return fits ? good('runtime', words) : fail('runtime', words, w.runtimeOther);
}

const gigabyte = 1024 ** 3;
const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

function examineDisk({ dataFolder }: Config): Finding {
  let folder = dataFolder;
  for (let turn = 0; turn < 20; turn++) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      const free = (bavail * bsize) / gigabyte;
      const words = w.disk(oneDecimal.format(free), folder);
      if (free < 1) return fail('disk', words, w.freeDisk);
      return free < 5 ? warn('disk', words, w.freeDisk) : good('disk', words);
    } catch {
      folder = resolve(folder, '..'); // not made yet: the space is its parent's
    }
  }
  return warn('disk', w.disk('?', dataFolder), w.freeDisk);
}

async function nowOf(db: Database, sandbox: boolean): Promise<Instant> {
  const row = sandbox ? await readSandboxClock(db) : undefined;
  const real = systemClock().now();
  if (!row) return real;
  return row.running ? plus(row.sandbox_at, Math.max(0, real - row.real_at)) : row.sandbox_at;
}

async function examineKeys(config: Config, db: Database, sandbox: boolean): Promise<Finding> {
  const master = openMasterKey(config, sandbox);
  if (!master.ok) {
    const { zh, en, wayOut } = explain(master.refusal);
    return fail('keys', { zh, en }, wayOut);
  }
  const { closed, opened, fingerprint } = await checkKeys(master.value, createKeyStore(db));
  if (closed.length > 0) return fail('keys', w.keysClosed(closed.length, closed.length + opened), w.rightKey);
  return good('keys', w.keysOpen(opened, fingerprint));
}

async function examineClock(db: Database, sandbox: boolean): Promise<Finding> {
  if (sandbox) {
    const row = await readSandboxClock(db);
    const words = w.sandboxClock(row ? shanghaiText(await nowOf(db, true)) : '?', row?.running ?? false);
    return row?.running ? good('clock', words) : warn('clock', words, w.startClock);
  }
  const offset = Math.round(await measureOffset(db));
  const words = w.clock(offset);
  // A process more than a second off stops leasing (architecture rule 8).
  if (Math.abs(offset) > 1000) return fail('clock', words, w.synchronise);
  return Math.abs(offset) > 300 ? warn('clock', words, w.synchronise) : good('clock', words);
}

async function examineLanes(db: Database, now: Instant): Promise<Finding> {
  const rows = await db.query<{ id: string; shut: boolean }>(
    'select id, paused_at is not null or coalesce(closed_until > $1, false) as shut from lanes order by id',
    [timestamp(now)],
  );
  const shut = rows.filter((row) => row.shut).map((row) => row.id);
  return shut.length > 0
    ? warn('lanes', w.lanesShut(shut.join(', ')), w.openLanes)
    : good('lanes', w.lanesOpen(rows.length));
}

async function examineJobs(db: Database, now: Instant): Promise<Finding> {
  const [row] = await db.query<{ n: bigint; oldest: Instant | null }>(
    'select count(*) as n, min(due_at) as oldest from jobs where wanted > done and due_at <= $1',
    [timestamp(now)],
  );
  const count = Number(row?.n ?? 0);
  if (count === 0 || !row?.oldest) return good('jobs', w.nothingDue);
  const waitedMs = now - row.oldest;
  const words = w.due(count, Math.round(waitedMs / 1000));
  return waitedMs > minutes(2) ? warn('jobs', words, w.runWorker) : good('jobs', words);
}

async function examineExchanges(db: Database, now: Instant): Promise<Finding> {
  const [row] = await db.query<{ n: bigint }>(
    `select count(*) as n from exchanges e left join exchange_answers a on a.bucket = e.bucket and a.exchange_id = e.id
     where a.exchange_id is null and e.created_at < $1`,
    [timestamp(plus(now, -minutes(5)))],
  );
  const count = Number(row?.n ?? 0);
  return count > 0 ? warn('exchanges', w.unanswered(count), w.askFirst) : good('exchanges', w.answered);
}

async function examineAccounts(db: Database, sandbox: boolean, now: Instant): Promise<Finding[]> {
  const rows = await db.query<{ id: string; gateway: string | null; secrets: bigint }>(
    `select a.id, a.settings->>'gateway_url' as gateway,
       (select count(*) from channel_secrets s where s.account_id = a.id and s.valid_from <= $1
          and (s.valid_to is null or s.valid_to > $1)) as secrets
     from channel_accounts a where a.closed_at is null order by a.id`,
    [timestamp(now)],
  );
  if (rows.length === 0) return [warn('accounts', w.noAccounts, w.addAccount)];
  const bare = rows.filter((row) => row.secrets === 0n).map((row) => row.id);
  const open = rows.filter((row) => !sandbox && row.gateway?.startsWith('http:')).map((row) => row.id);
  return [
    ...(bare.length > 0 ? [fail('accounts', w.lacksSecrets(bare.join(', ')), w.fixAccount)] : []),
    ...(open.length > 0 ? [fail('accounts', w.plainHttp(open.join(', ')), w.fixAccount)] : []),
    ...(bare.length + open.length === 0 ? [good('accounts', w.accountsGood(rows.length))] : []),
  ];
}
