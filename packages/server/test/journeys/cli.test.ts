// Goal: the command line as a script meets it: one document, exit codes, both languages, on a database that somebody else runs.
// Method: the real program in a process of its own against a database of this file; logins are made beside it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import { foundUsers, issueToken, systemActor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import { writeSandboxClock } from '../../src/platform/clock.ts';
import { useDatabase } from '../kit/database.ts';
import { at, md5Key, partner } from '../kit/world.ts';

// Processes start slowly on a busy machine; nothing here waits for time to pass.
vi.setConfig({ testTimeout: 180_000 });

const own = useDatabase();
const checkout = resolve(import.meta.dirname, '../../../..');
const program = join(checkout, 'packages/server/src/cli/main.ts');
const examples = join(checkout, 'docs/examples/2015-10-28');
const folder = mkdtempSync(join(tmpdir(), 'liushui-cli-'));
const tokens: Record<string, string> = {};

beforeAll(async () => {
  const { db } = own;
  const start = at('2015-10-28 16:20:00');
  await writeSandboxClock(db, start, true);
  const installation = await openInstallation(db, 'sandbox', start);
  if (!installation.ok) throw new Error(installation.refusal.code);
  const listen = { host: '127.0.0.1', port: 0 };
  const config = { dataFolder: folder, lang: 'en', colour: false, accessible: true, listen } as const;
  const common = { config, db, installation: installation.value } as const;
  const opened = await openApp({ ...common, logTo: 'stderr', logLevel: 'error' });
  if (!opened.ok) throw new Error(opened.refusal.code);
  const app = opened.value;
  await db.transaction(async (tx) => {
    const stamp = { at: app.clock.now(), ids: app.customs.ids };
    await tx.query(
      `insert into merchants (id, name_zh, name_en, created_at) values ('demo', '示例商城', 'Demo', now())`,
    );
    await foundUsers(
      tx,
      [
        { id: 'wang', name: '王', roles: ['maker', 'checker'], merchants: ['demo'] },
        { id: 'zhao', name: '赵', roles: ['checker'], merchants: ['demo'] },
        { id: 'chen', name: '陈', roles: ['admin'], merchants: ['*'] },
      ],
      systemActor,
      stamp,
    );
    const gateway = { partner, gateway_url: 'http://127.0.0.1:9/gateway.do' };
    const secrets = { md5_key: new Secret(md5Key) };
    await addAccount(tx, app.customs, { merchantId: 'demo', channel: 'alipay', name: 't', settings: gateway, secrets });
    const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
    const wish = {
      kind: 'cli',
      label: 't',
      scopes: [],
      merchants: ['*'],
      ipAllow: [],
      expiresInMs: undefined,
    } as const;
    for (const userId of ['wang', 'zhao', 'chen']) {
      const issued = await issueToken(tx, { ...wish, userId }, change, app.tokens, stamp);
      if (issued.ok) tokens[userId] = issued.value.token;
    }
  });
  await app.close();
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ran = { readonly exit: number; readonly stdout: string; readonly stderr: string };

function liushui(words: readonly string[], more: Record<string, string> = {}, input = ''): Promise<Ran> {
  // The cache that the launcher uses: without it each process compiles everything anew.
  const cache = { NODE_COMPILE_CACHE: join(checkout, 'node_modules/.cache/compile') };
  const env = { ...process.env, ...cache, DATABASE_URL: own.url, LIUSHUI_DATA: folder, LIUSHUI_LANG: 'en', ...more };
  return new Promise((settle) => {
    const child = execFile(process.execPath, [program, ...words], { env, cwd: checkout }, (error, stdout, stderr) => {
      settle({ exit: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

const as = (user: string): Record<string, string> => ({ LIUSHUI_TOKEN: tokens[user] ?? '' });
const json = ({ stdout }: Ran): Record<string, unknown> => {
  expect(stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
};

test('the real list of 25 rows is taken as it is, and the hour is named', async () => {
  const paid = await liushui(['import', 'payments', join(examples, 'payments.csv'), '--json'], as('wang'));
  expect(json(paid)).toMatchObject({ ok: true, exit: 0, rows: 35, adopted: 35, cannot_be_asked: 0, problems: [] });
  const first = await liushui(['customs', 'import', join(examples, 'port-list-1.txt'), '--json'], as('wang'));
  expect(first.exit).toBe(0);
  expect(json(first)).toMatchObject({
    ...{ ok: true, rows: 25, kept: 25, duplicate: 0, unknown: 0, problems: [], released: 6, stuck: 19 },
    report: 'R-20151028-1',
    separating_dimension: { name: 'hour', stuck: '19:45-20:11', released: '11:12-16:19' },
    next: 'liushui customs triage R-20151028-1',
  });
  const second = await liushui(['customs', 'import', join(examples, 'port-list-2.txt'), '--json'], as('wang'));
  expect(json(second)).toMatchObject({ rows: 10, kept: 10, unknown: 0, stuck: 10, report: 'R-20151028-2' });
  const again = await liushui(['customs', 'import', join(examples, 'port-list-1.txt')], as('wang'));
  expect(again.stdout).toContain('19 stuck, 6 released. What separates them is the hour: stuck 19:45-20:11');
  expect(again.stdout).toContain('nothing was added twice');
  const zh = await liushui(['customs', 'reports'], { ...as('wang'), LIUSHUI_LANG: 'zh' });
  expect(zh.stdout).toContain('port-list-2.txt');
  expect(zh.stdout).toContain('下一步');
});

test('a list from standard input is read like a file', async () => {
  const list = 'order_no,waybill_no\n2015102720071011005551292,1132703583706\n';
  const ran = await liushui(['customs', 'import', '-', '--as', 'status-only', '--json'], as('wang'), list);
  expect(json(ran)).toMatchObject({ ok: true, file: 'stdin', as: 'status_only', rows: 1, kept: 1 });
});

test('nobody approves their own plan: refused, exit 3, the same words in one document', async () => {
  // The plan is made beside the program: asking a channel is another journey's subject.
  const asked = await own.db.query<{ id: string }>(
    `insert into approvals (id, merchant_id, command, subject, input, digest, state, maker, asked_at, lapses_at)
     values ('A-900', 'demo', 'users.change', 'x', '{}', 'd', 'asked', 'chen', '2015-10-28T08:20:00Z', '2015-10-29T08:20:00Z')
     returning id`,
  );
  expect(asked).toHaveLength(1);
  const refused = await liushui(['approvals', 'approve', 'A-900', '--json'], as('chen'));
  expect(refused.exit).toBe(3);
  expect(json(refused)).toMatchObject({ ok: false, exit: 3, code: 'approval.maker_is_checker', money: 'not_moved' });
  const words = await liushui(['approvals', 'approve', 'A-900'], { ...as('chen'), LIUSHUI_LANG: 'zh' });
  expect(words).toMatchObject({ exit: 3, stdout: '' });
  expect(words.stderr).toContain('须由他人复核');
});

const lostNos = ['20151027200000000901', '20151027200000000902'];
const lost = [
  'order_no,place,customs_code,customs_name,declared_amount,is_split,trade_no,paid_at',
  ...lostNos.map((no) => `${no},ZONGSHU,3301TEST01,测试公司,420.00,F,9${no},2015-10-27 20:00:00`),
].join('\n');

test('a template of request numbers is asked about, and unanswered it fills in nothing', async () => {
  const words = ['import', 'payments', '-', '--request-no-template', 'LS{order_no}', '--json'];
  const refused = await liushui(words, as('wang'), lost);
  expect(refused.exit).toBe(3);
  expect(json(refused)).toMatchObject({ code: 'import.template_unconfirmed', params: { asked: 2, agreed: 0 } });
});

test('declaring anew takes a number rule that two chose, and two people who were told of the duplicate', async () => {
  const propose = ['customs', 'declare-anew', 'propose', '--order-no', ...lostNos, '--reason', 'lost', '--json'];
  const ruleless = await liushui(propose, as('wang'));
  expect(json(ruleless)).toMatchObject({ exit: 3, code: 'customs.number_rule_missing' });
  const rule = ['accounts', 'number-rule', 'propose', 'A1', 'zongshu', 'serial', '--json'];
  const asked = json(await liushui(rule, as('wang')));
  expect(asked).toMatchObject({ exit: 0, place: 'ZONGSHU', rule: 'serial', now: null });
  const approval = String(asked['approval']);
  expect(json(await liushui(['approvals', 'approve', approval, '--json'], as('wang')))).toMatchObject({ exit: 3 });
  const chosen = json(await liushui(['approvals', 'approve', approval, '--json'], as('zhao')));
  expect(chosen).toMatchObject({ exit: 0, state: 'approved', rule: 'serial' });
  const rules = json(await liushui(['accounts', 'number-rule', 'list', '--json'], as('wang')));
  expect(rules).toMatchObject({ rules: [{ account: 'A1', place: 'ZONGSHU', rule: 'serial' }] });

  const proposed = json(await liushui(propose, as('wang')));
  expect(proposed).toMatchObject({ exit: 0, kind: 'declare_anew', size: 2, warning: 'possible_duplicate' });
  const plan = String(proposed['plan']);
  const wrongGroup = await liushui(['customs', 'repush', 'approve', plan, '--json'], as('zhao'));
  expect(json(wrongGroup)).toMatchObject({ exit: 2, code: 'usage.bad_input' });
  const words = await liushui(['approvals', 'approve', String(proposed['approval'])], as('zhao'));
  expect(words.stdout).toContain('two payment records');
  expect(words.stdout).toContain(`liushui customs declare-anew show ${plan}`);
  const ran = json(await liushui(['customs', 'declare-anew', 'run', plan, '--wait', '0s', '--json'], as('wang')));
  expect(ran).toMatchObject({ exit: 4, state: 'running', open: 2, warning: 'possible_duplicate' });
});

test('a list or numbers are declared anew, not both and not neither', async () => {
  for (const more of [[], ['R-20151028-1', '--order-no', 'L1']]) {
    const ran = await liushui(['customs', 'declare-anew', 'propose', ...more, '--json'], as('wang'));
    expect(json(ran)).toMatchObject({ exit: 2, code: 'usage.bad_input', pointer: 'REPORT' });
  }
});

const wrong: readonly (readonly [words: readonly string[], exit: number, code: string])[] = [
  [['customs', 'import', 'no-such-file.txt'], 2, 'import.file_unreadable'],
  [['customs', 'triage', 'R-0'], 2, 'customs.report_not_found'],
  [['customs', 'repush', 'run', 'P-0'], 2, 'customs.plan_not_found'],
  [['customs', 'frobnicate'], 2, 'usage.bad_input'],
  [['customs', 'import'], 2, 'usage.bad_input'],
  [['customs'], 2, 'usage.bad_input'],
  [['show', '2015102720071011005559999'], 2, 'number.not_found'],
  [['audit'], 3, 'auth.role_missing'],
];

test('every refusal is one document in both languages with a way out, and the exit code says of what kind', async () => {
  const all = await Promise.all(wrong.map(([words]) => liushui([...words, '--json'], as('wang'))));
  for (const [index, [words, exit, code]] of wrong.entries()) {
    const ran = all[index]!;
    expect({ words, exit: ran.exit }).toEqual({ words, exit });
    const document = json(ran);
    expect(document).toMatchObject({ ok: false, exit, code, money: 'not_moved' });
    expect(document['zh']).toMatch(/\p{Script=Han}/u);
    expect(document['way_out']).toMatchObject({ zh: expect.any(String), en: expect.any(String) });
  }
});

test('production is not founded where its key has no place', async () => {
  const [one, two] = ['1', '2'].map((digit) => `ls_claim_${digit.repeat(64)}`);
  const people = ['--user', `chen:陈:admin:${one}`, '--user', `wang:王:checker:${two}`, '--merchant', 'shop'];
  const nowhere = { LIUSHUI_MASTER_KEY_FILE: join(folder, 'nowhere', 'master.key') };
  const refused = await liushui(['init', '--production', ...people, '--json'], nowhere);
  expect(json(refused)).toMatchObject({ exit: 2, code: 'config.invalid', params: { name: 'LIUSHUI_MASTER_KEY_FILE' } });
});

test('without a login, or with another installation’s, nothing is done', async () => {
  expect(json(await liushui(['customs', 'reports', '--json']))).toMatchObject({ code: 'auth.login_required', exit: 3 });
  const foreign = { LIUSHUI_TOKEN: `ls_cli_${'x'.repeat(32)}` };
  expect(json(await liushui(['customs', 'reports', '--json'], foreign))).toMatchObject({ code: 'auth.token_invalid' });
});

test('one number tells its story in both languages', async () => {
  const number = '2015102720071011005551292';
  const told = await liushui(['show', number], as('wang'));
  expect(told.stdout).toContain('¥420.00');
  expect(told.stdout).toContain('port-list-1.txt:3');
  const zh = await liushui(['show', number], { ...as('wang'), LIUSHUI_LANG: 'zh' });
  expect(zh.stdout).toContain('支付单缺失');
  const document = json(await liushui(['show', number, '--json'], as('wang')));
  expect(document).toMatchObject({
    numbers: [{ number, kinds: ['order'], stories: [{ amount: 42000, currency: 'CNY' }] }],
  });
});

test('the doctor needs no login and ends with 0 where nothing is broken', async () => {
  const ran = await liushui(['doctor', '--json']);
  const document = json(ran);
  expect(document).toMatchObject({ ok: true, failed: 0 });
  expect(ran.exit).toBe(0);
});

test('the example files are the lists of the incident, byte for byte', () => {
  const fixtures = join(import.meta.dirname, '../fixtures/2015-10-28');
  for (const name of ['port-list-1.txt', 'port-list-2.txt'])
    expect(readFileSync(join(examples, name)).equals(readFileSync(join(fixtures, name)))).toBe(true);
});
