import { AsyncLocalStorage } from 'node:async_hooks';
import type { Duplex } from 'node:stream';
// tidy-allow sleep: a lost connection comes back in real time, also while a sandbox clock stands
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool, types } from 'pg';
import type { ClientConfig, CustomTypesConfig, PoolClient, PoolConfig, QueryConfig, QueryResult } from 'pg';
import { assert } from '../kernel/index.ts';
import type { Brand, Instant } from '../kernel/index.ts';

export type Row = Record<string, unknown>;

export type Queryable = {
  /** Runs one statement. A conflict that is to be expected belongs into the statement (ON CONFLICT, RETURNING): an error aborts the transaction. */
  query<R extends Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
};

/** An open transaction. It is over when the function it was given to returns; any later use is a bug. */
export type Tx = Brand<Queryable, 'Tx'>;

export type Database = Queryable & {
  /**
   * READ COMMITTED; commits when `work` resolves, rolls back when it throws. It never runs `work` a second time.
   * If the connection is lost during COMMIT, nobody knows whether it took place: the error passes through (`isConnectionLost`).
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** The same for work that copies (platform/copy.ts), on a connection that does one thing at a time. */
  copying<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Calls `onPayload` for each NOTIFY on the channel. A hint only: what is sent while the connection is down is lost. */
  listen(channel: string, onPayload: (payload: string) => void): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
};

export type TransactionOptions = {
  /**
   * All its statements find their rows by keys: one plan fits lists of any length. Left to itself PostgreSQL plans a kept statement anew each
   * time, as it takes a list of unknown length for longer than most are (manual, `plan_cache_mode`).
   */
  readonly byKeys?: boolean;
};

export type DatabaseOptions = {
  readonly applicationName: string;
  /** Connections at most. */
  readonly max: number;
  /** Limit of waiting for a connection; 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** Limit of one statement; 60 s unless told. 0 switches it off. */
  readonly statementTimeoutMs?: number;
  /** Limit of waiting for a lock; 10 s unless told. */
  readonly lockTimeoutMs?: number;
  /** Told of connections that broke while nobody used them. The next query simply gets a new one. */
  readonly onLostConnection?: (error: Error) => void;
};

type OpenTransaction = { open: boolean };

const openTransaction = new AsyncLocalStorage<OpenTransaction>();

/** True in code that runs on behalf of a transaction which is still open. The transport refuses to send then (architecture rule 2). */
export function insideTransaction(): boolean {
  return openTransaction.getStore()?.open === true;
}

let lastWritten: { readonly at: Instant; readonly text: string } | undefined;

/** An Instant as a parameter for a timestamptz. The rows of a list mostly share their moments, and writing one costs more than all else of a row. */
export function timestamp(at: Instant): string {
  if (lastWritten?.at === at) return lastWritten.text;
  if (at === Infinity) return 'infinity';
  if (at === -Infinity) return '-infinity';
  const text = new Date(at).toISOString();
  lastWritten = { at, text };
  return text;
}

/** Reads `2026-11-21 21:50:00.123456+00`, whatever the offset of the session. Microseconds are cut, not rounded. */
export function parseTimestamptz(text: string): Instant {
  if (text === 'infinity') return Infinity as Instant;
  if (text === '-infinity') return -Infinity as Instant;
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*([+-]\d\d)(:\d\d)?$/.exec(text);
  const at = match ? Date.parse(`${match[1]}T${match[2]}${match[3]}${match[4] ?? ':00'}`) : NaN;
  assert(!Number.isNaN(at), `unreadable timestamptz ${text}`);
  return at as Instant;
}

const textArrayOid = 1009;
const builtIn = types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (text: string) => unknown;

const asText = (text: string): string => text;

function arrayOf<T>(readItem: (text: string) => T): (text: string) => (T | null)[] {
  const readArray = builtIn(textArrayOid, 'text') as (text: string) => (string | null)[];
  return (text) => readArray(text).map((item) => (item === null ? null : readItem(item)));
}

/** By type oid (PostgreSQL catalogue `pg_type`): exact numbers and dates never pass through a float or a Date. */
const parsers = new Map<number, (text: string) => unknown>([
  [20, BigInt], // int8
  [1082, asText], // date
  [1114, asText], // timestamp
  [1184, parseTimestamptz],
  [1186, asText], // interval
  [1700, asText], // numeric
  [1016, arrayOf(BigInt)],
  [1182, arrayOf(asText)],
  [1115, arrayOf(asText)],
  [1185, arrayOf(parseTimestamptz)],
  [1187, arrayOf(asText)],
  [1231, arrayOf(asText)],
]);

const typeParsers: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers.get(oid)) || builtIn(oid, format)) as CustomTypesConfig['getTypeParser'],
};

type Listener = {
  readonly onPayload: (payload: string) => void;
  readonly onLostConnection?: ((error: Error) => void) | undefined;
};

function connectionConfig(url: string, options: DatabaseOptions): ClientConfig {
  return {
    connectionString: url,
    application_name: options.applicationName,
    types: typeParsers,
    keepAlive: true,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    statement_timeout: options.statementTimeoutMs ?? 60_000,
    lock_timeout: options.lockTimeoutMs ?? 10_000,
    idle_in_transaction_session_timeout: 60_000,
  };
}

/** A text of several statements has several results, which the driver's types do not tell: the last one counts. */
function rowsOf<R extends Row>(result: QueryResult<R> | QueryResult<R>[]): R[] {
  return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? [];
}

const keptNames = new Map<string, string>();

/**
 * Marks a text that runs all the time: each connection keeps its plan. It names the columns that it returns: PostgreSQL refuses a kept
 * plan whose `*` means something else by now, and a newer program may add columns while this one runs.
 */
export function kept(text: string): string {
  if (!keptNames.has(text)) keptNames.set(text, `kept_${keptNames.size}`);
  return text;
}

function statementOf(text: string, values: readonly unknown[]): QueryConfig {
  const name = keptNames.get(text);
  return { ...(name === undefined ? {} : { name }), text, values: [...values] };
}

/** What is asked in one turn leaves in one write: each write wakes the other side, which costs more than many a statement. */
function holdWrites(client: PoolClient): () => void {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  let held = false;
  return () => {
    if (held) return;
    held = true;
    stream.cork();
    process.nextTick(() => {
      held = false;
      stream.uncork();
    });
  };
}

/** One after the other, as one connection can only do one thing at a time; those that nobody waits for in between travel together. */
function inLine(client: PoolClient, state: OpenTransaction): Queryable & { idle(): Promise<unknown> } {
  let last: Promise<unknown> = Promise.resolve();
  const together = holdWrites(client);
  const run = async <R extends Row>(text: string, values: readonly unknown[]): Promise<R[]> =>
    rowsOf(await client.query<R>(statementOf(text, values)));
  return {
    query<R extends Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
      assert(state.open, 'a transaction was used after its end');
      together();
      const answer = run<R>(text, values);
      last = answer.catch(() => undefined); // the last one sent is the last one answered
      return answer;
    },
    idle: () => last,
  };
}

const connections = new WeakMap<Queryable, PoolClient>();

/** The connection under a transaction, for what is no statement with rows (platform/copy.ts). The transaction waits for it meanwhile. */
export function connectionOf(tx: Tx): PoolClient {
  const client = connections.get(tx);
  assert(client, 'this is no transaction of ours');
  return client;
}

const beginByKeys = 'BEGIN; SET LOCAL plan_cache_mode = force_generic_plan';

async function runTransaction<T>(
  client: PoolClient,
  work: (tx: Tx) => Promise<T>,
  { byKeys = false }: TransactionOptions,
): Promise<T> {
  const state = { open: true };
  const line = inLine(client, state);
  connections.set(line, client);
  const begun = line.query(byKeys ? beginByKeys : 'BEGIN');
  // Told when `work` is over. Without its BEGIN nothing more may be asked: it would be committed statement by statement.
  begun.catch(() => (state.open = false));
  try {
    const value = await openTransaction.run(state, () => work(line as Queryable as Tx));
    state.open = false;
    await begun;
    await line.idle(); // statements that `work` did not await: none of them may run after COMMIT
    const { command } = await client.query('COMMIT');
    // PostgreSQL answers COMMIT of an aborted transaction with the tag ROLLBACK and no error.
    assert(command === 'COMMIT', 'the transaction was aborted by an error that its work swallowed');
    return value;
  } finally {
    state.open = false;
  }
}

async function transaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
  assert(!insideTransaction(), 'a transaction inside a transaction: pass the outer one on');
  const client = await pool.connect();
  try {
    const value = await runTransaction(client, work, options);
    client.release();
    return value;
  } catch (error) {
    const lost = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(lost);
    throw error;
  }
}

async function listen(config: ClientConfig, channel: string, listener: Listener): Promise<{ stop(): Promise<void> }> {
  let stopped = false;
  let client: Client | undefined;
  const connect = async (): Promise<void> => {
    const next = new Client(config);
    next.on('error', (error) => listener.onLostConnection?.(error));
    next.on('notification', (message) => listener.onPayload(message.payload ?? ''));
    await next.connect();
    client = next;
    next.once('end', () => void reconnect());
    await next.query(`LISTEN ${next.escapeIdentifier(channel)}`);
    if (stopped) await next.end();
  };
  const reconnect = async (): Promise<void> => {
    while (!stopped) {
      if (
        await connect().then(
          () => true,
          () => false,
        )
      )
        return;
      await delay(1000, undefined, { ref: false });
    }
  };
  await connect();
  return {
    async stop() {
      stopped = true;
      await client?.end().catch(() => undefined);
    },
  };
}

/** Opens a pool. Nothing is connected before the first query. */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const config = connectionConfig(url, options);
  const openPool = (more: Partial<PoolConfig>): Pool => {
    const pool = new Pool({ ...config, idleTimeoutMillis: 30_000, ...more });
    pool.on('error', (error) => options.onLostConnection?.(error));
    // The pool looks after idle connections only. One that breaks in our hands tells it to the statement; unheard it would end the process too.
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  };
  const pool = openPool({ max: options.max, pipeline: true });
  let copyPool: Pool | undefined; // COPY cannot share a connection with statements that follow it unasked
  const listeners = new Set<{ stop(): Promise<void> }>();
  return {
    query: async <R extends Row>(text: string, values: readonly unknown[] = []): Promise<R[]> =>
      rowsOf(await pool.query<R>(statementOf(text, values))),
    transaction: (work, options) => transaction(pool, work, options),
    copying: (work) => transaction((copyPool ??= openPool({ max: 1 })), work),
    async listen(channel, onPayload) {
      const listener = await listen(config, channel, { onPayload, onLostConnection: options.onLostConnection });
      listeners.add(listener);
      return listener;
    },
    async close() {
      await Promise.all([...listeners].map((listener) => listener.stop()));
      await Promise.all([pool.end(), copyPool?.end()]);
    },
  };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A value that the database cannot take, such as a number out of its range (SQLSTATE class 22): the fault of one item, not of its list. */
export function isDataError(error: unknown): boolean {
  return codeOf(error)?.startsWith('22') === true;
}

/** The transaction lost against another one and may be run again: serialization_failure, deadlock_detected. */
export function isSerializationFailure(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

const socketErrors = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ENOENT',
]);
const shutdownStates = new Set(['57P01', '57P02', '57P03', '25P03']);

/** The server went away, or we never reached it. Whether a COMMIT under way took place is unknown. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return code.startsWith('08') || shutdownStates.has(code) || socketErrors.has(code);
  // The driver's own errors carry no code.
  return (
    error instanceof Error &&
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      error.message,
    )
  );
}

/** A unique key was hit: of the named constraint, or of any. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}
