import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import { makeOwnLogin } from '../identity/index.ts';
import { systemRandomBytes } from '../platform/ids.ts';
import { plain } from './answer.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { peopleTexts as t } from './people.texts.ts';
import type { Run } from './session.ts';

export function claimCommands(kit: Kit, program: Command): void {
  const claim = group(kit, program, 'claim', t.claim);
  leaf(kit, claim, 'make', t.claimMakeAbout, make);
  leaf(kit, claim, 'take', t.claimTakeAbout, take);
}

/** Needs no installation: it may be another machine, and days before. */
const make: Run = (use) => {
  const file = use.doors.loginFile(use.config);
  if (existsSync(file)) return Promise.resolve(refuse('claim.login_kept', { file }));
  const { token, claim } = makeOwnLogin(systemRandomBytes);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  const lines = [t.claimMade(file), plain(`  ${claim}`)];
  return Promise.resolve(done({ exit: 0, lines, json: { claim, file }, next: 'liushui claim take' }));
};

const take: Run = async (use) => {
  const file = use.doors.loginFile(use.config);
  if (!existsSync(file)) return refuse('auth.login_required');
  const taken = await use.doors.claimLogin(use.config, readFileSync(file, 'utf8').trim());
  if (!taken.ok) return taken;
  const { userId } = taken.value;
  return done({ exit: 0, lines: [t.claimTaken(userId)], json: { user: userId }, next: 'liushui whoami' });
};
