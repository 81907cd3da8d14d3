import type { Instant } from '../kernel/index.ts';
import type { AccountParts } from '../accounts/index.ts';
import type { Metrics } from '../platform/metrics.ts';

/** Whether our records have money that came in over this account at a moment in between. */
export type HasMoney = (accountId: string, span: { readonly from: Instant; readonly to: Instant }) => Promise<boolean>;

/** What statements need of the process that they are fetched in. */
export type StatementParts = AccountParts & { readonly owner: string; readonly metrics: Metrics };
