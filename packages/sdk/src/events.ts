import type { Minor, Moment, OrderState, RefundState, SurplusState } from './types.ts';

type OfOrder = { readonly order_no: string; readonly order_state: OrderState };

export type PaymentNews = OfOrder & {
  readonly payment: string;
  readonly due_minor: Minor;
  /** What is kept of the order's own money, all its payments together. */
  readonly received_minor: Minor;
  readonly currency: string;
  readonly serial_no?: string;
  readonly channel?: string;
  readonly account?: string;
  readonly channel_trade_no?: string;
  readonly paid_at?: Moment;
  readonly cause?: string;
};

export type SurplusNews = OfOrder & {
  readonly surplus: string;
  readonly payment: string;
  readonly why: string;
  readonly state: SurplusState;
  readonly minor: Minor;
  readonly currency: string;
  readonly refund_at?: Moment;
};

export type RefundNews = OfOrder & {
  readonly refund: string;
  readonly refund_no: string;
  readonly payment: string;
  readonly state: RefundState;
  readonly minor: Minor;
  readonly currency: string;
  readonly fee_back_minor: Minor;
  readonly refunded_at?: Moment;
  readonly why?: string;
};

export type IncidentNews = {
  readonly incident: string;
  readonly account: string;
  readonly place: string;
  readonly members: number;
  readonly minor: Minor;
  readonly currency: string;
  readonly rules: string;
  readonly reason?: string;
};

export type CaseNews = {
  readonly case: string;
  readonly kind: string;
  readonly subject_kind: string;
  readonly subject: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly opened_at: Moment;
  readonly due_at: Moment;
};

export type PlanNews = {
  readonly plan: string;
  readonly kind: string;
  readonly size: number;
  readonly pushes: number;
  readonly stopped_by: string;
};

/** A request to share a payment has ended. `partly`: some parts were given and some were not. */
export type ShareNews = OfOrder & {
  readonly share: string;
  readonly share_no: string;
  readonly payment: string;
  readonly state: string;
  readonly releases_rest: boolean;
  readonly shared_minor: Minor;
  readonly failed_minor: Minor;
  readonly currency: string;
  readonly ended_at?: Moment;
  readonly why?: string;
};

export type SharePartNews = OfOrder & {
  readonly share: string;
  readonly share_no: string;
  readonly part: string;
  readonly part_no: string;
  readonly receiver: string;
  readonly minor: Minor;
  readonly currency: string;
  readonly why: string;
};

export type ShareReturnNews = OfOrder & {
  readonly share: string;
  readonly part: string;
  readonly return: string;
  readonly return_no: string;
  readonly state: string;
  readonly minor: Minor;
  readonly currency: string;
  readonly ended_at?: Moment;
  readonly why?: string;
};

export type AccountNews = {
  readonly account: string;
  readonly channel: string;
  readonly products: string;
  readonly live_at: Moment;
};

export type TestNews = { readonly endpoint: string; readonly asked_by: string; readonly test: string };

/** What each type of message carries in `data`. */
export type EventData = {
  'payment.succeeded': PaymentNews;
  'payment.closed': PaymentNews;
  'payment.disputed': PaymentNews;
  'surplus.received': SurplusNews;
  'surplus.refunding': SurplusNews;
  'surplus.resolved': SurplusNews;
  'refund.succeeded': RefundNews;
  'refund.failed': RefundNews;
  'refund.cancelled': RefundNews;
  'share.done': ShareNews;
  'share.failed': ShareNews;
  'share.part_failed': SharePartNews;
  'share.returned': ShareReturnNews;
  'share.return_failed': ShareReturnNews;
  'incident.opened': IncidentNews;
  'incident.updated': IncidentNews;
  'incident.closed': IncidentNews;
  'case.opened': CaseNews;
  'plan.finished': PlanNews;
  'plan.stopped': PlanNews;
  'account.live': AccountNews;
  'webhook.test': TestNews;
};

/**
 * One message, told apart by `type`. A newer server may send a type that is not here: give a `switch` a default that answers 2xx and does nothing.
 * Messages come at least once, and in no promised order.
 */
export type LiushuiEvent = {
  readonly [Type in keyof EventData]: {
    /** The same at every try: what was seen before is known by it. */
    readonly id: string;
    readonly type: Type;
    readonly timestamp: Moment;
    readonly data: EventData[Type];
  };
}[keyof EventData];
