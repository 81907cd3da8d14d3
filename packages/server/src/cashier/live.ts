import { performance } from 'node:perf_hooks';
import { seconds } from '../kernel/index.ts';
import { heardAbout } from '../payments/index.ts';
import type { Offers } from '../routing/index.ts';
import { lookAtCashier, tellLook } from './look.ts';
import type { CashierParts, Visit } from './parts.ts';
import type { Cashier } from './session.ts';
import { findCashierById } from './store.ts';

/** The page takes a stream that is silent for longer than two of these for broken. */
const beatMs = seconds(10);
/** A stream ends by itself: a page that is still there opens another. */
const streamMs = 10 * 60_000;

/** How soon we look again by ourselves, for what another process heard and for what time alone changes: ever less often. */
const gaps = [
  { afterMs: 0, gapMs: seconds(1) },
  { afterMs: 2 * 60_000, gapMs: seconds(3) },
  { afterMs: 5 * 60_000, gapMs: seconds(10) },
] as const;

const gapAt = (ms: number): number => gaps.findLast(({ afterMs }) => ms >= afterMs)?.gapMs ?? beatMs;

/** The page's version whenever it changes, and every ten seconds as a sign of life, while `isWanted`. */
export async function* cashierVersions(
  parts: CashierParts,
  cashier: Cashier,
  visit: Visit,
  isWanted: () => boolean,
): AsyncGenerator<string> {
  const begun = performance.now();
  let [told, toldAt, offeredAt] = ['', -Infinity, -Infinity];
  let offers: Offers | undefined;
  while (isWanted() && performance.now() - begun < streamMs) {
    const at = performance.now();
    const isFresh = at - offeredAt < beatMs;
    // The link itself may be replaced while the page is open.
    const now = (await findCashierById(parts.payments.db, cashier.bucket, cashier.id)) ?? cashier;
    const look = await lookAtCashier(parts, now, visit, isFresh ? offers : undefined);
    if (!isFresh || offers === undefined) offeredAt = at;
    offers = look.offers;
    await tellLook(parts, look);
    if (look.version !== told || at - toldAt >= beatMs) {
      [told, toldAt] = [look.version, at];
      yield told;
    }
    await heardAbout(parts.payments.db, look.order?.id ?? cashier.id, gapAt(at - begun));
  }
}
