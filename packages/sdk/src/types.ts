/** Names that are known today. Another one may come: treat it as not settled. */
type Known<Name extends string> = Name | (string & {});

/** Integer of the currency's minor units: 42000 is 420.00 CNY. */
export type Minor = number;
/** RFC 3339 with offset. */
export type Moment = string;

export type OrderState = Known<'unpaid' | 'part_paid' | 'paid' | 'cancelled'>;
export type PaymentState = Known<'open' | 'closing' | 'paid' | 'closed'>;
export type AttemptState = Known<
  | 'created'
  | 'submitting'
  | 'cashier_open'
  | 'trade_open'
  | 'in_doubt'
  | 'closing'
  | 'succeeded'
  | 'rejected'
  | 'closed'
>;
export type RefundState = Known<
  | 'created'
  | 'awaiting_approval'
  | 'waiting_funds'
  | 'submitting'
  | 'processing'
  | 'in_doubt'
  | 'abnormal'
  | 'refunded'
  | 'failed'
  | 'cancelled'
>;
export type SurplusState = Known<'held' | 'refunding' | 'returned' | 'kept' | 'credited' | 'adopted'>;

/** What the payer needs: `url` is opened in a browser, `sdk` goes to the app, `code` is drawn, `trade` is opened inside the wallet. */
export type HandOut = {
  readonly kind: Known<'url' | 'sdk' | 'code' | 'trade'>;
  readonly url?: string;
  readonly text?: string;
  readonly trade_no?: string;
  readonly lives_until?: Moment;
};

/** One request to a channel under its own number. */
export type Attempt = {
  readonly id: string;
  readonly serial_no: string;
  readonly payment_id: string;
  readonly account_id: string;
  readonly channel: string;
  readonly product: string;
  readonly state: AttemptState;
  readonly amount_minor: Minor;
  readonly currency: string;
  readonly deadline_at: Moment;
  readonly channel_trade_no?: string;
  readonly received_minor: Minor;
  readonly fee_minor: Minor;
  readonly paid_at?: Moment;
  readonly payer?: string;
  /** In the channel's words or ours; empty when there is nothing to say. */
  readonly why: string;
  readonly created_at: Moment;
  readonly hand_out?: HandOut;
};

/** `closed` is proven: nobody paid. Until then an open or closing payment may still be paid. */
export type Payment = {
  readonly id: string;
  readonly state: PaymentState;
  readonly origin: string;
  readonly expires_at?: Moment;
  readonly closing_cause?: string;
  /** The attempt whose money it is. */
  readonly settled_by?: string;
  readonly paid_at?: Moment;
  readonly created_at: Moment;
};

/** Money that came in and that the order does not need: a second success, a late one. */
export type SurplusReceipt = {
  readonly id: string;
  readonly payment_id: string;
  readonly attempt_id: string;
  readonly why: Known<'second_success' | 'late' | 'excess'>;
  readonly state: SurplusState;
  readonly amount_minor: Minor;
  readonly currency: string;
  /** When it goes back by itself, unless somebody decides before. */
  readonly act_at?: Moment;
  readonly refund_id?: string;
  readonly created_at: Moment;
};

export type Refund = {
  readonly id: string;
  /** The shop's number. */
  readonly refund_no: string;
  readonly channel_refund_no: string;
  readonly payment_id: string;
  readonly state: RefundState;
  readonly origin: string;
  readonly amount_minor: Minor;
  readonly currency: string;
  /** What of the fee comes back, by `fee_rule`. */
  readonly fee_back_minor: Minor;
  readonly fee_rule: string;
  readonly reason: string;
  readonly why: string;
  readonly approval_id?: string;
  readonly refunded_at?: Moment;
  readonly created_at: Moment;
};

export type Order = {
  readonly merchant_id: string;
  readonly order_no: string;
  readonly state: OrderState;
  /** Absent on orders that were taken over together with their payments. */
  readonly due_minor?: Minor;
  readonly currency?: string;
  readonly received_minor: Minor;
  readonly refunded_minor: Minor;
  readonly surplus_held_minor: Minor;
  readonly surplus_returned_minor: Minor;
  readonly payments: readonly Payment[];
  readonly attempts: readonly Attempt[];
  readonly surplus_receipts: readonly SurplusReceipt[];
  readonly refunds: readonly Refund[];
  /** The attempt that this request began or found; on reading, the one that can be paid now. */
  readonly attempt?: Attempt;
};

/** A page for the payer: he chooses how to pay one order, and sees what became of it. */
export type NewCashier = {
  /** Only for a key that is bound to several merchants. */
  readonly merchant_id?: string;
  /** The shop's number. Another price for the same order is another page: the old one then leads to no payment. */
  readonly order_no: string;
  readonly amount: Minor;
  readonly currency: string;
  readonly subject: string;
  /** Half an hour from now unless told. */
  readonly expires_at?: Moment;
  /** The payer goes back there with `order_no` and nothing else. That he comes proves nothing: ask for the order, or wait for its message. */
  readonly return_url?: string;
  /** Until when the shop has promised the buyer to take things back. */
  readonly return_until?: Moment;
  /** The payer's id at the wallet in whose browser the page will be opened. */
  readonly payer_id?: string;
  /** What the order asks of a way to pay; what cannot do it is not offered. */
  readonly needs?: {
    readonly customs?: boolean;
    readonly identity_check?: boolean;
    readonly no_credit_card?: boolean;
    readonly split?: boolean;
    readonly instalments?: number;
  };
  /** The payer may choose the other one. */
  readonly lang?: 'zh' | 'en';
};

export type Cashier = {
  readonly id: string;
  /** For the payer alone: whoever has it may see and pay this order. */
  readonly url: string;
  readonly expires_at: Moment;
};

export type NewPayment = {
  /** Only for a key that is bound to several merchants. */
  readonly merchant_id?: string;
  /** The shop's number. The same number is the same order, and its first terms hold. */
  readonly order_no: string;
  readonly amount: Minor;
  readonly currency: string;
  readonly subject: string;
  readonly account_id: string;
  readonly product: Known<
    'page' | 'wap' | 'app' | 'precreate' | 'barcode' | 'create' | 'native' | 'jsapi' | 'h5' | 'mini'
  >;
  readonly expires_at?: Moment;
  readonly return_url?: string;
  /** Until when the shop has promised the buyer to take things back. */
  readonly return_until?: Moment;
  readonly waybill_no?: string;
  /** Where the sale takes place: refused where the product is for the other one. */
  readonly scene?: 'online' | 'counter';
  readonly payer_code?: string;
  readonly payer_id?: string;
  /** The address of the payer's browser, for links that only that browser may open. */
  readonly payer_address?: string;
  /** Leave earlier attempts open. */
  readonly keep_others?: boolean;
  /** It is to be shared: the channel holds the money back until then. */
  readonly shares?: boolean;
};

export type NewRefund = {
  /** The shop's number. The same number is the same refund. */
  readonly refund_no: string;
  /** Absent: all that is left. */
  readonly amount?: Minor;
  readonly currency?: string;
  readonly reason: string;
  /** Which parts of a shared payment come back with it, where they do. Absent: in proportion to what each receiver has. */
  readonly parts_back?: readonly { readonly part: string; readonly amount: Minor }[];
};

export type NewShare = {
  /** Only for a key that is bound to several merchants. */
  readonly merchant_id?: string;
  /** The shop's number. The same number is the same request. */
  readonly share_no: string;
  readonly currency?: string;
  readonly parts?: readonly { readonly receiver: string; readonly amount: Minor; readonly reason?: string }[];
  /** What is not shared is the merchant's from now on: nothing more can be shared. */
  readonly releases_rest?: boolean;
  readonly reason: string;
};

export type SharePart = {
  readonly id: string;
  readonly part_no: string;
  readonly receiver: string;
  readonly state: Known<'pending' | 'succeeded' | 'failed' | 'late'>;
  readonly amount_minor: Minor;
  readonly currency: string;
  readonly reason: string;
  /** What the receiver has of it and was not asked to give back. */
  readonly left_minor: Minor;
  readonly why: string;
  readonly channel_part_no?: string;
  readonly ended_at?: Moment;
};

export type Share = {
  readonly id: string;
  readonly share_no: string;
  readonly channel_share_no: string;
  readonly order_no: string;
  readonly payment_id: string;
  /** `partly`: some parts were given and some were not. */
  readonly state: Known<'submitting' | 'processing' | 'in_doubt' | 'done' | 'partly' | 'failed'>;
  readonly releases_rest: boolean;
  readonly reason: string;
  readonly why: string;
  readonly due_at: Moment;
  readonly parts: readonly SharePart[];
  readonly created_at: Moment;
  readonly ended_at?: Moment;
};

export type NewShareReturn = {
  /** The shop's number. The same number is the same return. */
  readonly return_no: string;
  /** Absent: all that is left of the part. */
  readonly amount?: Minor;
  readonly reason: string;
};

export type ShareReturn = {
  readonly id: string;
  readonly return_no: string;
  readonly channel_return_no: string;
  readonly share_id: string;
  readonly part_id: string;
  readonly state: Known<'submitting' | 'processing' | 'in_doubt' | 'done' | 'failed' | 'late'>;
  readonly amount_minor: Minor;
  readonly currency: string;
  readonly reason: string;
  readonly why: string;
  readonly created_at: Moment;
  readonly ended_at?: Moment;
};

export type SharedOrder = {
  readonly order_no: string;
  readonly shared_minor: Minor;
  readonly shares: readonly Share[];
  readonly returns: readonly ShareReturn[];
};

export type RefundPreview = {
  readonly amount_minor: Minor;
  readonly currency: string;
  readonly refundable_minor: Minor;
  readonly fee_back_minor: Minor;
  readonly fee_rule: string;
  /** Above the contract's threshold: it will wait for a second person. */
  readonly needs_two: boolean;
};

/** What a second person has to decide. */
export type Proposed = { readonly approval_id: string; readonly digest: string };
