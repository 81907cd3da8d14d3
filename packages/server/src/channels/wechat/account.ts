import type { SecretField, SettingField } from '../contract/index.ts';
import type { ChannelAccount } from '../contract/index.ts';
import { sharePercentSetting } from './share-rules.ts';

export const defaultGatewayUrl = 'https://api.mch.weixin.qq.com';
export const defaultOverseasUrl = 'https://apihk.mch.weixin.qq.com';
export const defaultCustomsPath = '/v3/global/customs';

const appidForm = '^wx[0-9a-f]{16}$';
const mchidForm = '^\\d{8,10}$';

export const settings = [
  {
    name: 'mchid',
    labelZh: '商户号（服务商模式填服务商商户号）',
    labelEn: 'Merchant number (of the service provider, where there is one)',
    pattern: mchidForm,
    required: true,
  },
  {
    name: 'appid',
    labelZh: '公众账号 APPID（Native、JSAPI、H5）',
    labelEn: 'Application id for native, JSAPI and H5',
    pattern: appidForm,
    required: true,
    staysOnceUsed: true,
  },
  {
    name: 'app_appid',
    labelZh: '移动应用 APPID（App 支付，开放平台）',
    labelEn: 'Application id of the app, from the open platform',
    pattern: appidForm,
    required: false,
    staysOnceUsed: true,
  },
  {
    name: 'mini_appid',
    labelZh: '小程序 APPID',
    labelEn: 'Application id of the mini program',
    pattern: appidForm,
    required: false,
    staysOnceUsed: true,
  },
  {
    name: 'merchant_serial_no',
    labelZh: '商户 API 证书序列号',
    labelEn: 'Serial number of the merchant certificate',
    pattern: '^[0-9A-F]{16,40}$',
    required: true,
  },
  {
    name: 'platform_keys',
    labelZh: '验签方式（public_key 微信支付公钥，certificate 平台证书，both 切换期间）',
    labelEn: 'What answers are verified with (both: during a switch)',
    pattern: '^(public_key|certificate|both)$',
    required: false,
    default: 'public_key',
    oneOf: ['public_key', 'certificate', 'both'],
  },
  {
    name: 'public_key_id',
    labelZh: '微信支付公钥 ID',
    labelEn: 'Id of the WeChat Pay public key',
    pattern: '^PUB_KEY_ID_[0-9A-Za-z]{1,64}$',
    required: false,
    neededWhen: { setting: 'platform_keys', oneOf: ['public_key', 'both'] },
  },
  {
    name: 'fund_flow',
    labelZh: '资金流（new 新资金流，old 旧资金流）',
    labelEn: 'Fund flow of the merchant number',
    pattern: '^(new|old)$',
    required: true,
    oneOf: ['new', 'old'],
  },
  {
    name: 'refund_from',
    labelZh: '退款出资（default 默认，available 可用余额，仅旧资金流）',
    labelEn: 'Where refunds are taken from; the available balance in the old fund flow only',
    pattern: '^(default|available)$',
    required: false,
    default: 'default',
    oneOf: ['default', 'available'],
  },
  {
    name: 'limit_pay',
    labelZh: '限制支付方式（no_credit 不可用信用卡；新商户能否使用未确认）',
    labelEn: 'Excluded means of payment; whether new merchants may is not confirmed',
    pattern: '^(no_credit|no_balance|no_debit|balance_only)$',
    required: false,
    oneOf: ['no_credit', 'no_balance', 'no_debit', 'balance_only'],
  },
  {
    name: 'sub_mchid',
    labelZh: '特约商户号（服务商模式）',
    labelEn: 'Sub-merchant number, in service-provider mode',
    pattern: mchidForm,
    required: false,
  },
  {
    name: 'sub_appid',
    labelZh: '特约商户 APPID（服务商模式）',
    labelEn: 'Application id of the sub-merchant',
    pattern: appidForm,
    required: false,
    staysOnceUsed: true,
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
    name: 'api_v2',
    labelZh: '使用 v2 接口（付款码支付、境内商户报关，需 APIv2 密钥）',
    labelEn: 'Use version 2: code payment and customs of mainland merchants; needs the version 2 key',
    pattern: '^(on|off)$',
    required: false,
    default: 'off',
    oneOf: ['off', 'on'],
  },
  {
    name: 'code_reversal',
    labelZh: '付款码撤销接口（v3；v2 需要客户端证书，本程序尚不能出示）',
    labelEn:
      'How a payer code is reversed: version 2 asks for a client certificate, which this program cannot present yet',
    pattern: '^(v2|v3)$',
    required: false,
    default: 'v3',
    oneOf: ['v3', 'v2'],
  },
  {
    name: 'caller_address',
    labelZh: '调用方 IP（付款码支付的终端 IP）',
    labelEn: 'Address of the machine that calls, as code payments name it',
    pattern: '^(?:\\d{1,3}(?:\\.\\d{1,3}){3}|[0-9A-Fa-f:]{2,39})$',
    formZh: 'IPv4 或 IPv6 地址',
    formEn: 'an IPv4 or IPv6 address',
    required: false,
  },
  {
    name: 'gateway_url',
    labelZh: '接口地址',
    labelEn: 'Gateway address',
    pattern: '^https?://[^\\s?#]+[^\\s?#/]$',
    required: false,
    default: defaultGatewayUrl,
  },
  {
    name: 'customs_api',
    labelZh: '报关接口（v2 境内直连商户，v3 境外接口）',
    labelEn: 'Customs interface: version 2 of mainland merchants, or APIv3 on the overseas host',
    pattern: '^(v2|v3)$',
    required: false,
    default: 'v2',
    oneOf: ['v2', 'v3'],
    staysOnceUsed: true,
  },
  {
    name: 'customs_gateway_url',
    labelZh: '境外报关接口地址',
    labelEn: 'Address of the overseas host',
    pattern: '^https?://[^\\s?#]+[^\\s?#/]$',
    required: false,
    default: defaultOverseasUrl,
  },
  {
    name: 'customs_path',
    labelZh: '境外报关接口路径',
    labelEn: 'Prefix of the overseas customs interface',
    pattern: '^(/v3/global/customs|/global/v3/customs)$',
    required: false,
    default: defaultCustomsPath,
    oneOf: [defaultCustomsPath, '/global/v3/customs'],
  },
] as const satisfies readonly SettingField[];

export const secrets = [
  { name: 'merchant_private_key', labelZh: '商户 API 私钥', labelEn: 'Private key of the merchant certificate' },
  { name: 'api_v3_key', labelZh: 'APIv3 密钥', labelEn: 'APIv3 key' },
  {
    name: 'platform_public_key',
    labelZh: '微信支付公钥',
    labelEn: 'WeChat Pay public key',
    neededWhen: { setting: 'platform_keys', oneOf: ['public_key', 'both'] },
  },
  {
    name: 'platform_certificate',
    labelZh: '微信支付平台证书',
    labelEn: 'Platform certificate',
    neededWhen: { setting: 'platform_keys', oneOf: ['certificate', 'both'] },
  },
  {
    name: 'api_v2_key',
    labelZh: 'APIv2 密钥',
    labelEn: 'APIv2 key',
    neededWhen: { setting: 'api_v2', oneOf: ['on'] },
  },
] as const satisfies readonly SecretField[];

/** Under which names requests and answers say whose they are. */
export type Party = {
  /** Of orders: the merchant's own door, or the one for service providers. */
  readonly path: string;
  /** Whose order it is, as queries and closes say it. */
  readonly merchants: Readonly<Record<string, string>>;
  /** The applications of a new order. */
  readonly applications: Readonly<Record<string, string>>;
  /** The application in which the payer pays, and under which he is known. */
  readonly payerAppid: string;
  readonly openidName: 'openid' | 'sp_openid' | 'sub_openid';
};

/** Direct, or as a service provider for a sub-merchant (partner documents of APIv3). `product` decides which application it is. */
export function partyOf({ settings: own }: ChannelAccount, product: string): Party {
  const { mchid = '', appid: general = '', sub_mchid: subMchid, sub_appid: subAppid } = own;
  const special = { app: own['app_appid'], mini: own['mini_appid'] }[product];
  const appid = special ?? general;
  if (subMchid === undefined)
    return {
      path: '/v3/pay/transactions',
      merchants: { mchid },
      applications: { appid },
      ...{ payerAppid: appid, openidName: 'openid' },
    };
  return {
    path: '/v3/pay/partner/transactions',
    merchants: { sp_mchid: mchid, sub_mchid: subMchid },
    applications: { sp_appid: appid, ...(subAppid === undefined ? {} : { sub_appid: subAppid }) },
    ...(subAppid === undefined
      ? { payerAppid: appid, openidName: 'sp_openid' }
      : { payerAppid: subAppid, openidName: 'sub_openid' }),
  };
}

/** Of what a service provider asks for: whose it is. */
export function subMerchant({ settings }: ChannelAccount): Readonly<Record<string, string>> {
  const { sub_mchid: subMchid } = settings;
  return subMchid === undefined ? {} : { sub_mchid: subMchid };
}
