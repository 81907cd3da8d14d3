import { inDoubt, parseShanghai, refuse, toDecimal } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { RefundFacts, RefundInstruction, RefundOperations, RefundReading } from '../contract/index.ts';
import { subMerchant } from './account.ts';
import { readAnswer } from './answer.ts';
import type { Said } from './answer.ts';
import { refundRefusals } from './codes.ts';
import { refundRules } from './pay-rules.ts';
import { cleanText } from './pay-terms.ts';
import { draftCall, queryText } from './request.ts';
import { doubt, fenIn, refusalBy } from './trade.ts';

/** POST /v3/refund/domestic/refunds and the question about one of them. */
export const refund: RefundOperations = {
  submit: { build: buildSubmit, interpret: interpretSubmit },
  query: { build: buildQuery, interpret: interpretQuery },
};

const path = '/v3/refund/domestic/refunds';
const refundNoForm = new RegExp(refundRules.refundNo.pattern);
const reasonMax = 80;

function refuseMalformed({ refundNo, amount, whole }: RefundInstruction): Result<never> | undefined {
  if (!refundNoForm.test(refundNo))
    return refuse(
      'channel.value_not_taken',
      { field: 'out_refund_no', allowed: refundRules.refundNo.pattern },
      '/refundNo',
    );
  if (amount.currency !== 'CNY' || amount.minor <= 0n || amount.minor > whole.minor)
    return refuse('channel.value_not_taken', { field: 'refund', allowed: `0.01–${toDecimal(whole)}` }, '/amount');
  return undefined;
}

function buildSubmit(
  instruction: RefundInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { refundNo, tradeNo, serialNo, amount, whole, notifyUrl } = instruction;
  const refusal = refuseMalformed(instruction);
  if (refusal) return refusal;
  const { fund_flow: flow, refund_from: from } = account.settings;
  // In the new fund flow refunds leave the basic account, and the field must not be sent.
  if (from === 'available' && flow === 'new') return refuse('channel.not_set_up', { setting: 'refund_from' });
  const reason = cleanText(instruction.reason, reasonMax);
  const body = {
    ...subMerchant(account),
    ...(tradeNo === '' ? { out_trade_no: serialNo } : { transaction_id: tradeNo }),
    out_refund_no: refundNo,
    ...(reason === '' ? {} : { reason }),
    notify_url: notifyUrl,
    ...(from === 'available' ? { funds_account: 'AVAILABLE' } : {}),
    amount: { refund: Number(amount.minor), total: Number(whole.minor), currency: amount.currency },
  };
  return draftCall({ method: 'POST', path, body }, account, moment, secrets);
}

function buildQuery(
  instruction: RefundInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const sub = subMerchant(account);
  const query = Object.keys(sub).length === 0 ? '' : queryText(sub);
  return (
    refuseMalformed(instruction) ??
    draftCall(
      { method: 'GET', path: `${path}/${encodeURIComponent(instruction.refundNo)}${query}` },
      account,
      moment,
      secrets,
    )
  );
}

function interpretSubmit(
  answer: WireAnswer,
  instruction: RefundInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): RefundReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  if (said.refusal !== '') return { trust: said.trust, outcome: refusalBy(said, refundRefusals) };
  const reading = stateOf(said, instruction);
  // Given up: believed when a question of ours is answered so, since a new number may follow.
  return reading.outcome.kind === 'rejected' ? doubt(said.trust, 'given up, to be asked about') : reading;
}

/** "Not found" never proves that a refund was not made: the same request goes again. */
function interpretQuery(
  answer: WireAnswer,
  instruction: RefundInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): RefundReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  if (said.refusal !== '') return doubt(said.trust, `the question was answered with ${said.refusal}`);
  return stateOf(said, instruction);
}

/** The states of a refund (table of `status`), once it is certain that it is ours and of our amount. */
function stateOf(said: Said, instruction: RefundInstruction): RefundReading {
  const { trust, fields, status: http } = said;
  const other = aboutOthers(said, instruction);
  if (http !== 200 || other !== '') return doubt(trust, other === '' ? `http status ${http}` : other);
  const status = fields.text('status');
  const amount = fields.group('amount');
  if (fenIn(amount, 'refund')?.minor !== instruction.amount.minor)
    return doubt(
      trust,
      `the channel says ${amount.fen('refund') ?? 'no'} fen, we asked for ${instruction.amount.minor}`,
    );
  const at = parseShanghai(fields.text('success_time'));
  const facts: RefundFacts = {
    ...{ refundNo: instruction.refundNo, amount: instruction.amount, channelStatus: status },
    ...(at === undefined ? {} : { at }),
  };
  if (status === 'SUCCESS') return { trust, outcome: { kind: 'succeeded', facts } };
  if (status === 'PROCESSING') return { trust, outcome: { kind: 'accepted', facts } };
  if (status === 'CLOSED')
    return { trust, outcome: { kind: 'rejected', code: status, text: 'given up by the channel, nothing left' } };
  if (status === 'ABNORMAL')
    return { trust, outcome: inDoubt('the money left and cannot be delivered'), isAbnormal: true };
  return doubt(trust, `status ${status} is not listed`);
}

function aboutOthers({ fields }: Said, { refundNo, serialNo, tradeNo }: RefundInstruction): string {
  const named = fields.text('out_refund_no');
  if (named !== refundNo) return `the answer is about ${named === '' ? 'no refund' : named}`;
  if (fields.has('out_trade_no') && fields.text('out_trade_no') !== serialNo)
    return `the answer is about order ${fields.text('out_trade_no')}`;
  const isOther = tradeNo !== '' && fields.has('transaction_id') && fields.text('transaction_id') !== tradeNo;
  return isOther ? `the answer is about transaction ${fields.text('transaction_id')}` : '';
}
