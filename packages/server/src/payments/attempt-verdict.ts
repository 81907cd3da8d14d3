import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Attempt } from './attempt.ts';
import { refuseAttemptVerdict } from './attempt-word.ts';
import type { HeardOfAttempt } from './observe-attempt.ts';
import type { OrderDoor } from './order-door.ts';
import { findOrderById } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';
import { askSecondPerson, decideOnDoubt, findDecidable } from './second-person.ts';
import type { AskedOfSecond, Verdict } from './second-person.ts';
import { findDisputed, isCallUnderway, isTradeOfAnother } from './verdict-store.ts';

/** What two people may say of an attempt that the channel leaves open: its amount was received, or nobody paid and nobody can any more. */
export const attemptVerdicts = ['paid', 'unpaid'] as const;
export type AttemptVerdict = (typeof attemptVerdicts)[number];

export type AttemptWord = {
  readonly verdict: AttemptVerdict;
  /** From where it is known: a line of the statement, the channel's letter. */
  readonly evidence: string;
  /** The channel's number of the trade, where the evidence names one. */
  readonly tradeNo?: string;
};

/** Its permission to decide is attempts.verdict.approve. */
const command = 'attempts.verdict';
const calls = ['pay.submit', 'pay.close', 'pay.cancel', 'pay.query'];

/**
 * Doubt ends by evidence or by two people (architecture rule 1): one proposes what is true and from where it is known, a second one decides.
 * Money of another amount is not ended so, nor what the payer can still pay.
 * @returns refusals attempt.not_found, and those of `refuseWord`.
 */
export async function proposeAttemptVerdict(
  parts: PaymentParts,
  actor: Actor,
  order: Order,
  attemptId: string,
  { verdict, evidence, tradeNo }: AttemptWord,
): Promise<Result<AskedOfSecond>> {
  const permitted = allowed(actor, command, order.merchantId);
  if (!permitted.ok) return permitted;
  const attempt = order.attempts.find(({ id }) => id === attemptId);
  if (!attempt) return refuse('attempt.not_found', { attempt: attemptId });
  const { minor, currency } = attempt.amount;
  const named = tradeNo === undefined ? {} : { trade_no: tradeNo };
  const input: Json = { attempt: attemptId, verdict, minor: String(minor), currency, evidence, ...named };
  const refusal = await refuseWord(parts, attempt, heardOf(input, attempt, parts.clock.now()));
  if (refusal) return { ok: false, refusal };
  const { merchantId } = order;
  return done(await askSecondPerson(parts, { merchantId, command, subject: attemptId, input, maker: actor }));
}

/** With a yes the attempt ends as it was proposed, unless the channel's own word has ended it meanwhile. */
export async function decideAttemptVerdict(
  parts: PaymentParts,
  door: OrderDoor,
  actor: Actor,
  approvalId: string,
  verdict: Verdict,
  reason: string,
  expectedDigest?: string,
): Promise<Result<Attempt>> {
  const found = await findDecidable(parts, actor, approvalId, command);
  if (!found.ok) return found;
  const approval = found.value;
  const { input, subject } = approval;
  const order = await findOrderById(parts, 'payment_attempts', subject);
  const attempt = order?.attempts.find(({ id }) => id === subject);
  if (!order || !attempt) return refuse('attempt.not_found', { attempt: subject });
  const heard = heardOf(input, attempt, parts.clock.now());
  const word = { verdict, reason, expectedDigest };
  const isYes = await decideOnDoubt(parts, actor, approval, word, () => refuseWord(parts, attempt, heard));
  if (!isYes.ok) return isYes;
  if (!isYes.value) return done(attempt);
  const told = await door.tell({ key: order, kind: 'heard', attemptId: attempt.id, heard });
  if (!told.ok) return told;
  const now = told.value.order.attempts.find(({ id }) => id === attempt.id);
  assert(now, 'an attempt that people spoke of is there');
  return done(now);
}

/** The channel's own word comes first: another amount that it spoke of, and an answer that a worker waits for. */
async function refuseWord(
  { policies, db, clock }: PaymentParts,
  attempt: Attempt,
  heard: HeardOfAttempt,
): Promise<Refusal | undefined> {
  const says = await findDisputed(db, attempt);
  if (says !== undefined) return { code: 'attempt.other_amount', params: { says } };
  const policyOf = await policies.load([attempt.accountId]);
  const refusal = refuseAttemptVerdict(attempt, heard, policyOf(attempt.accountId));
  if (refusal) return refusal;
  const tradeNo = tradeOf(heard);
  const isOther = tradeNo !== undefined && attempt.tradeNo !== undefined && attempt.tradeNo !== tradeNo;
  if (tradeNo !== undefined && (isOther || (await isTradeOfAnother(db, attempt, tradeNo))))
    return { code: 'attempt.trade_of_another', params: { trade_no: tradeNo }, pointer: '/trade_no' };
  const underway = await isCallUnderway(db, attempt, calls, clock.now());
  return underway ? { code: 'attempt.call_unanswered', params: {} } : undefined;
}

/** Refunds and shares name it to the channel: a wrong one would move another buyer's money. */
const tradeOf = ({ outcome }: HeardOfAttempt): string | undefined =>
  outcome.kind === 'succeeded' && 'serialNo' in outcome.facts ? outcome.facts.tradeNo : undefined;

/** As it was frozen with the request. */
function heardOf(input: Json, { serialNo, amount }: Attempt, heardAt: Instant): HeardOfAttempt {
  const { verdict, evidence = '', trade_no: tradeNo } = input as Readonly<Record<string, string | undefined>>;
  const agreed = attemptVerdicts.find((one) => one === verdict);
  assert(agreed, 'an approval about an attempt names its verdict');
  const trade = tradeNo === undefined ? {} : { tradeNo };
  const outcome: HeardOfAttempt['outcome'] =
    agreed === 'paid'
      ? { kind: 'succeeded', facts: { serialNo, amount, channelStatus: evidence, ...trade } }
      : { kind: 'rejected', code: 'TWO_PEOPLE', text: evidence };
  return { by: 'people', outcome, trust: 'verified', heardAt };
}
