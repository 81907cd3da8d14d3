import { yuanOf } from '../../money.ts';
import { spacedTime } from '../../shanghai.ts';
import { codeLivesMs, endOf, isOnPhone, readDeadline } from './deadlines.ts';
import { amountFields, fundBill, numbersOf, payerFields } from './finding.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { payTrade } from './payer.ts';
import { defaultBuyer } from './register.ts';
import type { PayCode } from './register.ts';
import { failure, success } from './results.ts';
import { isSame, readTerms, word } from './terms.ts';
import type { Deadline, Offer, OfferKind, Terms, Trade } from './types.ts';

type Opening = { readonly terms: Terms; readonly deadline: Deadline; readonly trade: Trade | undefined };

/** The checks that all methods share which ask for money: fields, deadline, and what the number means already. */
function readOpening(method: MethodCall): Opening | MethodResult {
  const { register, call, app, at } = method;
  const terms = readTerms(call, app);
  if ('code' in terms) return terms;
  const deadline = readDeadline(call.method, call.biz, at);
  if ('code' in deadline) return deadline;
  const trade = register.tradeOf(app.sellerId, terms.outTradeNo);
  if (trade) {
    if (trade.status === 'TRADE_CLOSED') return failure('TRADE_HAS_CLOSE');
    if (trade.status !== 'WAIT_BUYER_PAY') return failure('TRADE_HAS_SUCCESS');
    if (!isSame(terms, trade.terms)) return failure('CONTEXT_INCONSISTENT');
  } else if (register.settings().terms_bind === 'at_request') {
    const first = register.offersOfNumber(app.sellerId, terms.outTradeNo)[0];
    if (first && !isSame(terms, first.terms)) return failure('CONTEXT_INCONSISTENT');
  }
  return { terms, deadline, trade };
}

/** The page is shown; no trade yet. A page's length of life counts from the first request for its number. */
export function openCashier(method: MethodCall): MethodResult {
  const { register, call, app, at } = method;
  const opening = readOpening(method);
  if ('code' in opening) return opening;
  const { terms, deadline } = opening;
  const kind: OfferKind = call.method.slice('alipay.trade.'.length, -'.pay'.length) as 'page' | 'wap' | 'app';
  const first = register.offersOfNumber(app.sellerId, terms.outTradeNo).find((offer) => offer.kind === kind);
  const livesFromBirth = 'forMs' in deadline && isOnPhone(call.method);
  const endsAt = 'at' in deadline ? deadline.at : (first?.openedAt ?? at) + deadline.forMs;
  const offer = register.addOffer({
    kind,
    call,
    terms,
    openedAt: at,
    endsAt: livesFromBirth ? undefined : endsAt,
    deadline: livesFromBirth ? deadline : { at: endsAt },
  });
  return { ...success({ out_trade_no: terms.outTradeNo }), offer };
}

/** A code to be drawn. Asking again while it lives gives the same one. */
export function precreate(method: MethodCall): MethodResult {
  const { register, call, app, at } = method;
  const opening = readOpening(method);
  if ('code' in opening) return opening;
  const { terms, deadline } = opening;
  const alive = register
    .offersOfNumber(app.sellerId, terms.outTradeNo)
    .find((one) => one.kind === 'qr' && (one.endsAt ?? 0) > at && isSame(one.terms, terms));
  const expiresAt = endOf(deadline, at);
  const endsAt = Math.min(at + codeLivesMs, expiresAt);
  const fresh = { kind: 'qr', call, terms, openedAt: at, endsAt, deadline: { at: expiresAt } } as const;
  const offer: Offer = alive ?? register.addOffer(fresh);
  return { ...success({ out_trade_no: terms.outTradeNo }), offer };
}

export function createTrade(method: MethodCall): MethodResult {
  const { register, call, at } = method;
  const opening = readOpening(method);
  if ('code' in opening) return opening;
  const buyerId = word(call.biz, 'buyer_id') ?? word(call.biz, 'buyer_open_id');
  if (buyerId === undefined) return failure('INVALID_PARAMETER');
  const trade =
    opening.trade ??
    register.bear(call, opening.terms, endOf(opening.deadline, at), at, {
      buyer: { id: buyerId, logonId: defaultBuyer.logonId },
    });
  return success(numbersOf(trade));
}

/** The shop scanned the payer's code (or the payer's face). */
export function payByCode(method: MethodCall): MethodResult {
  const { register, call, at } = method;
  const opening = readOpening(method);
  if ('code' in opening) return opening;
  const authCode = word(call.biz, 'auth_code');
  if (authCode === undefined || !/^(?:(?:2[5-9]|30)\d{14,22}|fp\w{33})$/.test(authCode))
    return failure('PAYMENT_AUTH_CODE_INVALID');
  const { terms, trade: known } = opening;
  // A code is good for one payment; repeating the same call means the same payment.
  if ((register.usedCodes.get(authCode) ?? terms.outTradeNo) !== terms.outTradeNo)
    return failure('PAYMENT_AUTH_CODE_INVALID');
  if (known) return known.authCode === authCode ? inProgress(known) : failure('CONTEXT_INCONSISTENT');
  register.usedCodes.set(authCode, terms.outTradeNo);
  const code: PayCode = register.payCodes.get(authCode) ?? {
    does: register.settings().barcode,
    afterMs: undefined,
    subCode: 'ACQ.BUYER_BALANCE_NOT_ENOUGH',
    buyer: defaultBuyer,
  };
  const trade = register.bear(call, terms, endOf(opening.deadline, at), at, { authCode, buyer: code.buyer });
  switch (code.does) {
    case 'refuse':
      return { ...failure('PAYMENT_FAIL', numbersOf(trade)), subCode: code.subCode };
    case 'ask':
      if (code.afterMs !== undefined) payLater(method, trade, code, at + code.afterMs);
      return inProgress(trade);
    case 'pay':
      payTrade(register, trade, code.buyer, at, method.hits);
      return success(paidFields(trade));
  }
}

function payLater({ register }: MethodCall, trade: Trade, code: PayCode, due: number): void {
  register.agenda.add(due, (at) => {
    if (trade.status === 'WAIT_BUYER_PAY') register.pay(trade, code.buyer, at);
  });
}

function inProgress(trade: Trade): MethodResult {
  return { code: '10003', fields: { ...numbersOf(trade), ...payerFields(trade) } };
}

function paidFields(trade: Trade) {
  return {
    ...numbersOf(trade),
    ...payerFields(trade),
    total_amount: yuanOf(trade.amountFen),
    ...amountFields(trade),
    gmt_payment: spacedTime(trade.paidAt ?? 0),
    fund_bill_list: fundBill(trade),
  };
}
