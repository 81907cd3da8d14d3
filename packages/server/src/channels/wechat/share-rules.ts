import { minutes, seconds } from '../../kernel/index.ts';
import type { ShareRules } from '../contract/index.ts';

/** The setting by which an account says which part of a payment it may share. */
export const sharePercentSetting = 'share_percent_max';

/** Documents of profit sharing (分账) of APIv3; the sharing of the product for platforms (电商收付通) is another one and not here. */
export const shareRules = {
  kinds: {
    MERCHANT_ID: { nameZh: '商户号', nameEn: 'Merchant number', pattern: '^\\d{8,10}$', needsName: true },
    // Only merchants give back (return orders name a return_mchid).
    PERSONAL_OPENID: {
      ...{ nameZh: '个人 openid', nameEn: "A person's openid", pattern: '^[\\w-]{1,128}$', needsName: false },
      givesBack: false,
    },
  },
  // CUSTOM wants words of its own beside it, which no receiver of ours has.
  relations: [
    ...['SERVICE_PROVIDER', 'STORE', 'STAFF', 'STORE_OWNER', 'PARTNER', 'HEADQUARTER', 'BRAND', 'DISTRIBUTOR'],
    ...['USER', 'SUPPLIER'],
  ],
  // Up to 64 of digits, letters and _-|*@; the pages of returns list fewer signs.
  shareNo: { pattern: '^[0-9A-Za-z_-]{1,64}$' },
  returnNo: { pattern: '^[0-9A-Za-z_-]{1,64}$' },
  partsMax: 50,
  requestsMax: 50,
  percentMax: { usual: 30, setting: sharePercentSetting },
  afterPaymentMs: minutes(1),
  heldDays: 30,
  returnDays: 180,
  // The same number with the same content again is the same request; it may come in twice.
  resendIsSafe: true,
  // Taken first, carried out later: how much later is not published.
  firstQueryAfterMs: seconds(10),
  comesBack: 'own_call',
  proRataProducts: [],
} as const satisfies ShareRules;
