import type { Instant } from '../../kernel/index.ts';
import type { WalletBridge } from '../../channels/contract/index.ts';
import type { Words } from '../../platform/story/index.ts';
import type { CashierView } from '../cashier-view.ts';
import type { Cashier } from '../session.ts';

/** One way to pay, as it stands on the page. `value` comes back with the form. */
export type PageOffer = {
  readonly value: string;
  readonly name: Words;
  readonly handsOut: 'page' | 'code' | 'wallet_script' | 'app' | 'nothing';
};

/** Why a channel is not offered, in words for the payer. */
export type PageHidden = { readonly name: Words; readonly why: Words };

/** All that the page is drawn from. */
export type PageFacts = {
  readonly view: CashierView;
  readonly cashier: Cashier;
  readonly merchant: Words;
  /** The channel, as payers know it. */
  readonly nameOf: (channel: string) => Words;
  readonly nameOfAttempt: (attemptId: string) => Words;
  /** Which of the order's attempts it is: a page that is out of date must not close another one. */
  readonly numberOf: (attemptId: string) => number;
  readonly bridgeOf: (channel: string) => WalletBridge | undefined;
  readonly offers: readonly PageOffer[];
  readonly hidden: readonly PageHidden[];
  /** In the browser of a wallet: its channel, and whether the page may lead out of it. */
  readonly inside?: { readonly channel: string; readonly leadsOut: boolean };
  readonly isPhone: boolean;
  readonly isSandbox: boolean;
  /** Where the simulator reads a code that no wallet can. */
  readonly simulator?: string;
  readonly isBack: boolean;
  /** What was chosen could not begin. */
  readonly isGone: boolean;
  readonly lang: 'zh' | 'en';
  /** `/c/<token>` */
  readonly path: string;
  /** The page's whole address, to be copied. */
  readonly address: string;
  /** Of the forms: pressed twice, they are carried out once. */
  readonly formKey: string;
  readonly version: string;
  readonly now: Instant;
};
