import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, parse, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StartRefused, useYourOwnServer } from './postgres-refused.ts';

/** Who runs PostgreSQL. `switchTo` is set when we are root, whom PostgreSQL refuses. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number; readonly switchTo: boolean };

const run = promisify(execFile);

/** Reads /etc/passwd lines, `name:x:uid:gid:…` (passwd(5)). */
export function parsePasswd(text: string): { name: string; uid: number; gid: number }[] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter((field) => field.length >= 4)
    .map((field) => ({ name: field[0] ?? '', uid: Number(field[2]), gid: Number(field[3]) }));
}

async function namedAccounts(): Promise<{ name: string; uid: number; gid: number }[]> {
  return parsePasswd(await readFile('/etc/passwd', 'utf8').catch(() => ''));
}

async function createAccount(): Promise<void> {
  const command = [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
  ];
  await run('useradd', [...command, 'liushui']).catch(() => undefined);
}

async function accountForRoot(owner: number | undefined): Promise<Account> {
  const find = async (fits: (entry: { name: string; uid: number }) => boolean): Promise<Account | undefined> => {
    const entry = (await namedAccounts()).find(fits);
    return entry && { ...entry, switchTo: true };
  };
  if (owner !== undefined && owner !== 0) {
    const account = await find(({ uid }) => uid === owner);
    if (account) return account;
    throw new StartRefused(
      'postgres.owner_unknown',
      `The database folder belongs to uid ${owner}, which has no name on this machine. Give that uid a name (useradd --system --uid ${owner} liushui), ${useYourOwnServer}`,
      { uid: owner },
    );
  }
  if (!(await find(({ name }) => name === 'liushui'))) await createAccount();
  for (const wanted of ['liushui', 'postgres', 'nobody']) {
    const account = await find(({ name }) => name === wanted);
    if (account) return account;
  }
  throw new StartRefused(
    'postgres.no_account',
    `PostgreSQL refuses to run as root, and no unprivileged account could be made. Run useradd --system liushui, start Liushui as an ordinary user, ${useYourOwnServer}`,
  );
}

/** The account that runs the server: ourselves, or for root the owner of the data, then `liushui`, `postgres`, `nobody`. `owner` is the uid of existing data. */
export async function chooseAccount(owner: number | undefined): Promise<Account> {
  if (process.getuid?.() === 0) return accountForRoot(owner);
  let name: string;
  try {
    name = userInfo().username;
  } catch {
    throw new StartRefused(
      'postgres.account_unnamed',
      `PostgreSQL needs an account with a name, and uid ${process.getuid?.() ?? ''} has none in /etc/passwd. Run as a named user, ${useYourOwnServer}`,
    );
  }
  const uid = process.getuid?.() ?? 0;
  if (owner !== undefined && owner !== uid) {
    throw new StartRefused(
      'postgres.owner_other',
      `The database folder belongs to uid ${owner}, and you are ${name}. Start Liushui as its owner (or as root), choose another folder with --data, ${useYourOwnServer}`,
      { uid: owner },
    );
  }
  return { name, uid, gid: process.getgid?.() ?? 0, switchTo: false };
}

function ancestors(path: string): string[] {
  const chain: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    chain.unshift(at);
    if (at === parse(at).root) return chain;
  }
}

/** The first folder on the way to `path` (itself included) that the account may not pass, or undefined. Reads mode bits only, not ACLs. */
export async function firstClosedFolder(
  path: string,
  account: { uid: number; gid: number },
): Promise<string | undefined> {
  for (const folder of ancestors(path)) {
    const { mode, uid, gid } = await stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return folder;
  }
  return undefined;
}

/** A folder with other people's things in it is not ours to give away: `--data /var` must not lock everybody out of /var. */
async function refuseForeignFolder(path: string, account: Account): Promise<void> {
  const [there, inside] = await Promise.all([stat(path).catch(() => undefined), readdir(path).catch(() => [])]);
  if (!there || inside.length === 0 || there.uid === account.uid) return;
  throw new StartRefused(
    'postgres.folder_in_use',
    `The database cannot live in ${path}: it is not empty and does not belong to ${account.name}. Choose an empty folder with --data, ${useYourOwnServer}`,
    { folder: path, account: account.name },
  );
}

/** Makes the folder, private to the account, and checks that the account reaches it. */
export async function ownFolder(path: string, account: Account): Promise<void> {
  await refuseForeignFolder(path, account);
  const firstMade = await mkdir(path, { recursive: true, mode: 0o755 });
  if (firstMade !== undefined && account.switchTo) {
    const made = ancestors(path).filter((folder) => folder.length >= firstMade.length);
    for (const folder of made) await chmod(folder, 0o755); // a strict umask of root would lock the account out
  }
  if (account.switchTo) await chown(path, account.uid, account.gid);
  await chmod(path, 0o700);
  if (!account.switchTo) return;
  const closed = await firstClosedFolder(path, account);
  if (closed === undefined) return;
  throw new StartRefused(
    'postgres.folder_unreachable',
    `As root, PostgreSQL runs as the account ${account.name}, which may not pass ${closed}. Choose another folder, such as --data /var/lib/liushui, ${useYourOwnServer}`,
    { folder: closed, account: account.name },
  );
}
