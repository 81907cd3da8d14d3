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
} as const satisfies Readonly<Record<string, CaseKind>>;

export type CaseKindName = keyof typeof caseKinds;
