import type { Fields } from '../../input.ts';
import { feeShare } from './money.ts';
import type { MethodCall } from './method-call.ts';
import type { BackWish } from './royalty-types.ts';
import { amountOf, word } from './terms.ts';
import type { Trade } from './types.ts';

/** Products of the counter: there a refund takes its share from everybody by itself, and nothing can be said about it. */
const counterMethods: readonly string[] = ['alipay.trade.pay', 'alipay.trade.precreate'];

/** What comes back from receivers with this refund; a word when that cannot be. Elsewhere who is not named gives nothing. */
export function backsOf(method: MethodCall, trade: Trade, amountFen: number): readonly BackWish[] | string {
  const backs = counterMethods.includes(trade.call.method) ? proRata(method, trade, amountFen) : named(method, trade);
  if (typeof backs === 'string') return backs;
  const { royalties } = method.register;
  const sum = backs.reduce((total, back) => total + back.amountFen, 0);
  if (sum > amountFen) return 'ALLOC_AMOUNT_VALIDATE_ERROR';
  if (sum > 0 && method.hits.some((hit) => hit.fault === 'share_return_fails')) return 'REFUNDALLOC_UNAUTH_LIMIT';
  const wanted = new Map<string, number>();
  for (const { part, amountFen: fen } of backs) wanted.set(part.account, (wanted.get(part.account) ?? 0) + fen);
  const isShort = [...wanted].some(([account, fen]) => (royalties.balances.get(account) ?? 0) < fen);
  return isShort ? 'SELLER_BALANCE_NOT_ENOUGH' : backs;
}

function paidParts({ register }: MethodCall, trade: Trade): readonly Omit<BackWish, 'amountFen'>[] {
  return register.royalties
    .ofTrade(trade)
    .flatMap((request) => request.parts.flatMap((part) => (part.state === 'SUCCESS' ? [{ request, part }] : [])));
}

/** Everybody's share of all refunds so far, less what he gave back before: the last refund brings the rest. */
export function proRata(method: MethodCall, trade: Trade, amountFen: number): readonly BackWish[] {
  const refundedFen = trade.refundedFen + amountFen;
  return paidParts(method, trade).flatMap(({ request, part }) => {
    const back = feeShare(part.amountFen, refundedFen, trade.amountFen) - part.returnedFen;
    return back > 0 ? [{ request, part, amountFen: back }] : [];
  });
}

function named(method: MethodCall, trade: Trade): readonly BackWish[] | string {
  const given = method.call.biz['refund_royalty_parameters'] ?? [];
  if (!Array.isArray(given)) return 'INVALID_PARAMETER';
  const parts = paidParts(method, trade);
  const backs: BackWish[] = [];
  for (const one of given as readonly Fields[]) {
    const [account, amountFen] = [word(one, 'trans_out'), amountOf(one, 'amount')];
    const isToSeller = (word(one, 'trans_in') ?? trade.terms.sellerId) === trade.terms.sellerId;
    if (account === undefined || amountFen === undefined || !isToSeller) return 'INVALID_PARAMETER';
    const theirs = parts.filter(({ part }) => part.account === account);
    if (theirs.length === 0) return 'REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST';
    let left = amountFen;
    for (const { request, part } of theirs) {
      const before = backs.reduce((sum, back) => sum + (back.part === part ? back.amountFen : 0), 0);
      const fen = Math.min(left, part.amountFen - part.returnedFen - before);
      if (fen > 0) backs.push({ request, part, amountFen: fen });
      left -= fen;
    }
    if (left > 0) return 'ALLOC_AMOUNT_VALIDATE_ERROR';
  }
  return backs;
}
