import type { OpeningRules } from '../contract/index.ts';

const openPlatform = { zh: '支付宝商家平台，产品中心', en: 'merchant platform, product centre' };

/** Each product is signed for by itself (签约); the open platform names no product that must come before another one, nor one that a mode lacks. */
export const opening = {
  modes: {
    direct: { zh: '直连', en: 'direct', forbids: [] },
    direct_entered: { zh: '直连（入驻）', en: 'direct, entered', forbids: [] },
    service_provider: { zh: '普通服务商', en: 'service provider', forbids: [] },
    bank_provider: { zh: '银行服务商', en: 'bank provider', forbids: [], neverAlone: true },
  },
  products: {
    page: { where: openPlatform },
    wap: { where: openPlatform },
    app: { where: openPlatform },
    create: { where: openPlatform },
    precreate: { where: openPlatform },
    barcode: { where: openPlatform },
  },
  ownerSettings: ['partner', 'seller_id'],
  noticeAddress: 'per_order',
} as const satisfies OpeningRules;
