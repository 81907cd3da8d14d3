import { yuanOf } from '../money.ts';
import { spacedTime } from '../shanghai.ts';
import { billFile, billText, billValues } from './bills.ts';
import type { ShareRow } from './share-desk.ts';

// Layout: WeChat Pay merchant document "download the sharing bill": one line for a part that was paid or came back, never for one
// that was not. What the columns and the sums are called is our choice: no text of the document at hand names them.

type Cell = (row: ShareRow) => string;

const columns: readonly (readonly [string, Cell])[] = [
  ['分账时间', ({ at }) => spacedTime(at)],
  ['分账发起方', ({ request }) => request.order.terms.mchid],
  ['分账方', ({ request }) => request.order.terms.payee],
  ['微信订单号', ({ request }) => request.order.payment?.transactionId ?? ''],
  ['微信分账/回退单号', ({ request, back }) => back?.returnId ?? request.orderId],
  ['分账明细单号', ({ part }) => part.detailId],
  ['商户分账/回退单号', ({ request, back }) => back?.outReturnNo ?? request.outOrderNo],
  ['订单金额', ({ request }) => yuanOf(request.order.terms.amountFen)],
  ['分账接收方', ({ part }) => part.account],
  ['分账金额', ({ part, back }) => yuanOf(back?.amountFen ?? part.amountFen)],
  ['业务类型', ({ back }) => (back ? '分账回退' : '分账')],
  ['处理状态', () => '成功'],
  ['分账描述', ({ part, back }) => billText((back ?? part).description)],
  ['备注', () => ''],
];

export function shareBill(rows: readonly ShareRow[]): Buffer {
  const of = (isBack: boolean) => rows.filter(({ back }) => (back !== undefined) === isBack);
  const sum = (some: readonly ShareRow[]) =>
    yuanOf(some.reduce((total, { part, back }) => total + (back?.amountFen ?? part.amountFen), 0));
  const sums: readonly (readonly [string, string])[] = [
    ['总笔数', String(rows.length)],
    ['分账总金额', sum(of(false))],
    ['分账回退总金额', sum(of(true))],
  ];
  return billFile([
    columns.map(([name]) => name).join(','),
    ...rows.map((row) => billValues(columns.map(([, cell]) => cell(row)))),
    sums.map(([name]) => name).join(','),
    billValues(sums.map(([, value]) => value)),
  ]);
}
