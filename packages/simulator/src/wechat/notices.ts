import { isLoopback } from '../postman.ts';
import type { Agenda } from '../agenda.ts';
import type { Fields } from '../input.ts';
import { playedOf } from './faults.ts';
import type { Hit } from './faults.ts';
import type { Settings } from './settings.ts';
import type { V2Pairs } from './v2-signing.ts';

// Callbacks: WeChat Pay merchant documents "payment notice" and "refund notice", APIv3 and v2.

export type NoticeEvent = 'paid' | 'refunded' | 'refund_abnormal' | 'refund_closed' | 'shared' | 'share_returned';

/** What is told: for APIv3 the object that will be sealed, for v2 the fields (of a refund notice those inside `req_info`). */
export type NoticeInput = {
  readonly event: NoticeEvent;
  readonly url: string;
  readonly mchid: string;
  readonly outTradeNo: string;
  readonly transactionId: string;
  readonly outRefundNo: string | undefined;
  readonly content:
    | { readonly version: 'v3'; readonly plain: Fields }
    | { readonly version: 'v2'; readonly pairs: V2Pairs; readonly appid: string };
};

export type Attempt = { readonly due: number; readonly at: number; readonly isProbe: boolean; readonly answer: string };

export type Notice = NoticeInput & {
  readonly seq: number;
  readonly writtenAt: number;
  /** Signed by somebody who has no key. */
  readonly isForged: boolean;
  /** With a timestamp that is too old; without associated data. */
  readonly isStale: boolean;
  readonly hasNoAad: boolean;
  /** The next delivery carries a signature that is wrong on purpose. */
  isProbeNext: boolean;
  readonly attempts: Attempt[];
  state: 'waiting' | 'sending' | 'acknowledged' | 'given_up' | 'suppressed' | 'not_loopback';
};

/** Every callback ever written, and those whose time has come. */
export class NoticeBook {
  readonly all: Notice[] = [];
  readonly #ofNumber = new Map<string, Notice[]>();
  /** Due and not answered yet, with the moment at which each fell due. Whoever carries them reports what was answered. */
  readonly outbox = new Map<number, number>();
  readonly #agenda: Agenda;
  readonly #settings: () => Settings;

  constructor(agenda: Agenda, settings: () => Settings) {
    this.#agenda = agenda;
    this.#settings = settings;
  }

  ofNumber(outTradeNo: string): readonly Notice[] {
    return this.#ofNumber.get(outTradeNo) ?? [];
  }

  /** Writes one callback with the faults played on it; returns those that must arrive before the call is answered. */
  write(input: NoticeInput, hits: readonly Hit[], at: number): Notice[] {
    const wrong = playedOf(hits, 'notify_wrong_amount');
    const told = wrong ? withOtherAmount(input, wrong['amount_fen']) : input;
    if (playedOf(hits, 'never_notify')) {
      this.#enter(told, at, {}).state = 'suppressed';
      return [];
    }
    const isFirst = playedOf(hits, 'notify_before_answer') !== undefined;
    const late = playedOf(hits, 'notify_late');
    const lateMs = late ? (typeof late['ms'] === 'number' ? late['ms'] : 3_600_000) : 0;
    const due = isFirst ? at : at + this.#settings().notice_ms + lateMs;
    const written: Notice[] = [];
    if (playedOf(hits, 'notify_forged')) written.push(this.#enter(told, at, { isForged: true }));
    const manner = {
      isStale: playedOf(hits, 'notify_stale') !== undefined,
      hasNoAad: playedOf(hits, 'notify_empty_aad') !== undefined,
      isProbeNext: playedOf(hits, 'notify_probe') !== undefined,
    };
    for (let copy = playedOf(hits, 'notify_twice') ? 2 : 1; copy > 0; copy -= 1)
      written.push(this.#enter(told, at, manner));
    for (const notice of written) this.#schedule(notice, due);
    return isFirst ? written : [];
  }

  forge(input: NoticeInput, at: number, isForged: boolean): Notice {
    const notice = this.#enter(input, at, { isForged });
    this.#schedule(notice, at);
    return notice;
  }

  /**
   * What the receiver said to the delivery that fell due at `due`. After a probe the true callback follows, whatever was said:
   * whoever took the probe has not verified.
   */
  answered(seq: number, due: number, answer: string, at: number): void {
    const notice = this.all[seq];
    if (!notice || this.outbox.get(seq) !== due) return;
    this.outbox.delete(seq);
    const isProbe = notice.isProbeNext;
    notice.attempts.push({ due, at, isProbe, answer });
    notice.isProbeNext = false;
    const retries = this.#settings().notice_retries_ms;
    const gap = isProbe ? retries[0] : retries[notice.attempts.filter((one) => !one.isProbe).length - 1];
    if (!isProbe && isAccepted(notice, answer)) notice.state = 'acknowledged';
    else if (gap === undefined || notice.isForged) notice.state = 'given_up';
    else this.#schedule(notice, due + gap);
  }

  #enter(input: NoticeInput, at: number, manner: Partial<Notice>): Notice {
    const seq = this.all.length;
    const every = this.#settings().probe_every;
    const notice: Notice = {
      ...input,
      seq,
      writtenAt: at,
      isForged: manner.isForged ?? false,
      isStale: manner.isStale ?? false,
      hasNoAad: manner.hasNoAad ?? false,
      isProbeNext: manner.isProbeNext === true || (every > 0 && (seq + 1) % every === 0),
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
}

/** APIv3 reads the status alone; v2 wants its word inside. */
function isAccepted(notice: Notice, answer: string): boolean {
  if (notice.content.version === 'v3') return /^20[04]\b/.test(answer);
  return /^200 /.test(answer) && /<return_code>\s*(<!\[CDATA\[)?SUCCESS/.test(answer);
}

function withOtherAmount(input: NoticeInput, fen: unknown): NoticeInput {
  const { content } = input;
  if (content.version === 'v2') {
    const pairs = content.pairs.map(([name, value]) => {
      const other = typeof fen === 'number' ? fen : Number(value) + 100;
      return [name, name === 'total_fee' ? String(other) : value] as const;
    });
    return { ...input, content: { ...content, pairs } };
  }
  const receiver = content.plain['receiver'] as Fields | undefined;
  if (receiver) {
    const other = typeof fen === 'number' ? fen : Number(receiver['amount']) + 100;
    return { ...input, content: { ...content, plain: { ...content.plain, receiver: { ...receiver, amount: other } } } };
  }
  const amount = content.plain['amount'] as Fields;
  const total = typeof fen === 'number' ? fen : Number(amount['total']) + 100;
  return { ...input, content: { ...content, plain: { ...content.plain, amount: { ...amount, total } } } };
}
