/** The fee that a simulated channel takes of a payment. */
export const defaultRate = '0.006';

/** What the papers of the simulated channels do not have in common: each says what its simulator does. */
const ownWords: Readonly<Record<string, readonly string[]>> = {
  alipay: [
    '退款时手续费 fee_return: 不退 none',
    '对账单 statement: 有人在渠道网站下载 console',
    '应用类型 app_kind: 不问 not_asked',
  ],
  wechat: [
    '退款时手续费 fee_return: 全部退完时退回 until_full',
    '对账单 statement: 程序下载 api',
    '应用类型 app_kind: 服务号 service',
  ],
};

/** What the paper of a simulated contract says: the answers to what the walk of an account asks for, by the names under which it does. */
export const contractPaper = (channel: string, number: string, products: readonly string[]): string =>
  [
    `模拟合同，没有效力 · a simulated contract, of no effect`,
    `渠道 channel: ${channel}`,
    `商户号 merchant number: ${number}`,
    `协议编号 agreement: SIM-${number}`,
    `类目 category: 测试商品 test goods，实物 goods`,
    `资质 licence: 不需要 not_needed`,
    `合作模式 mode: 直连 direct`,
    `费率 fee: ${defaultRate}`,
    `已开通产品 products: ${products.join(', ')}`,
    `退款期限（天）refund_window, in days: 365`,
    `结算 settlement: 渠道自动结算 automatic`,
    ...(ownWords[channel] ?? []),
    `没有约定 no clause, not_needed: 限额 limits、服务时间 hours、信用卡 credit_card、分期 instalments`,
    `出口地址 egress_state: 不限 not_asked`,
    '',
  ].join('\n');
