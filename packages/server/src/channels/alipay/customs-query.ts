import { CNY, inDoubt, parseDecimal, parseShanghai, refuse } from '../../kernel/index.ts';
import type { Outcome, Result, Trust } from '../../kernel/index.ts';
import type {
  AccountSecrets,
  ChannelAccount,
  ChannelProgress,
  CustomsOperations,
  CustomsReceipt,
  Draft,
  QueryFacts,
  QueryInstruction,
  QueryReading,
  WireAnswer,
} from '../contract/index.ts';
import { queryRefusals } from './codes.ts';
import { refusalOf, systemRefusal } from './customs-declare.ts';
import { customsRules } from './manifest.ts';
import { draftRequest } from './mapi.ts';
import { fittingRule, flatFields, readMapiAnswer } from './mapi-answer.ts';
import type { XmlElement } from './xml.ts';

/** `alipay.overseas.acquire.customs.query`: up to ten declarations by their request numbers. */
export const query: CustomsOperations['query'] = { build, interpret };

const requestNoForm = new RegExp(customsRules.requestNo.pattern);

function build(instructions: readonly QueryInstruction[], account: ChannelAccount): Result<Draft> {
  const numbers = instructions.map((instruction) => instruction.requestNo);
  if (numbers.length === 0 || numbers.length > customsRules.query.batchMax) {
    return refuse('declaration.query_batch_size', { asked: numbers.length, max: customsRules.query.batchMax });
  }
  // One malformed number makes the gateway refuse the whole batch, so it never leaves.
  const malformed = numbers.findIndex((requestNo) => !requestNoForm.test(requestNo));
  if (malformed >= 0) {
    const params = { requestNo: numbers[malformed] ?? '' };
    return refuse('declaration.request_no_malformed', params, `/${malformed}/requestNo`);
  }
  return draftRequest('alipay.overseas.acquire.customs.query', [['out_request_nos', numbers.join(',')]], account);
}

function interpret(
  answer: WireAnswer,
  instructions: readonly QueryInstruction[],
  account: ChannelAccount,
  secrets: AccountSecrets,
): QueryReading {
  const everyone = (outcome: Outcome<QueryFacts>, trust: Trust): QueryReading => ({
    trust,
    byRequestNo: new Map(instructions.map(({ requestNo }) => [requestNo, outcome])),
  });
  const read = readMapiAnswer(answer);
  if (read.kind === 'unreadable') return everyone(inDoubt(read.why), 'transport_only');
  if (read.kind === 'system_error') return everyone(systemRefusal(read.code), 'transport_only');
  const rule = fittingRule(read, nestedNames, account, secrets);
  const fields = flatFields(read.elements, queryNames);
  const trust = rule?.coversAll === true ? 'verified' : 'transport_only';
  if (fields === undefined) return everyone(inDoubt('an element of the result occurs twice'), trust);
  if (fields.get('result_code') === 'FAIL') {
    // A refusal is flat, and for flat answers the rule is proven: a signature that does not fit is a wrong one.
    if (rule === undefined) return everyone(inDoubt('the signature does not fit'), read.sign === '' ? trust : 'none');
    return everyone(refusalOf(fields, queryRefusals), trust);
  }
  if (fields.get('result_code') !== 'SUCCESS' || fields.has('detail_error_code')) {
    return everyone(inDoubt(`result_code ${fields.get('result_code') ?? ''} is not listed`), trust);
  }
  const byRequestNo = sortOut(instructions, read.elements, fields.get('not_found') ?? '');
  return { trust, byRequestNo, ...(rule === undefined ? {} : { signingRule: rule.name }) };
}

const nestedNames: ReadonlySet<string> = new Set(['records']);
const queryNames: ReadonlySet<string> = new Set([
  'result_code',
  'detail_error_code',
  'detail_error_des',
  'not_found',
  'records',
]);

function sortOut(
  instructions: readonly QueryInstruction[],
  elements: readonly XmlElement[],
  notFoundText: string,
): ReadonlyMap<string, Outcome<QueryFacts>> {
  const notFound = new Set(notFoundText.split(',').map((requestNo) => requestNo.trim()));
  const records = elements
    .filter((element) => element.name === 'records')
    .flatMap((element) => element.children)
    .filter((element) => element.name === 'customs_declare');
  return new Map(
    instructions.map(({ requestNo }) => {
      const about = records.filter((record) => saysNumber(record, requestNo));
      return [requestNo, outcomeFor(requestNo, about, notFound.has(requestNo))];
    }),
  );
}

function saysNumber(record: XmlElement, requestNo: string): boolean {
  return record.children.some((child) => child.name === 'out_request_no' && child.text === requestNo);
}

function outcomeFor(requestNo: string, about: readonly XmlElement[], notFound: boolean): Outcome<QueryFacts> {
  const [record, ...others] = about;
  if (record === undefined) {
    return notFound
      ? { kind: 'succeeded', facts: { found: false } }
      : inDoubt(`the answer is silent about ${requestNo}`);
  }
  if (notFound) return inDoubt(`${requestNo} is found and not found`);
  if (others.some((other) => contentOf(other) !== contentOf(record)))
    return inDoubt(`two records of ${requestNo} differ`);
  const fields = flatFields(record.children, recordNames);
  if (fields === undefined) return inDoubt(`the record of ${requestNo} says something twice`);
  const status = fields.get('status') ?? '';
  const pushedPaymentNo = fields.get('trade_no') ?? '';
  if (status === '' || pushedPaymentNo === '')
    return inDoubt(`the record of ${requestNo} lacks its status or payment number`);
  return { kind: 'succeeded', facts: factsOf(fields, requestNo, status, pushedPaymentNo) };
}

const recordNames: ReadonlySet<string> = new Set([
  'out_request_no',
  'alipay_declare_no',
  'trade_no',
  'customs_place',
  'merchant_customs_code',
  'merchant_customs_name',
  'amount',
  'is_split',
  'sub_out_biz_no',
  'status',
  'memo',
  'last_modified_time',
  'customs_code',
  'customs_info',
  'customs_return_time',
]);

function contentOf(record: XmlElement): string {
  return JSON.stringify(record.children.map((child) => [child.name, child.text]).sort());
}

/** `ws`, `sending`, `succ` are all that is documented; any other word is kept as it came. */
const progressWords = new Map<string, ChannelProgress>([
  ['ws', 'waiting'],
  ['sending', 'sending'],
  ['succ', 'done'],
]);

function factsOf(
  fields: ReadonlyMap<string, string>,
  requestNo: string,
  status: string,
  pushedPaymentNo: string,
): QueryFacts {
  const text = (name: string): string => fields.get(name) ?? '';
  const amount = parseDecimal(text('amount').trim(), CNY);
  const lastModifiedAt = parseShanghai(text('last_modified_time'));
  const receipt = receiptOf(text('customs_code').trim(), text('customs_info'), text('customs_return_time'));
  return {
    found: true,
    requestNo,
    progress: progressWords.get(status) ?? 'other',
    channelStatus: status,
    pushedPaymentNo,
    ...(text('alipay_declare_no') ? { channelDeclareNo: text('alipay_declare_no') } : {}),
    // Samples answer in lower case what was declared in upper case.
    place: text('customs_place').toUpperCase(),
    customsCode: text('merchant_customs_code'),
    customsName: text('merchant_customs_name'),
    ...(amount ? { amount } : {}),
    isSplit: text('is_split').toUpperCase() === 'T',
    ...(text('sub_out_biz_no') ? { childOrderNo: text('sub_out_biz_no') } : {}),
    memo: text('memo'),
    ...(lastModifiedAt === undefined ? {} : { lastModifiedAt }),
    ...(receipt ? { receipt } : {}),
  };
}

/** Customs' own words, passed through; the receipt id stands in brackets: 新增申报成功[id]. */
function receiptOf(code: string, text: string, returnTime: string): CustomsReceipt | undefined {
  if (code === '') return undefined;
  const at = parseShanghai(returnTime);
  const receiptId = /\[([^\][]+)\]/.exec(text)?.[1];
  return { code, text, ...(at === undefined ? {} : { at }), ...(receiptId === undefined ? {} : { receiptId }) };
}
