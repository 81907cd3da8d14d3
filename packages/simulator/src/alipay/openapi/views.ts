import { spacedTime } from '../../shanghai.ts';
import type { Notice } from './notices.ts';
import type { Register } from './register.ts';
import { holdView, shareBooksView } from './settle-views.ts';
import type { App, Offer, Refund, Trade } from './types.ts';

export type OpenApiFilter = {
  readonly outTradeNos?: readonly string[];
  readonly sellerId?: string;
  readonly offset: number;
  readonly limit: number;
};

const moment = (ms: number | undefined): string | null => (ms === undefined ? null : spacedTime(ms));

export function appView(register: Register, app: App) {
  return {
    app_id: app.appId,
    seller_id: app.sellerId,
    mode: app.certificates ? 'certificate' : 'key',
    fee_ppm: app.feePpm,
    fee_returned: app.feeReturned,
    balance_fen: register.balanceOf(app.sellerId),
    /** Of that: frozen until it is shared. */
    held_fen: register.heldOf(app.sellerId),
  };
}

export function tradeView({ royalties }: Register, trade: Trade) {
  return {
    app_id: trade.appId,
    seller_id: trade.terms.sellerId,
    trade_no: trade.tradeNo,
    out_trade_no: trade.terms.outTradeNo,
    method: trade.call.method,
    trade_status: trade.status,
    amount_fen: trade.amountFen,
    subject: trade.terms.subject,
    buyer_id: trade.buyer.id,
    created_at: spacedTime(trade.createdAt),
    expires_at: spacedTime(trade.expiresAt),
    paid_at: moment(trade.paidAt),
    closed_at: moment(trade.closedAt),
    fee_fen: trade.feeFen,
    fee_returned_fen: trade.feeReturnedFen,
    refunded_fen: trade.refundedFen,
    refunds: [...trade.refunds.values()].map(refundView),
    hold: holdView(trade, royalties.ofTrade(trade)),
  };
}

function refundView(refund: Refund) {
  return {
    out_request_no: refund.requestNo,
    amount_fen: refund.amountFen,
    fee_returned_fen: refund.feeReturnedFen,
    at: spacedTime(refund.at),
    by: refund.by,
  };
}

function offerView(offer: Offer) {
  return {
    code: offer.code,
    kind: offer.kind,
    out_trade_no: offer.terms.outTradeNo,
    amount_fen: offer.terms.amountFen,
    opened_at: spacedTime(offer.openedAt),
    ends_at: moment(offer.endsAt),
  };
}

function noticeView(notice: Notice) {
  return {
    seq: notice.seq,
    notify_id: notice.notifyId,
    event: notice.event,
    out_trade_no: notice.outTradeNo,
    trade_no: notice.tradeNo,
    url: notice.url,
    state: notice.state,
    forged: notice.forged,
    written_at: spacedTime(notice.writtenAt),
    fields: Object.fromEntries(notice.fields),
    attempts: notice.attempts.map(({ due, at, answer }) => ({ due_at: spacedTime(due), at: spacedTime(at), answer })),
  };
}

/** The books as JSON. With `outTradeNos` nothing else is looked at, however long the books are. */
export function openApiBooksView(register: Register, filter: OpenApiFilter) {
  const sellers = filter.sellerId === undefined ? [...register.balances.keys()] : [filter.sellerId];
  const numbers = filter.outTradeNos;
  const end = filter.offset + filter.limit;
  const trades = numbers
    ? sellers.flatMap((seller) => numbers.flatMap((no) => register.tradesOfNumber(seller, no)))
    : [...register.trades.values()].filter((trade) => sellers.includes(trade.terms.sellerId));
  const shares = trades.flatMap((trade) => register.royalties.ofTrade(trade));
  const offers = numbers
    ? sellers.flatMap((seller) => numbers.flatMap((no) => register.offersOfNumber(seller, no)))
    : [...register.offers.values()].filter((offer) => sellers.includes(offer.terms.sellerId));
  const notices = numbers ? numbers.flatMap((no) => register.notices.ofNumber(no)) : register.notices.all;
  return {
    apps: [...register.apps.values()].map((app) => appView(register, app)),
    counts: { trades: trades.length, offers: offers.length, shares: shares.length, notices: notices.length },
    trades: trades.slice(filter.offset, end).map((trade) => tradeView(register, trade)),
    shares: shares.slice(filter.offset, end).map(shareBooksView),
    receivers: sellers.flatMap((payee) =>
      register.royalties.boundTo(payee).map(({ type, account }) => ({ payee, type, account })),
    ),
    offers: offers.slice(filter.offset, end).map(offerView),
    notices: notices.slice(filter.offset, end).map(noticeView),
  };
}

/** One day of the statement (UTC+8), or all of them. */
export function statementView(register: Register, date: string | undefined, sellerId: string | undefined) {
  const days = date === undefined ? [...register.statement] : [[date, register.statement.get(date) ?? []] as const];
  return days.map(([day, all]) => {
    const rows = sellerId === undefined ? all : all.filter((row) => row.seller_id === sellerId);
    const sum = (kind: string) =>
      rows.filter((row) => row.kind === kind).reduce((total, row) => total + row.amount_fen, 0);
    return {
      date: day,
      payments: rows.filter((row) => row.kind === 'payment').length,
      paid_fen: sum('payment'),
      refunds: rows.filter((row) => row.kind === 'refund').length,
      refunded_fen: sum('refund'),
      shared_fen: sum('share'),
      share_returned_fen: sum('share_return'),
      fee_fen: rows.reduce((total, row) => total + row.fee_fen, 0),
      rows: rows.map((row) => ({ ...row, at: spacedTime(row.at) })),
    };
  });
}
