export type Words = { readonly zh: string; readonly en: string };

export const sameIn = (words: string): Words => ({ zh: words, en: words });

/** What a member of a value may look like. */
export const forms = {
  minor: { zh: '整数，最小货币单位', en: 'minor units, a whole number' },
  text: { zh: '文字，不超过 200 字', en: 'text, up to 200 letters' },
  date: { zh: '日期 yyyy-mm-dd', en: 'yyyy-mm-dd' },
  time: { zh: '时刻 hh:mm', en: 'hh:mm' },
  rate: { zh: '占金额的比例，如 0.6 % 写 0.006', en: 'a share of the amount, such as 0.006 for 0.6 %' },
  instalments: { zh: '期数，如 3,6,12', en: 'numbers of instalments, as in 3,6,12' },
  days: { zh: '天数', en: 'days' },
  hours: { zh: '小时数', en: 'hours' },
  seconds: { zh: '秒数', en: 'seconds' },
  count: { zh: '整数', en: 'a whole number' },
  dayCount: { zh: '一天发起的笔数', en: 'payments begun in a day' },
  currency: { zh: '三个字母', en: 'three letters' },
  receivers: { zh: '接收方个数', en: 'receivers' },
  withMinimum: { zh: '只与 kind rate_min 同用', en: 'only with kind rate_min' },
  someLimit: {
    zh: 'single_minor、day_minor、month_minor、day_count 至少一项',
    en: 'one of single_minor, day_minor, month_minor, day_count at least',
  },
  members: (known: string): Words => ({ zh: `这些项：${known}`, en: `members ${known}` }),
} as const;

/** One thing that is wrong with a value, as a part of a sentence. */
export const misfitWords = (field: string, found: string | undefined, allowed: Words): Words =>
  found === undefined
    ? { zh: `${field} 没有写，应为：${allowed.zh}`, en: `${field} is missing, allowed: ${allowed.en}` }
    : {
        zh: `${field} 写的是“${found}”，应为：${allowed.zh}`,
        en: `${field} is "${found}", allowed: ${allowed.en}`,
      };

export const sourceForm: Words = {
  zh: '合同编号和条款，不超过 200 字',
  en: 'the contract and its clause, up to 200 letters',
};

/** What channels suppose, where nobody has read the contract. */
export const supposedZh = '默认值，待与渠道确认';

/** The kinds of terms by name. */
export const labels = {
  fee: { zh: '手续费率', en: 'fee' },
  fee_return: { zh: '退款退手续费', en: 'fee given back with a refund' },
  void_fee: { zh: '撤销手续费', en: 'fee of a voided payment' },
  refund_window: { zh: '可退款期限', en: 'refund window' },
  refund_count: { zh: '退款次数', en: 'refunds of one payment' },
  refund_gap: { zh: '退款间隔', en: 'gap between refunds of one payment' },
  refund_partial: { zh: '部分退款', en: 'partial refunds' },
  refund_permission: { zh: '退款权限', en: 'right to refund' },
  refund_approval_above: { zh: '退款须两人的金额', en: 'refunds above this take two people' },
  limits: { zh: '限额', en: 'limits' },
  hours: { zh: '服务时间', en: 'hours of service' },
  settlement: { zh: '结算', en: 'settlement' },
  surplus: { zh: '多收款', en: 'money received beyond what is due' },
  paid_while_closing: { zh: '关单时付款', en: 'paid while it was being closed' },
  adopt_within: { zh: '可认领期限', en: 'a shop may adopt late money within' },
  category: { zh: '经营类目', en: 'category' },
  licence: { zh: '资质', en: 'licence' },
  scene: { zh: '可用场景', en: 'use in this scene' },
  credit_card: { zh: '信用卡支付', en: 'payments by credit card' },
  instalments: { zh: '分期', en: 'instalments' },
  split: { zh: '分账', en: 'sharing a payment among receivers' },
  statement: { zh: '对账单', en: 'statement' },
} as const;
