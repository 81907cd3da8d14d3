import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { tableLimits } from './table.ts';

/** What the archive inflates to is counted while inflating: its own directory may lie about sizes. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

const entriesMax = 2_000;

export type Parts = ReadonlyMap<string, Buffer>;

/**
 * Inflates the parts of a zip archive that `wanted` names, in memory.
 * Throws `TooLarge` beyond the limits, and any other error for what is no readable archive.
 */
export async function unzip(bytes: Uint8Array, wanted: (path: string) => boolean): Promise<Parts> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const archive = await yauzl.fromBufferPromise(buffer, { lazyEntries: true });
  if (archive.entryCount > entriesMax) throw new TooLarge();
  const parts = new Map<string, Buffer>();
  let inflated = 0;
  for await (const entry of archive.eachEntry()) {
    if (!wanted(entry.fileName)) continue;
    const part = await inflate(await archive.openReadStreamPromise(entry), tableLimits.inflatedBytes - inflated);
    inflated += part.length;
    parts.set(entry.fileName, part);
  }
  return parts;
}

async function inflate(stream: Readable, allowed: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const piece = chunk as Buffer;
    size += piece.length;
    if (size > allowed) throw new TooLarge();
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}
