import type { Words } from './answer.ts';

export const accountsTexts = {
  accounts: { zh: '渠道账户', en: 'channel accounts' },
  listAbout: { zh: '列出渠道账户', en: 'list channel accounts' },
  addAbout: {
    zh: '新增渠道账户（生产环境须两人）；密钥只从文件读',
    en: 'add a channel account (two people in production); secrets are read from files only',
  },
  testAbout: {
    zh: '向渠道问一个不存在的号码：验证密钥、编码、地址，不涉及资金',
    en: 'ask the channel about a number nobody used: proves key, charset and address, moves nothing',
  },
  channelOption: { zh: '渠道，如 alipay', en: 'channel, such as alipay' },
  nameOption: { zh: '名称', en: 'name' },
  settingOption: { zh: '设置 名称=值，可重复', en: 'a setting name=value; repeat it' },
  secretOption: { zh: '密钥 名称=文件，可重复', en: 'a secret name=file; repeat it' },
  productOption: { zh: '渠道已开通的产品，可重复', en: 'a product that the channel has opened; repeat it' },
  heads: { zh: ['账户', '商户', '渠道', '名称', '设置'], en: ['account', 'merchant', 'channel', 'name', 'settings'] },
  none: { zh: '还没有渠道账户。', en: 'There is no channel account yet.' },
  added: (id: string, channel: string): Words => ({
    zh: `已新增 ${channel} 账户 ${id}。`,
    en: `Account ${id} at ${channel} was added.`,
  }),
  tested: (id: string, ms: number, signed: boolean): Words => ({
    zh: `账户 ${id}：渠道认可了签名并作答，${ms} 毫秒，${signed ? '答复的签名已验证' : '答复没有可验的签名'}。没有涉及资金。`,
    en: `Account ${id}: the channel took our signature and answered in ${ms} ms, ${signed ? 'its signature verified' : 'without a signature that we could check'}. No money was concerned.`,
  }),
} as const;
