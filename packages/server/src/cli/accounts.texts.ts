import type { Words } from './answer.ts';

export const accountsTexts = {
  accounts: { zh: '渠道账户', en: 'channel accounts' },
  listAbout: { zh: '列出渠道账户', en: 'list channel accounts' },
  addAbout: {
    zh: '新增渠道账户（生产环境须两人）；密钥只从文件读',
    en: 'add a channel account (two people in production); secrets are read from files only',
  },
  changeAbout: {
    zh: '修改渠道账户的名称、设置或密钥（生产环境须两人）；不写要改的，则列出现有的',
    en: 'change name, settings or secrets of an account (two people in production); without any it shows what there is',
  },
  unsetOption: {
    zh: '去掉一个设置（有默认值的恢复默认），可重复',
    en: 'a setting to take away, or back to its default; repeat it',
  },
  oldUntilOption: {
    zh: '被替换的密钥还能用于验签到何时：now 或 2026-04-01 18:00；不写为 48 小时后',
    en: 'until when replaced secrets still verify: now, or 2026-04-01 18:00; two days unless told',
  },
  testAbout: {
    zh: '向渠道问一个不存在的号码：验证密钥、编码、地址，不涉及资金',
    en: 'ask the channel about a number nobody used: proves key, charset and address, moves nothing',
  },
  channelOption: { zh: '渠道，如 alipay', en: 'channel, such as alipay' },
  nameOption: { zh: '名称', en: 'name' },
  settingOption: { zh: '设置 名称=值，可重复', en: 'a setting name=value; repeat it' },
  secretOption: {
    zh: '密钥 名称=文件，可重复；文件写 - 则读标准输入',
    en: 'a secret name=file, - for standard input; repeat it',
  },
  productOption: { zh: '渠道已开通的产品，可重复', en: 'a product that the channel has opened; repeat it' },
  heads: { zh: ['账户', '商户', '渠道', '名称', '设置'], en: ['account', 'merchant', 'channel', 'name', 'settings'] },
  none: { zh: '还没有渠道账户。', en: 'There is no channel account yet.' },
  added: (id: string, channel: string): Words => ({
    zh: `已新增 ${channel} 账户 ${id}。还没有上线：买家暂时不能用它付款。`,
    en: `Account ${id} at ${channel} was added. It is not live yet: buyers are not offered it.`,
  }),
  nothingAdded: (channel: string): Words => ({
    zh: `${channel} 账户需要以下各项，还没有新增：`,
    en: `This is what an account at ${channel} takes; none was added yet:`,
  }),
  nothingChanged: (id: string): Words => ({
    zh: `账户 ${id} 现有如下，没有改动：`,
    en: `This is how account ${id} stands; nothing was changed:`,
  }),
  signUpFirst: (channel: string): Words => ({
    zh: `模拟环境里，模拟的渠道可以与您签约，给出全部号码和测试密钥：liushui sandbox sign-up ${channel}`,
    en: `In this sandbox the simulated channel signs a contract with you and hands out all of it: liushui sandbox sign-up ${channel}`,
  }),
  wantedHeads: {
    zh: ['写法', '说明', '必填', '应为', '默认'],
    en: ['given as', 'what it is', 'needed', 'form', 'default'],
  },
  heldHeads: {
    zh: ['写法', '说明', '必填', '应为', '现有'],
    en: ['given as', 'what it is', 'needed', 'form', 'now'],
  },
  needed: { zh: '是', en: 'yes' },
  neededWhen: (wish: string): Words => ({ zh: `${wish} 时`, en: `with ${wish}` }),
  fileForm: { zh: '文件，- 为标准输入', en: 'a file; - for standard input' },
  there: { zh: '有', en: 'there' },
  changed: (id: string, moved: readonly string[], isRenamed: boolean): Words => ({
    zh: `账户 ${id} 已修改：${[...(isRenamed ? ['名称'] : []), ...moved].join('、')}。一秒内生效。`,
    en: `Account ${id} was changed: ${[...(isRenamed ? ['name'] : []), ...moved].join(', ')}. It is at work within a second.`,
  }),
  oldUntil: (fields: string, until: string): Words => ({
    zh: `原来的 ${fields} 在 ${until} (GMT+8) 前仍可用于验签；要提前停用，请再执行一次并加 --old-until now。`,
    en: `The earlier ${fields} still verifies until ${until} (GMT+8); to end it earlier, run this again with --old-until now.`,
  }),
  tested: (id: string, ms: number, signed: boolean): Words => ({
    zh: `账户 ${id}：渠道认可了签名并作答，${ms} 毫秒，${signed ? '答复的签名已验证' : '答复没有可验的签名'}。没有涉及资金。`,
    en: `Account ${id}: the channel took our signature and answered in ${ms} ms, ${signed ? 'its signature verified' : 'without a signature that we could check'}. No money was concerned.`,
  }),
} as const;
