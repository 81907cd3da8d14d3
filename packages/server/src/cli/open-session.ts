import type { CustomsJobParts } from '../customs/index.ts';
import type { Actor, TokenParts } from '../identity/index.ts';
import type { WebhookParts } from '../notifications/index.ts';
import type { OrderDoor, PaymentParts, SandboxDoors } from '../payments/index.ts';
import type { AppClock } from '../platform/clock.ts';
import type { Database } from '../platform/db.ts';
import type { Transport } from '../platform/transport.ts';
import type { Worker } from '../platform/worker.ts';

/** One command at work: a person who is logged in, on the installation's database. */
export type Session = {
  readonly actor: Actor;
  readonly sandbox: boolean;
  /** False where a sandbox clock stands: nothing falls due by waiting. */
  readonly clockRuns: boolean;
  readonly db: Database;
  readonly clock: AppClock;
  /** What the domain's commands need, accounts included. */
  readonly customs: CustomsJobParts;
  readonly payments: PaymentParts;
  readonly orders: OrderDoor;
  readonly webhooks: WebhookParts;
  readonly transport: Transport;
  readonly tokens: TokenParts;
  readonly worker: Worker;
  /** Production has none. */
  readonly sandboxDoors: SandboxDoors | undefined;
  close(): Promise<void>;
};
