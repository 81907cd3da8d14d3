import type { Instant, Money } from '../kernel/index.ts';
import type { AuditEntry } from '../identity/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Attempt } from './attempt.ts';
import type { HeardOfAttempt } from './observe-attempt.ts';
import type { Order } from './order.ts';
import type { HeardOfRefund, RefundWish } from './refund-decide.ts';
import type { SurplusVerdict } from './surplus-decide.ts';
import type { NoticeRef } from './work.ts';

export type NewAttempt = Pick<
  Attempt,
  | 'id'
  | 'serialNo'
  | 'accountId'
  | 'channel'
  | 'product'
  | 'scene'
  | 'amount'
  | 'subject'
  | 'deadlineAt'
  | 'notifyUrl'
  | 'returnUrl'
  | 'payerSealed'
  | 'isHeldForSharing'
>;

export type NewOrder = Pick<Order, 'merchantId' | 'orderNo' | 'subject' | 'returnUntil' | 'waybillNo'> & {
  readonly due: Money;
};

type Input =
  | {
      readonly kind: 'open';
      readonly order: NewOrder;
      readonly paymentId: string;
      readonly expiresAt: Instant;
      readonly attempt: NewAttempt;
      /** Leaves other attempts open, so that the payer may choose between them. */
      readonly keepOthers: boolean;
    }
  | { readonly kind: 'cancel'; readonly paymentId: string }
  | { readonly kind: 'expire'; readonly paymentId: string }
  | { readonly kind: 'keep'; readonly paymentId: string }
  | { readonly kind: 'paid_after_cancel'; readonly wish: RefundWish; readonly paymentId: string }
  | {
      readonly kind: 'watch';
      readonly attemptId: string;
      readonly until: Instant;
      /** The payer is back from his wallet, or says that he has paid. */
      readonly atOnce?: boolean;
    }
  | { readonly kind: 'give_up'; readonly attemptId: string }
  | {
      readonly kind: 'heard';
      readonly attemptId: string;
      readonly heard: HeardOfAttempt;
      /** The kept message that says it: told in the same transaction. */
      readonly notice?: NoticeRef;
    }
  | { readonly kind: 'refund_news'; readonly attemptId: string; readonly refundNo: string; readonly notice: NoticeRef }
  | {
      readonly kind: 'refund';
      readonly wish: RefundWish;
      /** The order as it was when the wish was made, where what comes back with the refund was reckoned from it. */
      readonly version?: number;
    }
  | { readonly kind: 'refund_act'; readonly refundId: string; readonly told: 'approve' | 'withdraw' | 'topped_up' }
  | { readonly kind: 'refund_heard'; readonly refundId: string; readonly heard: HeardOfRefund }
  | { readonly kind: 'surplus_due'; readonly surplusId: string; readonly wish: RefundWish }
  | {
      readonly kind: 'surplus';
      readonly surplusId: string;
      readonly verdict: Exclude<SurplusVerdict, 'person_refund'>;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'surplus_back';
      readonly surplusId: string;
      readonly wish: RefundWish;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly kind: 'adopt'; readonly surplusId: string; readonly by: string };

export type OrderInput = Input & {
  readonly key: RecordKey;
  /** Who wants it and why, where people or a shop's program do: kept with the change, and only where there is one. */
  readonly audit?: AuditEntry;
};

/** The order as it now is, and when the job that brought the news is due again. */
export type OrderAnswer = { readonly order: Order; readonly againAt?: Instant; readonly part?: string };
