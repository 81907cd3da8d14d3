import { days, plus } from '../kernel/index.ts';
import type { Refusal } from '../kernel/index.ts';
import { isSet } from './candidate.ts';
import type { OfferWish, Way } from './candidate.ts';

/** What the order asks of a way to pay, against what the channel can do and what the contract of the account gives. */
export function refuseNeeds(way: Way, wish: OfferWish): Refusal | undefined {
  const { customs } = way.candidate.manifest;
  const { needs = {} } = wish;
  const undeclared = needs.customs === true ? refuseCustoms(way) : undefined;
  if (undeclared) return undeclared;
  if (needs.identityCheck === true && customs?.checksIdentity !== true)
    return { code: 'routing.identity_not_checked', params: {} };
  return (
    refuseInstalments(way, wish) ?? refuseCreditCards(way, wish) ?? refuseSplit(way, wish) ?? refuseReturns(way, wish)
  );
}

/** The channel declares, and this account can. */
function refuseCustoms({ candidate }: Way): Refusal | undefined {
  const { account, manifest } = candidate;
  if (!manifest.customs) return { code: 'routing.customs_not_declared', params: {} };
  const { openedByOneOf = [], closedBy = [] } = manifest.customs;
  const closing = closedBy.find((wish) => isSet(candidate, wish));
  const isOpened = openedByOneOf.length === 0 || openedByOneOf.some((wish) => isSet(candidate, wish));
  if (!closing && isOpened) return undefined;
  const field = closing?.setting ?? openedByOneOf.map(({ setting }) => setting).join(', ');
  return { code: 'routing.customs_not_opened', params: { account: account.id, field } };
}

function refuseInstalments({ candidate, product, rule }: Way, { needs, amount }: OfferWish): Refusal | undefined {
  const asked = needs?.instalments;
  if (asked === undefined) return undefined;
  if (rule.carries?.includes('instalments') !== true)
    return { code: 'routing.instalments_not_offered', params: { product, asked } };
  const held = candidate.terms.find('instalments', product, rule.scene);
  const { counts, min_minor: min } = held?.value ?? {};
  const isAgreed = counts?.split(',').map(Number).includes(asked) === true;
  if (isAgreed && (min === undefined || amount.minor >= BigInt(min))) return undefined;
  const agreed = { ...(counts === undefined ? {} : { agreed: counts }), ...(min === undefined ? {} : { min }) };
  return { code: 'routing.instalments_not_agreed', params: { asked, ...agreed } };
}

/** A setting of the account excludes them where the channel has one, or the contract does. */
function refuseCreditCards({ candidate, product, rule }: Way, { needs }: OfferWish): Refusal | undefined {
  if (needs?.noCreditCard !== true) return undefined;
  const { creditCardOff } = candidate.manifest.pay ?? {};
  if (creditCardOff && isSet(candidate, creditCardOff)) return undefined;
  if (candidate.terms.find('credit_card', product, rule.scene)?.value.allowed === 'no') return undefined;
  return { code: 'routing.credit_cards_possible', params: { account: candidate.account.id } };
}

function refuseSplit({ candidate, product, rule }: Way, { needs }: OfferWish): Refusal | undefined {
  if (needs?.split !== true) return undefined;
  // A channel that shares holds back what any of its products collects.
  const isOffered = rule.carries?.includes('split') === true || candidate.manifest.share !== undefined;
  if (!isOffered) return { code: 'routing.split_not_offered', params: { product } };
  if (candidate.terms.find('split', product, rule.scene)) return undefined;
  return { code: 'routing.split_not_agreed', params: { account: candidate.account.id } };
}

/** The window runs from the payment, which comes now at the earliest. Where no window is known the channel says what it thinks. */
function refuseReturns({ candidate, product, rule }: Way, { returnUntil, at }: OfferWish): Refusal | undefined {
  if (returnUntil === undefined) return undefined;
  const window = candidate.terms.find('refund_window', product, rule.scene);
  if (!window || plus(at, days(window.value.days)) >= returnUntil) return undefined;
  const { source } = window;
  return { code: 'routing.returns_not_covered', params: { until: returnUntil, days: window.value.days, source } };
}
