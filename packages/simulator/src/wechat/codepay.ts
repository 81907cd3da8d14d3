import { payBefore } from './closing.ts';
import { playedOf } from './faults.ts';
import { word } from './fields.ts';
import { orderOfCall, readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { orderView, v2OrderFields } from './order-views.ts';
import { obstacleOf } from './ordering.ts';
import { payOrder } from './payer.ts';
import { defaultPayer } from './register.ts';
import type { PayCode } from './register.ts';
import { reversePaid } from './refund-life.ts';
import { done, refused } from './results.ts';
import { readTerms } from './terms.ts';
import type { Order, Result } from './types.ts';

/** The shop scanned the payer's code. A code is good for one payment; repeating the same call means the same payment. */
export function payByCode(method: MethodCall): Result {
  const { register, call, merchant, at } = method;
  if (call.version === 'v3' && !register.settings.v3_codepay) return refused('NO_AUTH');
  if (!merchant.products.includes('MICROPAY')) return refused('NO_AUTH');
  const terms = readTerms(method, 'MICROPAY');
  if ('kind' in terms) return terms;
  const authCode = word(call.fields, call.version === 'v3' ? 'payer.auth_code' : 'auth_code') ?? '';
  if (!/^1[0-5]\d{16}$/.test(authCode)) return refused('AUTH_CODE_INVALID');
  const known = register.orderOf(terms.payee, terms.outTradeNo);
  if (known)
    return known.state === 'USERPAYING'
      ? refused('USERPAYING')
      : (obstacleOf(method, known, terms) ?? refused('INVALID_REQUEST'));
  if (register.usedCodes.has(authCode)) return refused('AUTHCODEEXPIRE');
  register.usedCodes.set(authCode, terms.outTradeNo);
  const order = register.open(terms, at, authCode);
  const { settings } = register;
  const undescribed: PayCode = {
    does: settings.micropay === 'ask' ? 'ask' : 'pay',
    afterMs: undefined,
    errCode: 'NOTENOUGH',
    openid: defaultPayer.openid,
  };
  const code = register.payCodes.get(authCode) ?? undescribed;
  const payer = { ...defaultPayer, openid: code.openid };
  switch (code.does) {
    case 'pay':
      payOrder(register, order, payer, at);
      return done(call.version === 'v2' ? v2PaidFields(order) : orderView(order));
    case 'refuse':
      order.state = 'PAYERROR';
      return refused(code.errCode);
    case 'ask':
      order.state = 'USERPAYING';
      if (code.afterMs !== undefined)
        register.agenda.add(at + code.afterMs, (due) => {
          if (order.state === 'USERPAYING') payOrder(register, order, payer, due);
        });
      return refused('USERPAYING');
  }
}

/** As a query, without the state: whoever looks for one finds the two result codes. */
function v2PaidFields(order: Order) {
  const shown = Object.entries(v2OrderFields(order)).filter(([name]) => !name.startsWith('trade_state'));
  return Object.fromEntries(shown);
}

/** Unpaid: the order is closed. Paid: the money goes back. `recall` Y = call again. */
export function reverseOrder(method: MethodCall): Result {
  const { register, call, hits, at } = method;
  const parties = readParties(method, true);
  if ('kind' in parties) return parties;
  const order = orderOfCall(method, parties.payee);
  if (!order) return refused('ORDER_NOT_EXIST');
  if (order.terms.product !== 'MICROPAY') return refused('TRADE_ERROR', '仅付款码支付可以撤销');
  payBefore(method, order);
  if (playedOf(hits, 'recall')) return reversed(method, 'Y');
  if (order.state === 'REVOKED') return reversed(method, 'N');
  const since = at - (order.payment?.at ?? order.createdAt);
  if (since > register.settings.reverse_window_ms) return refused('REVERSE_EXPIRE');
  if (since < register.settings.reverse_wait_ms) return refused('USERPAYING');
  if (order.refundedFen > 0) return refused('TRADE_ERROR', '订单已有退款');
  if (order.payment && !reversePaid(register, order, at)) return refused('NOT_ENOUGH');
  revoke(method, order);
  return call.version === 'v3' ? done(parties.subMchid === undefined ? numbersOf(order) : {}) : reversed(method, 'N');
}

function revoke({ register, at }: MethodCall, order: Order): void {
  register.revision += 1;
  order.state = 'REVOKED';
  order.closedAt = at;
}

function numbersOf({ terms }: Order) {
  return { appid: terms.appid, mchid: terms.mchid, out_trade_no: terms.outTradeNo };
}

function reversed({ call }: MethodCall, recall: 'Y' | 'N'): Result {
  return done(call.version === 'v2' ? { recall } : {});
}
