import { CNY, inDoubt, parseShanghai, toDecimal } from '../../kernel/index.ts';
import type { Money, Outcome, Trust } from '../../kernel/index.ts';
import type { ChannelAccount, PayInstruction, TradeFacts, TradeReading } from '../contract/index.ts';
import { partyOf } from './account.ts';
import type { Said } from './answer.ts';
import type { Fields } from './json.ts';

/** An amount of fen; undefined when it is none or of another currency. */
export function fenIn(amount: Fields, name: string): Money | undefined {
  const minor = amount.fen(name);
  const isYuan = !amount.has('currency') || amount.text('currency') === CNY;
  return minor === undefined || !isYuan ? undefined : { minor, currency: CNY };
}

/** The second question: whose order is it? Empty when the merchant numbers are the account's; otherwise why it is doubt. */
export function aboutOtherMerchant(fields: Fields, account: ChannelAccount, product: string): string {
  const { merchants, applications } = partyOf(account, product);
  const other = [
    ...Object.entries(merchants).filter(([name, value]) => fields.text(name) !== value),
    ...Object.entries(applications).filter(([name, value]) => fields.has(name) && fields.text(name) !== value),
  ][0];
  return other ? `the answer is about ${other[0]} ${fields.text(other[0]) || 'nobody'}` : '';
}

/** The facts of an order as query and message tell them, without who paid: an openid names a person and is not masked. */
function tradeFacts(fields: Fields): TradeFacts {
  const amount = fields.group('amount');
  const total = fenIn(amount, 'total');
  const payerPaid = amount.fen('payer_total');
  const paidAt = parseShanghai(fields.text('success_time'));
  const tradeNo = fields.text('transaction_id');
  return {
    serialNo: fields.text('out_trade_no'),
    ...(tradeNo === '' ? {} : { tradeNo }),
    // What a buyer saves by coupons is the platform's or the merchant's matter; an order's total is what reaches us.
    ...(total ? { amount: total, received: total } : {}),
    ...(payerPaid === undefined ? {} : { payerPaid: { minor: payerPaid, currency: CNY } }),
    ...(paidAt === undefined ? {} : { paidAt }),
    channelStatus: fields.text('trade_state'),
  };
}

/** Level three: the state of the money (APIv3, table of trade_state). REVOKED, USERPAYING and PAYERROR are of payers' codes only: doubt. */
export function stateOutcome(fields: Fields): Outcome<TradeFacts> {
  const state = fields.text('trade_state');
  const facts = tradeFacts(fields);
  if (state === 'NOTPAY') return { kind: 'accepted', facts };
  if (state === 'SUCCESS' || state === 'REFUND') {
    if (facts.tradeNo === undefined) return inDoubt('paid, and no transaction is named');
    // In part or in full: asking about refunds tells which.
    return { kind: 'succeeded', facts: state === 'REFUND' ? { ...facts, hasRefunds: true } : facts };
  }
  if (state !== 'CLOSED') return inDoubt(`trade_state ${state} is not listed`);
  const paid = ['transaction_id', 'success_time'].filter((name) => fields.has(name));
  if (paid.length > 0) return inDoubt(`closed, and yet there is a ${paid.join(', ')}`);
  return { kind: 'rejected', code: state, text: 'closed without payment' };
}

/** Another amount or currency than ours, in the channel's words. */
function otherTerms(fields: Fields, { amount: ours }: PayInstruction): string | undefined {
  const amount = fields.group('amount');
  if (fenIn(amount, 'total')?.minor === ours.minor && ours.currency === CNY) return undefined;
  const total = amount.fen('total');
  const said = total === undefined ? 'no amount' : toDecimal({ minor: total, currency: CNY });
  return `${said} ${amount.text('currency') || CNY}`;
}

/** The channel's words beside ours. */
export const otherAmount = (says: string, { amount }: PayInstruction): string =>
  `the channel says ${says}, we asked for ${toDecimal(amount)} ${amount.currency}`;

/** What is told about our number, compared with what we asked for; a success about another amount is doubt that a person must look at. */
export function comparedState({ fields, trust }: Said, instruction: PayInstruction): TradeReading {
  const outcome = stateOutcome(fields);
  const isAboutMoney = outcome.kind === 'succeeded' || (outcome.kind === 'accepted' && fields.has('amount'));
  const other = isAboutMoney ? otherTerms(fields, instruction) : undefined;
  if (other === undefined) return { trust, outcome };
  const doubt = inDoubt(otherAmount(other, instruction));
  return outcome.kind === 'succeeded' ? { trust, outcome: doubt, disputed: other } : { trust, outcome: doubt };
}

/** Rejected only when the list of this operation knows status and code. */
export function refusalBy({ refusal, words }: Said, listed: ReadonlyMap<string, string>): Outcome<never> {
  const text = listed.get(refusal);
  if (text === undefined) return inDoubt(`the answer ${refusal} proves nothing`);
  const [, code = ''] = refusal.split(' ');
  return { kind: 'rejected', code, text: words === '' ? text : words };
}

/** Nothing of it is settled, and who vouches for it. */
export const doubt = (
  trust: Trust,
  why: string,
): { readonly trust: Trust; readonly outcome: ReturnType<typeof inDoubt> } => ({ trust, outcome: inDoubt(why) });
