import { normalHeading } from '../platform/tables/index.ts';

const portListFields = ['order_no', 'waybill_no', 'trade_no', 'exit_status'] as const;
export type PortListField = (typeof portListFields)[number];

/** What ports, brokers and merchants call these columns. Compared in normal form. */
const names: Readonly<Record<PortListField, string>> = {
  order_no:
    '订单号 订单编号 电商订单号 电商订单编号 商户订单号 平台订单号 order_no order order_number orderid out_trade_no',
  waybill_no:
    '运单号 运单编号 物流运单号 物流运单编号 快递单号 物流单号 分运单号 waybill_no waybill logistics_no tracking_no',
  trade_no:
    '支付id 支付单号 支付交易号 支付编号 支付流水号 交易号 支付宝交易号 支付交易编号 trade_no payment_no pay_transaction_id payment_id transaction_id',
  exit_status: '出关状态 状态 放行 是否放行 放行状态 通关状态 是否出关 exit_status status released',
};

const fieldByHeading: ReadonlyMap<string, PortListField> = new Map(
  portListFields.flatMap((field) => names[field].split(' ').map((name) => [normalHeading(name), field] as const)),
);

export function portListFieldOf(heading: string): PortListField | undefined {
  return fieldByHeading.get(normalHeading(heading));
}

/** Words for 出关状态. A word that is not here is reported, never guessed: "查验" is neither. */
const releasedWords = '1 是 y yes t true 已放行 放行 已出关 出关 已离港 released release left 800'.split(' ');
const stuckWords =
  '0 否 n no f false 未放行 不放行 未出关 未离港 滞留 缺支付单 缺少支付单 缺支付流 缺少支付流 stuck held not_released missing'.split(
    ' ',
  );

const releasedByWord: ReadonlyMap<string, boolean> = new Map([
  ...releasedWords.map((word) => [normalHeading(word), true] as const),
  ...stuckWords.map((word) => [normalHeading(word), false] as const),
]);

export function releasedOf(word: string): boolean | undefined {
  return releasedByWord.get(normalHeading(word));
}

/** Headings that stand together in nothing but our own exports: an evidence pack, what is ours to do, the members of an incident. */
const ownExports = [
  ['last_query_sha256', 'reply_result'],
  ['triage_row', 'cause_zh'],
  ['state', 'last_asked_at'],
] as const;

/** By which headings a file is known as exported by ourselves. In a workbook of ours both names stand in one: `订单号 order_no`. */
export function ownHeadingsOf(headings: readonly string[]): readonly string[] | undefined {
  const found = headings.map(normalHeading);
  return ownExports.find((own) => own.every((name) => found.some((heading) => heading.endsWith(normalHeading(name)))));
}
