import { assert, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { RefundInstruction, RefundOperations } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { nextTries, recordStarts } from '../platform/exchanges.ts';
import { extendGaps, finishJobs } from '../platform/jobs.ts';
import type { Job } from '../platform/jobs.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import type { Attempt } from './attempt.ts';
import { countCall, endCalls, keyOfJob, openLease, prepareCall, slowWhereAsked, tellOrders, unbuilt } from './calls.ts';
import type { DueJob, Told } from './calls.ts';
import { backPlaceOf, partsBackFrom } from './parts-back.ts';
import type { PaymentParts } from './parts.ts';
import type { HeardOfRefund } from './refund-decide.ts';
import type { Refund } from './refund.ts';

const operations = {
  'refund.submit': { by: 'answer', of: (refund: RefundOperations) => refund.submit },
  'refund.query': { by: 'query', of: (refund: RefundOperations) => refund.query },
} as const;
type Operation = keyof typeof operations;

export function refundWorks(parts: PaymentParts): LaneWork[] {
  return (Object.keys(operations) as Operation[]).map((operation) => ({
    operation,
    prepare: async (lease) => {
      const { opened, due } = await openLease(parts, lease, 'refunds');
      return prepare(parts, operation, opened, due);
    },
    async hear(lease, calls) {
      await slowWhereAsked(parts, lease.lane, calls);
      await hear(parts, operation, calls);
    },
  }));
}

const waitsFor: Readonly<Record<Operation, readonly Refund['state'][]>> = {
  'refund.submit': ['submitting', 'processing', 'in_doubt'],
  'refund.query': ['submitting', 'processing', 'in_doubt', 'abnormal', 'waiting_funds', 'failed', 'cancelled'],
};

type Ready = DueJob & { readonly refund: Refund; readonly attempt: Attempt };

async function prepare(
  parts: PaymentParts,
  operation: Operation,
  opened: OpenAccount | undefined,
  due: readonly DueJob[],
): Promise<PreparedCall[]> {
  const ready = due.flatMap((one): Ready[] => {
    const refund = one.order?.refunds.find(({ id }) => id === one.job.subject);
    const attempt = one.order?.attempts.find(({ id }) => id === refund?.attemptId);
    return refund && attempt && waitsFor[operation].includes(refund.state) ? [{ ...one, refund, attempt }] : [];
  });
  const ids = new Set(ready.map(({ job }) => job.subject));
  const calls = opened?.connector.refund;
  const over = due.filter(({ job }) => !calls || !ids.has(job.subject));
  await finishJobs(
    parts.db,
    parts.owner,
    over.map(({ job }) => ({ job })),
  );
  if (!opened || !calls) return [];
  const tries = await nextTries(
    parts.db,
    operation,
    ready.map(({ job }) => keyOfJob(job)),
  );
  const tryOf = (job: Job): number => tries.get(job.subject) ?? 1;
  const lost = ready.filter((one) => mayHaveLeft(operation, opened, one, tryOf(one.job)));
  await tellOrders(
    parts,
    lost.map((one) => told(one, lostWords(parts))),
  );
  const going = ready.filter((one) => !lost.includes(one));
  const made = await Promise.all(going.map((one) => prepareOne(parts, operation, opened, one, tryOf(one.job))));
  const prepared = made.filter((one) => one !== undefined);
  await parts.db.transaction((tx) =>
    recordStarts(
      tx,
      parts.keyring,
      prepared.map(({ start }) => start),
    ),
  );
  return prepared.map(({ call }) => call);
}

/** Where the channel does not honour the number, a send that may have left is asked about and never made again. */
function mayHaveLeft(operation: Operation, { connector }: OpenAccount, { job }: Ready, nextTry: number): boolean {
  const isSafe = connector.manifest.refund?.resendIsSafe ?? false;
  return operation === 'refund.submit' && !isSafe && nextTry > 1 && job.payload['unsent'] !== nextTry - 1;
}

const lostWords = (parts: PaymentParts): HeardOfRefund => ({
  by: 'us',
  outcome: { kind: 'in_doubt', why: 'our process ended before it heard an answer' },
  trust: 'none',
  heardAt: parts.clock.now(),
});

function told({ job, refund }: Pick<Ready, 'job' | 'refund'>, heard: HeardOfRefund): Told {
  const { bucket, orderId, id } = refund;
  return { job, input: { key: { bucket, id: orderId }, kind: 'refund_heard', refundId: id, heard } };
}

type Context = {
  readonly opened: OpenAccount;
  readonly refund: Refund;
  readonly instruction: RefundInstruction;
  readonly try: number;
};

async function prepareOne(
  parts: PaymentParts,
  operation: Operation,
  opened: OpenAccount,
  { job, at, refund, attempt }: Ready,
  nextTry: number,
): Promise<Awaited<ReturnType<typeof prepareCall>> | undefined> {
  const calls = opened.connector.refund;
  assert(calls, 'a refund at a channel that gives nothing back');
  const instruction: RefundInstruction = {
    ...{ refundNo: refund.refundNo, serialNo: attempt.serialNo, tradeNo: attempt.tradeNo ?? '', amount: refund.amount },
    ...{ whole: { minor: attempt.receivedMinor, currency: refund.amount.currency }, reason: refund.reason },
    notifyUrl: attempt.notifyUrl,
    ...partsBackOf(parts, refund),
  };
  const moment = { at: parts.clock.now(), nonce: parts.ids.next() };
  const draft = operations[operation].of(calls).build(instruction, opened.account, moment, opened.secrets);
  if (!draft.ok) {
    const isAsked = operation === 'refund.query';
    const said = unbuilt(draft.refusal.code, !isAsked && nextTry === 1);
    await tellOrders(parts, [told({ job, refund }, { by: isAsked ? 'query' : 'us', ...said, heardAt: moment.at })]);
    return undefined;
  }
  const context: Context = { opened, refund, instruction, try: nextTry };
  return prepareCall(parts, opened, operation, draft.value, { at, job, context, try: nextTry });
}

function partsBackOf({ keyring }: PaymentParts, { id, partsBackSealed }: Refund): Pick<RefundInstruction, 'partsBack'> {
  if (!partsBackSealed) return {};
  const opened = keyring.openText(partsBackSealed, backPlaceOf(id));
  assert(opened.kind === 'opened', `the parts that come back with refund ${id} do not open`);
  return { partsBack: partsBackFrom(opened.value) };
}

async function hear(parts: PaymentParts, operation: Operation, calls: readonly HeardCall[]): Promise<void> {
  for (const call of calls) countCall(parts, (call.context as Context).opened.channel, operation, call);
  const heard = calls.map((call) => heardOf(operation, call));
  if (operation === 'refund.submit') await extendGaps(parts.db, calls.flatMap(gapAfter));
  await endCalls(
    parts,
    calls,
    heard.map((one) => (one ? { outcome: one.outcome.kind, trust: one.trust } : {})),
  );
  await tellOrders(
    parts,
    calls.flatMap((call, index): Told[] => {
      const [job, one] = [call.jobs[0], heard[index]];
      return job && one ? [told({ job, refund: (call.context as Context).refund }, one)] : [];
    }),
  );
}

/** The channel counts its gap from when it was called, which is later than the wish and the lease, and no later than what was heard of it. */
function gapAfter({ context, sent, jobs, heardAt }: HeardCall): { bucket: number; gapKey: string; freeAt: Instant }[] {
  const gapMs = (context as Context).opened.connector.manifest.refund?.gapMs ?? 0;
  if (sent.kind === 'unsent') return [];
  return jobs.flatMap(({ bucket, gapKey }) =>
    gapKey === undefined ? [] : [{ bucket, gapKey, freeAt: plus(heardAt, gapMs) }],
  );
}

function heardOf(operation: Operation, { context, sent, exchangeId, heardAt }: HeardCall): HeardOfRefund | undefined {
  const { by } = operations[operation];
  if (sent.kind === 'unsent') return undefined;
  if (sent.kind !== 'answered')
    return { by, outcome: { kind: 'in_doubt', why: sent.why }, trust: 'none', exchangeId, heardAt };
  const { opened, instruction } = context as Context;
  const calls = opened.connector.refund;
  assert(calls, 'an answer of a channel that gives nothing back');
  const { outcome, trust, isAbnormal } = operations[operation]
    .of(calls)
    .interpret(sent.answer, instruction, opened.account, opened.secrets, heardAt);
  return { by, outcome, trust, exchangeId, heardAt, ...(isAbnormal === undefined ? {} : { isAbnormal }) };
}
