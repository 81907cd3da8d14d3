import { assert, minutes, plus, Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { CloseReading, PayInstruction, PayOperations, TradeReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { nextTries, recordStarts } from '../platform/exchanges.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { Job, JobEnd } from '../platform/jobs.ts';
import { sealedPlaceOf } from './sealed.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import type { Attempt } from './attempt.ts';
import { countCall, endCalls, keyOfJob, openLease, prepareCall, slowWhereAsked, tellOrders, unbuilt } from './calls.ts';
import type { DueJob, Told } from './calls.ts';
import { isAsked, isNeedless, isWaitedFor, mayHaveLeft } from './due-call.ts';
import type { PayOperation } from './due-call.ts';
import type { HeardOfAttempt, Voice } from './observe-attempt.ts';
import type { PaymentParts } from './parts.ts';

/** The four calls about an attempt. They differ in when they may be made, and in whose word their answer is. */
const operations = {
  'pay.submit': { by: 'answer', of: (pay: PayOperations) => pay.submit },
  'pay.query': { by: 'query', of: (pay: PayOperations) => pay.query },
  'pay.close': { by: 'close', of: (pay: PayOperations) => pay.close },
  'pay.cancel': { by: 'close', of: (pay: PayOperations) => pay.cancel ?? pay.close },
} as const satisfies Readonly<Record<PayOperation, { readonly by: Voice; readonly of: (pay: PayOperations) => Call }>>;

type Call = PayOperations['submit'] | PayOperations['close'];

export function payWorks(parts: PaymentParts): LaneWork[] {
  return (Object.keys(operations) as PayOperation[]).map((operation) => ({
    operation,
    prepare: async (lease) => {
      const { opened, due } = await openLease(parts, lease, 'payment_attempts');
      return prepare(parts, operation, opened, due);
    },
    async hear(lease, calls) {
      await slowWhereAsked(parts, lease.lane, calls);
      await hear(parts, operation, calls);
    },
  }));
}

/** What is still to be done when a job comes to its turn. */
type Ready = DueJob & { readonly attempt: Attempt };

async function prepare(
  parts: PaymentParts,
  operation: PayOperation,
  opened: OpenAccount | undefined,
  due: readonly DueJob[],
): Promise<PreparedCall[]> {
  const found = due.map((one) => ({ ...one, attempt: one.order?.attempts.find(({ id }) => id === one.job.subject) }));
  const ready = found.filter(
    (one): one is Ready =>
      one.attempt !== undefined && isWaitedFor(operation, one.attempt, opened?.connector.manifest.pay),
  );
  const over = found.filter((one) => !ready.includes(one as Ready)).map(({ job }) => ({ job }));
  const pay = opened?.connector.pay;
  await finishJobs(parts.db, parts.owner, pay ? over : found.map(({ job }) => putOff(parts, job)));
  if (!opened || !pay) return [];
  const tries = await nextTries(
    parts.db,
    operation,
    ready.map(({ job }) => keyOfJob(job)),
  );
  const tryOf = (job: Job): number => tries.get(job.subject) ?? 1;
  const lost = ready.filter((one) => isAsked(operation, one.attempt) && mayHaveLeft(one.job, tryOf(one.job)));
  await tellLost(parts, operation, lost);
  const needless = ready.filter((one) => isNeedless(operation, one.attempt) && !lost.includes(one));
  await finishJobs(
    parts.db,
    parts.owner,
    needless.map(({ job }) => ({ job })),
  );
  const calls = await Promise.all(
    ready
      .filter((one) => !lost.includes(one) && !needless.includes(one))
      .map((one) => prepareOne(parts, operation, opened, pay, one, tryOf(one.job))),
  );
  const prepared = calls.filter((one) => one !== undefined);
  await parts.db.transaction((tx) =>
    recordStarts(
      tx,
      parts.keyring,
      prepared.map(({ start }) => start),
    ),
  );
  return prepared.map(({ call }) => call);
}

/** A program that does not know the channel leaves its jobs to one that does. */
const putOff = ({ clock }: PaymentParts, job: Job): JobEnd => ({
  ...{ job, againAt: plus(clock.now(), minutes(10)), error: 'this process has no account or connector for it' },
});

async function tellLost(parts: PaymentParts, operation: PayOperation, lost: readonly Ready[]): Promise<void> {
  const now = parts.clock.now();
  const outcome = { kind: 'in_doubt', why: 'our process ended before it heard an answer' } as const;
  const { by } = operations[operation];
  const heard: HeardOfAttempt = { by, outcome, trust: 'none', heardAt: now };
  await tellOrders(parts, lost.map(toldOf(() => heard)));
}

const toldOf =
  (heardBy: (one: Ready) => HeardOfAttempt) =>
  (one: Ready): Told => {
    const { bucket, orderId, id } = one.attempt;
    return {
      job: one.job,
      input: { key: { bucket, id: orderId }, kind: 'heard', attemptId: id, heard: heardBy(one) },
    };
  };

type Context = {
  readonly opened: OpenAccount;
  readonly attempt: Attempt;
  readonly instruction: PayInstruction;
  readonly try: number;
};

async function prepareOne(
  parts: PaymentParts,
  operation: PayOperation,
  opened: OpenAccount,
  pay: PayOperations,
  one: Ready,
  nextTry: number,
): Promise<Awaited<ReturnType<typeof prepareCall>> | undefined> {
  const { attempt, job, at } = one;
  const instruction = instructionOf(parts, opened, attempt);
  const moment = { at: parts.clock.now(), nonce: parts.ids.next() };
  const draft = operations[operation].of(pay).build(instruction, opened.account, moment, opened.secrets);
  if (!draft.ok) {
    const said = unbuilt(draft.refusal.code, operation === 'pay.submit' && nextTry === 1);
    const heard: HeardOfAttempt = { by: operations[operation].by, ...said, heardAt: moment.at };
    await tellOrders(parts, [one].map(toldOf(() => heard)));
    return undefined;
  }
  const context: Context = { opened, attempt, instruction, try: nextTry };
  return prepareCall(parts, opened, operation, draft.value, { at, job, context, try: nextTry });
}

/** Where an instruction carries what its product needs of the payer. */
export const payerFields = { payer_code: 'payerCode', payer_id: 'payerId', payer_address: 'payerAddress' } as const;

/** The frozen terms of an attempt: the same whenever they are needed, for as long as it lives. */
export function instructionOf(
  { keyring }: Pick<PaymentParts, 'keyring'>,
  { connector }: Pick<OpenAccount, 'connector'>,
  attempt: Attempt,
): PayInstruction {
  const { serialNo, product, amount, subject, deadlineAt, notifyUrl, returnUrl, payerSealed, isHeldForSharing } =
    attempt;
  const opened = payerSealed && keyring.openText(payerSealed, sealedPlaceOf(attempt.id));
  const payer = opened?.kind === 'opened' ? new Secret(opened.value) : undefined;
  const [need = 'payer_id'] = connector.manifest.pay?.products[product]?.needs ?? [];
  return {
    ...{ serialNo, product, amount, subject, deadlineAt, notifyUrl },
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(payer === undefined ? {} : { [payerFields[need]]: payer }),
    ...(isHeldForSharing ? { isHeldForSharing } : {}),
  };
}

async function hear(parts: PaymentParts, operation: PayOperation, calls: readonly HeardCall[]): Promise<void> {
  const heard = calls.map((call) => heardOf(operation, call));
  for (const call of calls) countCall(parts, (call.context as Context).opened.channel, operation, call);
  await endCalls(
    parts,
    calls,
    heard.map((one) => (one ? { outcome: one.outcome.kind, trust: one.trust } : {})),
  );
  const told = calls.flatMap((call, index): Told[] => {
    const [job, one] = [call.jobs[0], heard[index]];
    const { attempt } = call.context as Context;
    if (!job || !one) return [];
    return [toldOf(() => one)({ job, attempt, at: call.at, order: undefined })];
  });
  await tellOrders(parts, told);
}

/** What a call brought; undefined: nothing left this machine. */
function heardOf(
  operation: PayOperation,
  { context, sent, exchangeId, heardAt }: HeardCall,
): HeardOfAttempt | undefined {
  const { by } = operations[operation];
  if (sent.kind === 'unsent') return undefined;
  if (sent.kind !== 'answered')
    return { by, outcome: { kind: 'in_doubt', why: sent.why }, trust: 'none', exchangeId, heardAt };
  const { opened, instruction } = context as Context;
  const { pay } = opened.connector;
  assert(pay, 'an answer of a channel that takes no payments');
  const call = operations[operation].of(pay);
  const reading: TradeReading | CloseReading = call.interpret(
    sent.answer,
    instruction,
    opened.account,
    opened.secrets,
    heardAt,
  );
  return { ...heardFrom(reading, by, heardAt), exchangeId, askedAt: sent.sentAt };
}

function heardFrom(reading: TradeReading | CloseReading, by: Voice, heardAt: Instant): HeardOfAttempt {
  const { outcome, trust, isAbsent } = reading;
  const disputed = 'disputed' in reading ? reading.disputed : undefined;
  return {
    ...{ by, outcome, trust, heardAt },
    ...(isAbsent === undefined ? {} : { isAbsent }),
    ...(disputed === undefined ? {} : { disputed }),
  };
}
