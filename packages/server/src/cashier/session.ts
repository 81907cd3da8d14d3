import type { Instant, Money } from '../kernel/index.ts';
import type { SealedPlace } from '../platform/seal.ts';

/** What a sale needs of a way to pay; what cannot do it is not offered. */
export type CashierNeeds = {
  readonly customs?: boolean;
  readonly identityCheck?: boolean;
  readonly instalments?: number;
  readonly noCreditCard?: boolean;
  readonly split?: boolean;
};

/** One link to the cashier: what a shop asked a payer to pay. Its terms never change; another price is another link. */
export type Cashier = {
  readonly bucket: number;
  readonly id: string;
  readonly merchantId: string;
  readonly orderNo: string;
  readonly subject: string;
  readonly amount: Money;
  readonly expiresAt: Instant;
  readonly returnUrl?: string;
  /** Until when the shop has promised to take things back. */
  readonly returnUntil?: Instant;
  readonly payerSealed?: Uint8Array;
  readonly needs: CashierNeeds;
  readonly lang?: 'zh' | 'en';
  /** The same order was offered at another price later. */
  readonly replacedAt?: Instant;
  readonly createdAt: Instant;
};

/** Where the payer's id at his wallet is kept. */
export const sealedPlaceOf = (cashierId: string): SealedPlace => ({
  table: 'cashiers',
  column: 'payer_sealed',
  rowId: cashierId,
});
