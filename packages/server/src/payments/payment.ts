import type { Instant } from '../kernel/index.ts';
import { stateTable } from './state-table.ts';

export const paymentStates = ['open', 'closing', 'paid', 'closed'] as const;
export type PaymentState = (typeof paymentStates)[number];

const paymentEffects = [
  'settle',
  'close_siblings',
  'tell_shop',
  'close_attempts',
  'paid_while_closing_if_closing',
  'open_case',
  'surplus',
  'surplus_late',
] as const;
export type PaymentEffect = (typeof paymentEffects)[number];

/** 支付单. Closed needs every attempt proven unpaid; closed never opens again, and a success while it closes wins. */
export const paymentTable = stateTable<PaymentState, PaymentEffect>(
  paymentStates,
  paymentEffects,
  `
open+closing  obs      attempt_succeeded        paid     settle close_siblings tell_shop paid_while_closing_if_closing
open          obs      attempt_unpaid           same     -
open          command  cancel_by_shop+deadline  closing  close_attempts
closing       obs      attempt_unpaid           same     -
closing       obs      last_attempt_unpaid      closed   tell_shop
open          obs      last_attempt_unpaid      same     -
closing       obs      doubt_deadline           same     open_case
paid          obs      attempt_succeeded        same     surplus
closed        obs      attempt_succeeded        same     surplus_late
any           any      any                      same     -
`,
);

export type Payment = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly merchantId: string;
  /** Account and trade of an adopted one; those of one that was made here stand with the attempt that settled it. */
  readonly accountId?: string;
  readonly origin: 'adopted' | 'made';
  readonly state: PaymentState;
  readonly tradeNo?: string;
  readonly paidAt?: Instant;
  readonly dueMinor?: bigint;
  readonly currency?: string;
  readonly expiresAt?: Instant;
  readonly closingCause?: 'cancel_by_shop' | 'deadline';
  readonly settledBy?: string;
  readonly bornOf?: string;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};
