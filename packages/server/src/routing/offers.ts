import { performance } from 'node:perf_hooks';
import { assert, parseShanghai, shanghaiDate } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { listAccounts } from '../accounts/index.ts';
import type { AccountRow } from '../accounts/index.ts';
import type { ChannelRegistry } from '../channels/registry.ts';
import { defaultsFrom, limitOf, termsOf } from '../contracts/index.ts';
import type { AccountTerms, Used } from '../contracts/index.ts';
import type { Database } from '../platform/db.ts';
import type { Candidate, Offers, OfferWish } from './candidate.ts';
import { choose } from './choose.ts';
import { statesOf, usedSince } from './facts-store.ts';
import { noticesFor, rulesOf } from './store.ts';

export type OfferParts = { readonly db: Database; readonly channels: ChannelRegistry };

/** The ways to pay this order, the best first, and why each other one is not offered. */
export async function offersFor(parts: OfferParts, wish: OfferWish): Promise<Offers> {
  const accounts = await listAccounts(parts.db, [wish.merchantId]);
  const candidates = await candidatesOf(parts, accounts, wish);
  return choose(candidates, wish, (channel) => parts.channels.get(channel)?.manifest);
}

async function candidatesOf(
  { db, channels }: OfferParts,
  accounts: readonly AccountRow[],
  { merchantId, at }: OfferWish,
): Promise<Candidate[]> {
  const ids = accounts.map(({ id }) => id);
  const [terms, states, rules, notices] = await Promise.all([
    termsOf(db, ids, at, defaultsFrom(channels)),
    statesOf(db, ids, at),
    rulesOf(db, ids),
    noticesFor(db, [merchantId], at),
  ]);
  const used = await usedOf(db, limitedOf(channels, accounts, terms), at);
  return accounts.flatMap(({ id, channel, settings, liveAt, products }) => {
    const [manifest, ofAccount, state] = [channels.get(channel)?.manifest, terms.get(id), states.get(id)];
    if (!manifest || !ofAccount || !state) return [];
    const about = notices.filter(
      (notice) => notice.channel === channel && (notice.accountId === undefined || notice.accountId === id),
    );
    const account = {
      ...{ id, channel, settings, ...(products === undefined ? {} : { products }) },
      ...(liveAt === undefined ? { isNotLive: true as const } : {}),
    };
    return [
      {
        ...{ account, manifest, terms: ofAccount, ...state, used: used.get(id) ?? [] },
        ...{ rules: rules.filter(({ accountId }) => accountId === id), notices: about },
      },
    ];
  });
}

type Reading = { until: number; readonly used: Promise<UsedByAccount> };
type UsedByAccount = ReadonlyMap<string, readonly Used[]>;

/**
 * So long sums are believed, and twenty times as long as it took to read them, so that reading never takes more than a twentieth of the time. A
 * limit may be passed by what comes in meanwhile: the channel then refuses.
 */
const keptForMs = 2000;
const keptForTimes = 20;
/** A reading that takes longer than this is left to those who wait for it; whoever comes then begins another one. */
const waitedForMs = 10_000;
/** One for days and one for months, over the accounts of all merchants: more merchants cost no more reading. Older days are forgotten. */
const readingsMax = 2;
const readings = new WeakMap<Database, Map<string, Reading>>();

/** What the accounts took whose contract limits days or months; nothing is read where none does. */
function usedOf(db: Database, limited: readonly Limited[], at: Instant): Promise<UsedByAccount> {
  if (limited.length === 0) return Promise.resolve(new Map());
  const today = shanghaiDate(at);
  const day = beginningOf(today);
  const month = limited.some(({ byMonth }) => byMonth) ? beginningOf(`${today.slice(0, 8)}01`) : day;
  const key = `${day}|${month}`;
  const known = readings.get(db) ?? new Map<string, Reading>();
  readings.set(db, known);
  const last = known.get(key);
  const begunAt = performance.now();
  if (last && begunAt < last.until) return last.used;
  if (known.size >= readingsMax) known.clear();
  // Whoever asks while it is being read waits for the same answer.
  const reading: Reading = { until: begunAt + waitedForMs, used: usedSince(db, { day, month }) };
  known.set(key, reading);
  const read = (): void => {
    const readAt = performance.now();
    reading.until = readAt + Math.max(keptForMs, keptForTimes * (readAt - begunAt));
  };
  reading.used.then(read, () => known.delete(key));
  return reading.used;
}

function beginningOf(date: string): Instant {
  const at = parseShanghai(`${date} 00:00:00`);
  assert(at !== undefined, `${date} has no beginning`);
  return at;
}

type Limited = { readonly id: string; readonly byMonth: boolean };

function limitedOf(
  channels: ChannelRegistry,
  accounts: readonly AccountRow[],
  terms: ReadonlyMap<string, AccountTerms>,
): Limited[] {
  return accounts.flatMap(({ id, channel }) => {
    const products = Object.entries(channels.get(channel)?.manifest.pay?.products ?? {});
    const ofAccount = terms.get(id);
    const has = (name: 'day_minor' | 'month_minor' | 'day_count'): boolean =>
      products.some(([product, { scene }]) => ofAccount && limitOf(ofAccount, name, { product, scene }) !== undefined);
    const byMonth = has('month_minor');
    return byMonth || has('day_minor') || has('day_count') ? [{ id, byMonth }] : [];
  });
}
