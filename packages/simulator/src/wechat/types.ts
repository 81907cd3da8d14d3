import type { KeyObject } from 'node:crypto';
import type { Fields } from '../input.ts';

export type FundFlow = 'old' | 'new';

/** Where a merchant's money lies. The old flow has the first two, the new one the third. */
export type Purse = 'UNSETTLED' | 'AVAILABLE' | 'BASIC';

export type PlatformCertificate = {
  readonly serial: string;
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly effectiveAt: number;
  readonly expiresAt: number;
};

/** A merchant number with its keys and its contract. */
export type Merchant = {
  readonly mchid: string;
  readonly appids: readonly string[];
  /** Of a service provider: the numbers it may act for. */
  readonly subMchids: readonly string[];
  /** The merchant's own certificates by serial number. */
  readonly certificates: ReadonlyMap<string, KeyObject>;
  readonly apiV3Key: Buffer | undefined;
  readonly v2Key: string | undefined;
  readonly platformCertificates: readonly PlatformCertificate[];
  /** The platform's public key with its id, which replaces the certificates. */
  readonly publicKey: { readonly id: string; readonly privateKey: KeyObject } | undefined;
  /** Of a hundred callbacks so many are signed with the public key: during a migration the share grows. */
  readonly publicKeyPercent: number;
  readonly flow: FundFlow;
  /** Millionths of the amount. */
  readonly feePpm: number;
  readonly products: readonly Product[];
  /** Customs places that the merchant entered, with its registration at each; `undefined` = any. */
  readonly customs: ReadonlyMap<string, string> | undefined;
  /** Addresses for refunds that named none, as the merchant console has them. */
  readonly refundNotifyUrl: string | undefined;
  readonly v2RefundNotifyUrl: string | undefined;
};

export const products = ['JSAPI', 'NATIVE', 'APP', 'MWEB', 'MICROPAY'] as const;
export type Product = (typeof products)[number];

export type Version = 'v2' | 'v3';

/** One genuine call, as it is written into the journal. `fields` are those of path, query and body together. */
export type WechatCall = {
  readonly api: string;
  readonly version: Version;
  readonly mchid: string;
  /** Through the doors for service providers, whose fields have other names. */
  readonly partner: boolean;
  readonly fields: Fields;
  /** The key of the platform that the header names: by it answers are signed and fields are encrypted. */
  readonly serial?: string;
};

/** Who takes part in a call: `payee` is the number whose money it is. */
export type Parties = {
  readonly mchid: string;
  readonly appid: string;
  readonly subMchid: string | undefined;
  readonly subAppid: string | undefined;
  readonly payee: string;
};

/** What the merchant asked for. */
export type Terms = Parties & {
  readonly version: Version;
  readonly partner: boolean;
  readonly product: Product;
  readonly outTradeNo: string;
  readonly amountFen: number;
  readonly description: string;
  readonly attach: string;
  readonly notifyUrl: string | undefined;
  /** Of the person who is to pay (JSAPI). */
  readonly openid: string | undefined;
  readonly expiresAt: number | undefined;
  /** The money is kept back so that it can be shared. */
  readonly isShared: boolean;
  /** Everything that a repetition may not change, as one text. */
  readonly content: string;
};

export type OrderState = 'NOTPAY' | 'USERPAYING' | 'SUCCESS' | 'CLOSED' | 'REVOKED' | 'PAYERROR';

/** What a payer can open: a prepaid session, a QR code, an H5 page. A fresh one makes the one before it useless. */
export type Offer = {
  readonly code: string;
  readonly prepayId: string;
  readonly order: Order;
  readonly endsAt: number;
};

export type Payment = {
  readonly transactionId: string;
  readonly at: number;
  readonly openid: string;
  readonly bankType: string;
  readonly feeFen: number;
};

/** Money of a payment that is kept back for sharing. */
export type Hold = {
  /** Still kept, what pending receivers are to get included. */
  fen: number;
  /** Of that: what pending receivers are to get. */
  reservedFen: number;
  /** Asked for and not refused: counts against the share that may be given away. */
  sharedFen: number;
  /** Of that: what came back. */
  returnedFen: number;
  /** Nothing can be shared any more: the rest was released, by the merchant or by time. */
  endedAt: number | undefined;
};

export type Order = {
  readonly terms: Terms;
  readonly createdAt: number;
  readonly payableUntil: number;
  readonly authCode: string | undefined;
  state: OrderState;
  offer: Offer | undefined;
  payment: Payment | undefined;
  closedAt: number | undefined;
  refundedFen: number;
  feeReturnedFen: number;
  lastRefundAt: number | undefined;
  /** Of an order that is to be shared, since it was paid. */
  hold: Hold | undefined;
  readonly refunds: Refund[];
};

export type RefundStatus = 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL';

export type RefundTerms = {
  readonly version: Version;
  readonly outRefundNo: string;
  readonly amountFen: number;
  readonly reason: string | undefined;
  readonly notifyUrl: string | undefined;
  readonly purse: Purse;
  readonly content: string;
};

export type Refund = {
  readonly refundId: string;
  readonly terms: RefundTerms;
  readonly order: Order;
  readonly createdAt: number;
  status: RefundStatus;
  successAt: number | undefined;
  /** False while the money is short. */
  isFunded: boolean;
  feeReturnedFen: number;
  /** Of the money kept for sharing so much went back to the payer. */
  heldFen: number;
  receivedBy: string;
  /** Started by a call, by a person on the merchant web site, or by a reversal: that is no refund for queries and bills. */
  readonly by: 'api' | 'console' | 'reversal';
};

/** A result before it is dressed for its version. */
export type Done = {
  readonly kind: 'done';
  readonly fields: Fields;
  readonly offer?: Offer;
  /** The token under which the file can be fetched, for the caller's own address. */
  readonly billToken?: string;
  readonly file?: Buffer;
};
export type Refused = { readonly kind: 'refused'; readonly code: string; readonly message?: string };
export type Result = Done | Refused;
