import { inDoubt, parseShanghai } from '../../kernel/index.ts';
import type { Outcome, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { PayInstruction, PayOperations, TradeFacts, TradeReading } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { aboutOthers, otherSeller, otherTerms, paid, refusesOthers, tradeFacts, yuan } from './openapi-trade.ts';
import { refuseNumber } from './pay-terms.ts';

/** alipay.trade.query, by our number: it is the one that exists before the trade does. */
export const query: PayOperations['query'] = { build, interpret };

const method = 'alipay.trade.query';

function build(
  instruction: PayInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const refusal = refuseNumber(instruction);
  if (refusal) return refusal;
  return draftOpenapi(
    { method, travel: 'call', biz: { out_trade_no: instruction.serialNo } },
    account,
    moment,
    secrets,
  );
}

function interpret(
  answer: WireAnswer,
  instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): TradeReading {
  const said = readOpenapiAnswer(answer, method, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust } = said;
  if (said.code !== '10000') return unanswered(said, instruction.serialNo);
  const others = aboutOthers(said, instruction.serialNo);
  if (others !== '') return { trust, outcome: inDoubt(others) };
  if (said.has('sub_code')) return { trust, outcome: inDoubt('success with an error code') };
  if (otherSeller(said, account.settings['seller_id']))
    return { trust, outcome: inDoubt(`the trade belongs to ${said.field('seller_id')}`) };
  return stateOf(said, instruction);
}

/** Whatever a failed question says of the question, it says nothing of the money. Amounts beside an error are zeroes: not read. */
function unanswered(said: OpenapiSaid, serialNo: string): TradeReading {
  const { trust, code, subCode } = said;
  if (refusesOthers(said, serialNo)) return { trust, outcome: inDoubt(aboutOthers(said, serialNo)) };
  if (code === '40004' && subCode === 'ACQ.TRADE_NOT_EXIST')
    return { trust, outcome: inDoubt('the channel knows no such number'), isAbsent: true };
  return { trust, outcome: inDoubt(`the question was answered with ${code} ${subCode}`) };
}

function stateOf(said: OpenapiSaid, instruction: PayInstruction): TradeReading {
  const { trust } = said;
  const status = said.field('trade_status');
  const facts = tradeFacts(said, instruction.serialNo, status);
  if (status === 'TRADE_SUCCESS' || status === 'TRADE_FINISHED') return paid(said, facts, instruction);
  if (status === 'WAIT_BUYER_PAY') return { trust, outcome: waiting(said, facts, instruction) };
  if (status !== 'TRADE_CLOSED') return { trust, outcome: inDoubt(`trade_status ${status} is not listed`) };
  if (!said.has('send_pay_date')) return { trust, outcome: closedUnpaid(said) };
  if (parseShanghai(said.field('send_pay_date')) === undefined)
    return { trust, outcome: inDoubt('closed, and whether it was paid cannot be read') };
  // Closed after payment means: given back, wholly.
  return paid(said, { ...facts, hasRefunds: true, isGivenBack: true }, instruction);
}

function waiting(said: OpenapiSaid, facts: TradeFacts, instruction: PayInstruction): Outcome<TradeFacts> {
  const other = said.has('total_amount') ? otherTerms(said, instruction) : undefined;
  if (other !== undefined) return inDoubt(`the channel waits for ${other}`);
  return { kind: 'accepted', facts: { ...facts, isOpened: true } };
}

/** TRADE_CLOSED alone does not say "never paid": a full refund closes too. */
function closedUnpaid(said: OpenapiSaid): Outcome<TradeFacts> {
  const moved = ['receipt_amount', 'buyer_pay_amount'].filter(
    (name) => said.has(name) && yuan(said.field(name))?.minor !== 0n,
  );
  if (moved.length > 0) return inDoubt(`closed, and yet there is a ${moved.join(', ')}`);
  return { kind: 'rejected', code: 'TRADE_CLOSED', text: 'closed without payment' };
}
