import type { Instant, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, CloseReading, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { PayInstruction, PayOperations } from '../contract/index.ts';
import { partyOf } from './account.ts';
import { readAnswer } from './answer.ts';
import { closeRefusals, orderUnknown } from './codes.ts';
import { refuseNumber } from './pay-terms.ts';
import { draftCall } from './request.ts';
import { doubt, refusalBy } from './trade.ts';

/** POST …/out-trade-no/{out_trade_no}/close. May be repeated; an order that is paid cannot be closed, and then the payment counts. */
export const close: PayOperations['close'] = { build, interpret };

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
      { method: 'POST', path: `${path}/out-trade-no/${number}/close`, body: merchants },
      account,
      moment,
      secrets,
    )
  );
}

function interpret(
  answer: WireAnswer,
  _instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): CloseReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, status, refusal } = said;
  // 204 and nothing else: it names no number, and the signature covers an empty body.
  if (status === 204) return { trust, outcome: { kind: 'succeeded', facts: { action: 'closed' } } };
  if (refusal === orderUnknown) return { ...doubt(trust, 'the channel knows no such number'), isAbsent: true };
  if (refusal === '') return doubt(trust, 'closed with a body, which the document does not know');
  return { trust, outcome: refusalBy(said, closeRefusals) };
}
