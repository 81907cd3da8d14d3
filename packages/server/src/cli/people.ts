import type { Command } from 'commander';
import { days, done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import {
  allowed,
  changeRoles,
  createUser,
  disableUser,
  isRole,
  issueToken,
  listTokens,
  listUsers,
  permissionsOfRole,
  revokeToken,
} from '../identity/index.ts';
import type { Role, TokenWish } from '../identity/index.ts';
import type { Answer } from './answer.ts';
import { plain } from './answer.ts';
import { stampOf, withConsent } from './consent.ts';
import { consentTexts } from './consent.texts.ts';
import { bilingualTable, readDuration, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { peopleTexts as t } from './people.texts.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run } from './session.ts';

const approval = ['--approval <id>', consentTexts.approvalOption] as const;
const reason = ['--reason <text>', consentTexts.reasonOption] as const;

export function peopleCommands(kit: Kit, program: Command): void {
  const users = group(kit, program, 'users', t.users);
  const roles = ['--roles <roles>', t.rolesOption] as const;
  const merchants = ['--merchants <ids>', t.merchantsOption] as const;
  leaf(kit, users, 'list', t.usersListAbout, usersList);
  leaf(kit, users, 'add <id>', t.usersAddAbout, usersAdd, [
    ['--name <name>', t.nameOption],
    roles,
    merchants,
    approval,
    reason,
  ]);
  leaf(kit, users, 'roles <id>', t.usersRolesAbout, usersRoles, [roles, merchants, approval, reason]);
  leaf(kit, users, 'disable <id>', t.usersDisableAbout, usersDisable, [approval, reason]);
  const tokens = group(kit, program, 'tokens', t.tokens);
  leaf(kit, tokens, 'issue <user>', t.issueAbout, tokensIssue, [
    ...([
      ['--api-key', t.apiKeyOption],
      ['--scopes <permissions>', t.scopesOption],
      ['--label <text>', t.labelOption],
    ] as const),
    ...([
      ['--expires <time>', t.expiresOption],
      ['--ip <addresses>', t.ipOption],
      merchants,
      approval,
      reason,
    ] as const),
  ]);
  leaf(kit, tokens, 'list [user]', t.tokensListAbout, tokensList);
  leaf(kit, tokens, 'revoke <token>', t.revokeAbout, tokensRevoke, [reason]);
}

const usersList: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const may = allowed(actor, 'users.read', actor.merchants.includes('*') ? undefined : actor.merchants[0]);
  if (!may.ok) return may;
  const users = await listUsers(db);
  const rows = (off: string): string[][] =>
    users.map((user) => [
      ...[user.id, user.name, user.roles.join(','), user.merchants.join(',')],
      user.disabledAt === undefined ? '' : off,
    ]);
  const zh = bilingualTable(t.userHeads, rows(t.disabled.zh));
  const en = bilingualTable(t.userHeads, rows(t.disabled.en));
  const lines = zh.map((line, index) => ({ zh: line.zh, en: en[index]?.en ?? '' }));
  const json = users.map(({ createdAt, disabledAt, ...user }) => ({
    ...user,
    created_at: rfc3339(createdAt),
    disabled_at: disabledAt === undefined ? null : rfc3339(disabledAt),
  }));
  return done({ exit: 0, lines, json: { users: json }, next: 'liushui tokens list' });
};

export function readRoles(words: string): Result<readonly Role[]> {
  const roles = words
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  const wrong = roles.find((role) => !isRole(role));
  if (roles.length === 0 || wrong !== undefined)
    return refuse('usage.bad_input', { field: '--roles', value: wrong ?? '' });
  return done(roles.filter(isRole));
}

const listOf = (options: Options, name: string): string[] =>
  (text(options, name) ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

const usersAdd: Run = async (use, args, options) => {
  const roles = readRoles(text(options, 'roles') ?? '');
  if (!roles.ok) return roles;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const id = firstArg(args);
  const user = { id, name: text(options, 'name') ?? id, roles: roles.value, merchants: listOf(options, 'merchants') };
  const act = { command: 'users.change', subject: id, input: { act: 'add', ...user } } as const;
  return withConsent(opened.value, act, options, async (tx, consent) => {
    const change = { by: opened.value.actor, consent, reason: text(options, 'reason') ?? '' };
    return userAnswer(id, await createUser(tx, user, change, stampOf(opened.value)), `liushui tokens issue ${id}`);
  });
};

function userAnswer(id: string, result: Result<void>, next: string): Result<Answer> {
  return result.ok ? done({ exit: 0, lines: [t.userDone(id)], json: { user: id }, next }) : result;
}

const usersRoles: Run = async (use, args, options) => {
  const roles = readRoles(text(options, 'roles') ?? '');
  if (!roles.ok) return roles;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const to = { userId: firstArg(args), roles: roles.value, merchants: listOf(options, 'merchants') };
  const act = { command: 'users.change', subject: to.userId, input: { act: 'roles', ...to } } as const;
  return withConsent(opened.value, act, options, async (tx, consent) => {
    const change = { by: opened.value.actor, consent, reason: text(options, 'reason') ?? '' };
    return userAnswer(to.userId, await changeRoles(tx, to, change, stampOf(opened.value)), 'liushui users list');
  });
};

const usersDisable: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const id = firstArg(args);
  const act = { command: 'users.change', subject: id, input: { act: 'disable', user: id } } as const;
  return withConsent(opened.value, act, options, async (tx, consent) => {
    const change = { by: opened.value.actor, consent, reason: text(options, 'reason') ?? '' };
    return userAnswer(id, await disableUser(tx, id, change, stampOf(opened.value)), 'liushui users list');
  });
};

const tokensIssue: Run = async (use, args, options) => {
  const expires = text(options, 'expires');
  const expiresInMs = expires === undefined ? undefined : readDuration(expires);
  if (expires !== undefined && (expiresInMs === undefined || expiresInMs > days(3660)))
    return refuse('usage.bad_input', { field: '--expires', value: expires, problem: '90d, 12h' }, '--expires');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { tokens, actor } = opened.value;
  const userId = firstArg(args);
  const isKey = options['apiKey'] === true;
  const scopes = listOf(options, 'scopes');
  const merchants = listOf(options, 'merchants');
  const wish: TokenWish = {
    userId,
    kind: isKey ? 'api_key' : 'cli',
    label: text(options, 'label') ?? 'cli',
    expiresInMs,
    merchants: merchants.length > 0 ? merchants : ['*'],
    scopes: isKey && scopes.length === 0 ? permissionsOfRole.maker : scopes,
    ipAllow: listOf(options, 'ip'),
  };
  const input = { act: 'token', ...wish, expiresInMs: expiresInMs ?? null };
  const act = { command: 'users.change', subject: userId, input } as const;
  return withConsent(opened.value, act, options, async (tx, consent) => {
    const change = { by: actor, consent, reason: text(options, 'reason') ?? '' };
    const issued = await issueToken(tx, wish, change, tokens, stampOf(opened.value));
    if (!issued.ok) return issued;
    const { token, tokenId } = issued.value;
    const json = { user: userId, kind: wish.kind, token, token_id: tokenId };
    return done({ exit: 0, lines: [t.issued(userId), plain(token)], json, next: `liushui tokens revoke ${tokenId}` });
  });
};

const tokensList: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const userId = firstArg(args);
  if (userId !== actor.userId) {
    const may = allowed(actor, 'users.read', actor.merchants.includes('*') ? undefined : actor.merchants[0]);
    if (!may.ok) return may;
  }
  const tokens = await listTokens(db, userId === '' ? {} : { userId });
  const rows = tokens.map((token) => [
    ...[token.tokenId, token.userId, token.kind, token.label],
    token.expiresAt === undefined ? '' : time(token.expiresAt),
    token.revokedAt === undefined ? '' : time(token.revokedAt),
  ]);
  const json = tokens.map((token) => ({
    ...{ token_id: token.tokenId, user: token.userId, kind: token.kind, label: token.label, scopes: token.scopes },
    ...{ merchants: token.merchants, ip_allow: token.ipAllow, created_at: rfc3339(token.createdAt) },
    expires_at: token.expiresAt === undefined ? null : rfc3339(token.expiresAt),
    revoked_at: token.revokedAt === undefined ? null : rfc3339(token.revokedAt),
  }));
  return done({ exit: 0, lines: bilingualTable(t.tokenHeads, rows), json: { tokens: json } });
};

const tokensRevoke: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const id = firstArg(args);
  const change = { by: actor, reason: text(options, 'reason') ?? '' };
  const revoked = await db.transaction((tx) => revokeToken(tx, id, change, stampOf(opened.value)));
  return revoked.ok ? done({ exit: 0, lines: [t.revoked(id)], json: { token_id: id } }) : revoked;
};
