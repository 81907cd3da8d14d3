import { inDoubt, refuse } from '../../kernel/index.ts';
import type { Outcome, Reading, Result } from '../../kernel/index.ts';
import type {
  AccountSecrets,
  ChannelAccount,
  CustomsOperations,
  Draft,
  Moment,
  WireAnswer,
} from '../contract/index.ts';
import type {
  DeclareFacts,
  DeclareInstruction,
  QueryFacts,
  QueryInstruction,
  QueryReading,
} from '../contract/index.ts';
import { declareRefusals, orderUnknownV2 } from './codes.ts';
import { askedFor, feesOf, pushOutcome, recordFacts, refuseMalformed, refuseQuestion } from './customs-terms.ts';
import { personalText } from './sign.ts';
import { readV2Answer } from './v2-answer.ts';
import type { V2Said } from './v2-answer.ts';
import { draftV2 } from './v2-request.ts';

/** Customs of direct merchants in the mainland: version 2, MD5 only, without a nonce. */
export const customsV2 = {
  declare: { build: buildDeclare, interpret: interpretPush },
  rePush: { build: buildRePush, interpret: interpretPush },
  query: { build: buildQuery, interpret: interpretQuery },
} as const satisfies CustomsOperations;

const signType = 'MD5';
const folder = '/cgi-bin/mch';

/** action_type ADD: the same again is the same declaration. Another content would need MODIFY, which nobody sends by itself. */
function buildDeclare(instruction: DeclareInstruction, account: ChannelAccount, moment: Moment): Result<Draft> {
  const { serialNo, tradeNo, place, customsCode, buyer } = instruction;
  const identity = buyer && {
    cert_type: 'IDCARD',
    cert_id: personalText(buyer.idNo).toUpperCase(),
    name: personalText(buyer.name),
  };
  const fields = {
    ...{ out_trade_no: serialNo, transaction_id: tradeNo, customs: place, mch_customs_no: customsCode },
    ...{ action_type: 'ADD', ...feesOf(instruction), ...identity },
  };
  return refuseMalformed(instruction) ?? draftCustoms('customs/customdeclareorder', fields, account, moment);
}

function buildRePush(instruction: DeclareInstruction, account: ChannelAccount, moment: Moment): Result<Draft> {
  const { serialNo, tradeNo, place, customsCode } = instruction;
  const { sub_order_no: child = '' } = feesOf(instruction);
  const fields = {
    ...{ out_trade_no: serialNo, transaction_id: tradeNo, sub_order_no: child },
    ...{ customs: place, mch_customs_no: customsCode },
  };
  return refuseMalformed(instruction) ?? draftCustoms('newcustoms/customdeclareredeclare', fields, account, moment);
}

function buildQuery(instructions: readonly QueryInstruction[], account: ChannelAccount, moment: Moment): Result<Draft> {
  const refusal = refuseQuestion(instructions);
  const [one] = instructions;
  if (refusal || !one) return refusal ?? refuse('declaration.query_batch_size', { asked: 0, max: 1 });
  const { kind, number, place } = askedFor(one);
  return draftCustoms('customs/customdeclarequery', { [kind]: number, customs: place }, account, moment);
}

function draftCustoms(
  path: string,
  fields: Readonly<Record<string, string>>,
  account: ChannelAccount,
  moment: Moment,
): Result<Draft> {
  if (account.settings['sub_mchid'] !== undefined)
    return refuse('channel.value_not_taken', { field: 'sub_mchid', allowed: '-' });
  return draftV2({ path: `${folder}/${path}`, fields, signType, isPlain: true }, account, moment);
}

function interpretPush(
  answer: WireAnswer,
  instruction: DeclareInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): Reading<DeclareFacts> {
  const said = readV2Answer(answer, signType, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust, refusal, text } = said;
  return {
    trust,
    outcome: refusal === '' ? pushOutcome(text, instruction) : refused(said),
  };
}

function refused({ refusal, words }: V2Said): Outcome<never> {
  const text = declareRefusals.get(refusal);
  if (text === undefined) return inDoubt(`err_code ${refusal} proves nothing`);
  return { kind: 'rejected', code: refusal, text: words === '' || words === refusal ? text : words };
}

function interpretQuery(
  answer: WireAnswer,
  instructions: readonly QueryInstruction[],
  account: ChannelAccount,
  secrets: AccountSecrets,
): QueryReading {
  const said = readV2Answer(answer, signType, account, secrets);
  const outcomeOf = (one: QueryInstruction): Outcome<QueryFacts> =>
    said.kind === 'unreadable' ? inDoubt(said.why) : recordOutcome(said, one);
  return { trust: said.trust, byRequestNo: new Map(instructions.map((one) => [one.requestNo, outcomeOf(one)])) };
}

/** `count` records with their fields numbered from 0: the one of our place and child order is ours. */
function recordOutcome(said: V2Said, instruction: QueryInstruction): Outcome<QueryFacts> {
  const { refusal, text } = said;
  // Not in the documents of the question: met for a payment that was never declared, as well as a count of 0.
  if (refusal === orderUnknownV2) return { kind: 'succeeded', facts: { found: false } };
  if (refusal !== '') return inDoubt(`the question was answered with ${refusal}`);
  const { requestNo, tradeNo = '', isSplit = false, childOrderNo = '' } = instruction;
  const { place } = askedFor(instruction);
  const count = /^\d{1,2}$/.test(text('count')) ? Number(text('count')) : -1;
  const indices = Array.from({ length: Math.max(0, count) }, (_, index) => index);
  const isCounted = count >= 0 && indices.every((index) => said.has(`state_${index}`)) && !said.has(`state_${count}`);
  if (!isCounted) return inDoubt('the count is not that of the records');
  if (count === 0) return { kind: 'succeeded', facts: { found: false } };
  const named = text('transaction_id');
  if (named === '' || (tradeNo !== '' && named !== tradeNo)) return inDoubt(`records about transaction ${named}`);
  const [ours, ...others] = indices.filter(
    (index) => text(`customs_${index}`) === place && text(`sub_order_no_${index}`) === (isSplit ? childOrderNo : ''),
  );
  if (ours === undefined || others.length > 0) return inDoubt('the answer has not one record of this declaration');
  const facts = recordFacts((name) => text(`${name}_${ours}`), named, requestNo);
  const isWhole = facts.found && facts.channelStatus !== '' && facts.pushedPaymentNo !== '';
  return isWhole ? { kind: 'succeeded', facts } : inDoubt('the record lacks its state or payment number');
}
