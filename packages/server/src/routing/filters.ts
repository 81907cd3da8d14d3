import type { Instant, Refusal } from '../kernel/index.ts';
import type { Manifest, ProductRule, SecretField } from '../channels/contract/index.ts';
import { refuseHours, refuseLimit, refuseScene, refuseUsedUp } from '../contracts/index.ts';
import { isSet } from './candidate.ts';
import type { Candidate, LaneState, OfferWish, Way } from './candidate.ts';
import type { PayerSide } from './payer-side.ts';
import { refuseNeeds } from './order-needs.ts';
import { every, holdsAt, ruleOf } from './rules.ts';
import type { Notice } from './rules.ts';

/** Manifests of all channels by id: a payer may come inside the wallet of a channel where the merchant has no account. */
export type ManifestOf = (channel: string) => Manifest | undefined;

/** Why this way is not offered; undefined: it is. The first filter that says no gives the reason. */
export function refuseWay(way: Way, wish: OfferWish, manifestOf: ManifestOf): Refusal | undefined {
  const asked = { product: way.product, ...wish };
  const { terms, used } = way.candidate;
  return (
    refuseOpening(way) ??
    refuseOtherScene(way, wish) ??
    refusePlace(way, wish.side, manifestOf) ??
    refusePayer(way, wish) ??
    refuseMoney(way, wish) ??
    refuseLimit(terms, asked) ??
    refuseUsedUp(terms, asked, used) ??
    refuseHours(terms, asked) ??
    refuseClosed(way, wish.at) ??
    refuseLanes(way, wish.at) ??
    refuseNeeds(way, wish) ??
    refuseSwitchedOff(way, wish.at)
  );
}

const isNeeded = ({ neededWhen }: SecretField, candidate: Candidate): boolean =>
  neededWhen === undefined || isSet(candidate, neededWhen);

function refuseOpening({ candidate, product, rule }: Way): Refusal | undefined {
  const { account, manifest, secrets } = candidate;
  if (account.isNotLive) return { code: 'routing.account_not_live', params: { account: account.id } };
  if (account.products && !account.products.includes(product))
    return { code: 'routing.product_not_opened', params: { account: account.id, product, field: 'products' } };
  for (const wish of rule.openedBy ?? []) {
    const isOpen = 'setting' in wish ? isSet(candidate, wish) : secrets.has(wish.secret);
    const field = 'setting' in wish ? wish.setting : wish.secret;
    if (!isOpen) return { code: 'routing.product_not_opened', params: { account: account.id, product, field } };
  }
  const closing = rule.closedBy?.find((wish) => isSet(candidate, wish));
  if (closing)
    return { code: 'routing.product_not_opened', params: { account: account.id, product, field: closing.setting } };
  const lacking = manifest.secrets.find((field) => isNeeded(field, candidate) && !secrets.has(field.name));
  return lacking && { code: 'routing.account_not_ready', params: { account: account.id, field: lacking.name } };
}

function refuseSwitchedOff({ candidate, product }: Way, at: Instant): Refusal | undefined {
  const rule = ruleOf(candidate.rules, product, at);
  if (rule?.weight !== 0) return undefined;
  const { accountId: account, reason, madeBy: by } = rule;
  return { code: 'routing.switched_off', params: { account, product, by, ...(reason === '' ? {} : { reason }) } };
}

/** An online sale never uses a counter product, nor the reverse: channels treat it as a breach. */
function refuseOtherScene({ candidate, product, rule }: Way, { scene }: OfferWish): Refusal | undefined {
  return rule.scene === scene
    ? refuseScene(candidate.terms, { product, scene })
    : { code: 'payment.scene_differs', params: { product, scene: rule.scene } };
}

/** Inside a wallet only its own products work; in its mini programs only what is made for those. */
function refusePlace({ candidate, product, rule }: Way, side: PayerSide, manifestOf: ManifestOf): Refusal | undefined {
  const wallet = side.terminal === 'phone' && side.wallet !== undefined ? manifestOf(side.wallet) : undefined;
  if (!wallet?.pay?.wallet) return refuseTerminal(product, rule, side.terminal);
  const isOwn = wallet.id === candidate.account.channel;
  if (side.isMiniProgram === true)
    return isOwn && rule.terminals.includes('mini_program')
      ? undefined
      : { code: 'routing.not_in_mini_program', params: { wallet: nameOf(wallet), product } };
  if (isOwn) return refuseTerminal(product, rule, 'wallet');
  if (wallet.pay.wallet.opensOthers) return refuseTerminal(product, rule, 'phone');
  const params = { wallet: nameOf(wallet), channel: nameOf(candidate.manifest) };
  return { code: 'routing.not_in_this_wallet', params };
}

/** In both languages: a sentence of either one says it. */
const nameOf = ({ nameZh, nameEn }: Manifest): string => `${nameZh} ${nameEn}`;

function refuseTerminal(
  product: string,
  { terminals }: ProductRule,
  terminal: ProductRule['terminals'][number],
): Refusal | undefined {
  if (terminals.includes(terminal)) return undefined;
  return { code: 'routing.not_on_this_terminal', params: { product, terminal, known: terminals.join(', ') } };
}

const knownOf = { payer_id: 'payerId', payer_code: 'payerCode', payer_address: 'payerAddress' } as const;

function refusePayer({ candidate, product, rule }: Way, { payerKnows }: OfferWish): Refusal | undefined {
  const lacking = rule.needs.find((need) => payerKnows[knownOf[need]] !== true);
  if (lacking !== undefined) return { code: 'routing.payer_unknown', params: { product, field: lacking } };
  const { manifest } = candidate;
  const { codeStart: start, payerCode } = payerKnows;
  if (payerCode === true && rule.scene === 'counter' && !rule.needs.includes('payer_code'))
    return { code: 'routing.code_at_hand', params: { product } };
  const codes = manifest.pay?.wallet?.payerCodes ?? [];
  if (start === undefined || !rule.needs.includes('payer_code') || codes.some((code) => start.startsWith(code)))
    return undefined;
  return { code: 'routing.code_of_another_wallet', params: { start, channel: nameOf(manifest) } };
}

function refuseMoney({ candidate }: Way, { amount }: OfferWish): Refusal | undefined {
  const { pay } = candidate.manifest;
  if (!pay) return undefined;
  const { currency, minor } = amount;
  if (!pay.currencies.includes(currency))
    return { code: 'payment.currency_unknown', params: { currency, known: pay.currencies.join(', ') } };
  const { minMinor: min, maxMinor: max } = pay.amount;
  if (minor >= min && minor <= max) return undefined;
  return { code: 'payment.amount_outside', params: { minor: String(minor), min: String(min), max: String(max) } };
}

/** The notices that speak of this way now. */
export const noticesOf = ({ candidate, product }: Way, at: Instant): readonly Notice[] =>
  candidate.notices.filter(
    (notice) =>
      notice.withdrawnAt === undefined &&
      (notice.product === every || notice.product === product) &&
      holdsAt(notice, at),
  );

function refuseClosed(way: Way, at: Instant): Refusal | undefined {
  const notice = noticesOf(way, at).find(({ effect }) => effect === 'closed');
  if (!notice) return undefined;
  const { id, text, validFrom: from, validTo: to } = notice;
  return { code: 'routing.maintenance', params: { notice: id, text, from, ...(to === undefined ? {} : { to }) } };
}

/**
 * What is called first, and what is asked for the result: money that nobody can ask about is not collected. A lane whose time is over is
 * tried again by the next payment.
 */
function refuseLanes({ candidate, rule }: Way, at: Instant): Refusal | undefined {
  const used = rule.begins === 'submit' ? ['pay.submit', 'pay.query'] : ['pay.query'];
  for (const lane of candidate.lanes.filter(({ operation }) => used.includes(operation))) {
    const refusal = refuseLane(lane, at);
    if (refusal) return refusal;
  }
  return undefined;
}

function refuseLane({ id, pausedWhy: why, closedUntil }: LaneState, at: Instant): Refusal | undefined {
  if (why !== undefined) return { code: 'routing.lane_paused', params: { lane: id, ...(why === '' ? {} : { why }) } };
  if (closedUntil === undefined || closedUntil <= at) return undefined;
  return { code: 'routing.lane_closed', params: { lane: id, triedAgainAt: closedUntil } };
}
