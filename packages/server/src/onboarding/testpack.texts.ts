import type { LineKey } from './acceptance.ts';

type Words = { readonly zh: string; readonly en: string };
type Case = { readonly name: Words; readonly does: Words; readonly expects: Words };

/** The cases that a channel's form asks for, in the order of the acceptance run. */
export const testCases: Readonly<Record<LineKey, Case>> = {
  opened: {
    name: { zh: '下单', en: 'open an order' },
    does: {
      zh: '以新单号提交一笔订单，金额为最小单位的两倍',
      en: 'send an order under a new number, of twice the smallest amount',
    },
    expects: { zh: '受理，可支付，未支付', en: 'taken, can be paid, is unpaid' },
  },
  doubled: {
    name: { zh: '重复下单', en: 'the same order again' },
    does: { zh: '同一单号、同样内容再提交一次', en: 'send the same number with the same contents once more' },
    expects: {
      zh: '按渠道文档受理或拒绝，不产生第二笔交易',
      en: 'taken or refused as the document says, and no second trade',
    },
  },
  closed: {
    name: { zh: '关闭未支付订单', en: 'close an unpaid order' },
    does: { zh: '关闭该订单，再查询', en: 'close the order, then ask about it' },
    expects: { zh: '已关闭，不能再支付', en: 'closed, and can be paid no more' },
  },
  paid: {
    name: { zh: '支付', en: 'pay' },
    does: { zh: '另下一单，由付款人用钱包支付', en: 'open another order, which a person pays with his wallet' },
    expects: { zh: '支付成功，金额相符', en: 'paid, with the same amount' },
  },
  notice: {
    name: { zh: '异步通知', en: 'message of the payment' },
    does: { zh: '接收通知，验签，应答', en: 'take the message, verify it, answer it' },
    expects: { zh: '验签通过，单号和金额相符', en: 'its signature fits, and so do number and amount' },
  },
  query: {
    name: { zh: '查询', en: 'ask about the payment' },
    does: { zh: '按单号查询该笔支付', en: 'ask by the number of the payment' },
    expects: { zh: '与通知一致', en: 'says what the message said' },
  },
  refund_part: {
    name: { zh: '部分退款', en: 'give a part back' },
    does: { zh: '以新退款单号退其中一个最小单位', en: 'give one smallest unit back under a new refund number' },
    expects: { zh: '退款成功，余额可再退', en: 'given back; the rest can go back too' },
  },
  refund_rest: {
    name: { zh: '退剩余金额', en: 'give the rest back' },
    does: { zh: '以另一退款单号退剩余金额', en: 'give the rest back under another refund number' },
    expects: { zh: '退款成功，累计等于支付金额', en: 'given back; together as much as was paid' },
  },
  refund_seen: {
    name: { zh: '退款结果确认', en: 'see the refunds' },
    does: { zh: '查询退款，或接收退款通知', en: 'ask about the refunds, or take their messages' },
    expects: { zh: '两笔退款均为成功', en: 'both have succeeded' },
  },
  statement: {
    name: { zh: '对账单', en: 'statement' },
    does: { zh: '次日下载对账单', en: 'fetch the statement of the day on the next one' },
    expects: { zh: '有该笔支付和两笔退款，手续费相符', en: 'it has the payment and both refunds, with their fees' },
  },
  settlement: {
    name: { zh: '结算到账', en: 'settlement' },
    does: { zh: '核对银行账户入账', en: 'look for the credit at the bank' },
    expects: { zh: '净额到账', en: 'the net amount has arrived' },
  },
};

export const packWords = {
  heads: [
    ...['序号 no', '用例 case', '操作 what to do', '预期 expected', '结果 result', '商户单号 our number'],
    ...['渠道单号 number of the channel', '请求 request', '时间 at', 'HTTP', '凭据 proof'],
  ],
  results: {
    green: { zh: '通过', en: 'passed' },
    waiting: { zh: '未完成', en: 'open' },
    not_needed: { zh: '不适用', en: 'does not apply' },
    next_day: { zh: '次日', en: 'next day' },
  },
  message: { zh: '渠道通知', en: 'message of the channel' },
} as const;
