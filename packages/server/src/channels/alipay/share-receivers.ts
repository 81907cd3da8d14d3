import { inDoubt } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { ReceiverInstruction, ReceiverReading, ShareOperations } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import type { BizValue } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import { refusalBy } from './openapi-trade.ts';
import { relationRefusals } from './share-codes.ts';
import { needsName, notTaken, refuseReceiver } from './share-terms.ts';
import { payerText } from './sign-openapi.ts';

/** alipay.trade.royalty.relation.bind and .unbind: who is not bound receives nothing. Twice is as good as once. */
export const bind: ShareOperations['bind'] = relation('bind');
export const unbind: ShareOperations['unbind'] = relation('unbind');

/** Up to 32 letters, digits and underscores; a UUID without its hyphens is 32. */
const requestNoForm = /^[A-Za-z0-9_]{1,32}$/;

function relation(act: 'bind' | 'unbind'): ShareOperations['bind'] {
  const method = `alipay.trade.royalty.relation.${act}`;
  return {
    build: (instruction, account, moment, secrets) => build(act, method, instruction, account, moment, secrets),
    interpret: (answer, _instruction, account, secrets) => interpret(method, answer, account, secrets),
  };
}

function build(
  act: 'bind' | 'unbind',
  method: string,
  { requestNo, receiver }: ReceiverInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const number = requestNo.replaceAll('-', '');
  const { name } = act === 'bind' ? receiver : {};
  const refusal = refuseReceiver(receiver, '/receiver');
  if (refusal) return refusal;
  if (!requestNoForm.test(number)) return notTaken('out_request_no', requestNoForm.source, '/requestNo');
  if (act === 'bind' && !name && needsName(receiver)) return notTaken('name', 'not empty', '/receiver/name');
  const entity: BizValue = {
    type: receiver.kind,
    account: payerText(receiver.account),
    ...(name ? { name: payerText(name) } : {}),
  };
  const biz = { out_request_no: number, receiver_list: [entity] };
  return draftOpenapi({ method, travel: 'call', biz }, account, moment, secrets);
}

/** The answer repeats neither number nor receiver: its signature is all that ties it to the question. */
function interpret(
  method: string,
  answer: WireAnswer,
  account: ChannelAccount,
  secrets: AccountSecrets,
): ReceiverReading {
  const said = readOpenapiAnswer(answer, method, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust } = said;
  if (said.code !== '10000') return { trust, outcome: refusalBy(said, relationRefusals) };
  const result = said.has('result_code') ? said.field('result_code') : 'SUCCESS';
  if (said.has('sub_code') || result !== 'SUCCESS') return { trust, outcome: inDoubt(`result_code ${result}`) };
  return { trust, outcome: { kind: 'succeeded', facts: { channelStatus: result } } };
}
