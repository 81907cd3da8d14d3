import { inDoubt, refuse } from '../../kernel/index.ts';
import type { Instant, Outcome, Reading, Result } from '../../kernel/index.ts';
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
import { defaultCustomsPath, defaultOverseasUrl } from './account.ts';
import { readAnswer } from './answer.ts';
import type { Said } from './answer.ts';
import { declareRefusalsV3 } from './codes.ts';
import { askedFor, feesOf, pushOutcome, recordFacts, refuseMalformed, refuseQuestion } from './customs-terms.ts';
import type { Fields } from './json.ts';
import { draftCall, queryText } from './request.ts';
import type { Call } from './request.ts';
import { refusalBy } from './trade.ts';

/** Customs over APIv3 on the overseas host. Whether merchants of the mainland may use it is not published. */
export const customsV3 = {
  declare: { build: buildDeclare, interpret: interpretPush },
  rePush: { build: buildRePush, interpret: interpretPush },
  query: { build: buildQuery, interpret: interpretQuery },
} as const satisfies CustomsOperations;

type BuildArguments = readonly [
  instruction: DeclareInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
];

/** The buyer is compared by a call of its own here (verify-certificate), which is not made: his data stay where they are. */
function buildDeclare(...[instruction, account, moment, secrets]: BuildArguments): Result<Draft> {
  const { serialNo, tradeNo, place, customsCode } = instruction;
  const fees = Object.entries(feesOf(instruction)).map(([name, value]) => [
    name,
    name.endsWith('_fee') ? Number(value) : value,
  ]);
  const body = {
    ...parties(account),
    ...{ out_trade_no: serialNo, transaction_id: tradeNo, customs: place, merchant_customs_no: customsCode },
    ...(Object.fromEntries(fees) as Readonly<Record<string, unknown>>),
  };
  const call = { method: 'POST', path: 'orders', body } as const;
  return refuseMalformed(instruction) ?? draftCustoms(call, account, moment, secrets);
}

function buildRePush(...[instruction, account, moment, secrets]: BuildArguments): Result<Draft> {
  const { serialNo, tradeNo, place, customsCode } = instruction;
  const { sub_order_no: child } = feesOf(instruction);
  const body = {
    ...parties(account),
    ...{ out_trade_no: serialNo, transaction_id: tradeNo, customs: place, merchant_customs_no: customsCode },
    ...(child === undefined ? {} : { sub_order_no: child }),
  };
  const call = { method: 'POST', path: 'redeclare', body } as const;
  return refuseMalformed(instruction) ?? draftCustoms(call, account, moment, secrets);
}

function buildQuery(
  instructions: readonly QueryInstruction[],
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const refusal = refuseQuestion(instructions);
  const [one] = instructions;
  if (refusal || !one) return refusal ?? refuse('declaration.query_batch_size', { asked: 0, max: 1 });
  const { kind, number, place } = askedFor(one);
  const asked = { order_type: kind, order_no: number, customs: place, offset: '0', limit: String(recordsMax) };
  const path = `orders${queryText({ ...parties(account), ...asked })}`;
  return draftCustoms({ method: 'GET', path }, account, moment, secrets);
}

const recordsMax = 20;

function parties({ settings }: ChannelAccount): Readonly<Record<string, string>> {
  return { appid: settings['appid'] ?? '', mchid: settings['mchid'] ?? '' };
}

/** Which of two prefixes is live depends on the document's age: a setting. */
function draftCustoms(call: Call, account: ChannelAccount, moment: Moment, secrets: AccountSecrets): Result<Draft> {
  const { customs_gateway_url: host, customs_path: prefix, sub_mchid: sub } = account.settings;
  if (sub !== undefined) return refuse('channel.value_not_taken', { field: 'sub_mchid', allowed: '-' });
  const path = `${prefix ?? defaultCustomsPath}/${call.path}`;
  return draftCall({ ...call, path, gateway: host ?? defaultOverseasUrl }, account, moment, secrets);
}

function interpretPush(
  answer: WireAnswer,
  instruction: DeclareInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): Reading<DeclareFacts> {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust, refusal, fields } = said;
  const outcome = refusal === '' ? pushOutcome(textIn(fields), instruction) : refusalBy(said, declareRefusalsV3);
  return { trust, outcome };
}

/** Fees are numbers here. */
const textIn =
  (fields: Fields) =>
  (name: string): string =>
    fields.text(name) || (fields.fen(name)?.toString() ?? '');

function interpretQuery(
  answer: WireAnswer,
  instructions: readonly QueryInstruction[],
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): QueryReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  const outcomeOf = (one: QueryInstruction): Outcome<QueryFacts> =>
    said.kind === 'unreadable' ? inDoubt(said.why) : recordOutcome(said, one);
  return { trust: said.trust, byRequestNo: new Map(instructions.map((one) => [one.requestNo, outcomeOf(one)])) };
}

function recordOutcome({ refusal, fields }: Said, instruction: QueryInstruction): Outcome<QueryFacts> {
  if (refusal !== '') return inDoubt(`the question was answered with ${refusal}`);
  const records = fields.list('data').map(textIn);
  const count = fields.fen('total_count');
  if (count === undefined || count !== BigInt(records.length)) return inDoubt('the count is not that of the records');
  if (count === 0n) return { kind: 'succeeded', facts: { found: false } };
  const { requestNo, serialNo, tradeNo = '', isSplit = false, childOrderNo = '' } = instruction;
  const { place } = askedFor(instruction);
  const [ours, ...others] = records.filter(
    (text) => text('customs') === place && text('sub_order_no') === (isSplit ? childOrderNo : ''),
  );
  if (ours === undefined || others.length > 0) return inDoubt('the answer has not one record of this declaration');
  const named = ours('transaction_id');
  const isOther = named === '' || (tradeNo !== '' && named !== tradeNo) || ours('out_trade_no') !== serialNo;
  if (isOther) return inDoubt(`the record is about ${ours('out_trade_no')} and transaction ${named}`);
  const facts = recordFacts(ours, named, requestNo);
  const isWhole = facts.found && facts.channelStatus !== '' && facts.pushedPaymentNo !== '';
  return isWhole ? { kind: 'succeeded', facts } : inDoubt('the record lacks its state or payment number');
}
