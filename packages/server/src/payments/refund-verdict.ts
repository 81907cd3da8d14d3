import { assert, done, inDoubt, refuse } from '../kernel/index.ts';
import type { Outcome, Result } from '../kernel/index.ts';
import type { RefundFacts } from '../channels/contract/index.ts';
import { askApproval, findApproval } from '../approvals/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { OrderDoor } from './order-door.ts';
import { findOrderById } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';
import { decideOnce } from './refund-commands.ts';
import type { Verdict } from './refund-commands.ts';
import type { Refund } from './refund.ts';

/** What two people may say of a refund that the channel leaves open: the money went back, or it certainly did not and never will. */
export const refundVerdicts = ['refunded', 'failed'] as const;
export type RefundVerdict = (typeof refundVerdicts)[number];

/** Its permission to decide is refunds.verdict.approve. */
const command = 'refunds.verdict';

/** A refund on its way to the channel cannot be spoken about: its answer may come any moment. */
const isOpenQuestion = ({ state }: Refund): boolean => ['processing', 'in_doubt', 'abnormal'].includes(state);

/**
 * Doubt ends by evidence or by two people (architecture rule 1): one proposes what is true and says from where it is known (a line of the
 * statement, the channel's letter), a second one decides.
 * @returns refusals refund.not_found, refund.not_waiting.
 */
export async function proposeRefundVerdict(
  parts: PaymentParts,
  actor: Actor,
  order: Order,
  refundId: string,
  verdict: RefundVerdict,
  evidence: string,
): Promise<Result<{ readonly approvalId: string; readonly digest: string }>> {
  const permitted = allowed(actor, 'refunds.verdict', order.merchantId);
  if (!permitted.ok) return permitted;
  const refund = order.refunds.find(({ id }) => id === refundId);
  if (!refund) return refuse('refund.not_found', { refund: refundId });
  if (!isOpenQuestion(refund)) return refuse('refund.not_waiting', { state: refund.state });
  const { minor, currency } = refund.amount;
  const input: Json = { refund: refundId, verdict, minor: String(minor), currency, evidence };
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const asked = await parts.db.transaction((tx) =>
    askApproval(tx, { merchantId: order.merchantId, command, subject: refundId, input, maker: actor }, stamp),
  );
  return done({ approvalId: asked.id, digest: asked.digest });
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
  const approval = await findApproval(parts.db, approvalId, parts.clock.now());
  if (approval?.command !== command) return refuse('approval.not_found', { subject: approvalId });
  const permitted = allowed(actor, 'refunds.verdict.approve', approval.merchantId);
  if (!permitted.ok) return permitted;
  const { input, subject } = approval;
  const order = await findOrderById(parts, 'refunds', subject);
  const refund = order?.refunds.find(({ id }) => id === subject);
  if (!order || !refund) return refuse('refund.not_found', { refund: subject });
  const isOpen = isOpenQuestion(refund);
  if (verdict === 'approve' && !isOpen) return refuse('refund.not_waiting', { state: refund.state });
  const word = { verdict, reason, ...(expectedDigest === undefined ? {} : { expectedDigest }) };
  const decided = await decideOnce(parts, actor, approval, word, verdict === 'approve' && isOpen);
  if (!decided.ok) return decided;
  if (verdict === 'refuse') return done(refund);
  const heardAt = parts.clock.now();
  const heard = { by: 'people', outcome: outcomeOf(input, refund), trust: 'verified', heardAt } as const;
  const told = await door.tell({ key: order, kind: 'refund_heard', refundId: refund.id, heard });
  if (!told.ok) return told;
  const now = told.value.order.refunds.find(({ id }) => id === refund.id);
  assert(now, 'a refund that people spoke of is there');
  return done(now);
}

/** As it was frozen with the request. */
function outcomeOf(input: Json, { refundNo, amount }: Refund): Outcome<RefundFacts> {
  const { verdict, evidence = '' } = input as { readonly verdict?: string; readonly evidence?: string };
  if (verdict === 'refunded') return { kind: 'succeeded', facts: { refundNo, amount, channelStatus: evidence } };
  if (verdict === 'failed') return { kind: 'rejected', code: 'TWO_PEOPLE', text: evidence };
  return inDoubt('an approval about a refund names its verdict');
}
