import { inDoubt, parseShanghai, toDecimal } from '../../kernel/index.ts';
import type { Outcome, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { ShareFacts, ShareInstruction, ShareOperations, SharePart, SharePartFacts } from '../contract/index.ts';
import type { ShareReading } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import type { BizValue } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { refusalBy, yuan } from './openapi-trade.ts';
import { releasedAlready, settleRefusals } from './share-codes.ts';
import { refuseNumbers, refuseShare } from './share-terms.ts';
import { payerText } from './sign-openapi.ts';
import { subjectText } from './text.ts';

/** alipay.trade.order.settle, in its synchronous mode, and alipay.trade.order.settle.query. */
export const submit: ShareOperations['submit'] = { build: buildSubmit, interpret: interpretSubmit };
export const query: ShareOperations['query'] = { build: buildQuery, interpret: interpretQuery };

const submitMethod = 'alipay.trade.order.settle';
const queryMethod = 'alipay.trade.order.settle.query';

function buildSubmit(
  instruction: ShareInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { shareNo, tradeNo, parts, releasesRest } = instruction;
  const refusal = refuseShare(instruction, account);
  if (refusal) return refusal;
  const biz = {
    out_request_no: shareNo,
    trade_no: tradeNo,
    // Without parts it releases what is frozen and does nothing else.
    royalty_parameters: parts.length === 0 ? undefined : parts.map(lineOf),
    royalty_mode: 'sync',
    extend_params: releasesRest ? { royalty_finish: 'true' } : undefined,
  };
  return draftOpenapi({ method: submitMethod, travel: 'call', biz }, account, moment, secrets);
}

function lineOf({ receiver, amount, reason }: SharePart): BizValue {
  const desc = subjectText(reason);
  return {
    royalty_type: 'transfer',
    trans_in_type: receiver.kind,
    trans_in: payerText(receiver.account),
    ...(receiver.name ? { trans_in_name: payerText(receiver.name) } : {}),
    amount: toDecimal(amount),
    ...(desc === '' ? {} : { desc }),
  };
}

/** By our number: the channel's own may never have reached us. */
function buildQuery(
  instruction: ShareInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const biz = { out_request_no: instruction.shareNo, trade_no: instruction.tradeNo };
  return (
    refuseNumbers(instruction) ?? draftOpenapi({ method: queryMethod, travel: 'call', biz }, account, moment, secrets)
  );
}

/** Taken is taken for all parts, and yet each of them is asked about. What only releases has no part to ask about: it is done. */
function interpretSubmit(
  answer: WireAnswer,
  instruction: ShareInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): ShareReading {
  const said = readOpenapiAnswer(answer, submitMethod, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust } = said;
  const other = aboutOthers(said, instruction);
  if (other !== '') return { trust, outcome: inDoubt(other) };
  // Nothing is frozen any more: that is all that a release asks for.
  if (said.code === '40004' && said.subCode === releasedAlready && instruction.parts.length === 0)
    return { trust, outcome: { kind: 'succeeded', facts: factsOf(said, instruction, said.subCode) } };
  // A refusal of the gateway speaks of this call only: an earlier one with the same number may have shared.
  if (said.code !== '10000') return { trust, outcome: refusalBy(said, settleRefusals) };
  if (said.field('trade_no') === '') return { trust, outcome: inDoubt('the answer is about no trade') };
  if (said.has('sub_code')) return { trust, outcome: inDoubt('success with an error code') };
  const facts = factsOf(said, instruction, said.code);
  return { trust, outcome: { kind: instruction.parts.length === 0 ? 'succeeded' : 'accepted', facts } };
}

function factsOf(said: OpenapiSaid, { shareNo }: ShareInstruction, channelStatus: string): ShareFacts {
  const channelNo = said.field('settle_no');
  return { shareNo, parts: [], channelStatus, ...(channelNo === '' ? {} : { channelNo }) };
}

function interpretQuery(
  answer: WireAnswer,
  instruction: ShareInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): ShareReading {
  const said = readOpenapiAnswer(answer, queryMethod, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust, code, subCode } = said;
  const other = aboutOthers(said, instruction);
  if (other !== '') return { trust, outcome: inDoubt(other) };
  // The error table of this method names no code for an unknown number, and its siblings name several.
  if (code === '40004' && subCode.endsWith('_NOT_EXIST')) return unknown(trust);
  if (code !== '10000' || said.has('sub_code'))
    return { trust, outcome: inDoubt(`the question was answered with ${code} ${subCode}`) };
  const lines = said.list('royalty_detail_list')?.filter((line) => line('operation_type') === 'transfer');
  if (!lines) return { trust, outcome: inDoubt('the parts cannot be read') };
  // Nor does an empty list prove that a release arrived: the same request goes again and is answered.
  if (lines.length === 0) return unknown(trust);
  return { trust, outcome: stateOf(lines, instruction) };
}

const unknown = (trust: ShareReading['trust']): ShareReading => ({
  ...{ trust, outcome: inDoubt('the channel knows nothing of this number') },
  isAbsent: true,
});

/** Every number that the answer names must be ours. */
function aboutOthers(said: OpenapiSaid, { shareNo, tradeNo }: ShareInstruction): string {
  const ours = Object.entries({ out_request_no: shareNo, trade_no: tradeNo });
  const other = ours.find(([name, value]) => said.has(name) && said.field(name) !== value);
  return other ? `the answer is about ${other[0]} ${said.field(other[0])}` : '';
}

type Line = (field: string) => string;

function stateOf(lines: readonly Line[], instruction: ShareInstruction): Outcome<ShareFacts> {
  const { shareNo, parts: ours } = instruction;
  if (lines.length !== ours.length) return inDoubt(`the answer has ${lines.length} parts, we named ${ours.length}`);
  const found = linesOf(ours, lines);
  const parts: SharePartFacts[] = [];
  for (const part of ours) {
    const line = found.get(part);
    if (!line) return inDoubt('a receiver of ours cannot be found in the answer');
    if (yuan(line('amount'))?.minor !== part.amount.minor)
      return inDoubt(`the channel shares ${line('amount')}, we asked for ${toDecimal(part.amount)}`);
    const state = states.get(line('state'));
    if (state === undefined) return inDoubt(`state ${line('state')} is not listed`);
    parts.push(partFacts(part, line, state));
  }
  const channelStatus = [...new Set(lines.map((line) => line('state')))].sort().join(', ');
  const isEnded = parts.every(({ state }) => state !== 'pending');
  return { kind: isEnded ? 'succeeded' : 'accepted', facts: { shareNo, parts, channelStatus } };
}

/** By account; and a receiver whom the channel calls by another kind of account than we did, by the only amount that is left like his. */
function linesOf(parts: readonly SharePart[], lines: readonly Line[]): ReadonlyMap<SharePart, Line> {
  const found = new Map<SharePart, Line>();
  const left = new Set(lines);
  const take = (part: SharePart, fitting: readonly Line[]): void => {
    const [line] = fitting;
    if (!line || fitting.length > 1) return;
    found.set(part, line);
    left.delete(line);
  };
  for (const part of parts) {
    const account = payerText(part.receiver.account);
    take(
      part,
      [...left].filter((line) => [line('trans_in'), line('trans_in_open_id')].includes(account)),
    );
  }
  for (const part of parts.filter((one) => !found.has(one))) {
    const isAlike = (line: Line): boolean =>
      !['', part.receiver.kind].includes(line('trans_in_type')) && yuan(line('amount'))?.minor === part.amount.minor;
    take(part, [...left].filter(isAlike));
  }
  return found;
}

const states: ReadonlyMap<string, SharePartFacts['state']> = new Map([
  ['PROCESSING', 'pending'],
  ['SUCCESS', 'succeeded'],
  ['FAIL', 'failed'],
]);

function partFacts({ partNo }: SharePart, line: Line, state: SharePartFacts['state']): SharePartFacts {
  const channelPartNo = line('detail_id');
  const reason = state === 'failed' ? line('error_code') : '';
  const at = state === 'pending' ? undefined : parseShanghai(line('execute_dt'));
  return {
    ...{ partNo, state },
    ...(channelPartNo === '' ? {} : { channelPartNo }),
    ...(reason === '' ? {} : { reason }),
    ...(at === undefined ? {} : { at }),
  };
}
