import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { addAccount } from '../../src/accounts/index.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { readChannels } from '../../src/channels/registry.ts';
import { customsWorks } from '../../src/customs/index.ts';
import { foundUsers, systemActor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import { openDatabase } from '../../src/platform/db.ts';
import type { Database } from '../../src/platform/db.ts';
import { createIds, seededRandomBytes } from '../../src/platform/ids.ts';
import { masterKeyFrom } from '../../src/platform/keys-master.ts';
import { createKeyStore } from '../../src/platform/keys-store.ts';
import { createKeyring } from '../../src/platform/keys.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import { Channel } from './channel.ts';
import { StoryClock } from './clock.ts';
import { beginsAt, md5Key, merchant, partner, people } from './people.ts';
import { planStatementsOnce } from './planned-once.ts';
import type { Surroundings } from './process.ts';

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.refusal.code} ${JSON.stringify(result.refusal.params)}`);
  return result.value;
}

/** One database and one channel, on which one story after the other is played. */
export class Stage {
  readonly db: Database;
  readonly channel: Channel;
  readonly accountId: string;
  readonly #shared: Surroundings['shared'];
  readonly #tables: readonly string[];
  readonly #undo: () => void;
  #played = 0;

  private constructor(
    db: Database,
    channel: Channel,
    parts: {
      readonly undo: () => void;
      readonly accountId: string;
      readonly shared: Surroundings['shared'];
      readonly tables: readonly string[];
    },
  ) {
    this.db = db;
    this.channel = channel;
    this.accountId = parts.accountId;
    this.#shared = parts.shared;
    this.#tables = parts.tables;
    this.#undo = parts.undo;
  }

  /** `url`: a database that is migrated and that nobody else uses. `folder`: where the simulator keeps its books. */
  static async open(url: string, folder: string): Promise<Stage> {
    // One connection: statements take their turn in the order in which they were made, so a story has one course only.
    const undo = planStatementsOnce();
    const db = openDatabase(url, { applicationName: 'stories', max: 1 });
    await db.query('set plan_cache_mode = force_generic_plan');
    const clock = new StoryClock(beginsAt);
    must(await openInstallation(db, 'sandbox', beginsAt));
    const random = seededRandomBytes('stage');
    const ids = createIds(clock, random);
    const master = must(
      masterKeyFrom(new Secret(`liushui-master-key-1 ${createHash('sha256').update('stories').digest('base64')}`)),
    );
    const keyring = createKeyring({ master, store: createKeyStore(db), clock, ids, random });
    await keyring.prepare(beginsAt);
    const channels = await readChannels();
    const shared = { channels, keyring, metrics: createMetrics({ ofProcess: false }) };
    const accountId = await db.transaction(async (tx) => {
      const sql = `insert into merchants (id, name_zh, name_en, created_at) values ($1, '', '', now()) on conflict do nothing`;
      await tx.query(sql, [merchant]);
      const users = Object.values(people).map(({ userId, name, roles, merchants }) => ({
        ...{ id: userId, name, roles, merchants },
      }));
      await foundUsers(tx, users, systemActor, { at: beginsAt, ids });
      const given = {
        ...{ merchantId: merchant, channel: 'alipay', name: 'stories' },
        settings: { partner, gateway_url: 'http://127.0.0.1:9/gateway.do' },
        secrets: { md5_key: new Secret(md5Key) },
      };
      return must(await addAccount(tx, { ...shared, db, ids, clock }, given)).id;
    });
    return new Stage(db, new Channel(folder), { accountId, shared, tables: await storyTables(db), undo });
  }

  /** Everything that a story wrote is taken away; people, account and keys stay. */
  async clear(seed: number): Promise<StoryClock> {
    this.#played += 1;
    // Truncating costs as much as playing a story; without it dead rows would slow down the later ones.
    const wipe =
      this.#played % 50 === 0
        ? `truncate ${this.#tables.join(', ')}`
        : this.#tables.map((name) => `delete from ${name}`).join('; ');
    await this.db.query(wipe);
    // Lanes whose work belongs to others than customs stand still.
    await this.db.query(
      `update lanes set next_free_at = $1, failures = 0, closed_until = null,
         paused_at = case when operation = any($2::text[]) then null else $1::timestamptz end`,
      [new Date(beginsAt).toISOString(), ['customs.query', 'customs.declare', 'plan.step']],
    );
    const clock = new StoryClock(beginsAt);
    this.channel.begin(clock, seed);
    this.channel.world.seed({ partners: [{ partner, md5_key: md5Key }] });
    return clock;
  }

  surroundings(clock: StoryClock, told: Pick<Surroundings, 'onBug' | 'onWrite' | 'onAnswer'>): Surroundings {
    return {
      ...{ clock, ...told, db: this.db, shared: this.#shared, worksOf: customsWorks },
      send: (process, request, limits) => this.channel.send(process, request, limits),
    };
  }

  async close(): Promise<void> {
    this.channel.close();
    await this.db.close();
    this.#undo();
  }
}

/** Written by founding and by counting: told anew in every story. */
const counted = new Set(['audit_entries', 'counters', 'jobs']);

/** What holds rows before any story begins belongs to the stage (people, account, keys, birth mark) and stays. */
export async function storyTables(db: Database): Promise<readonly string[]> {
  const tables = await db.query<{ name: string; uses: string[] }>(
    `select c.relname as name, coalesce((select array_agg(distinct r.relname::text) from pg_constraint f
         join pg_class r on r.oid = f.confrelid where f.conrelid = c.oid and f.contype = 'f' and r.oid <> c.oid), '{}') as uses
       from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`,
  );
  // Rows of a new story lie behind those of the last one, in the order in which they were written: nothing may tidy up in between.
  for (const { name } of tables) await db.query(`alter table "${name}" set (autovacuum_enabled = false)`);
  const filled = await filledAmong(
    db,
    tables.map(({ name }) => name),
  );
  const told = tables.filter(({ name }) => !filled.includes(name) || counted.has(name));
  return usersFirst(told);
}

/** A table that refers to another one is emptied before it. */
function usersFirst(tables: readonly { readonly name: string; readonly uses: readonly string[] }[]): readonly string[] {
  const left = new Map(tables.map((table) => [table.name, table]));
  const order: string[] = [];
  while (left.size > 0) {
    const free = [...left.keys()].filter((name) => ![...left.values()].some(({ uses }) => uses.includes(name)));
    if (free.length === 0) throw new Error(`tables refer to each other in a ring: ${[...left.keys()].join(', ')}`);
    for (const name of free) left.delete(name);
    order.push(...free);
  }
  return order;
}

async function filledAmong(db: Database, tables: readonly string[]): Promise<readonly string[]> {
  const looks = tables.map((name) => `select '${name}' as name where exists (select from "${name}")`);
  return (await db.query<{ name: string }>(looks.join(' union all '))).map(({ name }) => name);
}

/** The monotonic clock follows the story while it is played: what may no longer be sent depends on no machine's speed. */
export async function withStoryTime<T>(clock: StoryClock, work: () => Promise<T>): Promise<T> {
  performance.now = () => clock.now() - beginsAt;
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(performance, 'now');
  }
}
