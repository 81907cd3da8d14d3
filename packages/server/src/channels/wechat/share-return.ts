import { parseShanghai } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment } from '../contract/index.ts';
import type { ShareOperations, ShareReturnFacts, ShareReturnInstruction } from '../contract/index.ts';
import type { ShareReturnReading } from '../contract/index.ts';
import { subMerchant } from './account.ts';
import type { Said } from './answer.ts';
import { draftCall, queryText } from './request.ts';
import { interpretCall, interpretQuestion } from './share-answer.ts';
import { shareReturnRefusals } from './share-codes.ts';
import { shareRules } from './share-rules.ts';
import {
  calledOf,
  descriptionOr,
  kindOf,
  refuseAmount,
  notTaken,
  refuseReceiver,
  refuseShareNo,
} from './share-terms.ts';
import { doubt } from './trade.ts';

/** POST /v3/profitsharing/return-orders (分账回退) and the question about one: before the refund of what was shared. */
export const giveBack: NonNullable<ShareOperations['giveBack']> = {
  submit: { build: buildSubmit, interpret: interpretCall(shareReturnRefusals, stateOf) },
  query: { build: buildQuery, interpret: interpretQuestion(stateOf) },
};

const path = '/v3/profitsharing/return-orders';
const returnNoForm = new RegExp(shareRules.returnNo.pattern);

function refuseNumbers({ returnNo, shareNo }: ShareReturnInstruction): Result<never> | undefined {
  if (!returnNoForm.test(returnNo)) return notTaken('out_return_no', shareRules.returnNo.pattern, '/returnNo');
  return refuseShareNo(shareNo);
}

function refuseMalformed(instruction: ShareReturnInstruction, account: ChannelAccount): Result<never> | undefined {
  const { receiver, amount } = instruction;
  const refusal =
    refuseNumbers(instruction) ?? refuseReceiver(receiver, account, '/receiver') ?? refuseAmount(amount, '/amount');
  if (refusal) return refusal;
  return kindOf(receiver)?.givesBack === false ? notTaken('return_mchid', 'MERCHANT_ID', '/receiver/kind') : undefined;
}

/** By our number of the share and never by the channel's, which may become known between two calls: the content stays the same. */
function buildSubmit(
  instruction: ShareReturnInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { returnNo, shareNo, receiver, amount, reason } = instruction;
  const refusal = refuseMalformed(instruction, account);
  if (refusal) return refusal;
  const body = {
    ...subMerchant(account),
    out_order_no: shareNo,
    out_return_no: returnNo,
    return_mchid: calledOf(receiver).account,
    amount: Number(amount.minor),
    description: descriptionOr(reason, returnNo),
  };
  return draftCall({ method: 'POST', path, body }, account, moment, secrets);
}

function buildQuery(
  instruction: ShareReturnInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const asked = queryText({ ...subMerchant(account), out_order_no: instruction.shareNo });
  const number = encodeURIComponent(instruction.returnNo);
  return (
    refuseNumbers(instruction) ??
    draftCall({ method: 'GET', path: `${path}/${number}${asked}` }, account, moment, secrets)
  );
}

/** FAILED is the end of this number: what is still wanted back is asked for under a new one. */
function stateOf(said: Said, instruction: ShareReturnInstruction, account: ChannelAccount): ShareReturnReading {
  const { trust, fields, status: http } = said;
  const other = http === 200 ? aboutOthers(said, instruction, account) : `http status ${http}`;
  if (other !== '') return doubt(trust, other);
  const result = fields.text('result');
  const at = parseShanghai(fields.text('finish_time'));
  const facts: ShareReturnFacts = {
    ...{ returnNo: instruction.returnNo, amount: instruction.amount, channelStatus: result },
    ...(at === undefined ? {} : { at }),
  };
  if (result === 'SUCCESS') return { trust, outcome: { kind: 'succeeded', facts } };
  if (result === 'PROCESSING') return { trust, outcome: { kind: 'accepted', facts: { ...facts } } };
  if (result !== 'FAILED') return doubt(trust, `result ${result} is not listed`);
  return { trust, outcome: { kind: 'rejected', code: result, text: fields.text('fail_reason') || 'given up' } };
}

function aboutOthers({ fields }: Said, instruction: ShareReturnInstruction, account: ChannelAccount): string {
  const { returnNo, shareNo, receiver, amount } = instruction;
  const named = fields.text('out_return_no');
  if (named !== returnNo) return `the answer is about ${named === '' ? 'no return' : named}`;
  const asked = { out_order_no: shareNo, return_mchid: calledOf(receiver).account, ...subMerchant(account) };
  const other = Object.entries(asked).find(([name, value]) => fields.has(name) && fields.text(name) !== value);
  if (other) return `the answer is about another ${other[0]}`;
  const fen = fields.fen('amount');
  return fen === amount.minor ? '' : `the channel says ${fen ?? 'no'} fen, we asked for ${amount.minor}`;
}
