import type { AccountParts } from '../accounts/index.ts';
import type { Metrics } from '../platform/metrics.ts';

/** What statements need of the process that they are fetched in. */
export type StatementParts = AccountParts & { readonly owner: string; readonly metrics: Metrics };
