import { inDoubt, parseShanghai, refuse, toDecimal } from '../../kernel/index.ts';
import type { Outcome, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { RefundFacts, RefundInstruction, RefundOperations, RefundReading } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import type { BizValue } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { refundRefusals } from './openapi-codes.ts';
import { refusalBy, yuan } from './openapi-trade.ts';
import { refundRules } from './pay-rules.ts';
import { refuseAmount, refuseReceiver } from './share-terms.ts';
import { payerText } from './sign-openapi.ts';
import { subjectText } from './text.ts';

/** alipay.trade.refund and alipay.trade.fastpay.refund.query. */
export const refund: RefundOperations = {
  submit: { build: buildSubmit, interpret: interpretSubmit },
  query: { build: buildQuery, interpret: interpretQuery },
};

const submitMethod = 'alipay.trade.refund';
const queryMethod = 'alipay.trade.fastpay.refund.query';
const refundNoForm = new RegExp(refundRules.refundNo.pattern);

function refuseMalformed(instruction: RefundInstruction): Result<never> | undefined {
  const { refundNo, amount, whole } = instruction;
  if (!refundNoForm.test(refundNo))
    return refuse(
      'channel.value_not_taken',
      { field: 'out_request_no', allowed: refundRules.refundNo.pattern },
      '/refundNo',
    );
  if (amount.currency !== 'CNY' || amount.minor <= 0n || amount.minor > whole.minor)
    return refuse(
      'channel.value_not_taken',
      { field: 'refund_amount', allowed: `0.01–${toDecimal(whole)}` },
      '/amount',
    );
  for (const [index, { receiver, amount: back }] of (instruction.partsBack ?? []).entries()) {
    const refusal =
      refuseReceiver(receiver, `/partsBack/${index}/receiver`) ?? refuseAmount(back, `/partsBack/${index}/amount`);
    if (refusal) return refusal;
  }
  return undefined;
}

type PartBack = NonNullable<RefundInstruction['partsBack']>[number];

function buildSubmit(
  instruction: RefundInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const biz = {
    out_trade_no: instruction.serialNo,
    trade_no: instruction.tradeNo,
    refund_amount: toDecimal(instruction.amount),
    // Sent always: without it a second refund of the trade is read as a repetition of the first.
    out_request_no: instruction.refundNo,
    refund_reason: subjectText(instruction.reason),
    refund_royalty_parameters: instruction.partsBack?.length ? instruction.partsBack.map(partBack) : undefined,
  };
  return (
    refuseMalformed(instruction) ??
    draftOpenapi({ method: submitMethod, travel: 'call', biz }, account, moment, secrets)
  );
}

/** What a receiver gives back goes out of his account; without such a line all of it is the merchant's to give. */
const partBack = ({ receiver, amount }: PartBack): BizValue => ({
  royalty_type: 'transfer',
  trans_out_type: receiver.kind,
  trans_out: payerText(receiver.account),
  amount: toDecimal(amount),
});

function buildQuery(
  instruction: RefundInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const biz = {
    out_trade_no: instruction.serialNo,
    trade_no: instruction.tradeNo,
    out_request_no: instruction.refundNo,
    query_options: ['gmt_refund_pay'],
  };
  return (
    refuseMalformed(instruction) ?? draftOpenapi({ method: queryMethod, travel: 'call', biz }, account, moment, secrets)
  );
}

function interpretSubmit(
  answer: WireAnswer,
  instruction: RefundInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): RefundReading {
  const said = readOpenapiAnswer(answer, submitMethod, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  return { trust: said.trust, outcome: aboutOthers(said, instruction) ?? submitOutcome(said, instruction) };
}

/**
 * A refusal of the gateway itself stays doubt here: it speaks of this call only, and an earlier one with the same number may have moved the
 * money. The list of the method speaks of the number, because the channel knows each number for good.
 */
function submitOutcome(said: OpenapiSaid, instruction: RefundInstruction): Outcome<RefundFacts> {
  if (said.code !== '10000') return refusalBy(said, refundRefusals);
  if (said.has('sub_code')) return inDoubt('success with an error code');
  if (said.field('out_trade_no') === '') return inDoubt('the answer is about no number');
  const change = said.field('fund_change');
  // N: nothing moved by this call; the refund was made before or is under way.
  if (change !== 'Y') return inDoubt(`fund_change ${change}`);
  // refund_fee adds up all refunds of the trade, so it bounds this one and does not state it.
  const total = yuan(said.field('refund_fee'));
  if (!total || total.minor < instruction.amount.minor || total.minor > instruction.whole.minor)
    return inDoubt(
      `the channel says ${said.field('refund_fee')} given back of the trade, this refund is ${toDecimal(instruction.amount)}`,
    );
  return { kind: 'succeeded', facts: factsOf(said, instruction, 'fund_change=Y') };
}

function interpretQuery(
  answer: WireAnswer,
  instruction: RefundInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): RefundReading {
  const said = readOpenapiAnswer(answer, queryMethod, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  return { trust: said.trust, outcome: aboutOthers(said, instruction) ?? queryOutcome(said, instruction) };
}

/** Never rejected: an absent status means not received, failed or not ready yet, and nobody can tell which. */
function queryOutcome(said: OpenapiSaid, instruction: RefundInstruction): Outcome<RefundFacts> {
  if (said.code !== '10000' || said.has('sub_code'))
    return inDoubt(`the question was answered with ${said.code} ${said.subCode}`);
  const status = said.field('refund_status');
  if (status !== 'REFUND_SUCCESS') return inDoubt(`refund_status ${status === '' ? 'is absent' : status}`);
  if (!ourNames(instruction).some(([name]) => said.field(name) !== '')) return inDoubt('the answer is about no number');
  if (yuan(said.field('refund_amount'))?.minor !== instruction.amount.minor)
    return inDoubt(`the channel says ${said.field('refund_amount')}, we asked for ${toDecimal(instruction.amount)}`);
  return { kind: 'succeeded', facts: factsOf(said, instruction, status) };
}

function ourNames(instruction: RefundInstruction): readonly (readonly [name: string, value: string])[] {
  return [
    ['out_request_no', instruction.refundNo],
    ['out_trade_no', instruction.serialNo],
    ['trade_no', instruction.tradeNo],
  ];
}

/** Every number that the answer names must be ours; which of them it names is not published. */
function aboutOthers(said: OpenapiSaid, instruction: RefundInstruction): Outcome<never> | undefined {
  const other = ourNames(instruction).find(([name, value]) => said.has(name) && said.field(name) !== value);
  return other && inDoubt(`the answer is about ${other[0]} ${said.field(other[0])}`);
}

function factsOf(said: OpenapiSaid, instruction: RefundInstruction, channelStatus: string): RefundFacts {
  const at = parseShanghai(said.field('gmt_refund_pay'));
  return {
    refundNo: instruction.refundNo,
    amount: instruction.amount,
    ...(at === undefined ? {} : { at }),
    channelStatus,
  };
}
