import type { Keys, SignType } from './signing.ts';

export type Partner = { readonly partner: string; readonly keys: Keys; readonly signTypes: readonly SignType[] };

export type Trade = {
  readonly partner: string;
  readonly tradeNo: string;
  readonly outTradeNo: string;
  readonly amountFen: number;
  /** Absent = not paid. */
  readonly paidAt?: number;
  readonly closed: boolean;
  readonly payerName: string;
  readonly payerId: string;
};

/** The parameters of one declare call, as texts of the wire; absent ones are absent. */
export type DeclareCall = {
  readonly partner: string;
  readonly out_request_no: string;
  readonly trade_no: string;
  readonly merchant_customs_code: string;
  readonly merchant_customs_name: string;
  readonly amount: string;
  readonly customs_place: string;
  readonly is_split?: string;
  readonly sub_out_biz_no?: string;
  readonly buyer_name?: string;
  readonly buyer_id_no?: string;
};

/** What a declaration says, in comparable form. The first five may be changed by a re-push, the rest not. */
export type Terms = {
  readonly customsCode: string;
  readonly customsName: string;
  readonly place: string;
  readonly amountFen: number;
  readonly childOrderNo: string;
  readonly tradeNo: string;
  readonly split: boolean;
  readonly buyerName: string;
  readonly buyerId: string;
};

export const lifeStatuses = ['ws', 'sending', 'succ'] as const;

export type Declaration = {
  readonly partner: string;
  readonly requestNo: string;
  readonly trade: Trade;
  readonly declareNo: string;
  /** What the merchant asked for last. Re-pushes are compared with this. */
  terms: Terms;
  /** What Alipay registered; differs from `terms` only by the fault `other_place`. Queries answer with this. */
  registered: { place: string; customsCode: string };
  /** The payment number that goes to customs. */
  pushedNo: string;
  status: (typeof lifeStatuses)[number];
  memo: string;
  modifiedAt: number;
  customsCode: string;
  customsInfo: string;
  customsReturnAt: number | undefined;
  /** Executed pushes so far; what a superseded push still has in the agenda is void. */
  pushes: number;
  /** `place|pushedNo` under which a port took it, or nothing: decides between new and change. */
  takenAs: string | undefined;
};

export type Attempt = {
  readonly at: number;
  readonly executed: boolean;
  readonly why_not?: string;
  readonly answer: string;
  readonly faults?: readonly string[];
};

export type Failure = { readonly code: string; readonly text: string };

export type DeclareResult =
  | { readonly kind: 'success'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'fail'; readonly failure: Failure };
