import type { Agenda } from '../agenda.ts';
import { yuanOf } from '../money.ts';
import { compactTime } from '../shanghai.ts';
import { Faults } from './faults.ts';
import type { Hit, Occasion } from './faults.ts';
import { feeOf } from './fees.ts';
import { Ledger } from './ledger.ts';
import { NoticeBook } from './notices.ts';
import type { Notice } from './notices.ts';
import { initialSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { lot } from './signing.ts';
import { compactDate } from './times.ts';
import type { Hold, Merchant, Offer, Order, Purse, Refund, RefundTerms, Terms } from './types.ts';

/** What the payer's code does when a shop scans it. */
export type PayCode = {
  readonly does: 'pay' | 'ask' | 'refuse';
  readonly afterMs: number | undefined;
  readonly errCode: string;
  readonly openid: string;
};

export type Payer = { readonly openid: string; readonly bankType: string };

export const defaultPayer: Payer = { openid: 'oSimulatedPayer000000000001', bankType: 'OTHERS' };

/** WeChat's side: merchants, orders, offers, money and refunds, and the only ways in which they come into being. */
export class Register {
  readonly merchants = new Map<string, Merchant>();
  readonly orders = new Map<string, Order>();
  readonly offers = new Map<string, Offer>();
  readonly #ofNumber = new Map<string, Order[]>();
  readonly transactions = new Map<string, Order>();
  /** By `payee|out_refund_no`. */
  readonly refunds = new Map<string, Refund>();
  readonly refundsById = new Map<string, Refund>();
  readonly payCodes = new Map<string, PayCode>();
  readonly usedCodes = new Map<string, string>();
  readonly ledger = new Ledger();
  /** Kept back for sharing, by `payee|purse`. */
  readonly #held = new Map<string, number>();
  readonly faults = new Faults();
  readonly notices: NoticeBook;
  readonly agenda: Agenda;
  settings: Settings = initialSettings;
  /** Written while one command runs: those must arrive before the command is answered. */
  beforeAnswer: Notice[] = [];
  /** Counts changes, so that a call which changed nothing need not be written down. */
  revision = 0;

  constructor(agenda: Agenda) {
    this.agenda = agenda;
    this.notices = new NoticeBook(agenda, () => this.settings);
  }

  play(occasion: Occasion): Hit[] {
    const before = this.faults.seen;
    const hits = this.faults.play(occasion);
    if (this.faults.seen !== before) this.revision += 1;
    return hits;
  }

  merchantOf(order: Order): Merchant {
    const merchant = this.merchants.get(order.terms.mchid);
    if (!merchant) throw new Error(`order ${order.terms.outTradeNo} belongs to no merchant`);
    return merchant;
  }

  orderOf(payee: string, outTradeNo: string): Order | undefined {
    return this.orders.get(`${payee}|${outTradeNo}`);
  }

  /** Orders of all merchants under one number. */
  ordersOfNumber(outTradeNo: string): readonly Order[] {
    return this.#ofNumber.get(outTradeNo) ?? [];
  }

  refundOf(payee: string, outRefundNo: string): Refund | undefined {
    return this.refunds.get(`${payee}|${outRefundNo}`);
  }

  open(terms: Terms, at: number, authCode: string | undefined): Order {
    this.revision += 1;
    const order: Order = {
      terms,
      createdAt: at,
      payableUntil: terms.expiresAt ?? at + this.settings.pay_within_ms,
      authCode,
      state: 'NOTPAY',
      offer: undefined,
      payment: undefined,
      closedAt: undefined,
      refundedFen: 0,
      feeReturnedFen: 0,
      lastRefundAt: undefined,
      hold: undefined,
      refunds: [],
    };
    this.orders.set(`${terms.payee}|${terms.outTradeNo}`, order);
    this.#ofNumber.set(terms.outTradeNo, [...this.ordersOfNumber(terms.outTradeNo), order]);
    return order;
  }

  /** A fresh way to the cashier. The one before it stops working. */
  makeOffer(order: Order, at: number): Offer {
    this.revision += 1;
    const n = this.offers.size + 1;
    const lives = order.terms.product === 'MWEB' ? this.settings.h5_lives_ms : this.settings.prepay_lives_ms;
    const offer: Offer = {
      code: `${lot(`code ${n}`, 4)}${n.toString(36).padStart(5, '0')}`,
      prepayId: `wx${compactTime(at)}${lot(`prepay ${n}`, 20)}`,
      order,
      endsAt: at + lives,
    };
    this.offers.set(offer.code, offer);
    this.offers.set(offer.prepayId, offer);
    order.offer = offer;
    return offer;
  }

  /** The purse that takings go to. */
  purseOf(merchant: Merchant): Purse {
    return merchant.flow === 'old' ? 'UNSETTLED' : 'BASIC';
  }

  pay(order: Order, payer: Payer, at: number): void {
    if (order.state !== 'NOTPAY' && order.state !== 'USERPAYING')
      throw new Error(`order ${order.terms.outTradeNo} cannot be paid: ${order.state}`);
    this.revision += 1;
    const merchant = this.merchantOf(order);
    const { payee, outTradeNo, amountFen } = order.terms;
    const transactionId = `4200001234${compactDate(at)}${String(this.transactions.size + 1).padStart(10, '0')}`;
    const feeFen = feeOf(amountFen, merchant.feePpm);
    order.state = 'SUCCESS';
    order.payment = { transactionId, at, openid: payer.openid, bankType: payer.bankType, feeFen };
    this.transactions.set(transactionId, order);
    const remark = `结算总金额 ${yuanOf(amountFen)} 元;含手续费 ${yuanOf(feeFen)} 元`;
    const common = {
      at,
      payee,
      purse: this.purseOf(merchant),
      businessNo: transactionId,
      voucherNo: outTradeNo,
      remark,
    };
    this.ledger.move({ ...common, name: '交易', type: '交易', fen: amountFen });
    this.ledger.move({ ...common, name: '交易', type: '扣除交易手续费', fen: -feeFen });
    this.ledger.record({ at, kind: 'payment', order, refund: undefined });
    if (order.terms.isShared) this.#holdBack(order, amountFen - feeFen, at);
  }

  /** Kept until it is shared or released; by itself it is released when the time for sharing is over. */
  #holdBack(order: Order, fen: number, at: number): void {
    const hold: Hold = { fen: 0, reservedFen: 0, sharedFen: 0, returnedFen: 0, endedAt: undefined };
    order.hold = hold;
    this.changeHeld(order, hold, fen);
    this.agenda.add(at + this.settings.share_within_ms, (due) => this.release(order, hold, due));
  }

  /** What nobody is to get is the merchant's to use. */
  release(order: Order, hold: Hold, at: number): void {
    if (hold.endedAt !== undefined) return;
    this.revision += 1;
    hold.endedAt = at;
    this.changeHeld(order, hold, hold.reservedFen - hold.fen);
  }

  /** More or less of this order's money is kept back. */
  changeHeld(order: Order, hold: Hold, fen: number): void {
    hold.fen += fen;
    const key = `${order.terms.payee}|${this.purseOf(this.merchantOf(order))}`;
    this.#held.set(key, (this.#held.get(key) ?? 0) + fen);
  }

  /** Kept back in this purse, over all orders. */
  heldOf(payee: string, purse: Purse): number {
    return this.#held.get(`${payee}|${purse}`) ?? 0;
  }

  /** What a refund of this order can take: what is free, and what is kept of this very order for nobody. */
  takeableFor(order: Order, purse: Purse): number {
    const own =
      order.hold && purse === this.purseOf(this.merchantOf(order)) ? order.hold.fen - order.hold.reservedFen : 0;
    return this.ledger.balanceOf(order.terms.payee, purse) - this.heldOf(order.terms.payee, purse) + own;
  }

  close(order: Order, at: number): void {
    this.revision += 1;
    order.state = 'CLOSED';
    order.closedAt = at;
  }

  /** Accepted; whether the money moves, and what becomes of it, is told by the caller. */
  openRefund(order: Order, terms: RefundTerms, by: Refund['by'], at: number): Refund {
    this.revision += 1;
    const refund: Refund = {
      refundId: `5030000001${compactDate(at)}${String(this.refundsById.size + 1).padStart(11, '0')}`,
      terms,
      order,
      createdAt: at,
      status: 'PROCESSING',
      successAt: undefined,
      isFunded: false,
      feeReturnedFen: 0,
      heldFen: 0,
      receivedBy: '支付用户零钱',
      by,
    };
    this.refunds.set(`${order.terms.payee}|${terms.outRefundNo}`, refund);
    this.refundsById.set(refund.refundId, refund);
    order.refunds.push(refund);
    order.refundedFen += terms.amountFen;
    order.lastRefundAt = at;
    this.ledger.record({ at, kind: by === 'reversal' ? 'reversal' : 'refund', order, refund });
    return refund;
  }
}
