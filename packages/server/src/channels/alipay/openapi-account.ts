import type { SecretField, SettingField } from '../contract/index.ts';
import { defaultOpenapiUrl } from './openapi.ts';
import { sharePartsSetting, sharePercentSetting } from './share-rules.ts';

/** What an account needs to collect over OpenAPI, beside what MAPI needs. An application is in one of the two modes. */
export const openapiSettings = [
  {
    name: 'openapi_mode',
    labelZh: '开放平台加签模式（none 不收款，key 公钥，cert 公钥证书）',
    labelEn: 'OpenAPI signing mode (none: no collecting)',
    pattern: '^(none|key|cert)$',
    required: false,
    default: 'none',
    oneOf: ['none', 'key', 'cert'],
  },
  {
    name: 'app_id',
    labelZh: '应用 APPID',
    labelEn: 'Application id',
    pattern: '^20\\d{14}$',
    required: false,
    neededWhen: { setting: 'openapi_mode', oneOf: ['key', 'cert'] },
    staysOnceUsed: true,
  },
  {
    name: 'openapi_gateway_url',
    labelZh: '开放平台网关地址',
    labelEn: 'OpenAPI gateway address',
    pattern: '^https?://[^\\s?#]+$',
    required: false,
    default: defaultOpenapiUrl,
  },
  {
    name: 'content_encryption',
    labelZh: '接口内容加密',
    labelEn: 'Content encryption',
    pattern: '^(none|AES)$',
    required: false,
    default: 'none',
    oneOf: ['none', 'AES'],
  },
  {
    name: 'seller_id',
    labelZh: '收款支付宝账号 PID（填写后逐笔核对）',
    labelEn: 'Receiving account (PID); checked on every message when given',
    pattern: '^2088\\d{12}$',
    required: false,
  },
  {
    name: sharePercentSetting,
    labelZh: '最大分账比例（%，不填按 30）',
    labelEn: 'Greatest part of a payment that may be shared, in percent; 30 where it is empty',
    pattern: '^(?:[1-9]\\d?|100)$',
    formZh: '1–100 的整数',
    formEn: 'a whole number from 1 to 100',
    required: false,
  },
  {
    name: sharePartsSetting,
    labelZh: '单次分账接收方个数上限（不填按 10；官方未统一公布）',
    labelEn: 'Receivers in one sharing request at most; 10 where it is empty, nothing published settles it',
    pattern: '^(?:[1-9]|[1-4]\\d|50)$',
    formZh: '1–50 的整数',
    formEn: 'a whole number from 1 to 50',
    required: false,
  },
] as const satisfies readonly SettingField[];

const anyMode = { setting: 'openapi_mode', oneOf: ['key', 'cert'] };
const keyMode = { setting: 'openapi_mode', oneOf: ['key'] };
const certMode = { setting: 'openapi_mode', oneOf: ['cert'] };

export const openapiSecrets = [
  { name: 'app_private_key', labelZh: '应用私钥', labelEn: 'Private key of the application', neededWhen: anyMode },
  {
    name: 'alipay_openapi_public_key',
    labelZh: '支付宝公钥（开放平台）',
    labelEn: 'Public key of Alipay for this application',
    neededWhen: keyMode,
  },
  { name: 'app_cert', labelZh: '应用公钥证书', labelEn: 'Certificate of the application', neededWhen: certMode },
  { name: 'alipay_cert', labelZh: '支付宝公钥证书', labelEn: 'Certificate of Alipay', neededWhen: certMode },
  { name: 'alipay_root_cert', labelZh: '支付宝根证书', labelEn: 'Root certificates of Alipay', neededWhen: certMode },
  {
    name: 'content_key',
    labelZh: '接口内容加密密钥（AES）',
    labelEn: 'AES key of the content',
    neededWhen: { setting: 'content_encryption', oneOf: ['AES'] },
  },
] as const satisfies readonly SecretField[];
