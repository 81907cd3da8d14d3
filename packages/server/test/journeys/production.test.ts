// Goal: production is founded by two people of whom neither ever holds the other's login; nothing less is taken.
// Method: the real program in processes of its own, each person with a data folder of their own, on an empty database.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { useDatabase } from '../kit/database.ts';

vi.setConfig({ testTimeout: 180_000 });

const own = useDatabase({ migrated: false });
const checkout = resolve(import.meta.dirname, '../../../..');
const program = join(checkout, 'packages/server/src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'liushui-production-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Told = { readonly exit: number; readonly all: string } & Readonly<Record<string, unknown>>;

/** One command of one person, with its one document. */
function by(person: string, ...words: string[]): Promise<Told> {
  const env = {
    ...{ ...process.env, NODE_COMPILE_CACHE: join(checkout, 'node_modules/.cache/compile') },
    ...{ DATABASE_URL: own.url, LIUSHUI_DATA: join(folder, person), LIUSHUI_LANG: 'en' },
    LIUSHUI_MASTER_KEY_FILE: join(folder, 'master.key'),
  };
  return new Promise((settle) => {
    execFile(process.execPath, [program, ...words, '--json'], { env, cwd: checkout }, (_error, stdout, stderr) => {
      settle({ ...(JSON.parse(stdout) as Record<string, unknown>), all: stdout + stderr } as Told);
    });
  });
}

const loginOf = (person: string): string => readFileSync(join(folder, person, 'login'), 'utf8').trim();
const claims: Record<string, string> = {};
const init = (...people: string[]): Promise<Told> =>
  by('wang', 'init', '--production', '--merchant', 'demo:示例:Demo', ...people.flatMap((person) => ['--user', person]));

test('everybody makes a login alone; only its claim leaves their hands', async () => {
  for (const person of ['wang', 'zhao', 'mallory']) {
    const made = await by(person, 'claim', 'make');
    claims[person] = String(made['claim']);
    expect(claims[person]).toMatch(/^ls_claim_[0-9a-f]{64}$/);
    expect(made.all).not.toContain(loginOf(person));
    expect(statSync(join(folder, person, 'login')).mode & 0o777).toBe(0o600);
  }
  expect(await by('wang', 'claim', 'make')).toMatchObject({ exit: 3, code: 'claim.login_kept' });
  expect(await by('zhao', 'claim', 'take')).toMatchObject({ ok: false, code: 'installation.missing' });
});

test('nothing is founded by one person, by one login for two, without names, roles that fit, claims or a merchant', async () => {
  const [wang, zhao] = [`wang:王:admin:${claims['wang']}`, `zhao:赵:checker:${claims['zhao']}`];
  const refused: readonly (readonly [string[], string])[] = [
    [[wang], 'user.too_few'],
    [[wang, wang], 'claim.no_pair'],
    [[wang, `zhao:王:checker:${claims['zhao']}`], 'claim.no_pair'],
    [[wang, `zhao:赵:maker:${claims['zhao']}`], 'claim.no_pair'],
    [[`wang:王:checker:${claims['wang']}`, zhao], 'claim.no_pair'],
    [[wang, `zhao:赵:checker:${claims['wang']}`], 'claim.twice'],
    [[wang, 'zhao:赵:checker'], 'usage.bad_input'],
    [[wang, `zhao::checker:${claims['zhao']}`], 'usage.bad_input'],
    [[wang, `zhao:赵:king:${claims['zhao']}`], 'usage.bad_input'],
    [[wang, `Z:赵:checker:${claims['zhao']}`], 'usage.bad_input'],
  ];
  for (const [people, code] of refused) expect([people, (await init(...people))['code']]).toEqual([people, code]);
  const nowhere = await by('wang', 'init', '--production', '--user', wang, '--user', zhao);
  expect(nowhere).toMatchObject({ exit: 2, code: 'usage.bad_input' });
  expect(await own.db.query('select from users')).toEqual([]);
  expect(await own.db.query('select from merchants')).toEqual([]);
});

test('the founder holds no login but their own, and each person comes in with theirs', async () => {
  const founded = await init(`wang:王:maker,admin:${claims['wang']}`, `zhao:赵:checker,admin:${claims['zhao']}`);
  expect(founded).toMatchObject({ ok: true, exit: 0, people: ['wang', 'zhao'], claims: 'waiting' });
  expect(founded.all).not.toMatch(/ls_cli_/);
  expect(await own.db.query('select from access_tokens')).toEqual([]);
  expect(await init(`a:甲:admin:${claims['wang']}`, `b:乙:admin:${claims['zhao']}`)).toMatchObject({
    code: 'user.founded_already',
  });

  expect(await by('wang', 'whoami')).toMatchObject({ code: 'auth.token_invalid' });
  expect(await by('mallory', 'claim', 'take')).toMatchObject({ code: 'claim.unknown' });
  expect(await by('wang', 'claim', 'take')).toMatchObject({ ok: true, user: 'wang' });
  expect(await by('wang', 'doctor')).toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ name: 'people', state: 'fail' })]),
  });
  expect(await by('zhao', 'claim', 'take')).toMatchObject({ ok: true, user: 'zhao' });
  expect(await by('zhao', 'claim', 'take')).toMatchObject({ code: 'claim.taken' });
  expect(await by('zhao', 'whoami')).toMatchObject({
    user: 'zhao',
    born_as: 'production',
    roles: ['checker', 'admin'],
  });
});

test('from then on a change takes both of them', async () => {
  const words = ['users', 'add', 'sun', '--name', '孙', '--roles', 'maker', '--merchants', 'demo'];
  const asked = await by('wang', ...words);
  expect(asked).toMatchObject({ ok: true, exit: 4, state: 'asked' });
  const approval = String(asked['approval']);
  expect(await by('wang', 'approvals', 'approve', approval)).toMatchObject({ code: 'approval.maker_is_checker' });
  expect(await by('zhao', 'approvals', 'approve', approval)).toMatchObject({ ok: true });
  expect(await by('wang', ...words, '--approval', approval)).toMatchObject({ ok: true, user: 'sun' });
});

test('the doctor tells that both took their logins from one account, as this test did', async () => {
  const { findings } = (await by('zhao', 'doctor')) as unknown as {
    findings: { name: string; state: string; en: string }[];
  };
  expect(findings.find(({ en }) => en.startsWith('more than one person took a login as'))).toMatchObject({
    state: 'warn',
  });
});
