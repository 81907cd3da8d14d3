import type { LaneWork } from '../platform/worker.ts';
import { paymentChores } from './chores.ts';
import type { PaymentParts } from './parts.ts';
import { payWorks } from './pay-jobs.ts';
import { refundWorks } from './refund-jobs.ts';

/** All that money in does by itself when it is due. */
export const paymentWorks = (parts: PaymentParts): LaneWork[] => [
  ...payWorks(parts),
  ...refundWorks(parts),
  ...paymentChores(parts),
];
