import type { CustomsRules, Manifest, PlaceRule } from '../contract/index.ts';
import { declarationStands } from './codes.ts';
import { answerBytesMax } from './mapi-answer.ts';
import { defaultGatewayUrl } from './mapi.ts';
import { openapiAnswerBytesMax } from './openapi-answer.ts';
import { openapiSecrets, openapiSettings } from './openapi-account.ts';
import { payRules, refundRules } from './pay-rules.ts';
import { shareRules } from './share-rules.ts';
import { signTypes } from './sign.ts';

/** The unified version answers with receipt codes; whether a place takes split declarations is published for none. */
const unified: PlaceRule = { givesCodes: true, rePush: true, split: 'unconfirmed' };
const local: PlaceRule = { givesCodes: false, rePush: true, split: 'unconfirmed' };

/** The list of the acquire.customs document, and the older names that stay in use. It changes: data, never code. */
const places: Readonly<Record<string, PlaceRule>> = {
  ZONGSHU: unified,
  HANGZHOU_ZONGSHU: local,
  ZHENGZHOU: local,
  // The airport zone at Xinzheng: first HENAN, then ZONGSHU; two declarations with two request numbers.
  HENAN: { ...local, legs: ['HENAN', 'ZONGSHU'] },
  NINGBO: local,
  TIANJIN: local,
  SHANGHAI_CBT: local,
  GUANGZHOU_AIRPORT: local,
  GUANGZHOU_NANSHA: local,
  GUANGZHOU_HUANGPU: local,
  GUANGZHOU_SHATIAN: local,
  NANSHAGJ: { ...local, rePush: false },
  HANGZHOU: local,
  GUANGZHOU: local,
  SHANGHAI: local,
  SHENZHEN: local,
  XIAN: local,
  CHONGQING: local,
};

export const customsRules = {
  // The query document also allows a colon, the declare document does not: the narrower form fits both.
  requestNo: { pattern: '^[A-Za-z0-9_-]{6,32}$' },
  placePattern: '^[A-Za-z0-9_]{1,20}$',
  places,
  unlistedPlace: local,
  query: {
    batchMax: 10,
    absenceProves: 'never_accepted',
    refusesWholeBatchWith: ['INVALID_PARAMETER', 'MAX_OUT_REQUEST_NO_EXCEEDED'],
    signingUnconfirmed: true,
  },
  declare: { resendIsSafe: true, standsAlreadyCodes: declarationStands },
  rePush: {
    how: 'same_request_no',
    // At least 5 minutes after the previous declaration of the payment, and one more because two clocks are involved.
    gapMinutes: 6,
    gapPer: 'trade',
    acceptsWithoutSending: true,
    attemptsMax: 5,
    lookAfterMinutes: [1, 3, 10, 30],
    evidenceWindowMinutes: 30,
    changeable: ['customsCode', 'customsName', 'place', 'amount', 'childOrderNo'],
  },
} as const satisfies CustomsRules;

/** No pace is published: five calls per second is where we start. */
const lane = { callsPerSecond: 5, itemsPerCall: 1, gapMinutes: 0, timeoutMs: 10_000, answerBytesMax };

/** Payment calls wait 15 seconds in all, refunds 30; OpenAPI publishes no pace, it answers 40005 when there are too many. */
const payLane = { ...lane, callsPerSecond: 20, timeoutMs: 15_000, answerBytesMax: openapiAnswerBytesMax };
const refundLane = { ...payLane, callsPerSecond: 5, timeoutMs: 30_000 };
const shareLane = { ...payLane, callsPerSecond: 5, timeoutMs: 30_000 };

export const manifest = {
  id: 'alipay',
  nameZh: '支付宝',
  nameEn: 'Alipay',
  amountUnit: 'yuan_text',
  alsoKnownAs: ['alipay', '支付宝', 'alipay_mapi', 'zfb'],
  settings: [
    {
      name: 'partner',
      labelZh: '合作者身份 PID',
      labelEn: 'Partner id (PID)',
      pattern: '^2088\\d{12}$',
      required: true,
    },
    {
      name: 'gateway_url',
      labelZh: '网关地址',
      labelEn: 'Gateway address',
      pattern: '^https?://[^\\s?#]+$',
      required: false,
      default: defaultGatewayUrl,
    },
    {
      name: 'input_charset',
      labelZh: '编码',
      labelEn: 'Charset',
      pattern: '^(utf-8|gbk|gb2312)$',
      required: false,
      default: 'utf-8',
      oneOf: ['utf-8', 'gbk', 'gb2312'],
    },
    {
      name: 'sign_type',
      labelZh: '签名方式',
      labelEn: 'Signature type',
      pattern: '^(MD5|RSA|RSA2|DSA)$',
      required: false,
      default: 'MD5',
      oneOf: signTypes,
    },
    ...openapiSettings,
  ],
  secrets: [
    {
      name: 'md5_key',
      labelZh: '安全校验码（MD5 密钥）',
      labelEn: 'MD5 key',
      neededWhen: { setting: 'sign_type', oneOf: ['MD5'] },
    },
    {
      name: 'merchant_private_key',
      labelZh: '商户私钥',
      labelEn: 'Merchant private key',
      neededWhen: { setting: 'sign_type', oneOf: ['RSA', 'RSA2', 'DSA'] },
    },
    {
      name: 'alipay_public_key',
      labelZh: '支付宝公钥',
      labelEn: 'Public key of Alipay',
      neededWhen: { setting: 'sign_type', oneOf: ['RSA', 'RSA2', 'DSA'] },
    },
    ...openapiSecrets,
  ],
  lanes: {
    'customs.declare': { ...lane, gapMinutes: customsRules.rePush.gapMinutes },
    'customs.query': { ...lane, itemsPerCall: customsRules.query.batchMax },
    'pay.submit': payLane,
    'pay.query': payLane,
    'pay.close': payLane,
    'pay.cancel': payLane,
    'refund.submit': { ...refundLane, gapMinutes: refundRules.gapMs / 60_000 },
    'refund.query': refundLane,
    'share.bind': shareLane,
    'share.unbind': shareLane,
    'share.submit': shareLane,
    'share.query': shareLane,
  },
  customs: customsRules,
  pay: payRules,
  refund: refundRules,
  share: shareRules,
} as const satisfies Manifest;
