import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { done, parseShanghai, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Approval } from '../approvals/index.ts';
import {
  acceptAccount,
  checkGoLive,
  goLive,
  goLiveAct,
  goLiveName,
  hearersOf,
  lookAt,
  makeTestPack,
  nextAfter,
  nextStep,
  noteFacts,
} from '../onboarding/index.ts';
import type { Look } from '../onboarding/index.ts';
import type { Answer, Words } from './answer.ts';
import { withConsent } from './consent.ts';
import { consentTexts } from './consent.texts.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { acceptAnswer } from './onboarding-accept.ts';
import { doerLines } from './onboarding-doer.ts';
import { fillLines, liveLines, orLines, walkAnswer } from './onboarding-walk.ts';
import { onboardingTexts as t } from './onboarding.texts.ts';
import { optionMissing } from './option-missing.ts';
import { firstArg, text } from './session.ts';
import type { Args, Options, Run, Session, Use } from './session.ts';

export function onboardingCommands(kit: Kit, accounts: Command): void {
  leaf(kit, accounts, 'walk <account>', t.walkAbout, walk);
  leaf(kit, accounts, 'note <account> <step> <facts...>', t.noteAbout, note, [['--until <date>', t.untilOption]]);
  leaf(kit, accounts, 'accept <account>', t.acceptAbout, accept);
  leaf(kit, accounts, 'testpack <account>', t.packAbout, pack, [['--out <file>', t.outOption]]);
  leaf(kit, accounts, 'go-live <account>', t.goLiveAbout, live, [
    ['--approval <id>', consentTexts.approvalOption],
    ['--reason <text>', consentTexts.reasonOption],
  ]);
}

/** What the next step wants to be typed, and by whom. */
async function whoNext(use: Use, session: Session, { account, steps }: Look): Promise<Words[]> {
  return doerLines(use, session, account.merchantId, nextStep(steps)?.doer);
}

const walk: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const look = await lookAt(opened.value.payments, opened.value.actor, firstArg(args));
  return look.ok ? done(walkAnswer(look.value, await whoNext(use, opened.value, look.value))) : look;
};

/** `key=value` words; refuses the first one without a name. */
function wordsOf([, , words]: Args): Result<Readonly<Record<string, string>>> {
  const pairs: Record<string, string> = {};
  for (const word of (words ?? []) as readonly string[]) {
    const cut = word.indexOf('=');
    if (cut < 1) return refuse('usage.bad_input', { field: 'FACTS', value: word, problem: 'key=value' });
    pairs[word.slice(0, cut)] = word.slice(cut + 1);
  }
  return done(pairs);
}

/** The end of a day in Beijing. */
function untilOf(options: Options): Result<Instant | undefined> {
  const day = text(options, 'until');
  if (day === undefined) return done(undefined);
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? parseShanghai(`${day} 23:59:59`) : undefined;
  return at === undefined
    ? refuse('usage.bad_input', { field: '--until', value: day, problem: '2026-04-01' }, '--until')
    : done(at);
}

const note: Run = async (use, args, options) => {
  const [words, validTo] = [wordsOf(args), untilOf(options)];
  if (!words.ok) return words;
  if (!validTo.ok) return validTo;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const accountId = firstArg(args);
  const step = typeof args[1] === 'string' ? args[1] : '';
  const wish = { accountId, step, words: words.value, validTo: validTo.value };
  const noted = await noteFacts(opened.value.payments, opened.value.actor, wish);
  if (!noted.ok) return noted;
  const { lines: _all, ...answer } = walkAnswer(noted.value, []);
  const after = nextStep(noted.value.steps);
  const told = [...fillLines(after?.fill ?? []), ...orLines([after])];
  const lines = [t.noted(accountId, step), ...told, ...(await whoNext(use, opened.value, noted.value))];
  return done({ ...answer, lines });
};

const accept: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { payments: parts, orders: door, transport, actor, sandbox, clockRuns, clock } = opened.value;
  const accepted = await acceptAccount({ parts, door, transport, actor }, firstArg(args));
  if (!accepted.ok) return accepted;
  const place = { sandbox, clockRuns, at: clock.now(), userId: actor.userId };
  const next = nextAfter(accepted.value, place);
  const who = await doerLines(use, opened.value, accepted.value.look.account.merchantId, next?.doer);
  const answer = acceptAnswer(accepted.value, place, who);
  return done({ ...answer, lines: [...answer.lines, ...fillLines(next?.fill ?? []), ...orLines([next])] });
};

/** The paper that a channel asks for before it hands out live keys. */
const pack: Run = async (use, args, options) => {
  const file = text(options, 'out');
  if (file === undefined) return optionMissing('--out', 'FILE.csv');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const accountId = firstArg(args);
  const made = await makeTestPack(opened.value.payments, opened.value.actor, accountId);
  if (!made.ok) return made;
  const { cases, passed, text: content } = made.value;
  await writeFile(file, content);
  const json = { account: accountId, file, cases, passed };
  const next = `liushui accounts ${passed < cases ? 'accept' : 'walk'} ${accountId}`;
  return done({ exit: 0, lines: [t.packed(file, passed, cases)], json, next });
};

/** Two people in production. What they agree to is that the steps were done when they looked; they are asked again when it goes live. */
const live: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const session = opened.value;
  const accountId = firstArg(args);
  const look = await checkGoLive(session.payments, session.actor, accountId);
  if (!look.ok) return look;
  const open = look.value.pending.find((one) => one.for === 'go_live');
  if (open && !session.sandbox && text(options, 'approval') === undefined)
    return done(await askedBefore(use, session, look.value, open.approval, open.digest));
  const { merchantId } = look.value.account;
  return withConsent(session, goLiveAct(look.value), options, async (tx) => {
    const gone = await goLive(tx, session.payments, session.actor, look.value);
    if (!gone.ok) return gone;
    const hearers = await hearersOf(session.payments, merchantId);
    const told = hearers.length > 0 ? t.told(hearers) : t.toldNobody;
    const lines = [...liveLines(look.value), told, ...(session.sandbox ? [t.onePerson] : [])];
    const json = { account: accountId, live: true, live_at: rfc3339(gone.value), hearers };
    return done({ exit: 0, lines, json, next: `liushui accounts walk ${accountId}` });
  });
};

/** Nobody is asked twice for the same. */
async function askedBefore(use: Use, session: Session, look: Look, approval: string, digest: string): Promise<Answer> {
  const { account, steps } = look;
  const { next, doer } = steps.find(({ key }) => key === 'go_live') ?? {};
  const json = { approval, digest, subject: account.id };
  const lines = [t.asked(approval), ...(await doerLines(use, session, account.merchantId, doer))];
  return { exit: 4, lines, json, ...(next === undefined ? {} : { next }) };
}

/** What is typed after a second person agreed that an account goes live. */
export function goLiveWith({ id, command, subject, input }: Approval): string | undefined {
  const isLive = command === 'accounts.change' && input !== null && typeof input === 'object' && 'act' in input;
  return isLive && input['act'] === goLiveName ? `liushui accounts go-live ${subject} --approval ${id}` : undefined;
}
