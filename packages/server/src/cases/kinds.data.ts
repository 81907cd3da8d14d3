export type CaseKind = {
  readonly zh: string;
  readonly en: string;
  /** From opening until somebody must have looked. */
  readonly dueHours: number;
  /** The sheet that says what to do: docs/runbooks/<name>.md. */
  readonly runbook: string;
};

/** What a person must look at. A kind without a runbook is a riddle, so each names its sheet. */
export const caseKinds = {
  'serial.reused': {
    zh: '渠道已有我方从未发出的流水号',
    en: 'The channel knows a serial number that we never sent',
    dueHours: 1,
    runbook: 'serial-reused',
  },
  'item.quarantined': {
    zh: '一项无法处理，已单独搁置',
    en: 'An item could not be carried out and was set aside',
    dueHours: 4,
    runbook: 'item-quarantined',
  },
  'customs.repush_without_effect': {
    zh: '重推后口岸仍无回执',
    en: 'A re-push had no effect: still no receipt from the port',
    dueHours: 8,
    runbook: 'customs-repush-without-effect',
  },
  'customs.declaration_refused': {
    zh: '重新报关被渠道拒绝',
    en: 'The channel refused a declaration under its new number',
    dueHours: 8,
    runbook: 'customs-declaration-refused',
  },
  'customs.numbers_differ': {
    zh: '订单报文与支付单的支付编号不一致',
    en: 'The order document and the payment record name different payment numbers',
    dueHours: 8,
    runbook: 'customs-numbers-differ',
  },
  'customs.query_in_doubt_long': {
    zh: '报关查询长时间结果未知',
    en: 'The answer about a declaration has been in doubt for long',
    dueHours: 24,
    runbook: 'customs-query-in-doubt-long',
  },
  'customs.incident': {
    zh: '故障：一组报关的回执缺失',
    en: 'An incident: receipts of a group of declarations are missing',
    dueHours: 1,
    runbook: 'customs-incident',
  },
  'lane.closed': {
    zh: '渠道通道已关闭',
    en: 'A lane to a channel is closed',
    dueHours: 1,
    runbook: 'lane-closed',
  },
  'webhook.dead': {
    zh: '发往商户系统的消息未送达，不再重试',
    en: "Messages to a merchant's system did not arrive and are no longer tried",
    dueHours: 8,
    runbook: 'webhook-dead',
  },
  'payment.amount_differs': {
    zh: '渠道说的金额与我方不同，未入账',
    en: 'The channel speaks of another amount than ours; nothing was booked',
    dueHours: 4,
    runbook: 'payment-amount-differs',
  },
  'payment.second_trade_no': {
    zh: '同一支付流水号出现第二个渠道交易号',
    en: 'A second channel trade under one payment serial number',
    dueHours: 1,
    runbook: 'payment-second-trade-no',
  },
  'payment.contradiction': {
    zh: '渠道的说法与我方已知的结果矛盾',
    en: 'The channel contradicts what is known of a payment',
    dueHours: 4,
    runbook: 'payment-contradiction',
  },
  'payment.in_doubt_long': {
    zh: '支付结果长时间未知',
    en: 'The result of a payment has been unknown for long',
    dueHours: 8,
    runbook: 'payment-in-doubt-long',
  },
  'payment.surplus_held': {
    zh: '多收款不能自动退回，须有人处理',
    en: 'A surplus receipt cannot go back by itself',
    dueHours: 8,
    runbook: 'payment-surplus-held',
  },
  'payment.surplus_after_refund': {
    zh: '订单已全额退款后又收到一笔',
    en: 'Money came in for an order that was refunded in full',
    dueHours: 8,
    runbook: 'payment-surplus-after-refund',
  },
  'refund.in_doubt_long': {
    zh: '退款结果长时间未知',
    en: 'The result of a refund has been unknown for long',
    dueHours: 8,
    runbook: 'refund-in-doubt-long',
  },
  'refund.funds_short': {
    zh: '渠道账户余额不足，退款在等待',
    en: 'A refund waits: the channel account is short of money',
    dueHours: 2,
    runbook: 'refund-funds-short',
  },
  'refund.failed': {
    zh: '渠道明确拒绝退款，须另寻出路',
    en: 'The channel refused a refund: another way is needed',
    dueHours: 8,
    runbook: 'refund-failed',
  },
  'refund.contradiction': {
    zh: '渠道的说法与我方已知的退款结果矛盾',
    en: 'The channel contradicts what is known of a refund',
    dueHours: 4,
    runbook: 'refund-contradiction',
  },
  'account.paper_ends': {
    zh: '账户的资质、证书或密钥将到期',
    en: 'A licence, certificate or key of an account ends soon',
    dueHours: 48,
    runbook: 'account-paper-ends',
  },
  'account.application_late': {
    zh: '向渠道的申请已过预计日期',
    en: 'An application at a channel is past its expected day',
    dueHours: 24,
    runbook: 'account-application-late',
  },
  'statement.late': {
    zh: '对账单到时未取到',
    en: 'A statement that should be here is missing',
    dueHours: 4,
    runbook: 'statement-late',
  },
  'statement.changed': {
    zh: '同一天的对账单内容有变',
    en: 'A statement came again with other contents',
    dueHours: 8,
    runbook: 'statement-changed',
  },
  'statement.unreadable': {
    zh: '对账单已取到，但无法读取',
    en: 'A statement is here and cannot be read',
    dueHours: 8,
    runbook: 'statement-unreadable',
  },
  'share.in_doubt_long': {
    zh: '分账或回退的结果长时间未知',
    en: 'The result of a share, or of its return, has been unknown for long',
    dueHours: 8,
    runbook: 'share-in-doubt-long',
  },
  'share.failed': {
    zh: '渠道明确拒绝分账，一分未分',
    en: 'The channel shared nothing of a payment',
    dueHours: 8,
    runbook: 'share-failed',
  },
  'share.return_failed': {
    zh: '渠道明确拒绝分账回退',
    en: 'The channel refused to take back what was shared',
    dueHours: 8,
    runbook: 'share-return-failed',
  },
  'share.contradiction': {
    zh: '渠道的说法与我方已知的分账结果矛盾',
    en: 'The channel contradicts what is known of a share',
    dueHours: 4,
    runbook: 'share-contradiction',
  },
  'receiver.undecided': {
    zh: '分账接收方的增减渠道未办成',
    en: 'The channel has not carried out what was wanted of a receiver',
    dueHours: 24,
    runbook: 'receiver-undecided',
  },
  'notice.unknown': {
    zh: '渠道通知与任何支付流水都对不上',
    en: 'A message of a channel belongs to no payment of ours',
    dueHours: 4,
    runbook: 'notice-unknown',
  },
} as const satisfies Readonly<Record<string, CaseKind>>;

export type CaseKindName = keyof typeof caseKinds;
