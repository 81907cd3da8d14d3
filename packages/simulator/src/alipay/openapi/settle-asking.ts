import type { Fields } from '../../input.ts';
import type { MethodCall } from './method-call.ts';
import { failure } from './results.ts';
import { accountTypes } from './royalty-types.ts';
import type { AccountType } from './royalty-types.ts';
import { amountOf, fieldsIn, word } from './terms.ts';
import type { CallResult } from './types.ts';

/** One receiver as the call names him: with an amount, or a whole percent of the trade. */
export type Wish = {
  readonly type: AccountType;
  readonly account: string;
  readonly name: string | undefined;
  readonly amountFen: number | undefined;
  readonly percent: number | undefined;
};

export type SettleAsked = {
  readonly requestNo: string;
  readonly tradeNo: string;
  readonly mode: 'sync' | 'async';
  readonly wishes: readonly Wish[];
  /** What is left is released, wholly or (`amountFen`) in part. */
  readonly finish: { readonly amountFen: number | undefined } | undefined;
};

/** Field rules of alipay.trade.order.settle: Alipay open platform. Without receivers it must at least release something. */
export function readSettle(method: MethodCall): SettleAsked | CallResult {
  const { biz } = method.call;
  const invalid = (name: string) => ({ ...failure('INVALID_PARAMETER'), subMsg: `参数无效: ${name}` });
  const requestNo = word(biz, 'out_request_no');
  if (requestNo === undefined || !/^\w{1,64}$/.test(requestNo)) return invalid('out_request_no');
  const tradeNo = word(biz, 'trade_no');
  if (tradeNo === undefined) return invalid('trade_no');
  const mode = (['sync', 'async'] as const).find((one) => one === (word(biz, 'royalty_mode') ?? 'sync'));
  if (!mode) return invalid('royalty_mode');
  const extended = fieldsIn(biz, 'extend_params');
  const finishFen = amountOf(extended, 'royalty_finish_amount');
  if (extended['royalty_finish_amount'] !== undefined && finishFen === undefined)
    return invalid('royalty_finish_amount');
  const finishes = word(extended, 'royalty_finish') === 'true' || finishFen !== undefined;
  const given = biz['royalty_parameters'] ?? [];
  if (!Array.isArray(given) || (given.length === 0 && !finishes)) return invalid('royalty_parameters');
  const settings = method.register.settings();
  if (given.length > (mode === 'sync' ? settings.royalty_sync_receivers : settings.royalty_async_receivers))
    return invalid('royalty_parameters');
  const read = given.map((one) => readWish(method, one as Fields));
  const bad = read.find((one) => 'code' in one);
  if (bad && 'code' in bad) return bad;
  const wishes = read.flatMap((one) => ('code' in one ? [] : [one]));
  return { requestNo, tradeNo, mode, wishes, finish: finishes ? { amountFen: finishFen } : undefined };
}

function readWish({ app }: MethodCall, fields: Fields): Wish | CallResult {
  const invalid = (name: string) => ({ ...failure('INVALID_PARAMETER'), subMsg: `参数无效: ${name}` });
  if ((word(fields, 'royalty_type') ?? 'transfer') !== 'transfer') return failure('UN_SUPPORT_BIZ_TYPE');
  if ((word(fields, 'trans_out') ?? app.sellerId) !== app.sellerId) return failure('MUST_ALLOC_FROM_ROOT_ACCOUNT');
  const typeSaid = word(fields, 'trans_in_type') ?? 'userId';
  if (typeSaid === 'cardAliasNo') return failure('SETTLE_TO_CARD_NOT_SUPPORT');
  const type = accountTypes.find((one) => one === typeSaid);
  if (!type) return invalid('trans_in_type');
  const account = word(fields, 'trans_in');
  if (account === undefined) return invalid('trans_in');
  if (account === app.sellerId) return failure('ROYALTY_ACCOUNTS_EQUAL');
  const percent = word(fields, 'amount_percentage');
  if (percent !== undefined && !/^([1-9]\d?|100)$/.test(percent)) return invalid('amount_percentage');
  const amountFen = amountOf(fields, 'amount');
  if (amountFen === undefined && (fields['amount'] !== undefined || percent === undefined)) return invalid('amount');
  const percentOf = percent === undefined ? undefined : Number(percent);
  return { type, account, name: word(fields, 'trans_in_name'), amountFen, percent: percentOf };
}
