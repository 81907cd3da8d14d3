import { inDoubt } from '../../kernel/index.ts';
import type { Outcome } from '../../kernel/index.ts';
import type { CloseFacts, CloseReading, PayOperations } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { aboutOthers, refusalBy, refusalOfGateway, refusesOthers } from './openapi-trade.ts';
import { refuseNumber } from './pay-terms.ts';

type Ending = {
  readonly method: string;
  readonly refusals: ReadonlyMap<string, string>;
  /** The sub_code for a number that the channel does not know. */
  readonly absentCode?: string;
  readonly ended: (said: OpenapiSaid) => { readonly outcome: Outcome<CloseFacts>; readonly isAbsent?: boolean };
};

/** What alipay.trade.close and .cancel have in common: our number goes out, and 10000 says that the call was carried out. */
export function endingCall(ending: Ending): PayOperations['close'] {
  return {
    build(instruction, account, moment, secrets) {
      const biz = { out_trade_no: instruction.serialNo };
      return (
        refuseNumber(instruction) ??
        draftOpenapi({ method: ending.method, travel: 'call', biz }, account, moment, secrets)
      );
    },
    interpret(answer, instruction, account, secrets) {
      const said = readOpenapiAnswer(answer, ending.method, account, secrets);
      if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
      return { trust: said.trust, ...readEnding(said, instruction.serialNo, ending) };
    },
  };
}

function readEnding(said: OpenapiSaid, serialNo: string, ending: Ending): Omit<CloseReading, 'trust'> {
  if (said.code !== '10000') return notEnded(said, serialNo, ending);
  const others = aboutOthers(said, serialNo);
  if (others !== '') return { outcome: inDoubt(others) };
  if (said.has('sub_code')) return { outcome: inDoubt('success with an error code') };
  return ending.ended(said);
}

function notEnded(said: OpenapiSaid, serialNo: string, ending: Ending): Omit<CloseReading, 'trust'> {
  if (refusesOthers(said, serialNo)) return { outcome: inDoubt(aboutOthers(said, serialNo)) };
  if (said.code === '40004' && said.subCode === ending.absentCode)
    return { outcome: inDoubt('the channel knows no such number'), isAbsent: true };
  return { outcome: refusalOfGateway(said) ?? refusalBy(said, ending.refusals) };
}
