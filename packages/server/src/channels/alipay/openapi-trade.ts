import { CNY, inDoubt, parseDecimal, parseShanghai, toDecimal } from '../../kernel/index.ts';
import type { Money, Outcome } from '../../kernel/index.ts';
import type { PayInstruction, TradeFacts, TradeReading } from '../contract/index.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { gatewayRefusals } from './openapi-codes.ts';

/** An amount in the words of the channel; undefined when it is none. */
export const yuan = (text: string): Money | undefined => parseDecimal(text, CNY);

/** Whom the answer is about: the second question. Empty when it names our number; otherwise why it is doubt. */
export function aboutOthers(said: OpenapiSaid, serialNo: string): string {
  const named = said.field('out_trade_no');
  return named === serialNo ? '' : `the answer is about ${named === '' ? 'no number' : named}`;
}

/** A refusal may come without our number; one with another number is about something else. */
export function refusesOthers(said: OpenapiSaid, serialNo: string): boolean {
  return said.has('out_trade_no') && said.field('out_trade_no') !== serialNo;
}

/** Rejected only when the list of this operation knows the code. */
export function refusalBy(said: OpenapiSaid, listed: ReadonlyMap<string, string>): Outcome<never> {
  const text = said.code === '40004' ? listed.get(said.subCode) : undefined;
  if (text === undefined) return inDoubt(`code ${said.code} ${said.subCode} proves nothing`);
  return { kind: 'rejected', code: said.subCode, text: said.text === '' ? text : said.text };
}

/** The call did not reach the business. That says nothing of an earlier call with the same number. */
export function refusalOfGateway(said: OpenapiSaid): Outcome<never> | undefined {
  if (gatewayRefusals.get(said.code)?.has(said.subCode) !== true) return undefined;
  return { kind: 'rejected', code: said.subCode, text: said.text };
}

/** The facts of a trade that this account asked about; absent members stay absent. */
export function tradeFacts(said: OpenapiSaid, serialNo: string, channelStatus: string): TradeFacts {
  const amount = yuan(said.field('total_amount'));
  const received = yuan(said.field('receipt_amount'));
  const payerPaid = yuan(said.field('buyer_pay_amount'));
  const paidAt = parseShanghai(said.field('send_pay_date') || said.field('gmt_payment'));
  const payer = said.field('buyer_logon_id');
  const tradeNo = said.field('trade_no');
  return {
    serialNo,
    ...(tradeNo === '' ? {} : { tradeNo }),
    ...(amount ? { amount } : {}),
    ...(received ? { received } : {}),
    ...(payerPaid ? { payerPaid } : {}),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(payer === '' ? {} : { payer }),
    channelStatus,
  };
}

/** Paid, if it is about our amount; otherwise doubt that names what the channel says, for a person. */
export function paid(said: OpenapiSaid, facts: TradeFacts, instruction: PayInstruction): TradeReading {
  const { trust } = said;
  if (facts.tradeNo === undefined) return { trust, outcome: inDoubt('paid, and the answer names no trade') };
  const other = otherTerms(said, instruction);
  if (other === undefined) return { trust, outcome: { kind: 'succeeded', facts } };
  const ours = `${toDecimal(instruction.amount)} ${instruction.amount.currency}`;
  return { trust, outcome: inDoubt(`the channel says ${other}, we asked for ${ours}`), disputed: other };
}

/** Another amount or currency than ours, in the channel's words. */
export function otherTerms(said: OpenapiSaid, instruction: PayInstruction): string | undefined {
  const text = said.field('total_amount');
  const currency = said.has('trans_currency') ? said.field('trans_currency') : CNY;
  const { minor, currency: ours } = instruction.amount;
  const isSame = yuan(text)?.minor === minor && currency === ours;
  return isSame ? undefined : `${text === '' ? 'no amount' : text} ${currency}`;
}

/** Another receiver than the account's, where the account names one and the answer does too. */
export function otherSeller(said: OpenapiSaid, sellerId: string | undefined): boolean {
  return sellerId !== undefined && said.has('seller_id') && said.field('seller_id') !== sellerId;
}
