import { assert, days, done, plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { shared } from '../platform/commands.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import { allowed } from './actor.ts';
import type { Actor } from './actor.ts';
import type { LoginAttempts } from './attempts.ts';
import type { AuditDetail, Stamp } from './audit.ts';
import { isPermission, isRole } from './roles.ts';
import type { Role } from './roles.ts';
import { writeAudit } from './store-audit.ts';
import { findByDigests, findByName, hasTokens, insertToken, readTokens, revoke } from './store-tokens.ts';
import { hasUsers, insertUser, lockAdmins, lockUser, readBirth, updateUser } from './store.ts';
import type { UserRecord } from './store.ts';
import type { Token, TokenKind } from './token.ts';
import { hasTokenForm, isAddressBlock, judgeToken, makeToken } from './tokens.ts';
import type { TokenDigest, Visit } from './tokens.ts';

/**
 * Why this may happen without looking further (architecture rules 12 and 13). `approval`: the caller used up that approval in the same
 * transaction. `one_person`: sandbox only. `founding`: the installation gives a user the first login.
 */
export type Consent =
  { readonly kind: 'approval'; readonly id: string } | { readonly kind: 'one_person' } | { readonly kind: 'founding' };

/** Who changes users or logins, why, and who agreed. */
export type UserChange = { readonly by: Actor; readonly consent: Consent; readonly reason: string };

export type NewUser = {
  /** Two to 32 of a–z, 0–9, `-`, `_`, beginning with a letter. */
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly merchants: readonly string[];
};

export type TokenWish = {
  readonly userId: string;
  readonly kind: TokenKind;
  readonly label: string;
  readonly merchants: readonly string[];
  /** Permissions of an API key. A login of the command line has none of its own: it does what its user may do. */
  readonly scopes: readonly string[];
  /** Addresses or blocks; none: from anywhere. */
  readonly ipAllow: readonly string[];
  /** Undefined: until revoked. */
  readonly expiresInMs: number | undefined;
};

export type TokenParts = { readonly digest: TokenDigest; readonly random: RandomBytes };

const badInput = (field: string, value: string): Result<never> =>
  refuseAs('usage.bad_input', { field, value }, `/${field}`);

async function mayChange(tx: Tx, change: UserChange): Promise<Result<void>> {
  const may = allowed(change.by, 'users.change', undefined);
  if (!may.ok) return may;
  if (change.consent.kind === 'one_person' && (await readBirth(tx)) === 'production')
    return refuseAs('production.refuses', { act: 'users.change' });
  return done(undefined);
}

function agreedBy(consent: Consent): string {
  return consent.kind === 'approval' ? consent.id : consent.kind;
}

function audit(tx: Tx, change: UserChange, act: string, subject: string, detail: AuditDetail, stamp: Stamp) {
  const { by, reason, consent } = change;
  const entry = { actor: by, act, subject, reason, detail: { ...detail, agreed_by: agreedBy(consent) } };
  return writeAudit(tx, [entry], stamp);
}

function checkUser(user: Omit<NewUser, 'name'>): Result<void> {
  if (!/^[a-z][a-z0-9_-]{1,31}$/.test(user.id) || user.id === 'system') return badInput('id', user.id);
  const unknown = user.roles.find((role) => !isRole(role));
  return unknown === undefined ? done(undefined) : badInput('roles', unknown);
}

function recordOf(user: NewUser, at: Instant): UserRecord {
  return { ...user, createdAt: at, disabledAt: undefined };
}

/**
 * The first users of a database. Production begins with two people or more.
 * @returns refusals user.founded_already, user.exists (one is named twice), user.too_few, usage.bad_input.
 */
export async function foundUsers(tx: Tx, users: readonly NewUser[], by: Actor, stamp: Stamp): Promise<Result<void>> {
  if (await hasUsers(tx)) return refuseAs('user.founded_already', {});
  const twice = users.find((user, index) => users.some((other, place) => place < index && other.id === user.id));
  if (twice) return refuseAs('user.exists', { user: twice.id });
  if ((await readBirth(tx)) === 'production' && users.length < 2) return refuseAs('user.too_few', { needed: 2 });
  for (const user of users) {
    const good = checkUser(user);
    if (!good.ok) return good;
  }
  const change: UserChange = { by, consent: { kind: 'founding' }, reason: '' };
  for (const user of users) {
    assert(await insertUser(tx, recordOf(user, stamp.at)), `user ${user.id} was made by another process meanwhile`);
    await audit(tx, change, 'user.created', user.id, { roles: user.roles, merchants: user.merchants }, stamp);
  }
  return done(undefined);
}

/** @returns refusals of `allowed`, production.refuses, usage.bad_input, user.exists. */
export async function createUser(tx: Tx, user: NewUser, change: UserChange, stamp: Stamp): Promise<Result<void>> {
  const may = await mayChange(tx, change);
  if (!may.ok) return may;
  const good = checkUser(user);
  if (!good.ok) return good;
  if (!(await insertUser(tx, recordOf(user, stamp.at)))) return refuseAs('user.exists', { user: user.id });
  await audit(tx, change, 'user.created', user.id, { roles: user.roles, merchants: user.merchants }, stamp);
  return done(undefined);
}

export type RoleChange = {
  readonly userId: string;
  readonly roles: readonly Role[];
  readonly merchants: readonly string[];
};

/** Takes effect with the next act: nothing keeps roles. @returns refusals as `disableUser`, and usage.bad_input. */
export async function changeRoles(tx: Tx, to: RoleChange, change: UserChange, stamp: Stamp): Promise<Result<void>> {
  const good = checkUser({ id: to.userId, roles: to.roles, merchants: to.merchants });
  if (!good.ok) return good;
  return changeUser(tx, to.userId, change, 'user.roles_changed', stamp, (user) => ({
    ...user,
    roles: to.roles,
    merchants: to.merchants,
  }));
}

/** All logins and keys of the user stop working at once. @returns refusals of `allowed`, production.refuses, user.not_found, user.last_admin. */
export async function disableUser(tx: Tx, userId: string, change: UserChange, stamp: Stamp): Promise<Result<void>> {
  return changeUser(tx, userId, change, 'user.disabled', stamp, (user) => ({
    ...user,
    disabledAt: user.disabledAt ?? stamp.at,
  }));
}

async function changeUser(
  tx: Tx,
  userId: string,
  change: UserChange,
  act: string,
  stamp: Stamp,
  become: (user: UserRecord) => UserRecord,
): Promise<Result<void>> {
  const may = await mayChange(tx, change);
  if (!may.ok) return may;
  const admins = await lockAdmins(tx);
  const user = await lockUser(tx, userId);
  if (!user) return refuseAs('user.not_found', { user: userId });
  const after = become(user);
  const leaves = after.disabledAt !== undefined || !after.roles.includes('admin') || !after.merchants.includes('*');
  if (leaves && admins.length === 1 && admins[0] === userId) return refuseAs('user.last_admin', { user: userId });
  await updateUser(tx, after);
  const detail = { roles: [...after.roles], merchants: [...after.merchants], roles_before: [...user.roles] };
  await audit(tx, change, act, userId, { ...detail, merchants_before: [...user.merchants] }, stamp);
  return done(undefined);
}

/**
 * A login or key, shown once: only its keyed digest is kept. Needs consent like any change of users: who could hand out logins alone
 * could be maker and checker in one.
 * @returns refusals of `allowed`, production.refuses, user.not_found, auth.user_disabled, usage.bad_input.
 */
export async function issueToken(
  tx: Tx,
  wish: TokenWish,
  change: UserChange,
  parts: TokenParts,
  stamp: Stamp,
): Promise<Result<{ readonly token: string; readonly tokenId: string }>> {
  const may = await mayChange(tx, change);
  if (!may.ok) return may;
  const good = checkWish(wish);
  if (!good.ok) return good;
  const user = await lockUser(tx, wish.userId);
  if (!user) return refuseAs('user.not_found', { user: wish.userId });
  if (user.disabledAt !== undefined) return refuseAs('auth.user_disabled', { user: user.id });
  if (change.consent.kind === 'founding' && (change.by.door !== 'system' || (await hasTokens(tx, user.id))))
    return refuseAs('production.refuses', { act: 'users.change' });
  const token = makeToken(wish.kind, parts.random);
  const { userId, kind, label, scopes, merchants, ipAllow, expiresInMs } = wish;
  const record: Token = {
    ...{ userId, kind, label, scopes, merchants, ipAllow },
    id: Buffer.from(parts.digest('token', token)).toString('hex'),
    createdAt: stamp.at,
    expiresAt: expiresInMs === undefined ? undefined : plus(stamp.at, expiresInMs),
    revokedAt: undefined,
  };
  await insertToken(tx, record);
  const detail = { token_id: maskedId(record.id), kind, label, scopes, merchants, ip_allow: ipAllow };
  await audit(tx, change, 'token.issued', userId, detail, stamp);
  return done({ token, tokenId: maskedId(record.id) });
}

function checkWish(wish: TokenWish): Result<void> {
  const scope = wish.scopes.find((one) => !isPermission(one));
  if (scope !== undefined) return badInput('scopes', scope);
  if (wish.kind === 'cli' && wish.scopes.length > 0) return badInput('scopes', wish.scopes.join(' '));
  const address = wish.ipAllow.find((one) => !isAddressBlock(one));
  if (address !== undefined) return badInput('ip_allow', address);
  const ms = wish.expiresInMs;
  if (ms !== undefined && !(ms > 0 && ms <= days(3660))) return badInput('expires_in', String(ms));
  return done(undefined);
}

/**
 * One person is enough: to take a key away never needs a second one, and everybody may revoke their own.
 * @returns refusals of `allowed`, token.not_found, token.ambiguous, token.already_revoked.
 */
export async function revokeToken(
  tx: Tx,
  tokenId: string,
  change: Pick<UserChange, 'by' | 'reason'>,
  stamp: Stamp,
): Promise<Result<void>> {
  const found = /^[0-9a-f]{12,64}$/.test(tokenId) ? await findByName(tx, tokenId) : [];
  const [token] = found;
  if (token?.userId !== change.by.userId) {
    const may = allowed(change.by, 'users.change', undefined);
    if (!may.ok) return may;
  }
  if (!token) return refuseAs('token.not_found', { token: tokenId });
  if (found.length > 1) return refuseAs('token.ambiguous', { token: tokenId, found: found.length });
  if (!(await revoke(tx, token.id, stamp.at))) return refuseAs('token.already_revoked', { token: tokenId });
  const entry = { actor: change.by, act: 'token.revoked', subject: token.userId, reason: change.reason };
  await writeAudit(tx, [{ ...entry, detail: { token_id: maskedId(token.id), label: token.label } }], stamp);
  return done(undefined);
}

/** Enough to tell tokens apart, and nothing of the token: the first 12 letters of its digest. */
function maskedId(id: string): string {
  return id.slice(0, 12);
}

/** For a table: whose, what for, until when. `tokenId` is what `revokeToken` takes. */
export async function listTokens(
  db: Queryable,
  filter: { readonly userId?: string },
): Promise<readonly (Omit<Token, 'id'> & { readonly tokenId: string })[]> {
  const tokens = await readTokens(db, filter.userId);
  return tokens.map(({ id, ...token }) => ({ ...token, tokenId: maskedId(id) }));
}

export type LoginParts = { readonly digest: TokenDigest; readonly attempts: LoginAttempts };

/** An actor, and the digest of the token it came with: what `idempotency_keys` are kept under. */
export type LoggedIn = { readonly actor: Actor; readonly tokenDigest: Uint8Array };

/** Requests of one moment are looked up together; nothing is remembered, so that a revoked token is refused at once. */
const findByDigest = shared(findByDigests);

/**
 * @returns refusals auth.too_many_attempts, auth.token_invalid; and to those who do hold a token of ours auth.token_revoked,
 * auth.token_expired, auth.user_disabled, auth.ip_not_allowed.
 */
export async function authenticate(
  db: Queryable,
  token: string,
  visit: Visit,
  parts: LoginParts,
  at: Instant,
): Promise<Result<LoggedIn>> {
  const admitted = parts.attempts.admit(visit, at);
  if (!admitted.ok) return admitted;
  const digest = parts.digest('token', token);
  const record = hasTokenForm(token) ? await findByDigest(db, digest) : undefined;
  const judged = record ? judgeToken(record, visit, at) : refuseAs('auth.token_invalid', {});
  if (!judged.ok) {
    parts.attempts.failed(visit, at);
    return judged;
  }
  return done({ actor: judged.value, tokenDigest: digest });
}
