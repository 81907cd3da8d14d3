import { CNY, parseShanghai, refuse } from '../../kernel/index.ts';
import type { Outcome, Result } from '../../kernel/index.ts';
import type { ChannelProgress, CustomsReceipt, DeclareFacts, DeclareInstruction } from '../contract/index.ts';
import type { QueryFacts, QueryInstruction } from '../contract/index.ts';
import { customsRules } from './customs-rules.ts';
import { presentWords } from './customs-words.data.ts';
import { personalText } from './sign.ts';

const placeForm = new RegExp(customsRules.placePattern);
const numberForm = /^[0-9A-Za-z_|*@-]{1,32}$/;

/** The lengths of the customs documents; what breaks them would come back as a refusal. */
export function refuseMalformed(instruction: DeclareInstruction): Result<never> | undefined {
  const { serialNo, tradeNo, place, customsCode, isSplit, childOrderNo, amount, buyer } = instruction;
  if (!placeForm.test(place)) return refuse('declaration.place_malformed', { place }, '/place');
  if (amount.currency !== CNY || amount.minor <= 0n)
    return refuse('declaration.amount_not_positive_yuan', { currency: amount.currency }, '/amount');
  const numbers = { serialNo, tradeNo, ...(isSplit ? { childOrderNo: childOrderNo ?? '' } : {}) };
  const [unfit] = Object.entries(numbers).find(([, number]) => !numberForm.test(number)) ?? [];
  if (unfit !== undefined) return refuse('declaration.value_length', { field: unfit, max: 32 }, `/${unfit}`);
  if (!/^[\x21-\x7e]{1,32}$/.test(customsCode))
    return refuse('declaration.value_length', { field: 'customsCode', max: 32 }, '/customsCode');
  const name = buyer ? personalText(buyer.name) : 'x';
  if (!name.isWellFormed() || /\p{Cc}/u.test(name))
    return refuse('declaration.text_not_in_charset', { charset: 'utf-8', field: 'name' });
  return undefined;
}

/** How this channel is asked: by the child order where there is one, else by the number that was paid with, and always for one place. */
export function askedFor({ serialNo = '', place = '', isSplit = false, childOrderNo = '' }: QueryInstruction): {
  readonly kind: 'sub_order_no' | 'out_trade_no';
  readonly number: string;
  readonly place: string;
} {
  return isSplit
    ? { kind: 'sub_order_no', number: childOrderNo, place }
    : { kind: 'out_trade_no', number: serialNo, place };
}

/** A question that names nothing would be answered about somebody else's declarations. */
export function refuseQuestion(instructions: readonly QueryInstruction[]): Result<never> | undefined {
  const [one] = instructions;
  if (!one || instructions.length > customsRules.query.batchMax)
    return refuse('declaration.query_batch_size', { asked: instructions.length, max: customsRules.query.batchMax });
  const { number, place } = askedFor(one);
  if (!numberForm.test(number))
    return refuse('declaration.request_no_malformed', { requestNo: number }, '/0/requestNo');
  return placeForm.test(place) ? undefined : refuse('declaration.place_malformed', { place }, '/0/place');
}

/** The fees go along for split orders only, all three; goods and freight are not told apart here. */
export function feesOf({ isSplit, childOrderNo = '', amount }: DeclareInstruction): Readonly<Record<string, string>> {
  const fee = String(amount.minor);
  return isSplit
    ? { sub_order_no: childOrderNo, fee_type: CNY, order_fee: fee, transport_fee: '0', product_fee: fee }
    : {};
}

/** One declaration in the channel's words, whichever version wrote them. */
export type TextOf = (name: string) => string;

const states = new Map<string, ChannelProgress>([
  // Also right after it was pushed again.
  ['UNDECLARED', 'waiting'],
  // So spelled in one public interface file.
  ['NDECLARED', 'waiting'],
  ['SUBMITTED', 'waiting'],
  ['PROCESSING', 'sending'],
  ['SUCCESS', 'done'],
  ['FAIL', 'other'],
  ['EXCEPT', 'other'],
]);

const checks = new Map([
  ['SAME', 'same'],
  ['DIFFERENT', 'different'],
] as const);

function identityOf(text: TextOf, name: string): { readonly identityCheck?: 'same' | 'different' } {
  const check = checks.get(text(name) as 'SAME');
  return check === undefined ? {} : { identityCheck: check };
}

/** What it says about our instruction; undefined when it speaks of something else. */
function isAbout(text: TextOf, { serialNo, tradeNo, isSplit, childOrderNo = '' }: DeclareInstruction): boolean {
  return (
    text('out_trade_no') === serialNo &&
    text('transaction_id') === tradeNo &&
    text('sub_order_no') === (isSplit ? childOrderNo : '')
  );
}

/** What the customs real-time check of the payment will ask for, and what a person may want to read. */
const extraNames = ['state', 'modify_time', 'verify_department', 'verify_department_trade_id'] as const;

/** The answer to a declaration or a push: taken, in whatever state; taken is never delivered. */
export function pushOutcome(text: TextOf, instruction: DeclareInstruction): Outcome<DeclareFacts> {
  if (!isAbout(text, instruction)) return { kind: 'in_doubt', why: 'the answer is about another declaration' };
  const state = text('state');
  if (!states.has(state)) return { kind: 'in_doubt', why: `state ${state} is not listed` };
  const pushedPaymentNo = text(instruction.isSplit ? 'sub_order_id' : 'transaction_id');
  if (pushedPaymentNo === '') return { kind: 'in_doubt', why: 'the answer names no payment number' };
  const extra = extraNames.filter((name) => text(name) !== '').map((name) => [name, text(name)] as const);
  const identity = { ...identityOf(text, 'certificate_check_result'), ...identityOf(text, 'cert_check_result') };
  const { requestNo } = instruction;
  return { kind: 'accepted', facts: { requestNo, pushedPaymentNo, ...identity, extra: Object.fromEntries(extra) } };
}

/** One record of an answer to a question. */
export function recordFacts(text: TextOf, tradeNo: string, requestNo: string): QueryFacts {
  const state = text('state');
  const [child, fee] = [text('sub_order_no'), text('order_fee')];
  const at = parseShanghai(text('modify_time'));
  const receipt = receiptOf(state, text('explanation'));
  return {
    ...{ found: true, requestNo, progress: states.get(state) ?? 'other', channelStatus: state },
    pushedPaymentNo: child === '' ? tradeNo : text('sub_order_id'),
    ...{ place: text('customs'), customsCode: text('mch_customs_no'), customsName: '' },
    ...(/^[1-9]\d{0,14}$/.test(fee) ? { amount: { minor: BigInt(fee), currency: CNY } } : {}),
    ...{ isSplit: child !== '', memo: text('explanation') },
    ...(child === '' ? {} : { childOrderNo: child }),
    ...{ ...identityOf(text, 'certificate_check_result'), ...identityOf(text, 'cert_check_result') },
    ...(at === undefined ? {} : { lastModifiedAt: at }),
    ...(receipt ? { receipt: { ...receipt, ...(at === undefined ? {} : { at }) } } : {}),
    // Customs answered well, says the channel: what it had refused is over. Whether the port has the record nobody says.
    ...(state === 'SUCCESS' ? { isAnsweredWell: true } : {}),
  };
}

/** FAIL and EXCEPT carry customs' own words; SUCCESS carries none, and is no receipt. */
function receiptOf(state: string, text: string): Pick<CustomsReceipt, 'code' | 'text'> | undefined {
  if (state === 'FAIL' && presentWords.some((words) => words.test(text))) return { code: '-401007', text };
  return state === 'FAIL' || state === 'EXCEPT' ? { code: state, text } : undefined;
}
