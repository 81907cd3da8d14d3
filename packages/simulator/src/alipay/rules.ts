import { fenOf } from '../money.ts';
import type { Settings } from '../settings.ts';
import type { Declaration, DeclareCall, Failure, Terms, Trade } from './types.ts';

/** A re-push needs at least this much since the previous declaration of the payment (Alipay acquire.customs document). */
export const gapMs = 5 * 60_000;

/** A query names at most so many numbers, in a text of at most so many characters (overseas.acquire.customs.query document). */
const queryNumbersMax = 10;
const queryTextMax = 350;
const requestNoMax = 32;

export type Books = {
  readonly trade: Trade | undefined;
  /** The declaration with this request number, if Alipay has it. */
  readonly record: Declaration | undefined;
  /** All declarations of the same trade, the above included. */
  readonly ofTrade: readonly Declaration[];
  /** When a declaration of this trade was last executed (or, by a setting, attempted). */
  readonly lastDeclaredAt: number | undefined;
  readonly now: number;
  readonly settings: Settings;
};

export type Verdict =
  | { readonly kind: 'first'; readonly terms: Terms; readonly trade: Trade }
  | { readonly kind: 'push_again'; readonly terms: Terms }
  | { readonly kind: 'same_answer'; readonly why: string }
  | { readonly kind: 'fail'; readonly failure: Failure };

/** The rules of `alipay.acquire.customs`: what a call with these parameters means for these books. */
export function judge(call: DeclareCall, books: Books): Verdict {
  const terms = readTerms(call, books.settings);
  if ('code' in terms) return { kind: 'fail', failure: terms };
  if (books.record) return judgeAgain(terms, books.record, books);
  const { trade } = books;
  if (!trade) return fail('TRADE_NOT_EXIST', '交易不存在');
  const refusal = refusalOfTrade(trade, books.now) ?? refusalOfTerms(terms, undefined, trade, books);
  return refusal ? { kind: 'fail', failure: refusal } : { kind: 'first', terms, trade };
}

/** The same request number again: a re-push, a modification, or nothing at all that looks like one. */
function judgeAgain(terms: Terms, record: Declaration, books: Books): Verdict {
  const changed = Object.keys(terms).some((key) => terms[key as keyof Terms] !== record.terms[key as keyof Terms]);
  const obstacle = obstacleToPush(terms, record, books);
  if (obstacle) {
    // The trap: unchanged parameters are answered with SUCCESS although nothing is sent.
    return changed
      ? fail('CONTEXT_INCONSISTENT', `重推参数与原请求不一致: ${obstacle}`)
      : { kind: 'same_answer', why: obstacle };
  }
  const refusal = changed ? refusalOfTerms(terms, record, record.trade, books) : undefined;
  return refusal ? { kind: 'fail', failure: refusal } : { kind: 'push_again', terms };
}

function obstacleToPush(terms: Terms, record: Declaration, books: Books): string | undefined {
  const fixed = ['tradeNo', 'split', 'buyerName', 'buyerId'] as const;
  const forbidden = fixed.find((key) => terms[key] !== record.terms[key]);
  if (forbidden) return `${forbidden} must not change`;
  // NANSHAGJ supports neither modification nor re-push, whether it is left or entered.
  const closed = [terms.place, record.terms.place].find((place) => books.settings.places[place]?.repush === false);
  if (closed) return `${closed} takes no re-push`;
  const since = books.now - (books.lastDeclaredAt ?? 0);
  return since < gapMs ? `only ${Math.floor(since / 1000)} s since the last declaration of this trade` : undefined;
}

function refusalOfTrade(trade: Trade, now: number): Failure | undefined {
  const paid = trade.paidAt !== undefined && trade.paidAt <= now && !trade.closed;
  return paid ? undefined : { code: 'TRADE_STATUS_ERROR', text: '交易状态不合法' };
}

function refusalOfTerms(terms: Terms, self: Declaration | undefined, trade: Trade, books: Books): Failure | undefined {
  const others = books.ofTrade.filter((other) => other !== self);
  const declaredHere = others.some(
    ({ terms: other }) =>
      other.place === terms.place && (!terms.split || !other.split || other.childOrderNo === terms.childOrderNo),
  );
  if (declaredHere) return { code: 'SAME_CUSTOMS_DECLARE_ONCE', text: '同一笔交易在同一海关只能报关一次' };
  const total = declaredTotal([...others.map((other) => other.terms), terms]);
  return total > trade.amountFen ? { code: 'REQUEST_AMOUNT_EXCEED', text: '报关金额超出交易金额' } : undefined;
}

/** Places that are declared first, with `ZONGSHU` following for the same money (Alipay's list of customs places). */
const firstLegs = ['HENAN', 'TIANJIN'];

/** The sum over all declarations of a trade; the two legs of a two-leg port are one sum of money. */
function declaredTotal(all: readonly Terms[]): number {
  let total = 0;
  for (const terms of all) {
    const secondLeg = all.find((other) => other.place === 'ZONGSHU' && other.childOrderNo === terms.childOrderNo);
    total +=
      firstLegs.includes(terms.place) && secondLeg
        ? Math.max(0, terms.amountFen - secondLeg.amountFen)
        : terms.amountFen;
  }
  return total;
}

function readTerms(call: DeclareCall, settings: Settings): Terms | Failure {
  const invalid = (what: string): Failure => ({ code: 'INVALID_PARAMETER', text: `参数错误: ${what}` });
  const amountFen = /^\d+(\.\d{1,2})?$/.test(call.amount) && call.amount.length <= 20 ? fenOf(call.amount) : undefined;
  const place = call.customs_place.toUpperCase();
  const split = call.is_split?.toUpperCase() === 'T';
  const childOrderNo = split ? (call.sub_out_biz_no ?? '') : '';
  if (!/^[A-Za-z0-9_-]{6,32}$/.test(call.out_request_no)) return invalid('out_request_no');
  if (!/^[A-Za-z0-9]{16,64}$/.test(call.trade_no)) return invalid('trade_no');
  if (!call.merchant_customs_code || call.merchant_customs_code.length > 20) return invalid('merchant_customs_code');
  if (!call.merchant_customs_name || call.merchant_customs_name.length > 256) return invalid('merchant_customs_name');
  if (!amountFen) return invalid('amount');
  const office = settings.places[place];
  if (!office) return invalid('customs_place');
  if (split && (childOrderNo === '' || childOrderNo.length > 32)) return invalid('sub_out_biz_no');
  if (split && !office.split) return { code: 'NOT_SUPPORT_SPLIT', text: '该海关不支持拆单' };
  return {
    customsCode: call.merchant_customs_code,
    customsName: call.merchant_customs_name,
    place,
    amountFen,
    childOrderNo,
    tradeNo: call.trade_no,
    split,
    buyerName: call.buyer_name ?? '',
    buyerId: call.buyer_id_no ?? '',
  };
}

function fail(code: string, text: string): Verdict {
  return { kind: 'fail', failure: { code, text } };
}

/** The numbers of a query, or why the whole batch fails: one bad number fails all. */
export function readQueryNumbers(list: string): readonly string[] | Failure {
  const numbers = list.split(',');
  const bad = numbers.some((no) => no === '' || no.length > requestNoMax || /\s/.test(no));
  if (list.length > queryTextMax || bad) return { code: 'INVALID_PARAMETER', text: '参数错误: out_request_nos' };
  if (numbers.length > queryNumbersMax) return { code: 'MAX_OUT_REQUEST_NO_EXCEEDED', text: '报关流水号超过最大个数' };
  return [...new Set(numbers)];
}

/** The order number that customs knows: of the child order when split, of the trade otherwise. */
export function customsOrderNo({ terms, trade }: Declaration): string {
  return terms.split ? terms.childOrderNo : trade.outTradeNo;
}
