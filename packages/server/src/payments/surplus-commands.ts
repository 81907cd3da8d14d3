import { assert, done, refuse } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { drawSerials } from '../platform/serials.ts';
import type { OrderInput } from './inputs.ts';
import type { OrderDoor } from './order-door.ts';
import { findOrderById } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';
import { whyNoRefund } from './refund-decide.ts';
import { surplusReason } from './refund-reasons.texts.ts';
import { askSecondPerson, decideOnce, findDecidable } from './second-person.ts';
import type { AskedOfSecond, Verdict } from './second-person.ts';
import { surplusVerdicts } from './surplus-decide.ts';
import type { SurplusVerdict } from './surplus-decide.ts';
import type { Surplus } from './surplus.ts';

/** Its permission to decide is surplus.resolve.approve. */
const command = 'surplus.resolve';

/** Proposes to send a surplus back to its source, to keep it, or to credit it to the buyer; a second person decides. */
export async function proposeSurplus(
  parts: PaymentParts,
  actor: Actor,
  order: Order,
  surplusId: string,
  verdict: SurplusVerdict,
  reason: string,
): Promise<Result<AskedOfSecond>> {
  const permitted = allowed(actor, 'surplus.resolve', order.merchantId);
  if (!permitted.ok) return permitted;
  const surplus = order.surplus.find(({ id }) => id === surplusId);
  if (!surplus) return refuse('surplus.not_found', { surplus: surplusId });
  if (surplus.state !== 'held') return refuse('surplus.resolved', { surplus: surplusId, state: surplus.state });
  const refusal = verdict === 'person_refund' ? await refuseBack(parts, order, surplus) : undefined;
  if (refusal) return { ok: false, refusal };
  const { minor, currency } = surplus.amount;
  const input: Json = { surplus: surplusId, verdict, minor: String(minor), currency, reason };
  const { merchantId } = order;
  return done(await askSecondPerson(parts, { merchantId, command, subject: surplusId, input, maker: actor }));
}

/** Nobody is asked about what the channel would not do, such as past the window. */
async function refuseBack(
  { policies, clock }: PaymentParts,
  order: Order,
  { attemptId, amount }: Surplus,
): Promise<Refusal | undefined> {
  return whyNoRefund(order, attemptId, amount, { policyOf: await policies.load() }, clock.now());
}

export async function decideSurplus(
  parts: PaymentParts,
  door: OrderDoor,
  actor: Actor,
  approvalId: string,
  verdict: Verdict,
  reason: string,
  expectedDigest?: string,
): Promise<Result<Order>> {
  const found = await findDecidable(parts, actor, approvalId, command);
  if (!found.ok) return found;
  const approval = found.value;
  const { input, subject } = approval;
  const order = await findOrderById(parts, 'surplus_receipts', subject);
  const surplus = order?.surplus.find(({ id }) => id === subject);
  if (!order || !surplus) return refuse('surplus.not_found', { surplus: subject });
  // A no leaves the surplus as it is: nothing is left to tell.
  const waits = verdict === 'approve' && surplus.state === 'held';
  const decided = await decideOnce(parts, actor, approval, { verdict, reason, expectedDigest }, waits);
  if (!decided.ok) return decided;
  if (verdict === 'refuse') return done(order);
  const { checker: by = actor.userId, reason: said } = decided.value;
  const told = await door.tell(await inputOf(parts, order, surplus, verdictOf(input), { by, reason: said }));
  return told.ok ? done(told.value.order) : told;
}

/** As it was frozen with the request. */
function verdictOf(input: Json): SurplusVerdict {
  const { verdict } = input as { readonly verdict?: string };
  const agreed = surplusVerdicts.find((one) => one === verdict);
  assert(agreed, 'an approval about a surplus names its verdict');
  return agreed;
}

async function inputOf(
  parts: PaymentParts,
  order: Order,
  { id: surplusId, attemptId, amount, why }: Surplus,
  verdict: SurplusVerdict,
  word: { readonly by: string; readonly reason: string },
): Promise<OrderInput> {
  if (verdict !== 'person_refund') return { key: order, kind: 'surplus', surplusId, verdict, ...word };
  const [refundNo = ''] = await drawSerials(parts.db, parts.clock.now(), [order.bucket]);
  const reason = surplusReason(why).zh;
  const wish = { id: parts.ids.next(), attemptId, shopRefundNo: refundNo, refundNo, amount, reason };
  return { key: order, kind: 'surplus_back', surplusId, wish: { ...wish, origin: 'surplus' }, ...word };
}

/** The shop still delivers although the payment was closed. */
export async function adoptLateMoney(
  door: OrderDoor,
  actor: Actor,
  order: Order,
  surplusId: string,
  reason = '',
): Promise<Result<Order>> {
  const permitted = allowed(actor, 'payments.create', order.merchantId);
  if (!permitted.ok) return permitted;
  if (!order.surplus.some(({ id }) => id === surplusId)) return refuse('surplus.not_found', { surplus: surplusId });
  const audit = { actor, act: 'surplus.adopted', subject: surplusId, reason };
  const told = await door.tell({ key: order, kind: 'adopt', surplusId, by: actor.userId, audit });
  return told.ok ? done(told.value.order) : told;
}
