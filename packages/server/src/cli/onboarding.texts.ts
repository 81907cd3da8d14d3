import type { Words } from './answer.ts';

export const onboardingTexts = {
  walkAbout: {
    zh: '账户开通走到哪一步：十六步、负责人、还差什么、下一条命令',
    en: 'where the opening of an account stands: sixteen steps, who owns them, what is missing, the next command',
  },
  noteAbout: {
    zh: '登记某一步的事实：键=值，如 applied_on=2026-04-01；产品写 native=opened',
    en: 'note facts of a step as key=value, such as applied_on=2026-04-01; of products native=opened',
  },
  acceptAbout: {
    zh: '在账户上验收：开一单再关闭，付两分钱，分两次退回；可反复执行，接着往下走',
    en: 'try the account: open and close an order, pay two fen, give them back in two parts; again goes on from there',
  },
  goLiveAbout: {
    zh: '上线（生产环境须两人）：从此提供给买家，并通知商城',
    en: 'go live (two people in production): buyers are offered it from then on, and the shop is told',
  },
  packAbout: {
    zh: '导出验收用例表（渠道要求提交测试用例时用）：编号、操作、预期、结果、凭据',
    en: 'write the acceptance cases as a table, for channels that ask for it: what is done, expected, proved',
  },
  outOption: { zh: '写入文件', en: 'the file to write' },
  packed: (file: string, passed: number, cases: number): Words => ({
    zh: `已写入 ${file}：${cases} 个用例，通过 ${passed} 个`,
    en: `Written to ${file}: ${cases} cases, ${passed} passed`,
  }),
  untilOption: { zh: '有效期至（北京时间日期）', en: 'valid until this day (Beijing)' },
  heads: {
    zh: ['步', '步骤', '', '负责', '状态', '还差'],
    en: ['no', 'step', '', 'owner', 'state', 'missing'],
  },
  owners: {
    business: { zh: '商务', en: 'business' },
    product: { zh: '产品', en: 'product' },
    finance: { zh: '财务', en: 'finance' },
    operations: { zh: '运营', en: 'operations' },
    development: { zh: '技术', en: 'development' },
  },
  states: {
    open: { zh: '未完成', en: 'open' },
    waiting: { zh: '等待', en: 'waiting' },
    done: { zh: '完成', en: 'done' },
    not_needed: { zh: '不需要', en: 'not needed' },
  },
  asked: (approval: string): Words => ({
    zh: `已请第二人同意：${approval}`,
    en: `a second person is asked: ${approval}`,
  }),
  unconfirmed: { zh: '待确认', en: 'to be confirmed' },
  since: (applied: string, expected: string, late: boolean, contact: string): Words => ({
    zh: `${applied} 申请${expected && `，预计 ${expected}`}${late ? '，已过期' : ''}${contact && `，联系人 ${contact}`}`,
    en: `applied ${applied}${expected && `, expected ${expected}`}${late ? ', late' : ''}${contact && `, contact ${contact}`}`,
  }),
  toMakeUp: { zh: '要补的话：', en: 'to make up for them:' },
  toDo: { zh: '待办：', en: 'to do:' },
  or: (command: string): Words => ({
    zh: `合同没有这一条的，改为登记：${command}`,
    en: `or, if the contract has none: ${command}`,
  }),
  stopNobody: (steps: readonly number[]): Words => ({
    zh: `第 ${steps.join('、')} 步待确认，不妨碍上线。`,
    en: `${steps.length === 1 ? 'Step' : 'Steps'} ${steps.join(', ')}, to be confirmed: these stop nobody from going live.`,
  }),
  stands: (word: string, means: Words, allowed: Words | undefined, example: string): Words => ({
    zh: `  ${word}：${means.zh}${allowed ? `：${allowed.zh}` : `，例如 ${example}`}`,
    en: `  ${word}: ${means.en}${allowed ? `: ${allowed.en}` : `, such as ${example}`}`,
  }),
  othersTurn: (roles: string): Words => ({
    zh: `下一步须由有 ${roles} 角色的另一人执行。`,
    en: `The next command is for somebody else, with the role ${roles}.`,
  }),
  typeAs: (roles: string, user: string): Words => ({
    zh: `下一步须 ${roles} 角色的另一人。沙箱里可先换人：liushui login ${user}`,
    en: `The next command is for somebody else, with the role ${roles}. In a sandbox type as one first: liushui login ${user}`,
  }),
  live: (id: string): Words => ({ zh: `账户 ${id} 已上线。`, en: `Account ${id} is live.` }),
  offered: (products: readonly string[]): Words => ({
    zh: `提供给买家的产品：${products.join('、')}`,
    en: `Buyers are offered: ${products.join(', ')}`,
  }),
  offeredNothing: (id: string): Words => ({
    zh: `没有已开通的产品，买家还用不了它。渠道开通后请登记：liushui accounts note ${id} products PRODUCT=opened`,
    en: `No product of it is open, so that buyers are offered nothing yet. Once the channel has opened one: liushui accounts note ${id} products PRODUCT=opened`,
  }),
  collectsNothing: { zh: '它只报关，不收款。', en: 'It only declares to customs and collects nothing.' },
  skipped: {
    zh: '它一加入就已上线（沙箱预先布置），下面这些步骤跳过了，不妨碍使用：',
    en: 'It was live from its first moment, as a sandbox furnishes it. These steps were skipped and stop nobody:',
  },
  skippedState: { zh: '已跳过', en: 'skipped' },
  told: (endpoints: readonly string[]): Words => ({
    zh: `商城的通知地址会收到 account.live：${endpoints.join('、')}`,
    en: `Endpoints of the shop that hear account.live: ${endpoints.join(', ')}`,
  }),
  toldNobody: {
    zh: '没有通知地址会收到 account.live；要让商城收到，请加它接收通知的地址：liushui webhooks add URL',
    en: 'No endpoint of the shop hears account.live; to have it told, add the address that takes its messages: liushui webhooks add URL',
  },
  onePerson: { zh: '沙箱里一人即可；生产环境须两人。', en: 'In a sandbox one person is enough; production takes two.' },
  noted: (id: string, step: string): Words => ({
    zh: `已登记：账户 ${id}，步骤 ${step}。`,
    en: `Noted: account ${id}, step ${step}.`,
  }),
  lineHeads: { zh: ['验收项', '结果', '凭据，或在等什么'], en: ['line', 'result', 'proof, or what it waits for'] },
  waitsFor: ({ zh, en }: Words): Words => ({ zh, en: `waits for ${en}` }),
  thenAgain: (command: string): Words => ({
    zh: `然后接着验收：${command}`,
    en: `Then go on with the run: ${command}`,
  }),
  thenAgainAs: (user: string, command: string): Words => ({
    zh: `然后换回 liushui login ${user}，接着验收：${command}`,
    en: `Then, again after liushui login ${user}, go on with the run: ${command}`,
  }),
  results: {
    green: { zh: '通过', en: 'green' },
    waiting: { zh: '等待', en: 'waiting' },
    not_needed: { zh: '不需要', en: 'not needed' },
    next_day: { zh: '次日起可见，不影响上线', en: 'from the next day on; nothing waits for it' },
  },
  nothingTwice: {
    zh: '这个产品由付款页开单，没有可再交的',
    en: 'it begins with a page: there is nothing to send twice',
  },
  toPay: (text: string): Words => ({
    zh: `请有人用钱包支付这两分钱：${text}`,
    en: `Somebody pays these two fen with a wallet: ${text}`,
  }),
  noCollecting: {
    zh: '这个账户的设置没有开通收款，无须验收。',
    en: "The account's settings open no product: there is nothing to try.",
  },
} as const;
