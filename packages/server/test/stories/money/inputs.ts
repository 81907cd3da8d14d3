import { createHash } from 'node:crypto';
import { bucketOf, CNY, minutes, plus, seconds } from '../../../src/kernel/index.ts';
import type { Instant } from '../../../src/kernel/index.ts';
import type { OrderInput } from '../../../src/payments/inputs.ts';
import type { PaymentParts } from '../../../src/payments/index.ts';
import { drawSerials } from '../../../src/platform/serials.ts';
import { moneyOf } from '../../../src/payments/attempt.ts';
import type { Order } from '../../../src/payments/order.ts';
import { sealedPlaceOf } from '../../../src/payments/sealed.ts';
import { merchant } from '../people.ts';
import { factsOf } from './channel.ts';
import type { MoneyChannel } from './channel.ts';
import { orderNoOf } from './story.ts';
import type { Act, MoneyOrder, StoryChannel } from './story.ts';

export type Key = { readonly bucket: number; readonly id: string };

export function keyOf({ no }: Pick<MoneyOrder, 'no'>): Key {
  const orderNo = orderNoOf(no);
  const hex = createHash('sha256').update(orderNo).digest('hex');
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { bucket: bucketOf(merchant, orderNo), id };
}

/** One act of one order that falls due, with the order as it is in our books. */
export type Due = { readonly plan: MoneyOrder; readonly act: Act; readonly order: Order | undefined };

/** A message of the channel on its way. */
export type Message = {
  readonly at: Instant;
  readonly plan: MoneyOrder;
  readonly serialNo: string;
  readonly what: 'paid' | 'forged' | 'other_amount' | 'refund_news';
};

export type Making = {
  readonly parts: PaymentParts;
  readonly channel: MoneyChannel;
  readonly accountOf: (channel: StoryChannel) => string;
  /** Which channel a number belongs to. */
  readonly onSerial: (serialNo: string, channel: StoryChannel) => void;
};

/** What the acts say to the orders; an act whose object is not there says nothing. */
export async function inputsOf(making: Making, due: readonly Due[]): Promise<OrderInput[]> {
  const needed = due.flatMap(({ plan, act }) =>
    act.do === 'open' ? [keyOf(plan)] : act.do === 'refund' ? act.parts.map(() => keyOf(plan)) : [],
  );
  const { db, clock } = making.parts;
  const buckets = needed.map(({ bucket }) => bucket);
  const serials = buckets.length === 0 ? [] : [...(await drawSerials(db, clock.now(), buckets))];
  return due.flatMap((one) => inputOf(making, one, () => serials.shift() ?? ''));
}

function inputOf(making: Making, { plan, act, order }: Due, serial: () => string): OrderInput[] {
  const key = keyOf(plan);
  const { parts } = making;
  if (act.do === 'open') return [openInput(making, plan, act, serial())];
  const numbers = act.do === 'refund' ? act.parts.map(serial) : [];
  if (!order) return [];
  const payment = order.payments.at(-1);
  switch (act.do) {
    case 'cancel':
    case 'keep':
      return payment ? [{ key, kind: act.do, paymentId: payment.id }] : [];
    case 'watch': {
      const attempt = order.attempts[act.attempt];
      return attempt ? [{ key, kind: 'watch', attemptId: attempt.id, until: plus(parts.clock.now(), minutes(2)) }] : [];
    }
    case 'refund': {
      const settled = order.payments.find(({ state }) => state === 'paid')?.settledBy;
      const attempt = order.attempts.find(({ id }) => id === settled);
      if (!attempt) return [];
      return act.parts.map(([no, tenths], index) => {
        const minor = (attempt.receivedMinor * BigInt(tenths)) / 10n || 1n;
        const named = { id: parts.ids.next(), attemptId: attempt.id, shopRefundNo: no, refundNo: numbers[index] ?? '' };
        const wish = { ...named, amount: moneyOf(minor, CNY), reason: '退货', origin: 'shop' as const };
        return { key, kind: 'refund', wish: act.two ? { ...wish, approvalId: 'two' } : wish };
      });
    }
    case 'refund_act': {
      const refund = order.refunds[act.refund];
      return refund ? [{ key, kind: 'refund_act', refundId: refund.id, told: act.told }] : [];
    }
    case 'surplus': {
      const surplus = order.surplus[0];
      if (!surplus) return [];
      if (act.how === 'adopt') return [{ key, kind: 'adopt', surplusId: surplus.id, by: 'wang' }];
      return [{ key, kind: 'surplus', surplusId: surplus.id, verdict: act.how, by: 'zhao', reason: '故事' }];
    }
    case 'look':
    case 'pay':
    case 'pay_late':
    case 'say':
    case 'fault':
    case 'die':
      return [];
    default:
      return act satisfies never;
  }
}

function openInput(
  { parts, accountOf, onSerial }: Making,
  plan: MoneyOrder,
  act: Extract<Act, { do: 'open' }>,
  serialNo: string,
): OrderInput {
  onSerial(serialNo, act.channel);
  const amount = moneyOf(BigInt(plan.minor), CNY);
  const deadlineAt = plus(parts.clock.now(), minutes(plan.minutes));
  const id = parts.ids.next();
  const payerSealed = parts.keyring.sealText('personal', 'code:1', sealedPlaceOf(id));
  return {
    ...{
      key: keyOf(plan),
      kind: 'open',
      keepOthers: act.keepOthers,
      paymentId: parts.ids.next(),
      expiresAt: deadlineAt,
    },
    order: { merchantId: merchant, orderNo: orderNoOf(plan.no), subject: '故事', due: amount },
    attempt: {
      ...{
        id,
        serialNo,
        accountId: accountOf(act.channel),
        channel: act.channel,
        product: act.product,
        amount,
        subject: '故事',
      },
      ...{ scene: act.product === 'scan' ? 'counter' : 'online', deadlineAt, notifyUrl: 'http://127.0.0.1:9/' },
      ...(act.product === 'scan' ? { payerSealed } : {}),
    },
  };
}

/** A message as the door for channels' messages tells it to the order. */
export function messageInput(
  { parts, channel }: Making,
  { plan, serialNo, what }: Message,
  order: Order | undefined,
): OrderInput | undefined {
  const attempt = order?.attempts.find((one) => one.serialNo === serialNo);
  if (!order || !attempt) return undefined;
  const heardAt = parts.clock.now();
  const key = keyOf(plan);
  const notice = { bucket: key.bucket, id: parts.ids.next() };
  if (what === 'refund_news')
    return {
      key,
      kind: 'refund_news',
      attemptId: attempt.id,
      refundNo: order.refunds[0]?.refundNo ?? 'nobody',
      notice,
    };
  const trade = channel.tradeOf(serialNo);
  const { minor } = attempt.amount;
  const facts = trade && factsOf(trade);
  const says = moneyOf(what === 'other_amount' ? minor + 1n : minor, CNY);
  const told = {
    ...{ serialNo, tradeNo: facts?.tradeNo ?? 'FORGED', amount: says, received: says, channelStatus: 'paid' },
    paidAt: (trade?.paidAt ?? 0) > 0 ? (trade?.paidAt as Instant) : heardAt,
  };
  const outcome = { kind: 'succeeded', facts: told } as const;
  const trust = what === 'forged' ? 'none' : 'verified';
  return {
    key,
    kind: 'heard',
    attemptId: attempt.id,
    heard: { by: 'notice', outcome, trust, says, noticeId: notice.id, heardAt },
    notice,
  };
}

/** What payer and channel do by themselves. Returns the messages that follow. */
export function actOutside(channel: MoneyChannel, { plan, act, order }: Due, now: Instant): Message[] {
  if (!('attempt' in act)) return [];
  const attempt = order?.attempts[act.attempt];
  if (!attempt) return [];
  const { serialNo } = attempt;
  if (act.do === 'fault') channel.disturb(serialNo, act.on, act.how);
  if (act.do === 'say') return [{ at: now, plan, serialNo, what: act.what }];
  if (act.do !== 'look' && act.do !== 'pay' && act.do !== 'pay_late') return [];
  // A page that is shown brings its frozen request; codes exist at the channel only after the call.
  const isShown = attempt.product === 'page' || attempt.product === 'wap';
  const terms = { minor: Number(attempt.amount.minor), deadlineAt: attempt.deadlineAt };
  const trade = channel.tradeOf(serialNo, isShown ? terms : undefined);
  if (!trade) return [];
  if (act.do === 'look') {
    channel.open(trade);
    return [];
  }
  const isPaid = act.do === 'pay' ? channel.pay(trade) : channel.payLate(trade);
  return isPaid
    ? act.notify.map((after) => ({ at: plus(now, seconds(after)), plan, serialNo, what: 'paid' as const }))
    : [];
}
