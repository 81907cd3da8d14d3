import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** `postmaster.pid` of a cluster: the server that holds it, or held it when it was killed. */
export type Lock = { readonly pid: number; readonly port: number; readonly ready: boolean };

/** Lines as in PostgreSQL's miscadmin.h: pid, data directory, start time, port, socket directory, listen address, shared memory, status. */
export function parseLock(text: string): Lock | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) ? port : 0, ready: lines[7] === 'ready' };
}

export async function readLock(cluster: string): Promise<Lock | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  return parseLock(text);
}

/** Whether any process has this pid, a zombie or somebody else's included. */
export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether this pid is the living server of this cluster. After a restart of a container the pid of a stale lock file often
 * belongs to somebody else, and where nobody reaps, a killed server stays on as a zombie: neither is a server.
 */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  if (!pidExists(pid)) return false;
  if (process.platform === 'linux') {
    // A server works inside its data directory; the link of a zombie cannot be read.
    const at = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return at !== undefined && at === (await realpath(cluster).catch(() => cluster));
  }
  if (process.platform === 'win32') return true;
  const listing = await promisify(execFile)('ps', ['-o', 'stat=,command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return !listing.stdout.startsWith('Z') && listing.stdout.includes('postgres');
}

/** What is being made next to `path`; it is renamed when complete. The pid tells whose it is. */
export function halfMadeName(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}.part`;
}

/** Removes what processes left half-made that were killed. */
export async function removeHalfMade(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const maker = /\.(\d+)\.[0-9a-f]{8}\.part(\.password)?$/.exec(name)?.[1];
    if (maker !== undefined && !pidExists(Number(maker)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}
