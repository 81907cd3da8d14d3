import type { KeyObject } from 'node:crypto';
import type { Charset } from '../signing.ts';
import type { Fields } from '../../input.ts';
import type { OpenApiSignType } from './signing.ts';

/** A merchant's application: keys, contract, and which events are told to it. */
export type App = {
  readonly appId: string;
  readonly sellerId: string;
  readonly sellerEmail: string;
  readonly merchantKey: KeyObject;
  readonly alipayKey: KeyObject;
  readonly aesKey: Buffer | undefined;
  readonly certificates: { readonly app: string; readonly root: string; readonly alipay: string } | undefined;
  /** Millionths of the amount, rounded half up. */
  readonly feePpm: number;
  readonly feeReturned: boolean;
  readonly refundWindowMs: number;
  /** `paid` and `refunded` are always told; whether the others are is contradictory in the documents. */
  readonly notify: { readonly created: boolean; readonly closed: boolean; readonly finished: boolean };
};

/** One genuine call, as it is written into the journal. */
export type OpenApiCall = {
  readonly appId: string;
  readonly method: string;
  readonly biz: Fields;
  readonly charset: Charset;
  readonly signType: OpenApiSignType;
  readonly notifyUrl?: string;
  readonly returnUrl?: string;
};

export type TradeStatus = 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_CLOSED' | 'TRADE_FINISHED';

/** What the merchant asked for. */
export type Terms = {
  readonly outTradeNo: string;
  readonly amountFen: number;
  readonly subject: string;
  readonly body: string | undefined;
  readonly passback: string | undefined;
  readonly sellerId: string;
};

export type OfferKind = 'page' | 'wap' | 'app' | 'qr';

/** A moment, or a length that counts from a moment which depends on the product. */
export type Deadline = { readonly at: number } | { readonly forMs: number };

/** A cashier page or a QR code. No trade yet: that is born when the payer acts. */
export type Offer = {
  readonly code: string;
  readonly kind: OfferKind;
  readonly call: OpenApiCall;
  readonly terms: Terms;
  readonly openedAt: number;
  /** After this nobody can open it; `undefined` while the deadline counts from the trade's birth. */
  readonly endsAt: number | undefined;
  /** When a trade born here expires: a moment, or a length of life that counts from its birth. */
  readonly deadline: Deadline;
};

export type Buyer = { readonly id: string; readonly logonId: string };

export type Refund = {
  readonly requestNo: string;
  readonly amountFen: number;
  readonly feeReturnedFen: number;
  readonly at: number;
  readonly reason: string | undefined;
  readonly by: 'refund' | 'cancel';
};

/** What a trade has to do with profit sharing. */
export type Royalty = {
  /** The payment asked that its money be frozen until it is shared. */
  readonly isFrozen: boolean;
  /** Still frozen, what receivers are to get included. */
  heldFen: number;
  /** Of that: what receivers are to get. */
  reservedFen: number;
  /** Asked for and not refused. */
  sharedFen: number;
  mode: 'sync' | 'async' | undefined;
  /** What was left is the seller's: because the seller said so (then nothing more is shared), or because time is over. */
  finishedAt: number | undefined;
  releasedAt: number | undefined;
};

export type Trade = {
  readonly tradeNo: string;
  readonly terms: Terms;
  /** What the payer pays; differs from the terms only by a fault. */
  amountFen: number;
  readonly appId: string;
  readonly call: OpenApiCall;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly authCode: string | undefined;
  status: TradeStatus;
  buyer: Buyer;
  paidAt: number | undefined;
  closedAt: number | undefined;
  feeFen: number;
  feeReturnedFen: number;
  refundedFen: number;
  readonly refunds: Map<string, Refund>;
  readonly royalty: Royalty;
};

/** A result before it is dressed as JSON: gateway code, sub code, and the fields of the method. */
export type CallResult = {
  readonly code: string;
  readonly subCode?: string;
  readonly subMsg?: string;
  readonly fields?: Fields;
};

export type StatementRow = {
  readonly at: number;
  readonly kind: 'payment' | 'refund' | 'share' | 'share_return';
  readonly seller_id: string;
  readonly app_id: string;
  readonly trade_no: string;
  readonly out_trade_no: string;
  readonly out_request_no?: string;
  /** Fen; money to the merchant is positive. */
  readonly amount_fen: number;
  readonly fee_fen: number;
  readonly balance_fen: number;
};
