import type { DefaultTerm } from '../contract/index.ts';

const source = 'default, to be confirmed with the channel';
const all = { product: '*', scene: '*', source } as const;

/** None of this is an account's contract: it holds for as long as nobody has written down what that one says. */
export const terms: readonly DefaultTerm[] = [
  {
    ...all,
    kind: 'fee',
    value: { rate: '0.006' },
    from: 'price list of the payment products: 0.6 %',
    fromZh: '支付产品价目表：0.6 %',
  },
  {
    ...all,
    kind: 'fee_return',
    value: { kind: 'none' },
    from: 'older contract texts: no fee comes back',
    fromZh: '较早的合同文本：不退手续费',
  },
  {
    ...{ ...all, kind: 'fee_return', value: { kind: 'rate' }, alternative: true },
    from: 'newer text of face-to-face payment: the fee comes back',
    fromZh: '当面付较新的文本：退手续费',
  },
  {
    ...all,
    kind: 'refund_window',
    value: { days: 90 },
    from: 'older contract texts: three months',
    fromZh: '较早的合同文本：三个月',
  },
  {
    ...{ ...all, kind: 'refund_window', value: { days: 365 }, alternative: true },
    from: 'newer product pages: twelve months, by contract',
    fromZh: '较新的产品页：十二个月，以合同为准',
  },
  {
    ...{ ...all, kind: 'refund_count', value: { max: 99 } },
    from: 'rules of the older batch refund; whether alipay.trade.refund has the bound is not published',
    fromZh: '旧批量退款的规则；alipay.trade.refund 有无此限没有公布',
  },
  {
    ...all,
    kind: 'void_fee',
    value: { charged: 'no' },
    from: 'alipay.trade.cancel document: a full refund without fee',
    fromZh: 'alipay.trade.cancel 文档：全额退回，不收手续费',
  },
  {
    // This connector calls no such interface, so people download them.
    ...{ ...all, kind: 'statement', value: { way: 'console', ready_from: '09:00', day_begins: '00:00' } },
    from: 'merchant site; alipay.data.dataservice.bill.downloadurl.query document: from nine the next morning',
    fromZh: '商家平台下载；alipay.data.dataservice.bill.downloadurl.query 文档：次日九点起',
  },
];
