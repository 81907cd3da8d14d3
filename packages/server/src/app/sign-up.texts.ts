/** The fee that a simulated channel takes of a payment. */
export const defaultRate = '0.006';

/** What the paper of a simulated contract says: the answers to what the walk of an account asks for. */
export const contractPaper = (channel: string, number: string, products: readonly string[]): string =>
  [
    `模拟合同，没有效力 · a simulated contract, of no effect`,
    `渠道 channel: ${channel}`,
    `商户号 merchant number: ${number}`,
    `合作模式 mode: direct`,
    `费率 fee rate: ${defaultRate}`,
    `已开通产品 products opened: ${products.join(', ')}`,
    `类目 category: 测试商品 test goods`,
    `资质 licences: 不需要 not_needed`,
    `限额、分期、服务时间 limits, instalments, hours of service: 没有约定 not_needed`,
    `出口地址 addresses that may call: 不限 not_asked`,
    '',
  ].join('\n');
