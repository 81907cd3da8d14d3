import { CNY, inDoubt, parseShanghai, refuse, shanghaiText } from '../../kernel/index.ts';
import type { Instant, Money, Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, CloseReading, Draft, Moment, WireAnswer } from '../contract/index.ts';
import type { PayInstruction, PayOperations, TradeFacts, TradeReading } from '../contract/index.ts';
import { partyOf } from './account.ts';
import { readAnswer } from './answer.ts';
import { codeRefusals, orderUnknown, orderUnknownV2, reverseRefusals } from './codes.ts';
import { descriptionText, refuseNumber, refuseTerms } from './pay-terms.ts';
import { draftCall } from './request.ts';
import { payerText } from './sign.ts';
import { doubt, otherAmount } from './trade.ts';
import { readV2Answer } from './v2-answer.ts';
import type { V2Said } from './v2-answer.ts';
import { draftV2 } from './v2-request.ts';

/** The payer's code: charged and asked about in version 2, since new merchants are offered no other (integration guide of 2026). */
export const codePay = {
  submit: { build: buildSubmit, interpret: interpretSubmit },
  query: { build: (...given: BuildArguments) => buildAbout('/pay/orderquery', ...given), interpret: interpretQuery },
  cancel: { build: buildReverse, interpret: interpretReverse },
} as const satisfies Pick<PayOperations, 'submit' | 'query' | 'cancel'>;

const signType = 'HMAC-SHA256';

type BuildArguments = readonly [instruction: PayInstruction, account: ChannelAccount, moment: Moment];

/** POST /pay/micropay: charged at once. The deadline travels, so that nothing is left to pay when nobody asks any more. */
function buildSubmit(instruction: PayInstruction, account: ChannelAccount, moment: Moment): Result<Draft> {
  const refusal = refuseTerms(instruction, account, moment.at);
  if (refusal) return refusal;
  const code = instruction.payerCode ? payerText(instruction.payerCode) : '';
  if (!/^1[0-5]\d{16}$/.test(code))
    return refuse('channel.value_not_taken', { field: 'auth_code', allowed: '10–15 + 16 digits' }, '/payerCode');
  const { limit_pay: limit, caller_address: address } = account.settings;
  // What cannot be said must not be left out: the account's promise about means of payment would be broken.
  if (limit !== undefined && limit !== 'no_credit')
    return refuse('channel.value_not_taken', { field: 'limit_pay', allowed: 'no_credit' });
  const fields = {
    body: descriptionText(instruction.subject),
    out_trade_no: instruction.serialNo,
    total_fee: String(instruction.amount.minor),
    fee_type: instruction.amount.currency,
    spbill_create_ip: address ?? '127.0.0.1',
    time_expire: shanghaiText(instruction.deadlineAt).replace(/\D/g, ''),
    limit_pay: limit ?? '',
    profit_sharing: instruction.isHeldForSharing ? 'Y' : '',
    auth_code: code,
  };
  return draftV2({ path: '/pay/micropay', fields, signType }, account, moment);
}

/** By our number: it exists before the transaction does. */
function buildAbout(path: string, ...[instruction, account, moment]: BuildArguments): Result<Draft> {
  const fields = { out_trade_no: instruction.serialNo };
  return refuseNumber(instruction) ?? draftV2({ path, fields, signType }, account, moment);
}

/**
 * Paid only when both codes are SUCCESS and the trade is a code payment. USERPAYING says that the payer is asked for his password; what no list
 * knows, SYSTEMERROR and BANKERROR among it, must be driven to an end by asking.
 */
function interpretSubmit(
  answer: WireAnswer,
  instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): TradeReading {
  const said = readV2Answer(answer, signType, account, secrets);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, refusal, words } = said;
  if (refusal === 'USERPAYING') return atWork(said, instruction, refusal);
  const text = codeRefusals.get(refusal);
  if (text !== undefined)
    return { trust, outcome: { kind: 'rejected', code: refusal, text: words === '' ? text : words } };
  if (refusal !== '') return doubt(trust, `err_code ${refusal} proves nothing`);
  if (said.text('trade_type') !== 'MICROPAY')
    return doubt(trust, `trade_type ${said.text('trade_type')} is no code payment`);
  return paidReading(said, instruction, 'SUCCESS');
}

/** The trade states of version 2. What was reversed tells whether it had been paid: then it carries transaction and time. */
function interpretQuery(
  answer: WireAnswer,
  instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): TradeReading {
  const said = readV2Answer(answer, signType, account, secrets);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, refusal } = said;
  if (refusal === orderUnknownV2) return { ...doubt(trust, 'the channel knows no such number'), isAbsent: true };
  if (refusal !== '') return doubt(trust, `the question was answered with ${refusal}`);
  const other = aboutOther(said, instruction);
  if (other !== '') return doubt(trust, other);
  return stateReading(said, instruction);
}

const waiting = new Set(['USERPAYING', 'NOTPAY', 'ACCEPT']);
const unpaid = new Map([
  ['PAYERROR', 'the payment failed'],
  ['CLOSED', 'closed without payment'],
  ['REVOKED', 'reversed without payment'],
]);

function stateReading(said: V2Said, instruction: PayInstruction): TradeReading {
  const { trust } = said;
  const state = said.text('trade_state');
  if (state === 'SUCCESS' || state === 'REFUND') return paidReading(said, instruction, state);
  if (waiting.has(state)) return atWork(said, instruction, state);
  const text = unpaid.get(state);
  if (text === undefined) return doubt(trust, `trade_state ${state} is not listed`);
  const marks = ['transaction_id', 'time_end'].filter((name) => said.has(name));
  if (marks.length === 2 && state === 'REVOKED') return paidReading(said, instruction, state);
  if (marks.length > 0) return doubt(trust, `${state}, and yet there is a ${marks.join(', ')}`);
  return { trust, outcome: { kind: 'rejected', code: state, text } };
}

/** Its own number must be named wherever one is. */
function aboutOther(said: V2Said, { serialNo }: PayInstruction): string {
  const named = said.text('out_trade_no');
  return named === serialNo ? '' : `the answer is about ${named === '' ? 'no number' : named}`;
}

function atWork(said: V2Said, instruction: PayInstruction, channelStatus: string): TradeReading {
  if (said.has('out_trade_no') && said.text('out_trade_no') !== instruction.serialNo)
    return doubt(said.trust, aboutOther(said, instruction));
  const facts = { serialNo: instruction.serialNo, channelStatus };
  const opened = channelStatus === 'USERPAYING' ? { isOpened: true } : {};
  return { trust: said.trust, outcome: { kind: 'accepted', facts: { ...facts, ...opened } } };
}

function paidReading(said: V2Said, instruction: PayInstruction, channelStatus: string): TradeReading {
  const { trust } = said;
  const other = aboutOther(said, instruction);
  if (other !== '') return doubt(trust, other);
  const total = fenOf(said, 'total_fee');
  const tradeNo = said.text('transaction_id');
  const paidAt = parseShanghai(said.text('time_end'));
  if (tradeNo === '' || paidAt === undefined) return doubt(trust, 'paid, and no transaction or time is named');
  if (total?.minor !== instruction.amount.minor || instruction.amount.currency !== CNY) {
    const says = `${total === undefined ? 'no amount' : String(total.minor)} fen ${said.text('fee_type') || CNY}`;
    return { trust, outcome: inDoubt(otherAmount(says, instruction)), disputed: says };
  }
  const payerPaid = fenOf(said, 'cash_fee');
  const facts: TradeFacts = {
    ...{ serialNo: instruction.serialNo, tradeNo, amount: total, received: total, paidAt, channelStatus },
    ...(payerPaid === undefined ? {} : { payerPaid }),
    ...(channelStatus === 'REFUND' ? { hasRefunds: true } : {}),
    ...(channelStatus === 'REVOKED' ? { isGivenBack: true } : {}),
  };
  return { trust, outcome: { kind: 'succeeded', facts } };
}

/** Whole fen as text; undefined when it is none or of another currency. */
function fenOf(said: V2Said, name: string): Money | undefined {
  const text = said.text(name);
  const isYuan = !said.has('fee_type') || said.text('fee_type') === CNY;
  return isYuan && /^(?:0|[1-9]\d{0,14})$/.test(text) ? { minor: BigInt(text), currency: CNY } : undefined;
}

const reversesByV2 = ({ settings }: ChannelAccount): boolean => settings['code_reversal'] === 'v2';

/** Version 2 asks for a client certificate, which the transport cannot present; APIv3 reverses the same number by signature alone. */
function buildReverse(
  instruction: PayInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  if (reversesByV2(account)) return buildAbout('/secapi/pay/reverse', instruction, account, moment);
  const { path, merchants, applications } = partyOf(account, instruction.product);
  const call = {
    method: 'POST',
    path: `${path}/out-trade-no/${encodeURIComponent(instruction.serialNo)}/reverse`,
    body: { ...applications, ...merchants },
  } as const;
  return refuseNumber(instruction) ?? draftCall(call, account, moment, secrets);
}

/**
 * An unpaid code payment is closed by it, a paid one goes back, and the answer does not say which it was: so even "done" (`recall` N, or 200) is doubt
 * that the next question ends. Y asks for the same call again; refusals of APIv3 are not published.
 */
function interpretReverse(
  answer: WireAnswer,
  _instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): CloseReading {
  const isV2 = reversesByV2(account);
  const said = isV2 ? readV2Answer(answer, signType, account, secrets) : readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, refusal, words } = said;
  const text = reverseRefusals.get(refusal);
  if (text !== undefined)
    return { trust, outcome: { kind: 'rejected', code: refusal, text: words === '' ? text : words } };
  if (refusal === orderUnknownV2 || refusal === orderUnknown)
    return { ...doubt(trust, 'the channel knows no such number'), isAbsent: true };
  if (refusal !== '') return doubt(trust, `the reversal was answered with ${refusal}`);
  const isDone = !('text' in said) || said.text('recall') === 'N';
  return doubt(trust, isDone ? 'reversed: asking tells whether it had been paid' : 'the channel wants it called again');
}
