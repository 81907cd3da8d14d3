import type { Order } from './types.ts';

export const receiverTypes = ['MERCHANT_ID', 'PERSONAL_OPENID'] as const;
export type ReceiverType = (typeof receiverTypes)[number];

/** One receiver of one request. `isRelease`: the rest that goes to the merchant itself, listed among the receivers. */
export type SharePart = {
  readonly type: ReceiverType;
  readonly account: string;
  readonly amountFen: number;
  readonly description: string;
  readonly detailId: string;
  readonly isRelease: boolean;
  result: 'PENDING' | 'SUCCESS' | 'CLOSED';
  failReason: string | undefined;
  endedAt: number | undefined;
};

/** One request to share a payment, or to release the rest of it. */
export type ShareRequest = {
  readonly outOrderNo: string;
  readonly orderId: string;
  readonly order: Order;
  /** Everything that a repetition may not change, as one text. */
  readonly content: string;
  readonly createdAt: number;
  readonly parts: readonly SharePart[];
  readonly returns: ShareReturn[];
};

/** Money that comes back from one receiver of one request. */
export type ShareReturn = {
  readonly outReturnNo: string;
  readonly returnId: string;
  readonly request: ShareRequest;
  readonly part: SharePart;
  readonly amountFen: number;
  readonly description: string;
  readonly content: string;
  readonly createdAt: number;
  result: 'PROCESSING' | 'SUCCESS' | 'FAILED';
  failReason: string | undefined;
  endedAt: number | undefined;
};

export function isFinished(request: ShareRequest): boolean {
  return request.parts.every((part) => part.result !== 'PENDING');
}

/** What came back of a part; with `all` also what is on its way back. */
export function returnedOf(request: ShareRequest, part: SharePart, all: boolean): number {
  return request.returns
    .filter((one) => one.part === part && (one.result === 'SUCCESS' || (all && one.result === 'PROCESSING')))
    .reduce((sum, one) => sum + one.amountFen, 0);
}
