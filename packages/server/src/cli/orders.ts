import type { Command } from 'commander';
import { days, done, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import {
  listOrders,
  listRefunds,
  listSurplus,
  orderStateOf,
  orderWords,
  paymentStates,
  refundStates,
  refundStateWords,
  sumsOf,
  surplusStates,
  surplusStateWords,
  surplusWhyWords,
} from '../payments/index.ts';
import type { ListedRefund, ListedSurplus, Order } from '../payments/index.ts';
import type { Answer, Words } from './answer.ts';
import { bilingualTable, money, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit, OptionSpec } from './leaf.ts';
import { orderActs, refundActs, surplusActs } from './money.ts';
import { ordersTexts as t } from './orders.texts.ts';
import { merchantsSeen } from './scope.ts';
import { text } from './session.ts';
import type { Options, Run, Use } from './session.ts';

export function orderCommands(kit: Kit, program: Command): void {
  const options = (states: readonly string[]): OptionSpec[] => [
    ['--state <state>', t.stateOption(states)],
    ['--days <n>', t.daysOption],
    ['--limit <n>', t.limitOption],
  ];
  const ofOrders = group(kit, program, 'orders', t.orders);
  leaf(kit, ofOrders, 'list', t.ordersAbout, orders, options(paymentStates));
  orderActs(kit, ofOrders);
  const ofRefunds = group(kit, program, 'refunds', t.refunds);
  leaf(kit, ofRefunds, 'list', t.refundsAbout, refunds, options(refundStates));
  refundActs(kit, ofRefunds);
  const ofSurplus = group(kit, program, 'surplus', t.surplus);
  leaf(kit, ofSurplus, 'list', t.surplusAbout, surplus, options(surplusStates));
  surplusActs(kit, ofSurplus);
}

type Wanted = { readonly state: string | undefined; readonly days: number; readonly limit: number };

function wantedOf(options: Options, states: readonly string[]): Result<Wanted> {
  const state = text(options, 'state');
  if (state !== undefined && !states.includes(state))
    return refuse('usage.bad_input', { field: '--state', value: state, problem: states.join(' | ') }, '--state');
  const figures = { days: Number(text(options, 'days') ?? '7'), limit: Number(text(options, 'limit') ?? '50') };
  for (const [name, value] of Object.entries(figures))
    if (!Number.isInteger(value) || value < 1 || value > 3650)
      return refuse('usage.bad_input', { field: `--${name}`, value: String(value), problem: '1 …' }, `--${name}`);
  return done({ state, ...figures });
}

/** Newest first, of the merchants that this person may look at. */
async function listed<Item>(
  use: Use,
  options: Options,
  states: readonly string[],
  list: (...given: Parameters<typeof listOrders>) => Promise<readonly Item[]>,
): Promise<Result<readonly Item[]>> {
  const wanted = wantedOf(options, states);
  if (!wanted.ok) return wanted;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor, clock } = opened.value;
  const reach = merchantsSeen(actor);
  const may = allowed(actor, 'numbers.read', reach === 'all' ? undefined : reach[0]);
  if (!may.ok) return may;
  const { state, limit } = wanted.value;
  const since = plus(clock.now(), -days(wanted.value.days));
  return done(await list(db, { reach, since, limit, ...(state === undefined ? {} : { state }) }));
}

function answerOf(
  name: 'orders' | 'refunds' | 'surplus',
  lines: readonly Words[],
  none: Words,
  json: readonly Record<string, unknown>[],
  first: string | undefined,
): Answer {
  const next = first === undefined ? {} : { next: `liushui show ${first}` };
  return { exit: 0, lines: json.length === 0 ? [none] : lines, json: { [name]: json }, ...next };
}

type Heads = Parameters<typeof bilingualTable>[0];

function tableOf(heads: Heads, rows: (lang: 'zh' | 'en') => string[][], right: readonly number[]): Words[] {
  const en = bilingualTable(heads, rows('en'), right);
  return bilingualTable(heads, rows('zh'), right).map(({ zh }, index) => ({ zh, en: en[index]?.en ?? '' }));
}

const orders: Run = async (use, _args, options) => {
  const found = await listed(use, options, paymentStates, listOrders);
  if (!found.ok) return found;
  const rows = (lang: 'zh' | 'en'): string[][] => found.value.map((order) => orderRow(order, lang));
  const json = found.value.map(orderJson);
  return done(answerOf('orders', tableOf(t.orderHeads, rows, [2, 3, 4, 5]), t.noOrders, json, found.value[0]?.orderNo));
};

function orderRow(order: Order, lang: 'zh' | 'en'): string[] {
  const { due, payments, orderNo } = order;
  const sums = sumsOf(order);
  const [first] = payments;
  const amount = (minor: bigint): string => (due ? money({ ...due, minor }) : '');
  return [
    ...[first ? time(first.createdAt) : '', orderNo, due ? money(due) : '', amount(sums.received)],
    ...[amount(sums.refunded), amount(sums.surplusHeld), orderWords(orderStateOf(order), sums)[lang]],
  ];
}

function orderJson(order: Order): Record<string, unknown> {
  const { received, refunded, surplusHeld, surplusReturned } = sumsOf(order);
  const [first] = order.payments;
  return {
    ...{ order: order.id, order_no: order.orderNo, merchant: order.merchantId, state: orderStateOf(order) },
    ...{ due: order.due?.minor ?? null, currency: order.due?.currency ?? null, received, refunded },
    ...{ surplus_held: surplusHeld, surplus_returned: surplusReturned },
    ordered_at: first ? rfc3339(first.createdAt) : null,
  };
}

const surplus: Run = async (use, _args, options) => {
  const found = await listed(use, options, surplusStates, listSurplus);
  if (!found.ok) return found;
  const rows = (lang: 'zh' | 'en'): string[][] =>
    found.value.map(({ order, surplus: one }) => [
      ...[time(one.createdAt), order.orderNo, money(one.amount), surplusWhyWords[one.why][lang]],
      ...[surplusStateWords[one.state][lang], one.state === 'held' && one.actAt ? time(one.actAt) : '', one.id],
    ]);
  const lines = tableOf(t.surplusHeads, rows, [2]);
  const json = found.value.map(surplusJson);
  return done(answerOf('surplus', lines, t.noSurplus, json, found.value[0]?.order.orderNo));
};

function surplusJson({ order, surplus: one }: ListedSurplus): Record<string, unknown> {
  return {
    ...{ surplus: one.id, order_no: order.orderNo, merchant: one.merchantId, state: one.state, why: one.why },
    ...{ amount: one.amount.minor, currency: one.amount.currency, created_at: rfc3339(one.createdAt) },
    refund_at: one.actAt === undefined ? null : rfc3339(one.actAt),
  };
}

const refunds: Run = async (use, _args, options) => {
  const found = await listed(use, options, refundStates, listRefunds);
  if (!found.ok) return found;
  const rows = (lang: 'zh' | 'en'): string[][] =>
    found.value.map((one) => [
      ...[time(one.createdAt), one.refundNo, one.orderNo, money(one.amount), money(one.feeBack)],
      ...[refundStateWords[one.state][lang], one.why],
    ]);
  const json = found.value.map(refundJson);
  return done(answerOf('refunds', tableOf(t.refundHeads, rows, [3, 4]), t.noRefunds, json, found.value[0]?.refundNo));
};

function refundJson(one: ListedRefund): Record<string, unknown> {
  return {
    ...{ refund: one.id, refund_no: one.refundNo, channel_refund_no: one.channelRefundNo, order_no: one.orderNo },
    ...{ merchant: one.merchantId, serial_no: one.serialNo, state: one.state, origin: one.origin, why: one.why },
    ...{ amount: one.amount.minor, fee_back: one.feeBack.minor, currency: one.amount.currency },
    created_at: rfc3339(one.createdAt),
    ended_at: one.endedAt === undefined ? null : rfc3339(one.endedAt),
  };
}
