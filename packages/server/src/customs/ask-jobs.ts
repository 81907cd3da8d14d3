import { assert, plus } from '../kernel/index.ts';
import type { Instant, Outcome, Result } from '../kernel/index.ts';
import type { CustomsOperations, CustomsRules, Draft, QueryFacts } from '../channels/contract/index.ts';
import type { QueryInstruction, QueryReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { nextTries, recordEnds, recordStarts } from '../platform/exchanges.ts';
import type { ExchangeEnd } from '../platform/exchanges.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import type { ChannelSnapshot, Fact, FactBody } from './facts.ts';
import {
  endQuarantined,
  endWithoutCall,
  keyOfJob,
  observe,
  openLane,
  pauseAfter,
  prepareCall,
  countCall,
  countOutcome,
  slowWhereAsked,
} from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import type { ObserveInput } from './observe.ts';
import { findInstructions } from './store.ts';

const operation = 'customs.query';

/** The instructions stand in the order of the call's jobs. */
type AskContext = { readonly opened: OpenAccount; readonly instructions: readonly QueryInstruction[] };

/** Asks the channel about declarations, as many in a call as it takes. Asking moves nothing, so it may always be repeated. */
export function askWork(parts: CustomsJobParts): LaneWork {
  return {
    operation,
    prepare: (lease) => prepare(parts, lease),
    hear: async ({ lane }, calls) => {
      await hear(parts, calls);
      const told = calls.map(({ sent, context }) => ({ sent, opened: (context as AskContext).opened }));
      await slowWhereAsked(parts, lane, told);
    },
  };
}

type Group = { readonly at: Instant; readonly jobs: readonly Job[] };

async function prepare(parts: CustomsJobParts, lease: Lease): Promise<PreparedCall[]> {
  const opened = await openLane(parts, lease);
  const query = opened?.connector.customs?.query;
  const all = lease.calls.flatMap((call) => call.jobs);
  const known = await findInstructions(parts.db, all.map(keyOfJob));
  const canAsk = (job: Job): boolean => known.has(job.subject);
  await endWithoutCall(
    parts,
    all.filter((job) => !query || !canAsk(job)).map((job) => ({ job })),
  );
  if (!opened || !query) return [];
  const groups = lease.calls.flatMap((call) => splitParts(call.at, call.jobs.filter(canAsk)));
  const tries = await nextTries(
    parts.db,
    operation,
    groups.flatMap((group) => group.jobs.map(keyOfJob)),
  );
  const prepared = await Promise.all(groups.map((group) => prepareGroup(parts, opened, query, group, known, tries)));
  const calls = prepared.filter((one) => one !== undefined);
  await parts.db.transaction((tx) =>
    recordStarts(
      tx,
      parts.keyring,
      calls.map((one) => one.start),
    ),
  );
  return calls.map((one) => one.call);
}

/** Which half of a half it is in; '' in a batch that was never refused. */
function partOf(job: Job): string {
  const part = job.payload['part'];
  return typeof part === 'string' ? part : '';
}

/** After the channel refused a whole batch because of one item, its halves are asked apart. */
function splitParts(at: Instant, jobs: readonly Job[]): Group[] {
  const parts = Map.groupBy(jobs, (job) => partOf(job));
  return [...parts.values()].map((group) => ({ at, jobs: group }));
}

async function prepareGroup(
  parts: CustomsJobParts,
  opened: OpenAccount,
  query: CustomsOperations['query'],
  group: Group,
  known: ReadonlyMap<string, QueryInstruction>,
  tries: ReadonlyMap<string, number>,
): Promise<Awaited<ReturnType<typeof prepareCall>> | undefined> {
  const instructionsOf = (jobs: readonly Job[]): QueryInstruction[] =>
    jobs.flatMap((job) => known.get(job.subject) ?? []);
  const moment = { at: parts.clock.now(), nonce: parts.ids.next() };
  const build: Build = (asked) => query.build(instructionsOf(asked), opened.account, moment, opened.secrets);
  const whole = build(group.jobs);
  const jobs = whole.ok ? group.jobs : await withoutMalformed(parts, group.jobs, build, moment.at);
  if (jobs.length === 0) return undefined;
  const draft = whole.ok ? whole : build(jobs);
  if (!draft.ok) {
    const againAt = plus(moment.at, pauseAfter(10));
    const error = draft.refusal.code;
    await endWithoutCall(
      parts,
      jobs.map((job) => ({ job, againAt, error })),
    );
    return undefined;
  }
  const context: AskContext = { opened, instructions: instructionsOf(jobs) };
  return prepareCall(parts, opened, operation, draft.value, { at: group.at, jobs, context }, tries);
}

type Build = (jobs: readonly Job[]) => Result<Draft>;

/** A number that the channel's form forbids must not keep the others of its call waiting: it is told by itself. Returns the others. */
async function withoutMalformed(
  parts: CustomsJobParts,
  jobs: readonly Job[],
  build: Build,
  at: Instant,
): Promise<readonly Job[]> {
  const drafts = jobs.map((job) => ({ job, draft: build([job]) }));
  const refused = drafts.flatMap(({ job, draft }) => (draft.ok ? [] : [{ job, why: draft.refusal.code }]));
  const inputs = refused.map(({ job, why }): ObserveInput => {
    const told = { source: 'us', trust: 'stated', happenedAt: at, heardAt: at } as const;
    return { key: keyOfJob(job), fact: { ...told, id: parts.ids.next(), body: { kind: 'query_in_doubt', why } } };
  });
  const againAt = plus(at, pauseAfter(10));
  await observe(parts, inputs, (tx) =>
    finishJobs(
      tx,
      parts.owner,
      refused.map(({ job, why }) => ({ job, againAt, error: why })),
    ),
  );
  return drafts.flatMap(({ job, draft }) => (draft.ok ? [job] : []));
}

type Heard = {
  readonly job: Job;
  readonly call: HeardCall;
  readonly input: ObserveInput | undefined;
  readonly end: JobEnd;
};

async function hear(parts: CustomsJobParts, calls: readonly HeardCall[]): Promise<void> {
  const ends: ExchangeEnd[] = [];
  const heard: Heard[] = [];
  for (const call of calls) {
    const reading = readCall(call);
    countAnswer(parts, call, reading);
    ends.push({
      bucket: call.bucket,
      id: call.exchangeId,
      sent: call.sent,
      heardAt: call.heardAt,
      reading: wordsOf(reading),
    });
    heard.push(...call.jobs.map((job, index) => hearJob(parts, call, reading, job, index)));
  }
  const silent = heard.filter((one) => one.input === undefined);
  await parts.db.transaction(async (tx) => {
    await recordEnds(tx, parts.keyring, ends);
    await finishJobs(
      tx,
      parts.owner,
      silent.map((one) => one.end),
    );
  });
  const told = heard.filter((one) => one.input !== undefined);
  const byInput = new Map(told.map((one) => [one.input, one]));
  const results = await observe(
    parts,
    told.flatMap((one) => one.input ?? []),
    (tx, decided) =>
      finishJobs(
        tx,
        parts.owner,
        decided.flatMap(({ input, result }) => endOf(byInput.get(input), result.ok ? result.value.askAt : undefined)),
      ),
  );
  await endQuarantined(
    parts,
    told.map((one) => one.job),
    results,
  );
}

/** Which reading of the unconfirmed signing rule fitted is a figure of its own: a change at the channel shows there first. */
function countAnswer(parts: CustomsJobParts, call: HeardCall, reading: QueryReading | undefined): void {
  const channel = (call.context as AskContext).opened.connector.manifest.id;
  countCall(parts, channel, operation, call);
  if (!reading) return;
  parts.metrics.count('liushui_signing_readings_total', { channel, reading: reading.signingRule ?? 'none' }, 1);
  for (const outcome of reading.byRequestNo.values()) {
    countOutcome(parts, channel, operation, outcome.kind, reading.trust);
  }
}

function endOf(heard: Heard | undefined, askAt: Instant | undefined): JobEnd[] {
  if (!heard) return [];
  const { end } = heard;
  const again = [end.againAt, askAt].filter((at) => at !== undefined);
  const { againAt: _plan, ...rest } = end;
  return [again.length === 0 ? rest : { ...rest, againAt: Math.min(...again) as Instant }];
}

function readCall(call: HeardCall): QueryReading | undefined {
  if (call.sent.kind !== 'answered') return undefined;
  const { opened, instructions } = call.context as AskContext;
  const query = opened.connector.customs?.query;
  assert(query, 'an answer to a query of a channel that has none');
  return query.interpret(call.sent.answer, instructions, opened.account, opened.secrets, call.heardAt);
}

function wordsOf(reading: QueryReading | undefined): Record<string, unknown> {
  if (!reading) return {};
  const outcomes: Record<string, number> = {};
  for (const outcome of reading.byRequestNo.values()) outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
  return { trust: reading.trust, signingRule: reading.signingRule ?? null, outcomes };
}

function hearJob(
  parts: CustomsJobParts,
  call: HeardCall,
  reading: QueryReading | undefined,
  job: Job,
  index: number,
): Heard {
  const { instructions, opened } = call.context as AskContext;
  const retryAt = plus(call.heardAt, pauseAfter(job.tries));
  const requestNo = instructions[index]?.requestNo;
  assert(requestNo, 'a job without its request number');
  if (!reading) {
    const why = call.sent.kind === 'answered' ? '' : call.sent.why;
    if (call.sent.kind === 'unsent') return { job, call, input: undefined, end: { job, againAt: retryAt, error: why } };
    const input = inputOf(parts, call, job, { kind: 'query_in_doubt', why }, 'none');
    return { job, call, input, end: { job, againAt: retryAt, error: why } };
  }
  const outcome = reading.byRequestNo.get(requestNo) ?? {
    kind: 'in_doubt',
    why: 'not in the answer',
  };
  const rules = opened.connector.manifest.customs;
  if (rules && isWholeBatchRefused(rules, outcome, call.jobs.length)) {
    const part = partOf(job) + (index < call.jobs.length / 2 ? '0' : '1');
    return {
      job,
      call,
      input: undefined,
      end: { job, againAt: call.heardAt, error: 'batch refused', payload: { part } },
    };
  }
  const body = reading.trust === 'none' ? wrongSignature : bodyOf(outcome);
  const end: JobEnd =
    body.kind === 'query_in_doubt' ? { job, againAt: retryAt, error: body.why } : { job, payload: { part: '' } };
  return { job, call, input: inputOf(parts, call, job, body, reading.trust), end };
}

/** An answer whose signature is wrong proves nothing, whatever it says. */
const wrongSignature: FactBody = { kind: 'query_in_doubt', why: 'the signature does not fit' };

function isWholeBatchRefused(rules: CustomsRules, outcome: Outcome<QueryFacts>, size: number): boolean {
  return size > 1 && outcome.kind === 'rejected' && rules.query.refusesWholeBatchWith.includes(outcome.code);
}

function inputOf(
  parts: CustomsJobParts,
  call: HeardCall,
  job: Job,
  body: FactBody,
  trust: Fact['trust'],
): ObserveInput {
  return {
    key: keyOfJob(job),
    fact: {
      id: parts.ids.next(),
      source: 'channel',
      trust,
      happenedAt: call.heardAt,
      heardAt: call.heardAt,
      exchange: { bucket: call.bucket, id: call.exchangeId },
      body,
    },
  };
}

function bodyOf(outcome: Outcome<QueryFacts>): FactBody {
  switch (outcome.kind) {
    case 'succeeded':
      return outcome.facts.found
        ? { kind: 'channel_record', snapshot: snapshotOf(outcome.facts) }
        : { kind: 'channel_not_found' };
    case 'rejected':
      return { kind: 'query_in_doubt', why: `refused: ${outcome.code}` };
    case 'accepted':
      return { kind: 'query_in_doubt', why: 'taken, result later' };
    case 'in_doubt':
      return { kind: 'query_in_doubt', why: outcome.why };
  }
}

export function snapshotOf(facts: Extract<QueryFacts, { found: true }>): ChannelSnapshot {
  const { found: _found, requestNo: _asked, amount, ...rest } = facts;
  return { ...rest, ...(amount ? { amountMinor: String(amount.minor) } : {}) };
}
