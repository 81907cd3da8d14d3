import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Draft } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import type { ExchangeStart } from '../platform/exchanges.ts';
import { priorities } from '../platform/jobs.ts';
import type { Job, JobWish, Lease, Priority } from '../platform/jobs.ts';
import { slowDown } from '../platform/lane-health.ts';
import { sendBeforeMs } from '../platform/worker.ts';
import type { HeardCall, PreparedCall } from '../platform/worker.ts';
import type { StatementParts } from './parts.ts';
import type { StatementDay } from './statement.ts';
import { loadDays } from './store.ts';

export const askOperation = 'statement.ask';
export const fetchOperation = 'statement.fetch';
type Operation = typeof askOperation | typeof fetchOperation;

/** Nobody waits for it at a screen, unless he asked for it himself. */
export function wishFor(
  operation: Operation,
  { bucket, id, accountId }: Pick<StatementDay, 'bucket' | 'id' | 'accountId'>,
  dueAt: Instant,
  priority: Priority = priorities.bulk,
): JobWish {
  return { bucket, kind: operation, subject: id, lane: `${accountId}/${operation}`, dueAt, priority };
}

export type DueDay = { readonly job: Job; readonly at: Instant; readonly day: StatementDay | undefined };
export type Leased = { readonly opened: OpenAccount | undefined; readonly due: readonly DueDay[] };

/** The account that all jobs of a lane share, and the day behind each of them. */
export async function openLease(parts: StatementParts, lease: Lease): Promise<Leased> {
  const [accountId = ''] = lease.lane.split('/');
  const jobs = lease.calls.flatMap((call) => call.jobs.map((job) => ({ job, at: call.at })));
  if (jobs.length === 0) return { opened: undefined, due: [] };
  const opened = await openAccount(parts, accountId);
  const days = await loadDays(
    parts.db,
    jobs.map(({ job }) => ({ bucket: job.bucket, id: job.subject })),
  );
  const due = jobs.map((one) => ({ ...one, day: days.get(one.job.subject) }));
  return { opened: opened.ok ? opened.value : undefined, due };
}

export type Prepared = { readonly call: PreparedCall; readonly start: ExchangeStart };

/** Signs a draft and makes of it the call and the row that is committed before the call. */
export async function prepareCall(
  parts: StatementParts,
  opened: OpenAccount,
  operation: Operation,
  draft: Draft,
  due: { readonly at: Instant; readonly job: Job; readonly context: unknown; readonly try: number },
): Promise<Prepared> {
  const { account, connector, secrets } = opened;
  const request = draft.finish(await connector.sign(draft.toSign, account, secrets, draft.signWith));
  const { timeoutMs = 10_000, answerBytesMax = 1 << 20 } = connector.manifest.lanes[operation] ?? {};
  const id = parts.ids.next();
  const { bucket, subject, dueAt } = due.job;
  const createdAt = parts.clock.now();
  return {
    call: {
      ...{ exchangeId: id, bucket, at: due.at, request, jobs: [due.job], context: due.context },
      limits: { timeoutMs, answerBytesMax },
    },
    start: {
      ...{ bucket, id, accountId: account.id, operation, worker: parts.owner, createdAt, request },
      sendBefore: plus(createdAt, sendBeforeMs),
      subjects: [{ bucket, id: subject, try: due.try, dueAt }],
    },
  };
}

/** 5 s, 10 s … 30 min: the pause before what never left is tried again. */
export const unsentAgainAt = ({ tries }: Job, at: Instant): Instant =>
  plus(at, Math.min(minutes(30), 5000 * 2 ** Math.min(tries, 10)));

export function countCall(parts: StatementParts, channel: string, operation: Operation, { sent }: HeardCall): void {
  parts.metrics.count('liushui_exchanges_total', { channel, operation, ended: sent.kind }, 1);
  if (sent.kind !== 'unsent') parts.metrics.observe('liushui_exchange_seconds', { channel, operation }, sent.ms / 1000);
}

/** The channel says that it is asked too often: the lane goes slower for a while. */
export async function slowWhereAsked({ db, clock }: StatementParts, lane: string, calls: readonly HeardCall[]) {
  const sentAt = calls.flatMap(({ sent, context }) => {
    const { opened } = context as { readonly opened: OpenAccount };
    return sent.kind === 'answered' && opened.connector.saysTooOften?.(sent.answer) === true ? [sent.sentAt] : [];
  });
  if (sentAt.length > 0) await slowDown(db, lane, Math.max(...sentAt) as Instant, clock.now());
}
