import type { PaymentParts } from '../payments/index.ts';

/** What sharing needs of the process it runs in: what money in needs. */
export type SharingParts = PaymentParts;
