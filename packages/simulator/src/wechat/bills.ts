import { yuanOf } from '../money.ts';
import { spacedTime } from '../shanghai.ts';
import type { FundRow, TradeRow } from './ledger.ts';
import type { Refund } from './types.ts';

// Layout: WeChat Pay merchant documents "download the trade bill" and "download the fund-flow bill", with the notes on their text.

export const tradeBillTypes = ['ALL', 'SUCCESS', 'REFUND', 'RECHARGE_REFUND'] as const;
export type TradeBillType = (typeof tradeBillTypes)[number];

/** One line of the trade bill before it is text; fen where it is money, fees signed. */
export type BillLine = {
  readonly kind: TradeRow['kind'];
  readonly time: string;
  readonly appid: string;
  readonly mchid: string;
  readonly subMchid: string | undefined;
  readonly transactionId: string;
  readonly outTradeNo: string;
  readonly openid: string;
  readonly product: string;
  readonly bankType: string;
  readonly amountFen: number;
  readonly description: string;
  readonly attach: string;
  readonly feeFen: number;
  readonly feePpm: number;
  readonly refund:
    { readonly id: string; readonly outNo: string; readonly status: string; readonly doneAt: string } | undefined;
};

const refundStatusWords: Readonly<Record<Refund['status'], string>> = {
  SUCCESS: 'SUCCESS',
  PROCESSING: 'PROCESSING',
  CLOSED: 'FAIL',
  ABNORMAL: 'CHANGE',
};

export function billLineOf({ at, kind, order, refund }: TradeRow, feePpm: number): BillLine {
  const { terms, payment } = order;
  const isPayment = kind === 'payment';
  return {
    kind,
    time: spacedTime(at),
    appid: terms.appid,
    mchid: terms.mchid,
    subMchid: terms.subMchid,
    transactionId: payment?.transactionId ?? '',
    outTradeNo: terms.outTradeNo,
    openid: payment?.openid ?? '',
    product: terms.product,
    bankType: payment?.bankType ?? '',
    amountFen: isPayment ? terms.amountFen : (refund?.terms.amountFen ?? 0),
    description: terms.description,
    attach: terms.attach,
    feeFen: isPayment ? (payment?.feeFen ?? 0) : -(refund?.feeReturnedFen ?? 0),
    feePpm,
    refund: refund && {
      id: refund.refundId,
      outNo: refund.terms.outRefundNo,
      status: refundStatusWords[refund.status],
      doneAt: refund.successAt === undefined ? '' : spacedTime(refund.successAt),
    },
  };
}

type Cell = (line: BillLine, feeDecimals: number) => string;

const isPayment = (line: BillLine): boolean => line.kind === 'payment';
const paid: Cell = (line) => yuanOf(isPayment(line) ? line.amountFen : 0);
const returned: Cell = (line) => yuanOf(isPayment(line) ? 0 : line.amountFen);
const stateWords = { payment: 'SUCCESS', refund: 'REFUND', reversal: 'REVOKED' } as const;

const trade: readonly (readonly [string, Cell])[] = [
  ['交易时间', (line) => line.time],
  ['公众账号ID', (line) => line.appid],
  ['商户号', (line) => line.mchid],
  ['特约商户号', (line) => line.subMchid ?? '0'],
  ['设备号', () => ''],
  ['微信订单号', (line) => line.transactionId],
  ['商户订单号', (line) => line.outTradeNo],
  ['用户标识', (line) => line.openid],
  ['交易类型', (line) => line.product],
  ['交易状态', (line) => stateWords[line.kind]],
  ['付款银行', (line) => line.bankType],
  ['货币种类', () => 'CNY'],
  ['应结订单金额', paid],
  ['代金券金额', () => '0.00'],
];
const refundTimes: readonly (readonly [string, Cell])[] = [
  ['退款申请时间', (line) => line.time],
  ['退款成功时间', (line) => line.refund?.doneAt ?? ''],
];
const refunds: readonly (readonly [string, Cell])[] = [
  ['微信退款单号', (line) => line.refund?.id ?? '0'],
  ['商户退款单号', (line) => line.refund?.outNo ?? '0'],
  ['退款金额', returned],
  ['充值券退款金额', () => '0.00'],
  ['退款类型', (line) => (line.refund ? 'ORIGINAL' : '')],
  ['退款状态', (line) => line.refund?.status ?? ''],
];
const goods: readonly (readonly [string, Cell])[] = [
  ['商品名称', (line) => escaped(line.description, isPayment(line))],
  ['商户数据包', (line) => escaped(line.attach, isPayment(line))],
  ['手续费', (line, decimals) => signedYuan(line.feeFen, decimals)],
  ['费率', (line) => `${yuanOf(Math.round(line.feePpm / 100))}%`],
  ['订单金额', paid],
];
const asked: readonly (readonly [string, Cell])[] = [['申请退款金额', returned]];
const note: readonly (readonly [string, Cell])[] = [['费率备注', () => '']];

const tradeColumns: Readonly<Record<TradeBillType, readonly (readonly [string, Cell])[]>> = {
  ALL: [...trade, ...refunds, ...goods, ...asked, ...note],
  SUCCESS: [...trade, ...goods, ...note],
  REFUND: [...trade, ...refundTimes, ...refunds, ...goods, ...asked, ...note],
  RECHARGE_REFUND: [...trade, ...refundTimes, ...refunds, ...goods, ...asked, ...note],
};

/** UTF-8 with a byte order mark and CR LF behind every line; values stand behind a back-tick, headings do not. */
export function tradeBill(type: TradeBillType, lines: readonly BillLine[], feeDecimals: number): Buffer {
  const columns = tradeColumns[type];
  const sum = (of: (line: BillLine) => number) => lines.reduce((total, line) => total + of(line), 0);
  const sums: Readonly<Record<string, string>> = {
    总交易单数: String(lines.length),
    应结订单总金额: yuanOf(sum((line) => (isPayment(line) ? line.amountFen : 0))),
    退款总金额: yuanOf(sum((line) => (isPayment(line) ? 0 : line.amountFen))),
    充值券退款总金额: '0.00',
    手续费总金额: signedYuan(
      sum((line) => line.feeFen),
      feeDecimals,
    ),
    订单总金额: yuanOf(sum((line) => (isPayment(line) ? line.amountFen : 0))),
    申请退款总金额: yuanOf(sum((line) => (isPayment(line) ? 0 : line.amountFen))),
  };
  const names = Object.keys(sums).filter((name) => type !== 'SUCCESS' || !name.includes('退款'));
  return billFile([
    columns.map(([name]) => name).join(','),
    ...lines.map((line) => billValues(columns.map(([, cell]) => cell(line, feeDecimals)))),
    names.join(','),
    billValues(names.map((name) => sums[name] ?? '')),
  ]);
}

const fundColumns =
  '记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号';
const fundSums = '资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额';

export function fundFlowBill(rows: readonly FundRow[]): Buffer {
  const [incoming, outgoing] = [rows.filter((row) => row.fen > 0), rows.filter((row) => row.fen < 0)];
  const total = (of: readonly FundRow[]) => yuanOf(of.reduce((sum, row) => sum + Math.abs(row.fen), 0));
  const counted = [
    `${rows.length}.0`,
    `${incoming.length}.0`,
    total(incoming),
    `${outgoing.length}.0`,
    total(outgoing),
  ];
  return billFile([fundColumns, ...rows.map(fundLine), fundSums, billValues(counted)]);
}

function fundLine(row: FundRow): string {
  const direction = row.fen > 0 ? '收入' : '支出';
  const money = [direction, yuanOf(Math.abs(row.fen)), signedYuan(row.balanceFen, 2)];
  const numbers = [row.businessNo, row.businessNo, row.name, row.type];
  return billValues([spacedTime(row.at), ...numbers, ...money, 'system', row.remark, row.voucherNo]);
}

export function billValues(cells: readonly string[]): string {
  return cells.map((cell) => `\`${cell}`).join(',');
}

export function billFile(lines: readonly string[]): Buffer {
  return Buffer.from(`\ufeff${lines.map((line) => `${line}\r\n`).join('')}`);
}

function signedYuan(fen: number, decimals: number): string {
  return `${fen < 0 ? '-' : ''}${yuanOf(Math.abs(fen))}${'0'.repeat(decimals - 2)}`;
}

export function billText(text: string): string {
  return escaped(text, true);
}

/** Of a comma nothing is left but a backslash and a blank: such a text cannot be read back. */
function escaped(text: string, isOrder: boolean): string {
  const signs: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '"': '\\"',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    ',': '\\ ',
    '\ue000': '\\ ',
    '`': isOrder ? '\\`' : '\\140',
    "'": isOrder ? "\\'" : "'",
  };
  return text.replace(/[\\"\n\r\t,\ue000`']/g, (sign) => signs[sign] ?? sign);
}
