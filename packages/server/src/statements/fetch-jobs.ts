import { days, inDoubt, minutes, plus } from '../kernel/index.ts';
import type { FetchReading, StatementAddress } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { nextTries, recordEnds, recordStarts } from '../platform/exchanges.ts';
import { enqueue, finishJobs } from '../platform/jobs.ts';
import type { Job, Lease } from '../platform/jobs.ts';
import type { Sent } from '../platform/transport.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import {
  askOperation,
  countCall,
  fetchOperation,
  openLease,
  prepareCall,
  slowWhereAsked,
  unsentAgainAt,
  wishFor,
} from './calls.ts';
import type { DueDay } from './calls.ts';
import type { StatementParts } from './parts.ts';
import { placeOfAddress, sha256Of } from './pieces.ts';
import { failedAgainAt, isHere } from './statement.ts';
import type { StatementDay } from './statement.ts';
import { findAddress, lockDay, saveAddress, saveHeard } from './store.ts';
import { keepArrival, openUnfetchable, readArrival } from './take.ts';
import type { ReadArrival } from './take.ts';

type Context = {
  readonly opened: OpenAccount;
  readonly day: StatementDay;
  readonly address: StatementAddress;
  /** The answer that named the address and its digest. */
  readonly askedExchange: string;
};

/** Fetches what an address was named for. Whatever is not the proved file is forgotten together with the address, and asked for anew. */
export function fetchWork(parts: StatementParts): LaneWork {
  return {
    operation: fetchOperation,
    prepare: (lease) => prepare(parts, lease),
    async hear(lease, calls) {
      await slowWhereAsked(parts, lease.lane, calls);
      for (const call of calls) await hearOne(parts, call);
    },
  };
}

async function prepare(parts: StatementParts, lease: Lease): Promise<PreparedCall[]> {
  const { opened, due } = await openLease(parts, lease);
  if (due.length === 0) return [];
  const keys = due.flatMap(({ day }) => (day ? [day] : []));
  const tries = await nextTries(parts.db, fetchOperation, keys);
  const calls: PreparedCall[] = [];
  for (const one of due) {
    const call = opened && (await prepareOne(parts, opened, one, tries.get(one.job.subject) ?? 1));
    if (call) calls.push(call);
    else await askAnew(parts, one);
  }
  return calls;
}

/** Room for the lane's pace and the way there: an address that ends meanwhile would only be refused. */
const spareMs = 10_000;

async function prepareOne(
  parts: StatementParts,
  opened: OpenAccount,
  { day, job, at }: DueDay,
  tried: number,
): Promise<PreparedCall | undefined> {
  const { connector, account, secrets } = opened;
  const rules = connector.manifest.statement;
  const kept = day && (await findAddress(parts.db, day));
  if (!day || !kept || !rules || plus(kept.at, minutes(rules.addressMinutes) - spareMs) < at) return undefined;
  await parts.keyring.loadFor([kept.sealed]);
  const url = parts.keyring.openText(kept.sealed, placeOfAddress(day.id));
  if (url.kind !== 'opened') return undefined;
  const address = { url: url.value, digest: kept.digest };
  const moment = { at, nonce: parts.ids.next() };
  const draft = connector.statement?.fetch.build(address, account, moment, secrets);
  if (!draft?.ok) return undefined;
  const context: Context = { opened, day, address, askedExchange: kept.exchangeId };
  const { call, start } = await prepareCall(parts, opened, fetchOperation, draft.value, {
    at,
    job,
    context,
    try: tried,
  });
  await parts.db.transaction((tx) => recordStarts(tx, parts.keyring, [start]));
  return call;
}

/** The address is over, or was never there. */
async function askAnew(parts: StatementParts, { job, day }: DueDay): Promise<void> {
  await parts.db.transaction(async (tx) => {
    if (day) await enqueue(tx, [wishFor(askOperation, day, parts.clock.now(), job.priority)]);
    await finishJobs(tx, parts.owner, [{ job }]);
  });
}

async function hearOne(parts: StatementParts, call: HeardCall): Promise<void> {
  const { opened, day, askedExchange } = call.context as Context;
  const { sent, heardAt } = call;
  countCall(parts, opened.channel, fetchOperation, call);
  const [job] = call.jobs as readonly [Job];
  if (sent.kind === 'unsent') {
    await parts.db.transaction(async (tx) => {
      await recordEnds(tx, parts.keyring, [endOf(call, sent, {})]);
      const error = 'nothing left this machine';
      await finishJobs(tx, parts.owner, [{ job, againAt: unsentAgainAt(job, heardAt), error }]);
    });
    return;
  }
  const { outcome, trust } = readingOf(call);
  if (outcome.kind !== 'succeeded') {
    const failure = failureOf(outcome, sent, opened.connector.manifest.lanes[fetchOperation]?.answerBytesMax);
    await keepFailure(parts, call, job, failure);
    return;
  }
  const proof = { askedExchange, fileExchange: call.exchangeId, trust, at: heardAt };
  try {
    const arrival = readArrival(opened, day, { file: outcome.facts, ...proof });
    await keepFile(parts, call, job, arrival);
  } catch (error) {
    // Left to the lease it would be fetched again every minute, and nobody would be told.
    await keepFailure(parts, call, job, { why: `it could not be kept: ${wordsOf(error)}`, isKept: false });
  }
}

const wordsOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\p{Cc}/gu, ' ');

type Failure = {
  readonly why: string;
  /** Whether what came lies with the exchange. */
  readonly isKept: boolean;
  /** True: it is there, and more than we take. Somebody must know at once, and asking soon brings the same. */
  readonly isTooLarge?: true;
};

function failureOf(outcome: FetchReading['outcome'], sent: Sent, bytesMax: number | undefined): Failure {
  if (outcome.kind === 'rejected') return { why: `${outcome.code}: ${outcome.text}`, isKept: false, isTooLarge: true };
  const why = outcome.kind === 'in_doubt' ? outcome.why : outcome.kind;
  // The transport's own words for it; nothing of such an answer is kept.
  const isTooLarge = sent.kind === 'silent' && sent.why === `answer exceeds ${bytesMax} bytes`;
  return { why, isKept: true, ...(isTooLarge ? { isTooLarge } : {}) };
}

function readingOf({ sent, context }: HeardCall): FetchReading {
  const { opened, address } = context as Context;
  if (sent.kind !== 'answered') return { outcome: inDoubt(sent.why), trust: 'none' };
  const read = opened.connector.statement?.fetch.interpret(sent.answer, address);
  return read ?? { outcome: inDoubt('no such operation'), trust: 'none' };
}

const endOf = (
  { bucket, exchangeId: id, heardAt }: HeardCall,
  sent: Sent,
  reading: Readonly<Record<string, unknown>>,
) => {
  return { bucket, id, sent, heardAt, reading };
};

/** Without its bytes: they lie with the statement, or are more than we keep. */
const bare = (sent: Sent): Sent =>
  sent.kind === 'answered' ? { ...sent, answer: { ...sent.answer, body: new Uint8Array() } } : sent;

async function keepFile(parts: StatementParts, call: HeardCall, job: Job, arrival: ReadArrival): Promise<void> {
  const { day } = call.context as Context;
  const { sent, heardAt } = call;
  await parts.db.transaction(async (tx) => {
    const now = await lockDay(tx, day);
    if (now) {
      const statement = await keepArrival(tx, parts, now, arrival);
      const reading = { outcome: 'succeeded', trust: arrival.trust, statement, sha256: arrival.sha256 };
      await recordEnds(tx, parts.keyring, [endOf(call, bare(sent), reading)]);
      const { empties } = now;
      const heard = { state: 'received', why: '', failures: 0, empties, askedAt: heardAt } as const;
      await saveHeard(tx, [{ bucket: now.bucket, id: now.id, ...heard }]);
      await saveAddress(tx, now, undefined);
    }
    await finishJobs(tx, parts.owner, [{ job }]);
  });
}

const tooLargeAgainMs = days(1);

/** What came instead is kept as it came: of a wrong digest it is the only proof. Of what is not kept the digest says which it was. */
async function keepFailure(parts: StatementParts, call: HeardCall, job: Job, failure: Failure): Promise<void> {
  const { why, isKept, isTooLarge = false } = failure;
  const { day, opened } = call.context as Context;
  const { sent, heardAt } = call;
  const rules = opened.connector.manifest.statement;
  await parts.db.transaction(async (tx) => {
    const now = await lockDay(tx, day);
    const told = { outcome: 'in_doubt', why };
    const end =
      isKept || sent.kind !== 'answered'
        ? endOf(call, sent, told)
        : endOf(call, bare(sent), { ...told, bytes: sent.answer.body.byteLength, sha256: sha256Of(sent.answer.body) });
    await recordEnds(tx, parts.keyring, [end]);
    if (now && rules) {
      const failed = { why, failures: now.failures + 1, empties: now.empties, askedAt: heardAt };
      await saveHeard(tx, [{ bucket: now.bucket, id: now.id, state: now.state, ...failed }]);
      await saveAddress(tx, now, undefined);
      const { againAt } = failedAgainAt(now, rules, heardAt, isTooLarge ? tooLargeAgainMs : 0);
      if (isTooLarge && !isHere(now)) await openUnfetchable(tx, now, why, heardAt);
      if (againAt !== undefined) await enqueue(tx, [wishFor(askOperation, now, againAt)]);
    }
    await finishJobs(tx, parts.owner, [{ job }]);
  });
}
