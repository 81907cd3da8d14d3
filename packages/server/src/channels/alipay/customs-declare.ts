import { inDoubt, refuse, toDecimal, CNY } from '../../kernel/index.ts';
import type { Outcome, Reading, Result } from '../../kernel/index.ts';
import type {
  AccountSecrets,
  ChannelAccount,
  CustomsOperations,
  DeclareFacts,
  DeclareInstruction,
  Draft,
  WireAnswer,
} from '../contract/index.ts';
import { declarationStands, declareRefusals, systemErrors } from './codes.ts';
import { draftRequest } from './mapi.ts';
import { flatFields, flatSignatureFits, readMapiAnswer } from './mapi-answer.ts';
import { customsRules } from './manifest.ts';
import { personalText } from './sign.ts';

/** `alipay.acquire.customs`: the same call for a declaration, a re-push and a modification; out_request_no is its identity. */
export const declare: CustomsOperations['declare'] = { build, interpret };

const requestNoForm = new RegExp(customsRules.requestNo.pattern);
const placeForm = new RegExp(customsRules.placePattern);

function build(instruction: DeclareInstruction, account: ChannelAccount): Result<Draft> {
  const refusal = refuseMalformed(instruction);
  if (refusal) return refusal;
  const { buyer } = instruction;
  return draftRequest(
    'alipay.acquire.customs',
    [
      ['out_request_no', instruction.requestNo],
      ['trade_no', instruction.tradeNo],
      ['merchant_customs_code', instruction.customsCode],
      ['merchant_customs_name', instruction.customsName],
      ['amount', toDecimal(instruction.amount)],
      ['customs_place', instruction.place],
      ['is_split', instruction.isSplit ? 'T' : ''],
      ['sub_out_biz_no', instruction.isSplit ? (instruction.childOrderNo ?? '') : ''],
      ['buyer_name', buyer ? personalText(buyer.name) : ''],
      ['buyer_id_no', buyer ? personalText(buyer.idNo) : ''],
    ],
    account,
  );
}

/** The lengths of the "Request parameters" table of alipay.acquire.customs; what breaks them would come back as INVALID_PARAMETER. */
function refuseMalformed(instruction: DeclareInstruction): Result<never> | undefined {
  if (!requestNoForm.test(instruction.requestNo)) {
    return refuse('declaration.request_no_malformed', { requestNo: instruction.requestNo }, '/requestNo');
  }
  if (!placeForm.test(instruction.place)) {
    return refuse('declaration.place_malformed', { place: instruction.place }, '/place');
  }
  if (instruction.amount.currency !== CNY || instruction.amount.minor <= 0n) {
    return refuse('declaration.amount_not_positive_yuan', { currency: instruction.amount.currency }, '/amount');
  }
  const limits = [
    ['tradeNo', instruction.tradeNo, 64],
    ['customsCode', instruction.customsCode, 20],
    ['customsName', instruction.customsName, 256],
    ...(instruction.isSplit ? [['childOrderNo', instruction.childOrderNo ?? '', 32] as const] : []),
  ] as const;
  const [field, , max] = limits.find(([, value, limit]) => value === '' || value.length > limit) ?? [];
  return field === undefined ? undefined : refuse('declaration.value_length', { field, max: max ?? 0 }, `/${field}`);
}

function interpret(
  answer: WireAnswer,
  instruction: DeclareInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): Reading<DeclareFacts> {
  const read = readMapiAnswer(answer);
  if (read.kind === 'unreadable') return { outcome: inDoubt(read.why), trust: 'transport_only' };
  if (read.kind === 'system_error') return { outcome: systemRefusal(read.code), trust: 'transport_only' };
  // A declare answer is flat, and for flat answers the rule is proven: what does not verify proves nothing.
  if (!flatSignatureFits(read, account, secrets))
    return { outcome: inDoubt('the signature does not fit'), trust: 'none' };
  const fields = flatFields(read.elements, declareNames);
  const outcome = fields ? outcomeOf(fields, instruction) : inDoubt('an element of the result occurs twice');
  return { outcome, trust: 'verified' };
}

export function systemRefusal(code: string): Outcome<never> {
  const text = systemErrors.get(code);
  return text === undefined ? inDoubt(`system error ${code} proves nothing`) : { kind: 'rejected', code, text };
}

const declareNames: ReadonlySet<string> = new Set([
  'result_code',
  'detail_error_code',
  'detail_error_des',
  'out_request_no',
  'trade_no',
  'alipay_declare_no',
  'identity_check',
]);

function outcomeOf(fields: ReadonlyMap<string, string>, instruction: DeclareInstruction): Outcome<DeclareFacts> {
  const result = fields.get('result_code');
  if (result === 'FAIL') return refusalOf(fields, declareRefusals);
  if (result !== 'SUCCESS') return inDoubt(`result_code ${result ?? ''} is not listed`);
  if (fields.has('detail_error_code')) return inDoubt('SUCCESS with an error code');
  const requestNo = fields.get('out_request_no');
  if (requestNo !== instruction.requestNo) return inDoubt(`the answer is about ${requestNo ?? 'no number'}`);
  const pushedPaymentNo = fields.get('trade_no');
  if (!pushedPaymentNo) return inDoubt('the answer names no payment number');
  // SUCCESS means that Alipay took the declaration. A re-push gets the very same answer when nothing is sent to customs.
  return { kind: 'accepted', facts: factsOf(fields, requestNo, pushedPaymentNo) };
}

function factsOf(fields: ReadonlyMap<string, string>, requestNo: string, pushedPaymentNo: string): DeclareFacts {
  const declareNo = fields.get('alipay_declare_no');
  const check = fields.get('identity_check');
  const extra = [...fields].filter(([name]) => !declareNames.has(name));
  return {
    requestNo,
    pushedPaymentNo,
    ...(declareNo ? { channelDeclareNo: declareNo } : {}),
    // Only the first call answers this, and only when orderer data went along: absent never means different.
    ...(check === 'T'
      ? { identityCheck: 'same' as const }
      : check === 'F'
        ? { identityCheck: 'different' as const }
        : {}),
    extra: Object.fromEntries(extra),
  };
}

/** A business refusal, when the list of the operation knows its code. */
export function refusalOf(fields: ReadonlyMap<string, string>, listed: ReadonlyMap<string, string>): Outcome<never> {
  const code = fields.get('detail_error_code') ?? '';
  const text = listed.get(code);
  if (declarationStands.includes(code)) return inDoubt(`an earlier declaration stands: ${code}`);
  if (text === undefined) return inDoubt(`detail_error_code ${code} is not listed`);
  const said = fields.get('detail_error_des') ?? '';
  return { kind: 'rejected', code, text: said === '' ? text : said };
}
