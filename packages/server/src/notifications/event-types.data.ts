const shareExample = {
  ...{ order_no: 'A1001', order_state: 'paid', share: '0150a1b2-0000-7000-8000-000000000006', share_no: 'S1' },
  ...{ payment: '0150a1b2-0000-7000-8000-000000000003', releases_rest: true, currency: 'CNY' },
};
const shareBackExample = {
  ...{ order_no: 'A1001', order_state: 'paid', share: shareExample.share },
  ...{ part: '0150a1b2-0000-7000-8000-000000000007', return: '0150a1b2-0000-7000-8000-000000000009' },
  ...{ return_no: 'SR1', minor: 1000, currency: 'CNY' },
};

/** What merchants' systems can be told, with an example of `data` for the reference. A type is never given another meaning. */
export const eventTypes = {
  'incident.opened': {
    zh: '发现一个故障：一组（渠道账户 × 口岸）的回执缺失',
    en: 'An incident was seen: receipts of a group (channel account, place) are missing',
    example: {
      ...{ incident: 'I-1', account: 'A1', place: 'ZONGSHU', members: 412, minor: 17_304_000, currency: 'CNY' },
      rules: 'D1 D2',
    },
  },
  'incident.updated': {
    zh: '故障的情况有变：范围、金额、信号或负责人',
    en: 'What is known of an incident changed: members, money, signals or owner',
    example: {
      ...{ incident: 'I-1', account: 'A1', place: 'ZONGSHU', members: 980, minor: 41_160_000, currency: 'CNY' },
      rules: 'D1 D2 D3',
    },
  },
  'incident.closed': {
    zh: '故障已关闭',
    en: 'An incident was closed',
    example: {
      ...{ incident: 'I-1', account: 'A1', place: 'ZONGSHU', members: 980, minor: 41_160_000, currency: 'CNY' },
      ...{ rules: 'D1 D2 D3', reason: 'recovered' },
    },
  },
  'case.opened': {
    zh: '新开一个差错单，须有人处理',
    en: 'A case was opened: a person must look at it',
    example: {
      ...{ case: 'C-7', kind: 'customs.repush_without_effect', subject_kind: 'customs_declaration', params: {} },
      subject: '0150a1b2-0000-7000-8000-000000000001',
      ...{ opened_at: '2015-10-28T16:20:00+08:00', due_at: '2015-10-29T00:20:00+08:00' },
    },
  },
  'plan.finished': {
    zh: '计划已完成，并有结论',
    en: 'A plan has run to its end and was judged',
    example: { plan: 'P-3', kind: 'repush', size: 412, pushes: 412, stopped_by: '' },
  },
  'plan.stopped': {
    zh: '计划停止：按停止规则，或由人停止',
    en: 'A plan was stopped, by its own rules or by a person',
    example: { plan: 'P-3', kind: 'repush', size: 412, pushes: 40, stopped_by: 'canary_without_effect' },
  },
  'payment.succeeded': {
    zh: '支付成功，款已入账',
    en: 'A payment succeeded and is booked',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        due_minor: 42_000,
        received_minor: 42_000,
        currency: 'CNY',
      },
      ...{ serial_no: '15102801042000000017', channel: 'alipay', account: 'A1' },
      ...{ channel_trade_no: '2015102822001400000000000001', paid_at: '2015-10-28T16:20:00+08:00' },
    },
  },
  'payment.closed': {
    zh: '支付已关闭：已证实无人付款',
    en: 'A payment is closed: it is proven that nobody paid',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'unpaid',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        due_minor: 42_000,
        received_minor: 0,
        currency: 'CNY',
      },
      ...{ serial_no: '15102801042000000017', channel: 'alipay', account: 'A1', cause: 'deadline' },
    },
  },
  'payment.disputed': {
    zh: '渠道说的金额与我方不同：请勿发货',
    en: 'The channel speaks of another amount than ours: do not deliver',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'unpaid',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        due_minor: 42_000,
        received_minor: 0,
        currency: 'CNY',
      },
      ...{ serial_no: '15102801042000000017', channel: 'alipay', account: 'A1' },
    },
  },
  'surplus.received': {
    zh: '订单多收了一笔款，将按规则处理',
    en: 'Money came in that the order does not need; it will be resolved',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        surplus: '0150a1b2-0000-7000-8000-000000000004',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        why: 'second_success',
        minor: 42_000,
        currency: 'CNY',
      },
      ...{ state: 'held', refund_at: '2015-10-28T16:22:00+08:00' },
    },
  },
  'surplus.refunding': {
    zh: '多收款正在原路退回',
    en: 'A surplus receipt is on its way back',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        surplus: '0150a1b2-0000-7000-8000-000000000004',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        why: 'second_success',
        minor: 42_000,
        currency: 'CNY',
      },
      state: 'refunding',
    },
  },
  'surplus.resolved': {
    zh: '多收款已了结',
    en: 'A surplus receipt has come to its end',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        surplus: '0150a1b2-0000-7000-8000-000000000004',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        why: 'second_success',
        minor: 42_000,
        currency: 'CNY',
      },
      state: 'returned',
    },
  },
  'refund.succeeded': {
    zh: '退款成功',
    en: 'A refund succeeded',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        refund: '0150a1b2-0000-7000-8000-000000000005',
        refund_no: 'R1',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        minor: 12_000,
        currency: 'CNY',
        fee_back_minor: 0,
      },
      ...{ state: 'refunded', refunded_at: '2015-10-28T16:30:00+08:00' },
    },
  },
  'refund.failed': {
    zh: '渠道明确拒绝退款',
    en: 'A refund was refused by the channel',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        refund: '0150a1b2-0000-7000-8000-000000000005',
        refund_no: 'R1',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        minor: 12_000,
        currency: 'CNY',
        fee_back_minor: 0,
      },
      ...{ state: 'failed', why: 'ACQ.TRADE_HAS_FINISHED' },
    },
  },
  'refund.cancelled': {
    zh: '退款已撤回，没有退款',
    en: 'A refund was withdrawn; no money moved',
    example: {
      ...{
        order_no: 'A1001',
        order_state: 'paid',
        refund: '0150a1b2-0000-7000-8000-000000000005',
        refund_no: 'R1',
        payment: '0150a1b2-0000-7000-8000-000000000003',
        minor: 12_000,
        currency: 'CNY',
        fee_back_minor: 0,
      },
      state: 'cancelled',
    },
  },
  'share.done': {
    zh: '分账已结束：每一份都有结果，有成功的',
    en: 'A request to share a payment has ended: each part has its end, and not all failed',
    example: {
      ...shareExample,
      ...{ state: 'partly', shared_minor: 2000, failed_minor: 1000, ended_at: '2015-10-28T16:30:00+08:00' },
    },
  },
  'share.failed': {
    zh: '分账没有分出一分钱',
    en: 'A request to share a payment has ended, and nothing was shared',
    example: { ...shareExample, state: 'failed', shared_minor: 0, failed_minor: 3000, why: 'NO_RELATION' },
  },
  'share.part_failed': {
    zh: '一份分账确定没有分出，钱仍是商户的',
    en: "A part of a share was certainly not given: its money is the merchant's again",
    example: {
      ...{ order_no: 'A1001', order_state: 'paid', share: shareExample.share, share_no: 'S1' },
      ...{ part: '0150a1b2-0000-7000-8000-000000000007', part_no: '1', minor: 1000, currency: 'CNY' },
      ...{ receiver: '0150a1b2-0000-7000-8000-000000000008', why: 'NO_RELATION' },
    },
  },
  'share.returned': {
    zh: '分出的钱已退回商户',
    en: 'What was shared came back to the merchant',
    example: { ...shareBackExample, state: 'done', ended_at: '2015-10-28T16:30:00+08:00' },
  },
  'share.return_failed': {
    zh: '分出的钱确定没有退回',
    en: 'What was shared certainly did not come back under this number',
    example: { ...shareBackExample, state: 'failed', why: 'BALANCE_NOT_ENOUGH' },
  },
  'account.live': {
    zh: '渠道账户已上线，买家可以用它付款',
    en: 'An account at a channel is live: buyers are offered it from now on',
    example: { account: 'A1', channel: 'alipay', products: 'page wap', live_at: '2015-10-28T16:20:00+08:00' },
  },
  'webhook.test': {
    zh: '测试消息，不涉及业务',
    en: 'A test message; nothing happened',
    example: { endpoint: 'W-1', asked_by: 'wang', test: '0150a1b2-0000-7000-8000-000000000002' },
  },
} as const satisfies Readonly<Record<string, EventTypeEntry>>;

type EventTypeEntry = { readonly zh: string; readonly en: string; readonly example: Readonly<Record<string, unknown>> };

export type EventType = keyof typeof eventTypes;
