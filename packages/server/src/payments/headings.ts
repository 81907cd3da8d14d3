import { normalHeading } from '../platform/tables/index.ts';

/** The headings of our own payment file, fixed: other programs write it. */
export const paymentFields = [
  'order_no',
  'request_no',
  'place',
  'customs_code',
  'customs_name',
  'declared_amount',
  'is_split',
  'child_order_no',
  'pushed_payment_no',
  'trade_no',
  'waybill_no',
  'paid_at',
  'earlier_push_at',
  'earlier_push_answer',
] as const;
export type PaymentField = (typeof paymentFields)[number];

/** How others name the same columns: merchants' exports, Alipay's and WeChat's parameter names. Compared in normal form. */
const otherNames: Readonly<Record<PaymentField, string>> = {
  order_no: '订单号 订单编号 商户订单号 商家订单号 外部订单号 out_trade_no merchant_order_no order_number',
  request_no: '报关请求号 报关流水号 请求号 申报流水号 out_request_no declaration_request_no',
  place: '海关 口岸 海关编码 海关代码 申报海关 申报口岸 customs_place customs',
  customs_code: '备案号 海关备案号 商户备案号 merchant_customs_code mch_customs_no record_no',
  customs_name: '备案名 备案名称 海关备案名称 商户备案名称 merchant_customs_name record_name',
  declared_amount: '报关金额 申报金额 支付金额 金额 amount order_fee',
  is_split: '是否拆单 拆单 split',
  child_order_no: '子订单号 拆单号 子单号 sub_out_biz_no sub_order_no',
  pushed_payment_no: '支付单号 推送支付号 推送支付单号 推送交易号 sub_order_id pay_transaction_id',
  trade_no:
    '支付宝交易号 微信支付订单号 支付id 支付编号 交易号 支付交易号 渠道交易号 支付流水号 transaction_id alipay_trade_no',
  waybill_no: '运单号 运单编号 物流单号 快递单号 logistics_no tracking_no',
  paid_at: '支付时间 付款时间 交易付款时间 支付成功时间 pay_time gmt_payment payment_time',
  earlier_push_at: '重推时间 推送时间 上次推送时间 push_time',
  earlier_push_answer: '重推结果 推送结果 上次推送结果 push_result',
};

const fieldByHeading: ReadonlyMap<string, PaymentField> = new Map(
  paymentFields.flatMap((field) =>
    [field, ...otherNames[field].split(' ')].map((name) => [normalHeading(name), field] as const),
  ),
);

const maybeNumbered: ReadonlySet<PaymentField> = new Set(['earlier_push_at', 'earlier_push_answer']);

/** Which field a column holds. Earlier pushes may be numbered: 重推时间1, 重推时间2. */
export function paymentFieldOf(heading: string): PaymentField | undefined {
  const normal = normalHeading(heading);
  const exact = fieldByHeading.get(normal);
  if (exact) return exact;
  const unnumbered = fieldByHeading.get(normal.replace(/\d+$/, ''));
  return unnumbered && maybeNumbered.has(unnumbered) ? unnumbered : undefined;
}

/** Words for 是否拆单, in lower case. */
export const yesWords: ReadonlySet<string> = new Set(['t', 'true', 'y', 'yes', '1', '是', '拆单']);
export const noWords: ReadonlySet<string> = new Set(['f', 'false', 'n', 'no', '0', '否', '不拆', '不拆单']);
