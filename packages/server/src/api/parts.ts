import type { CustomsJobParts } from '../customs/index.ts';
import type { TokenParts } from '../identity/index.ts';
import type { WebhookParts } from '../notifications/index.ts';
import type { NoticeDesk, OrderDoor, PaymentParts, SandboxDoors } from '../payments/index.ts';
import type { AppClock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Transport } from '../platform/transport.ts';

/** What this door needs of the process it stands in. */
export type ApiParts = {
  readonly config?: { readonly trustedProxies?: readonly string[] };
  readonly installation: { readonly bornAs: 'sandbox' | 'production'; readonly epoch: number };
  readonly db: Database;
  readonly clock: AppClock;
  readonly customs: CustomsJobParts;
  readonly webhooks: WebhookParts;
  readonly payments: PaymentParts;
  readonly orders: OrderDoor;
  readonly notices: NoticeDesk;
  readonly tokens: TokenParts;
  readonly transport: Transport;
  readonly worker: { nudge(): void };
  /** Production has none. */
  readonly sandboxDoors: SandboxDoors | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
};
