import { fnv1a32 } from '../kernel/index.ts';
import { payFee } from '../contracts/index.ts';
import type { Because, Candidate, NotOffered, Offer, Offers, OfferWish, Way } from './candidate.ts';
import { noticesOf, refuseWay } from './filters.ts';
import type { ManifestOf } from './filters.ts';
import { ruleOf } from './rules.ts';

/** Where nobody said anything. */
const usualPriority = 100;

/**
 * The ways to pay an order, the best first, and of every other one the first reason why it is not among them. Of one channel only the first
 * way is offered: a payer chooses between wallets, not between accounts.
 */
export function choose(candidates: readonly Candidate[], wish: OfferWish, manifestOf: ManifestOf): Offers {
  const standing: Standing[] = [];
  const notOffered: NotOffered[] = [];
  for (const way of candidates.flatMap(waysOf)) {
    const refusal = refuseWay(way, wish, manifestOf);
    if (refusal) notOffered.push({ ...nameOf(way), refusal });
    else standing.push(standingOf(way, wish));
  }
  const first = new Map<string, Way>();
  const offered: Offer[] = [];
  for (const one of standing.sort(compare)) {
    const { channel } = one.way.candidate.account;
    const before = first.get(channel);
    if (!before) offered.push(offerOf(one));
    else notOffered.push(afterAnother(one.way, before));
    first.set(channel, before ?? one.way);
  }
  return { offered, notOffered };
}

function waysOf(candidate: Candidate): Way[] {
  return Object.entries(candidate.manifest.pay?.products ?? {}).map(([product, rule]) => ({
    candidate,
    product,
    rule,
  }));
}

const nameOf = ({ candidate: { account }, product }: Way) => ({
  accountId: account.id,
  channel: account.channel,
  product,
});

type Standing = { readonly way: Way; readonly because: Because; readonly draw: number };

function standingOf(way: Way, { amount, at, orderNo }: OfferWish): Standing {
  const { candidate, product, rule } = way;
  const said = ruleOf(candidate.rules, product, at);
  const fee = payFee(candidate.terms, { product, scene: rule.scene, amount: amount.minor });
  const { weight } = said ?? {};
  return {
    way,
    because: {
      priority: said?.priority ?? usualPriority,
      ...(weight === undefined ? {} : { weight }),
      ...(fee === undefined ? {} : { fee: { minor: fee.minor, currency: amount.currency } }),
      isFeeConfirmed: candidate.terms.find('fee', product, rule.scene)?.confirmed === true,
      warnings: noticesOf(way, at).map(({ text }) => text),
    },
    draw: weight === undefined ? Infinity : drawOf(`${orderNo}|${candidate.account.id}|${product}`, weight),
  };
}

/**
 * A draw without a die: the lowest goes first, and does so with the chance of its share of all weights (Efraimidis, Spirakis, "Weighted random
 * sampling with a reservoir", 2006). The same order draws the same.
 */
function drawOf(seed: string, weight: number): number {
  const chance = (scattered(fnv1a32(seed)) + 0.5) / 2 ** 32;
  return -Math.log(chance) / weight;
}

/** FNV leaves texts that differ in their last sign side by side; the last step of MurmurHash3 (fmix32) scatters them. */
function scattered(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The merchant's order, then shares, then cost; a fee that nobody knows comes last. Equal ones stay as accounts and manifest list them. */
function compare(a: Standing, b: Standing): number {
  return (
    a.because.priority - b.because.priority ||
    (a.draw === b.draw ? 0 : a.draw - b.draw) ||
    Number(a.because.fee === undefined) - Number(b.because.fee === undefined) ||
    Number((a.because.fee?.minor ?? 0n) - (b.because.fee?.minor ?? 0n))
  );
}

function offerOf({ way, because }: Standing): Offer {
  const { manifest } = way.candidate;
  const { handsOut, needs, nameZh: productZh, nameEn: productEn } = way.rule;
  const { nameZh, nameEn } = manifest;
  return { ...nameOf(way), nameZh, nameEn, productZh, productEn, handsOut, needs, because };
}

function afterAnother(way: Way, before: Way): NotOffered {
  const { accountId: account, product } = nameOf(before);
  return { ...nameOf(way), refusal: { code: 'routing.another_goes_before', params: { account, product } } };
}
