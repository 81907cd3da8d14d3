import type { Instant, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { PayInstruction, PayOperations, TradeReading } from '../contract/index.ts';
import { partyOf } from './account.ts';
import { readAnswer } from './answer.ts';
import { orderUnknown } from './codes.ts';
import { refuseNumber } from './pay-terms.ts';
import { draftCall, queryText } from './request.ts';
import { aboutOtherMerchant, comparedState, doubt } from './trade.ts';

/** GET …/out-trade-no/{out_trade_no}, by our number: it exists before the transaction does. */
export const query: PayOperations['query'] = { build, interpret };

function build(
  instruction: PayInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { path, merchants } = partyOf(account, instruction.product);
  const number = encodeURIComponent(instruction.serialNo);
  return (
    refuseNumber(instruction) ??
    draftCall(
      { method: 'GET', path: `${path}/out-trade-no/${number}${queryText(merchants)}` },
      account,
      moment,
      secrets,
    )
  );
}

function interpret(
  answer: WireAnswer,
  instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): TradeReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, fields, refusal } = said;
  if (refusal === orderUnknown) return { ...doubt(trust, 'the channel knows no such number'), isAbsent: true };
  // Whatever a failed question says of the question, it says nothing of the money.
  if (refusal !== '') return doubt(trust, `the question was answered with ${refusal}`);
  const named = fields.text('out_trade_no');
  if (named !== instruction.serialNo) return doubt(trust, `the answer is about ${named === '' ? 'no number' : named}`);
  const other = aboutOtherMerchant(fields, account, instruction.product);
  return other === '' ? comparedState(said, instruction) : doubt(trust, other);
}
