import { isLoopback } from '../../postman.ts';
import type { Agenda } from '../../agenda.ts';
import { fenOf, yuanOf } from '../../money.ts';
import { compactTime, spacedTime } from '../../shanghai.ts';
import type { Charset, Pairs } from '../signing.ts';
import type { OpenApiHit } from './faults.ts';
import type { OpenApiSettings } from './settings.ts';
import type { OpenApiSignType } from './signing.ts';
import type { Refund, Trade } from './types.ts';

// Notifications: Alipay open platform document "asynchronous notification".

export type NoticeEvent = 'created' | 'paid' | 'refunded' | 'closed' | 'finished';

export type Notice = {
  readonly seq: number;
  readonly notifyId: string;
  readonly event: NoticeEvent;
  readonly url: string;
  readonly appId: string;
  readonly tradeNo: string;
  readonly outTradeNo: string;
  readonly charset: Charset;
  readonly signType: OpenApiSignType;
  /** Everything but what belongs to one delivery: `notify_time` and the signature. */
  readonly fields: Pairs;
  /** Sent by somebody who has no key. */
  readonly forged: boolean;
  readonly writtenAt: number;
  readonly attempts: { readonly due: number; readonly at: number; readonly answer: string }[];
  state: 'waiting' | 'sending' | 'acknowledged' | 'given_up' | 'suppressed' | 'not_loopback';
};

export type NoticeInput = Pick<
  Notice,
  'event' | 'url' | 'appId' | 'tradeNo' | 'outTradeNo' | 'charset' | 'signType' | 'fields'
>;

/** Every notification ever written, and those whose time has come. */
export class NoticeBook {
  readonly all: Notice[] = [];
  readonly #ofNumber = new Map<string, Notice[]>();
  /** Due and not answered yet, with the moment at which each fell due. Whoever carries them reports what was answered. */
  readonly outbox = new Map<number, number>();
  #idsGiven = 0;
  readonly #agenda: Agenda;
  readonly #settings: () => OpenApiSettings;

  constructor(agenda: Agenda, settings: () => OpenApiSettings) {
    this.#agenda = agenda;
    this.#settings = settings;
  }

  ofNumber(outTradeNo: string): readonly Notice[] {
    return this.#ofNumber.get(outTradeNo) ?? [];
  }

  /** Writes one notification with the faults played on it; returns those that must arrive before the call is answered. */
  write(input: NoticeInput, hits: readonly OpenApiHit[], at: number): Notice[] {
    const played = (fault: OpenApiHit['fault']) => hits.find((hit) => hit.fault === fault)?.params;
    const notifyId = this.#newId(at);
    const wrong = played('notify_wrong_amount');
    const fields = wrong ? withOtherAmount(input.fields, wrong['amount']) : input.fields;
    if (played('never_notify')) {
      this.#enter({ ...input, fields }, notifyId, at, false).state = 'suppressed';
      return [];
    }
    const first = played('notify_before_answer');
    const late = played('notify_late');
    const lateMs = late ? (typeof late['ms'] === 'number' ? late['ms'] : 3_600_000) : 0;
    const due = first ? at : at + this.#settings().notice_ms + lateMs;
    const written: Notice[] = [];
    if (played('notify_forged')) written.push(this.#enter({ ...input, fields }, this.#newId(at), at, true));
    for (let copy = played('notify_twice') ? 2 : 1; copy > 0; copy -= 1)
      written.push(this.#enter({ ...input, fields }, notifyId, at, false));
    for (const notice of written) this.#schedule(notice, due);
    return first ? written : [];
  }

  forge(input: NoticeInput, at: number, forged: boolean): Notice {
    const notice = this.#enter(input, this.#newId(at), at, forged);
    this.#schedule(notice, at);
    return notice;
  }

  /** What the receiver said to the delivery that fell due at `due`: only the word `success` ends the repetitions. */
  answered(seq: number, due: number, answer: string, at: number): void {
    const notice = this.all[seq];
    if (!notice || this.outbox.get(seq) !== due) return;
    this.outbox.delete(seq);
    notice.attempts.push({ due, at, answer });
    const gap = this.#settings().notice_retries_ms[notice.attempts.length - 1];
    if (answer === '200 success') notice.state = 'acknowledged';
    else if (gap === undefined || notice.forged) notice.state = 'given_up';
    else this.#schedule(notice, due + gap);
  }

  #enter(input: NoticeInput, notifyId: string, at: number, forged: boolean): Notice {
    const notice: Notice = {
      ...input,
      seq: this.all.length,
      notifyId,
      forged,
      writtenAt: at,
      attempts: [],
      state: 'waiting',
    };
    this.all.push(notice);
    const ofNumber = this.#ofNumber.get(input.outTradeNo);
    if (ofNumber) ofNumber.push(notice);
    else this.#ofNumber.set(input.outTradeNo, [notice]);
    return notice;
  }

  #schedule(notice: Notice, due: number): void {
    if (!isLoopback(notice.url)) {
      notice.state = 'not_loopback';
      return;
    }
    notice.state = 'waiting';
    this.#agenda.add(due, () => {
      notice.state = 'sending';
      this.outbox.set(notice.seq, due);
    });
  }

  #newId(at: number): string {
    this.#idsGiven += 1;
    return `${compactTime(at).slice(0, 8)}00222${compactTime(at).slice(8)}${String(this.#idsGiven).padStart(15, '0')}`;
  }
}

function withOtherAmount(fields: Pairs, amount: unknown): Pairs {
  const total = fenOf(fields.find(([name]) => name === 'total_amount')?.[1] ?? '') ?? 0;
  const other = typeof amount === 'string' ? amount : yuanOf(total + 100);
  return fields.map(([name, value]) => [name, name === 'total_amount' ? other : value] as const);
}

/** What a notification says of a trade; a refund's presence marks it as one about that refund. */
export function noticeFields(trade: Trade, sellerEmail: string, refund: Refund | undefined): Pairs {
  const total = yuanOf(trade.amountFen);
  const optional: [string, string | undefined][] = [
    ['body', trade.terms.body],
    ['passback_params', trade.terms.passback],
    ['gmt_payment', trade.paidAt === undefined ? undefined : spacedTime(trade.paidAt)],
    ['gmt_close', trade.closedAt === undefined ? undefined : spacedTime(trade.closedAt)],
    ...refundFields(trade, refund),
  ];
  return [
    ['notify_type', 'trade_status_sync'],
    ['version', '1.0'],
    ['app_id', trade.appId],
    ['auth_app_id', trade.appId],
    ['trade_no', trade.tradeNo],
    ['out_trade_no', trade.terms.outTradeNo],
    ['trade_status', trade.status],
    ['seller_id', trade.terms.sellerId],
    ['seller_email', sellerEmail],
    ['buyer_id', trade.buyer.id],
    ['buyer_logon_id', trade.buyer.logonId],
    ['subject', trade.terms.subject],
    ['gmt_create', spacedTime(trade.createdAt)],
    ['total_amount', total],
    ...(trade.paidAt === undefined ? [] : paidAmounts(total)),
    ...optional.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  ];
}

function paidAmounts(total: string): Pairs {
  return [
    ['receipt_amount', total],
    ['buyer_pay_amount', total],
    ['invoice_amount', total],
    ['point_amount', '0.00'],
    ['fund_bill_list', JSON.stringify([{ amount: total, fundChannel: 'ALIPAYACCOUNT' }])],
  ];
}

/** `refund_fee` is what was refunded of the trade so far, not this refund. */
function refundFields(trade: Trade, refund: Refund | undefined): [string, string | undefined][] {
  if (!refund) return [];
  return [
    ['out_biz_no', refund.by === 'refund' ? refund.requestNo : undefined],
    ['gmt_refund', `${spacedTime(refund.at)}.${String(refund.at % 1000).padStart(3, '0')}`],
    ['refund_fee', yuanOf(trade.refundedFen)],
    ['send_back_fee', yuanOf(refund.amountFen)],
  ];
}
