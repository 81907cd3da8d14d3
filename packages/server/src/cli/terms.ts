import type { Command } from 'commander';
import { done, parseShanghai, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { findAccounts, openAccount } from '../accounts/index.ts';
import {
  decideTerm,
  defaultsFrom,
  isTermKind,
  labelOf,
  proposeTerm,
  refuseKind,
  showTerms,
  termsOf,
  valueOfWords,
} from '../contracts/index.ts';
import type { ShownTerms, Term, TermKind } from '../contracts/index.ts';
import { allowed } from '../identity/index.ts';
import { refuseUnneeded } from '../onboarding/index.ts';
import { plain } from './answer.ts';
import type { Answer, Words } from './answer.ts';
import { bilingualTable, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { doerLines } from './onboarding-doer.ts';
import { planTexts } from './plans.texts.ts';
import { firstArg, text } from './session.ts';
import type { Args, Options, Run, Session } from './session.ts';
import { termsTexts as t } from './terms.texts.ts';

export function termCommands(kit: Kit, program: Command): void {
  const terms = group(kit, program, 'terms', t.group);
  const about = [
    ['--product <product>', t.productOption],
    ['--scene <scene>', t.sceneOption],
  ] as const;
  leaf(kit, terms, 'list <account>', t.listAbout, list);
  leaf(kit, terms, 'show <account> <kind>', t.showAbout, show, [...about, ['--at <time>', t.atOption]]);
  const collect = (one: string, before: string[]): string[] => [...before, one];
  leaf(kit, terms, 'propose <account> <kind>', t.proposeAbout, propose, [
    ...about,
    ['--source <text>', t.sourceOption],
    ['--from <time>', t.fromOption],
    ['--to <time>', t.toOption],
    ['--reason <text>', planTexts.reasonOption],
    ['--alone', t.aloneOption],
  ]).option('--value <name=value>', t.valueOption[kit.lang], collect, []);
}

const valueText = (value: object): string =>
  Object.entries(value)
    .map(([name, member]) => `${name}=${member}`)
    .join(' ');

type State = keyof typeof t.states;
type Line = Pick<Term, 'product' | 'scene' | 'value'> & { kind: string; state: State; from: string; source: Words };

function linesOf({ terms, defaults }: ShownTerms): Line[] {
  const written = terms.map((term) => ({ ...term, from: time(term.validFrom), source: plain(term.source) }));
  const supposed = defaults.map((one) => ({
    ...{ ...one, source: t.supposedFrom(one.source, one.from, one.fromZh ?? one.from), from: '-' },
    state: one.alternative === true ? ('offered' as const) : ('supposed' as const),
  }));
  return [...written, ...supposed];
}

const list: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const accountId = firstArg(args);
  const shown = await showTerms(opened.value.customs, opened.value.actor, accountId);
  if (!shown.ok) return shown;
  const found = linesOf(shown.value);
  const rows = (lang: 'zh' | 'en'): string[][] =>
    found.map((line) => [
      ...[isTermKind(line.kind) ? labelOf(line.kind)[lang] : line.kind, line.product, line.scene],
      ...[valueText(line.value), t.states[line.state][lang], line.from, line.source[lang]],
    ]);
  const en = bilingualTable(t.heads, rows('en'));
  const lines = bilingualTable(t.heads, rows('zh')).map((line, at) => ({ zh: line.zh, en: en[at]?.en ?? '' }));
  const { terms, defaults } = shown.value;
  const json = { account: accountId, terms: terms.map(termJson), defaults };
  return done({
    ...{ exit: 0, lines: found.length === 0 ? [t.none] : lines, json },
    next: `liushui accounts walk ${accountId}`,
  });
};

function termJson(term: Term & { readonly state?: string }): Record<string, unknown> {
  const { accountId, product, scene, kind, value, source, validFrom, validTo, madeBy, approvedBy, approvalId } = term;
  return {
    ...{ account: accountId, product, scene, kind, value, source, valid_from: rfc3339(validFrom) },
    ...{ valid_to: validTo === undefined ? null : rfc3339(validTo), made_by: madeBy },
    ...{ approved_by: approvedBy ?? null, approval: approvalId },
    ...(term.state === undefined ? {} : { state: term.state }),
  };
}

function kindNamed(args: Args): Result<TermKind> {
  const kind = typeof args[1] === 'string' ? args[1] : '';
  return isTermKind(kind) ? done(kind) : refuseKind(kind);
}

export function momentOf(options: Options, name: string): Result<Instant | undefined> {
  const typed = text(options, name);
  const at = typed === undefined ? undefined : parseShanghai(typed);
  return typed !== undefined && at === undefined
    ? refuse('usage.bad_input', { field: `--${name}`, value: typed, problem: '2026-04-01 00:00:00' }, `--${name}`)
    : done(at);
}

function sceneOf(options: Options): Result<Term['scene']> {
  const scene = text(options, 'scene') ?? '*';
  return scene === '*' || scene === 'online' || scene === 'counter'
    ? done(scene)
    : refuse('usage.bad_input', { field: '--scene', value: scene, problem: '* | online | counter' }, '--scene');
}

const show: Run = async (use, args, options) => {
  const [kind, at, scene] = [kindNamed(args), momentOf(options, 'at'), sceneOf(options)];
  if (!kind.ok) return kind;
  if (!at.ok) return at;
  if (!scene.ok) return scene;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor, db, clock } = opened.value;
  const account = await openAccount(customs, firstArg(args));
  if (!account.ok) return account;
  const may = allowed(actor, 'accounts.read', account.value.merchantId);
  if (!may.ok) return may;
  const accountId = firstArg(args);
  const moment = at.value ?? clock.now();
  const terms = await termsOf(db, [accountId], moment, defaultsFrom(customs.channels));
  const product = text(options, 'product') ?? '*';
  const held = terms.get(accountId)?.find(kind.value, product, scene.value);
  const about = { account: accountId, kind: kind.value, product, scene: scene.value, at: rfc3339(moment) };
  if (!held) return done({ exit: 0, lines: [t.notFound(kind.value)], json: { ...about, value: null } });
  const { value, source, confirmed } = held;
  const lines = [plain(valueText(value)), confirmed ? t.confirmed(source) : t.supposed(source)];
  return done({ exit: 0, lines, json: { ...about, value, source, confirmed } });
};

/** `name=value` words; refuses the first one without a name. */
function wordsOf(options: Options): Result<Readonly<Record<string, string>>> {
  const words: Record<string, string> = {};
  for (const word of (options['value'] ?? []) as readonly string[]) {
    const cut = word.indexOf('=');
    if (cut < 1) return refuse('usage.bad_input', { field: '--value', value: word, problem: 'name=value' }, '--value');
    words[word.slice(0, cut)] = word.slice(cut + 1);
  }
  return done(words);
}

const propose: Run = async (use, args, options) => {
  const [kind, words] = [kindNamed(args), wordsOf(options)];
  if (!kind.ok) return kind;
  if (!words.ok) return words;
  const [from, to, scene] = [momentOf(options, 'from'), momentOf(options, 'to'), sceneOf(options)];
  if (!from.ok) return from;
  if (!to.ok) return to;
  if (!scene.ok) return scene;
  const unneeded = refuseUnneeded(firstArg(args), kind.value, words.value);
  if (unneeded) return { ok: false, refusal: unneeded };
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor, clock } = opened.value;
  const given = {
    ...{ accountId: firstArg(args), product: text(options, 'product') ?? '*', scene: scene.value, kind: kind.value },
    ...{ value: valueOfWords(kind.value, words.value), source: text(options, 'source') ?? '' },
    ...{ validFrom: from.value ?? clock.now(), validTo: to.value },
  };
  const how = { reason: text(options, 'reason') ?? '', alone: options['alone'] === true };
  const proposed = await proposeTerm(customs, actor, given, how);
  if (!proposed.ok) return proposed;
  const { approvalId, digest, lapsesAt, term } = proposed.value;
  if (term) return done(agreedAnswer(term));
  const json = { approval: approvalId, digest, lapses_at: rfc3339(lapsesAt), by: actor.userId, kind: kind.value };
  const [account] = await findAccounts(customs.db, [given.accountId]);
  const about = `${given.accountId} ${kind.value} (${given.product}, ${given.scene})`;
  const doer = { permission: 'accounts.terms.approve', not: actor.userId } as const;
  const who = await doerLines(use, opened.value, account?.merchantId ?? '', doer);
  const lines = [t.proposed(approvalId, about, valueText(given.value)), ...who];
  return done({ exit: 0, lines, json, next: `liushui approvals approve ${approvalId}` });
};

function agreedAnswer(term: Term): Answer {
  const { accountId, kind, product, scene, value, validFrom } = term;
  const lines = [t.agreed(`${accountId} ${kind} (${product}, ${scene})`, valueText(value), time(validFrom))];
  return { exit: 0, lines, json: termJson(term), next: `liushui terms list ${accountId}` };
}

/** For the approval by its number: term and approval are decided together. */
export async function decideOnTerm(
  { customs, actor }: Session,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await decideTerm(customs, actor, approvalId, verdict, reason);
  if (!decided.ok) return decided;
  if (decided.value) return done(agreedAnswer(decided.value));
  const json = { approval: approvalId, state: 'refused', by: actor.userId };
  return done({ exit: 0, lines: [t.refused(approvalId)], json, next: 'liushui approvals list' });
}
