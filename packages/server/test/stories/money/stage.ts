import { createHash } from 'node:crypto';
import { addAccount } from '../../../src/accounts/index.ts';
import { openInstallation } from '../../../src/app/installation.ts';
import { foundUsers, systemActor } from '../../../src/identity/index.ts';
import { Secret } from '../../../src/kernel/index.ts';
import { openDatabase } from '../../../src/platform/db.ts';
import type { Database } from '../../../src/platform/db.ts';
import { createIds, seededRandomBytes } from '../../../src/platform/ids.ts';
import { masterKeyFrom } from '../../../src/platform/keys-master.ts';
import { createKeyStore } from '../../../src/platform/keys-store.ts';
import { createKeyring } from '../../../src/platform/keys.ts';
import { createMetrics } from '../../../src/platform/metrics.ts';
import { StoryClock } from '../clock.ts';
import { beginsAt, merchant, people } from '../people.ts';
import { planStatementsOnce } from '../planned-once.ts';
import type { Surroundings } from '../process.ts';
import { must, storyTables } from '../stage.ts';
import { moneyChannels } from './connector.ts';
import type { StoryChannel } from './story.ts';

/**
 * The product's statements are planned once, when the tables are still empty and reading all of them looks best; they are not empty for long.
 * The laws read whole tables, and are planned anew each time.
 */
const plans = (wholeTables: 'on' | 'off'): string =>
  ['seqscan', 'hashjoin', 'mergejoin'].map((way) => `set enable_${way} = ${wholeTables}`).join('; ');

/** One database with an account at each channel of the stories. */
export class MoneyStage {
  readonly db: Database;
  readonly shared: Surroundings['shared'];
  readonly #accounts: Readonly<Record<string, string>>;
  readonly #tables: readonly string[];
  readonly #undo: () => void;

  private constructor(
    db: Database,
    shared: Surroundings['shared'],
    accounts: Readonly<Record<string, string>>,
    tables: readonly string[],
    undo: () => void,
  ) {
    this.db = db;
    this.shared = shared;
    this.#accounts = accounts;
    this.#tables = tables;
    this.#undo = undo;
  }

  /** `url`: a database that is migrated and that nobody else uses. */
  static async open(url: string): Promise<MoneyStage> {
    const undo = planStatementsOnce();
    const db = openDatabase(url, { applicationName: 'money stories', max: 1, connectTimeoutMs: 120_000 });
    must(await openInstallation(db, 'sandbox', beginsAt));
    const [clock, random] = [new StoryClock(beginsAt), seededRandomBytes('stage')];
    const ids = createIds(clock, random);
    const key = createHash('sha256').update('stories').digest('base64');
    const master = must(masterKeyFrom(new Secret(`liushui-master-key-1 ${key}`)));
    const keyring = createKeyring({ master, store: createKeyStore(db), clock, ids, random });
    await keyring.prepare(beginsAt);
    const shared = { channels: moneyChannels(), keyring, metrics: createMetrics({ ofProcess: false }) };
    const accounts = await db.transaction(async (tx) => {
      const sql = `insert into merchants (id, name_zh, name_en, created_at) values ($1, '', '', now()) on conflict do nothing`;
      await tx.query(sql, [merchant]);
      const users = Object.values(people).map(({ userId: id, name, roles, merchants }) => ({
        id,
        name,
        roles,
        merchants,
      }));
      await foundUsers(tx, users, systemActor, { at: beginsAt, ids });
      const made: Record<string, string> = {};
      for (const { manifest } of shared.channels.all()) {
        const given = { merchantId: merchant, channel: manifest.id, name: manifest.id, settings: {}, secrets: {} };
        made[manifest.id] = must(await addAccount(tx, { ...shared, db, ids, clock }, given)).id;
      }
      return made;
    });
    return new MoneyStage(db, shared, accounts, await storyTables(db), undo);
  }

  accountOf(channel: StoryChannel): string {
    return this.#accounts[channel] ?? '';
  }

  /** Everything that a story wrote is taken away; people, accounts and keys stay. */
  async clear(): Promise<StoryClock> {
    await this.db.query(`truncate ${this.#tables.join(', ')}`);
    await this.db.query(
      `update lanes set next_free_at = $1, failures = 0, closed_until = null, calls_per_second = case when account_id is null then calls_per_second else 100000 end,
         paused_at = case when operation like any(array['pay.%', 'refund.%', 'payments.%']) then null else $1::timestamptz end`,
      [new Date(beginsAt).toISOString()],
    );
    await this.db.query(plans('off'));
    return new StoryClock(beginsAt);
  }

  /** For what reads whole tables. */
  async overAll<T>(look: () => Promise<T>): Promise<T> {
    await this.db.query(plans('on'));
    try {
      return await look();
    } finally {
      await this.db.query(plans('off'));
    }
  }

  async close(): Promise<void> {
    await this.db.close();
    this.#undo();
  }
}
