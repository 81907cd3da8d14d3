export const programTexts = {
  about: {
    zh: '流水：支付运营平台。每条命令都可加 --json；退出码：0 完成 1 失败 2 输入有误 3 拒绝 4 未完成',
    en: 'Liushui, the payment operations platform. Every command takes --json; exit 0 done, 1 failed, 2 bad input, 3 refused, 4 not finished',
  },
  completionAbout: { zh: '生成补全脚本：bash、zsh、fish', en: 'a completion script for bash, zsh or fish' },
  showAbout: {
    zh: '任何号码的来龙去脉',
    en: 'one number, whole story: order, request, trade, waybill, plan, report …',
  },
} as const;
