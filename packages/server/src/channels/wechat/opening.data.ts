import type { OpeningRules } from '../contract/index.ts';

const merchantSite = { zh: '微信支付商户平台，产品中心', en: 'merchant platform, product centre' };
const withJsapi = { zh: '随 JSAPI 一起开通', en: 'opened together with JSAPI' };

/**
 * Opening of products (开通流程, merchant documents of pay.weixin.qq.com). What a mode closes besides products (payouts, and for a service
 * provider the right to refund before a paper gave it) is written down as a term of the account. Which products a provider's merchants lack is in
 * no document that we have, so no mode forbids any.
 */
export const opening = {
  modes: {
    direct: { zh: '直连', en: 'direct', setting: { name: 'sub_mchid', present: false }, forbids: [] },
    direct_entered: {
      ...{ zh: '直连（入驻）', en: 'direct, entered' },
      ...{ setting: { name: 'sub_mchid', present: false }, forbids: [] },
    },
    service_provider: {
      ...{ zh: '普通服务商', en: 'service provider' },
      ...{ setting: { name: 'sub_mchid', present: true }, forbids: [] },
    },
    bank_provider: {
      ...{ zh: '银行服务商', en: 'bank provider' },
      ...{ setting: { name: 'sub_mchid', present: true }, forbids: [], neverAlone: true },
    },
  },
  products: {
    // A verified service account; a subscription account has no such right.
    jsapi: { where: { zh: '公众平台（服务号）', en: 'public platform, a service account' }, appKinds: ['service'] },
    native: { where: withJsapi, with: ['jsapi'] },
    code: { where: withJsapi, with: ['jsapi'] },
    mini: { where: { zh: '公众平台（小程序）', en: 'public platform, the mini program' } },
    app: { where: { zh: '开放平台（移动应用）', en: 'open platform, the mobile application' } },
    // Only who collects in another way already may apply for the phone page.
    h5: { where: merchantSite, after: ['app', 'jsapi', 'mini'] },
  },
  // As the rows of a statement name whose they are.
  ownerSettings: ['mchid', 'sub_mchid'],
  noticeAddress: 'per_order',
} as const satisfies OpeningRules;
