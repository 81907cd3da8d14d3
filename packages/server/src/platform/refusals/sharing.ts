import { defineRefusals } from '../catalogue.ts';

const asIs = { money: 'not_moved', retry: 'change_input' } as const;

/** What stands against sharing a payment, or against giving back what was shared. */
export const sharingRefusals = defineRefusals({
  'payment.not_shareable': {
    ...{ ...asIs, http: 422, title: 'The product cannot be shared' },
    zh: '产品 {product} 收的款不能分账。没有收款。',
    en: 'What product {product} collects cannot be shared. Nothing was collected.',
    wayOutZh: '请换一个可分账的产品，或不带 shares',
    wayOutEn: 'Use a product that can be shared, or leave out shares',
  },
  'refund.shared': {
    ...{ ...asIs, http: 409, title: 'Part of it was shared' },
    zh: '要退 {asked}，其中 {shared} 已分出或待分，可退只有 {left}（{currency} 最小货币单位）。没有退款。',
    en: '{asked} was asked for; {shared} was shared or is promised, so {left} can be refunded ({currency}, minor units). Nothing was refunded.',
    wayOutZh: '请先把分出的退回：liushui shares return {order_no} RETURN_NO；有结果后再退款',
    wayOutEn: 'Take back what was shared first: liushui shares return {order_no} RETURN_NO; refund when that has ended',
  },
  'refund.order_changed': {
    ...{ http: 409, money: 'not_moved', retry: 'same_key', title: 'The order changed meanwhile' },
    zh: '订单 {order_no} 的分账或退款刚有变动。没有退款。',
    en: 'Shares or refunds of order {order_no} changed at this moment. Nothing was refunded.',
    wayOutZh: '请用同一退款号再试',
    wayOutEn: 'Ask again under the same number',
  },
});
