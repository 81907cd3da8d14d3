import type { Command } from 'commander';
import { done, parseDecimal, refuse } from '../kernel/index.ts';
import type { Money, Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import {
  adoptLateMoney,
  attemptStateWords,
  cancelPayment,
  controlRefund,
  findOrdersBy,
  isOpenAttempt,
  keepPayment,
  orderStateOf,
  orderWords,
  proposeAttemptVerdict,
  proposeRefundVerdict,
  proposeSurplus,
  refundStateWords,
  sumsOf,
  surplusStateWords,
} from '../payments/index.ts';
import type {
  AttemptVerdict,
  Order,
  Refund,
  RefundAsk,
  RefundState,
  RefundVerdict,
  Surplus,
  SurplusVerdict,
} from '../payments/index.ts';
import { askSharedRefund, previewSharedRefund } from '../sharing/index.ts';
import type { Answer, Words } from './answer.ts';
import { money } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { moneyTexts as t } from './money.texts.ts';
import { optionMissing } from './option-missing.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Args, Options, Run, Session } from './session.ts';

const reason = ['--reason <text>', t.reasonOption] as const;
const evidence = ['--reason <text>', t.evidenceOption] as const;
const tradeNo = ['--trade-no <number>', t.tradeNoOption] as const;
const dry = ['--dry-run', t.dryOption] as const;

export function orderActs(kit: Kit, orders: Command): void {
  leaf(kit, orders, 'cancel <number>', t.cancel, onOrder('cancel'), [reason, dry]);
  leaf(kit, orders, 'keep <number>', t.keep, onOrder('keep'), [reason, dry]);
  leaf(kit, orders, 'paid <serial>', t.paid, wordOn('paid', t.paid), [evidence, tradeNo, dry]);
  leaf(kit, orders, 'unpaid <serial>', t.unpaid, wordOn('unpaid', t.unpaid), [evidence, dry]);
}

export function refundActs(kit: Kit, refunds: Command): void {
  leaf(kit, refunds, 'create <order> <refund_no>', t.create, create, [
    ['--amount <amount>', t.amountOption],
    reason,
    dry,
  ]);
  leaf(kit, refunds, 'withdraw <refund>', t.withdraw, onRefund('withdraw', t.withdraw), [reason, dry]);
  leaf(kit, refunds, 'topped-up <refund>', t.toppedUp, onRefund('topped_up', t.toppedUp), [reason, dry]);
  leaf(kit, refunds, 'settled <refund>', t.settled, verdictOn('refunded', t.settled), [evidence, dry]);
  leaf(kit, refunds, 'failed <refund>', t.failed, verdictOn('failed', t.failed), [evidence, dry]);
}

export function surplusActs(kit: Kit, surplus: Command): void {
  leaf(kit, surplus, 'refund <surplus>', t.refund, propose('person_refund', t.refund), [reason, dry]);
  leaf(kit, surplus, 'keep <surplus>', t.keepSurplus, propose('person_keep', t.keepSurplus), [reason, dry]);
  leaf(kit, surplus, 'credit <surplus>', t.credit, propose('person_credit', t.credit), [reason, dry]);
  leaf(kit, surplus, 'adopt <surplus>', t.adopt, adopt, [reason, dry]);
}

/** What every act on money has: somebody who says why, and the one order that is meant, found by any number that leads to it. */
type Meant = {
  readonly session: Session;
  readonly order: Order;
  readonly number: string;
  readonly why: string;
  readonly isDry: boolean;
};

type Act = (meant: Meant, args: Args, options: Options) => Promise<Result<Answer>>;

function act(carryOut: Act): Run {
  return async (use, args, options) => {
    const why = text(options, 'reason')?.trim() ?? '';
    const isDry = options['dryRun'] === true;
    if (why === '' && !isDry) return optionMissing('--reason');
    const opened = await use.session();
    if (!opened.ok) return opened;
    const session = opened.value;
    const number = firstArg(args);
    const found = await findOrdersBy(session.db, merchantsSeen(session.actor), number);
    const [order, ...others] = found.filter(({ merchantId }) => allowed(session.actor, 'numbers.read', merchantId).ok);
    if (!order) return refuse('order.not_found', { order: number });
    if (others.length > 0) {
      const problem = [order, ...others].map(({ id }) => id).join(' | ');
      return refuse('usage.bad_input', { field: 'NUMBER', value: number, problem }, 'NUMBER');
    }
    return carryOut({ session, order, number, why, isDry }, args, options);
  };
}

const dryAnswer = (would: Words, state: Words, orderNo: string): Result<Answer> =>
  done({
    exit: 0,
    lines: [state, t.dry(would)],
    json: { dry_run: true, order_no: orderNo },
    next: `liushui show ${orderNo}`,
  });

const stateLine = (order: Order): Words => t.order(order.orderNo, orderWords(orderStateOf(order), sumsOf(order)));

function onOrder(verb: 'cancel' | 'keep'): Run {
  const carryOut = verb === 'cancel' ? cancelPayment : keepPayment;
  return act(async ({ session, order, why, isDry }) => {
    const { payments, orderNo } = order;
    const live = payments.findLast(({ state, closingCause }) =>
      verb === 'cancel' ? state === 'open' || state === 'closing' : closingCause === 'cancel_by_shop',
    );
    const paymentId = (live ?? payments.at(-1))?.id;
    if (paymentId === undefined) return refuse('order.not_found', { order: orderNo });
    if (isDry) return dryAnswer(t.of(t[verb], orderNo), stateLine(order), orderNo);
    const told = await carryOut(session.orders, session.actor, order, paymentId, why);
    if (!told.ok) return told;
    const isClosing = told.value.payments.some(({ state }) => state === 'closing');
    return done({
      ...{ exit: isClosing ? 4 : 0, lines: [stateLine(told.value), ...(isClosing ? [t.closing] : [])] },
      json: { order_no: orderNo, state: orderStateOf(told.value), payment: paymentId, closing: isClosing },
      next: `liushui show ${orderNo}`,
    });
  });
}

const create: Run = act(async ({ session, order, why, isDry }, args, options) => {
  const [, refundNo] = args;
  const paid = order.payments.findLast(({ state }) => state === 'paid');
  const amount = amountOf(order, text(options, 'amount'));
  if (!amount.ok) return amount;
  const ask: RefundAsk = {
    ...{ order, paymentId: paid?.id ?? order.payments.at(-1)?.id ?? '', reason: why },
    shopRefundNo: typeof refundNo === 'string' ? refundNo : '',
    ...(amount.value ? { amount: amount.value } : {}),
  };
  if (isDry) return preview(session, ask);
  const asked = await askSharedRefund(session.payments, session.orders, session.actor, ask);
  return asked.ok ? done(answerOfRefund(asked.value.refund)) : asked;
});

function amountOf({ due }: Order, given: string | undefined): Result<Money | undefined> {
  if (given === undefined) return done(undefined);
  const amount = due && parseDecimal(given, due.currency);
  return amount
    ? done(amount)
    : refuse('usage.bad_input', { field: '--amount', value: given, problem: '25.00' }, '--amount');
}

async function preview({ payments }: Session, ask: RefundAsk): Promise<Result<Answer>> {
  const seen = await previewSharedRefund(payments, ask);
  if (!seen.ok) return seen;
  const { amount, refundable, feeBackMinor, feeRule, needsTwo } = seen.value;
  const feeBack = { ...amount, minor: feeBackMinor };
  const would = t.preview(money(amount), money(refundable), money(feeBack));
  return done({
    ...{ exit: 0, lines: [stateLine(ask.order), t.dry(would), ...(needsTwo ? [t.needsTwo] : [])] },
    json: {
      ...{ dry_run: true, order_no: ask.order.orderNo, amount: amount.minor, refundable: refundable.minor },
      ...{ currency: amount.currency, fee_back: feeBackMinor, fee_rule: feeRule, needs_two: needsTwo },
    },
    next: `liushui show ${ask.order.orderNo}`,
  });
}

const refundLine = ({ shopRefundNo, amount, state }: Refund): Words =>
  t.refundIs(shopRefundNo, money(amount), refundStateWords[state]);

function answerOfRefund(refund: Refund): Answer {
  const { id, shopRefundNo, refundNo, state, amount, approvalId } = refund;
  const waits = state === 'awaiting_approval' && approvalId !== undefined;
  return {
    ...{ exit: waits ? 4 : 0, lines: [refundLine(refund), ...(waits ? [t.asked(approvalId)] : [])] },
    json: {
      ...{ refund: id, refund_no: shopRefundNo, channel_refund_no: refundNo, state, amount: amount.minor },
      ...{ currency: amount.currency, approval: waits ? approvalId : null },
    },
    next: waits ? `liushui approvals approve ${approvalId}` : `liushui show ${shopRefundNo}`,
  };
}

/** The refund that the number names, or the only one of the order in one of these states. */
function refundIn({ refunds }: Order, number: string, states: readonly RefundState[]): Refund | undefined {
  const named = refunds.filter((one) => [one.id, one.shopRefundNo, one.refundNo].includes(number));
  return oneOf(
    named,
    refunds.filter(({ state }) => states.includes(state)),
  );
}

function onRefund(told: 'withdraw' | 'topped_up', words: Words): Run {
  return act(async ({ session, order, number, why, isDry }) => {
    const refund = refundIn(order, number, ['waiting_funds', 'awaiting_approval']);
    if (!refund) return refuse('refund.not_found', { refund: number });
    if (isDry) return dryAnswer(t.of(words, refund.shopRefundNo), refundLine(refund), order.orderNo);
    const acted = await controlRefund(session.orders, session.actor, order, refund.id, told, why);
    return acted.ok ? done(answerOfRefund(acted.value)) : acted;
  });
}

/** What two people say of an attempt that the channel leaves open. */
function wordOn(verdict: AttemptVerdict, words: Words): Run {
  return act(async ({ session, order, number, why, isDry }, _args, options) => {
    const attempt = oneOf(
      order.attempts.filter(({ id, serialNo }) => [id, serialNo].includes(number)),
      order.attempts.filter(({ state }) => isOpenAttempt(state)),
    );
    if (!attempt) return refuse('attempt.not_found', { attempt: number });
    const { id, serialNo, amount, state } = attempt;
    const line = t.attemptIs(serialNo, money(amount), attemptStateWords[state]);
    if (isDry) return dryAnswer(t.of(words, serialNo), line, order.orderNo);
    const trade = text(options, 'tradeNo');
    const word = { verdict, evidence: why, ...(trade === undefined ? {} : { tradeNo: trade }) };
    const asked = await proposeAttemptVerdict(session.payments, session.actor, order, id, word);
    if (!asked.ok) return asked;
    const { approvalId, digest } = asked.value;
    const json = { attempt: id, order_no: order.orderNo, verdict, approval: approvalId, digest, state: 'asked' };
    return done({
      ...{ exit: 4, lines: [line, t.asked(approvalId)], json },
      next: `liushui approvals approve ${approvalId}`,
    });
  });
}

/** What two people say of a refund that the channel leaves open. */
function verdictOn(verdict: RefundVerdict, words: Words): Run {
  return act(async ({ session, order, number, why, isDry }) => {
    const refund = refundIn(order, number, ['processing', 'in_doubt', 'abnormal']);
    if (!refund) return refuse('refund.not_found', { refund: number });
    if (isDry) return dryAnswer(t.of(words, refund.shopRefundNo), refundLine(refund), order.orderNo);
    const asked = await proposeRefundVerdict(session.payments, session.actor, order, refund.id, verdict, why);
    if (!asked.ok) return asked;
    const { approvalId, digest } = asked.value;
    const json = { refund: refund.id, order_no: order.orderNo, verdict, approval: approvalId, digest, state: 'asked' };
    const lines = [refundLine(refund), t.asked(approvalId)];
    return done({ exit: 4, lines, json, next: `liushui approvals approve ${approvalId}` });
  });
}

/** The one that was named, or the only one that can be meant. */
function oneOf<Part>(named: readonly Part[], others: readonly Part[]): Part | undefined {
  const from = named.length > 0 ? named : others;
  return from.length === 1 ? from[0] : undefined;
}

const surplusLine = ({ amount, state }: Surplus): Words => t.surplusIs(money(amount), surplusStateWords[state]);

function onSurplus(words: Words, carryOut: (meant: Meant, surplus: Surplus) => Promise<Result<Answer>>): Run {
  return act(async (meant) => {
    const { order, number, isDry } = meant;
    const surplus = oneOf(
      order.surplus.filter(({ id }) => id === number.toLowerCase()),
      order.surplus.length === 1 ? order.surplus : order.surplus.filter(({ state }) => state === 'held'),
    );
    if (!surplus) return refuse('surplus.not_found', { surplus: number });
    if (isDry) return dryAnswer(t.of(words, surplus.id), surplusLine(surplus), order.orderNo);
    return carryOut(meant, surplus);
  });
}

function propose(verdict: SurplusVerdict, words: Words): Run {
  return onSurplus(words, async ({ session, order, why }, surplus) => {
    const asked = await proposeSurplus(session.payments, session.actor, order, surplus.id, verdict, why);
    if (!asked.ok) return asked;
    const { approvalId, digest } = asked.value;
    const json = {
      surplus: surplus.id,
      order_no: order.orderNo,
      verdict,
      approval: approvalId,
      digest,
      state: 'asked',
    };
    const lines = [surplusLine(surplus), t.asked(approvalId)];
    return done({ exit: 4, lines, json, next: `liushui approvals approve ${approvalId}` });
  });
}

const adopt: Run = onSurplus(t.adopt, async ({ session, order, why }, surplus) => {
  const adopted = await adoptLateMoney(session.orders, session.actor, order, surplus.id, why);
  if (!adopted.ok) return adopted;
  const json = { surplus: surplus.id, order_no: order.orderNo, state: orderStateOf(adopted.value) };
  return done({ exit: 0, lines: [stateLine(adopted.value)], json, next: `liushui show ${order.orderNo}` });
});
