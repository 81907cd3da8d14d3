import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Outcome, Refusal, Result } from '../kernel/index.ts';
import type { RefundFacts } from '../channels/contract/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { OrderDoor } from './order-door.ts';
import { findOrderById } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';
import { refuseVerdict } from './refund-decide.ts';
import type { HeardOfRefund } from './refund-decide.ts';
import type { Refund } from './refund.ts';
import { askSecondPerson, decideOnDoubt, findDecidable } from './second-person.ts';
import type { AskedOfSecond, Verdict } from './second-person.ts';
import { isCallUnderway } from './verdict-store.ts';

/** What two people may say of a refund that the channel leaves open: the money went back, or it certainly did not and never will. */
export const refundVerdicts = ['refunded', 'failed'] as const;
export type RefundVerdict = (typeof refundVerdicts)[number];

/** Its permission to decide is refunds.verdict.approve. */
const command = 'refunds.verdict';

/**
 * Doubt ends by evidence or by two people (architecture rule 1): one proposes what is true and says from where it is known (a line of the
 * statement, the channel's letter), a second one decides.
 * What the channel has verifiably taken on is never called failed: it may still be carried out.
 * @returns refusals refund.not_found, refund.not_waiting.
 */
export async function proposeRefundVerdict(
  parts: PaymentParts,
  actor: Actor,
  order: Order,
  refundId: string,
  verdict: RefundVerdict,
  evidence: string,
): Promise<Result<AskedOfSecond>> {
  const permitted = allowed(actor, 'refunds.verdict', order.merchantId);
  if (!permitted.ok) return permitted;
  const refund = order.refunds.find(({ id }) => id === refundId);
  if (!refund) return refuse('refund.not_found', { refund: refundId });
  const { minor, currency } = refund.amount;
  const input: Json = { refund: refundId, verdict, minor: String(minor), currency, evidence };
  const refusal = refuseVerdict(refund, heardOf(input, refund, parts.clock.now()));
  if (refusal) return { ok: false, refusal };
  const { merchantId } = order;
  return done(await askSecondPerson(parts, { merchantId, command, subject: refundId, input, maker: actor }));
}

/** With a yes the refund ends as it was proposed, unless the channel's own word has ended it meanwhile. */
export async function decideRefundVerdict(
  parts: PaymentParts,
  door: OrderDoor,
  actor: Actor,
  approvalId: string,
  verdict: Verdict,
  reason: string,
  expectedDigest?: string,
): Promise<Result<Refund>> {
  const found = await findDecidable(parts, actor, approvalId, command);
  if (!found.ok) return found;
  const approval = found.value;
  const { input, subject } = approval;
  const order = await findOrderById(parts, 'refunds', subject);
  const refund = order?.refunds.find(({ id }) => id === subject);
  if (!order || !refund) return refuse('refund.not_found', { refund: subject });
  const heard = heardOf(input, refund, parts.clock.now());
  const word = { verdict, reason, expectedDigest };
  const refuseYes = async (): Promise<Refusal | undefined> =>
    refuseVerdict(refund, heard) ?? (await refuseUnderway(parts, refund));
  const isYes = await decideOnDoubt(parts, actor, approval, word, refuseYes);
  if (!isYes.ok) return isYes;
  if (!isYes.value) return done(refund);
  const told = await door.tell({ key: order, kind: 'refund_heard', refundId: refund.id, heard });
  if (!told.ok) return told;
  const now = told.value.order.refunds.find(({ id }) => id === refund.id);
  assert(now, 'a refund that people spoke of is there');
  return done(now);
}

/** A worker holds the next send of it, or waits for its answer: that answer comes first. */
async function refuseUnderway({ db, clock }: PaymentParts, refund: Refund): Promise<Refusal | undefined> {
  const underway = await isCallUnderway(db, refund, ['refund.submit'], clock.now());
  return underway ? { code: 'refund.send_unanswered', params: {} } : undefined;
}

/** As it was frozen with the request. */
function heardOf(input: Json, { refundNo, amount }: Refund, heardAt: Instant): HeardOfRefund {
  const { verdict, evidence = '' } = input as { readonly verdict?: string; readonly evidence?: string };
  const agreed = refundVerdicts.find((one) => one === verdict);
  assert(agreed, 'an approval about a refund names its verdict');
  const outcome: Outcome<RefundFacts> =
    agreed === 'refunded'
      ? { kind: 'succeeded', facts: { refundNo, amount, channelStatus: evidence } }
      : { kind: 'rejected', code: 'TWO_PEOPLE', text: evidence };
  return { by: 'people', outcome, trust: 'verified', heardAt };
}
