import type { Words } from './answer.ts';

export const routingTexts = {
  group: {
    zh: '收款方式：给付款人提供哪些、按什么顺序、为什么不提供其他的',
    en: 'ways to pay: which a payer is offered, in which order, and why not the others',
  },
  offersAbout: { zh: '一笔订单此时会提供哪些收款方式', en: 'which ways to pay an order would be offered now' },
  amountOption: { zh: '金额，如 420.00', en: 'amount, such as 420.00' },
  currencyOption: { zh: '币种（默认 CNY）', en: 'currency; CNY unless said' },
  terminalOption: { zh: '终端：pc、phone、app、counter', en: 'terminal: pc, phone, app or counter' },
  walletOption: { zh: '在哪个渠道的钱包里打开', en: 'the channel whose wallet it is opened in' },
  miniOption: { zh: '是这个钱包的小程序', en: 'it is a mini program of that wallet' },
  agentOption: { zh: '付款人浏览器的 User-Agent', en: "User-Agent of the payer's browser" },
  sceneOption: { zh: '场景：online（默认）、counter', en: 'scene: online unless said, or counter' },
  hasOption: {
    zh: '已知的付款人信息，逗号分隔：payer_id、payer_code、payer_address',
    en: 'what is known of the payer, with commas: payer_id, payer_code, payer_address',
  },
  codeOption: { zh: '付款码开头的数字', en: "first digits of the payer's code" },
  needOption: {
    zh: '订单要求，逗号分隔：customs、identity_check、no_credit_card、split',
    en: 'what the order needs, with commas: customs, identity_check, no_credit_card, split',
  },
  instalmentsOption: { zh: '分期数', en: 'number of instalments' },
  returnOption: { zh: '承诺可退货到何时', en: 'until when returns are promised' },
  orderOption: { zh: '订单号：权重按它分配', en: 'order number: shares are drawn from it' },
  merchantOption: { zh: '商户', en: 'merchant' },
  heads: {
    zh: ['次序', '账户', '渠道', '产品', '预计手续费', '原因'],
    en: ['place', 'account', 'channel', 'product', 'expected fee', 'why'],
  },
  because: (priority: number, weight: number | undefined): Words => ({
    zh: weight === undefined ? `优先级 ${priority}` : `优先级 ${priority}，权重 ${weight}`,
    en: weight === undefined ? `priority ${priority}` : `priority ${priority}, weight ${weight}`,
  }),
  supposed: { zh: '待确认', en: 'unconfirmed' },
  noAccounts: { zh: '商户没有渠道账户。', en: 'The merchant has no channel account.' },
  nothing: { zh: '一种收款方式也没有：', en: 'No way to pay is offered:' },
  rule: { zh: '规则：账户和产品的优先级、权重', en: 'rules: priority and share of an account and its products' },
  ruleListAbout: { zh: '列出账户的规则，后说的在前', en: "list an account's rules, the last said first" },
  ruleSetAbout: {
    zh: '设定账户的优先级、权重；后说的优先',
    en: 'set priority and share of an account; what is said later goes before',
  },
  productOption: { zh: '产品，* 为全部（默认）', en: 'product; * for all, unless said' },
  priorityOption: { zh: '优先级 1–999，小的在前（默认 100）', en: 'priority 1–999, the lowest first; 100 unless said' },
  weightOption: {
    zh: '同一优先级内的份额 1–1000；0 停用；不写则按成本',
    en: 'share within the priority, 1–1000; 0 switches it off; by cost unless said',
  },
  fromOption: { zh: '开始时间（默认现在）', en: 'from when; now unless said' },
  toOption: { zh: '结束时间（默认不结束）', en: 'until when; without end unless said' },
  ruleHeads: {
    zh: ['产品', '优先级', '权重', '生效 (GMT+8)', '结束', '设定人', '原因'],
    en: ['product', 'priority', 'weight', 'valid from (GMT+8)', 'until', 'said by', 'reason'],
  },
  noRules: {
    zh: '没有规则：优先级都是 100，按成本排。',
    en: 'No rule: every priority is 100, and cost decides.',
  },
  ruleSet: (about: string, words: Words, from: string): Words => ({
    zh: `${about} 从 ${from} (GMT+8) 起：${words.zh}。`,
    en: `${about} from ${from} (GMT+8) on: ${words.en}.`,
  }),
  notice: { zh: '渠道公告：维护和提醒', en: 'notices of channels: maintenance and warnings' },
  noticeListAbout: { zh: '列出有效和将来的公告', en: 'list notices that hold or are to come' },
  noticeAddAbout: {
    zh: '登记公告：closed 期间不提供，warning 只提醒',
    en: 'keep a notice: closed hides the ways for that time, warning is shown beside them',
  },
  noticeWithdrawAbout: { zh: '撤下公告', en: 'take a notice back' },
  effectOption: { zh: '作用：closed（默认）、warning', en: 'effect: closed unless said, or warning' },
  textOption: { zh: '公告内容', en: 'what was announced' },
  accountOption: { zh: '只涉及这个账户', en: 'it concerns this account only' },
  everyOption: { zh: '涉及所有商户', en: 'it concerns every merchant' },
  noticeHeads: {
    zh: ['公告', '渠道', '账户', '产品', '作用', '开始 (GMT+8)', '结束', '内容'],
    en: ['notice', 'channel', 'account', 'product', 'effect', 'from (GMT+8)', 'until', 'text'],
  },
  effects: {
    closed: { zh: '不提供', en: 'closed' },
    warning: { zh: '提醒', en: 'warning' },
    withdrawn: { zh: '已撤下', en: 'withdrawn' },
  },
  noNotices: { zh: '没有公告。', en: 'No notice.' },
  noticeKept: (id: string, about: string, from: string): Words => ({
    zh: `公告 ${id} 已登记：${about}，从 ${from} (GMT+8) 起。`,
    en: `Notice ${id} is kept: ${about}, from ${from} (GMT+8) on.`,
  }),
  noticeWithdrawn: (id: string): Words => ({ zh: `公告 ${id} 已撤下。`, en: `Notice ${id} is withdrawn.` }),
} as const;
