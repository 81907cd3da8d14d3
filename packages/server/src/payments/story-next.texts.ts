import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';

const calls: Readonly<Record<string, (name: Words) => Words>> = {
  'pay.submit': (name) => both(`提交${name.zh}`, `send ${name.en}`),
  'pay.query': (name) => both(`查询${name.zh}`, `ask about ${name.en}`),
  'pay.close': (name) => both(`请求关闭${name.zh}`, `ask to close ${name.en}`),
  'pay.cancel': (name) => both(`请求撤销${name.zh}`, `ask to cancel ${name.en}`),
  'refund.submit': (name) => both(`提交${name.zh}`, `send ${name.en}`),
  'refund.query': (name) => both(`查询${name.zh}`, `ask about ${name.en}`),
};

/** A call in words, as it was made or as it is due. */
export const callWordsOf = (operation: string, name: Words): Words =>
  calls[operation]?.(name) ?? both(`${operation} ${name.zh}`, `${operation} ${name.en}`);

export const chores = {
  expire: both('届时未付则关闭支付', 'the payment is closed if nobody has paid by then'),
  surplusDue: (amount: string): Words =>
    both(`多收款 ${amount} 原路退回`, `the surplus of ${amount} goes back to where it came from`),
  paidAfterCancel: both('商户已取消：所收款原路退回', 'what was paid goes back: the shop had cancelled'),
  tell: (type: string): Words => both(`再次告知商户 ${type}`, `tell the shop ${type} again`),
} as const;

export const waitsFor = {
  approval: (id: string, about: Words): Words =>
    both(`${about.zh}等待他人复核 ${id}，逾期失效`, `${about.en} waits for a second person, ${id}; it lapses then`),
  funds: (about: Words): Words =>
    both(`${about.zh}等待渠道账户充值`, `${about.en} waits until the channel account has money again`),
  person: (amount: string): Words =>
    both(`多收款 ${amount} 等待人来处理`, `the surplus of ${amount} waits for a person`),
  nobody: both('无需再做什么', 'nothing is left to do'),
  case: both('没有自动任务，由差错单处理', 'no job is due: the case takes care of it'),
} as const;

export const purposes = {
  approve: both('由他人复核', 'a second person decides'),
  redeliver: both('再次发送通知', 'send the message again'),
  cancel: both('商户不要这笔订单了：请渠道关闭', 'the shop does not want it any more: close it at the channel'),
  watch: both('立即并密集查询', 'ask the channel now, and densely'),
  preview: both('退款前先看手续费与复核', 'see what a refund would bring, before it is asked for'),
  refund: both('退款', 'give money back'),
  toppedUp: both('账户已充值：以同一退款号继续', 'the account has money again: go on under the same number'),
  wasPaid: both('提出：其实已收到（附凭证，两人）', 'propose that it was paid, with the proof; two people'),
  wasUnpaid: both(
    '提出：确实没有付（附凭证，两人）',
    'propose that it was certainly never paid, with the proof; two people',
  ),
  settled: both('提出：其实已到账（附凭证，两人）', 'propose that it has gone back, with the proof; two people'),
  failed: both(
    '提出：确实没有退成（附凭证，两人）',
    'propose that it has certainly failed, with the proof; two people',
  ),
  withdraw: both('撤回未发出的退款', 'take a refund back that was never sent'),
  keepOrder: both('仍要这笔订单：已付的款不退', 'the order is wanted after all: what was paid stays'),
  sendBack: both('提出原路退回多收款（两人）', 'propose to send the surplus back to its source; two people'),
  keep: both('提出保留多收款（两人）', 'propose to keep the surplus; two people'),
  credit: both('提出记入付款人下一单（两人）', "propose to credit it to the buyer's next order; two people"),
  adopt: both('商户仍发货：转为付款', 'the shop still delivers: it becomes the payment'),
  closeCase: both('处理后关闭差错单', 'close the case once settled'),
} as const;
