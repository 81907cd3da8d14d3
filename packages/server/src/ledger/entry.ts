import { assert, hours, minutes, plus, shanghaiDate } from '../kernel/index.ts';
import type { BusinessDate, Instant } from '../kernel/index.ts';
import { partsOfAccount } from './account.ts';
import type { AccountId } from './account.ts';

/** `amount` in minor units, signed: debit +, credit −. */
export type Line = { readonly account: AccountId; readonly amount: bigint };

/** What an entry is about, the same for all of one order's entries. */
export type Origin = {
  /** Bucket of the order, or of the payout. */
  readonly bucket: number;
  /** Whose books. */
  readonly merchantId: string;
  /** The record: an id or number that people can find. */
  readonly subject: string;
  /** Who caused it: a user, or `system`. */
  readonly actor: string;
  /** When it happened, by a source that is to be believed; undefined: dated by our clock. */
  readonly happenedAt?: Instant | undefined;
  readonly channelDay?: BusinessDate | undefined;
};

/**
 * `command`: we decide, and a floor refuses it. `fact`: money moved, so it is booked as it moved; below a floor it is told back and the
 * caller opens a case.
 */
export type Force = 'command' | 'fact';

export type EntryDraft = Origin & {
  readonly kind: string;
  /** Unique within the bucket for ever: the fact behind the entry, such as `payment:<serial>:succeeded`. */
  readonly source: string;
  readonly force: Force;
  readonly lines: readonly Line[];
  /** The source of the entry that this one takes back, in the same bucket. */
  readonly reverses?: string | undefined;
  readonly belongsTo?: BusinessDate | undefined;
};

/** Leaves out lines of nothing, and checks what is left. */
export function entry(
  origin: Origin,
  what: Pick<EntryDraft, 'kind' | 'source' | 'force' | 'lines' | 'reverses' | 'belongsTo'>,
): EntryDraft {
  const draft = { ...origin, ...what, lines: what.lines.filter((line) => line.amount !== 0n) };
  checkBalanced(draft);
  return draft;
}

/**
 * An entry sums to zero per currency and per place, so that every yuan at a place has an owner, always.
 * @throws Bug when it does not, when it has fewer than two lines, or a line of nothing.
 */
export function checkBalanced({ source, lines }: Pick<EntryDraft, 'source' | 'lines'>): void {
  assert(lines.length >= 2, `entry ${source} has fewer than two lines`);
  const sums = new Map<string, bigint>();
  for (const { account, amount } of lines) {
    assert(amount !== 0n, `entry ${source} has a line of nothing on ${account}`);
    const { place, currency } = partsOfAccount(account);
    const key = `${place} in ${currency}`;
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  }
  for (const [key, sum] of sums) assert(sum === 0n, `entry ${source} leaves ${sum} at ${key}`);
}

/**
 * The date that an entry wants: of the moment it happened where that can be believed, from 48 hours before booking to 5 minutes after;
 * some channels' success times are plainly wrong. Otherwise of the booking. Days of Beijing.
 */
export function wantedDate(happenedAt: Instant | undefined, bookedAt: Instant): BusinessDate {
  const trusted =
    happenedAt !== undefined && happenedAt >= plus(bookedAt, -hours(48)) && happenedAt <= plus(bookedAt, minutes(5));
  return shanghaiDate(trusted ? happenedAt : bookedAt);
}
