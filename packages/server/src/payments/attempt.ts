import type { Currency, Instant, Money } from '../kernel/index.ts';
import type { HandOut, Scene } from '../channels/contract/index.ts';
import { stateTable } from './state-table.ts';

export const attemptStates = [
  'created',
  'submitting',
  'cashier_open',
  'trade_open',
  'in_doubt',
  'closing',
  'succeeded',
  'rejected',
  'closed',
] as const;
export type AttemptState = (typeof attemptStates)[number];

/** Whose word it is: the answer to the call, the answer to a close, or any other voice; or what we ourselves decide. */
export type AttemptSource = 'command' | 'answer' | 'close_answer' | 'obs';

const attemptEffects = [
  'send',
  'hand_out',
  'plan_queries',
  'send_close',
  'receive',
  'open_case',
  'offer_again',
  'query_now',
  'keep_payer',
  'send_same_if_allowed',
  'case_at_doubt_deadline',
  'compare',
  'surplus_late',
] as const;
export type AttemptEffect = (typeof attemptEffects)[number];

/**
 * 支付流水. Settled: succeeded, rejected, closed; they never change. A deadline is a wish to close, and a close is a request that the
 * channel's evidence ends; the payer's browser and app are no voices here.
 */
export const attemptTable = stateTable<AttemptState, AttemptEffect>(
  attemptStates,
  attemptEffects,
  `
created                                              command       submit                         submitting    send
created                                              command       show                           cashier_open  hand_out plan_queries
created                                              command       close                          closed        -
submitting+in_doubt+cashier_open+trade_open          command       close                          closing       send_close
closing+succeeded+rejected+closed                    command       close                          same          -
created                                              obs           succeeded                      succeeded     receive open_case
created                                              obs           accepted                       same          open_case
created                                              obs           rejected+in_doubt              same          -
submitting+in_doubt+cashier_open+trade_open+closing  answer        succeeded                      succeeded     receive
submitting+in_doubt                                  answer        rejected                       rejected      offer_again
submitting                                           answer        accepted                       cashier_open  hand_out plan_queries
submitting                                           answer        in_doubt                       in_doubt      query_now
closing                                              close_answer  succeeded                      closed        -
closing                                              close_answer  accepted+rejected+in_doubt     same          query_now
succeeded                                            close_answer  succeeded                      same          open_case
succeeded                                            close_answer  in_doubt                       same          query_now
any                                                  close_answer  any                            same          -
submitting+in_doubt+cashier_open+trade_open+closing  obs           succeeded                      succeeded     receive
submitting+in_doubt                                  obs           rejected                       rejected      offer_again
submitting                                           obs           accepted                       trade_open    keep_payer plan_queries
submitting                                           obs           in_doubt                       same          plan_queries
cashier_open                                         obs           accepted                       trade_open    keep_payer plan_queries
in_doubt                                             obs           accepted                       trade_open    send_same_if_allowed plan_queries
trade_open                                           obs           accepted                       same          plan_queries
cashier_open+trade_open                              obs           rejected                       closed        offer_again
cashier_open+trade_open                              obs           in_doubt                       same          plan_queries
in_doubt+closing                                     obs           in_doubt                       same          plan_queries case_at_doubt_deadline
closing                                              obs           accepted                       same          send_close
closing                                              obs           rejected                       closed        -
succeeded                                            obs           succeeded                      same          compare
succeeded                                            obs           rejected                       same          open_case
rejected+closed                                      obs           succeeded                      same          surplus_late
rejected+closed                                      obs           accepted                       same          send_close open_case
succeeded+rejected+closed                            any           any                            same          -
`,
);

/** Neither settled nor only thought of: the channel may still take money under this number. */
export const isOpenAttempt = (state: AttemptState): boolean => !['succeeded', 'rejected', 'closed'].includes(state);

export type Attempt = {
  readonly bucket: number;
  readonly id: string;
  readonly orderId: string;
  readonly paymentId: string;
  readonly merchantId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly product: string;
  readonly scene: Scene;
  readonly serialNo: string;
  readonly state: AttemptState;
  readonly amount: Money;
  readonly subject: string;
  readonly deadlineAt: Instant;
  readonly notifyUrl: string;
  readonly returnUrl?: string;
  /** Sealed: the payer's code or id at the channel. */
  readonly payerSealed?: Uint8Array;
  readonly handOut?: HandOut;
  readonly tradeNo?: string;
  readonly receivedMinor: bigint;
  readonly feeMinor: bigint;
  readonly feeExact: string;
  /** Refunds under way or done. */
  readonly refundingMinor: bigint;
  /** What receivers have of it or were promised, less what came back. */
  readonly sharedMinor: bigint;
  /** The channel holds the money back so that it can be shared (分账). */
  readonly isHeldForSharing?: true;
  readonly paidAt?: Instant;
  readonly heardAt?: Instant;
  readonly payer?: string;
  readonly asked: number;
  readonly askedFrom?: Instant;
  readonly watchedUntil?: Instant;
  readonly closeFrom?: Instant;
  readonly closeTries: number;
  readonly doubtSince?: Instant;
  readonly why: string;
  readonly createdAt: Instant;
  readonly endedAt?: Instant;
};

export const moneyOf = (minor: bigint, currency: string): Money => ({ minor, currency: currency as Currency });
