/**
 * Columns of the trade bill of type ALL (merchant documents, "download the trade bill"), by their present names, each with the names that
 * merchants who were moved at other times still get. `may`: absent in the older set.
 */
export const tradeColumns = {
  at: { names: ['交易时间'] },
  appid: { names: ['公众账号ID'] },
  mchid: { names: ['商户号'] },
  subMchid: { names: ['特约商户号', '子商户号'] },
  device: { names: ['设备号'] },
  tradeNo: { names: ['微信订单号'] },
  serialNo: { names: ['商户订单号'] },
  payer: { names: ['用户标识'] },
  product: { names: ['交易类型'] },
  state: { names: ['交易状态'] },
  bank: { names: ['付款银行'] },
  currency: { names: ['货币种类'] },
  settled: { names: ['应结订单金额', '总金额'] },
  coupon: { names: ['代金券金额', '企业红包金额', '代金券或立减优惠金额'] },
  channelRefundNo: { names: ['微信退款单号'] },
  refundNo: { names: ['商户退款单号'] },
  refunded: { names: ['退款金额'] },
  couponRefunded: { names: ['充值券退款金额', '企业红包退款金额', '代金券或立减优惠退款金额'] },
  refundType: { names: ['退款类型'] },
  refundState: { names: ['退款状态'] },
  about: { names: ['商品名称'] },
  attach: { names: ['商户数据包'] },
  fee: { names: ['手续费'] },
  rate: { names: ['费率'] },
  gross: { names: ['订单金额'], may: true },
  refundAsked: { names: ['申请退款金额'], may: true },
  rateNote: { names: ['费率备注'], may: true },
} as const;

/** Its totals; each is the sum of the column of the same name here, `count` is the number of lines. */
export const tradeTotals = {
  count: { names: ['总交易单数'] },
  settled: { names: ['应结订单总金额', '总交易额'] },
  refunded: { names: ['退款总金额', '总退款金额'] },
  couponRefunded: { names: ['充值券退款总金额', '总企业红包退款金额', '总代金券或立减优惠退款金额'] },
  fee: { names: ['手续费总金额'] },
  gross: { names: ['订单总金额'], may: true },
  refundAsked: { names: ['申请退款总金额'], may: true },
} as const;

/** Columns of the fund-flow bill ("download the fund-flow bill"). */
export const flowColumns = {
  at: { names: ['记账时间'] },
  channelNo: { names: ['微信支付业务单号'] },
  flowNo: { names: ['资金流水单号'] },
  business: { names: ['业务名称'] },
  type: { names: ['业务类型'] },
  direction: { names: ['收支类型'] },
  amount: { names: ['收支金额(元)'] },
  balance: { names: ['账户结余(元)'] },
  applicant: { names: ['资金变更提交申请人'] },
  note: { names: ['备注'] },
  voucherNo: { names: ['业务凭证号'] },
} as const;

export const flowTotals = {
  count: { names: ['资金流水总笔数'] },
  incoming: { names: ['收入笔数'] },
  incomingSum: { names: ['收入金额'] },
  outgoing: { names: ['支出笔数'] },
  outgoingSum: { names: ['支出金额'] },
} as const;

export const incomingWord = '收入';
export const outgoingWord = '支出';

/** By the type of the business, and where that is not listed, by its name. What neither lists is unknown, and still read. */
export const flowKinds: ReadonlyMap<string, 'payment' | 'refund' | 'refund_return' | 'fee' | 'fee_return'> = new Map([
  ['交易', 'payment'],
  ['扣除交易手续费', 'fee'],
  ['退款', 'refund'],
  ['退款关闭', 'refund_return'],
  ['退还交易手续费', 'fee_return'],
]);

export const flowBusinesses: ReadonlyMap<string, 'topup' | 'withdrawal' | 'payout' | 'share_out'> = new Map([
  ['充值', 'topup'],
  ['提现', 'withdrawal'],
  ['企业付款', 'payout'],
  ['分账', 'share_out'],
]);
