import type { FileHandle } from 'node:fs/promises';

/*
 * POSIX ustar (IEEE Std 1003.1-2008, pax, "ustar Interchange Format"): blocks of 512 bytes, one of them as head of each file, two of zeros
 * at the end. So that a backup can be looked into with the `tar` of any system, on the day when nothing of ours runs.
 */
const block = 512;
const largestOctal = 8 ** 11;

/** The head of one file. From 8 GiB on the size is binary, as GNU tar and libarchive write and read it. */
export function tarHead(name: string, size: number, seconds: number): Buffer {
  const head = Buffer.alloc(block);
  const put = (text: string, at: number): void => void head.write(text, at, 'latin1');
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  put(name, 0);
  put(`${octal(0o600, 7)}\0`, 100);
  put(`${octal(0, 7)}\0`, 108);
  put(`${octal(0, 7)}\0`, 116);
  if (size < largestOctal) put(`${octal(size, 11)}\0`, 124);
  else {
    head[124] = 0x80;
    head.writeBigUInt64BE(BigInt(size), 128);
  }
  put(`${octal(seconds, 11)}\0`, 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\0', 257);
  put('00', 263);
  put(`${octal(sumOf(head), 6)}\0 `, 148);
  return head;
}

/** The sum of the head's bytes, its own field taken as blanks. */
function sumOf(head: Buffer): number {
  return head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

/** How many bytes fill the last block of a file of this size. */
export function paddingOf(size: number): number {
  return (block - (size % block)) % block;
}

export type TarEntry = { readonly name: string; readonly offset: number; readonly size: number };

/** Reads all heads, without the files between them. Undefined when the file is no tar, or ends too early. */
export async function readTarIndex(file: FileHandle): Promise<TarEntry[] | undefined> {
  const { size: length } = await file.stat();
  const entries: TarEntry[] = [];
  const head = Buffer.alloc(block);
  for (let offset = 0; ;) {
    const { bytesRead } = await file.read(head, 0, block, offset);
    if (bytesRead < block) return undefined;
    if (head.every((byte) => byte === 0)) return entries;
    const entry = readHead(head, offset + block);
    if (!entry || entry.offset + entry.size > length) return undefined;
    entries.push(entry);
    offset = entry.offset + entry.size + paddingOf(entry.size);
  }
}

function readHead(head: Buffer, offset: number): TarEntry | undefined {
  const text = (from: number, to: number): string => head.toString('latin1', from, to).replace(/\0.*$/s, '').trim();
  if (Number.parseInt(text(148, 156), 8) !== sumOf(head)) return undefined;
  const size = head[124] === 0x80 ? Number(head.readBigUInt64BE(128)) : Number.parseInt(text(124, 136), 8);
  return Number.isSafeInteger(size) ? { name: text(0, 100), offset, size } : undefined;
}

/** The bytes of one file, in pieces. Ends early where the file is shorter than its head says: the digest tells. */
export async function* readEntry(file: FileHandle, { offset, size }: TarEntry): AsyncGenerator<Buffer> {
  const piece = 1 << 18;
  for (let at = 0; at < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(piece, size - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset + at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
