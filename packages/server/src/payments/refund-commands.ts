import { assert, done, refuse } from '../kernel/index.ts';
import type { Money, Refusal, Result } from '../kernel/index.ts';
import type { RefundInstruction } from '../channels/contract/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor, AuditEntry } from '../identity/index.ts';
import { drawSerials } from '../platform/serials.ts';
import type { OrderDoor } from './order-door.ts';
import { findOrderById, loadOrders } from './order-store.ts';
import { refundable } from './order.ts';
import type { Order } from './order.ts';
import { backPlaceOf, textOfPartsBack } from './parts-back.ts';
import type { PaymentParts } from './parts.ts';
import { refuseAmount, refuseOther } from './refund-decide.ts';
import type { RefundWish } from './refund-decide.ts';
import { backMinorOf } from './refund.ts';
import type { PartBack, Refund } from './refund.ts';
import { askSecondPerson, decideOnce, findDecidable } from './second-person.ts';
import type { Verdict } from './second-person.ts';

export type RefundAsk = {
  readonly order: Order;
  readonly paymentId: string;
  readonly shopRefundNo: string;
  /** Absent: all that can still be refunded. */
  readonly amount?: Money;
  readonly reason: string;
  readonly back?: SharedBack;
};

/** What receivers of a shared payment give back with a refund, as it follows from the order as it was read. */
export type SharedBack = {
  readonly parts: readonly PartBack[];
  /** What the request says of it. Absent where the channel takes the parts back by itself. */
  readonly carried?: RefundInstruction['partsBack'];
};

export type RefundPreview = {
  readonly amount: Money;
  readonly refundable: Money;
  readonly feeBackMinor: bigint;
  readonly feeRule: string;
  readonly needsTwo: boolean;
};

/** What a refund would bring, before anybody asks for it: to the buyer, back of the fee, and whether it takes two people. */
export async function previewRefund(parts: PaymentParts, ask: RefundAsk): Promise<Result<RefundPreview>> {
  const attempt = settledAttempt(ask);
  if (!attempt) return refuse('refund.not_paid', { payment: ask.paymentId });
  const policy = (await parts.policies.load())(attempt.accountId);
  const left = plusMinor(refundable(attempt), backMinorOf({ partsBack: ask.back?.parts ?? [] }));
  const amount = ask.amount ?? left;
  const before = ask.order.refunds.filter(({ attemptId }) => attemptId === attempt.id);
  const refusal =
    refuseAmount(ask.order, attempt, amount, ask.back?.parts ?? []) ??
    policy.refuseRefund(attempt, before, amount, parts.clock.now());
  if (refusal) return { ok: false, refusal };
  const back = policy.feeBack(attempt, before, amount);
  const needsTwo = policy.approvalAboveMinor !== undefined && amount.minor > policy.approvalAboveMinor;
  return done({ amount, refundable: left, feeBackMinor: back.minor, feeRule: back.rule, needsTwo });
}

const plusMinor = (amount: Money, minor: bigint): Money => ({ ...amount, minor: amount.minor + minor });

function settledAttempt({ order, paymentId }: RefundAsk) {
  const payment = order.payments.find(({ id }) => id === paymentId);
  return order.attempts.find(({ id }) => id === payment?.settledBy);
}

/** Its permission to decide is refunds.approve. */
const command = 'refunds';

/** Asks for a refund. Above the contract's threshold it waits for a second person, its money reserved. */
export async function askRefund(
  parts: PaymentParts,
  door: OrderDoor,
  actor: Actor,
  ask: RefundAsk,
): Promise<Result<{ readonly order: Order; readonly refund: Refund }>> {
  const permitted = allowed(actor, 'refunds.create', ask.order.merchantId);
  if (!permitted.ok) return permitted;
  const known = ask.order.refunds.find(({ shopRefundNo }) => shopRefundNo === ask.shopRefundNo);
  if (known) {
    const refusal = refuseOtherAsk(known, ask);
    return refusal ? { ok: false, refusal } : done({ order: ask.order, refund: known });
  }
  const preview = await previewRefund(parts, ask);
  if (!preview.ok) return preview;
  const attempt = settledAttempt(ask);
  assert(attempt, 'a refund that was previewed has its attempt');
  const [refundNo = ''] = await drawSerials(parts.db, parts.clock.now(), [ask.order.bucket]);
  const { amount, needsTwo } = preview.value;
  const id = parts.ids.next();
  if (needsTwo && ask.back && (await hasChanged(parts, ask.order)))
    return refuse('refund.order_changed', { order_no: ask.order.orderNo });
  const approvalId = needsTwo ? await askSecond(parts, actor, ask, id, amount) : undefined;
  const wish: RefundWish = {
    ...{ id, attemptId: attempt.id, shopRefundNo: ask.shopRefundNo, refundNo, amount, reason: ask.reason },
    ...{ origin: 'shop' as const, ...(approvalId === undefined ? {} : { approvalId }) },
    ...backOf(parts, id, ask.back),
  };
  const audit = { actor, act: 'refund.created', subject: id, reason: ask.reason };
  const told = await door.tell({
    key: ask.order,
    kind: 'refund',
    wish,
    audit,
    ...(ask.back ? { version: ask.order.version } : {}),
  });
  if (!told.ok) return told;
  const { order } = told.value;
  const refund = order.refunds.find(({ shopRefundNo }) => shopRefundNo === ask.shopRefundNo);
  assert(refund, 'a refund was asked for and is not there');
  return done({ order, refund });
}

function refuseOtherAsk(known: Refund, ask: RefundAsk): Refusal | undefined {
  return refuseOther(known, {
    attemptId: settledAttempt(ask)?.id ?? known.attemptId,
    ...(ask.amount ? { amount: ask.amount } : {}),
    ...(ask.back ? { partsBack: ask.back.parts } : {}),
  });
}

/** Nobody is asked to agree to what the order, as it now is, would refuse. */
async function hasChanged({ db }: PaymentParts, { bucket, id, version }: Order): Promise<boolean> {
  const [now] = await loadOrders(db, [{ bucket, id }]);
  return now?.version !== version;
}

function backOf({ keyring }: PaymentParts, id: string, back: SharedBack | undefined): Partial<RefundWish> {
  if (!back || back.parts.length === 0) return {};
  const { parts: partsBack, carried } = back;
  if (!carried) return { partsBack };
  return { partsBack, partsBackSealed: keyring.sealText('personal', textOfPartsBack(carried), backPlaceOf(id)) };
}

async function askSecond(
  parts: PaymentParts,
  actor: Actor,
  { order, reason, back }: RefundAsk,
  id: string,
  { minor, currency }: Money,
): Promise<string> {
  const partsBack = (back?.parts ?? []).map((one) => ({ part: one.part, minor: String(one.minor) }));
  const input: Json = {
    ...{ refund: id, order: order.orderNo, minor: String(minor), currency, reason },
    // Who gives back is agreed to as well.
    ...(partsBack.length > 0 ? { parts_back: partsBack } : {}),
  };
  const { merchantId } = order;
  const asked = await askSecondPerson(parts, { merchantId, command, subject: id, input, maker: actor });
  return asked.approvalId;
}

/** A second person's word about a refund that waits for it. */
export async function decideRefund(
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
  const order = await findOrderById(parts, 'refunds', approval.subject);
  if (!order) return refuse('refund.not_found', { refund: approval.subject });
  const { subject } = approval;
  const waits = order.refunds.some(({ id, state }) => id === subject && state === 'awaiting_approval');
  const decided = await decideOnce(parts, actor, approval, { verdict, reason, expectedDigest }, waits);
  if (!decided.ok) return decided;
  const told = verdict === 'approve' ? 'approve' : 'withdraw';
  return actOnRefund(door, order, subject, told);
}

/** The shop takes a refund back that was never sent, or goes on with one that waited for money. */
export async function controlRefund(
  door: OrderDoor,
  actor: Actor,
  order: Order,
  refundId: string,
  told: 'withdraw' | 'topped_up',
  reason = '',
): Promise<Result<Refund>> {
  const permitted = allowed(actor, 'refunds.create', order.merchantId);
  if (!permitted.ok) return permitted;
  const refund = order.refunds.find(({ id }) => id === refundId);
  if (!refund) return refuse('refund.not_found', { refund: refundId });
  const fits = told === 'topped_up' ? ['waiting_funds'] : ['waiting_funds', 'awaiting_approval'];
  if (!fits.includes(refund.state)) return refuse('refund.not_waiting', { state: refund.state });
  const act = told === 'withdraw' ? 'refund.withdrawn' : 'refund.topped_up';
  return actOnRefund(door, order, refundId, told, { actor, act, subject: refundId, reason });
}

async function actOnRefund(
  door: OrderDoor,
  order: Order,
  refundId: string,
  told: 'approve' | 'withdraw' | 'topped_up',
  audit?: AuditEntry,
): Promise<Result<Refund>> {
  const acted = await door.tell({ key: order, kind: 'refund_act', refundId, told, ...(audit ? { audit } : {}) });
  if (!acted.ok) return acted;
  const refund = acted.value.order.refunds.find(({ id }) => id === refundId);
  assert(refund, 'a refund that was decided is there');
  return done(refund);
}
