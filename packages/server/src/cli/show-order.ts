import { rfc3339 } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import type { OrderStory } from '../payments/index.ts';
import type { Words } from './answer.ts';
import { money, table, time } from './layout.ts';
import { showTexts as t } from './show.texts.ts';

/** An order's first lines: who it is and how it stands, what came in and went back, and each of its parts. */
export function orderHead(story: OrderStory, state: Words): Words[] {
  const { orderNo, merchantId, due, subject, received, refunded, surplusHeld, surplusReturned } = story;
  const zh = table(partRows(story, 'zh'));
  const en = table(partRows(story, 'en'));
  return [
    t.order(orderNo, merchantId, money(due), state, subject),
    t.sums(money(received), money(refunded), money(surplusHeld), money(surplusReturned)),
    ...zh.map((line, index) => ({ zh: line, en: en[index] ?? '' })),
  ];
}

function partRows({ payments, attempts, surplusReceipts, refunds }: OrderStory, lang: 'zh' | 'en'): string[][] {
  const p = t.parts;
  const on = <V>(value: V | undefined, words: (value: V) => Words): string =>
    value === undefined ? '' : words(value)[lang];
  const ending = (at: Instant | undefined): string => (at === undefined ? '' : time(at));
  return [
    ...payments.map(({ id, state, due, endedAt, expiresAt }) => [
      ...[p.payment[lang], id, due ? money(due) : '', state.words[lang]],
      endedAt === undefined ? on(expiresAt, (at) => p.until(time(at))) : ending(endedAt),
    ]),
    ...attempts.map((one) => [
      ...[one.name[lang], one.serialNo, money(one.amount), one.state.words[lang], ending(one.endedAt)],
      `${one.channel[lang]} ${one.product[lang]}`,
      one.received.minor > 0n ? p.received(money(one.received), money(one.fee))[lang] : '',
      on(one.tradeNo, p.trade),
      on(one.payer, p.payer),
    ]),
    ...surplusReceipts.map(({ id, amount, state, why, actAt, endedAt }) => [
      ...[p.surplus[lang], id, money(amount), state.words[lang], ending(endedAt), why[lang]],
      state.code === 'held' ? on(actAt, (at) => p.back(time(at))) : '',
    ]),
    ...refunds.map(({ refundNo, channelRefundNo, amount, state, feeBack, endedAt }) => [
      ...[p.refund[lang], refundNo, money(amount), state.words[lang], ending(endedAt)],
      channelRefundNo === refundNo ? '' : p.serial(channelRefundNo)[lang],
      p.feeBack(money(feeBack))[lang],
    ]),
  ];
}

const minor = (amount: Money): bigint => amount.minor;
const moment = (at: Instant | undefined): string | null => (at === undefined ? null : rfc3339(at));

/** The same for programs: amounts in minor units of the order's currency. */
export function orderJson(story: OrderStory): Record<string, unknown> {
  const { orderNo, waybillNo, subject, due } = story;
  return {
    ...{ order_no: orderNo, waybill_no: waybillNo ?? null, subject, due: minor(due), currency: due.currency },
    ...{ received: minor(story.received), refunded: minor(story.refunded) },
    ...{ surplus_held: minor(story.surplusHeld), surplus_returned: minor(story.surplusReturned) },
    payments: story.payments.map(({ id, state, expiresAt, createdAt, endedAt }) => ({
      ...{ payment: id, state: state.code, expires_at: moment(expiresAt), created_at: rfc3339(createdAt) },
      ended_at: moment(endedAt),
    })),
    attempts: story.attempts.map((one) => ({
      ...{
        attempt: one.id,
        serial_no: one.serialNo,
        account: one.accountId,
        channel: one.channel,
        product: one.product,
      },
      ...{ state: one.state.code, amount: minor(one.amount), received: minor(one.received), fee: minor(one.fee) },
      ...{ trade_no: one.tradeNo ?? null, payer: one.payer ?? null, paid_at: moment(one.paidAt) },
      ...{ created_at: rfc3339(one.createdAt), ended_at: moment(one.endedAt) },
    })),
    surplus_receipts: story.surplusReceipts.map(({ id, state, why, amount, actAt, createdAt, endedAt }) => ({
      ...{ surplus: id, state: state.code, why, amount: minor(amount), act_at: moment(actAt) },
      ...{ created_at: rfc3339(createdAt), ended_at: moment(endedAt) },
    })),
    refunds: story.refunds.map(({ id, refundNo, channelRefundNo, state, amount, feeBack, createdAt, endedAt }) => ({
      ...{ refund: id, refund_no: refundNo, channel_refund_no: channelRefundNo, state: state.code },
      ...{ amount: minor(amount), fee_back: minor(feeBack), created_at: rfc3339(createdAt), ended_at: moment(endedAt) },
    })),
  };
}
