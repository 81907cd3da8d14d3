import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { done, refuse } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { digestLine, fileOf, manifestDigestName, manifestName, readManifest, sha256Of } from './manifest.ts';
import type { BackupManifest } from './manifest.ts';
import { readEntry, readTarIndex } from './tar.ts';
import type { TarEntry } from './tar.ts';
import type { Told } from './take.ts';

/** A backup whose every byte was compared with its digests. */
export type CheckedBackup = {
  readonly manifest: BackupManifest;
  /** Of the manifest: the name of this backup in audit trail and documents. */
  readonly sha256: string;
  /** The rows of a table, as COPY wrote them. */
  rowsOf(table: string): AsyncIterable<Buffer>;
  close(): Promise<void>;
};

/**
 * Opens a backup and reads it once from beginning to end. Needs no database. The caller closes it.
 * @returns refusals backup.file_unreadable, backup.not_a_backup, backup.damaged (names what differs).
 */
export async function checkBackup(path: string, told: Told): Promise<Result<CheckedBackup>> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    return refuse('backup.file_unreadable', { file: path, why: (error as { code?: string }).code ?? '' });
  }
  const checked = await checkOpen(path, file, told);
  if (!checked.ok) await file.close();
  return checked;
}

async function checkOpen(path: string, file: FileHandle, told: Told): Promise<Result<CheckedBackup>> {
  const damaged = (what: string): Result<never> => refuse('backup.damaged', { file: path, what });
  const index = await readTarIndex(file);
  if (!index) return (await looksLikeOurs(file)) ? damaged('end') : refuse('backup.not_a_backup', { file: path });
  const entries = new Map(index.map((entry) => [entry.name, entry]));
  const [text, line] = [entries.get(manifestName), entries.get(manifestDigestName)];
  if (!text || !line) return refuse('backup.not_a_backup', { file: path });
  const bytes = await wholeEntry(file, text);
  const sha256 = sha256Of(bytes);
  if ((await wholeEntry(file, line)).toString() !== digestLine(sha256)) return damaged(manifestName);
  const manifest = readManifest(bytes.toString());
  if (!manifest) return refuse('backup.not_a_backup', { file: path });
  const wrong = await firstWrong(file, manifest, entries, told);
  if (wrong !== undefined) return damaged(wrong);
  return done({
    ...{ manifest, sha256 },
    rowsOf: (table) => readEntry(file, entries.get(fileOf(table)) ?? { name: '', offset: 0, size: 0 }),
    close: () => file.close(),
  });
}

/** A backup that was cut off still begins with the head of its first table. */
async function looksLikeOurs(file: FileHandle): Promise<boolean> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  return bytesRead === 512 && /^[a-z_]+\.copy\0/.test(buffer.toString('latin1', 0, 100));
}

async function firstWrong(
  file: FileHandle,
  { tables }: BackupManifest,
  entries: ReadonlyMap<string, TarEntry>,
  told: Told,
): Promise<string | undefined> {
  const of = tables.reduce((sum, table) => sum + table.bytes, 0);
  let passed = 0;
  for (const { name, bytes, sha256 } of tables) {
    await told({ table: name, done: passed, of });
    const entry = entries.get(fileOf(name));
    if (entry?.size !== bytes || (await digestOf(file, entry)) !== sha256) return fileOf(name);
    passed += bytes;
  }
  return undefined;
}

async function digestOf(file: FileHandle, entry: TarEntry): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of readEntry(file, entry)) digest.update(piece);
  return digest.digest('hex');
}

async function wholeEntry(file: FileHandle, entry: TarEntry): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of readEntry(file, entry)) pieces.push(piece);
  return Buffer.concat(pieces);
}
