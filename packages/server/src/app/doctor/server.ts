import type { Instant } from '../../kernel/index.ts';
import type { Database } from '../../platform/db.ts';
import { fitOf, migrationsDir, readMigrations, readStanding } from '../../platform/migrate.ts';
import type { SchemaStanding } from '../../platform/migrate.ts';
import { fail, good, warn } from './finding.ts';
import type { Finding } from './finding.ts';
import { serverWords as w } from './server.texts.ts';

/** Last day of each major version, from the versioning policy of the PostgreSQL project (postgresql.org/support/versioning). */
const supportedUntil: Readonly<Record<number, string>> = {
  15: '2027-11-11',
  16: '2028-11-09',
  17: '2029-11-08',
  18: '2030-11-14',
};

export function judgeVersion(version: string, whose: string, now: Instant): Finding {
  const words = w.database(version, whose);
  const major = Number.parseInt(version, 10);
  if (!(major >= 15)) return fail('database', words, w.tooOld);
  const until = supportedUntil[major];
  return until !== undefined && Date.parse(until) < now
    ? warn('database', w.unsupported(version, until), w.upgradeServer)
    : good('database', words);
}

export function judgeSchema(standing: SchemaStanding): Finding {
  const { database, program } = standing;
  switch (fitOf(standing)) {
    case 'same':
      return good('schema', w.schema(database, program));
    case 'ahead':
      return warn('schema', w.ahead(database, program), w.upgradeProgram);
    case 'behind':
      return fail('schema', w.schema(database, program), w.migrate);
    case 'newer':
      return fail('schema', w.schema(database, program), w.upgradeProgram);
  }
}

export type Connections = { readonly used: number; readonly most: number };

/** Each process of ours may take eight. */
export function judgeConnections({ used, most }: Connections): Finding {
  const free = most - used;
  const words = w.connections(used, most);
  if (free < 8) return fail('connections', words, w.moreConnections);
  return free < most * 0.2 ? warn('connections', words, w.moreConnections) : good('connections', words);
}

export type Upkeep = {
  readonly autovacuum: boolean;
  /** Transactions since the oldest row was frozen, and when PostgreSQL forces it. */
  readonly age: number;
  readonly forcedAt: number;
  /** Tables of which a third or more is dead rows. */
  readonly bloated: readonly string[];
  /** Of the oldest open transaction, in seconds. */
  readonly openForSeconds: number;
};

/** PostgreSQL stops taking writes 3 million transactions before 2^31 (PostgreSQL manual, routine vacuuming). */
const stopsAt = 2 ** 31 - 3_000_000;

export function judgeUpkeep({ autovacuum, age, forcedAt, bloated, openForSeconds }: Upkeep, sandbox: boolean): Finding {
  if (!autovacuum) return (sandbox ? warn : fail)('upkeep', w.noAutovacuum, w.turnOnAutovacuum);
  if (age > stopsAt / 2) return fail('upkeep', w.wraparound(age, stopsAt), w.vacuumFreeze);
  if (age > forcedAt * 1.5) return warn('upkeep', w.wraparound(age, stopsAt), w.vacuumFreeze);
  if (openForSeconds > 3600) return warn('upkeep', w.longOpen(openForSeconds), w.endSession);
  return bloated.length > 0 ? warn('upkeep', w.bloated(bloated.join(', ')), w.vacuum) : good('upkeep', w.kept(age));
}

export async function examineServer(
  db: Database,
  sandbox: boolean,
  whose: string,
  now: Instant,
): Promise<readonly Finding[]> {
  const [version] = await db.query<{ server_version: string }>('show server_version');
  const known = await readMigrations(migrationsDir);
  return [
    judgeVersion(version?.server_version ?? '0', whose, now),
    judgeSchema(await readStanding(db, known)),
    judgeConnections(await readConnections(db)),
    judgeUpkeep(await readUpkeep(db), sandbox),
  ];
}

export async function readConnections(db: Database): Promise<Connections> {
  const [row] = await db.query<{ used: bigint; most: number }>(
    `select (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most`,
  );
  return { used: Number(row?.used ?? 0), most: row?.most ?? 0 };
}

export async function readUpkeep(db: Database): Promise<Upkeep> {
  const [row] = await db.query<{ autovacuum: boolean; age: number; forced: number; open: number; bloated: string[] }>(
    `select current_setting('autovacuum')::bool as autovacuum,
       (select age(datfrozenxid) from pg_database where datname = current_database()) as age,
       current_setting('autovacuum_freeze_max_age')::int as forced,
       coalesce((select extract(epoch from max(clock_timestamp() - xact_start)) from pg_stat_activity
         where datname = current_database() and backend_type = 'client backend'), 0)::float8 as open,
       array(select relname::text from pg_stat_user_tables
         where n_dead_tup > 50000 and n_dead_tup > n_live_tup / 2
           and coalesce(greatest(last_autovacuum, last_vacuum), '-infinity') < clock_timestamp() - interval '1 day'
         order by n_dead_tup desc limit 5) as bloated`,
  );
  return {
    autovacuum: row?.autovacuum ?? false,
    ...{ age: row?.age ?? 0, forcedAt: row?.forced ?? 0, openForSeconds: row?.open ?? 0, bloated: row?.bloated ?? [] },
  };
}
