import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { done, parseShanghai, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Approval } from '../approvals/index.ts';
import type { HandOut } from '../channels/contract/index.ts';
import {
  acceptAccount,
  checkGoLive,
  goLive,
  goLiveAct,
  goLiveName,
  lookAt,
  makeTestPack,
  nextStep,
  noteFacts,
} from '../onboarding/index.ts';
import type { Accepted, Line, Look, Step } from '../onboarding/index.ts';
import { describe } from '../platform/refusals.ts';
import type { Answer, Words } from './answer.ts';
import { withConsent } from './consent.ts';
import { consentTexts } from './consent.texts.ts';
import { bilingualTable } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { onboardingTexts as t } from './onboarding.texts.ts';
import { firstArg, text } from './session.ts';
import type { Args, Options, Run } from './session.ts';

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

type Lang = 'zh' | 'en';
const langs = ['zh', 'en'] as const;

/** A table whose cells have two languages as well. */
function tableOf(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  rows: (lang: Lang) => string[][],
) {
  const [zh, en] = langs.map((lang) => bilingualTable(heads, rows(lang)));
  return (zh ?? []).map((line, at): Words => ({ zh: line.zh, en: en?.[at]?.en ?? '' }));
}

function missingWords(step: Step, lang: Lang): string {
  const { lacks, appliedOn, expectedOn = '', isLate = false, contact = '', state, approval } = step;
  const wait =
    state === 'waiting' && appliedOn !== undefined ? [t.since(appliedOn, expectedOn, isLate, contact)[lang]] : [];
  const wanted = lacks.length === 0 ? [] : [`${lacks.join(', ')}${step.blocks ? '' : ` (${t.unconfirmed[lang]})`}`];
  const asked = approval === undefined ? [] : [t.asked(approval)[lang]];
  return [...wanted, ...asked, ...wait].join('; ');
}

const stepLines = (steps: readonly Step[]): Words[] =>
  tableOf(t.heads, (lang) =>
    steps.map((step) => [
      ...[String(step.no), step.key, step[lang], t.owners[step.owner][lang], t.states[step.state][lang]],
      missingWords(step, lang),
    ]),
  );

/** Under the table: what a cell has no room for. */
const remarkLines = (steps: readonly Step[]): Words[] =>
  steps.flatMap(({ no, key, remark }) => {
    const [zh = '', en = ''] = remark ? langs.map((lang) => describe(remark, lang)) : [];
    return remark ? [{ zh: `${no} ${key}: ${zh}`, en: `${no} ${key}: ${en}` }] : [];
  });

const stepJson = ({ zh, en, appliedOn, expectedOn, isLate, remark, ...step }: Step): Record<string, unknown> => ({
  ...{ ...step, words: { zh, en } },
  ...(appliedOn === undefined ? {} : { applied_on: appliedOn }),
  ...(expectedOn === undefined ? {} : { expected_on: expectedOn }),
  ...(isLate ? { late: true } : {}),
  ...(remark ? { remark: remark.code } : {}),
});

/** What to type next: the step that can be gone on with, or the same words again where the world is waited for. */
const nextOf = ({ steps }: Look): { readonly next?: string } => {
  const next = nextStep(steps)?.next;
  return next === undefined ? {} : { next };
};

function walkAnswer(look: Look, first: readonly Words[] = []): Answer {
  const { account, steps } = look;
  const isLive = account.liveAt !== undefined;
  const lines = [...first, ...stepLines(steps), ...remarkLines(steps), ...(isLive ? [t.live(account.id)] : [])];
  const json = { account: account.id, live: isLive, steps: steps.map(stepJson) };
  return { exit: 0, lines, json, ...nextOf(look) };
}

const walk: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const look = await lookAt(opened.value.payments, opened.value.actor, firstArg(args));
  return look.ok ? done(walkAnswer(look.value)) : look;
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
  const { lines: _all, ...answer } = walkAnswer(noted.value);
  return done({ ...answer, lines: [t.noted(accountId, step)] });
};

function proofOf({ proof, refusal }: Line, lang: Lang): string {
  return refusal ? `${refusal.code}: ${describe(refusal, lang)}` : (proof ?? '');
}

const acceptLines = (lines: readonly Line[]): Words[] =>
  tableOf(t.lineHeads, (lang) =>
    lines.map((line) => [t.lines[line.key][lang], t.results[line.state][lang], proofOf(line, lang)]),
  );

function payText(handOut: HandOut): string {
  if (handOut.kind === 'url') return handOut.url;
  return handOut.kind === 'trade' ? handOut.tradeNo : handOut.text;
}

function acceptAnswer({ look, lines, toPay }: Accepted): Answer {
  const { id } = look.account;
  if (lines.length === 0)
    return { exit: 0, lines: [t.noCollecting], json: { account: id, lines: [] }, ...nextOf(look) };
  const json = {
    account: id,
    lines: lines.map(({ refusal, ...line }) => ({ ...line, ...(refusal ? { code: refusal.code } : {}) })),
    ...(toPay ? { to_pay: payText(toPay) } : {}),
  };
  const waits = lines.some(({ state }) => state === 'waiting');
  const shown = [...acceptLines(lines), ...(toPay ? [t.toPay(payText(toPay))] : [])];
  // Not finished is no failure: whoever scripts it tries again.
  return {
    exit: waits ? 4 : 0,
    lines: shown,
    json,
    ...(waits ? { next: `liushui accounts accept ${id}` } : nextOf(look)),
  };
}

const accept: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { payments: parts, orders: door, transport, actor } = opened.value;
  const accepted = await acceptAccount({ parts, door, transport, actor }, firstArg(args));
  return accepted.ok ? done(acceptAnswer(accepted.value)) : accepted;
};

/** The paper that a channel asks for before it hands out live keys. */
const pack: Run = async (use, args, options) => {
  const file = text(options, 'out');
  if (file === undefined) return refuse('usage.bad_input', { field: '--out', value: '', problem: 'FILE.csv' }, '--out');
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
    return done(askedBefore(look.value, open.approval, open.digest));
  return withConsent(session, goLiveAct(look.value), options, async (tx) => {
    const gone = await goLive(tx, session.payments, session.actor, look.value);
    if (!gone.ok) return gone;
    const json = { account: accountId, live: true, live_at: rfc3339(gone.value) };
    return done({ exit: 0, lines: [t.live(accountId)], json, next: `liushui accounts walk ${accountId}` });
  });
};

/** Nobody is asked twice for the same. */
function askedBefore({ account, steps }: Look, approval: string, digest: string): Answer {
  const next = steps.find(({ key }) => key === 'go_live')?.next;
  const json = { approval, digest, subject: account.id };
  return { exit: 4, lines: [t.asked(approval)], json, ...(next === undefined ? {} : { next }) };
}

/** What is typed after a second person agreed that an account goes live. */
export function goLiveWith({ id, command, subject, input }: Approval): string | undefined {
  const isLive = command === 'accounts.change' && input !== null && typeof input === 'object' && 'act' in input;
  return isLive && input['act'] === goLiveName ? `liushui accounts go-live ${subject} --approval ${id}` : undefined;
}
