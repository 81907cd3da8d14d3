import type { Instant, Money } from '../kernel/index.ts';
import { stateTable } from './state-table.ts';

export const refundStates = [
  'created',
  'awaiting_approval',
  'waiting_funds',
  'submitting',
  'processing',
  'in_doubt',
  'abnormal',
  'refunded',
  'failed',
  'cancelled',
] as const;
export type RefundState = (typeof refundStates)[number];

const refundEffects = [
  'reserve',
  'send',
  'send_same',
  'send_same_if_allowed',
  'release',
  'tell_shop',
  'post',
  'open_case',
  'alarm_top_up',
  'query_now',
  'plan_queries',
  'way_out',
  'case_at_doubt_deadline',
  'refund_return',
  'late_refund',
] as const;
export type RefundEffect = (typeof refundEffects)[number];

/** 退款. A refund keeps its number until a definite answer. */
export const refundTable = stateTable<RefundState, RefundEffect>(
  refundStates,
  refundEffects,
  `
created                                                    command  needs_two          awaiting_approval  reserve
created                                                    command  submit             submitting         reserve send
awaiting_approval                                          command  approve            submitting         send
awaiting_approval+waiting_funds                            command  withdraw           cancelled          release tell_shop
waiting_funds                                              command  topped_up          submitting         send_same
created+awaiting_approval                                  obs      succeeded          refunded           post tell_shop open_case
created+awaiting_approval                                  obs      accepted+abnormal  same               open_case
created+awaiting_approval                                  obs      rejected+in_doubt  same               -
submitting+in_doubt+processing                             answer   funds_short        waiting_funds      alarm_top_up
submitting                                                 obs      in_doubt           in_doubt           query_now
submitting+waiting_funds+processing+in_doubt+abnormal      obs      succeeded          refunded           post tell_shop
submitting+waiting_funds+processing+in_doubt+abnormal      obs      rejected           failed             release tell_shop way_out
submitting+waiting_funds+processing+in_doubt+abnormal      obs      accepted           processing         plan_queries
submitting+waiting_funds+processing+in_doubt+abnormal      obs      abnormal           abnormal           open_case
processing+in_doubt                                        obs      in_doubt           same               plan_queries send_same_if_allowed case_at_doubt_deadline
waiting_funds+abnormal                                     obs      in_doubt           same               -
refunded                                                   obs      rejected           same               open_case
refunded                                                   obs      bounced            same               refund_return open_case
failed+cancelled                                           obs      succeeded          same               late_refund open_case
failed+cancelled                                           obs      accepted           same               open_case plan_queries
any                                                        any      any                same               -
`,
);

export const isLiveRefund = (state: RefundState): boolean => !['failed', 'cancelled', 'refunded'].includes(state);

/** So much of a part comes back. */
export type PartBack = { readonly part: string; readonly minor: bigint };

export const backMinorOf = ({ partsBack = [] }: { readonly partsBack?: readonly PartBack[] }): bigint =>
  partsBack.reduce((sum, { minor }) => sum + minor, 0n);

export type Refund = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly attemptId: string;
  readonly merchantId: string;
  readonly accountId: string;
  readonly shopRefundNo: string;
  readonly refundNo: string;
  readonly state: RefundState;
  readonly origin: 'shop' | 'surplus' | 'channel';
  readonly amount: Money;
  readonly reason: string;
  readonly feeBackMinor: bigint;
  readonly feeRule: string;
  readonly approvalId?: string;
  /** Parts of a shared payment that come back with it: frozen when it is asked for. */
  readonly partsBack?: readonly PartBack[];
  /** The same as its request carries it, sealed. Absent where the channel takes them back by itself. */
  readonly partsBackSealed?: Uint8Array;
  readonly asked: number;
  readonly askedFrom?: Instant;
  readonly sentTries: number;
  readonly doubtSince?: Instant;
  readonly why: string;
  readonly refundedAt?: Instant;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};
