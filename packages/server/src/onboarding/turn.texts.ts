import { shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';

type Words = { readonly zh: string; readonly en: string };

const moment = (at: Instant): string => `${shanghaiText(at)} (GMT+8)`;

/** Whose turn it is. */
export const turnTexts = {
  again: { zh: '再执行一次即可', en: 'the next call of accept' },
  earlier: { zh: '先等上面的一项', en: 'a line above it' },
  channel: { zh: '等渠道答复，通常几秒', en: 'the channel, some seconds as a rule' },
  channelUntil: (until: Instant): Words => ({
    zh: `等渠道的结果，一般在 ${moment(until)} 之前`,
    en: `the channel, as a rule until ${moment(until)}`,
  }),
  payer: (orderNo: string): Words => ({
    zh: `等有人用钱包付两分钱（订单 ${orderNo}）`,
    en: `somebody who pays two fen with a wallet (order ${orderNo})`,
  }),
  closing: { zh: '正在关闭，再执行一次即可', en: 'it to be closed, which happens now: accept again' },
  clock: (until: Instant): Words => ({ zh: `等到 ${moment(until)}`, en: `the clock: ${moment(until)}` }),
  statement: (from: Instant): Words => ({
    zh: `等当日的对账单，${moment(from)} 起可取`,
    en: `the statement of that day, from ${moment(from)} on`,
  }),
  site: { zh: '等有人在渠道网站的对账单里核对', en: "somebody who looks at the statement on the channel's site" },
  bank: { zh: '等有人核对银行入账', en: 'somebody who looks for the credit at the bank' },
} as const;
