import type { Manifest } from '../contract/index.ts';
import { secrets, settings } from './account.ts';
import { answerBytesMax } from './answer.ts';
import { customsRules } from './customs-rules.ts';
import { payRules, refundRules } from './pay-rules.ts';
import { shareRules } from './share-rules.ts';
import { statementRules } from './statement-rules.ts';

/** Ordering takes about 500 calls a second, refunds 150 (6 while they fail), refund queries 300: this is where we start. */
const lane = { callsPerSecond: 50, itemsPerCall: 1, gapMinutes: 0, timeoutMs: 15_000, answerBytesMax };
const refundLane = { ...lane, callsPerSecond: 5, timeoutMs: 30_000 };

const customsLane = { ...lane, callsPerSecond: 5 };

/** Sharing takes 100 to 500 calls a second, by door. Naming a receiver is rare, and nobody waits for it. */
const shareLane = { ...lane, callsPerSecond: 20 };
const receiverLane = { ...lane, callsPerSecond: 2 };

export const manifest = {
  id: 'wechat',
  nameZh: '微信支付',
  nameEn: 'WeChat Pay',
  amountUnit: 'fen',
  alsoKnownAs: ['wechat', 'wechatpay', 'weixin', 'wxpay', '微信', '微信支付', '财付通', 'tenpay'],
  settings,
  secrets,
  lanes: {
    'pay.submit': lane,
    'pay.query': lane,
    'pay.close': lane,
    'pay.cancel': lane,
    'refund.submit': { ...refundLane, gapMinutes: refundRules.gapMs / 60_000 },
    'refund.query': { ...refundLane, callsPerSecond: 20 },
    'share.bind': receiverLane,
    'share.unbind': receiverLane,
    'share.submit': shareLane,
    'share.query': shareLane,
    'share.return': shareLane,
    'share.return_query': shareLane,
    // No pace of customs is published.
    'customs.declare': { ...customsLane, gapMinutes: customsRules.rePush.gapMinutes },
    'customs.query': customsLane,
    // Three a second are published of the fund-flow bill; a file may be large.
    'statement.ask': { ...lane, callsPerSecond: 1 },
    'statement.fetch': { ...lane, callsPerSecond: 1, timeoutMs: 50_000, answerBytesMax: 32 * 1024 * 1024 },
  },
  customs: customsRules,
  pay: payRules,
  refund: refundRules,
  share: shareRules,
  statement: statementRules,
} as const satisfies Manifest;
