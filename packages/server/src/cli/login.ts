import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { done, refuse, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { listApprovals } from '../approvals/index.ts';
import { allowed, isClaim } from '../identity/index.ts';
import type { Answer } from './answer.ts';
import type { Person } from './doors.ts';
import { nextOf } from './approvals-next.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { readRoles } from './people.ts';
import { peopleTexts as t } from './people.texts.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';

export function loginCommands(kit: Kit, program: Command): void {
  leaf(kit, program, 'login <token>', t.loginAbout, login);
  leaf(kit, program, 'logout', t.logoutAbout, logout);
  leaf(kit, program, 'whoami', t.whoamiAbout, whoami);
  const init = leaf(kit, program, 'init', t.initAbout, initProduction, [
    ['--production', t.productionOption],
    ['--merchant <merchant>', t.merchantInitOption],
  ]);
  init.option('--user <person>', t.userOption[kit.lang], (one: string, before: string[]) => [...before, one], []);
}

const login: Run = async (use, args) => {
  const name = firstArg(args);
  const { config, doors } = use;
  const kept = join(doors.firstLoginsFolder(config), name);
  const token = /^[a-z][a-z0-9_-]*$/.test(name) && existsSync(kept) ? readFileSync(kept, 'utf8').trim() : name;
  const opened = await use.session({ ...config, token: new Secret(token) });
  if (!opened.ok) return opened;
  const file = doors.loginFile(config);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  const { userId, name: person, roles } = opened.value.actor;
  const lines = [t.loggedIn(userId, person, roles.join(','))];
  const next = (await isAwaited(opened.value)) ? 'liushui approvals list' : 'liushui whoami';
  return done({ exit: 0, lines, json: { user: userId, roles }, next });
};

/** Whether something waits for this person: to be decided, or to be gone on with. */
async function isAwaited({ db, actor, clock }: Session): Promise<boolean> {
  const merchants = merchantsSeen(actor);
  if (!allowed(actor, 'approvals.read', merchants === 'all' ? undefined : merchants[0]).ok) return false;
  const open = await listApprovals(db, { merchants, states: ['asked', 'approved'], limit: 100 }, clock.now());
  return open.some((one) => nextOf(one, actor) !== undefined);
}

const logout: Run = (use) => {
  rmSync(use.doors.loginFile(use.config), { force: true });
  return Promise.resolve(done({ exit: 0, lines: [t.loggedOut], json: { user: null }, next: 'liushui login TOKEN' }));
};

const whoami: Run = async (use) => {
  const opened = await use.session();
  return opened.ok ? done(answerOfWho(opened.value)) : opened;
};

function answerOfWho({ actor, sandbox }: Session): Answer {
  const { userId, name, roles, merchants, scopes } = actor;
  const kind = sandbox ? t.sandbox : t.production;
  const lines = [t.who(userId, name, roles.join(','), merchants.join(','), kind)];
  const json = {
    user: userId,
    name,
    roles,
    merchants,
    scopes: scopes ?? null,
    born_as: sandbox ? 'sandbox' : 'production',
  };
  return { exit: 0, lines, json };
}

const initProduction: Run = async (use, _args, options) => {
  if (options['production'] !== true)
    return refuse('usage.bad_input', { field: '--production', value: '', problem: 'npm start makes a sandbox' });
  const people = readPeople((options['user'] ?? []) as readonly string[]);
  if (!people.ok) return people;
  const [id = '', nameZh = '', nameEn = ''] = (text(options, 'merchant') ?? '').split(':');
  if (!/^[a-z][a-z0-9_-]{1,31}$/.test(id))
    return refuse('usage.bad_input', { field: '--merchant', value: id, problem: 'id:zh:en' }, '--merchant');
  const merchant = { id, nameZh: nameZh || id, nameEn: nameEn || nameZh || id };
  const keyPlace = checkKeyPlace(use.config.masterKeyFile);
  if (!keyPlace.ok) return keyPlace;
  const founded = await use.doors.initProduction(use.config, { people: people.value, merchant });
  if (!founded.ok) return founded;
  const ids = people.value.map(({ id }) => id);
  const json = { merchant: id, people: ids, claims: 'waiting' };
  return done({ exit: 0, lines: [t.founded(ids.join(', '))], json, next: 'liushui claim take' });
};

/** Before anything is written: a database is born once, and must not be born without the place of its key. */
function checkKeyPlace(file: string | undefined): Result<void> {
  if (file === undefined || existsSync(file)) return done(undefined);
  try {
    accessSync(dirname(file), constants.W_OK);
    return done(undefined);
  } catch {
    const rule = 'a file in a folder that is there and that this account may write to';
    return refuse('config.invalid', { name: 'LIUSHUI_MASTER_KEY_FILE', found: file, rule });
  }
}

function readPeople(words: readonly string[]): Result<Person[]> {
  const people: Person[] = [];
  for (const word of words) {
    const [id = '', name = '', list = '', claim = ''] = word.split(':');
    const roles = readRoles(list);
    if (!roles.ok || id === '' || name.trim() === '' || !isClaim(claim))
      return refuse(
        'usage.bad_input',
        { field: '--user', value: word, problem: 'id:name:role,role:ls_claim_…' },
        '--user',
      );
    people.push({ id, name, roles: roles.value, claim });
  }
  return done(people);
}
