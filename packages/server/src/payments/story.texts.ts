import { shanghaiText, toDecimal } from '../kernel/index.ts';
import type { Instant, Money } from '../kernel/index.ts';
import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';
import type { AttemptState } from './attempt.ts';
import type { OrderState, OrderSums } from './order.ts';
import type { PaymentState } from './payment.ts';
import type { RefundState } from './refund.ts';
import type { Surplus, SurplusState } from './surplus.ts';

const orderStateWords: Readonly<Record<OrderState, Words>> = {
  unpaid: both('未付款', 'unpaid'),
  part_paid: both('部分付款', 'partly paid'),
  paid: both('已付款', 'paid'),
  cancelled: both('已取消', 'cancelled'),
};

/** An order that is paid and of which all went back is not worded as paid only. */
export const orderWords = (state: OrderState, { received, refunded }: OrderSums): Words =>
  state === 'paid' && received === refunded
    ? both('已付款，已全额退款', 'paid, and all of it given back')
    : orderStateWords[state];

export const paymentStateWords: Readonly<Record<PaymentState, Words>> = {
  open: both('收款中', 'open'),
  closing: both('正在关闭，等待渠道证实', 'closing, until the channel proves it'),
  paid: both('已付', 'paid'),
  closed: both('已关闭，已证实未付', 'closed, proven unpaid'),
};

export const attemptStateWords: Readonly<Record<AttemptState, Words>> = {
  created: both('已建', 'made'),
  submitting: both('提交中', 'being sent'),
  cashier_open: both('已交付款人，未付', 'handed to the payer, not paid'),
  trade_open: both('付款人已打开，未付', 'opened by the payer, not paid'),
  in_doubt: both('结果未知', 'result unknown'),
  closing: both('正在关闭，等待渠道证实', 'closing, until the channel proves it'),
  succeeded: both('成功', 'succeeded'),
  rejected: both('明确失败', 'refused'),
  closed: both('已关闭，未付', 'closed unpaid'),
};

export const refundStateWords: Readonly<Record<RefundState, Words>> = {
  created: both('已建', 'made'),
  awaiting_approval: both('待复核', 'waits for a second person'),
  waiting_funds: both('渠道账户余额不足，等待充值', 'waits: the channel account is short of money'),
  submitting: both('提交中', 'being sent'),
  processing: both('渠道处理中', 'the channel works on it'),
  in_doubt: both('结果未知', 'result unknown'),
  abnormal: both('渠道无法退达', 'the channel cannot deliver it'),
  refunded: both('已退', 'given back'),
  failed: both('明确失败', 'refused'),
  cancelled: both('已撤回', 'withdrawn'),
};

export const surplusStateWords: Readonly<Record<SurplusState, Words>> = {
  held: both('待处理', 'held'),
  refunding: both('正在退回', 'on its way back'),
  returned: both('已退回', 'returned'),
  kept: both('已保留', 'kept'),
  credited: both('已记入付款人下一单', "credited to the buyer's next order"),
  adopted: both('已转为付款', 'became the payment'),
};

export const surplusWhyWords: Readonly<Record<Surplus['why'], Words>> = {
  second_success: both('重复支付', 'paid twice'),
  late: both('关闭后到账', 'came after the end'),
  excess: both('超出应付', 'more than was due'),
};

/** ¥1,200.00 or -¥0.60, as people write it; other currencies by their code. */
export function amountText(amount: Money): string {
  if (amount.minor < 0n) return `-${amountText({ ...amount, minor: -amount.minor })}`;
  const [whole = '', part] = toDecimal(amount).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = amount.currency === 'CNY' ? '¥' : `${amount.currency} `;
  return `${sign}${grouped}${part === undefined ? '' : `.${part}`}`;
}

const time = (at: Instant): string => `${shanghaiText(at)} (GMT+8)`;

export const voices = {
  shop: both('商户', 'shop'),
  us: both('我方', 'us'),
  people: both('两人', 'two people'),
  books: both('账本', 'books'),
  clock: both('我方时钟', 'our clock'),
  shopSystem: both('我方→商户', 'us→shop'),
} as const;

export const attemptName = (position: number): Words => both(`流水 ${position}`, `attempt ${position}`);
export const surplusName = (amount: string): Words => both(`多收款 ${amount}`, `surplus ${amount}`);
export const refundName = (number: string): Words => both(`退款 ${number}`, `refund ${number}`);

export const orderedWords = (due: string, subject: string): Words =>
  both(`下单，应付 ${due}：“${subject}”`, `ordered, ${due} due: "${subject}"`);

export const begunWords = (name: Words, serialNo: string, product: Words, amount: string, until: Instant): Words =>
  both(
    `${name.zh}：${product.zh}，${amount}，流水号 ${serialNo}，截止 ${time(until)}`,
    `${name.en}: ${product.en}, ${amount}, serial ${serialNo}, until ${time(until)}`,
  );

export const cancelledWords = both('取消订单', 'cancelled the order');
export const closedWords = (words: Words): Words => both(`支付${words.zh}`, `payment ${words.en}`);
export const adoptedWords = both(
  '多收款转为付款：商户仍发货',
  'the surplus became the payment: the shop still delivers',
);

export const surplusHeldWords = (amount: string, why: Words, actAt: Instant | undefined): Words => {
  const then =
    actAt === undefined
      ? both('；须由人处理', '; a person must resolve it')
      : both(`；${time(actAt)} 原路退回`, `; goes back at ${time(actAt)}`);
  return both(`多收款 ${amount}：${why.zh}${then.zh}`, `surplus ${amount}: ${why.en}${then.en}`);
};

const deciders: ReadonlyMap<string, Words> = new Map([
  ['policy', both('按规则', 'by rule')],
  ['channel', both('由渠道', 'by the channel')],
]);

/** @param by a person, or who of `deciders` */
export const surplusEndWords = (amount: string, state: Words, by: string, reason: string): Words => {
  const who = deciders.get(by) ?? both(by, `by ${by}`);
  const why = reason === '' ? both('', '') : both(`：“${reason}”`, `: "${reason}"`);
  return both(
    `多收款 ${amount} ${state.zh}（${who.zh}）${why.zh}`,
    `surplus ${amount}: ${state.en} (${who.en})${why.en}`,
  );
};

/** @param refundNo our serial number; empty where it is the name already */
export const refundAskedWords = (name: Words, refundNo: string, amount: string, reason: string): Words => {
  const serial = refundNo === '' ? both('', '') : both(`，退款流水号 ${refundNo}`, `, refund serial ${refundNo}`);
  return both(`${name.zh}：${amount}${serial.zh}：“${reason}”`, `${name.en}: ${amount}${serial.en}: "${reason}"`);
};

export const refundEndWords = (name: Words, state: Words, feeBack: string): Words =>
  both(
    `${name.zh} ${state.zh}${feeBack === '' ? '' : `，退回手续费 ${feeBack}`}`,
    `${name.en}: ${state.en}${feeBack === '' ? '' : `, ${feeBack} of the fee comes back`}`,
  );

const entryKinds: ReadonlyMap<string, Words> = new Map([
  ['payment', both('收款', 'payment')],
  ['surplus', both('多收款', 'surplus')],
  ['surplus_kept', both('多收款归商户', "surplus becomes the shop's")],
  ['refund_started', both('退款开始', 'refund begun')],
  ['refund', both('退款', 'refund')],
  ['refund_refused', both('退款未成，冲回', 'refund not made, taken back')],
  ['share_promised', both('分账待分', 'share promised')],
  ['share', both('分账分出', 'share given')],
  ['share_failed', both('分账未成，冲回', 'share not given, taken back')],
  ['share_back', both('分账退回', 'share came back')],
  ['share_back_kept', both('退回的分账归商户', "what came back becomes the shop's")],
]);

export function entryWords(kind: string, date: string, lines: readonly { label: Words; amount: string }[]): Words {
  const words = entryKinds.get(kind) ?? both(kind, kind);
  const of = (lang: 'zh' | 'en'): string => lines.map(({ label, amount }) => `${label[lang]} ${amount}`).join(' | ');
  return both(`${words.zh} ${date}：${of('zh')}`, `${words.en} ${date}: ${of('en')}`);
}

export const toldWords = (type: string, told: Words): Words =>
  both(`告知 ${type}（${told.zh}）`, `told ${type} (${told.en})`);

export const nobodyListens = both('没有登记通知地址', 'no address to tell it to');

export function deliveryWords(
  endpoint: string,
  state: 'waiting' | 'delivered' | 'dead',
  tries: number,
  endedAt: Instant | undefined,
): Words {
  const words = {
    waiting: both(`${endpoint} 待送，已试 ${tries} 次`, `${endpoint} waits, tried ${tries} times`),
    delivered: both(`${endpoint} 已送达`, `${endpoint} has it`),
    dead: both(`${endpoint} 未送达，已放弃，试过 ${tries} 次`, `${endpoint} never took it in ${tries} tries`),
  }[state];
  return state === 'delivered' && endedAt !== undefined
    ? both(`${words.zh} ${time(endedAt)}`, `${words.en} since ${time(endedAt)}`)
    : words;
}

/** It moves nothing: at most it is a reason to ask. */
export const otherNotice = (word: string, isRefund: boolean): Words =>
  isRefund
    ? both(`关于退款的消息“${word}”，不作为证明`, `message "${word}" about a refund: proves nothing by itself`)
    : both(`消息“${word}”，未采用`, `message "${word}", not made use of`);

/** What people and the shop's programs do with money. */
export const moneyActs: ReadonlyMap<string, Words> = new Map([
  ['payment.cancelled', both('取消订单', 'cancelled the order')],
  ['payment.kept', both('留下订单', 'kept the order after all')],
  ['refund.created', both('提出退款', 'asked for the refund')],
  ['refund.withdrawn', both('撤回退款', 'withdrew the refund')],
  ['refund.topped_up', both('称已充值，继续退款', 'said that there is money again for the refund')],
  ['surplus.adopted', both('将迟到款转为付款', 'took late money as the payment')],
]);
