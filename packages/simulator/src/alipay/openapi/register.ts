import type { Agenda } from '../../agenda.ts';
import { compactTime, spacedTime } from '../../shanghai.ts';
import { OpenApiFaults } from './faults.ts';
import type { OpenApiHit, OpenApiOccasion } from './faults.ts';
import { feeOf, feeShare } from './money.ts';
import { NoticeBook, noticeFields } from './notices.ts';
import type { Notice, NoticeEvent } from './notices.ts';
import { RoyaltyBook } from './royalty-book.ts';
import type { BackWish } from './royalty-types.ts';
import type { OpenApiSettings } from './settings.ts';
import { fieldsIn, word } from './terms.ts';
import type { App, Buyer, Offer, OpenApiCall, Refund, StatementRow, Terms, Trade } from './types.ts';

/** What the payer's code does when a shop scans it. */
export type PayCode = {
  readonly does: 'pay' | 'ask' | 'refuse';
  readonly afterMs: number | undefined;
  readonly subCode: string;
  readonly buyer: Buyer;
};

export const defaultBuyer: Buyer = { id: '2088102122524333', logonId: '159****5620' };

const openingBalanceFen = 100_000_000;

/** Alipay's side of the OpenAPI: applications, offers, trades, money and notifications, and the only ways in which they change. */
export class Register {
  readonly apps = new Map<string, App>();
  readonly balances = new Map<string, number>();
  readonly offers = new Map<string, Offer>();
  readonly #offersOf = new Map<string, Offer[]>();
  readonly trades = new Map<string, Trade>();
  /** Trades of one number; the first is the one the number means. A second exists only by a fault. */
  readonly #tradesOf = new Map<string, Trade[]>();
  readonly #killed = new Set<string>();
  readonly payCodes = new Map<string, PayCode>();
  readonly usedCodes = new Map<string, string>();
  readonly statement = new Map<string, StatementRow[]>();
  readonly royalties = new RoyaltyBook();
  /** Frozen by payments, by seller: in the balance, and not to be used. */
  readonly #held = new Map<string, number>();
  readonly faults = new OpenApiFaults();
  readonly notices: NoticeBook;
  readonly settings: () => OpenApiSettings;
  readonly agenda: Agenda;
  /** Written while one command runs: those must arrive before the command is answered. */
  beforeAnswer: Notice[] = [];
  /** Counts changes, so that a call which changed nothing need not be written down. */
  revision = 0;

  constructor(agenda: Agenda, settings: () => OpenApiSettings) {
    this.agenda = agenda;
    this.settings = settings;
    this.notices = new NoticeBook(agenda, settings);
  }

  addApp(app: App): void {
    this.revision += 1;
    this.apps.set(app.appId, app);
    if (!this.balances.has(app.sellerId)) this.balances.set(app.sellerId, openingBalanceFen);
  }

  balanceOf(sellerId: string): number {
    return this.balances.get(sellerId) ?? 0;
  }

  setBalance(sellerId: string, fen: number): void {
    this.revision += 1;
    this.balances.set(sellerId, fen);
  }

  play(occasion: OpenApiOccasion): OpenApiHit[] {
    const before = this.faults.seen;
    const hits = this.faults.play(occasion);
    if (this.faults.seen !== before) this.revision += 1;
    return hits;
  }

  appOf(trade: Trade): App {
    const app = this.apps.get(trade.appId);
    if (!app) throw new Error(`trade ${trade.tradeNo} belongs to no app`);
    return app;
  }

  tradeOf(sellerId: string, outTradeNo: string): Trade | undefined {
    return this.tradesOfNumber(sellerId, outTradeNo)[0];
  }

  tradesOfNumber(sellerId: string, outTradeNo: string): readonly Trade[] {
    return this.#tradesOf.get(numberKey(sellerId, outTradeNo)) ?? [];
  }

  offersOfNumber(sellerId: string, outTradeNo: string): readonly Offer[] {
    return this.#offersOf.get(numberKey(sellerId, outTradeNo)) ?? [];
  }

  addOffer(input: Omit<Offer, 'code'>): Offer {
    this.revision += 1;
    const code = `${input.kind}${String(this.offers.size + 1).padStart(8, '0')}`;
    const offer = { ...input, code };
    this.offers.set(code, offer);
    const key = numberKey(offer.terms.sellerId, offer.terms.outTradeNo);
    const before = this.#offersOf.get(key);
    if (before) before.push(offer);
    else this.#offersOf.set(key, [offer]);
    return offer;
  }

  /** No code of this number can be opened any more. */
  kill(sellerId: string, outTradeNo: string): void {
    this.revision += 1;
    for (const offer of this.offersOfNumber(sellerId, outTradeNo)) this.#killed.add(offer.code);
  }

  isKilled(offer: Offer): boolean {
    return this.#killed.has(offer.code);
  }

  /** A trade comes into being. `first`: the number means this one from now on. */
  bear(
    call: OpenApiCall,
    terms: Terms,
    expiresAt: number,
    at: number,
    more: { readonly authCode?: string; readonly buyer?: Buyer; readonly first?: boolean },
  ): Trade {
    this.revision += 1;
    const trade: Trade = {
      tradeNo: `${compactTime(at).slice(0, 8)}2200140001${String(this.trades.size + 1).padStart(10, '0')}`,
      terms,
      amountFen: terms.amountFen,
      appId: call.appId,
      call,
      createdAt: at,
      expiresAt,
      authCode: more.authCode,
      status: 'WAIT_BUYER_PAY',
      buyer: more.buyer ?? defaultBuyer,
      paidAt: undefined,
      closedAt: undefined,
      feeFen: 0,
      feeReturnedFen: 0,
      refundedFen: 0,
      refunds: new Map(),
      royalty: {
        isFrozen: word(fieldsIn(call.biz, 'extend_params'), 'royalty_freeze') === 'true',
        heldFen: 0,
        reservedFen: 0,
        sharedFen: 0,
        mode: undefined,
        finishedAt: undefined,
        releasedAt: undefined,
      },
    };
    this.trades.set(trade.tradeNo, trade);
    const key = numberKey(terms.sellerId, terms.outTradeNo);
    const others = this.#tradesOf.get(key) ?? [];
    this.#tradesOf.set(key, more.first === false ? [...others, trade] : [trade, ...others]);
    this.agenda.add(expiresAt, (due) => {
      if (trade.status === 'WAIT_BUYER_PAY') this.close(trade, due);
    });
    if (this.appOf(trade).notify.created) this.#tell(trade, 'created', at, undefined);
    return trade;
  }

  pay(trade: Trade, buyer: Buyer, at: number): void {
    if (trade.status !== 'WAIT_BUYER_PAY') throw new Error(`trade ${trade.tradeNo} cannot be paid: ${trade.status}`);
    this.revision += 1;
    const app = this.appOf(trade);
    trade.status = 'TRADE_SUCCESS';
    trade.paidAt = at;
    trade.buyer = buyer;
    trade.feeFen = feeOf(trade.amountFen, app.feePpm);
    this.#move(trade, 'payment', trade.amountFen, -trade.feeFen, at, undefined);
    if (trade.royalty.isFrozen) this.#freeze(trade, trade.amountFen - trade.feeFen, at);
    this.agenda.add(at + app.refundWindowMs, (due) => this.#finish(trade, due));
    this.#tell(trade, 'paid', at, undefined);
  }

  /** By itself it is released when the time for sharing is over. */
  #freeze(trade: Trade, fen: number, at: number): void {
    this.changeHeld(trade, fen);
    this.agenda.add(at + this.settings().royalty_freeze_ms, (due) => {
      if (trade.royalty.releasedAt === undefined) this.release(trade, undefined, due);
    });
  }

  /** More or less of this trade's money is frozen. */
  changeHeld(trade: Trade, fen: number): void {
    const { sellerId } = trade.terms;
    trade.royalty.heldFen += fen;
    this.#held.set(sellerId, this.heldOf(sellerId) + fen);
  }

  heldOf(sellerId: string): number {
    return this.#held.get(sellerId) ?? 0;
  }

  freeOf(sellerId: string): number {
    return this.balanceOf(sellerId) - this.heldOf(sellerId);
  }

  /** What no receiver is to get is the seller's to use, wholly or in part. Returns how much that was. */
  release(trade: Trade, partFen: number | undefined, at: number): number {
    this.revision += 1;
    const { royalty } = trade;
    const rest = royalty.heldFen - royalty.reservedFen;
    const fen = Math.min(rest, partFen ?? rest);
    if (partFen === undefined) royalty.releasedAt = at;
    this.changeHeld(trade, -fen);
    return fen;
  }

  /** To a receiver, or from him. */
  moveRoyalty(trade: Trade, fen: number, at: number, requestNo: string): void {
    this.#move(trade, fen < 0 ? 'share' : 'share_return', fen, 0, at, requestNo);
  }

  close(trade: Trade, at: number): void {
    this.revision += 1;
    trade.status = 'TRADE_CLOSED';
    trade.closedAt = at;
    if (this.appOf(trade).notify.closed) this.#tell(trade, 'closed', at, undefined);
  }

  /** Money goes back. False when the seller has not enough; nothing has happened then. */
  refund(
    trade: Trade,
    amountFen: number,
    refund: Pick<Refund, 'requestNo' | 'reason' | 'by'> & { readonly backs: readonly BackWish[] },
    at: number,
  ): boolean {
    const app = this.appOf(trade);
    const refunded = trade.refundedFen + amountFen;
    const isFeeReturned = app.feeReturned || refund.by === 'cancel';
    const share = isFeeReturned ? feeShare(trade.feeFen, refunded, trade.amountFen) - trade.feeReturnedFen : 0;
    const feeBack = Math.max(0, share);
    const { backs, ...said } = refund;
    const own = amountFen - feeBack - backs.reduce((sum, back) => sum + back.amountFen, 0);
    const rest = trade.royalty.heldFen - trade.royalty.reservedFen;
    if (this.freeOf(trade.terms.sellerId) + rest < own) return false;
    this.revision += 1;
    trade.refundedFen = refunded;
    trade.feeReturnedFen += feeBack;
    this.#takeBack(trade, backs, refund.requestNo, at);
    this.changeHeld(trade, -Math.max(0, Math.min(rest, own)));
    const entry: Refund = { ...said, amountFen, feeReturnedFen: feeBack, at };
    trade.refunds.set(refund.requestNo, entry);
    if (refunded === trade.amountFen) {
      trade.status = 'TRADE_CLOSED';
      trade.closedAt = at;
    }
    this.#move(trade, 'refund', -amountFen, feeBack, at, refund.requestNo);
    this.#tell(trade, 'refunded', at, entry);
    return true;
  }

  #takeBack(trade: Trade, backs: readonly BackWish[], refundNo: string, at: number): void {
    for (const { request, part, amountFen } of backs) {
      this.royalties.takeBack(request, { part, amountFen, refundNo, at });
      this.moveRoyalty(trade, amountFen, at, refundNo);
    }
  }

  #finish(trade: Trade, at: number): void {
    if (trade.status !== 'TRADE_SUCCESS') return;
    trade.status = 'TRADE_FINISHED';
    if (this.appOf(trade).notify.finished) this.#tell(trade, 'finished', at, undefined);
  }

  #move(
    trade: Trade,
    kind: StatementRow['kind'],
    amountFen: number,
    feeFen: number,
    at: number,
    requestNo: string | undefined,
  ): void {
    const balance = this.balanceOf(trade.terms.sellerId) + amountFen + feeFen;
    this.balances.set(trade.terms.sellerId, balance);
    const row: StatementRow = {
      at,
      kind,
      seller_id: trade.terms.sellerId,
      app_id: trade.appId,
      trade_no: trade.tradeNo,
      out_trade_no: trade.terms.outTradeNo,
      ...(requestNo === undefined ? {} : { out_request_no: requestNo }),
      amount_fen: amountFen,
      fee_fen: feeFen,
      balance_fen: balance,
    };
    const date = spacedTime(at).slice(0, 10);
    const rows = this.statement.get(date);
    if (rows) rows.push(row);
    else this.statement.set(date, [row]);
  }

  /** To the address that the payment call named; a trade without one is told to nobody. */
  #tell(trade: Trade, event: NoticeEvent, at: number, refund: Refund | undefined): void {
    const url = trade.call.notifyUrl;
    if (url === undefined) return;
    const outTradeNo = trade.terms.outTradeNo;
    const hits = this.play({
      method: 'notify',
      appId: trade.appId,
      outTradeNo,
      tradeNo: trade.tradeNo,
      outRequestNo: refund?.requestNo,
      event,
    });
    const { charset, signType } = trade.call;
    const fields = noticeFields(trade, this.appOf(trade).sellerEmail, refund);
    const input = { event, url, appId: trade.appId, tradeNo: trade.tradeNo, outTradeNo, charset, signType, fields };
    this.beforeAnswer.push(...this.notices.write(input, hits, at));
  }
}

function numberKey(sellerId: string, outTradeNo: string): string {
  return `${sellerId}|${outTradeNo}`;
}
