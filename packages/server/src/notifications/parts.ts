import type { Clock, Instant } from '../kernel/index.ts';
import type { Database, Tx } from '../platform/db.ts';
import type { Ids, RandomBytes } from '../platform/ids.ts';
import type { Keyring } from '../platform/keys.ts';

/** What a person must look at: messages of this endpoint did not arrive and are no longer tried. */
export type DeadCase = {
  readonly merchantId: string;
  readonly kind: 'webhook.dead';
  readonly subjectKind: 'webhook_endpoint';
  readonly subject: string;
};

type DeadCaseToOpen = DeadCase & { readonly bucket: number; readonly params: Readonly<Record<string, string>> };

/** Cases tell of themselves by webhook, so they stand above this folder: app/ hands their two commands down. */
export type CaseDoor = {
  open(tx: Tx, cases: readonly DeadCaseToOpen[], at: Instant): Promise<unknown>;
  close(tx: Tx, cases: readonly DeadCase[], at: Instant): Promise<unknown>;
};

export type WebhookParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly ids: Ids;
  /** For secrets. */
  readonly random: RandomBytes;
  /** Names this process in leases and tries. */
  readonly owner: string;
  readonly sandbox: boolean;
  readonly cases: CaseDoor;
};
