import type { Instant, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { ReceiverInstruction, ReceiverReading, ShareOperations } from '../contract/index.ts';
import { subMerchant } from './account.ts';
import { readAnswer } from './answer.ts';
import { draftCall } from './request.ts';
import { receiverRefusals } from './share-codes.ts';
import { shareRules } from './share-rules.ts';
import { calledOf, kindOf, notTaken, refuseReceiver } from './share-terms.ts';
import { sealField } from './sign-seal.ts';
import { doubt, refusalBy } from './trade.ts';

/** POST /v3/profitsharing/receivers/add and /delete: the merchant names a receiver, and names him no more. Twice is as good as once. */
export const bind: ShareOperations['bind'] = { build: buildBind, interpret };
export const unbind: ShareOperations['unbind'] = { build: buildUnbind, interpret };

const path = '/v3/profitsharing/receivers';
const relations: readonly string[] = shareRules.relations;

/** The application under which openids are read, and of a service provider the merchant whose payments are shared. */
export function sharingParty(account: ChannelAccount): Readonly<Record<string, string>> {
  const { appid = '', sub_appid: subAppid } = account.settings;
  return { ...subMerchant(account), appid, ...(subAppid === undefined ? {} : { sub_appid: subAppid }) };
}

function buildBind(
  { receiver }: ReceiverInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const refusal = refuseReceiver(receiver, account, '/receiver');
  if (refusal) return refusal;
  const { name, relation = '' } = receiver;
  if (!relations.includes(relation))
    return notTaken('relation_type', shareRules.relations.join(' | '), '/receiver/relation');
  if (!name && kindOf(receiver)?.needsName === true) return notTaken('name', 'not empty', '/receiver/name');
  const called = calledOf(receiver);
  const sealed = name && sealField(name, `receiver ${called.account}`, account, secrets, moment.at);
  if (sealed && !sealed.ok) return sealed;
  const body = {
    ...sharingParty(account),
    ...called,
    ...(sealed ? { name: sealed.value } : {}),
    relation_type: relation,
  };
  return draftCall({ method: 'POST', path: `${path}/add`, body }, account, moment, secrets);
}

function buildUnbind(
  { receiver }: ReceiverInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const body = { ...sharingParty(account), ...calledOf(receiver) };
  return (
    refuseReceiver(receiver, account, '/receiver') ??
    draftCall({ method: 'POST', path: `${path}/delete`, body }, account, moment, secrets)
  );
}

/** The answer repeats whom it is about. */
function interpret(
  answer: WireAnswer,
  { receiver }: ReceiverInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): ReceiverReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, status, fields } = said;
  if (said.refusal !== '') return { trust, outcome: refusalBy(said, receiverRefusals) };
  if (status !== 200) return doubt(trust, `http status ${status}`);
  const { type, account: number } = calledOf(receiver);
  if (fields.text('type') !== type || fields.text('account') !== number)
    return doubt(trust, 'the answer is about another receiver');
  return { trust, outcome: { kind: 'succeeded', facts: { channelStatus: String(status) } } };
}
