import type { Fields } from '../input.ts';
import { compactTime } from '../shanghai.ts';
import { numberNames } from './customs-desk.ts';
import type { Declaration, DeclarationTerms, Identity, SplitFees } from './customs-desk.ts';
import { playedOf } from './faults.ts';
import { canonical, fenAt, wholeAt, word } from './fields.ts';
import { readParties, secretAt } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { done, refused } from './results.ts';
import { rfc3339 } from './times.ts';
import type { Order, Refused, Result } from './types.ts';

// Rules: WeChat Pay merchant documents "customs declaration", v2, and its APIv3 form on the overseas host.

/** Places of both documents, with those that only old programs name left out. */
const places = [
  'GUANGZHOU_ZS',
  'HANGZHOU_ZS',
  'NINGBO',
  'ZHENGZHOU_BS',
  'CHONGQING',
  'SHANGHAI_ZS',
  'SHENZHEN',
  'ZHENGZHOU_ZH_ZS',
  'TIANJIN',
  'ZONGSHU',
];

type Asked = { readonly order: Order; readonly terms: DeclarationTerms };

export function declareOrder(method: MethodCall): Result {
  const { register, customs, call, hits, at } = method;
  const asked = readDeclaration(method);
  if ('kind' in asked) return asked;
  const { order, terms } = asked;
  const known = customs.find(order, terms.customs, terms.subOrderNo);
  const isChange = call.api === 'customs_modify' || word(call.fields, 'action_type') === 'MODIFY';
  if (isChange && !known) return refused('INVALID_REQUEST', '报关记录不存在');
  if (known && !isChange) {
    if (known.terms.content !== terms.content) return refused('INVALID_REQUEST', '报关信息与上次不一致，请使用修改');
    // The same call again changes nothing, except that what customs refused goes out once more.
    if (known.state !== 'FAIL') return declarationAnswer(method, known);
  }
  register.revision += 1;
  const declaration = known ?? customs.open(order, terms, at);
  declaration.terms = terms;
  declaration.check = checkOf(method, order, terms.buyer);
  customs.push(declaration, known ? 'SUBMITTED' : 'UNDECLARED', hits, at);
  return declarationAnswer(method, declaration);
}

/** The buyer against the payer; a difference is told and stops nothing. */
function checkOf({ customs, hits }: MethodCall, order: Order, buyer: Identity | undefined): Declaration['check'] {
  if (playedOf(hits, 'identity_different')) return 'DIFFERENT';
  if (!buyer) return 'UNCHECKED';
  const payer = customs.identityOf(order);
  return buyer.name === payer.name && buyer.idNo === payer.idNo ? 'SAME' : 'DIFFERENT';
}

function customsNoOf({ fields }: MethodCall['call']): string | undefined {
  return word(fields, 'mch_customs_no') ?? word(fields, 'merchant_customs_no');
}

function readDeclaration(method: MethodCall): Asked | Refused {
  const { call, merchant, register } = method;
  const { fields } = call;
  const parties = readParties(method, true);
  if ('kind' in parties) return parties;
  const outTradeNo = word(fields, 'out_trade_no');
  if (outTradeNo === undefined) return refused('OUTTRADENO_NOT_SET');
  const transactionId = word(fields, 'transaction_id');
  if (transactionId === undefined) return refused('TRANSACTION_ID_NOT_SET');
  const customs = word(fields, 'customs');
  if (customs === undefined) return refused('CUSTOMS_NOT_SET');
  const mchCustomsNo = customsNoOf(call);
  if (mchCustomsNo === undefined) return refused('CHCUSTOMSNO_NOT_SET');
  const registration = merchant.customs?.get(customs);
  if (!places.includes(customs) || (merchant.customs && registration === undefined))
    return refused('CUSTOMSCONFIG_NOT_SET');
  if (registration !== undefined && registration !== mchCustomsNo) return refused('INVALID_MCHCUSTOMSNO');
  const order = register.transactions.get(transactionId);
  if (order?.terms.payee !== parties.payee || order.terms.outTradeNo !== outTradeNo || order.state !== 'SUCCESS')
    return refused('INVALID_TRANSACTION_ID');
  const subOrderNo = word(fields, 'sub_order_no');
  const fees = readFees(method, order, customs, subOrderNo);
  if (fees && 'kind' in fees) return fees;
  const said = { customs, mchCustomsNo, subOrderNo, fees, dutyFen: fenAt(fields, 'duty', call.version) };
  return { order, terms: { ...said, buyer: buyerOf(fields), content: canonical({ ...said, buyer: buyerOf(fields) }) } };
}

function buyerOf(fields: Fields): Identity | undefined {
  const [name, idNo] = [word(fields, 'name'), word(fields, 'cert_id')];
  if (name === undefined || idNo === undefined || word(fields, 'cert_type') !== 'IDCARD') return undefined;
  return { name, idNo };
}

const feeNames = ['order_fee', 'transport_fee', 'product_fee'] as const;

/** Only for a part of an order, and then all of them. */
function readFees(
  { call, customs: desk }: MethodCall,
  order: Order,
  customs: string,
  subOrderNo: string | undefined,
): SplitFees | Refused | undefined {
  const { fields } = call;
  const isSaid = feeNames.some((name) => fields[name] !== undefined && fields[name] !== '');
  if (subOrderNo === undefined) return isSaid ? refused('132011004', '未拆单不能上送金额') : undefined;
  if (word(fields, 'fee_type') !== 'CNY') return refused('FEETYPE_NOT_SET');
  const [orderFen, transportFen, productFen] = feeNames.map((name) => fenAt(fields, name, call.version));
  if (orderFen === undefined || transportFen === undefined || productFen === undefined)
    return refused('PAYFEE_NOT_MATCH');
  if (orderFen !== transportFen + productFen) return refused('PAYFEE_NOT_MATCH');
  const others = desk.ofOrder(order, customs).filter((one) => one.terms.subOrderNo !== subOrderNo);
  const sum = others.reduce((total, one) => total + (one.terms.fees?.orderFen ?? 0), orderFen);
  return sum > order.terms.amountFen ? refused('PAYFEE_NOT_MATCH') : { orderFen, transportFen, productFen };
}

function numbersOf({ order, terms, subOrderId }: Declaration): Fields {
  return {
    transaction_id: order.payment?.transactionId ?? '',
    out_trade_no: order.terms.outTradeNo,
    ...(terms.subOrderNo === undefined ? {} : { sub_order_no: terms.subOrderNo, sub_order_id: subOrderId }),
  };
}

function declarationAnswer({ call }: MethodCall, declaration: Declaration): Result {
  const isV2 = call.version === 'v2';
  return done({
    state: declaration.state,
    ...numbersOf(declaration),
    modify_time: isV2 ? compactTime(declaration.modifiedAt) : rfc3339(declaration.modifiedAt),
    [isV2 ? 'cert_check_result' : 'certificate_check_result']: declaration.check,
    verify_department: 'NETSUNION',
    verify_department_trade_id: declaration.verifyTradeNo,
  });
}

export function queryDeclarations(method: MethodCall): Result {
  const { call } = method;
  const parties = readParties(method, true);
  if ('kind' in parties) return parties;
  const customs = word(call.fields, 'customs');
  if (customs === undefined) return refused('CUSTOMS_NOT_SET');
  const found = declarationsAsked(method, parties.payee).filter((one) => one.terms.customs === customs);
  const [first] = found;
  if (call.version === 'v3') {
    const [offset, limit] = [wholeAt(call.fields, 'offset') ?? 0, wholeAt(call.fields, 'limit') ?? 20];
    return done({ total_count: found.length, data: found.slice(offset, offset + limit).map(v3Row) });
  }
  if (!first) return refused('ORDER_NOT_EXIST');
  return done({
    transaction_id: first.order.payment?.transactionId ?? '',
    verify_department: 'NETSUNION',
    verify_department_trade_id: first.verifyTradeNo,
    count: String(found.length),
    ...Object.fromEntries(found.flatMap(v2Row)),
  });
}

/** The number of a part wins over its merchant number, that over the transaction, that over the order; v3 names the kind. */
function declarationsAsked({ call, customs }: MethodCall, payee: string): readonly Declaration[] {
  const { fields } = call;
  const kind = word(fields, 'order_type');
  const asked =
    call.version === 'v3'
      ? (name: string) => (kind === name ? word(fields, 'order_no') : undefined)
      : (name: string) => word(fields, name);
  const name = numberNames.find((one) => asked(one) !== undefined);
  return name === undefined ? [] : customs.ofNumber(payee, name, asked(name) ?? '');
}

function rowOf({ terms, subOrderId, state, explanation }: Declaration, fen: (value: number) => string | number) {
  const { fees, dutyFen } = terms;
  return {
    ...(terms.subOrderNo === undefined ? {} : { sub_order_no: terms.subOrderNo, sub_order_id: subOrderId ?? '' }),
    mch_customs_no: terms.mchCustomsNo,
    customs: terms.customs,
    ...(fees
      ? {
          fee_type: 'CNY',
          order_fee: fen(fees.orderFen),
          transport_fee: fen(fees.transportFen),
          product_fee: fen(fees.productFen),
        }
      : {}),
    ...(dutyFen === undefined ? {} : { duty: fen(dutyFen) }),
    state,
    ...(explanation === '' ? {} : { explanation }),
  };
}

function v2Row(declaration: Declaration, n: number): [string, string | number][] {
  const row = {
    ...rowOf(declaration, String),
    modify_time: compactTime(declaration.modifiedAt),
    cert_check_result: declaration.check,
  };
  return Object.entries(row).map(([name, value]) => [`${name}_${n}`, value]);
}

function v3Row(declaration: Declaration): Fields {
  return {
    ...numbersOf(declaration),
    ...rowOf(declaration, Number),
    modify_time: rfc3339(declaration.modifiedAt),
    certificate_check_result: declaration.check,
    verify_department: 'NETSUNION',
    verify_department_trade_id: declaration.verifyTradeNo,
  };
}

/** For what customs said yes to and the port never got. It changes no content. */
export function redeclare(method: MethodCall): Result {
  const { register, customs: desk, call, hits, at } = method;
  const { fields, version } = call;
  const parties = readParties(method, true);
  if ('kind' in parties) return parties;
  const customs = word(fields, 'customs');
  if (customs === undefined) return refused('CUSTOMS_NOT_SET');
  if (customsNoOf(call) === undefined) return refused('CHCUSTOMSNO_NOT_SET');
  const found = partAsked(declarationsOfOrder(method, parties.payee, customs), fields);
  if (!found) return refused('ORDER_NOT_EXIST', '报关记录不存在');
  if (found.terms.mchCustomsNo !== customsNoOf(call)) return refused('INVALID_MCHCUSTOMSNO');
  const gate = register.settings.repush_gate;
  const isGated = gate === 'strict' || (gate === 'documented' && version === 'v3');
  if (isGated && found.state !== 'SUCCESS' && found.state !== 'EXCEPT')
    return refused('INVALID_REQUEST', '当前状态不支持重推');
  register.revision += 1;
  desk.push(found, 'UNDECLARED', hits, at);
  const { modifiedAt, state } = found;
  const modified = version === 'v2' ? compactTime(modifiedAt) : rfc3339(modifiedAt);
  return done({ state, ...numbersOf(found), modify_time: modified });
}

function declarationsOfOrder({ register, customs: desk, call }: MethodCall, payee: string, customs: string) {
  const transactionId = word(call.fields, 'transaction_id');
  const order =
    transactionId === undefined
      ? register.orderOf(payee, word(call.fields, 'out_trade_no') ?? '')
      : register.transactions.get(transactionId);
  return order?.terms.payee === payee ? desk.ofOrder(order, customs) : [];
}

function partAsked(all: readonly Declaration[], fields: Fields): Declaration | undefined {
  const [no, id] = [word(fields, 'sub_order_no'), word(fields, 'sub_order_id')];
  return all.find((one) => one.terms.subOrderNo === no || (id !== undefined && one.subOrderId === id));
}

/** Whether a person is the payer, without declaring anything; the fields are encrypted to the platform. */
export function verifyCertificate(method: MethodCall): Result {
  const { register, customs, call, hits } = method;
  const { fields } = call;
  const parties = readParties(method, true);
  if ('kind' in parties) return parties;
  const [name, idNo] = [secretAt(method, 'certificate_name'), secretAt(method, 'certificate_id')];
  if (name === undefined || idNo === undefined || word(fields, 'certificate_type') !== 'IDCARD')
    return refused('PARAM_ERROR', '参数错误: certificate_id, certificate_name');
  const order = register.transactions.get(word(fields, 'transaction_id') ?? '');
  if (order?.terms.payee !== parties.payee) return refused('INVALID_TRANSACTION_ID');
  const payer = customs.identityOf(order);
  const isSame = name === payer.name && idNo === payer.idNo && !playedOf(hits, 'identity_different');
  return done({ certificate_check_result: isSame ? 'SAME' : 'DIFFERENT' });
}
