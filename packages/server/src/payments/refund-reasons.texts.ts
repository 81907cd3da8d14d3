/** What the payer reads beside money that goes back by itself: channels in China show it as it is sent. */
export const refundReasons = {
  late: { zh: '订单已关闭，退回付款', en: 'the order was closed: the payment goes back' },
  doubled: { zh: '重复支付，退回付款', en: 'paid twice: the payment goes back' },
  cancelled: { zh: '订单已取消，退回付款', en: 'the order was cancelled: the payment goes back' },
  atChannel: { zh: '渠道已自行退回', en: 'the channel gave it back by itself' },
} as const;

export const surplusReason = (why: 'late' | 'second_success' | 'excess') =>
  why === 'late' ? refundReasons.late : refundReasons.doubled;
