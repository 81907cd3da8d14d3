import type { DefaultTerm } from '../contract/index.ts';

const source = 'default, to be confirmed with the channel';
const all = { product: '*', scene: '*', source } as const;

/** None of this is an account's contract: it holds for as long as nobody has written down what that one says. */
export const terms: readonly DefaultTerm[] = [
  {
    ...all,
    kind: 'fee',
    value: { rate: '0.006' },
    from: 'price list: 0.6 %; by category of business from 0.2 % to 1 %',
    fromZh: '价目表：0.6 %；按经营类目 0.2 % 至 1 %',
  },
  {
    ...{ ...all, kind: 'fee_return', value: { kind: 'rate' } },
    from: 'old fund flow: amount of the refund × rate, two decimals, with each refund',
    fromZh: '旧资金流：每次退款按退款金额 × 费率，保留两位小数',
  },
  {
    ...{ ...all, kind: 'fee_return', value: { kind: 'until_full' }, alternative: true },
    from: 'new fund flow: all of it has come back once the order is refunded in full',
    fromZh: '新资金流：订单全部退完时，手续费全部退回',
  },
  {
    ...all,
    kind: 'refund_window',
    value: { days: 365 },
    from: 'refund document of APIv3: within a year of the payment',
    fromZh: 'APIv3 退款文档：付款后一年内',
  },
  {
    ...all,
    kind: 'refund_count',
    value: { max: 50 },
    from: 'refund document of APIv3: fifty refunds of one order',
    fromZh: 'APIv3 退款文档：一笔订单最多退五十次',
  },
  {
    ...all,
    kind: 'refund_gap',
    value: { seconds: 60 },
    from: 'refund document of APIv3: a minute between two of one order',
    fromZh: 'APIv3 退款文档：同一订单两次退款间隔一分钟',
  },
  {
    ...{ ...all, kind: 'statement', value: { way: 'api', ready_from: '10:00', day_begins: '00:00' } },
    from: 'bill documents of APIv3: made from nine, to be fetched after ten the next morning',
    fromZh: 'APIv3 账单文档：次日九点起生成，十点后下载',
  },
];
