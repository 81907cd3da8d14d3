import { spacedTime } from '../shanghai.ts';
import type { Rooms } from './rooms.ts';
import type { Declaration } from './customs-desk.ts';
import type { Notice } from './notices.ts';
import { tradeStateOf } from './order-views.ts';
import type { Register } from './register.ts';
import { shareBooksView } from './share-views.ts';
import type { Hold, Merchant, Order, Refund } from './types.ts';

const moment = (ms: number | undefined): string | null => (ms === undefined ? null : spacedTime(ms));

export function merchantView(register: Register, merchant: Merchant) {
  const { ledger } = register;
  const { mchid } = merchant;
  return {
    mchid,
    appids: merchant.appids,
    sub_mchids: merchant.subMchids,
    certificate_serials: [...merchant.certificates.keys()],
    platform_serials: merchant.platformCertificates.map((one) => one.serial),
    public_key_id: merchant.publicKey?.id ?? null,
    public_key_percent: merchant.publicKeyPercent,
    fund_flow: merchant.flow,
    fee_ppm: merchant.feePpm,
    funds: Object.fromEntries(
      [mchid, ...merchant.subMchids].map((payee) => [
        payee,
        {
          unsettled_fen: ledger.balanceOf(payee, 'UNSETTLED'),
          available_fen: ledger.balanceOf(payee, 'AVAILABLE'),
          basic_fen: ledger.balanceOf(payee, 'BASIC'),
          /** Of the purse that takings go to: kept back for sharing. */
          held_fen: register.heldOf(payee, register.purseOf(merchant)),
        },
      ]),
    ),
  };
}

export function orderBooksView(order: Order) {
  const { terms, payment } = order;
  return {
    mchid: terms.mchid,
    payee: terms.payee,
    version: terms.version,
    product: terms.product,
    out_trade_no: terms.outTradeNo,
    transaction_id: payment?.transactionId ?? null,
    trade_state: tradeStateOf(order),
    amount_fen: terms.amountFen,
    description: terms.description,
    openid: payment?.openid ?? null,
    created_at: spacedTime(order.createdAt),
    payable_until: spacedTime(order.payableUntil),
    paid_at: moment(payment?.at),
    closed_at: moment(order.closedAt),
    fee_fen: payment?.feeFen ?? 0,
    fee_returned_fen: order.feeReturnedFen,
    refunded_fen: order.refundedFen,
    /** Of an order that is to be shared; what is held is in no other purse. */
    hold: order.hold ? holdView(order.hold) : null,
    prepay_id: order.offer?.prepayId ?? null,
    code: order.offer?.code ?? null,
    refunds: order.refunds.map(refundBooksView),
  };
}

function holdView(hold: Hold) {
  return {
    held_fen: hold.fen,
    pending_fen: hold.reservedFen,
    shared_fen: hold.sharedFen,
    returned_fen: hold.returnedFen,
    ended_at: moment(hold.endedAt),
  };
}

export function refundBooksView(refund: Refund) {
  return {
    out_refund_no: refund.terms.outRefundNo,
    refund_id: refund.refundId,
    amount_fen: refund.terms.amountFen,
    fee_returned_fen: refund.feeReturnedFen,
    status: refund.status,
    purse: refund.terms.purse,
    is_funded: refund.isFunded,
    created_at: spacedTime(refund.createdAt),
    success_at: moment(refund.successAt),
    by: refund.by,
  };
}

function noticeView(notice: Notice) {
  return {
    seq: notice.seq,
    version: notice.content.version,
    event: notice.event,
    mchid: notice.mchid,
    out_trade_no: notice.outTradeNo,
    out_refund_no: notice.outRefundNo ?? null,
    url: notice.url,
    state: notice.state,
    forged: notice.isForged,
    written_at: spacedTime(notice.writtenAt),
    told: notice.content.version === 'v3' ? notice.content.plain : Object.fromEntries(notice.content.pairs),
    attempts: notice.attempts.map(({ due, at, isProbe, answer }) => ({
      due_at: spacedTime(due),
      at: spacedTime(at),
      probe: isProbe,
      answer,
    })),
  };
}

function declarationView(declaration: Declaration) {
  const { terms, order } = declaration;
  return {
    out_trade_no: order.terms.outTradeNo,
    transaction_id: order.payment?.transactionId ?? null,
    customs: terms.customs,
    mch_customs_no: terms.mchCustomsNo,
    sub_order_no: terms.subOrderNo ?? null,
    sub_order_id: declaration.subOrderId ?? null,
    state: declaration.state,
    explanation: declaration.explanation,
    check: declaration.check,
    declared_fen: declaration.declaredFen,
    pushes: declaration.pushes,
    modified_at: spacedTime(declaration.modifiedAt),
    /** What no answer to the merchant tells. */
    at_port: moment(declaration.portAt),
  };
}

export type BooksFilter = {
  readonly outTradeNos?: readonly string[];
  readonly mchid?: string;
  readonly offset: number;
  readonly limit: number;
};

/** The books as JSON. With `outTradeNos` nothing else is looked at, however long the books are. */
export function booksView({ register, customs, sharing }: Rooms, filter: BooksFilter) {
  const { outTradeNos: numbers, mchid } = filter;
  const isWanted = ({ terms }: Order) =>
    (mchid === undefined || mchid === terms.mchid || mchid === terms.payee) &&
    (numbers === undefined || numbers.includes(terms.outTradeNo));
  const orders = [...register.orders.values()].filter(isWanted);
  const declarations = [...customs.declarations.values()].filter(({ order }) => isWanted(order));
  const shares = orders.flatMap((order) => sharing.ofOrder(order));
  const notices = numbers ? numbers.flatMap((no) => register.notices.ofNumber(no)) : register.notices.all;
  const end = filter.offset + filter.limit;
  return {
    merchants: [...register.merchants.values()].map((merchant) => merchantView(register, merchant)),
    counts: {
      orders: orders.length,
      declarations: declarations.length,
      shares: shares.length,
      notices: notices.length,
    },
    orders: orders.slice(filter.offset, end).map(orderBooksView),
    declarations: declarations.slice(filter.offset, end).map(declarationView),
    shares: shares.slice(filter.offset, end).map(shareBooksView),
    receivers: [...register.merchants.values()].flatMap(({ mchid, subMchids }) =>
      [mchid, ...subMchids].flatMap((payee) => sharing.relationsOf(payee).map((one) => ({ payee, ...one }))),
    ),
    notices: notices.slice(filter.offset, end).map(noticeView),
  };
}
