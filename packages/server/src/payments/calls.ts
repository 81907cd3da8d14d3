import { minutes, plus } from '../kernel/index.ts';
import type { Instant, Outcome, Result, Trust } from '../kernel/index.ts';
import type { Draft } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { recordEnds } from '../platform/exchanges.ts';
import type { ExchangeStart } from '../platform/exchanges.ts';
import { finishJobs } from '../platform/jobs.ts';
import { slowDown } from '../platform/lane-health.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import { sendBeforeMs } from '../platform/worker.ts';
import type { HeardCall, PreparedCall } from '../platform/worker.ts';
import { tellHeard } from './hearing.ts';
import type { OrderAnswer, OrderInput } from './inputs.ts';
import { executeOrders } from './order-command.ts';
import { findOrdersOf, loadOrders } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';

export const keyOfJob = (job: Job): RecordKey => ({ bucket: job.bucket, id: job.subject });

export type DueJob = { readonly job: Job; readonly at: Instant; readonly order: Order | undefined };

/** The account that all jobs of a lane share, and the order behind each of them. */
export async function openLease(
  parts: PaymentParts,
  lease: Lease,
  table: 'payment_attempts' | 'refunds',
): Promise<{ readonly opened: OpenAccount | undefined; readonly due: readonly DueJob[] }> {
  const [accountId = ''] = lease.lane.split('/');
  const opened = await openAccount(parts, accountId);
  // One that was added a moment ago is known to what is heard of it.
  if (opened.ok) await parts.policies.load([accountId]);
  const jobs = lease.calls.flatMap((call) => call.jobs.map((job) => ({ job, at: call.at })));
  const keys = await findOrdersOf(
    parts.db,
    table,
    jobs.map(({ job }) => keyOfJob(job)),
  );
  const distinct = new Map([...keys.values()].map((key) => [key.id, key]));
  const orders = new Map((await loadOrders(parts.db, [...distinct.values()])).map((order) => [order.id, order]));
  const due = jobs.map((one) => ({ ...one, order: orders.get(keys.get(one.job.subject)?.id ?? '') }));
  return { opened: opened.ok ? opened.value : undefined, due };
}

/** Signs a draft and makes of it the call and the row that is committed before the call. */
export async function prepareCall(
  parts: PaymentParts,
  opened: OpenAccount,
  operation: string,
  draft: Draft,
  call: { readonly at: Instant; readonly job: Job; readonly context: unknown; readonly try: number },
): Promise<{ readonly call: PreparedCall; readonly start: ExchangeStart }> {
  const { account, connector, secrets } = opened;
  const request = draft.finish(await connector.sign(draft.toSign, account, secrets, draft.signWith));
  const limits = connector.manifest.lanes[operation] ?? { timeoutMs: 10_000, answerBytesMax: 1 << 20 };
  const { timeoutMs, answerBytesMax } = limits;
  const id = parts.ids.next();
  const { bucket, subject, dueAt } = call.job;
  const createdAt = parts.clock.now();
  const start: ExchangeStart = {
    ...{ bucket, id, accountId: account.id, operation, worker: parts.owner, createdAt, request },
    sendBefore: plus(createdAt, sendBeforeMs),
    subjects: [{ bucket, id: subject, try: call.try, dueAt }],
  };
  const { at, job, context } = call;
  return {
    call: { at, jobs: [job], context, exchangeId: id, bucket, request, limits: { timeoutMs, answerBytesMax } },
    start,
  };
}

/** 5 s, 10 s … 1 h: the pause before what never left is tried again. */
const pauseAfter = (tries: number): number => Math.min(minutes(60), 5000 * 2 ** Math.min(tries, 10));

export type Told = { readonly job: Job; readonly input: OrderInput };

/** Commits what was heard, and the ends of the jobs with it: a job whose order says so is due again. */
export async function tellOrders(parts: PaymentParts, told: readonly Told[]): Promise<void> {
  const jobs = new Map(told.map(({ job, input }) => [input, job]));
  const decide = { policyOf: await parts.policies.load(), ids: parts.ids };
  const results = await executeOrders(
    parts.executor,
    decide,
    told.map(({ input }) => input),
    (tx, decided) =>
      finishJobs(
        tx,
        parts.owner,
        decided.flatMap(({ input, result }) => endOf(jobs.get(input), result)),
      ),
  );
  tellHeard(
    parts.db,
    told.map(({ input }) => input.key.id),
  );
  await putAside(
    parts,
    told.map(({ job }, index) => ({ job, result: results[index] })),
  );
}

/** A word that cannot be committed keeps its job from being done anew at once, call and all. */
export async function putAside(
  { db, owner, clock }: PaymentParts,
  told: readonly { readonly job: Job; readonly result: Result<unknown> | undefined }[],
): Promise<void> {
  const aside = told.filter(({ result }) => result?.ok === false && result.refusal.code === 'server.item_quarantined');
  const againAt = plus(clock.now(), minutes(60));
  await finishJobs(
    db,
    owner,
    aside.map(({ job }) => ({ job, againAt, error: 'put aside with a case' })),
  );
}

function endOf(job: Job | undefined, result: Result<OrderAnswer>): JobEnd[] {
  if (!job) return [];
  const againAt = result.ok ? result.value.againAt : undefined;
  return [{ job, ...(againAt === undefined ? {} : { againAt }) }];
}

/** The answered rows of calls, and the jobs of those that never left: these are due again. */
export async function endCalls(
  parts: PaymentParts,
  calls: readonly HeardCall[],
  readings: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const unsent = calls.filter(({ sent }) => sent.kind === 'unsent');
  await parts.db.transaction(async (tx) => {
    await recordEnds(
      tx,
      parts.keyring,
      calls.map((call, index) => ({
        ...{ bucket: call.bucket, id: call.exchangeId, sent: call.sent, heardAt: call.heardAt },
        reading: readings[index] ?? {},
      })),
    );
    await finishJobs(
      tx,
      parts.owner,
      unsent.flatMap((call) =>
        call.jobs.map((job) => ({
          ...{ job, againAt: plus(call.heardAt, pauseAfter(job.tries)), error: 'nothing left this machine' },
          payload: { unsent: (call.context as { readonly try: number }).try },
        })),
      ),
    );
  });
}

/** The channel says that it is asked too often: the lane goes slower for a while, and nothing else comes of it. */
export async function slowWhereAsked(
  { db, clock }: PaymentParts,
  lane: string,
  calls: readonly HeardCall[],
): Promise<void> {
  const sentAt = calls.flatMap(({ sent, context }) => {
    const { connector } = (context as { readonly opened: OpenAccount }).opened;
    return sent.kind === 'answered' && connector.saysTooOften?.(sent.answer) === true ? [sent.sentAt] : [];
  });
  if (sentAt.length > 0) await slowDown(db, lane, Math.max(...sentAt) as Instant, clock.now());
}

export function countCall(parts: PaymentParts, channel: string, operation: string, { sent }: HeardCall): void {
  parts.metrics.count('liushui_exchanges_total', { channel, operation, ended: sent.kind }, 1);
  if (sent.kind !== 'unsent') parts.metrics.observe('liushui_exchange_seconds', { channel, operation }, sent.ms / 1000);
}

/**
 * No request could be made of it, as after a change of the account's settings. That is our own doing: it ends what was never sent, and says
 * nothing of what was.
 */
export const unbuilt = (
  code: string,
  isUnsent: boolean,
): { readonly outcome: Outcome<never>; readonly trust: Trust } =>
  isUnsent
    ? { outcome: { kind: 'rejected', code, text: code }, trust: 'verified' }
    : { outcome: { kind: 'in_doubt', why: `no request could be made: ${code}` }, trust: 'none' };
