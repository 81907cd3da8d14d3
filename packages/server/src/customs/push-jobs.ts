import { assert, minutes, plus } from '../kernel/index.ts';
import type { Instant, Reading } from '../kernel/index.ts';
import type { CustomsOperations, CustomsRules, DeclareFacts, DeclareInstruction } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { nextTries, recordEnds, recordStarts } from '../platform/exchanges.ts';
import type { ExchangeEnd, ExchangeStart } from '../platform/exchanges.ts';
import { enqueue, extendGaps, finishJobs, priorities } from '../platform/jobs.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import { lastRestoreAt } from '../platform/restores.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import {
  endQuarantined,
  keyOfJob,
  loadLease,
  observe,
  pauseAfter,
  prepareCall,
  countCall,
  countOutcome,
  slowWhereAsked,
} from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import { lastAnswerAt } from './declaration.ts';
import type { Declaration } from './declaration.ts';
import type { Fact, FactBody } from './facts.ts';
import { instructionFor } from './instruction.ts';
import { askWish, gapKeyOf } from './job-wishes.ts';
import type { ObserveInput } from './observe.ts';
import { beforeOf, isKnownThere, lostWhy, mustLook, reasonNotAnew, reasonToSkip } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import { findLiveItems, findPlanStates, updateItems } from './plan-store.ts';
import type { Plan } from './plan-store.ts';

const operation = 'customs.declare';

/** So long a push of a paused plan waits before it looks whether the plan runs again. */
const pausedForMs = minutes(10);

/** Pushes a payment record again: decided once more at the last moment, committed, sent once at the lane's pace. */
export function pushWork(parts: CustomsJobParts): LaneWork {
  return {
    operation,
    prepare: (lease) => prepare(parts, lease),
    hear: async ({ lane }, calls) => {
      await hear(parts, calls);
      const told = calls.map(({ sent, context }) => ({ sent, opened: (context as PushContext).opened }));
      await slowWhereAsked(parts, lane, told);
    },
  };
}

/** What to do with a push that is due. */
export type PushDecision =
  | { readonly kind: 'push' }
  /** Nothing to do any more: the plan ended, or an effect is proved already. */
  | { readonly kind: 'done' }
  | { readonly kind: 'skip'; readonly why: string }
  /** Its plan is paused: nothing leaves until it runs again. */
  | { readonly kind: 'wait' }
  /** An earlier call may have reached the channel: ask first, and push again only when nothing shows. */
  | { readonly kind: 'ask_first'; readonly lostTry?: number };

/**
 * Pure. A push whose process died is in doubt, never failed and never simply repeated (architecture rule 2). After a restore every
 * declaration is: the lost life may have pushed it until the last moment, so that nothing is sent before an answer from after the gap.
 */
export function decidePush(
  declaration: Declaration,
  item: PlanItem | undefined,
  rules: CustomsRules,
  now: Instant,
  restoredAt?: Instant,
): PushDecision {
  if (!item || item.state === 'held') return { kind: 'done' };
  const { push } = declaration.summary;
  if (push?.outcome === 'in_flight') return { kind: 'ask_first', lostTry: push.try };
  if (item.state === 'pushed' && push?.outcome !== 'in_doubt' && push?.outcome !== 'unsent') return { kind: 'done' };
  if (item.evidence !== undefined && item.evidence !== 'E0') return { kind: 'done' };
  const why = reasonToSkip(declaration, rules, now) ?? reasonNotAnew(declaration, item, rules);
  if (why !== undefined) return item.pushes > 0 ? { kind: 'done' } : { kind: 'skip', why };
  if (item.pushes >= rules.rePush.attemptsMax) return { kind: 'done' };
  if (!rules.declare.resendIsSafe && item.pushes > 0) return { kind: 'done' };
  const answeredAt = lastAnswerAt(declaration.summary) ?? 0;
  if (restoredAt !== undefined && answeredAt <= plus(restoredAt, minutes(rules.rePush.gapMinutes)))
    return { kind: 'ask_first' };
  const askedSince = item.pushedAt === undefined || answeredAt > (push?.startedAt ?? 0);
  // Declared anew under a number that the channel keeps there is nothing to ask about.
  const isComparable = beforeOf(declaration.summary) !== undefined || item.before !== undefined;
  if (!askedSince || !isComparable || mustLook(declaration, item, rules, now)) return { kind: 'ask_first' };
  return { kind: 'push' };
}

/** A plan that does not run sends nothing; what it sent before is asked about all the same. */
function onlyWhileRunning(decision: PushDecision, plan: Plan['state'] | undefined): PushDecision {
  if (decision.kind !== 'push' || plan === 'running') return decision;
  return plan === 'paused' ? { kind: 'wait' } : { kind: 'done' };
}

type Due = {
  readonly job: Job;
  readonly at: Instant;
  readonly declaration: Declaration;
  readonly item: PlanItem | undefined;
};

async function prepare(parts: CustomsJobParts, lease: Lease): Promise<PreparedCall[]> {
  const { opened, declarations } = await loadLease(parts, lease);
  const rules = opened?.connector.manifest.customs;
  const operations = opened?.connector.customs;
  const jobs = lease.calls.flatMap((call) => call.jobs.map((job) => ({ job, at: call.at })));
  const items = await findLiveItems(
    parts.db,
    jobs.map(({ job }) => keyOfJob(job)),
  );
  if (!opened || !rules || !operations) {
    for (const { job } of jobs) await endRefused(parts, job, items.get(job.subject), 'account_cannot_declare');
    return [];
  }
  const restoredAt = await lastRestoreAt(parts.db);
  const plans = await findPlanStates(parts.db, [...new Set([...items.values()].map((item) => item.planId))]);
  const toPush: Due[] = [];
  const unpushed: Unpushed[] = [];
  const gone: JobEnd[] = [];
  for (const { job, at } of jobs) {
    const declaration = declarations.get(job.subject);
    const item = items.get(job.subject);
    if (!declaration) {
      gone.push({ job });
      continue;
    }
    const wanted = decidePush(declaration, item, rules, parts.clock.now(), restoredAt);
    const decision = onlyWhileRunning(wanted, item && plans.get(item.planId));
    const due = { job, at, declaration, item };
    if (decision.kind === 'push') toPush.push(due);
    else unpushed.push({ due, decision });
  }
  await endUnpushed(parts, unpushed, gone, rules);
  return startPushes(parts, opened, operations, toPush);
}

type Unpushed = { readonly due: Due; readonly decision: Exclude<PushDecision, { kind: 'push' }> };

/** Those that are not pushed, in one transaction: skipped with their reason, asked about first, or at their end already. */
async function endUnpushed(
  parts: CustomsJobParts,
  unpushed: readonly Unpushed[],
  gone: readonly JobEnd[],
  rules: CustomsRules,
): Promise<void> {
  if (unpushed.length + gone.length === 0) return;
  const now = parts.clock.now();
  const againAt = plus(now, minutes(rules.rePush.gapMinutes));
  await tellLost(parts, unpushed);
  const toAsk = unpushed.filter(({ decision }) => decision.kind === 'ask_first');
  const skipped = unpushed.flatMap(({ due: { job, item }, decision }) =>
    decision.kind === 'skip' && item
      ? [{ key: keyOfJob(job), item: { ...item, state: 'skipped' as const, why: decision.why, judgedAt: now } }]
      : [],
  );
  const ends = unpushed.map(({ due: { job }, decision }): JobEnd => {
    if (decision.kind === 'ask_first') return { job, againAt, error: 'asked first' };
    return decision.kind === 'wait' ? { job, againAt: plus(now, pausedForMs) } : { job };
  });
  await parts.db.transaction(async (tx) => {
    await updateItems(tx, skipped);
    await enqueue(
      tx,
      toAsk.map(({ due }) => askWish(due.declaration, now, priorities.operator)),
    );
    await finishJobs(tx, parts.owner, [...ends, ...gone]);
  });
}

/** The process that sent them is gone: what it would have heard, nobody will hear. */
async function tellLost(parts: CustomsJobParts, unpushed: readonly Unpushed[]): Promise<void> {
  const now = parts.clock.now();
  const inputs = unpushed.flatMap(({ due: { declaration }, decision }): ObserveInput[] => {
    if (decision.kind !== 'ask_first' || decision.lostTry === undefined) return [];
    const body: FactBody = { kind: 'push_in_doubt', try: decision.lostTry, why: lostWhy };
    const fact: Fact = { id: parts.ids.next(), source: 'us', trust: 'stated', happenedAt: now, heardAt: now, body };
    return [{ key: declaration, fact }];
  });
  await observe(parts, inputs);
}

async function startPushes(
  parts: CustomsJobParts,
  opened: OpenAccount,
  operations: CustomsOperations,
  due: readonly Due[],
): Promise<PreparedCall[]> {
  const tries = await nextTries(
    parts.db,
    operation,
    due.map(({ job }) => keyOfJob(job)),
  );
  const prepared = await Promise.all(due.map((one) => preparePush(parts, opened, operations, one, tries)));
  const ready = prepared.filter((one) => one !== undefined);
  const byKey = new Map(ready.map((one) => [one.input.key.id, one]));
  const results = await observe(
    parts,
    ready.map((one) => one.input),
    (tx, decided) => {
      const starts = decided.flatMap(({ input, result }) => (result.ok ? (byKey.get(input.key.id)?.start ?? []) : []));
      return recordStarts(tx, parts.keyring, starts);
    },
  );
  await endQuarantined(
    parts,
    ready.flatMap((one) => one.call.jobs),
    results,
  );
  return ready.flatMap((one, index) => (results[index]?.ok ? [one.call] : []));
}

type ReadyPush = { readonly call: PreparedCall; readonly start: ExchangeStart; readonly input: ObserveInput };
type PushContext = {
  readonly opened: OpenAccount;
  readonly declaration: Declaration;
  readonly instruction: DeclareInstruction;
  readonly push: CustomsOperations['declare'];
  readonly try: number;
};

/** What stands at the channel is pushed again by a call of its own, where there is one; what it does not know is declared. */
const pushOf = (operations: CustomsOperations, { summary }: Declaration): CustomsOperations['declare'] =>
  operations.rePush && isKnownThere(summary) ? operations.rePush : operations.declare;

async function preparePush(
  parts: CustomsJobParts,
  opened: OpenAccount,
  operations: CustomsOperations,
  { job, at, declaration, item }: Due,
  tries: ReadonlyMap<string, number>,
): Promise<ReadyPush | undefined> {
  const instruction = instructionOf(declaration);
  const now = parts.clock.now();
  const push = pushOf(operations, declaration);
  const draft = push.build(instruction, opened.account, { at: now, nonce: parts.ids.next() }, opened.secrets);
  if (!draft.ok || !item) {
    const why = draft.ok ? 'no plan' : draft.refusal.code;
    await endRefused(parts, job, item, why);
    return undefined;
  }
  const tryNo = tries.get(job.subject) ?? 1;
  const context: PushContext = { opened, declaration, instruction, push, try: tryNo };
  const { call, start } = await prepareCall(parts, opened, operation, draft.value, { at, jobs: [job], context }, tries);
  const body: FactBody = { kind: 'push_started', try: tryNo, planId: item.planId };
  return { call, start, input: inputOf(parts, declaration, now, body, 'us', 'stated', start) };
}

/** What cannot be written in the channel's form will never be sent: the item says why, and its plan can end. */
async function endRefused(parts: CustomsJobParts, job: Job, item: PlanItem | undefined, why: string): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const refused = item && { ...item, state: 'refused' as const, why, judgedAt: parts.clock.now() };
    await updateItems(tx, refused ? [{ key: keyOfJob(job), item: refused }] : []);
    await finishJobs(tx, parts.owner, [{ job, error: why }]);
  });
}

/** The same request number and the same data: a re-push never changes amount, person or number silently. */
function instructionOf(declaration: Declaration): DeclareInstruction {
  assert(declaration.requestNo !== undefined, `declaration ${declaration.id} has no request number`);
  return {
    ...instructionFor(declaration.requestNo, declaration),
    amount: declaration.declared,
    customsCode: declaration.customsCode,
    customsName: declaration.customsName,
  };
}

async function hear(parts: CustomsJobParts, calls: readonly HeardCall[]): Promise<void> {
  const told = calls.map((call) => hearCall(parts, call));
  const byInput = new Map(told.map((one) => [one.input, one]));
  const results = await observe(
    parts,
    told.map((one) => one.input),
    async (tx, decided) => {
      const own = decided.flatMap(({ input }) => byInput.get(input) ?? []);
      await recordEnds(
        tx,
        parts.keyring,
        own.map((one) => one.exchangeEnd),
      );
      await extendGaps(
        tx,
        own.map((one) => one.gap),
      );
      await finishJobs(
        tx,
        parts.owner,
        own.map((one) => one.end),
      );
    },
  );
  await endQuarantined(
    parts,
    told.map((one) => one.end.job),
    results,
  );
}

type Told = {
  readonly input: ObserveInput;
  readonly end: JobEnd;
  readonly exchangeEnd: ExchangeEnd;
  readonly gap: { readonly bucket: number; readonly gapKey: string; readonly freeAt: Instant };
};

function hearCall(parts: CustomsJobParts, call: HeardCall): Told {
  const { opened, declaration, instruction, push, try: tryNo } = call.context as PushContext;
  const [job] = call.jobs;
  const rules = opened.connector.manifest.customs;
  assert(job && rules, 'a push without its job or its channel');
  const reading =
    call.sent.kind === 'answered'
      ? push.interpret(call.sent.answer, instruction, opened.account, opened.secrets, call.heardAt)
      : undefined;
  const channel = opened.connector.manifest.id;
  countCall(parts, channel, operation, call);
  if (reading) countOutcome(parts, channel, operation, reading.outcome.kind, reading.trust);
  const body = bodyOf(call, reading, tryNo, rules);
  const gapMs = minutes(rules.rePush.gapMinutes);
  const freeAt = plus(call.heardAt, gapMs);
  const trust = reading?.trust ?? 'stated';
  const input = inputOf(parts, declaration, call.heardAt, body, reading ? 'channel' : 'us', trust, call);
  return {
    input,
    end: endOf(job, body, call.heardAt, freeAt),
    exchangeEnd: {
      bucket: call.bucket,
      id: call.exchangeId,
      sent: call.sent,
      heardAt: call.heardAt,
      reading: reading ? { trust: reading.trust, outcome: reading.outcome.kind } : {},
    },
    gap: { bucket: declaration.bucket, gapKey: gapKeyOf(declaration), freeAt },
  };
}

/** What the answer says, in a fact. An answer whose signature is wrong proves nothing, not even a refusal. */
function bodyOf(
  call: HeardCall,
  reading: Reading<DeclareFacts> | undefined,
  tryNo: number,
  { declare }: CustomsRules,
): FactBody {
  if (call.sent.kind === 'unsent') return { kind: 'push_unsent', try: tryNo, why: call.sent.why };
  if (!reading) return { kind: 'push_in_doubt', try: tryNo, why: call.sent.kind === 'silent' ? call.sent.why : '' };
  const { outcome, trust } = reading;
  if (trust === 'none') return { kind: 'push_in_doubt', try: tryNo, why: 'the signature does not fit' };
  if (outcome.kind === 'in_doubt') {
    const standsAlready = declare.standsAlreadyCodes.some((code) => outcome.why.includes(code));
    return { kind: 'push_in_doubt', try: tryNo, why: outcome.why, ...(standsAlready ? { standsAlready } : {}) };
  }
  if (outcome.kind === 'rejected') return { kind: 'push_rejected', try: tryNo, code: outcome.code, text: outcome.text };
  const { pushedPaymentNo, channelDeclareNo, identityCheck, extra } = outcome.facts;
  return {
    kind: 'push_accepted',
    try: tryNo,
    pushedPaymentNo,
    ...(channelDeclareNo === undefined ? {} : { channelDeclareNo }),
    ...(identityCheck === undefined ? {} : { identityCheck }),
    extra,
  };
}

function endOf(job: Job, body: FactBody, heardAt: Instant, freeAt: Instant): JobEnd {
  if (body.kind === 'push_in_doubt') return { job, againAt: freeAt, error: body.why };
  if (body.kind === 'push_unsent') return { job, againAt: plus(heardAt, pauseAfter(job.tries)), error: body.why };
  return { job };
}

function inputOf(
  parts: CustomsJobParts,
  declaration: Declaration,
  at: Instant,
  body: FactBody,
  source: Fact['source'],
  trust: Fact['trust'],
  exchange: { readonly bucket: number } & ({ readonly id: string } | { readonly exchangeId: string }),
): ObserveInput {
  const id = 'id' in exchange ? exchange.id : exchange.exchangeId;
  return {
    key: { bucket: declaration.bucket, id: declaration.id },
    fact: {
      id: parts.ids.next(),
      source,
      trust,
      happenedAt: at,
      heardAt: at,
      exchange: { bucket: exchange.bucket, id },
      body,
    },
  };
}
