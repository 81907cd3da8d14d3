export const ordersTexts = {
  orders: { zh: '订单与其款项', en: 'orders and their money' },
  ordersAbout: { zh: '列出订单，最新在前', en: 'list orders, newest first' },
  refunds: { zh: '退款', en: 'refunds' },
  refundsAbout: { zh: '列出退款，最新在前', en: 'list refunds, newest first' },
  surplus: { zh: '多收款：订单不需要的款项', en: 'surplus receipts: money that an order did not need' },
  surplusAbout: { zh: '列出多收款，最新在前', en: 'list surplus receipts, newest first' },
  noSurplus: { zh: '没有符合的多收款。', en: 'No surplus receipts like that.' },
  surplusHeads: {
    zh: ['到账', '订单', '金额', '原因', '状态', '自动退回', '编号'],
    en: ['came in', 'order', 'amount', 'why', 'state', 'goes back', 'id'],
  },
  stateOption: (states: readonly string[]) => ({
    zh: `只看一种状态：${states.join('、')}`,
    en: `only one state: ${states.join(', ')}`,
  }),
  daysOption: { zh: '往前几天（缺省 7）', en: 'so many days back (usually 7)' },
  limitOption: { zh: '最多几条（缺省 50）', en: 'at most so many (usually 50)' },
  noOrders: { zh: '没有符合的订单。', en: 'No orders like that.' },
  noRefunds: { zh: '没有符合的退款。', en: 'No refunds like that.' },
  orderHeads: {
    zh: ['下单', '订单', '应付', '实收', '已退', '多收待处理', '状态'],
    en: ['ordered', 'order', 'due', 'received', 'given back', 'surplus held', 'state'],
  },
  refundHeads: {
    zh: ['提出', '退款号', '订单', '金额', '退回手续费', '状态', '原因'],
    en: ['asked', 'refund', 'order', 'amount', 'fee back', 'state', 'why'],
  },
} as const;
