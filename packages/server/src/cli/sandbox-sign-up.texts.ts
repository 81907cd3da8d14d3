import type { Words } from './answer.ts';

export const signUpTexts = {
  about: {
    zh: '让模拟渠道（alipay、wechat）与你签约，发放商户号和密钥',
    en: 'let a simulated channel (alipay, wechat) sign a contract with you: it hands out numbers and keys',
  },
  signed: (channel: string, number: string): Words => ({
    zh: `模拟的 ${channel} 已签约，商户号 ${number}：`,
    en: `The simulated ${channel} has signed. Merchant number ${number}:`,
  }),
  settingHeads: { zh: ['设置', '值', '是什么'], en: ['setting', 'value', 'what it is'] },
  files: (folder: string): Words => ({
    zh: `密钥各存一个文件，在 ${folder}（测试密钥，只在本机有用）：`,
    en: `Keys, one file each, in ${folder} (test keys: they open nothing outside this machine):`,
  }),
  secretHeads: { zh: ['文件', '是什么'], en: ['file', 'what it is'] },
  paper: (file: string): Words => ({
    zh: `合同内容（费率、类目、已开通产品，开户时要填）：${file}`,
    en: `What the contract says (fee, category, opened products; the walk asks for it): ${file}`,
  }),
} as const;
