type Words = { readonly zh: string; readonly en: string };

/** What is kept together and goes together. `minimumDays`: the law's, or ours where no law says anything. */
export type RetentionClass = {
  readonly days: number;
  readonly minimumDays: number;
  readonly about: Words;
  /** Where the minimum comes from. */
  readonly source: Words;
};

/** Three years, whichever leap day falls into them. */
const threeYears = 3 * 365 + 1;
const tenYears = 10 * 365 + 3;
const fiveYears = 5 * 365 + 1;
/** Six months of any year. */
const sixMonths = 184;

const trade: Words = {
  zh: '海关总署公告 2018 年第 179 号：原始支付数据至少 3 年；电子商务法第 31 条：交易信息不少于 3 年',
  en: 'GACC announcement 179 of 2018: raw payment data at least 3 years; E-Commerce Law art. 31: trade records at least 3 years',
};
const proof: Words = {
  zh: '无单独规定；是交易记录的凭据，与其同期：至少 3 年',
  en: 'no rule of its own; it proves the trade records and stays as long: at least 3 years',
};
const accounting: Words = {
  zh: '会计档案管理办法（财政部、国家档案局令第 79 号）附表一：银行对账单 10 年；渠道对账单是否同此，待贵方会计确认',
  en: 'Measures on accounting archives (MOF and NAA order 79), annex 1: bank statements 10 years; whether those of channels count alike is for your accountants to confirm',
};
const networkLogs: Words = {
  zh: '网络安全法第 21 条第 3 项：网络日志不少于 6 个月',
  en: 'Cybersecurity Law art. 21 (3): network logs at least 6 months',
};
const nobody: Words = {
  zh: '没有规定；个人信息保护法第 19 条：为实现目的所必要的最短时间',
  en: 'no rule; Personal Information Protection Law art. 19: no longer than needed',
};

/** In the order in which they go: what refers to others goes before what it refers to. */
export const retentionClasses = {
  idempotency: {
    ...{ days: 7, minimumDays: 1, source: nobody },
    about: { zh: '已答复的幂等键', en: 'idempotency keys with their answers' },
  },
  work: {
    ...{ days: 90, minimumDays: 30, source: nobody },
    about: {
      zh: '已完成的任务、过期的间隔、用过的流水号段、检测基线',
      en: 'finished jobs, gaps that are over, days of serial numbers, baselines of detection',
    },
  },
  webhooks: {
    ...{ days: 90, minimumDays: 3, source: nobody },
    about: { zh: '已送达或放弃的推送消息', en: 'webhook messages that were delivered or given up' },
  },
  cases: {
    ...{ days: fiveYears, minimumDays: threeYears, source: proof },
    about: { zh: '已关闭的差错单', en: 'closed cases' },
  },
  packs: {
    ...{ days: fiveYears, minimumDays: threeYears, source: proof },
    about: { zh: '证据包和答复', en: 'evidence packs and the replies to them' },
  },
  incidents: {
    ...{ days: fiveYears, minimumDays: threeYears, source: proof },
    about: { zh: '已关闭的事件', en: 'closed incidents' },
  },
  plans: {
    ...{ days: fiveYears, minimumDays: threeYears, source: proof },
    about: { zh: '已结束的计划', en: 'plans that ended' },
  },
  reports: {
    ...{ days: fiveYears, minimumDays: threeYears, source: proof },
    about: { zh: '口岸名单', en: "ports' lists" },
  },
  approvals: {
    ...{ days: fiveYears, minimumDays: threeYears, source: proof },
    about: { zh: '已有结论的复核', en: 'approvals that were decided or lapsed' },
  },
  statements: {
    ...{ days: tenYears, minimumDays: tenYears, source: accounting },
    about: { zh: '渠道对账单原文和明细', en: "channels' statements and their lines" },
  },
  exchanges: {
    ...{ days: fiveYears, minimumDays: threeYears, source: trade },
    about: { zh: '与渠道的请求和应答原文', en: 'requests to channels and their answers, as they were' },
  },
  records: {
    ...{ days: fiveYears, minimumDays: threeYears, source: trade },
    about: { zh: '订单、付款、报关和事实', en: 'orders, payments, declarations and their facts' },
  },
  logins: {
    ...{ days: fiveYears, minimumDays: sixMonths, source: networkLogs },
    about: { zh: '已撤销或到期的登录和密钥', en: 'logins and keys that were revoked or have ended' },
  },
  audit: {
    ...{ days: fiveYears, minimumDays: sixMonths, source: networkLogs },
    about: { zh: '操作记录', en: 'audit entries' },
  },
} as const satisfies Readonly<Record<string, RetentionClass>>;

export type RetentionClassName = keyof typeof retentionClasses;
export const retentionClassNames = Object.keys(retentionClasses) as readonly RetentionClassName[];

/** Kept as long as the installation lives, with the reason. */
export const keptForEver = {
  'a few rows, and others refer to them': [
    'merchants',
    'users',
    'channel_accounts',
    'customs_number_rules',
    'contract_terms',
    'onboarding_facts',
    'routing_rules',
    'channel_notices',
    'customs_watches',
    'incident_groups',
    'share_receivers',
  ],
  'without them what was sealed cannot be opened, or proved to have been erased': [
    'channel_secrets',
    'data_keys',
    'webhook_secrets',
  ],
  'every balance is the sum of all of it': ['entries', 'postings', 'slots', 'business_days'],
  'entries of the ledger tell of them': [
    'payment_attempts',
    'surplus_receipts',
    'refunds',
    'shares',
    'share_parts',
    'share_returns',
    'payment_observations',
    'inbound_notices',
  ],
  'what the installation is': [
    'installation',
    'sandbox_clock',
    'counters',
    'lanes',
    'webhook_endpoints',
    'schema_migrations',
  ],
  'who may say that something was kept or deleted': ['retention_terms', 'backups_taken', 'restores'],
  'swept where it is written': ['processes'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
