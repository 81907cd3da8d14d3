import { BadRequest, fieldsOf, listOf, optionalText, text } from '../input.ts';
import type { Fields } from '../input.ts';
import type { Rooms } from './rooms.ts';
import { readMerchant } from './merchants.ts';
import type { NoticeInput } from './notices.ts';
import { payersObstacle, payOrder } from './payer.ts';
import { fundWaiting, settleRefund, startRefund } from './refund-life.ts';
import { defaultPayer } from './register.ts';
import type { PayCode, Payer, Register } from './register.ts';
import { patchSettings } from './settings.ts';
import { decideReturn, decideShare, setReceivers } from './share-control.ts';
import { noticeOf } from './telling.ts';
import type { Offer, Order, Purse } from './types.ts';
import { merchantView, orderBooksView, refundBooksView } from './views.ts';

type Verb = (books: Rooms, input: unknown, at: number) => unknown;

/** Commands at `/control/<verb>` of WeChat's address; each checks all it needs before it changes anything. */
export const controlVerbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['merchants', addMerchants],
  ['settings', setSettings],
  ['faults', addFaults],
  ['faults/remove', removeFaults],
  ['funds', setFunds],
  ['codes', addCodes],
  ['identities', setIdentities],
  ['scan', (books, input, at) => payer(books, input, at, 'scan')],
  ['pay', (books, input, at) => payer(books, input, at, 'pay')],
  ['password', (books, input, at) => payer(books, input, at, 'password')],
  ['cancel', (books, input, at) => payer(books, input, at, 'cancel')],
  ['refunds', decideRefund],
  ['refund', refundByHand],
  ['receivers', setReceivers],
  ['shares', decideShare],
  ['share_returns', decideReturn],
  ['forge', forge],
]);

function addMerchants({ register }: Rooms, input: unknown): unknown {
  const merchants = listOf(input, 'merchants').map(readMerchant);
  register.revision += 1;
  for (const merchant of merchants) register.merchants.set(merchant.mchid, merchant);
  return merchants.map((merchant) => merchantView(register, merchant));
}

function setSettings({ register }: Rooms, input: unknown): unknown {
  const settings = patchSettings(register.settings, input);
  register.revision += 1;
  register.settings = settings;
  return settings;
}

function addFaults({ register }: Rooms, input: unknown): unknown {
  const rules = listOf(input, 'faults');
  // All are read before one is in force.
  const before = register.faults.list();
  try {
    const added = rules.map((rule) => register.faults.add(rule));
    register.revision += 1;
    return added;
  } catch (error) {
    for (const rule of register.faults.list()) if (!before.includes(rule)) register.faults.remove(rule.id);
    throw error;
  }
}

function removeFaults({ register }: Rooms, input: unknown): unknown {
  register.faults.remove(optionalText(fieldsOf(input, 'faults'), 'id'));
  register.revision += 1;
  return register.faults.list();
}

const purses: Readonly<Record<string, Purse>> = { unsettled: 'UNSETTLED', available: 'AVAILABLE', basic: 'BASIC' };

/** Tops up or empties; refunds that waited for money go on. */
function setFunds({ register }: Rooms, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'funds');
  const mchid = text(fields, 'mchid');
  const given = Object.entries(purses).filter(([name]) => fields[name] !== undefined);
  for (const [name] of given)
    if (!Number.isSafeInteger(fields[name])) throw new BadRequest(`${name} must be whole fen`);
  register.revision += 1;
  // What is kept for sharing lies there besides.
  for (const [name, purse] of given)
    register.ledger.set(mchid, purse, (fields[name] as number) + register.heldOf(mchid, purse));
  fundWaiting(register, mchid, at);
  return fundsView(register, mchid);
}

function fundsView({ ledger }: Register, payee: string): unknown {
  return Object.fromEntries(
    Object.entries(purses).map(([name, purse]) => [`${name}_fen`, ledger.balanceOf(payee, purse)]),
  );
}

function addCodes({ register }: Rooms, input: unknown): unknown {
  const codes = listOf(input, 'codes').map((one) => {
    const fields = fieldsOf(one, 'a code');
    const does = (['pay', 'ask', 'refuse'] as const).find((name) => name === (fields['does'] ?? 'pay'));
    if (!does) throw new BadRequest('does must be pay, ask or refuse');
    const afterMs = fields['after_ms'];
    if (afterMs !== undefined && (typeof afterMs !== 'number' || afterMs < 0))
      throw new BadRequest('after_ms must be milliseconds');
    const errCode = optionalText(fields, 'err_code') ?? 'NOTENOUGH';
    const code: PayCode = { does, afterMs, errCode, openid: optionalText(fields, 'openid') ?? defaultPayer.openid };
    return [text(fields, 'auth_code'), code] as const;
  });
  register.revision += 1;
  for (const [authCode, code] of codes) register.payCodes.set(authCode, code);
  return { codes: register.payCodes.size };
}

function setIdentities({ register, customs }: Rooms, input: unknown): unknown {
  const identities = listOf(input, 'identities').map((one) => {
    const fields = fieldsOf(one, 'an identity');
    return [text(fields, 'openid'), { name: text(fields, 'name'), idNo: text(fields, 'id_no') }] as const;
  });
  register.revision += 1;
  for (const [openid, identity] of identities) customs.identities.set(openid, identity);
  return { identities: customs.identities.size };
}

type Place = { readonly order: Order; readonly offer: Offer | undefined };

/** By a code, an address with the code in it, a prepaid session, or the merchant's number with the latest session. */
function placeOf(register: Register, fields: Fields): Place {
  const named = ['code', 'prepay_id', 'code_url', 'h5_url'].map((name) => optionalText(fields, name));
  const code = named.find((one) => one !== undefined);
  if (code !== undefined) {
    const offer = register.offers.get(/[?&](?:prepay_id|pr|code)=([^&]+)/.exec(code)?.[1] ?? code);
    if (!offer) throw new BadRequest(`nobody was asked to pay ${code}`);
    return { order: offer.order, offer };
  }
  const outTradeNo = text(fields, 'out_trade_no');
  const mchid = optionalText(fields, 'mchid');
  const all = register.ordersOfNumber(outTradeNo);
  const order = all.find(({ terms }) => mchid === undefined || terms.payee === mchid);
  if (!order) throw new BadRequest(`nobody was asked to pay ${outTradeNo}`);
  return { order, offer: order.offer };
}

/** What the payer does and what the app says to it: `refused` is null when it worked. */
function payer({ register }: Rooms, input: unknown, at: number, act: 'scan' | 'pay' | 'password' | 'cancel') {
  const fields = fieldsOf(input, act);
  const { order, offer } = placeOf(register, fields);
  const openid = optionalText(fields, 'openid');
  const bankType = optionalText(fields, 'bank_type') ?? defaultPayer.bankType;
  const who: Payer = { openid: openid ?? defaultPayer.openid, bankType };
  const isAsked = order.state === 'USERPAYING';
  const obstacle = act === 'password' && !isAsked ? 'NOT_ASKED_FOR_PASSWORD' : payersObstacle(order, offer, openid, at);
  if (obstacle === undefined) {
    if (act === 'pay' || act === 'password') payOrder(register, order, who, at);
    if (act === 'cancel' && isAsked) {
      register.revision += 1;
      order.state = 'PAYERROR';
    }
  }
  return { refused: obstacle ?? null, order: orderBooksView(order) };
}

/** A person refunds on the merchant web site: a number that the merchant's systems have never seen. */
function refundByHand({ register }: Rooms, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'refund');
  const { order } = placeOf(register, fields);
  const amountFen = fields['amount_fen'];
  const left = order.terms.amountFen - order.refundedFen;
  if (order.state !== 'SUCCESS' || typeof amountFen !== 'number' || !Number.isSafeInteger(amountFen))
    throw new BadRequest('amount_fen must be whole fen of a paid order');
  if (amountFen < 1 || amountFen > left) throw new BadRequest(`amount_fen: ${left} fen are left`);
  const { version } = order.terms;
  const outRefundNo = `BYHAND${String(register.refunds.size + 1).padStart(10, '0')}`;
  const purse = register.purseOf(register.merchantOf(order));
  const terms = { version, outRefundNo, amountFen, purse, reason: undefined, notifyUrl: undefined, content: '' };
  return refundBooksView(startRefund(register, order, terms, { by: 'console', hits: [] }, at));
}

/** What becomes of a refund that is still on its way. */
function decideRefund({ register }: Rooms, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'refunds');
  const outRefundNo = text(fields, 'out_refund_no');
  const refund = [...register.refunds.values()].find((one) => one.terms.outRefundNo === outRefundNo);
  const fate = (['SUCCESS', 'ABNORMAL', 'CLOSED'] as const).find((one) => one === fields['becomes']);
  if (!refund || !fate) throw new BadRequest('a refund that exists becomes SUCCESS, ABNORMAL or CLOSED');
  if (refund.status !== 'PROCESSING') throw new BadRequest(`the refund is ${refund.status} already`);
  settleRefund(register, refund, fate, at);
  return refundBooksView(refund);
}

/** A callback that no event has caused: about an order as it is, with fields changed; signed by a stranger unless asked. */
function forge({ register }: Rooms, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'forge');
  const { order } = placeOf(register, fields);
  const url = optionalText(fields, 'url') ?? order.terms.notifyUrl;
  if (url === undefined) throw new BadRequest('the order named no notify_url: give a url');
  const told = noticeOf('paid', paidAsIf(order, at), undefined, { url, version: order.terms.version });
  const notice = withChanges(told, fieldsOf(fields['fields'] ?? {}, 'fields'));
  register.revision += 1;
  const written = register.notices.forge(notice, at, fields['signed'] !== true);
  return { seq: written.seq, state: written.state };
}

function paidAsIf(order: Order, at: number): Order {
  if (order.payment) return order;
  const payment = { transactionId: '4200000000000000000000000000', at, ...defaultPayer, feeFen: 0 };
  return { ...order, state: 'SUCCESS', payment };
}

function withChanges(notice: NoticeInput, changes: Fields): NoticeInput {
  const { content } = notice;
  if (content.version === 'v3') return { ...notice, content: { ...content, plain: { ...content.plain, ...changes } } };
  const changed = Object.entries(changes).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return { ...notice, content: { ...content, pairs: [...new Map([...content.pairs, ...changed])] } };
}
