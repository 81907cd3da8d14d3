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
  'webhook.test': {
    zh: '测试消息，不涉及业务',
    en: 'A test message; nothing happened',
    example: { endpoint: 'W-1', asked_by: 'wang', test: '0150a1b2-0000-7000-8000-000000000002' },
  },
} as const satisfies Readonly<Record<string, EventTypeEntry>>;

type EventTypeEntry = { readonly zh: string; readonly en: string; readonly example: Readonly<Record<string, unknown>> };

export type EventType = keyof typeof eventTypes;
