import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Instant, Result } from '../kernel/index.ts';
import { done } from '../kernel/index.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import { readChannels } from '../channels/registry.ts';
import type { ChannelRegistry } from '../channels/registry.ts';
import { customsWorks } from '../customs/index.ts';
import type { CustomsJobParts } from '../customs/index.ts';
import type { TokenParts } from '../identity/index.ts';
import { incidentWorks } from '../incidents/index.ts';
import { webhookWorks } from '../notifications/index.ts';
import type { WebhookParts } from '../notifications/index.ts';
import { onboardingWorks } from '../onboarding/index.ts';
import { createPolicies, hasCollected, openNoticeDesk, openOrderDoor, paymentWorks } from '../payments/index.ts';
import type { NoticeDesk, OrderDoor, PaymentParts, SandboxDoors } from '../payments/index.ts';
import { sharingWorks } from '../sharing/index.ts';
import { statementWorks } from '../statements/index.ts';
import { databaseClock, runningSandboxClock } from '../platform/clock.ts';
import type { AppClock } from '../platform/clock.ts';
import type { Executor, Quarantine } from '../platform/commands.ts';
import type { Config } from '../platform/config.ts';
import { armCrashPoint } from '../platform/crash-points.ts';
import type { Database } from '../platform/db.ts';
import { growHeapSlowly } from '../platform/heap.ts';
import { createIds, systemRandomBytes } from '../platform/ids.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { ensureMasterKey, loadMasterKey, masterKeyFrom } from '../platform/keys-master.ts';
import type { MasterKey } from '../platform/keys-master.ts';
import { createKeyStore } from '../platform/keys-store.ts';
import { createKeyring } from '../platform/keys.ts';
import { createLog } from '../platform/log.ts';
import type { Log, LogOptions } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Metrics } from '../platform/metrics.ts';
import { createTransport } from '../platform/transport.ts';
import type { Transport } from '../platform/transport.ts';
import { Worker } from '../platform/worker.ts';
import type { LaneWork, WorkerParts } from '../platform/worker.ts';
import type { Installation } from './installation.ts';
import { retentionWork } from './retention.ts';
import type { RetentionParts } from './retention.ts';
import { openSandboxDoors } from './sandbox-doors.ts';
import type { MovableClock } from './sandbox-doors.ts';

/** Everything a door needs: one process's share of the installation. */
export type App = {
  readonly config: Config;
  readonly installation: Installation;
  readonly db: Database;
  readonly clock: AppClock;
  readonly channels: ChannelRegistry;
  readonly transport: Transport;
  readonly customs: CustomsJobParts;
  readonly webhooks: WebhookParts;
  readonly payments: PaymentParts;
  /** Where single wishes and messages about orders come in. */
  readonly orders: OrderDoor;
  /** Where channels' own messages come in. */
  readonly notices: NoticeDesk;
  readonly tokens: TokenParts;
  readonly worker: Worker;
  /** Production has none. */
  readonly sandboxDoors: SandboxDoors | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  close(): Promise<void>;
};

export type AppOptions = {
  readonly config: Config;
  readonly db: Database;
  readonly installation: Installation;
  readonly logTo: LogOptions['to'];
  readonly logLevel: LogOptions['level'];
  /** A clock that is driven from outside, as in the replay; otherwise the installation's own. */
  readonly clock?: AppClock;
  /** Repeatable ids, as in the replay. */
  readonly random?: RandomBytes;
  /** Where channels' folders lie, if not only beside the registry. */
  readonly channelFolders?: readonly string[];
};

type OwnClock = MovableClock & { stop?(): void };

async function ownClock(db: Database, installation: Installation): Promise<OwnClock> {
  return installation.bornAs === 'production' ? databaseClock(db) : runningSandboxClock(db);
}

/** Where the master key is: named by the operator, or made beside the data in a sandbox; never in the database. */
export function openMasterKey(config: Config, sandbox: boolean): Result<MasterKey> {
  if (config.masterKey) return masterKeyFrom(config.masterKey);
  if (config.masterKeyFile !== undefined) return loadMasterKey(config.masterKeyFile);
  const path = join(config.dataFolder, 'master.key');
  return sandbox ? ensureMasterKey(path, systemRandomBytes) : loadMasterKey(path);
}

export async function openApp(options: AppOptions): Promise<Result<App>> {
  const { config, db, installation } = options;
  growHeapSlowly();
  const sandbox = installation.bornAs === 'sandbox';
  const master = openMasterKey(config, sandbox);
  if (!master.ok) return master;
  armCrashPoint(config.crashAt, sandbox);
  const clock: OwnClock = options.clock ?? (await ownClock(db, installation));
  const log = createLog({ clock, to: options.logTo, level: options.logLevel });
  const metrics = createMetrics({ ofProcess: true });
  const random = options.random ?? systemRandomBytes;
  const ids = createIds(clock, random);
  const keyring = createKeyring({ master: master.value, store: createKeyStore(db), clock, ids, random });
  await keyring.prepare(clock.now());
  const channels = await readChannels(...(options.channelFolders ?? []));
  const transport = createTransport({ sandbox, clock, connectionsPerLane: 16, connectTimeoutMs: 5000 });
  const executor: Executor = { db, clock, quarantine: quarantineWith(db, clock, log) };
  const owner = `${hostname()}/${process.pid}/${ids.next().slice(-12)}`;
  const customs: CustomsJobParts = { db, channels, keyring, ids, clock, executor, owner, metrics };
  const policies = createPolicies(db, channels, clock);
  const payments: PaymentParts = { ...customs, policies, publicUrl: publicUrlOf(config) };
  const orders = openOrderDoor(payments);
  const caseDoor = { open: openCases, close: closeCasesOf };
  const webhooks: WebhookParts = { db, clock, keyring, ids, random, owner, sandbox, cases: caseDoor };
  const onError = faultTeller(log);
  const worker = new Worker({
    db,
    clock,
    transport,
    works: worksOf({ customs, payments, webhooks, retention: { db, clock, ids, owner } }),
    owner,
    onError,
    onLaneChange: laneCases(db, clock),
  });
  const notices = openNoticeDesk(payments, orders, {
    onError: (error) => onError(error, 'notices'),
    onTold: () => worker.nudge(),
  });
  return done({
    ...{
      config,
      installation,
      db,
      clock,
      channels,
      transport,
      customs,
      webhooks,
      payments,
      orders,
      notices,
      worker,
      log,
      metrics,
    },
    sandboxDoors: sandbox
      ? openSandboxDoors({ payments, clock, worker, notices, random, dataFolder: config.dataFolder })
      : undefined,
    tokens: { digest: (digestClass, token) => keyring.digestKeyed(digestClass, token), random },
    async close() {
      worker.stop();
      await notices.idle();
      await transport.close();
      clock.stop?.();
    },
  });
}

/** What failed behind everybody's back, in the log. */
function faultTeller(log: Log): (error: unknown, lane: string) => void {
  return (error, lane) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error('worker.failed', { lane, error: text });
  };
}

type WorkParts = {
  readonly customs: CustomsJobParts;
  readonly payments: PaymentParts;
  readonly webhooks: WebhookParts;
  readonly retention: RetentionParts;
};

/** Everything that falls due by itself. */
function worksOf({ customs, payments, webhooks, retention }: WorkParts): LaneWork[] {
  return [
    ...customsWorks(customs),
    ...paymentWorks(payments),
    ...sharingWorks(payments),
    ...incidentWorks(customs),
    ...webhookWorks(webhooks),
    ...statementWorks(customs, (accountId, span) => hasCollected(customs.db, accountId, span)),
    ...onboardingWorks(payments),
    retentionWork(retention),
  ];
}

/** Where channels reach us. In a sandbox the simulators are on this machine too. */
const publicUrlOf = ({ publicUrl, listen }: Config): string => publicUrl ?? `http://127.0.0.1:${listen.port}`;

/** A closed lane is a case until an answer opens it: its jobs wait, and somebody should know. */
function laneCases(db: Database, clock: { now(): Instant }): NonNullable<WorkerParts['onLaneChange']> {
  return async (lane, change) => {
    const subject = { merchantId: '*', kind: 'lane.closed' as const, subjectKind: 'lane', subject: lane };
    await db.transaction(async (tx) => {
      if (change === 'opened') await closeCasesOf(tx, [subject], clock.now());
      else await openCases(tx, [{ ...subject, bucket: 0, params: { lane } }], clock.now());
    });
  };
}

/** An item that aborts alone becomes a case; the list it came with goes on. */
function quarantineWith(db: Database, clock: { now(): Instant }, log: Log): Quarantine {
  return async (command, key, error) => {
    const words = error instanceof Error ? error.message : String(error);
    log.error('command.item_quarantined', { command, bucket: key.bucket, record: key.id, error: words });
    await db.transaction((tx) =>
      openCases(
        tx,
        [
          {
            merchantId: '*',
            kind: 'item.quarantined',
            subjectKind: command,
            bucket: key.bucket,
            subject: key.id,
            params: { command, error: words.slice(0, 500) },
          },
        ],
        clock.now(),
      ),
    );
  };
}
