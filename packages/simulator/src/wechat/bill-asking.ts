import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { parseSpacedTime } from '../shanghai.ts';
import { billLineOf, fundFlowBill, tradeBill, tradeBillTypes } from './bills.ts';
import type { TradeBillType } from './bills.ts';
import { playedOf } from './faults.ts';
import { word } from './fields.ts';
import type { FundRow, TradeRow } from './ledger.ts';
import { readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { done, refused } from './results.ts';
import { lot } from './signing.ts';
import { shareBill } from './share-bill.ts';
import type { ShareRow } from './share-desk.ts';
import { dateOf } from './times.ts';
import type { Refused, Result } from './types.ts';

const dayMs = 86_400_000;

export function askTradeBill(method: MethodCall): Result {
  const bytes = tradeBillBytes(method);
  return 'kind' in bytes ? bytes : handOut(method, bytes);
}

export function askFundFlowBill(method: MethodCall): Result {
  const { call, register } = method;
  const account = word(call.fields, 'account_type') ?? 'BASIC';
  if (!['BASIC', 'OPERATION', 'FEES'].includes(account)) return refused('PARAM_ERROR', '参数错误: account_type');
  const date = readDate(method);
  if (typeof date !== 'string') return date;
  const all = payeesOf(method).flatMap((payee) => register.ledger.fundsOf(payee, date));
  const rows = account === 'BASIC' ? bentRows(method, all) : [];
  if (rows.length === 0) return refused('NO_STATEMENT_EXIST');
  return handOut(method, fundFlowBill(rows));
}

export function askShareBill(method: MethodCall): Result {
  const date = readDate(method);
  if (typeof date !== 'string') return date;
  const rows = bentRows(
    method,
    payeesOf(method).flatMap((payee) => method.sharing.rowsOf(payee, date)),
  );
  return rows.length === 0 ? refused('NO_STATEMENT_EXIST') : handOut(method, shareBill(rows));
}

/** v2 sends the file itself. */
export function downloadTradeBill(method: MethodCall): Result {
  const bytes = tradeBillBytes(method);
  if ('kind' in bytes) return bytes;
  const isGzip = word(method.call.fields, 'tar_type') === 'GZIP';
  return { ...done({}), file: isGzip ? gzipSync(bytes) : bytes };
}

function tradeBillBytes(method: MethodCall): Buffer | Refused {
  const { call, merchant, register } = method;
  const given = word(call.fields, 'bill_type') ?? 'ALL';
  const type = tradeBillTypes.find((one) => one === given);
  if (!type) return refused('PARAM_ERROR', '参数错误: bill_type');
  const date = readDate(method);
  if (typeof date !== 'string') return date;
  const all = payeesOf(method).flatMap((payee) => register.ledger.tradesOf(payee, date));
  const rows = bentRows(
    method,
    all.filter((row) => isIn(row, type)),
  );
  if (rows.length === 0) return refused('NO_STATEMENT_EXIST');
  return tradeBill(
    type,
    rows.map((row) => billLineOf(row, merchant.feePpm)),
    register.settings.fee_decimals,
  );
}

/** A refund paid from the balance is in a bill of its own. */
function isIn({ kind, refund }: TradeRow, type: TradeBillType): boolean {
  const isFromBalance = refund?.terms.purse === 'AVAILABLE';
  if (type === 'RECHARGE_REFUND') return isFromBalance;
  if (type === 'SUCCESS') return kind === 'payment';
  return !isFromBalance && (type === 'ALL' || kind !== 'payment');
}

/** A service provider reads the lines of its sub-merchants, or of the one it names. */
function payeesOf(method: MethodCall): readonly string[] {
  const { call, merchant } = method;
  const sub = word(call.fields, call.version === 'v2' ? 'sub_mch_id' : 'sub_mchid');
  const all = [merchant.mchid, ...merchant.subMchids];
  return sub === undefined ? all : all.filter((payee) => payee === sub);
}

function readDate(method: MethodCall): string | Refused {
  const { call, at, hits, register } = method;
  const { settings } = register;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  const given = word(call.fields, 'bill_date') ?? '';
  const date = call.version === 'v2' ? given.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3') : given;
  const midnight = parseSpacedTime(`${date} 00:00:00`);
  if (midnight === undefined || date >= dateOf(at)) return refused('PARAM_ERROR', '参数错误: bill_date');
  if (at > midnight + settings.bill_days_max * dayMs) return refused('INVALID_REQUEST', '账单日期超过三个月');
  if (playedOf(hits, 'statement_late') || at < midnight + dayMs + settings.bill_ready_ms)
    return refused('STATEMENT_CREATING');
  return playedOf(hits, 'statement_empty') ? refused('NO_STATEMENT_EXIST') : date;
}

function bentRows<T extends TradeRow | FundRow | ShareRow>({ hits }: MethodCall, rows: readonly T[]): readonly T[] {
  const missing = playedOf(hits, 'statement_line_missing');
  const wanted = missing?.['out_trade_no'];
  const at = wanted === undefined ? 0 : rows.findIndex((row) => numberOf(row) === wanted);
  const kept = missing ? rows.filter((_, index) => index !== at) : rows;
  return playedOf(hits, 'settle_again') ? kept.flatMap((row, index) => (index === 0 ? [row, row] : [row])) : kept;
}

function numberOf(row: TradeRow | FundRow | ShareRow): string {
  if ('request' in row) return row.request.order.terms.outTradeNo;
  return 'order' in row ? row.order.terms.outTradeNo : row.voucherNo;
}

/** The digest is of the text, also when the file is packed. */
function handOut(method: MethodCall, bytes: Buffer): Result {
  const { call, merchant, bills, hits, at } = method;
  const tarType = word(call.fields, 'tar_type');
  if (tarType !== undefined && tarType !== 'GZIP') return refused('PARAM_ERROR', '参数错误: tar_type');
  const digest = createHash('sha1').update(bytes).digest('hex');
  const told = playedOf(hits, 'statement_wrong_hash') ? lot(digest, 40) : digest;
  const token = bills.keep({ mchid: merchant.mchid, bytes, isGzip: tarType === 'GZIP', at });
  return { ...done({ hash_type: 'SHA1', hash_value: told }), billToken: token };
}

export function fetchBill(method: MethodCall): Result {
  const { call, merchant, bills, hits, register, at } = method;
  const found = bills.find(word(call.fields, 'token') ?? '');
  if (!found) return refused('RESOURCE_NOT_EXISTS');
  if (found.mchid !== merchant.mchid) return refused('NO_AUTH');
  if (playedOf(hits, 'statement_url_expired') || at > found.at + register.settings.bill_url_ms)
    return refused('INVALID_REQUEST', '下载地址已过期');
  return { ...done({}), file: found.isGzip ? gzipSync(found.bytes) : found.bytes };
}
