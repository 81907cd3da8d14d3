import { assert, hours, minutes, plus } from '../kernel/index.ts';
import type { ReceiverInstruction, ReceiverReading, ShareOperations } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import type { CaseSubject, CaseToOpen } from '../cases/index.ts';
import { countCall, endCalls, keyOfJob, prepareCall, slowWhereAsked, unbuilt } from '../payments/index.ts';
import { nextTries, recordStarts } from '../platform/exchanges.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import type { SharingParts } from './parts.ts';
import type { Receiver, ReceiverState } from './receiver.ts';
import { changeReceivers, findReceivers, openReceivers } from './receiver-store.ts';

/** From which state a call about a receiver goes, where it leads, and where a certain no leads: who was to go gets nothing more, whatever the channel says. */
const operations = {
  'share.bind': { from: 'binding', to: 'bound', else: 'refused', of: (share: ShareOperations) => share.bind },
  'share.unbind': { from: 'unbinding', to: 'removed', else: 'unbinding', of: (share: ShareOperations) => share.unbind },
} as const satisfies Readonly<
  Record<string, { from: ReceiverState; to: ReceiverState; else: ReceiverState; of: unknown }>
>;
type Operation = keyof typeof operations;

export function receiverWorks(parts: SharingParts): LaneWork[] {
  return (Object.keys(operations) as Operation[]).map((operation) => ({
    operation,
    prepare: (lease) => prepare(parts, operation, lease),
    async hear(lease, calls) {
      await slowWhereAsked(parts, lease.lane, calls);
      await hear(parts, operation, calls);
    },
  }));
}

type Ready = { readonly job: Job; readonly at: HeardCall['at']; readonly receiver: Receiver };

async function prepare(parts: SharingParts, operation: Operation, lease: Lease): Promise<PreparedCall[]> {
  const [accountId = ''] = lease.lane.split('/');
  const found = await openAccount(parts, accountId);
  const calls = found.ok ? found.value.connector.share : undefined;
  const due = lease.calls.flatMap(({ at, jobs }) => jobs.map((job) => ({ job, at })));
  const receivers = await findReceivers(
    parts.db,
    due.map(({ job }) => keyOfJob(job)),
  );
  const ready = due.flatMap((one): Ready[] => {
    const receiver = receivers.find(({ id }) => id === one.job.subject);
    return receiver?.state === operations[operation].from ? [{ ...one, receiver }] : [];
  });
  const waited = new Set(ready.map(({ job }) => job.subject));
  const over = due.filter(({ job }) => !calls || !waited.has(job.subject));
  await finishJobs(
    parts.db,
    parts.owner,
    over.map(({ job }) => ({ job })),
  );
  if (!found.ok || !calls) return [];
  const keys = ready.map(({ job }) => keyOfJob(job));
  const [tries, opened] = [await nextTries(parts.db, operation, keys), await openReceivers(parts.keyring, receivers)];
  const made = await Promise.all(
    ready.map((one) => {
      const receiver = opened.get(one.receiver.id);
      assert(receiver, 'a receiver that was read a moment ago');
      const { bindNo, unbindNo = bindNo } = one.receiver;
      const instruction = { requestNo: operation === 'share.bind' ? bindNo : unbindNo, receiver };
      return prepareOne(parts, operation, found.value, calls, { ...one, instruction }, tries.get(one.job.subject) ?? 1);
    }),
  );
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

type Context = {
  readonly opened: OpenAccount;
  readonly receiver: Receiver;
  readonly instruction: ReceiverInstruction;
  readonly try: number;
};

async function prepareOne(
  parts: SharingParts,
  operation: Operation,
  opened: OpenAccount,
  calls: ShareOperations,
  { job, at, receiver, instruction }: Ready & { readonly instruction: ReceiverInstruction },
  nextTry: number,
): Promise<Awaited<ReturnType<typeof prepareCall>> | undefined> {
  const moment = { at: parts.clock.now(), nonce: parts.ids.next() };
  const { account, secrets } = opened;
  const draft = operations[operation].of(calls).build(instruction, account, moment, secrets);
  if (!draft.ok) {
    await settle(parts, operation, [{ job, receiver, reading: unbuilt(draft.refusal.code, nextTry === 1) }]);
    return undefined;
  }
  const context: Context = { opened, receiver, instruction, try: nextTry };
  return prepareCall(parts, opened, operation, draft.value, { at, job, context, try: nextTry });
}

async function hear(parts: SharingParts, operation: Operation, calls: readonly HeardCall[]): Promise<void> {
  for (const call of calls) countCall(parts, (call.context as Context).opened.channel, operation, call);
  const readings = calls.map((call) => readingOf(operation, call));
  await endCalls(
    parts,
    calls,
    readings.map((one) => (one ? { outcome: one.outcome.kind, trust: one.trust } : {})),
  );
  const told = calls.flatMap((call, index): Settled[] => {
    const [job, reading] = [call.jobs[0], readings[index]];
    return job && reading ? [{ job, receiver: (call.context as Context).receiver, reading }] : [];
  });
  await settle(parts, operation, told);
}

function readingOf(operation: Operation, { context, sent, heardAt }: HeardCall): ReceiverReading | undefined {
  if (sent.kind === 'unsent') return undefined;
  if (sent.kind !== 'answered') return { outcome: { kind: 'in_doubt', why: sent.why }, trust: 'none' };
  const { opened, instruction } = context as Context;
  const { share } = opened.connector;
  assert(share, 'an answer of a channel that shares nothing');
  return operations[operation].of(share).interpret(sent.answer, instruction, opened.account, opened.secrets, heardAt);
}

type Settled = { readonly job: Job; readonly receiver: Receiver; readonly reading: ReceiverReading };

/** What was heard, and the ends of the jobs with it. Whatever is not certain is asked again under the same number. */
async function settle(parts: SharingParts, operation: Operation, told: readonly Settled[]): Promise<void> {
  const { from } = operations[operation];
  await parts.db.transaction(async (tx) => {
    const changed = told.map(({ receiver, reading }) => nextOf(parts, operation, receiver, reading));
    await changeReceivers(tx, from, changed);
    const isOpen = (index: number): boolean => changed[index]?.state === from;
    const called = told.filter((one, index) => isOpen(index) && callsPeople(one));
    await openCases(tx, called.map(caseOf), parts.clock.now());
    await closeCasesOf(tx, told.filter((_one, index) => !isOpen(index)).map(subjectOf), parts.clock.now());
    await finishJobs(
      tx,
      parts.owner,
      told.map(({ job }, index) => endOf(parts, job, isOpen(index))),
    );
  });
}

/** About a day and a half of asking. */
const triesMax = 11;
const callsPeople = ({ job, reading: { outcome, trust } }: Settled): boolean =>
  job.tries >= triesMax || (trust !== 'none' && outcome.kind === 'rejected');

const subjectOf = ({ receiver: { merchantId, accountId, id } }: Settled): CaseSubject => ({
  ...{ merchantId, kind: 'receiver.undecided', subjectKind: 'channel_account', subject: `${accountId}/${id}` },
});

function caseOf(one: Settled): CaseToOpen {
  const { outcome } = one.reading;
  const why = outcome.kind === 'rejected' ? outcome.code : outcome.kind === 'in_doubt' ? outcome.why : outcome.kind;
  return {
    ...subjectOf(one),
    bucket: one.receiver.bucket,
    params: { receiver: one.receiver.accountMasked, state: one.receiver.state, why },
  };
}

function nextOf(
  { clock }: SharingParts,
  operation: Operation,
  receiver: Receiver,
  { outcome, trust }: ReceiverReading,
): Receiver {
  const { to, else: no } = operations[operation];
  const isEnd = (state: ReceiverState): boolean => state === 'refused' || state === 'removed';
  const becomes = (state: ReceiverState, why: string): Receiver => ({
    ...{ ...receiver, state, why },
    ...(isEnd(state) ? { endedAt: clock.now() } : {}),
  });
  if (trust === 'verified' && outcome.kind === 'succeeded') return becomes(to, '');
  // It moves nothing and may be asked for again: a refusal without a signature, as WeChat's are, is one.
  if (trust !== 'none' && outcome.kind === 'rejected') return becomes(no, outcome.code);
  return { ...receiver, why: outcome.kind === 'in_doubt' ? outcome.why : outcome.kind };
}

/** 1 min, 2 min … once a day: unknown is never failed, and never dropped. */
function endOf({ clock }: SharingParts, job: Job, isOpen: boolean): JobEnd {
  const pause = Math.min(hours(24), minutes(1) * 2 ** Math.min(job.tries, 11));
  return { job, ...(isOpen ? { againAt: plus(clock.now(), pause) } : {}) };
}
