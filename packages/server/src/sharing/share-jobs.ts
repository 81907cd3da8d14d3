import { assert } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { ShareFacts, ShareReceiver, ShareReturnFacts, ShareRules } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { countCall, endCalls, keyOfJob, prepareCall, putAside, slowWhereAsked, unbuilt } from '../payments/index.ts';
import { nextTries, recordStarts } from '../platform/exchanges.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import { callOf } from './calls.ts';
import type { ShareCall } from './calls.ts';
import type { ShareAnswer, ShareInput } from './decide.ts';
import type { Heard } from './observe-share.ts';
import type { SharingParts } from './parts.ts';
import { findReceivers, openReceivers } from './receiver-store.ts';
import { executeShares } from './share-command.ts';
import { isAskedAbout } from './share.ts';
import type { Share, ShareReturn } from './share.ts';
import { findPart } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';
import { findOrdersOf, loadShared } from './store.ts';
import { shareOperations } from './wishes.ts';
import type { ShareOperation } from './wishes.ts';

const tables = {
  'share.submit': 'shares',
  'share.query': 'shares',
  'share.return': 'share_returns',
  'share.return_query': 'share_returns',
} as const;

const isAsking = (operation: ShareOperation): boolean =>
  operation === 'share.query' || operation === 'share.return_query';

export function shareWorks(parts: SharingParts): LaneWork[] {
  return shareOperations.map((operation) => ({
    operation,
    prepare: (lease) => prepare(parts, operation, lease),
    async hear(lease, calls) {
      await slowWhereAsked(parts, lease.lane, calls);
      await hear(parts, operation, calls);
    },
  }));
}

type Due = { readonly job: Job; readonly at: HeardCall['at'] };
type Ready = Due & { readonly shared: SharedOrder; readonly about: Share | ShareReturn };

async function prepare(parts: SharingParts, operation: ShareOperation, lease: Lease): Promise<PreparedCall[]> {
  const [accountId = ''] = lease.lane.split('/');
  const found = await openAccount(parts, accountId);
  const opened = found.ok ? found.value : undefined;
  const due = lease.calls.flatMap(({ at, jobs }) => jobs.map((job) => ({ job, at })));
  const ready = await readyOf(parts, operation, due);
  const ids = new Set(ready.map(({ job }) => job.subject));
  const rules = opened?.connector.manifest.share;
  const over = due.filter(({ job }) => !rules || !ids.has(job.subject));
  await endJobs(parts, over);
  if (!opened || !rules) return [];
  const keys = ready.map(({ job }) => keyOfJob(job));
  const tries = await nextTries(parts.db, operation, keys);
  const tryOf = ({ job }: Ready): number => tries.get(job.subject) ?? 1;
  const lost = ready.filter((one) => mayHaveLeft(operation, rules, one.job, tryOf(one)));
  await tell(
    parts,
    rules,
    operation,
    lost.map((one) => ({ ...one, heard: lostWords(parts) })),
  );
  const going = ready.filter((one) => !lost.includes(one));
  const receivers = await receiversOf(parts, going);
  const made = await Promise.all(
    going.map((one) => prepareOne(parts, operation, opened, rules, one, receivers, tryOf(one))),
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

const endJobs = ({ db, owner }: SharingParts, due: readonly Due[]): Promise<void> =>
  finishJobs(
    db,
    owner,
    due.map(({ job }) => ({ job })),
  );

/** What its call still serves: requests and returns that may end yet. One that ended is asked about no more. */
async function readyOf({ db }: SharingParts, operation: ShareOperation, due: readonly Due[]): Promise<Ready[]> {
  const table = tables[operation];
  const keys = await findOrdersOf(
    db,
    table,
    due.map(({ job }) => keyOfJob(job)),
  );
  const distinct = new Map([...keys.values()].map((key) => [key.id, key]));
  const orders = new Map((await loadShared(db, [...distinct.values()])).map((shared) => [shared.order.id, shared]));
  return due.flatMap((one): Ready[] => {
    const shared = orders.get(keys.get(one.job.subject)?.id ?? '');
    const all: readonly (Share | ShareReturn)[] = (table === 'shares' ? shared?.shares : shared?.returns) ?? [];
    const about = all.find(({ id }) => id === one.job.subject);
    return shared && about && isWaitedFor(operation, about) ? [{ ...one, shared, about }] : [];
  });
}

const isWaitedFor = (operation: ShareOperation, about: Share | ShareReturn): boolean =>
  isAsking(operation) ? isAskedAbout(about) : about.state === 'submitting' || about.state === 'in_doubt';

/** Where the channel does not honour the number, a send that may have left is asked about and never made again. */
const mayHaveLeft = (operation: ShareOperation, { resendIsSafe }: ShareRules, job: Job, nextTry: number): boolean =>
  !isAsking(operation) && !resendIsSafe && nextTry > 1 && job.payload['unsent'] !== nextTry - 1;

type Said = Heard<ShareFacts | ShareReturnFacts>;

const lostWords = ({ clock }: SharingParts): Said => ({
  by: 'us',
  outcome: { kind: 'in_doubt', why: 'our process ended before it heard an answer' },
  trust: 'none',
  heardAt: clock.now(),
});

async function receiversOf(
  { db, keyring }: SharingParts,
  ready: readonly Ready[],
): Promise<ReadonlyMap<string, ShareReceiver>> {
  const keys = ready.flatMap(({ about, shared }) => {
    if ('parts' in about) return about.parts.map(({ receiver }) => receiver);
    const found = findPart(shared, about.partId);
    return found ? [found.part.receiver] : [];
  });
  const distinct = new Map(keys.map((key) => [key.id, key]));
  return openReceivers(keyring, await findReceivers(db, [...distinct.values()]));
}

type Context = {
  readonly opened: OpenAccount;
  readonly rules: ShareRules;
  readonly about: Share | ShareReturn;
  readonly call: ShareCall;
  readonly try: number;
};

async function prepareOne(
  parts: SharingParts,
  operation: ShareOperation,
  opened: OpenAccount,
  rules: ShareRules,
  one: Ready,
  receivers: ReadonlyMap<string, ShareReceiver>,
  nextTry: number,
): Promise<Awaited<ReturnType<typeof prepareCall>> | undefined> {
  const { job, at, about, shared } = one;
  const call = callOf(operation, opened, shared, about, receivers);
  const moment = { at: parts.clock.now(), nonce: parts.ids.next() };
  const draft = call.build(moment);
  if (!draft.ok) {
    const said = unbuilt(draft.refusal.code, !isAsking(operation) && nextTry === 1);
    const heard: Said = { by: isAsking(operation) ? 'query' : 'us', ...said, heardAt: moment.at };
    await tell(parts, rules, operation, [{ job, about, heard }]);
    return undefined;
  }
  const context: Context = { opened, rules, about, call, try: nextTry };
  return prepareCall(parts, opened, operation, draft.value, { at, job, context, try: nextTry });
}

async function hear(parts: SharingParts, operation: ShareOperation, calls: readonly HeardCall[]): Promise<void> {
  for (const call of calls) countCall(parts, (call.context as Context).opened.channel, operation, call);
  const heard = calls.map((call) => heardOf(operation, call));
  await endCalls(
    parts,
    calls,
    heard.map((one) => (one ? { outcome: one.outcome.kind, trust: one.trust } : {})),
  );
  const [first] = calls;
  if (!first) return;
  const told = calls.flatMap((call, index) => {
    const [job, said] = [call.jobs[0], heard[index]];
    return job && said ? [{ job, about: (call.context as Context).about, heard: said }] : [];
  });
  await tell(parts, (first.context as Context).rules, operation, told);
}

function heardOf(operation: ShareOperation, { context, sent, exchangeId, heardAt }: HeardCall): Said | undefined {
  const by = isAsking(operation) ? 'query' : 'answer';
  if (sent.kind === 'unsent') return undefined;
  if (sent.kind !== 'answered')
    return { by, outcome: { kind: 'in_doubt', why: sent.why }, trust: 'none', exchangeId, heardAt };
  const { outcome, trust, isAbsent } = (context as Context).call.interpret(sent.answer, heardAt);
  return { by, outcome, trust, exchangeId, heardAt, ...(isAbsent === undefined ? {} : { isAbsent }) };
}

type Told = { readonly job: Job; readonly about: Share | ShareReturn; readonly heard: Said };

/** Commits what was heard, and the ends of the jobs with it. */
async function tell(
  parts: SharingParts,
  rules: ShareRules,
  operation: ShareOperation,
  told: readonly Told[],
): Promise<void> {
  if (told.length === 0) return;
  const jobs = new Map(told.map((one) => [inputOf(operation, rules, one), one.job]));
  const inputs = [...jobs.keys()];
  const results = await executeShares(parts.executor, parts.ids, inputs, (tx, decided) =>
    finishJobs(
      tx,
      parts.owner,
      decided.flatMap(({ input, result }) => endOf(jobs.get(input), result)),
    ),
  );
  await putAside(
    parts,
    told.map(({ job }, index) => ({ job, result: results[index] })),
  );
}

function inputOf(operation: ShareOperation, rules: ShareRules, { about, heard }: Told): ShareInput {
  const key = { bucket: about.bucket, id: about.orderId };
  return tables[operation] === 'shares'
    ? { key, kind: 'share_heard', shareId: about.id, heard: heard as Heard<ShareFacts>, rules }
    : { key, kind: 'return_heard', returnId: about.id, heard: heard as Heard<ShareReturnFacts>, rules };
}

function endOf(job: Job | undefined, result: Result<ShareAnswer>): JobEnd[] {
  assert(job, 'what was heard came from a job');
  const againAt = result.ok ? result.value.againAt : undefined;
  return [{ job, ...(againAt === undefined ? {} : { againAt }) }];
}
