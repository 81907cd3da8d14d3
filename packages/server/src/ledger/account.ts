import { assert, bucketOf } from '../kernel/index.ts';
import type { Brand, Currency } from '../kernel/index.ts';
import { chart } from './chart.data.ts';
import type { AccountKind, AccountKindName } from './chart.data.ts';

/** `kind:m=<merchant>:p=<place>:c=<currency>`; without `m` where the chart keeps the account per place only. */
export type AccountId = Brand<string, 'AccountId'>;

/** A place is an account at a channel or a bank. */
export type AccountParts = {
  readonly kind: AccountKindName;
  readonly merchant: string | undefined;
  readonly place: string;
  readonly currency: Currency;
};

/** Slots of a busy account on one PostgreSQL. More do not help lists that touch all of them. */
const slotCount = 16;

const word = /^[^:\s]+$/;

const isKind = (text: string): text is AccountKindName => Object.hasOwn(chart, text);

export function accountId(
  kind: AccountKindName,
  at: { readonly merchant: string; readonly place: string; readonly currency: Currency },
): AccountId {
  for (const part of [at.merchant, at.place, at.currency])
    assert(word.test(part), `"${part}" cannot be part of an account`);
  const merchant = chart[kind].perMerchant ? `:m=${at.merchant}` : '';
  return `${kind}${merchant}:p=${at.place}:c=${at.currency}` as AccountId;
}

/** @throws Bug for a text that is no account of the chart. */
export function partsOfAccount(account: AccountId): AccountParts {
  const match = /^([a-z_]+)(?::m=([^:\s]+))?:p=([^:\s]+):c=([^:\s]+)$/.exec(account);
  const [, kind = '', merchant, place = '', currency = ''] = match ?? [];
  assert(match && isKind(kind), `${account} is no account of the chart`);
  assert(chart[kind].perMerchant === (merchant !== undefined), `${account} has the wrong dimensions`);
  return { kind, merchant, place, currency: currency as Currency };
}

const kindOf = (account: AccountId): AccountKind => chart[partsOfAccount(account).kind];

/** Accounts with one slot lie together by place, so that a hold of a payout touches one bucket. */
const homeBucket = (place: string): number => bucketOf('ledger', place);

/** Where a posting of an order of this bucket lies: the group of the bucket, or the account's home. */
export function slotOf(account: AccountId, bucket: number): number {
  const { kind, place } = partsOfAccount(account);
  return chart[kind].slots === 'many' ? bucket % slotCount : homeBucket(place);
}

export function slotsOf(account: AccountId): readonly number[] {
  const { kind, place } = partsOfAccount(account);
  return chart[kind].slots === 'one' ? [homeBucket(place)] : Array.from({ length: slotCount }, (_, slot) => slot);
}

/** What lies above the floor on the account's own side; negative: what is missing. Undefined: the account has no floor. */
export function aboveFloor(account: AccountId, balance: bigint): bigint | undefined {
  const { floor, side } = kindOf(account);
  if (!floor) return undefined;
  return side === 'asset' ? balance : -balance;
}
