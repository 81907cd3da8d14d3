import type { OrderDoor, PaymentParts } from '../payments/index.ts';
import type { RandomBytes } from '../platform/ids.ts';

/** What the cashier needs of the process it runs in. */
export type CashierParts = {
  readonly payments: PaymentParts;
  readonly orders: OrderDoor;
  readonly tokens: { readonly random: RandomBytes };
  readonly worker: { nudge(): void };
  readonly installation: { readonly bornAs: 'sandbox' | 'production' };
};

/** Who looks, and from where. */
export type Visit = {
  readonly userAgent: string;
  readonly address: string;
  /** He is back from the wallet, or says that he has paid. */
  readonly isBack: boolean;
};
