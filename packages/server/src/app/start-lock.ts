import { Client } from 'pg';

/** One number for all installations: the lock lives in the database that it protects. */
const lockKey = 7788_2015;

export type StartLock = {
  /** Resolves when the database has gone away under us. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
};

/**
 * Held by the one process tree that serves a sandbox. It belongs to a connection, so a killed process gives it back by itself;
 * undefined while another process holds it.
 */
export async function takeStartLock(url: string): Promise<StartLock | undefined> {
  const client = new Client({ connectionString: url, application_name: 'liushui server', keepAlive: true });
  const lost = new Promise<void>((settle) => client.on('error', () => settle()));
  await client.connect();
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lockKey]);
  if (rows[0]?.taken) return { lost, release: () => client.end() };
  await client.end();
  return undefined;
}
