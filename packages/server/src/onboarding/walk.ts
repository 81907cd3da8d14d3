import { parseShanghai } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import type { AccountRow } from '../accounts/index.ts';
import type { Connector } from '../channels/contract/index.ts';
import { labelOf } from '../contracts/index.ts';
import type { TermKind } from '../contracts/index.ts';
import { isAccepted, productToTry, triable } from './acceptance.ts';
import type { Line } from './acceptance.ts';
import { appKindBlank, factBlank, fileBlank, productBlank, productsOf } from './blanks.ts';
import type { Blank } from './blanks.ts';
import { lineWords, listed, named, wantTexts } from './blanks.texts.ts';
import { appKind, keyOfWant, valueOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { nextFor } from './next.ts';
import type { Act, Next } from './next.ts';
import type { Pending } from './pending.ts';
import { notNeeded, stepRules } from './steps.data.ts';
import type { StepKey, StepRule, Want } from './steps.data.ts';

type Words = { readonly zh: string; readonly en: string };

export type Step = Pick<StepRule, 'zh' | 'en' | 'owner' | 'blocks'> & {
  readonly no: number;
  readonly key: StepKey;
  readonly state: 'open' | 'waiting' | 'done' | 'not_needed';
  /** What is still wanted, by the names under which it is noted. */
  readonly lacks: readonly string[];
  /** The same for people. */
  readonly lacksWords: Words;
  readonly appliedOn?: string;
  readonly expectedOn?: string;
  /** The channel let its own date pass. */
  readonly isLate?: true;
  readonly contact?: string;
  /** A second person is asked; nothing else is to be done for it. */
  readonly approval?: string;
  /** What stands in the way, or what is to be known of it. */
  readonly remark?: Refusal;
} & Partial<Next>;

export type WalkInput = {
  readonly account: AccountRow;
  readonly connector: Connector;
  /** Terms that two people agreed to and that hold now; a licence with its last day. */
  readonly agreed: ReadonlyMap<TermKind, { readonly expiresOn?: string }>;
  /** Secrets that an account with its settings needs and has not. */
  readonly lacking: readonly string[];
  readonly facts: Facts;
  readonly lines: readonly Line[];
  readonly pending: readonly Pending[];
  /** Other open accounts of the merchant with the same owner's numbers. */
  readonly twins: readonly string[];
  readonly at: Instant;
};

/** Whether the account's settings open any product: one that only declares to customs collects nothing. */
export const isCollecting = (connector: Connector, account: Pick<AccountRow, 'settings'>): boolean =>
  productsOf({ connector, account }).length > 0;

type Missing = { readonly name: string; readonly words: Words; readonly act: Act };

/** Where the opening of an account stands. A function of what is known; nothing is kept of it. */
export function stepsOf(input: WalkInput): readonly Step[] {
  return stepRules.map((rule, index) => stepOf(input, rule, index + 1));
}

/** The first step that can be gone on with: what blocks goes before what is only to be confirmed, and what waits for the channel comes last. */
export function nextStep(steps: readonly Step[]): Step | undefined {
  const unfinished = steps.filter(({ state, next }) => isUnfinished(state) && next !== undefined);
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

/** The steps that block and can be gone on with; what only ends them all comes when they are done. */
export function toDo(steps: readonly Step[]): readonly Step[] {
  const open = steps.filter(({ blocks, state, next }) => blocks && next !== undefined && isUnfinished(state));
  return open.length > 1 ? open.filter(({ key }) => key !== 'go_live') : open;
}

const isUnfinished = (state: Step['state']): boolean => state === 'open' || state === 'waiting';

/** Steps that nobody has finished, and that stop nobody from going live. */
export const idleOf = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ blocks, state }) => !blocks && isUnfinished(state));

/** What stands against going live. */
export const blockersOf = (steps: readonly Step[]): readonly Step[] =>
  steps.filter(({ key, blocks, state }) => blocks && key !== 'go_live' && isUnfinished(state));

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
    lacksWords: listed(missing.map(({ words }) => words)),
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

function remarkOf(input: WalkInput, key: StepKey): Refusal | undefined {
  const { account: row, connector, lacking, lines, twins } = input;
  const account = row.id;
  const stuck = lines.find(({ state, refusal }) => state === 'waiting' && refusal);
  switch (key) {
    case 'keys':
      if (lacking.length === 0) return undefined;
      return {
        code: 'onboarding.secret_missing',
        params: { account, fields: lacking.join(', '), fieldsZh: secretWords(connector, lacking).zh },
      };
    case 'statements':
      if (twins.length === 0) return undefined;
      return { code: 'onboarding.owner_twice', params: { account, others: twins.join(', ') } };
    case 'notices':
      return stuck?.key === 'notice' ? stuck.refusal : undefined;
    case 'acceptance':
      return stuck?.refusal ?? untriable(input);
    default:
      return undefined;
  }
}

/** Every product that is open needs to know the payer, whom a run does not know. */
export function refuseToTry(connector: Connector, account: AccountRow): Refusal | undefined {
  const known = productsOf({ connector, account });
  const { products } = account;
  if (known.length === 0 || productToTry(connector, products) !== undefined) return undefined;
  const fits = triable(connector, known);
  const params = { account: account.id, products: (products ?? known).join(', ') || '-' };
  return {
    code: 'onboarding.nothing_to_try',
    params: { ...params, fits: fits.join(', ') || '-', fit: fits[0] ?? 'PRODUCT' },
  };
}

/** Where no product is open at all, another step says so. */
const untriable = ({ connector, account }: WalkInput): Refusal | undefined =>
  account.products?.length === 0 ? undefined : refuseToTry(connector, account);

const secretWords = ({ manifest }: Connector, names: readonly string[]): Words =>
  listed(
    manifest.secrets
      .filter(({ name }) => names.includes(name))
      .map(({ name, labelZh: zh, labelEn: en }) => named(name, { zh, en })),
  );

function missingOf(input: WalkInput, rule: StepRule & { readonly key: StepKey }): readonly Missing[] {
  const own = rule.wants.flatMap((want) => (isMet(input, rule.key, want) ? [] : [missed(input, rule.key, want)]));
  switch (rule.key) {
    case 'products':
      return missingProducts(input);
    case 'addresses':
      return [...own, ...missingNoticeAddress(input)];
    case 'keys':
      return missingSecrets(input);
    case 'notices':
      return input.lines.some(({ key, state }) => key === 'notice' && state === 'waiting') ? [acceptance] : [];
    case 'acceptance':
      return isAccepted(input.lines)
        ? []
        : input.lines
            .filter(isOpenLine)
            .map(({ key }) => ({ ...acceptanceOf(input), name: key, words: lineWords[key] }));
    case 'go_live':
      return input.account.liveAt === undefined ? [{ ...wanted('live'), act: liveAct(input) }] : [];
    default:
      return own;
  }
}

const isOpenLine = ({ state }: Line): boolean => state === 'waiting';

function liveAct({ pending }: WalkInput): Act {
  const asked = pending.filter((one) => one.for === 'go_live');
  const [first] = [...asked.filter(({ isApproved }) => isApproved), ...asked];
  if (!first) return { does: 'go_live' };
  const { approval, digest, isApproved, maker } = first;
  return isApproved
    ? { does: 'go_live', approval }
    : { does: 'approve', approval, digest, of: 'accounts.change', maker };
}

function missingSecrets({ connector, lacking }: WalkInput): readonly Missing[] {
  const act: Act = { does: 'change', secrets: lacking, blank: fileBlank(connector, lacking) };
  return lacking.map((name) => ({ name, words: secretWords(connector, [name]), act }));
}

const wanted = (name: string): Pick<Missing, 'name' | 'words'> => ({
  name,
  words: named(name, wantTexts[name] ?? { zh: name, en: name }),
});

const acceptance: Missing = { ...wanted('acceptance'), act: { does: 'accept' } };

/** The run itself; before it a product with which it can be gone through. */
function acceptanceOf(input: WalkInput): Missing {
  const { connector, account } = input;
  const [product] = untriable(input) ? triable(connector, productsOf({ connector, account })) : [];
  return product === undefined
    ? acceptance
    : { ...acceptance, act: { does: 'note', step: 'products', key: product, value: 'opened' } };
}

function isMet({ agreed, facts, at }: WalkInput, step: StepKey, want: Want): boolean {
  const noted = valueOf(facts, step, keyOfWant(want));
  if ('fact' in want) {
    const { unless } = want;
    return noted !== undefined || (unless !== undefined && valueOf(facts, step, unless.fact) === unless.is);
  }
  const { expiresOn } = agreed.get(want.term) ?? {};
  const endsAt = expiresOn === undefined ? undefined : parseShanghai(`${expiresOn} 23:59:59`);
  return noted === notNeeded || (agreed.has(want.term) && (endsAt === undefined || endsAt > at));
}

function missed(input: WalkInput, step: StepKey, want: Want): Missing {
  const { connector, pending } = input;
  if ('fact' in want) return noting(want.fact, step, factBlank(want.fact, input));
  const asked = pending.find((one) => one.for === want.term);
  const words = { name: want.term, words: named(want.term, labelOf(want.term)) };
  if (asked) {
    const { approval, digest, maker } = asked;
    return { ...words, act: { does: 'approve', approval, digest, of: 'accounts.terms', maker } };
  }
  const isFetched = connector.statement !== undefined;
  const ways = want.term === 'statement' && !isFetched ? { oneOf: ['console', 'pushed'] } : {};
  const unneeded = want.always === true ? {} : { unneededIn: step };
  return { ...words, act: { does: 'propose', term: want.term, ...ways, ...unneeded } };
}

/** Where one word alone is allowed, it is written already. */
function noting(key: string, step: StepKey, blank: Blank | undefined): Missing {
  const [only, ...others] = blank?.oneOf ?? [];
  if (only && others.length === 0) return { ...wanted(key), act: { does: 'note', step, key, value: only.word } };
  return { ...wanted(key), act: { does: 'note', step, key, value: blank?.word ?? '', blanks: blank ? [blank] : [] } };
}

/** At least one product, and of what it needs the kind of application. */
function missingProducts(input: WalkInput): readonly Missing[] {
  const { account, connector, facts } = input;
  const opened = account.products ?? [];
  if (opened.length === 0) {
    if (!isCollecting(connector, account)) return [];
    const blank = productBlank(input);
    return [
      {
        ...wanted('opened'),
        act: { does: 'note', step: 'products', key: blank.word, value: 'opened', blanks: [blank] },
      },
    ];
  }
  const blank = appKindBlank(connector, opened);
  if (blank.oneOf === undefined || valueOf(facts, 'products', appKind) !== undefined) return [];
  return [noting(appKind, 'products', blank)];
}

/** Where the channel sends its messages to an address that is pasted once, the address and a message that came there. */
function missingNoticeAddress({ connector, facts }: WalkInput): readonly Missing[] {
  if (connector.opening?.noticeAddress !== 'web_site') return [];
  const key = 'notice_address';
  if (valueOf(facts, 'addresses', key) !== undefined) return [];
  return [{ ...wanted(key), act: { does: 'note', step: 'addresses', key, value: 'pasted' } }];
}
