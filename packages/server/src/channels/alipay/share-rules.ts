import { seconds } from '../../kernel/index.ts';
import type { ShareRules } from '../contract/index.ts';
import { collecting } from './pay-rules.ts';

export const sharePercentSetting = 'royalty_percent_max';
export const sharePartsSetting = 'royalty_receivers_max';

/** Merchants' profit sharing (商家分账): alipay.trade.order.settle in its synchronous mode, where all parts of a request succeed or none. */
export const shareRules = {
  kinds: {
    userId: { nameZh: '支付宝用户号（2088）', nameEn: 'Alipay user id', pattern: '^2088\\d{12}$', needsName: false },
    loginName: {
      ...{ nameZh: '支付宝登录号（邮箱或手机号）', nameEn: 'Alipay login: mail address or phone number' },
      ...{ pattern: '^[\\x21-\\x7e]{3,100}$', needsName: true },
    },
    openId: { nameZh: '支付宝 openId', nameEn: 'Alipay open id', pattern: '^[A-Za-z0-9_-]{6,128}$', needsName: false },
  },
  // A relation is bound without a word for it.
  relations: [],
  // Older pages of the same method say 32.
  shareNo: { pattern: '^[A-Za-z0-9_]{1,64}$' },
  // No call of its own gives back, so no number is ever made for one.
  returnNo: { pattern: '^[A-Za-z0-9_]{1,64}$' },
  // Ten in older contracts, five in a write-up of the synchronous mode: nothing published settles it.
  partsMax: 10,
  partsMaxSetting: sharePartsSetting,
  percentMax: { usual: 30, setting: sharePercentSetting },
  afterPaymentMs: 0,
  heldDays: 30,
  // With the refund, so for as long as the longest contract allows one.
  returnDays: 365,
  resendIsSafe: true,
  firstQueryAfterMs: seconds(5),
  comesBack: 'with_refund',
  // Face to face the channel takes the parts back by itself, in proportion, and nobody can say otherwise.
  proRataProducts: ['precreate', 'barcode'],
  openedBy: collecting,
} as const satisfies ShareRules;
