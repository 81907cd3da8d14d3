import { createHmac } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { plus, seconds } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import {
  authenticate,
  changeRoles,
  createUser,
  disableUser,
  foundUsers,
  issueToken,
  listAudit,
  listTokens,
  listUsers,
  LoginAttempts,
  revokeToken,
  systemActor,
  writeAudit,
} from './index.ts';
import type { Actor, NewUser, TokenWish, UserChange } from './index.ts';

const shared = useDatabase();
const at = Date.parse('2015-10-28T08:00:00Z') as Instant;
const random = seededRandomBytes('identity');
const stamp = { at, ids: createIds({ now: () => at }, random) };
const digest = (digestClass: string, text: string) =>
  new Uint8Array(createHmac('sha256', `key of ${digestClass}`).update(text).digest());
const parts = { digest, random };

const admin: Actor = { userId: 'li', name: 'Li', roles: ['admin'], merchants: ['*'], door: 'cli' };
const alone: UserChange = { by: admin, consent: { kind: 'one_person' }, reason: 'starts on Monday' };
const agreed: UserChange = { ...alone, consent: { kind: 'approval', id: 'A-7' } };
const li: NewUser = { id: 'li', name: 'Li', roles: ['admin'], merchants: ['*'] };
const wang: NewUser = { id: 'wang', name: 'Wang', roles: ['maker'], merchants: ['m1'] };
const login: TokenWish = {
  ...{
    userId: 'wang',
    kind: 'cli',
    label: 'laptop',
    merchants: ['*'],
    scopes: [],
    ipAllow: [],
    expiresInMs: undefined,
  },
};
const codeOf = (result: Result<unknown>) => (result.ok ? 'done' : result.refusal.code);

async function born(as: 'sandbox' | 'production', ...users: NewUser[]): Promise<void> {
  const { db } = shared;
  await db.query('TRUNCATE installation, users, access_tokens, audit_entries CASCADE');
  await db.query(
    `INSERT INTO installation (born_as, epoch, cluster_identity, created_at) VALUES ($1, 0, 'test', now())`,
    [as],
  );
  if (users.length > 0) await db.transaction((tx) => foundUsers(tx, users, systemActor, stamp));
}

beforeEach(() => born('sandbox', li, wang));

test('a login is shown once: the database and the audit trail know its digest only', async () => {
  const { db } = shared;
  const issued = await db.transaction((tx) => issueToken(tx, login, alone, parts, stamp));
  if (!issued.ok) throw new Error(issued.refusal.code);
  const { token, tokenId } = issued.value;
  expect(token).toMatch(/^ls_cli_[0-9A-Za-z]{32}$/);
  const everything = JSON.stringify([
    await db.query(`SELECT access_tokens::text FROM access_tokens`),
    await db.query('SELECT audit_entries::text FROM audit_entries'),
    await listTokens(db, {}),
  ]);
  expect(everything).toContain(tokenId);
  expect(everything).not.toContain(token.slice(7));
  const login2 = await authenticate(
    db,
    token,
    { door: 'cli', ip: undefined },
    { digest, attempts: new LoginAttempts() },
    at,
  );
  expect(login2).toMatchObject({
    value: {
      actor: { userId: 'wang', roles: ['maker'], merchants: ['m1'], door: 'cli' },
      tokenDigest: digest('token', token),
    },
  });
});

test('expired, revoked, from elsewhere, or of a disabled user: not let in', async () => {
  const { db } = shared;
  const wishes: TokenWish[] = [
    { ...login, label: 'short', expiresInMs: 1000 },
    { ...login, label: 'revoked' },
    { ...login, label: 'office', ipAllow: ['192.0.2.0/24'] },
    { ...login, label: 'good' },
  ];
  const tokens: string[] = [];
  for (const wish of wishes) {
    const issued = await db.transaction((tx) => issueToken(tx, wish, alone, parts, stamp));
    if (issued.ok) tokens.push(issued.value.token);
  }
  const revoked = (await listTokens(db, { userId: 'wang' })).find((token) => token.label === 'revoked');
  await db.transaction((tx) => revokeToken(tx, revoked!.tokenId, { by: admin, reason: 'lost' }, stamp));
  const enter = async () => {
    const later = plus(at, seconds(2));
    const visit = { door: 'api', ip: '198.51.100.1' } as const;
    const login = { digest, attempts: new LoginAttempts() };
    return Promise.all(tokens.map(async (token) => codeOf(await authenticate(db, token, visit, login, later))));
  };
  expect(await enter()).toEqual(['auth.token_expired', 'auth.token_revoked', 'auth.ip_not_allowed', 'done']);
  await db.transaction((tx) => disableUser(tx, 'wang', alone, stamp));
  expect((await enter())[3]).toBe('auth.user_disabled');
});

test('guessing ends at the tenth wrong token, before the database is asked', async () => {
  const attempts = new LoginAttempts();
  const visit = { door: 'api', ip: '198.51.100.1' } as const;
  const guess = (n: number) => `ls_key_${String(n).padStart(32, '0')}`;
  for (let n = 0; n < 10; n++)
    expect(codeOf(await authenticate(shared.db, guess(n), visit, { digest, attempts }, at))).toBe('auth.token_invalid');
  const unasked = { query: () => Promise.reject(new Error('asked')) };
  expect(codeOf(await authenticate(unasked, guess(11), visit, { digest, attempts }, at))).toBe(
    'auth.too_many_attempts',
  );
});

test('production needs a second person for users, roles and logins, and lets one person take a login away', async () => {
  await born('production', li, wang);
  const { db } = shared;
  const zhao: NewUser = { id: 'zhao', name: 'Zhao', roles: ['checker'], merchants: ['m1'] };
  const acts = (change: UserChange) =>
    db.transaction(async (tx) => [
      codeOf(await createUser(tx, zhao, change, stamp)),
      codeOf(await changeRoles(tx, { userId: 'wang', roles: ['maker', 'viewer'], merchants: ['m1'] }, change, stamp)),
      codeOf(await issueToken(tx, login, change, parts, stamp)),
      codeOf(await disableUser(tx, 'wang', change, stamp)),
    ]);
  expect(new Set(await acts(alone))).toEqual(new Set(['production.refuses']));
  expect(await acts({ ...agreed, by: { ...admin, roles: ['maker'] } })).toEqual(Array(4).fill('auth.role_missing'));
  expect(await acts(agreed)).toEqual(['done', 'done', 'done', 'done']);
  const [token] = await listTokens(db, { userId: 'wang' });
  const wangActor: Actor = { ...admin, userId: 'wang', roles: ['maker'], merchants: ['m1'] };
  const zhaoActor: Actor = { ...wangActor, userId: 'zhao' };
  const revokeAs = (by: Actor) => db.transaction((tx) => revokeToken(tx, token!.tokenId, { by, reason: '' }, stamp));
  expect(codeOf(await revokeAs(zhaoActor))).toBe('auth.role_missing');
  expect(codeOf(await revokeAs(wangActor))).toBe('done');
  expect(codeOf(await revokeAs(wangActor))).toBe('token.already_revoked');
});

test('the first login comes from the installation, once per user', async () => {
  await born('production', li, wang);
  const founding: UserChange = { by: systemActor, consent: { kind: 'founding' }, reason: 'set up' };
  const issue = (change: UserChange) => shared.db.transaction((tx) => issueToken(tx, login, change, parts, stamp));
  expect(codeOf(await issue({ ...founding, by: admin }))).toBe('production.refuses');
  expect(codeOf(await issue(founding))).toBe('done');
  expect(codeOf(await issue(founding))).toBe('production.refuses');
});

test('production is founded by two people or not at all, and only once', async () => {
  const { db } = shared;
  const found = (...users: NewUser[]) => db.transaction((tx) => foundUsers(tx, users, systemActor, stamp));
  await born('production');
  expect(codeOf(await found(li))).toBe('user.too_few');
  expect(codeOf(await found(li, li))).toBe('user.exists');
  expect(await listUsers(db)).toEqual([]);
  expect(codeOf(await found(li, wang))).toBe('done');
  expect(codeOf(await found({ ...li, id: 'zhao' }, { ...li, id: 'qian' }))).toBe('user.founded_already');
});

test('names, roles, scopes and addresses that are none are refused', async () => {
  const { db } = shared;
  for (const user of [
    { ...wang, id: 'system' },
    { ...wang, id: 'Wang 1' },
    { ...wang, id: 'q1', roles: ['king' as 'maker'] },
  ])
    expect(codeOf(await db.transaction((tx) => createUser(tx, user, alone, stamp))), user.id).toBe('usage.bad_input');
  expect(codeOf(await db.transaction((tx) => createUser(tx, wang, alone, stamp)))).toBe('user.exists');
  const wishes: Partial<TokenWish>[] = [
    { kind: 'api_key', scopes: ['everything'] },
    { scopes: ['customs.import'] },
    { ipAllow: ['10.0.0.0/99'] },
    { expiresInMs: 0 },
  ];
  for (const wish of wishes) {
    const refused = await db.transaction((tx) => issueToken(tx, { ...login, ...wish }, alone, parts, stamp));
    expect(codeOf(refused), JSON.stringify(wish)).toBe('usage.bad_input');
  }
});

test('the last administrator stays, also when the last two leave at once', async () => {
  const { db } = shared;
  await db.transaction((tx) => createUser(tx, { ...li, id: 'zhao' }, alone, stamp));
  const leave = (id: string) => db.transaction((tx) => disableUser(tx, id, alone, stamp));
  const left = await Promise.all([leave('li'), leave('zhao')]);
  expect(left.map(codeOf).sort()).toEqual(['done', 'user.last_admin']);
  const stays = (await listUsers(db)).find((user) => user.roles.includes('admin') && user.disabledAt === undefined);
  const demoted = { userId: stays!.id, roles: ['admin'] as const, merchants: ['m1'] };
  expect(codeOf(await db.transaction((tx) => changeRoles(tx, demoted, alone, stamp)))).toBe('user.last_admin');
});

test('an audit entry lives and dies with its transaction, and hides secrets', async () => {
  const { db } = shared;
  const entry = {
    actor: admin,
    act: 'account.changed',
    subject: 'acc-9',
    reason: 'new key',
    detail: {
      md5_key: 'abc',
      nested: [{ api_key: 'x', name: 'ok' }],
      note: `see ls_key_${'A'.repeat(32)}`,
      pem: '-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----',
    },
  };
  const lost = db.transaction(async (tx) => {
    await writeAudit(tx, [entry], stamp);
    throw new Error('rolled back');
  });
  await expect(lost).rejects.toThrow('rolled back');
  expect(await listAudit(db, { subject: 'acc-9', limit: 10 })).toEqual([]);
  await db.transaction((tx) => writeAudit(tx, [entry, { ...entry, act: 'account.tested' }], stamp));
  const page = await listAudit(db, { subject: 'acc-9', limit: 1 });
  expect(page).toMatchObject([{ actor: 'li', door: 'cli', act: 'account.tested', at, reason: 'new key' }]);
  expect(page[0]!.detail).toEqual({
    md5_key: '***',
    nested: [{ api_key: '***', name: 'ok' }],
    note: 'see ***',
    pem: '***',
  });
  const next = await listAudit(db, { subject: 'acc-9', before: page[0]!, limit: 5 });
  expect(next.map((one) => one.act)).toEqual(['account.changed']);
});
