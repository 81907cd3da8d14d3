import { CNY, done, minutes, plus } from '../kernel/index.ts';
import type { Currency, Refusal, Result } from '../kernel/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import type { HandOut } from '../channels/contract/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { askRefund, cancelPayment, handOutOf, startPayment } from '../payments/index.ts';
import type { Attempt, Order, OrderDoor } from '../payments/index.ts';
import type { Transport } from '../platform/transport.ts';
import { isSpent, paidAttempt, productToTry, refundsOf, tryMinor, unheardAttempt } from './acceptance.ts';
import type { Line, LineKey } from './acceptance.ts';
import { outcomeWords } from './blanks.texts.ts';
import { callNow } from './calls.ts';
import { doubledKey, lookAt, numberToClose, numberToPay } from './look.ts';
import type { Look } from './look.ts';
import { acceptNeeds } from './next.ts';
import type { OnboardingParts } from './parts.ts';
import { insertFacts } from './store.ts';
import { waitsOf } from './turn.ts';
import type { Waits } from './turn.ts';
import { isCollecting, refuseToTry } from './walk.ts';

export type Accepted = {
  readonly look: Look;
  readonly lines: readonly Line[];
  /** Whose turn it is, line by line. */
  readonly waits: Waits;
  /** What a person pays the test order with, while it waits for that. */
  readonly toPay?: HandOut;
};

export type Doing = {
  readonly parts: OnboardingParts;
  readonly door: OrderDoor;
  readonly transport: Transport;
  readonly actor: Actor;
};

/**
 * The order that is closed unpaid lives this long. One that the channel made is sent again and closed while it lives: whoever comes back within half
 * an hour goes on with it. Of a page that nobody has loaded the channel knows nothing: it is proven unpaid some minutes after its end.
 */
const closeAfterMs = { made: minutes(30), shown: minutes(5) };
/** The order that a person pays. */
const payWithinMs = minutes(60);

/**
 * Goes on with the acceptance run of an account as far as it can be gone on with now, on the account itself, by the commands that a shop's
 * payments take. What it waits for is said line by line; called again it goes on from there.
 * @returns refusals account.not_found, of `allowed`, onboarding.nothing_to_try.
 */
export async function acceptAccount(doing: Doing, accountId: string): Promise<Result<Accepted>> {
  const { parts, actor } = doing;
  const look = await lookAt(parts, actor, accountId, 'accounts.test');
  if (!look.ok) return look;
  const { account, opened } = look.value;
  for (const permission of acceptNeeds) {
    const permitted = allowed(actor, permission, account.merchantId);
    if (!permitted.ok) return permitted;
  }
  if (!isCollecting(opened.connector, account)) return done({ look: look.value, lines: [], waits: new Map() });
  const product = productToTry(opened.connector, account.products);
  const unfit = product === undefined ? refuseToTry(opened.connector, account) : undefined;
  if (product === undefined)
    return unfit ? { ok: false, refusal: unfit } : done({ look: look.value, lines: [], waits: new Map() });
  const refusals = new Map<LineKey, Refusal>();
  for (const act of acts) {
    // Each act sees what the one before it left.
    const now = await lookAt(parts, actor, accountId, 'accounts.test');
    if (!now.ok) return now;
    const acted = await act(doing, now.value, product);
    if (acted) refusals.set(...acted);
  }
  const after = await lookAt(parts, actor, accountId);
  if (!after.ok) return after;
  const lines = after.value.lines.map((line) => {
    const refusal = line.state === 'waiting' ? refusals.get(line.key) : undefined;
    return refusal ? { ...line, refusal } : line;
  });
  const open = after.value.run.toPay?.attempts.find(isToPay);
  const toPay = open && (await handOutOf(parts, open));
  return done({
    look: after.value,
    lines,
    waits: waitsOf(after.value, lines, parts.clock.now()),
    ...(toPay ? { toPay } : {}),
  });
}

/** Undefined: done, or nothing to do now. */
type Act = (doing: Doing, look: Look, product: string) => Promise<[LineKey, Refusal] | undefined>;

const stoppedAt = (key: LineKey, result: Result<unknown>): [LineKey, Refusal] | undefined =>
  result.ok ? undefined : [key, result.refusal];

async function begin({ parts, door, actor }: Doing, look: Look, product: string, order: { no: string; ms: number }) {
  const { account, opened } = look;
  const [currency = CNY] = opened.connector.manifest.pay?.currencies ?? [];
  return startPayment(parts, door, actor, {
    ...{ merchantId: account.merchantId, orderNo: order.no, accountId: account.id, product },
    ...{ amount: { minor: tryMinor, currency: currency as Currency }, subject: `Liushui ${account.id}` },
    expiresAt: plus(parts.clock.now(), order.ms),
  });
}

const isClosed = (order: Order | undefined): boolean =>
  order?.payments.every(({ state }) => state === 'closed') ?? true;

const openBoth: Act = async (doing, look, product) => {
  const { account, opened, run } = look;
  const { toClose } = run;
  // Who came back after it was closed, before it was sent twice, begins it again as well.
  const isMissed = toClose !== undefined && !run.isShown && run.doubled === undefined && isClosed(toClose);
  if (!toClose || isMissed) {
    const isShown = opened.connector.manifest.pay?.products[product]?.begins === 'show';
    const ms = closeAfterMs[isShown ? 'shown' : 'made'];
    const begun = stoppedAt('opened', await begin(doing, look, product, { no: numberToClose(account.id), ms }));
    if (begun) return begun;
  }
  const paid = stoppedAt('paid', await beginToPay(doing, look, product));
  if (paid || !isMissed) return paid;
  const within = { account: account.id, minutes: closeAfterMs.made / minutes(1) };
  return ['doubled', { code: 'onboarding.came_too_late', params: within }];
};

/** A test order that nobody paid in time is begun again, under a serial number of its own; one that no message told of gets a successor. */
async function beginToPay(doing: Doing, look: Look, product: string): Promise<Result<unknown>> {
  const { account, run } = look;
  const last = run.paying.at(-1);
  const isUnheard = isSpent(last) && unheardAttempt(run, doing.parts.clock.now())?.orderId === last?.id;
  if (!isClosed(last) && !isUnheard) return done(undefined);
  const round = Math.max(run.paying.length, 1) + (isUnheard ? 1 : 0);
  return begin(doing, look, product, { no: numberToPay(account.id, round), ms: payWithinMs });
}

/** The same order once more, while it is unpaid: the channel answers as the manifest says, and there is one trade as before. */
const sendTwice: Act = async ({ parts, transport, actor }, { run, opened, account }) => {
  const attempt = run.toClose?.attempts.at(-1);
  if (run.isShown || run.doubled !== undefined || !attempt) return undefined;
  if (!isToPay(attempt)) return undefined;
  const asked = await callNow(parts, transport, opened, 'pay.submit', attempt);
  if (!asked.ok) return ['doubled', asked.refusal];
  const { reading, exchangeId, heardAt } = asked.value;
  const { resendIsSafe = false } = opened.connector.manifest.pay ?? {};
  const expected = resendIsSafe ? 'accepted' : 'rejected';
  if (reading.outcome.kind !== expected) return ['doubled', refuseAnswer(expected, reading.outcome.kind)];
  const fact = { accountId: account.id, step: 'acceptance', key: doubledKey, value: exchangeId } as const;
  await parts.db.transaction(async (tx) => {
    await insertFacts(tx, [{ ...fact, validTo: undefined, notedBy: actor.userId, notedAt: heardAt }], parts.ids);
    const entry = { actor, act: 'account.order_sent_twice', subject: account.id, detail: { exchange: exchangeId } };
    await writeAudit(tx, [entry], { at: heardAt, ids: parts.ids });
  });
  return undefined;
};

function refuseAnswer(expected: keyof typeof outcomeWords, found: keyof typeof outcomeWords): Refusal {
  const params = { expected, expectedZh: outcomeWords[expected], found, foundZh: outcomeWords[found] };
  return { code: 'onboarding.answered_otherwise', params };
}

const closeUnpaid: Act = async ({ door, actor }, { run }) => {
  const payment = run.toClose?.payments.find(({ state }) => state === 'open');
  const attempt = run.toClose?.attempts.at(-1);
  const isReady = run.isShown || run.doubled !== undefined;
  if (!run.toClose || !isReady || !payment || attempt?.state === 'submitting') return undefined;
  return stoppedAt('closed', await cancelPayment(door, actor, run.toClose, payment.id, 'acceptance run'));
};

/** A message may have brought the money before anybody asked: the channel's own answer must say the same. */
const askOnce: Act = async (doing, { run, lines, opened }) => {
  const attempt = paidAttempt(run.toPay);
  const isAsked = lines.some(({ key, state }) => key === 'query' && state === 'green');
  return run.toPay && attempt && !isAsked
    ? stoppedAt('query', await ask(doing, opened, run.toPay, attempt))
    : undefined;
};

/**
 * Whoever comes back while the order is open may have paid a moment ago: the channel is asked before he is told to pay. Where it does not
 * answer, its message comes.
 */
const askWhetherPaid: Act = async (doing, { run, opened }) => {
  const order = run.paying.at(-1);
  const attempt = order?.attempts.find(isToPay);
  if (order && attempt) await ask(doing, opened, order, attempt);
  return undefined;
};

const isToPay = ({ state }: Attempt): boolean => state === 'cashier_open' || state === 'trade_open';

async function ask(
  { parts, door, transport }: Doing,
  opened: OpenAccount,
  order: Order,
  attempt: Attempt,
): Promise<Result<unknown>> {
  const asked = await callNow(parts, transport, opened, 'pay.query', attempt);
  if (!asked.ok) return asked;
  const { reading, exchangeId, askedAt, heardAt } = asked.value;
  const { outcome, trust, isAbsent, disputed } = reading;
  return door.tell({
    ...{ key: order, kind: 'heard', attemptId: attempt.id },
    heard: {
      ...{ by: 'query', outcome, trust, exchangeId, askedAt, heardAt },
      ...(isAbsent === undefined ? {} : { isAbsent }),
      ...(disputed === undefined ? {} : { disputed }),
    },
  });
}

/** Of every payment that was made for the run, also of one whose lines another has taken over. */
const giveBack: Act = async (doing, { run }) => {
  for (const order of run.paying) {
    const stopped = await giveBackOf(doing, order);
    if (stopped) return stopped;
  }
  return undefined;
};

async function giveBackOf({ parts, door, actor }: Doing, toPay: Order): Promise<[LineKey, Refusal] | undefined> {
  const payment = toPay.payments.find(({ state }) => state === 'paid');
  if (!payment || !paidAttempt(toPay)) return undefined;
  const [part, rest] = refundsOf(toPay);
  if (rest || (part && part.state !== 'refunded')) return undefined;
  const currency = (payment.currency ?? CNY) as Currency;
  const asked = await askRefund(parts, door, actor, {
    ...{ order: toPay, paymentId: payment.id, shopRefundNo: `${toPay.orderNo}-R${part ? 2 : 1}` },
    ...{ amount: { minor: 1n, currency }, reason: 'acceptance run' },
  });
  return stoppedAt(part ? 'refund_rest' : 'refund_part', asked);
}

const acts: readonly Act[] = [askWhetherPaid, openBoth, sendTwice, closeUnpaid, askOnce, giveBack];
