import type { DefaultTerm } from '../contract/index.ts';

const source = 'default, to be confirmed with the channel';
const all = { product: '*', scene: '*', source } as const;

/** None of this is an account's contract: it holds for as long as nobody has written down what that one says. */
export const terms: readonly DefaultTerm[] = [
  { ...all, kind: 'fee', value: { rate: '0.006' }, from: 'price list of the payment products: 0.6 %' },
  { ...all, kind: 'fee_return', value: { kind: 'none' }, from: 'older contract texts: no fee comes back' },
  {
    ...{ ...all, kind: 'fee_return', value: { kind: 'rate' }, alternative: true },
    from: 'newer text of face-to-face payment: the fee comes back',
  },
  { ...all, kind: 'refund_window', value: { days: 90 }, from: 'older contract texts: three months' },
  {
    ...{ ...all, kind: 'refund_window', value: { days: 365 }, alternative: true },
    from: 'newer product pages: twelve months, by contract',
  },
  {
    ...{ ...all, kind: 'refund_count', value: { max: 99 } },
    from: 'rules of the older batch refund; whether alipay.trade.refund has the bound is not published',
  },
  {
    ...all,
    kind: 'void_fee',
    value: { charged: 'no' },
    from: 'alipay.trade.cancel document: a full refund without fee',
  },
  {
    ...{ ...all, kind: 'statement', value: { way: 'api', ready_from: '09:00', day_begins: '00:00' } },
    from: 'alipay.data.dataservice.bill.downloadurl.query document: from nine the next morning',
  },
];
