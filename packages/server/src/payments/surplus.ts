import type { Instant, Money } from '../kernel/index.ts';
import { stateTable } from './state-table.ts';

export const surplusStates = ['held', 'refunding', 'returned', 'kept', 'credited', 'adopted'] as const;
export type SurplusState = (typeof surplusStates)[number];
const surplusEffects = ['create_refund', 'tell_shop', 'post', 'new_payment_paid', 'open_case'] as const;
export type SurplusEffect = (typeof surplusEffects)[number];

/** 多收款: money in that the order does not need. It is never an error to the channel, and ends by policy, person or shop. */
export const surplusTable = stateTable<SurplusState, SurplusEffect>(
  surplusStates,
  surplusEffects,
  `
held       command  policy_refund+person_refund  refunding  create_refund tell_shop
held       command  person_keep      kept       post tell_shop
held       command  person_credit    credited   post tell_shop
held       command  shop_adopt       adopted    new_payment_paid post tell_shop
refunding  obs      refund_refunded  returned   tell_shop
refunding  obs      refund_failed    held       open_case
refunding  obs      refund_in_doubt  refunding  -
any        any      any              same       -
`,
);

export type Surplus = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly attemptId: string;
  readonly merchantId: string;
  readonly why: 'second_success' | 'late' | 'excess';
  readonly state: SurplusState;
  readonly amount: Money;
  readonly actAt?: Instant;
  readonly refundId?: string;
  readonly decidedBy?: string;
  readonly reason: string;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};
