/** Names of the sandbox's shop and people: invented. */
export const demoShop = {
  nameZh: '流水示例商城',
  nameEn: 'Demo shop',
  accountName: '模拟支付宝',
  wang: '王',
  zhao: '赵',
  chen: '陈',
  program: '示例商城程序',
  payer: '测试',
} as const;
