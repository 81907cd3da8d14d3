import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { listAccounts, saveLive, saveProducts } from '../accounts/index.ts';
import { writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { listEndpoints, notify } from '../notifications/index.ts';
import type { Tx } from '../platform/db.ts';
import { explained } from './blanks.texts.ts';
import { checkNote, factsAt, isStep, productStates, valueOf } from './facts.ts';
import type { Fact } from './facts.ts';
import { lookAt } from './look.ts';
import type { Look } from './look.ts';
import type { OnboardingParts } from './parts.ts';
import { stepRules } from './steps.data.ts';
import type { StepKey } from './steps.data.ts';
import { factsOf, insertFacts, lockAccount } from './store.ts';
import { blockersOf } from './walk.ts';

const allSteps = stepRules.map(({ key }) => key);

export type Note = {
  readonly accountId: string;
  readonly step: string;
  readonly words: Readonly<Record<string, string>>;
  readonly validTo?: Instant | undefined;
};

/**
 * Keeps what somebody found out about a step. A product that is noted as opened is offered from then on, once the account is live.
 * @returns refusals account.not_found, of `allowed`, onboarding.* of its form.
 */
export async function noteFacts(parts: OnboardingParts, actor: Actor, note: Note): Promise<Result<Look>> {
  const { accountId, step, words, validTo } = note;
  const look = await lookAt(parts, actor, accountId, 'accounts.terms.propose');
  if (!look.ok) return look;
  const { connector } = look.value.opened;
  if (!isStep(step))
    return refuse(
      'onboarding.unknown_step',
      { step, known: allSteps.join(', '), knownZh: stepWords(allSteps) },
      '/step',
    );
  const at = parts.clock.now();
  const noted = await parts.db.transaction(async (tx) => {
    await lockAccount(tx, accountId);
    const facts = factsAt(await factsOf(tx, accountId), at);
    const { settings, products = [] } = look.value.account;
    const checked = checkNote(connector, { account: accountId, step, words, settings, facts, products });
    if (!checked.ok) return checked;
    const rows = Object.entries(words).map(([key, value]): Fact => {
      return { accountId, step, key, value: value.trim(), validTo, notedBy: actor.userId, notedAt: at };
    });
    await insertFacts(tx, rows, parts.ids);
    if (Object.values(words).some((value) => (productStates as readonly string[]).includes(value)))
      await saveProducts(tx, accountId, checked.value);
    const until = validTo === undefined ? {} : { valid_to: rfc3339(validTo) };
    const entry = { actor, act: 'account.noted', subject: accountId, detail: { step, ...words, ...until } };
    await writeAudit(tx, [entry], { at, ids: parts.ids });
    return done(undefined);
  });
  return noted.ok ? lookAt(parts, actor, accountId) : noted;
}

/** Asked before a second person is, and again when the account goes live. @returns refusals onboarding.step_open, .never_alone, .live_already. */
export async function checkGoLive(parts: OnboardingParts, actor: Actor, accountId: string): Promise<Result<Look>> {
  const look = await lookAt(parts, actor, accountId, 'accounts.change');
  if (!look.ok) return look;
  const { account, steps, facts, opened } = look.value;
  if (account.liveAt !== undefined)
    return refuse('onboarding.live_already', { account: accountId, at: account.liveAt });
  const blockers = blockersOf(steps);
  if (blockers.length > 0)
    return refuse('onboarding.step_open', { account: accountId, ...openSteps(blockers.map(({ key }) => key)) });
  const mode = opened.connector.opening?.modes[valueOf(facts, 'mode', 'mode') ?? ''];
  if (mode?.neverAlone !== true) return look;
  const others = await listAccounts(parts.db, [account.merchantId]);
  const isAlone = !others.some(({ id, channel, liveAt }) => id !== accountId && channel === account.channel && liveAt);
  return isAlone ? refuse('onboarding.never_alone', { account: accountId, mode: mode.en, modeZh: mode.zh }) : look;
}

const openSteps = (keys: readonly StepKey[]) => ({ steps: keys.join(', '), stepsZh: stepWords(keys) });

const stepWords = (keys: readonly StepKey[]): string => explained(stepRules.filter(({ key }) => keys.includes(key)));

/** The shop's endpoints that hear when one of its accounts goes live. */
export async function hearersOf({ db }: OnboardingParts, merchantId: string): Promise<readonly string[]> {
  const endpoints = await listEndpoints(db, [merchantId]);
  return endpoints.flatMap(({ id, state, types }) =>
    state === 'live' && (types?.includes('account.live') ?? true) ? [id] : [],
  );
}

/**
 * From now on buyers are offered the account, and the shop is told. In the caller's transaction, with the consent of two people. The second
 * of two at once is told that it is live.
 */
export async function goLive(
  tx: Tx,
  parts: OnboardingParts,
  actor: Actor,
  { account }: Look,
): Promise<Result<Instant>> {
  const { id, merchantId, channel, products = [] } = account;
  const at = parts.clock.now();
  if (!(await saveLive(tx, id, at))) return refuse('onboarding.live_already', { account: id, at });
  await notify(
    tx,
    [
      {
        ...{ merchantId, type: 'account.live', subject: id },
        data: { account: id, channel, products: products.join(' '), live_at: rfc3339(at) },
      },
    ],
    at,
  );
  await writeAudit(tx, [{ actor, act: 'account.live', subject: id, detail: { channel } }], { at, ids: parts.ids });
  return done(at);
}
