import type { Instant, Money, Refusal } from '../kernel/index.ts';
import type { Manifest, ProductRule, Scene, SettingWish } from '../channels/contract/index.ts';
import type { AccountTerms, Used } from '../contracts/index.ts';
import type { PayerSide } from './payer-side.ts';
import type { Notice, Rule } from './rules.ts';

/** What an order asks of a way to pay besides taking the money. */
export type OrderNeeds = {
  readonly customs?: boolean;
  readonly identityCheck?: boolean;
  /** In how many instalments the payer wants to pay. */
  readonly instalments?: number;
  readonly noCreditCard?: boolean;
  readonly split?: boolean;
};

export type OfferWish = {
  readonly merchantId: string;
  readonly amount: Money;
  readonly scene: Scene;
  readonly side: PayerSide;
  readonly at: Instant;
  /** What a product may ask for, and whether it is at hand. `codeStart`: the first digits of the payer's code, which name its wallet. */
  readonly payerKnows: {
    readonly payerId?: boolean;
    readonly payerCode?: boolean;
    readonly payerAddress?: boolean;
    readonly codeStart?: string;
  };
  /** Until when the shop promised to take goods back. */
  readonly returnUntil?: Instant;
  readonly needs?: OrderNeeds;
  /** Shares between accounts are drawn from it, so that a reload sees the same. */
  readonly orderNo: string;
};

/** The state of a lane that a way to pay depends on. */
export type LaneState = {
  readonly id: string;
  readonly operation: string;
  readonly closedUntil?: Instant;
  /** Present: somebody paused it. */
  readonly pausedWhy?: string;
};

/** An account with all that a choice reads of it. */
export type Candidate = {
  readonly account: {
    readonly id: string;
    readonly channel: string;
    readonly settings: Readonly<Record<string, string>>;
    /** Its opening has not come to its end. */
    readonly isNotLive?: true;
    /** Absent: those that its settings have opened. */
    readonly products?: readonly string[];
  };
  readonly manifest: Manifest;
  readonly terms: AccountTerms;
  /** Names of the secrets that are live. */
  readonly secrets: ReadonlySet<string>;
  readonly used: readonly Used[];
  readonly lanes: readonly LaneState[];
  readonly rules: readonly Rule[];
  readonly notices: readonly Notice[];
};

/** One product of one account. */
export type Way = { readonly candidate: Candidate; readonly product: string; readonly rule: ProductRule };

/** Why an offer stands where it stands. */
export type Because = {
  readonly priority: number;
  /** Its share among those of the same priority; absent: it stands by its cost. */
  readonly weight?: number;
  /** What the channel is expected to take; absent: nobody wrote a fee down. */
  readonly fee?: Money;
  /** False: the fee is only the channel's default. */
  readonly isFeeConfirmed: boolean;
  /** Announcements that stop nothing. */
  readonly warnings: readonly string[];
};

export type Offer = {
  readonly accountId: string;
  readonly channel: string;
  readonly product: string;
  /** The channel, as a payer knows it. */
  readonly nameZh: string;
  readonly nameEn: string;
  readonly productZh: string;
  readonly productEn: string;
  readonly handsOut: ProductRule['handsOut'];
  readonly needs: ProductRule['needs'];
  readonly because: Because;
};

export type NotOffered = {
  readonly accountId: string;
  readonly channel: string;
  readonly product: string;
  readonly refusal: Refusal;
};

export type Offers = { readonly offered: readonly Offer[]; readonly notOffered: readonly NotOffered[] };

export function isSet({ account }: Candidate, { setting, oneOf }: SettingWish): boolean {
  const value = account.settings[setting];
  return value !== undefined && value !== '' && (oneOf === undefined || oneOf.includes(value));
}
