import type { Command } from 'commander';
import { done, parseShanghai, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { allowed, everyMerchant, writeAudit } from '../identity/index.ts';
import { writeSandboxClock } from '../platform/clock.ts';
import { stampOf } from './consent.ts';
import { readDuration, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { operationsTexts as t } from './operations.texts.ts';
import { nextOfRun } from './run-under-way.ts';
import { sandboxActs } from './sandbox-acts.ts';
import { signUpCommand } from './sandbox-sign-up.ts';
import { text } from './session.ts';
import type { Options, Run } from './session.ts';

export function sandboxCommands(kit: Kit, program: Command): void {
  const sandbox = group(kit, program, 'sandbox', t.sandbox);
  leaf(kit, sandbox, 'clock', t.clockAbout, clock, [
    ['--forward <time>', t.forwardOption],
    ['--set <moment>', t.setOption],
    ['--run', t.runOption],
    ['--stop', t.stopOption],
  ]);
  sandboxActs(kit, sandbox);
  signUpCommand(kit, sandbox);
}

const clock: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const { actor, db, customs, clockRuns } = session;
  if (!session.sandbox) return refuse('sandbox.only', { what: 'sandbox clock' });
  const now = session.clock.now();
  const target = momentWanted(options, now);
  if (!target.ok) return target;
  const running = options['run'] === true || (clockRuns && options['stop'] !== true);
  if (target.value !== now || running !== clockRuns) {
    // Everybody's clock is moved by whoever may move his own merchant's, as over HTTP: a sandbox has only one.
    const isEverywhere = actor.merchants.includes(everyMerchant);
    const may = allowed(actor, 'sandbox.clock', isEverywhere ? undefined : actor.merchants[0]);
    if (!may.ok) return may;
    await customs.keyring.prepare(target.value);
    await db.transaction(async (tx) => {
      await writeSandboxClock(tx, target.value, running);
      const detail = { from: rfc3339(now), to: rfc3339(target.value), running };
      await writeAudit(tx, [{ actor, act: 'sandbox.clock_moved', subject: 'clock', detail }], stampOf(session));
    });
  }
  const lines = [t.clock(time(target.value), running)];
  const next = (await nextOfRun(session)) ?? 'liushui jobs due';
  return done({ exit: 0, lines, json: { clock: rfc3339(target.value), running }, next });
};

function momentWanted(options: Options, now: Instant): Result<Instant> {
  const forward = text(options, 'forward');
  const set = text(options, 'set');
  if (forward !== undefined) {
    const ms = readDuration(forward);
    return ms === undefined
      ? refuse('usage.bad_input', { field: '--forward', value: forward, problem: '30m, 2h' })
      : done(plus(now, ms));
  }
  if (set === undefined) return done(now);
  const at = parseShanghai(set);
  if (at === undefined) return refuse('usage.bad_input', { field: '--set', value: set, problem: '2015-10-28 18:00' });
  return at < now ? refuse('sandbox.clock_back', { now, asked: at }) : done(at);
}
