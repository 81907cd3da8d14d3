// Goal: what an administrator types on a bad day works, and in production never by one person alone.
// Method: the real program in processes of its own on a database born production; a second, empty one to restore into.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import { foundUsers, issueToken, systemActor } from '../../src/identity/index.ts';
import type { NewUser } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { systemRandomBytes } from '../../src/platform/ids.ts';
import { ensureMasterKey } from '../../src/platform/keys-master.ts';
import { useDatabase } from '../kit/database.ts';
import { good } from './steps.ts';

// Processes start slowly on a busy machine; nothing here waits for time to pass.
vi.setConfig({ testTimeout: 240_000 });

const own = useDatabase();
const empty = useDatabase({ migrated: false });
const checkout = resolve(import.meta.dirname, '../../../..');
const program = join(checkout, 'packages/server/src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'liushui-ops-'));
const keyFile = join(folder, 'master.key');
const phrase = join(folder, 'phrase');
const backups = join(folder, 'backups');
const people: NewUser[] = [
  { id: 'chen', name: '陈', roles: ['admin', 'maker'], merchants: ['*'] },
  { id: 'zhao', name: '赵', roles: ['checker'], merchants: ['*'] },
];
const tokens: Record<string, string> = {};
let lane: string;

beforeAll(async () => {
  mkdirSync(backups);
  writeFileSync(phrase, 'correct horse battery staple\n');
  good(ensureMasterKey(keyFile, systemRandomBytes));
  const { db } = own;
  const installation = good(await openInstallation(db, 'production', Date.now() as Instant));
  const listen = { host: '127.0.0.1', port: 0 };
  const config = { dataFolder: folder, lang: 'en', colour: false, accessible: true, listen, masterKeyFile: keyFile };
  const app = good(
    await openApp({ config: { ...config, lang: 'en' }, db, installation, logTo: 'stderr', logLevel: 'error' }),
  );
  await db.transaction(async (tx) => {
    const stamp = { at: app.clock.now(), ids: app.customs.ids };
    await tx.query(`insert into merchants (id, name_zh, name_en, created_at) values ('demo', '', '', now())`);
    good(await foundUsers(tx, people, systemActor, stamp));
    const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
    const wish = {
      kind: 'cli',
      label: 't',
      scopes: [],
      merchants: ['*'],
      ipAllow: [],
      expiresInMs: undefined,
    } as const;
    for (const { id } of people)
      tokens[id] = good(await issueToken(tx, { ...wish, userId: id }, change, app.tokens, stamp)).token;
    const settings = { partner: '2088000000000001', gateway_url: 'https://gateway.example/gateway.do' };
    const secrets = { md5_key: new Secret('a'.repeat(32)) };
    const account = { merchantId: 'demo', channel: 'alipay', name: 'a', settings, secrets };
    lane = `${good(await addAccount(tx, app.customs, account)).id}/customs.declare`;
  });
  await app.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

type Told = { readonly exit: number; readonly json: Record<string, unknown> };

function liushui(as: string, words: string, env: Record<string, string> = {}): Promise<Told> {
  // The cache that the launcher uses: without it each process compiles everything anew.
  const cache = { NODE_COMPILE_CACHE: join(checkout, 'node_modules/.cache/compile') };
  const settings = {
    DATABASE_URL: own.url,
    LIUSHUI_DATA: folder,
    LIUSHUI_MASTER_KEY_FILE: keyFile,
    LIUSHUI_LANG: 'en',
  };
  const options = { env: { ...process.env, ...cache, ...settings, LIUSHUI_TOKEN: tokens[as] ?? '', ...env } };
  return new Promise((settle, reject) => {
    const child = execFile(
      process.execPath,
      [program, ...words.split(' '), '--json'],
      options,
      (_error, stdout, stderr) => {
        try {
          settle({ exit: child.exitCode ?? -1, json: JSON.parse(stdout) as Record<string, unknown> });
        } catch {
          reject(new Error(`${words}: ${stdout}${stderr}`));
        }
      },
    );
    child.stdin?.end();
  });
}

test('the master key is changed by two people, escrowed, and everything opens at the end', async () => {
  const before = readFileSync(keyFile, 'utf8');
  const asked = await liushui('chen', 'keys rotate --reason yearly');
  expect(asked).toMatchObject({ exit: 4, json: { state: 'asked' } });
  expect(readFileSync(keyFile, 'utf8')).toBe(before);
  const approval = String(asked.json['approval']);
  expect((await liushui('chen', `approvals approve ${approval}`)).json['code']).toBe('approval.maker_is_checker');
  expect(await liushui('zhao', `approvals approve ${approval}`)).toMatchObject({ exit: 0 });
  const rotated = await liushui('chen', `keys rotate --approval ${approval}`);
  expect(rotated).toMatchObject({ exit: 0 });
  expect(rotated.json['after']).not.toBe(rotated.json['before']);
  expect(readFileSync(keyFile, 'utf8')).not.toBe(before);
  const escrow = join(folder, 'escrow.json');
  const fingerprint = rotated.json['after'];
  const into = `keys escrow --to ${escrow} --passphrase-file ${phrase}`;
  expect(await liushui('chen', into)).toMatchObject({ exit: 0, json: { fingerprint } });
  expect((await liushui('chen', into)).json['code']).toBe('keys.file_exists');
  expect(await liushui('chen', `keys escrow check ${escrow} --passphrase-file ${phrase}`)).toMatchObject({
    json: { fingerprint, opens: true },
  });
  const back = join(folder, 'back.key');
  await liushui('chen', `keys escrow open ${escrow} --to ${back} --passphrase-file ${phrase}`);
  expect(readFileSync(back, 'utf8')).toBe(readFileSync(keyFile, 'utf8'));
  const checked = await liushui('chen', 'keys check --forget-previous');
  expect(checked).toMatchObject({ exit: 0, json: { fingerprint, data_keys: { closed: [] }, sealed: { broken: [] } } });
  expect(existsSync(`${keyFile}.previous`)).toBe(false);
  const acts = await own.db.query<{ act: string }>(`select act from audit_entries where act like 'keys.%' order by at`);
  expect(acts.map(({ act }) => act)).toEqual(['keys.rotated', 'keys.escrowed', 'keys.escrow_checked', 'keys.checked']);
});

test('a backup goes into an empty database, and somebody else than who restored lets its lanes send', async () => {
  const taken = await liushui('chen', `backup --to ${backups}`);
  expect(taken).toMatchObject({ exit: 0, json: { epoch: 1, born_as: 'production' } });
  const file = String(taken.json['file']);
  expect(await liushui('', `backup check ${file}`)).toMatchObject({
    exit: 0,
    json: { whole: true, sha256: taken.json['sha256'] },
  });
  expect((await liushui('zhao', `backup --to ${backups}`)).json['code']).toBe('auth.role_missing');
  const there = { DATABASE_URL: empty.url };
  const restore = `restore ${file} --reason moved`;
  expect((await liushui('', restore, there)).json['code']).toBe('auth.login_required');
  expect((await liushui('chen', `restore ${file}`, there)).json['code']).toBe('restore.reason_missing');
  expect((await liushui('zhao', restore, there)).json['code']).toBe('auth.role_missing');
  expect((await liushui('chen', restore)).json['code']).toBe('restore.not_empty');
  const other = join(folder, 'other.key');
  good(ensureMasterKey(other, systemRandomBytes));
  expect(await liushui('chen', restore, { ...there, LIUSHUI_MASTER_KEY_FILE: other })).toMatchObject({
    json: { code: 'restore.master_key_missing', params: { fingerprint: taken.json['master_key'] } },
  });
  const restored = await liushui('chen', restore, there);
  expect(restored).toMatchObject({ exit: 0, json: { epoch: 2, tokens_valid: 2 } });
  expect(restored.json['lanes_paused']).toContain(lane);
  const alone = await liushui('chen', `lanes resume ${lane}`, there);
  expect(alone).toMatchObject({ exit: 3, json: { code: 'lane.resume_needs_another', params: { by: 'chen' } } });
  expect((await liushui('chen', `lanes pause ${lane} --reason mine`, there)).exit).toBe(0);
  expect((await liushui('chen', `lanes resume ${lane}`, there)).json['code']).toBe('lane.resume_needs_another');
  expect((await liushui('zhao', `lanes resume ${lane} --reason looked`, there)).exit).toBe(0);
  expect((await liushui('chen', `lanes pause ${lane}`, there)).exit).toBe(0);
  expect((await liushui('chen', `lanes resume ${lane}`, there)).exit).toBe(0);
});
