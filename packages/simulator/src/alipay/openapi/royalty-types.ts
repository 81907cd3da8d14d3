import type { Trade } from './types.ts';

export const accountTypes = ['userId', 'loginName', 'openId'] as const;
export type AccountType = (typeof accountTypes)[number];

/** One receiver of one request. */
export type RoyaltyPart = {
  readonly type: AccountType;
  readonly account: string;
  readonly amountFen: number;
  readonly detailId: string;
  /** Whether the money was frozen by the payment; else it is the balance's. */
  readonly isFrozen: boolean;
  state: 'PROCESSING' | 'SUCCESS' | 'FAIL';
  errorCode: string | undefined;
  executedAt: number | undefined;
  returnedFen: number;
};

/** What came back of one part with one refund. */
export type RoyaltyBack = {
  readonly part: RoyaltyPart;
  readonly amountFen: number;
  readonly refundNo: string;
  readonly detailId: string;
  readonly at: number;
};

/** One request to share a trade, or to release what is left of it. */
export type RoyaltyRequest = {
  readonly requestNo: string;
  readonly settleNo: string;
  readonly trade: Trade;
  readonly mode: 'sync' | 'async';
  /** Everything that a repetition may not change, as one text. */
  readonly content: string;
  readonly createdAt: number;
  readonly parts: readonly RoyaltyPart[];
  readonly backs: RoyaltyBack[];
  releasedFen: number;
};

/** What one receiver gives back with a refund. */
export type BackWish = { readonly request: RoyaltyRequest; readonly part: RoyaltyPart; readonly amountFen: number };

export function isFinished(request: RoyaltyRequest): boolean {
  return request.parts.every((part) => part.state !== 'PROCESSING');
}
