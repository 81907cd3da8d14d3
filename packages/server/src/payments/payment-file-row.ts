import type { Instant, Money } from '../kernel/index.ts';

/** A push made before Liushui, and what the channel answered to it ("SUCCESS" proves nothing). */
export type EarlierPush = { readonly at: Instant; readonly answer: string };

/** A declared payment that Liushui did not make, as its file tells it. */
export type AdoptedRow = {
  readonly line: number;
  readonly orderNo: string;
  /** Undefined: the declaration cannot be asked about, nor pushed again. */
  readonly requestNo: string | undefined;
  readonly place: string;
  readonly customsCode: string;
  readonly customsName: string;
  readonly declaredAmount: Money;
  readonly isSplit: boolean;
  readonly childOrderNo: string | undefined;
  readonly pushedPaymentNo: string | undefined;
  readonly tradeNo: string;
  readonly waybillNo: string | undefined;
  readonly paidAt: Instant;
  readonly earlierPushes: readonly EarlierPush[];
};
