import { parseShanghai } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import type { AccountRow } from '../accounts/index.ts';
import type { Connector } from '../channels/contract/index.ts';
import type { TermKind } from '../contracts/index.ts';
import { isAccepted } from './acceptance.ts';
import type { Line } from './acceptance.ts';
import { appKind, keyOfWant, valueOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { nextFor } from './next.ts';
import type { Act, HttpCall } from './next.ts';
import type { Pending } from './pending.ts';
import { notNeeded, stepRules } from './steps.data.ts';
import type { StepKey, StepRule, Want } from './steps.data.ts';

export type Step = Pick<StepRule, 'zh' | 'en' | 'owner' | 'blocks'> & {
  readonly no: number;
  readonly key: StepKey;
  readonly state: 'open' | 'waiting' | 'done' | 'not_needed';
  /** What is still wanted, by the names under which it is noted. */
  readonly lacks: readonly string[];
  readonly appliedOn?: string;
  readonly expectedOn?: string;
  /** The channel let its own date pass. */
  readonly isLate?: true;
  readonly contact?: string;
  /** A second person is asked; nothing else is to be done for it. */
  readonly approval?: string;
  /** What stands in the way, or what is to be known of it. */
  readonly remark?: Refusal;
  /** The command to type next for this step. */
  readonly next?: string;
  /** The same over HTTP. */
  readonly call?: HttpCall;
};

export type WalkInput = {
  readonly account: AccountRow;
  readonly connector: Connector;
  /** Terms that two people agreed to and that hold now; a licence with its last day. */
  readonly agreed: ReadonlyMap<TermKind, { readonly expiresOn?: string }>;
  /** Secrets that an account with its settings needs. */
  readonly needed: readonly string[];
  /** Those of them that it has not. */
  readonly lacking: readonly string[];
  readonly facts: Facts;
  readonly lines: readonly Line[];
  readonly pending: readonly Pending[];
  /** Other open accounts of the merchant with the same owner's numbers. */
  readonly twins: readonly string[];
  readonly at: Instant;
};

/** Whether the account's settings open any product: one that only declares to customs collects nothing. */
export const isCollecting = ({ manifest }: Connector, { settings }: Pick<AccountRow, 'settings'>): boolean =>
  Object.values(manifest.pay?.products ?? {}).some(({ openedBy = [] }) =>
    openedBy.every((wish) => !('setting' in wish) || isSet(settings[wish.setting], wish.oneOf)),
  );

const isSet = (value: string | undefined, oneOf: readonly string[] | undefined): boolean =>
  value !== undefined && value !== '' && (oneOf?.includes(value) ?? true);

type Missing = { readonly name: string; readonly act: Act };

/** Where the opening of an account stands. A function of what is known; nothing is kept of it. */
export function stepsOf(input: WalkInput): readonly Step[] {
  return stepRules.map((rule, index) => stepOf(input, rule, index + 1));
}

/** The first step that can be gone on with: what blocks goes before what is only to be confirmed, and what waits for the channel comes last. */
export function nextStep(steps: readonly Step[]): Step | undefined {
  const unfinished = steps.filter(({ state, next }) => (state === 'open' || state === 'waiting') && next !== undefined);
  const ranks = [
    (one: Step) => one.blocks && one.state === 'open' && !['acceptance', 'go_live'].includes(one.key),
    (one: Step) => one.blocks && one.state === 'waiting',
    (one: Step) => one.blocks,
  ];
  for (const fits of ranks) {
    const found = unfinished.find(fits);
    if (found) return found;
  }
  return unfinished[0];
}

/** What stands against going live. */
export const blockersOf = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ key, blocks, state }) => blocks && key !== 'go_live' && (state === 'open' || state === 'waiting'));

function stepOf(input: WalkInput, rule: StepRule & { readonly key: StepKey }, no: number): Step {
  const { key, zh, en, owner, blocks } = rule;
  const { facts, at } = input;
  // What a second person is asked for goes on without us.
  const missing = [...missingOf(input, rule)].sort((a, b) => Number(isAsked(a)) - Number(isAsked(b)));
  const [appliedOn, expectedOn, contact] = ['applied_on', 'expected_on', 'contact'].map((one) =>
    valueOf(facts, key, one),
  );
  const [first] = missing;
  const lateAt = expectedOn === undefined ? undefined : parseShanghai(`${expectedOn} 23:59:59`);
  const isNeedless =
    rule.wants.length > 0 && rule.wants.every((want) => valueOf(facts, key, keyOfWant(want)) === notNeeded);
  const isWaiting = appliedOn !== undefined || (first !== undefined && isAsked(first));
  const state = first ? (isWaiting ? 'waiting' : 'open') : isNeedless ? 'not_needed' : 'done';
  const remark = remarkOf(input, key);
  return {
    ...{ no, key, zh, en, owner, blocks, state, lacks: missing.map(({ name }) => name) },
    ...(appliedOn === undefined ? {} : { appliedOn }),
    ...(expectedOn === undefined ? {} : { expectedOn }),
    ...(state === 'waiting' && lateAt !== undefined && lateAt < at ? { isLate: true as const } : {}),
    ...(contact === undefined ? {} : { contact }),
    ...(first?.act.does === 'approve' ? { approval: first.act.approval } : {}),
    ...(remark ? { remark } : {}),
    ...(first ? nextFor(input.account.id, first.act) : {}),
  };
}

const isAsked = ({ act }: Missing): boolean => act.does === 'approve';

function remarkOf({ account: { id: account }, lacking, lines, twins }: WalkInput, key: StepKey): Refusal | undefined {
  const stuck = lines.find(({ state, refusal }) => state === 'waiting' && refusal);
  switch (key) {
    case 'keys':
      if (lacking.length === 0) return undefined;
      return { code: 'onboarding.secret_missing', params: { account, fields: lacking.join(', ') } };
    case 'statements':
      if (twins.length === 0) return undefined;
      return { code: 'onboarding.owner_twice', params: { account, others: twins.join(', ') } };
    case 'notices':
      return stuck?.key === 'notice' ? stuck.refusal : undefined;
    case 'acceptance':
      return stuck?.refusal;
    default:
      return undefined;
  }
}

function missingOf(input: WalkInput, rule: StepRule & { readonly key: StepKey }): readonly Missing[] {
  const own = rule.wants.flatMap((want) => (isMet(input, rule.key, want) ? [] : [missed(input, rule.key, want)]));
  switch (rule.key) {
    case 'products':
      return missingProducts(input);
    case 'addresses':
      return [...own, ...missingNoticeAddress(input)];
    case 'keys':
      return input.lacking.map((name) => ({ name, act: { does: 'add_again', words: wordsToAdd(input) } }));
    case 'notices':
      return input.lines.some(({ key, state }) => key === 'notice' && state === 'waiting') ? [acceptance] : [];
    case 'acceptance':
      return isAccepted(input.lines)
        ? []
        : input.lines.filter(isOpenLine).map(({ key }) => ({ ...acceptance, name: key }));
    case 'go_live':
      return input.account.liveAt === undefined ? [{ name: 'live', act: liveAct(input) }] : [];
    default:
      return own;
  }
}

const isOpenLine = ({ state }: Line): boolean => state === 'waiting';

function liveAct({ pending }: WalkInput): Act {
  const asked = pending.filter((one) => one.for === 'go_live');
  const [first] = [...asked.filter(({ isApproved }) => isApproved), ...asked];
  if (!first) return { does: 'go_live' };
  const { approval, digest, isApproved } = first;
  return isApproved ? { does: 'go_live', approval } : { does: 'approve', approval, digest };
}

/** The account as it is, with files for the secrets that an account with its settings needs. */
function wordsToAdd({ account, needed }: WalkInput): readonly string[] {
  const { channel, merchantId, settings, products = [] } = account;
  return [
    ...['--channel', channel, '--merchant', merchantId, '--name', 'NAME'],
    ...Object.entries(settings).flatMap(([name, value]) => ['--setting', `${name}=${value}`]),
    ...products.flatMap((product) => ['--product', product]),
    ...needed.flatMap((name) => ['--secret-file', `${name}=FILE`]),
  ];
}

const acceptance: Missing = { name: 'acceptance', act: { does: 'accept' } };

function isMet({ agreed, facts, at }: WalkInput, step: StepKey, want: Want): boolean {
  const noted = valueOf(facts, step, keyOfWant(want));
  if ('fact' in want) return noted !== undefined;
  const { expiresOn } = agreed.get(want.term) ?? {};
  const endsAt = expiresOn === undefined ? undefined : parseShanghai(`${expiresOn} 23:59:59`);
  return noted === notNeeded || (agreed.has(want.term) && (endsAt === undefined || endsAt > at));
}

function missed({ connector, pending }: WalkInput, step: StepKey, want: Want): Missing {
  const asked = 'term' in want ? pending.find((one) => one.for === want.term) : undefined;
  if (asked) return { name: asked.for, act: { does: 'approve', approval: asked.approval, digest: asked.digest } };
  if ('term' in want) return { name: want.term, act: { does: 'propose', term: want.term, example: want.example } };
  const modes = Object.keys(connector.opening?.modes ?? {});
  const example = want.fact === 'mode' && modes.length > 0 ? modes.join('|') : want.example;
  return noting(want.fact, step, want.fact, example);
}

const noting = (name: string, step: StepKey, key: string, value: string): Missing => ({
  name,
  act: { does: 'note', step, key, value },
});

/** At least one product, and of what it needs the kind of application. */
function missingProducts({ account, connector, facts }: WalkInput): readonly Missing[] {
  const { manifest, opening } = connector;
  const known = isCollecting(connector, account) ? Object.keys(manifest.pay?.products ?? {}) : [];
  const opened = account.products ?? [];
  if (known.length > 0 && opened.length === 0) return [noting('opened', 'products', known.join('|'), 'opened')];
  const kinds = opened.flatMap((product) => opening?.products[product]?.appKinds ?? []);
  if (kinds.length === 0 || valueOf(facts, 'products', appKind) !== undefined) return [];
  return [noting(appKind, 'products', appKind, [...new Set(kinds)].join('|'))];
}

/** Where the channel sends its messages to an address that is pasted once, the address and a message that came there. */
function missingNoticeAddress({ connector, facts }: WalkInput): readonly Missing[] {
  if (connector.opening?.noticeAddress !== 'web_site') return [];
  if (valueOf(facts, 'addresses', 'notice_address') !== undefined) return [];
  return [noting('notice_address', 'addresses', 'notice_address', 'pasted')];
}
