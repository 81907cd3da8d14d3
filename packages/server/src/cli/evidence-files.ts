import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { openPackFile, showPack } from '../packs/index.ts';
import { ZipEntry, ZipWriter } from '../platform/tables/zip-writer.ts';
import type { Session } from './session.ts';

/** Only what every file system takes: a place is text from outside. */
const safe = (text: string): string => text.replace(/[^0-9A-Za-z_-]/g, '_').slice(0, 60);

/** Writes the files of a pack into a folder of its own, or into one archive. Returns where. */
export async function writePack(session: Session, packId: string, out: string, zip: boolean): Promise<Result<string>> {
  const shown = await showPack(session.customs, session.actor, packId);
  if (!shown.ok) return shown;
  const { pack, files } = shown.value;
  const path = join(out, `pack-for-${pack.receiver.kind}-${safe(pack.receiver.id)}`);
  const names = files.map(({ name }) => name);
  try {
    const written = zip
      ? await writeZip(session, packId, names, `${path}.zip`)
      : await writeFolder(session, packId, names, path);
    return written.ok ? done(zip ? `${path}.zip` : path) : written;
  } catch (error) {
    return unwritable(path, error);
  }
}

/** A file beside the packs. */
export async function writeBeside(out: string, name: string, content: string): Promise<Result<string>> {
  const path = join(out, name);
  try {
    await mkdir(out, { recursive: true });
    await writeFile(path, content);
    return done(path);
  } catch (error) {
    return unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): Result<never> {
  const problem = (error as NodeJS.ErrnoException).code;
  if (problem === undefined) throw error;
  return refuse('usage.bad_input', { field: '--out', value: path, problem }, '--out');
}

async function writeFolder(
  session: Session,
  packId: string,
  names: readonly string[],
  path: string,
): Promise<Result<void>> {
  for (const name of names) {
    const opened = await openPackFile(session.customs, session.actor, packId, name);
    if (!opened.ok) return opened;
    const target = join(path, ...name.split('/'));
    await mkdir(dirname(target), { recursive: true });
    await using file = await open(target, 'w');
    for await (const piece of opened.value.pieces) await file.write(piece);
  }
  return done(undefined);
}

async function writeZip(
  session: Session,
  packId: string,
  names: readonly string[],
  path: string,
): Promise<Result<void>> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(path, 'w');
  const waiting: Uint8Array[] = [];
  const zip = new ZipWriter((bytes) => void waiting.push(bytes));
  const drain = async (): Promise<void> => {
    for (const bytes of waiting.splice(0)) await file.write(bytes);
  };
  for (const name of names) {
    const opened = await openPackFile(session.customs, session.actor, packId, name);
    if (!opened.ok) return opened;
    const entry = new ZipEntry(name);
    for await (const piece of opened.value.pieces) entry.write(piece);
    zip.add(entry);
    await drain();
  }
  zip.end();
  await drain();
  return done(undefined);
}
