import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { connectionOf } from './db.ts';
import type { Tx } from './db.ts';

/**
 * Hands the rows of `COPY … TO STDOUT` to `take`, as bytes, one chunk after the other: memory stays flat whatever the table's size.
 * Returns how many rows there were. When `take` throws, the connection is given up: PostgreSQL cannot be told to stop in the middle.
 */
export async function copyOut(tx: Tx, statement: string, take: (chunk: Buffer) => Promise<void>): Promise<number> {
  const client = connectionOf(tx);
  const rows = client.query(copyTo(statement));
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, settle) => void take(chunk).then(() => settle(), settle),
  });
  try {
    await pipeline(rows, sink);
    return rows.rowCount;
  } catch (error) {
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    throw error;
  }
}

/** Feeds bytes to `COPY … FROM STDIN`. Returns how many rows were taken. An error of either side aborts the transaction. */
export async function copyIn(tx: Tx, statement: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  const rows = connectionOf(tx).query(copyFrom(statement));
  await pipeline(chunks, rows);
  return rows.rowCount;
}
