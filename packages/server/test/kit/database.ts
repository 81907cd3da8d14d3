import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import { openDatabase } from '../../src/platform/db.ts';
import type { Database } from '../../src/platform/db.ts';
import type { TestServer } from '../global-setup.ts';

export type TestDatabase = {
  readonly db: Database;
  /** For a second pool or another process on the same database. */
  readonly url: string;
};

/** The same database, with a schema of its own. */
export function withSearchPath(url: string, schema: string): string {
  const own = new URL(url);
  own.searchParams.set('options', `-csearch_path=${schema}`);
  return own.href;
}

async function askDoor(): Promise<TestServer> {
  const answer = await fetch(inject('testServerDoor'));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`no test database: ${text}`);
  return JSON.parse(text) as TestServer;
}

/**
 * Call it at the top of a test file: a fresh database for this file alone, migrated (or empty), dropped at the end.
 * `db` and `url` may be read from the first hook or test on.
 */
export function useDatabase({ migrated = true }: { readonly migrated?: boolean } = {}): TestDatabase {
  let current: TestDatabase | undefined;
  let drop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const { url, template, prefix } = await askDoor();
    const name = prefix + randomBytes(6).toString('hex');
    const admin = openDatabase(url, { applicationName: 'test kit', max: 1 });
    const from = migrated ? `"${template}"` : `template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`;
    await admin.query(`CREATE DATABASE "${name}" TEMPLATE ${from}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    const db = openDatabase(own.href, { applicationName: 'test', max: 8 });
    current = { db, url: own.href };
    drop = async () => {
      await db.close();
      await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      await admin.close();
    };
  }, 120_000); // the first file of a run waits for the server
  afterAll(async () => drop?.());
  const made = (): TestDatabase => {
    if (!current)
      throw new Error('the database is made in beforeAll: read it in a hook or a test, not while the file loads');
    return current;
  };
  return {
    get db() {
      return made().db;
    },
    get url() {
      return made().url;
    },
  };
}
