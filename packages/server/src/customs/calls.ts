import { minutes, plus } from '../kernel/index.ts';
import type { Instant, Result, Trust } from '../kernel/index.ts';
import type { Draft } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { AccountParts, OpenAccount } from '../accounts/index.ts';
import type { AppClock } from '../platform/clock.ts';
import { execute } from '../platform/commands.ts';
import type { Alongside, Executor, RecordKey } from '../platform/commands.ts';
import type { ExchangeStart } from '../platform/exchanges.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import { finishJobs } from '../platform/jobs.ts';
import { slowDown } from '../platform/lane-health.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Sent } from '../platform/transport.ts';
import { sendBeforeMs } from '../platform/worker.ts';
import type { HeardCall, PreparedCall } from '../platform/worker.ts';
import type { Declaration } from './declaration.ts';
import { observeCommand } from './observe.ts';
import type { ObserveAnswer, ObserveInput } from './observe.ts';
import type { RulesOf } from './job-wishes.ts';
import { findDeclarations } from './store.ts';

/** What the jobs of customs need of the process they run in. */
export type CustomsJobParts = AccountParts & {
  readonly clock: AppClock;
  readonly executor: Executor;
  /** Names this process in exchanges and leases. */
  readonly owner: string;
  readonly metrics: Metrics;
};

export function rulesOf(parts: AccountParts): RulesOf {
  return (channel) => parts.channels.get(channel)?.manifest.customs;
}

/** Tells facts to declarations, in one list; `alongside` commits in the same transaction. */
export function observe(
  parts: CustomsJobParts,
  inputs: readonly ObserveInput[],
  alongside?: Alongside<ObserveInput, ObserveAnswer>,
): Promise<Result<ObserveAnswer>[]> {
  return execute(parts.executor, observeCommand(rulesOf(parts)), inputs, alongside);
}

export function keyOfJob(job: Job): RecordKey {
  return { bucket: job.bucket, id: job.subject };
}

/** The account that all jobs of a lane share. */
export async function openLane(parts: CustomsJobParts, lease: Lease): Promise<OpenAccount | undefined> {
  const [accountId = ''] = lease.lane.split('/');
  const opened = await openAccount(parts, accountId);
  return opened.ok ? opened.value : undefined;
}

/** The declarations behind the jobs of a lease, and its account. */
export async function loadLease(
  parts: CustomsJobParts,
  lease: Lease,
): Promise<{ opened: OpenAccount | undefined; declarations: ReadonlyMap<string, Declaration> }> {
  const opened = await openLane(parts, lease);
  const keys = lease.calls.flatMap((call) => call.jobs.map(keyOfJob));
  const found = await findDeclarations(parts.db, keys);
  const declarations = new Map(found.map((declaration) => [declaration.id, declaration]));
  return { opened, declarations };
}

/** Jobs that end without a call. */
export async function endWithoutCall(parts: CustomsJobParts, ends: readonly JobEnd[]): Promise<void> {
  await finishJobs(parts.db, parts.owner, ends);
}

/** Signs a draft and makes of it the call and the row that is committed before the call. */
export async function prepareCall(
  parts: CustomsJobParts,
  opened: OpenAccount,
  operation: string,
  draft: Draft,
  call: { readonly at: Instant; readonly jobs: readonly Job[]; readonly context: unknown },
  tries: ReadonlyMap<string, number>,
): Promise<{ call: PreparedCall; start: ExchangeStart }> {
  const { account, connector, secrets } = opened;
  const request = draft.finish(await connector.sign(draft.toSign, account, secrets, draft.signWith));
  const limits = connector.manifest.lanes[operation] ?? { timeoutMs: 10_000, answerBytesMax: 1 << 20 };
  const id = parts.ids.next();
  const bucket = call.jobs[0]?.bucket ?? 0;
  const createdAt = parts.clock.now();
  return {
    call: {
      ...call,
      exchangeId: id,
      bucket,
      request,
      limits: { timeoutMs: limits.timeoutMs, answerBytesMax: limits.answerBytesMax },
    },
    start: {
      bucket,
      id,
      accountId: account.id,
      operation,
      worker: parts.owner,
      createdAt,
      sendBefore: plus(createdAt, sendBeforeMs),
      request,
      subjects: call.jobs.map((job) => ({
        bucket: job.bucket,
        id: job.subject,
        try: tries.get(job.subject) ?? 1,
        dueAt: job.dueAt,
      })),
    },
  };
}

/** 15 s, 30 s, 1 min … 1 h: the pause before trying again what was not answered. */
export function pauseAfter(tries: number): number {
  return Math.min(minutes(60), 15_000 * 2 ** Math.min(tries, 10));
}

/** Ends that belong to the inputs which were decided; an item that was put aside is looked at again in an hour. */
export async function endQuarantined(
  parts: CustomsJobParts,
  jobs: readonly Job[],
  results: readonly Result<ObserveAnswer>[],
): Promise<void> {
  const aside = jobs.filter((_job, index) => {
    const result = results[index];
    return result?.ok === false && result.refusal.code === 'server.item_quarantined';
  });
  const againAt = plus(parts.clock.now(), minutes(60));
  await finishJobs(
    parts.db,
    parts.owner,
    aside.map((job) => ({ job, againAt, error: 'put aside with a case' })),
  );
}

/** The channel says that it is asked too often: the lane goes slower for a while, and nothing else comes of it. */
export async function slowWhereAsked(
  { db, clock }: CustomsJobParts,
  lane: string,
  calls: readonly { readonly opened: OpenAccount; readonly sent: Sent }[],
): Promise<void> {
  const sentAt = calls.flatMap(({ opened: { connector }, sent }) =>
    sent.kind === 'answered' && connector.saysTooOften?.(sent.answer) === true ? [sent.sentAt] : [],
  );
  if (sentAt.length > 0) await slowDown(db, lane, Math.max(...sentAt) as Instant, clock.now());
}

/** Counts a call by how it ended, and how long an answer took. */
export function countCall(parts: CustomsJobParts, channel: string, operation: string, { sent }: HeardCall): void {
  parts.metrics.count('liushui_exchanges_total', { channel, operation, ended: sent.kind }, 1);
  if (sent.kind !== 'unsent') parts.metrics.observe('liushui_exchange_seconds', { channel, operation }, sent.ms / 1000);
}

/** Counts what an answer said, and how far it can be trusted. */
export function countOutcome(
  parts: CustomsJobParts,
  channel: string,
  operation: string,
  outcome: string,
  trust: Trust,
): void {
  parts.metrics.count('liushui_outcomes_total', { channel, operation, outcome, trust }, 1);
}
