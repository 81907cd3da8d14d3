import { parseShanghai } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment } from '../contract/index.ts';
import type { ShareFacts, ShareInstruction, ShareOperations, SharePart, SharePartFacts } from '../contract/index.ts';
import type { ShareReading } from '../contract/index.ts';
import { subMerchant } from './account.ts';
import type { Said } from './answer.ts';
import type { Fields } from './json.ts';
import { draftCall, queryText } from './request.ts';
import { interpretCall, interpretQuestion } from './share-answer.ts';
import { shareRefusals } from './share-codes.ts';
import { sharingParty } from './share-receivers.ts';
import { calledOf, descriptionOr, isPayee, refuseNumbers, refuseShare } from './share-terms.ts';
import { sealField } from './sign-seal.ts';
import { doubt } from './trade.ts';

/** POST /v3/profitsharing/orders, …/unfreeze where there is nothing to share, and the question about either. */
export const submit: ShareOperations['submit'] = {
  build: buildSubmit,
  interpret: interpretCall(shareRefusals, stateOf),
};
export const query: ShareOperations['query'] = { build: buildQuery, interpret: interpretQuestion(stateOf) };

const path = '/v3/profitsharing/orders';

function buildSubmit(
  instruction: ShareInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const refusal = refuseShare(instruction, account);
  if (refusal) return refusal;
  const { shareNo, tradeNo, parts, releasesRest, reason } = instruction;
  const numbers = { transaction_id: tradeNo, out_order_no: shareNo };
  if (parts.length === 0) {
    const body = { ...subMerchant(account), ...numbers, description: descriptionOr(reason, shareNo) };
    return draftCall({ method: 'POST', path: `${path}/unfreeze`, body }, account, moment, secrets);
  }
  const receivers: Readonly<Record<string, unknown>>[] = [];
  for (const part of parts) {
    const line = lineOf(part, shareNo, account, moment, secrets);
    if (!line.ok) return line;
    receivers.push(line.value);
  }
  const body = { ...sharingParty(account), ...numbers, receivers, unfreeze_unsplit: releasesRest };
  return draftCall({ method: 'POST', path, body }, account, moment, secrets);
}

function lineOf(
  { partNo, receiver, amount, reason }: SharePart,
  shareNo: string,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Readonly<Record<string, unknown>>> {
  const called = calledOf(receiver);
  const { name } = receiver;
  const sealed = name && sealField(name, `${shareNo} ${called.account}`, account, secrets, moment.at);
  if (sealed && !sealed.ok) return sealed;
  return {
    ok: true,
    value: {
      ...called,
      ...(sealed ? { name: sealed.value } : {}),
      amount: Number(amount.minor),
      description: descriptionOr(reason, partNo),
    },
  };
}

function buildQuery(
  instruction: ShareInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { shareNo, tradeNo } = instruction;
  const asked = queryText({ ...subMerchant(account), transaction_id: tradeNo });
  return (
    refuseNumbers(instruction) ??
    draftCall({ method: 'GET', path: `${path}/${encodeURIComponent(shareNo)}${asked}` }, account, moment, secrets)
  );
}

/** FINISHED says that nothing of it is under way any more, and not that every part arrived: each receiver has a result of his own. */
function stateOf(said: Said, instruction: ShareInstruction, account: ChannelAccount): ShareReading {
  const { trust, fields, status: http } = said;
  const other = http === 200 ? aboutOthers(fields, instruction, account) : `http status ${http}`;
  if (other !== '') return doubt(trust, other);
  const parts = partsIn(fields.list('receivers'), instruction, account);
  if (typeof parts === 'string') return doubt(trust, parts);
  const state = fields.text('state');
  const channelNo = fields.text('order_id');
  const facts: ShareFacts = {
    ...{ shareNo: instruction.shareNo, parts, channelStatus: state },
    ...(channelNo === '' ? {} : { channelNo }),
  };
  if (state === 'PROCESSING') return { trust, outcome: { kind: 'accepted', facts } };
  if (state !== 'FINISHED') return doubt(trust, `state ${state} is not listed`);
  const isEnded = parts.length === instruction.parts.length && parts.every((part) => part.state !== 'pending');
  return isEnded ? { trust, outcome: { kind: 'succeeded', facts } } : doubt(trust, 'finished, and yet a part is not');
}

function aboutOthers(fields: Fields, { shareNo, tradeNo }: ShareInstruction, account: ChannelAccount): string {
  const named = fields.text('out_order_no');
  if (named !== shareNo) return `the answer is about ${named === '' ? 'no number' : named}`;
  const asked = { transaction_id: tradeNo, ...subMerchant(account) };
  const other = Object.entries(asked).find(([name, value]) => fields.has(name) && fields.text(name) !== value);
  return other ? `the answer is about ${other[0]} ${fields.text(other[0])}` : '';
}

/** Ours in the answer, told by receiver and amount; none where it names none yet. A text says why nobody can tell them. */
function partsIn(
  receivers: readonly Fields[],
  { parts }: ShareInstruction,
  own: ChannelAccount,
): readonly SharePartFacts[] | string {
  if (receivers.length === 0) return [];
  // What is released to the merchant has a line, too.
  const lines = receivers.filter((line) => !isPayee(line.text('type'), line.text('account'), own));
  if (lines.length !== parts.length) return `the answer has ${lines.length} receivers, we named ${parts.length}`;
  const told: SharePartFacts[] = [];
  for (const part of parts) {
    const { type, account } = calledOf(part.receiver);
    const line = lines.find((one) => one.text('type') === type && one.text('account') === account);
    if (!line) return 'a receiver of ours is missing in the answer';
    if (line.fen('amount') !== part.amount.minor)
      return `the channel shares ${line.fen('amount') ?? 'no'} fen, we asked for ${part.amount.minor}`;
    const state = states.get(line.text('result'));
    if (state === undefined) return `result ${line.text('result')} is not listed`;
    told.push(partFacts(part, line, state));
  }
  return told;
}

const states: ReadonlyMap<string, SharePartFacts['state']> = new Map([
  ['PENDING', 'pending'],
  ['SUCCESS', 'succeeded'],
  ['CLOSED', 'failed'],
]);

function partFacts({ partNo }: SharePart, line: Fields, state: SharePartFacts['state']): SharePartFacts {
  const channelPartNo = line.text('detail_id');
  const reason = state === 'failed' ? line.text('fail_reason') : '';
  const at = state === 'pending' ? undefined : parseShanghai(line.text('finish_time'));
  return {
    ...{ partNo, state },
    ...(channelPartNo === '' ? {} : { channelPartNo }),
    ...(reason === '' ? {} : { reason }),
    ...(at === undefined ? {} : { at }),
  };
}
