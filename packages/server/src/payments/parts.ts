import type { AccountParts } from '../accounts/index.ts';
import type { AppClock } from '../platform/clock.ts';
import type { Executor } from '../platform/commands.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Policies } from './policies.ts';

/** What money in needs of the process it runs in. */
export type PaymentParts = AccountParts & {
  readonly clock: AppClock;
  readonly executor: Executor;
  /** Names this process in exchanges and leases. */
  readonly owner: string;
  readonly metrics: Metrics;
  readonly policies: Policies;
  /** Where channels reach us, such as `https://pay.example.com`; messages come to `<this>/notify/<channel>/<account>`. */
  readonly publicUrl: string;
};
