import { assert } from '../kernel/index.ts';
import { accountId } from './account.ts';
import type { AccountKindName } from './chart.data.ts';
import { entry } from './entry.ts';
import type { EntryDraft, Line } from './entry.ts';
import { mirrorOf } from './journeys.ts';
import type { AtPlace } from './journeys.ts';

/** Money set aside at the channel and of the shop, under the number of what it waits for. Nothing but its end frees it: no time does. */
export type Hold = { readonly hold: string; readonly amount: bigint };

/** One source for every way to end: whoever comes second finds it ended. */
const holdSources = (hold: string): { readonly held: string; readonly ended: string } => ({
  held: `hold:${hold}:held`,
  ended: `hold:${hold}:ended`,
});

const line = (at: AtPlace, kind: AccountKindName, amount: bigint): Line => ({
  account: accountId(kind, { merchant: at.merchantId, place: at.place, currency: at.currency }),
  amount,
});

const moveToHeld = (at: AtPlace, amount: bigint): Line[] => [
  line(at, 'channel_held', amount),
  line(at, 'channel_available', -amount),
  line(at, 'merchant_available', amount),
  line(at, 'merchant_held', -amount),
];

export function hold(at: AtPlace, { hold: number, amount }: Hold): EntryDraft {
  assert(amount > 0n, `a hold of ${amount}`);
  return entry(at, {
    ...{ kind: 'hold', source: holdSources(number).held, force: 'command', lines: moveToHeld(at, amount) },
  });
}

/** The money left: `settled` of what was held, and the rest is free again in the same entry. */
export function settleHold(at: AtPlace, { hold: number, amount }: Hold, settled: bigint): EntryDraft {
  assert(settled > 0n && settled <= amount, `${settled} settled of ${amount} held`);
  const rest = amount - settled;
  return entry(at, {
    ...{ kind: 'settle', source: holdSources(number).ended, force: 'fact' },
    lines: [
      line(at, 'merchant_held', amount),
      line(at, 'channel_held', -amount),
      line(at, 'channel_available', rest),
      line(at, 'merchant_available', -rest),
    ],
  });
}

/** Proved not to have left: all of it is free again. */
export function releaseHold(at: AtPlace, { hold: number, amount }: Hold): EntryDraft {
  const { held, ended } = holdSources(number);
  return entry(at, {
    ...{ kind: 'release', source: ended, force: 'fact', lines: mirrorOf(moveToHeld(at, amount)), reverses: held },
  });
}
