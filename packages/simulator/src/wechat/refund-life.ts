import { playedOf } from './faults.ts';
import type { Hit } from './faults.ts';
import { feeBackOf } from './fees.ts';
import type { Register } from './register.ts';
import { tellRefund } from './telling.ts';
import type { Order, Refund, RefundTerms } from './types.ts';

/** What the refund would bring back of the fee. */
function feeBackFor(register: Register, order: Order, refundFen: number, refundedFen: number): number {
  const { flow, feePpm } = register.merchantOf(order);
  const amounts = { amountFen: order.terms.amountFen, feeFen: order.payment?.feeFen ?? 0 };
  return feeBackOf({ flow, feePpm, ...amounts, returnedFen: order.feeReturnedFen, refundedFen, refundFen });
}

export function isCovered(register: Register, order: Order, terms: Pick<RefundTerms, 'purse' | 'amountFen'>): boolean {
  const feeBack = feeBackFor(register, order, terms.amountFen, order.refundedFen + terms.amountFen);
  return register.takeableFor(order, terms.purse) >= terms.amountFen - feeBack;
}

/** Accepted: the money leaves the merchant at once when it is there, and arrives, or not, a while later. */
export function startRefund(
  register: Register,
  order: Order,
  terms: RefundTerms,
  { by, hits }: { readonly by: 'api' | 'console'; readonly hits: readonly Hit[] },
  at: number,
): Refund {
  const isFunded = isCovered(register, order, terms);
  const refund = register.openRefund(order, terms, by, at);
  if (playedOf(hits, 'refund_stuck')) {
    if (isFunded) fund(register, refund, at);
    return refund;
  }
  const fate = playedOf(hits, 'refund_abnormal') ? 'ABNORMAL' : playedOf(hits, 'refund_closed') ? 'CLOSED' : 'SUCCESS';
  if (isFunded) {
    fund(register, refund, at);
    settleLater(register, refund, fate, at);
    return refund;
  }
  register.agenda.add(at + register.settings.refund_closes_ms, (due) => {
    if (!refund.isFunded) closeRefund(register, refund, due);
  });
  return refund;
}

/** Money has come in: refunds that waited for it go on, the oldest first. */
export function fundWaiting(register: Register, payee: string, at: number): void {
  for (const refund of register.refunds.values()) {
    const { order, terms } = refund;
    if (refund.status !== 'PROCESSING' || refund.isFunded || order.terms.payee !== payee) continue;
    if (register.takeableFor(order, terms.purse) < terms.amountFen) continue;
    register.revision += 1;
    fund(register, refund, at);
    settleLater(register, refund, 'SUCCESS', at);
  }
}

function fund(register: Register, refund: Refund, at: number): void {
  const { order, terms } = refund;
  const feeBack = feeBackFor(register, order, terms.amountFen, order.refundedFen);
  refund.isFunded = true;
  refund.feeReturnedFen = feeBack;
  order.feeReturnedFen += feeBack;
  move(register, refund, { refundType: '退款', feeType: '退还交易手续费', sign: -1 }, at);
  const { hold } = order;
  if (!hold || terms.purse !== register.purseOf(register.merchantOf(order))) return;
  refund.heldFen = Math.min(terms.amountFen - feeBack, hold.fen - hold.reservedFen);
  register.changeHeld(order, hold, -refund.heldFen);
}

type Direction = { readonly refundType: string; readonly feeType: string; readonly sign: 1 | -1 };

function move(register: Register, refund: Refund, { refundType, feeType, sign }: Direction, at: number): void {
  const { order, terms } = refund;
  const numbers = { businessNo: refund.refundId, voucherNo: terms.outRefundNo, remark: '' };
  const common = { at, payee: order.terms.payee, purse: terms.purse, ...numbers, name: '退款' };
  register.ledger.move({ ...common, type: refundType, fen: sign * terms.amountFen });
  register.ledger.move({ ...common, type: feeType, fen: -sign * refund.feeReturnedFen });
}

/** Arrives, or not, a while from now. */
export function settleLater(
  register: Register,
  refund: Refund,
  fate: 'SUCCESS' | 'ABNORMAL' | 'CLOSED',
  at: number,
): void {
  register.agenda.add(at + register.settings.refund_ms, (due) => {
    if (refund.status === 'PROCESSING') settleRefund(register, refund, fate, due);
  });
}

export function settleRefund(
  register: Register,
  refund: Refund,
  fate: 'SUCCESS' | 'ABNORMAL' | 'CLOSED',
  at: number,
): void {
  if (fate === 'CLOSED') return closeRefund(register, refund, at);
  register.revision += 1;
  refund.status = fate;
  if (fate === 'SUCCESS') refund.successAt = at;
  tellRefund(register, fate === 'SUCCESS' ? 'refunded' : 'refund_abnormal', refund, at);
}

/** Given up: what had been taken comes back, and the part can be refunded again under a new number. */
function closeRefund(register: Register, refund: Refund, at: number): void {
  register.revision += 1;
  const { order, terms } = refund;
  refund.status = 'CLOSED';
  order.refundedFen -= terms.amountFen;
  if (refund.isFunded) {
    move(register, refund, { refundType: '退款关闭', feeType: '扣除交易手续费', sign: 1 }, at);
    order.feeReturnedFen -= refund.feeReturnedFen;
    if (order.hold && order.hold.endedAt === undefined) register.changeHeld(order, order.hold, refund.heldFen);
  }
  tellRefund(register, 'refund_closed', refund, at);
}

/** The whole payment goes back at once, with the fee. False when the money is not there. */
export function reversePaid(register: Register, order: Order, at: number): boolean {
  const { outTradeNo, amountFen, version } = order.terms;
  const purse = register.purseOf(register.merchantOf(order));
  if (register.takeableFor(order, purse) < amountFen - (order.payment?.feeFen ?? 0)) return false;
  const nothing = { reason: undefined, notifyUrl: undefined, content: '' };
  const terms = { version, outRefundNo: `reversal of ${outTradeNo}`, amountFen, purse, ...nothing };
  const refund = register.openRefund(order, terms, 'reversal', at);
  fund(register, refund, at);
  refund.status = 'SUCCESS';
  refund.successAt = at;
  return true;
}
