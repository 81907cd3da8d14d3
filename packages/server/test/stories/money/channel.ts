import { CNY, plus } from '../../../src/kernel/index.ts';
import type { Instant } from '../../../src/kernel/index.ts';
import type { SendLimits, Sent, WireRequest } from '../../../src/platform/transport.ts';
import type { StoryClock } from '../clock.ts';
import type { Asked } from './connector.ts';
import type { CallFault, MoneyOperation } from './story.ts';

/** `unborn`: nobody has opened the cashier or scanned the code yet, so the channel knows no trade. */
export type Trade = {
  readonly serialNo: string;
  readonly tradeNo: string;
  readonly minor: number;
  readonly deadlineAt: number;
  readonly channel: string;
  state: 'unborn' | 'open' | 'paid' | 'closed';
  paidAt: number;
  /** Cancelled after it was paid: the channel gave all of it back by itself. */
  gaveBack: boolean;
  readonly refunds: { readonly no: string; readonly minor: number }[];
  /** A payer's code, which is charged at once. */
  isCharged: boolean;
  /** First calls that arrived. */
  submits: number;
};

type Said = { readonly outcome: object; readonly trust: 'verified' | 'none'; readonly isAbsent?: true };

const slowMs = 4000;
const lateMs = 25_000;
const signed = (outcome: object): Said => ({ outcome, trust: 'verified' });
const rejected = (code: string): Said => signed({ kind: 'rejected', code, text: code });
const doubt = (why: string): object => ({ kind: 'in_doubt', why });

/**
 * The channel's books and rules as the channel's documents give them, written apart from the product: one number is one trade, the first
 * payment wins, a closed trade is not paid (but for a bank's late page), refunds never exceed what was paid.
 */
export class MoneyChannel {
  readonly trades = new Map<string, Trade>();
  readonly #clock: StoryClock;
  readonly #faults = new Map<string, CallFault[]>();
  readonly #channelOf: (serialNo: string) => string;
  calls = 0;

  constructor(clock: StoryClock, channelOf: (serialNo: string) => string) {
    this.#clock = clock;
    this.#channelOf = channelOf;
  }

  disturb(serialNo: string, on: MoneyOperation, how: CallFault): void {
    const key = `${serialNo}/${on}`;
    this.#faults.set(key, [...(this.#faults.get(key) ?? []), how]);
  }

  heal(): void {
    this.#faults.clear();
  }

  /** The trade of a number; what the payer brings when he opens the cashier are the terms of the frozen request. */
  tradeOf(serialNo: string, terms?: { readonly minor: number; readonly deadlineAt: number }): Trade | undefined {
    const known = this.trades.get(serialNo);
    if (known) this.#expire(known);
    if (known || !terms) return known;
    const trade: Trade = {
      ...{ serialNo, ...terms, tradeNo: `T${serialNo}`, channel: this.#channelOf(serialNo) },
      ...{ state: 'unborn', paidAt: 0, gaveBack: false, refunds: [], submits: 0, isCharged: false },
    };
    this.trades.set(serialNo, trade);
    return trade;
  }

  open(trade: Trade): void {
    if (trade.state === 'unborn' && this.#clock.now() < trade.deadlineAt) trade.state = 'open';
  }

  pay(trade: Trade): boolean {
    this.#expire(trade);
    this.open(trade);
    if (trade.state !== 'open') return false;
    this.#settle(trade);
    return true;
  }

  /** A bank's page ends after the trade was closed. */
  payLate(trade: Trade): boolean {
    this.#expire(trade);
    if (trade.state !== 'closed' || trade.gaveBack) return false;
    this.#settle(trade);
    return true;
  }

  #settle(trade: Trade): void {
    trade.state = 'paid';
    trade.paidAt = this.#clock.now();
  }

  #expire(trade: Trade): void {
    if (trade.state === 'open' && this.#clock.now() >= trade.deadlineAt) trade.state = 'closed';
  }

  async send(request: WireRequest, limits: SendLimits): Promise<Sent> {
    const asked = JSON.parse(Buffer.from(request.body ?? []).toString()) as Asked;
    const sentAt = this.#clock.now();
    const how = this.#faultOf(asked);
    this.calls += 1;
    if (how === 'unsent') return { kind: 'unsent', why: 'refused' };
    if (how === 'unsigned') return this.#answer(forged(asked), sentAt);
    if (how === 'lost' || how === 'answer_lost' || how === 'late') {
      if (how === 'answer_lost') this.#act(asked, undefined);
      if (how === 'late')
        this.#clock.sleep(this.#clock.world, plus(sentAt, lateMs), () => void this.#act(asked, undefined));
      await this.#clock.world.rest(plus(sentAt, limits.timeoutMs));
      return { kind: 'silent', why: 'no answer', sentAt, ms: limits.timeoutMs };
    }
    const said = this.#act(asked, how);
    if (how === 'slow') await this.#clock.world.rest(plus(sentAt, slowMs));
    return this.#answer(how === 'unreadable' ? { outcome: doubt('unreadable'), trust: 'none' } : said, sentAt);
  }

  #faultOf({ serialNo, op }: Asked): CallFault | undefined {
    const key = `${serialNo}/${op}`;
    const [first, ...rest] = this.#faults.get(key) ?? [];
    if (first !== undefined) this.#faults.set(key, rest);
    return first;
  }

  #answer(said: Said, sentAt: Instant): Sent {
    const body = Buffer.from(JSON.stringify(said));
    return { kind: 'answered', answer: { status: 200, headers: {}, body }, sentAt, ms: this.#clock.now() - sentAt };
  }

  #act(asked: Asked, how: CallFault | undefined): Said {
    const { op, serialNo, minor, deadlineAt } = asked;
    if (op === 'submit')
      return how === 'refused'
        ? rejected('REFUSED')
        : this.#submit(asked, this.tradeOf(serialNo, { minor, deadlineAt }));
    const trade = this.tradeOf(serialNo);
    if (op === 'refund')
      return how === 'refused' ? rejected('NOT_NOW') : how === 'funds' ? rejected('FUNDS_SHORT') : refund(trade, asked);
    if (op === 'refund_query')
      return how === 'absent' ? signed(doubt('unknown number')) : refundSaid(trade, asked.refundNo);
    const isYoung = trade === undefined || this.#clock.now() < trade.deadlineAt;
    if (op === 'query') return how === 'absent' && isYoung ? absent : this.said(trade);
    return op === 'close' ? close(trade) : cancel(trade);
  }

  #submit({ product }: Asked, trade: Trade | undefined): Said {
    if (!trade) return rejected('REFUSED');
    trade.submits += 1;
    if (product === 'code')
      return signed({
        kind: 'accepted',
        facts: { ...factsOf(trade), tradeNo: undefined, handOut: { kind: 'code', text: 'Q' } },
      });
    trade.isCharged = true;
    this.open(trade);
    // A payer's code is charged at once, or he is asked for his password first.
    if (trade.minor % 3 === 0 && trade.state === 'open') this.#settle(trade);
    return this.said(trade);
  }

  said(trade: Trade | undefined): Said {
    if (!trade || trade.state === 'unborn') return absent;
    if (trade.state === 'closed') return rejected('TRADE_CLOSED');
    return signed({ kind: trade.state === 'paid' ? 'succeeded' : 'accepted', facts: factsOf(trade) });
  }
}

const absent: Said = { ...signed(doubt('unknown number')), isAbsent: true };

const money = (minor: number) => ({ minor: String(minor), currency: CNY });

export function factsOf({ serialNo, tradeNo, minor, paidAt, state }: Trade) {
  const paid = state === 'paid' ? { received: money(minor), payerPaid: money(minor), paidAt } : {};
  return { serialNo, tradeNo, amount: money(minor), ...paid, isOpened: true, channelStatus: state };
}

/** What somebody on the way would have us believe. */
function forged({ op, serialNo, minor, refundNo }: Asked): Said {
  const facts =
    op === 'close' || op === 'cancel'
      ? { action: 'closed' }
      : op === 'refund' || op === 'refund_query'
        ? { refundNo, amount: money(minor), channelStatus: 'done' }
        : { serialNo, tradeNo: 'FORGED', amount: money(minor), received: money(minor), channelStatus: 'paid' };
  return { outcome: { kind: 'succeeded', facts }, trust: 'none' };
}

function close(trade: Trade | undefined): Said {
  if (!trade || trade.state === 'unborn') return absent;
  if (trade.state === 'paid') return rejected('PAID');
  trade.state = 'closed';
  return signed({ kind: 'succeeded', facts: { action: 'closed' } });
}

/** For codes in doubt: a paid trade is given back. What never came here cannot be cancelled. */
function cancel(trade: Trade | undefined): Said {
  if (!trade || trade.state === 'unborn') return signed({ kind: 'succeeded', facts: { action: 'none' } });
  const action = trade.state === 'paid' || trade.gaveBack ? 'refunded' : 'closed';
  if (trade.state === 'paid') trade.gaveBack = true;
  trade.state = 'closed';
  return signed({ kind: 'succeeded', facts: { action } });
}

export const refundedOf = ({ refunds }: Trade): number => refunds.reduce((sum, one) => sum + one.minor, 0);

function refund(trade: Trade | undefined, { refundNo, minor }: Asked): Said {
  if (trade?.state !== 'paid') return rejected('NOT_PAID');
  const isKnown = trade.refunds.some(({ no }) => no === refundNo);
  if (!isKnown || trade.channel === 'strict') {
    if (refundedOf(trade) + minor > trade.minor) return rejected('TOO_MUCH');
    trade.refunds.push({ no: refundNo, minor });
  }
  return refundSaid(trade, refundNo);
}

function refundSaid(trade: Trade | undefined, no: string): Said {
  const known = trade?.refunds.find((one) => one.no === no);
  if (!known) return signed(doubt('unknown number'));
  return signed({ kind: 'succeeded', facts: { refundNo: no, amount: money(known.minor), channelStatus: 'done' } });
}
