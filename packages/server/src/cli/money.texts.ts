import type { Words } from './answer.ts';

const both = (zh: string, en: string): Words => ({ zh, en });

export const moneyTexts = {
  reasonOption: both('原因，记入审计（必填）', 'reason, kept in the audit trail; needed'),
  dryOption: both('只看会做什么，不做', 'say what would be done, and do nothing'),
  amountOption: both('金额，如 25.00；不给则退所有剩余', 'amount such as 25.00; all that is left unless given'),
  cancel: both('商户不要这笔订单了：请渠道关闭', 'the order is not wanted any more: close it at the channel'),
  keep: both('留下正在取消的订单：已付的款不退', 'keep an order that was being cancelled: what was paid stays'),
  create: both('退款；同一退款号是同一笔', 'give money back; the same refund number is the same refund'),
  withdraw: both('撤回从未发出的退款', 'take a refund back that was never sent'),
  toppedUp: both('渠道账户已充值：以同一退款号继续', 'the account has money again: go on under the same number'),
  settled: both('提出：这笔退款其实已到账（两人）', 'propose that a refund in doubt has gone back; two people'),
  failed: both(
    '提出：这笔退款确实没有退成、也不会再退（两人）',
    'propose that a refund in doubt has certainly failed; two people',
  ),
  paid: both('提出：这次支付其实已收到（两人）', 'propose that an attempt in doubt was paid; two people'),
  unpaid: both(
    '提出：这次支付确实没有付、也不会再付（两人）',
    'propose that an attempt in doubt was certainly never paid; two people',
  ),
  tradeNoOption: both('渠道交易号，凭证上有则填', "the channel's trade number, where the evidence names one"),
  attemptIs: (serialNo: string, amount: string, state: Words): Words =>
    both(`流水 ${serialNo}：${amount}，${state.zh}`, `Attempt ${serialNo}: ${amount}, ${state.en}`),
  evidenceOption: both(
    '从哪里知道：账单行、渠道来函（必填）',
    'from where it is known: statement line, letter of the channel; needed',
  ),
  refund: both('提出原路退回多收款（两人）', 'propose to send a surplus back to its source; two people'),
  keepSurplus: both('提出保留多收款（两人）', 'propose to keep a surplus; two people'),
  credit: both(
    '提出将多收款记入付款人下一单（两人）',
    "propose to credit a surplus to the payer's next order; two people",
  ),
  adopt: both('仍发货：将迟到款转为付款', 'the shop still delivers: late money becomes the payment'),
  dry: (would: Words): Words => both(`什么也没有做。将会：${would.zh}`, `Nothing was done. It would: ${would.en}`),
  of: (what: Words, number: string): Words => both(`${what.zh}（${number}）`, `${what.en} (${number})`),
  order: (orderNo: string, state: Words): Words =>
    both(`订单 ${orderNo}：${state.zh}`, `Order ${orderNo}: ${state.en}`),
  closing: both(
    '渠道尚未证实无人付款；系统会一直问到有结果。',
    'The channel has not proven yet that nobody paid; it is asked until it has.',
  ),
  refundIs: (no: string, amount: string, state: Words): Words =>
    both(`退款 ${no}：${amount}，${state.zh}`, `Refund ${no}: ${amount}, ${state.en}`),
  preview: (amount: string, left: string, feeBack: string): Words =>
    both(
      `退 ${amount}，可退 ${left}，退回手续费 ${feeBack}`,
      `give back ${amount} of ${left} that can go back; fee returned ${feeBack}`,
    ),
  needsTwo: both('须两人', 'it takes two people'),
  surplusIs: (amount: string, state: Words): Words =>
    both(`多收款 ${amount}：${state.zh}`, `Surplus ${amount}: ${state.en}`),
  asked: (approval: string): Words =>
    both(
      `须两人：已提交复核 ${approval}，还没有执行。`,
      `This takes two people: ${approval} was asked; nothing was done yet.`,
    ),
} as const;
