// What a payer reads about ways to pay: what one does, and why another is not there. The shop's reasons stay with the shop.
import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';
import type { PageOffer } from './page/facts.ts';

export const offerHints: Readonly<Record<PageOffer['handsOut'], (name: Words) => Words>> = {
  page: (name) => both(`打开${name.zh}的付款页`, `opens the page of ${name.en}`),
  code: (name) => both(`用${name.zh}扫二维码`, `scan a code with ${name.en}`),
  wallet_script: (name) => both(`直接在${name.zh}里付款`, `pay right here in ${name.en}`),
  app: (name) => both(`打开${name.zh}应用`, `opens the app of ${name.en}`),
  nothing: (name) => both(`出示${name.zh}付款码`, `show your code of ${name.en}`),
};

const now = both('暂时不可用', 'not available at the moment');
const order = both('不适用于这笔订单', 'does not fit this order');
const amount = both('不支持这个金额', 'does not take this amount');
const elsewhere = both('请在浏览器中打开本页使用', 'open this page in your browser to use it');
const device = both('不能在这台设备上使用', 'cannot be used on this device');

/** The most telling reason first. What a shop has not opened at a channel is no news for a payer, so the other codes say nothing. */
export const hiddenReasons: readonly (readonly [code: string, words: Words])[] = [
  ['routing.not_in_this_wallet', elsewhere],
  ['routing.maintenance', now],
  ['routing.lane_closed', now],
  ['routing.lane_paused', now],
  ['contract.outside_hours', now],
  ['contract.day_limit', now],
  ['contract.month_limit', now],
  ['contract.day_count', now],
  [
    'routing.returns_not_covered',
    both('退款期限短于商店承诺的退货期', 'refunds for a shorter time than the shop takes goods back'),
  ],
  ['routing.customs_not_declared', order],
  ['routing.customs_not_opened', order],
  ['routing.identity_not_checked', order],
  ['routing.instalments_not_offered', both('不支持分期', 'offers no instalments')],
  ['routing.instalments_not_agreed', both('不支持这种分期', 'does not offer these instalments')],
  ['routing.credit_cards_possible', order],
  ['payment.currency_unknown', both('不支持这个币种', 'does not take this currency')],
  ['payment.amount_outside', amount],
  ['contract.amount_over_limit', amount],
  ['routing.not_on_this_terminal', device],
];
