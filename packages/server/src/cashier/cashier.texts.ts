// What a payer reads. He has no manual, no account here, and perhaps has paid already: each sentence says what is known and what happens next.
import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';

type Lang = keyof Words;
export type Say = (words: Words) => string;
export const sayIn =
  (lang: Lang): Say =>
  (words) =>
    words[lang];

export const frame = {
  title: both('收银台', 'Cashier'),
  sandbox: both('模拟环境 · simulated money', '模拟环境 · simulated money'),
  simulated: both('模拟环境', 'Sandbox'),
  zone: both('时间均为北京时间（GMT+8）', 'All times are Beijing time (GMT+8)'),
  other: both('English', '中文'),
  order: both('订单', 'Order'),
  until: both('请在 {time} 前付款', 'Pay before {time} '),
  left: both('，还剩 {left}', '({left} left)'),
  copy: both('复制', 'Copy'),
  copied: both('已复制', 'Copied'),
  backToShop: both('返回商店', 'Back to the shop'),
  stale: both(
    '连接中断，以下是 {time} 的情况。正在重新连接；关掉此页也不影响结果。',
    'The connection broke. This is as of {time}. We are connecting again; closing this page changes nothing.',
  ),
  reload: both('刷新', 'Reload'),
} as const;

export const choose = {
  heading: both('选择付款方式', 'Choose how to pay'),
  pay: (amount: string): Words => both(`付 ${amount}`, `Pay ${amount}`),
  payBy: (name: Words, amount: string): Words =>
    both(`用${name.zh}${/支付$/.test(name.zh) ? '' : '付'} ${amount}`, `Pay ${amount} with ${name.en}`),
  none: both('这台设备上现在没有可用的付款方式', 'Nothing can be paid with on this device now'),
  noneHint: both(
    '请换一台设备或浏览器打开此链接，或联系商店。',
    'Open this link on another device or in another browser, or ask the shop.',
  ),
  hidden: both('为什么没有其他方式？', 'Why is there no other way?'),
  closed: (name: Words): Words =>
    both(
      `上一次用${name.zh}付款的单子已关闭，没有扣款。请重新选择。`,
      `The earlier payment with ${name.en} was closed and not charged. Choose again.`,
    ),
  unsent: (name: Words): Words =>
    both(
      `这次付款没有发送给${name.zh}，没有扣款。请换一种方式，或联系商店。`,
      `This payment was not sent to ${name.en}. Nothing was charged. Choose another way, or ask the shop.`,
    ),
  refused: (name: Words, code: string): Words =>
    both(
      `${name.zh}没有接受这次付款（代码 ${code}），没有扣款。请重新选择。`,
      `${name.en} did not take this payment (its code: ${code}). Nothing was charged. Choose again.`,
    ),
  gone: both(
    '这种方式刚刚不可用了，没有通过它开始付款。请换一种方式。',
    'That way is no longer available; no payment was begun with it. Choose another one.',
  ),
  closing: (name: Words): Words =>
    both(
      `我们已请${name.zh}关闭上一次付款。如果您其实已在那里付了款，请不要再付：那笔付款有效，本页会显示。`,
      `We have asked ${name.en} to close the earlier payment. If you did pay there, do not pay again: it counts, and this page will show it.`,
    ),
  copyLink: both('复制本页链接', 'Copy the link of this page'),
} as const;

export const preparing = {
  heading: (name: Words): Words => both(`正在联系${name.zh}`, `Asking ${name.en} for your payment`),
  hint: both(
    '通常几秒钟。本页会自动更新，无需任何操作。',
    'This takes a few seconds. The page goes on by itself; nothing needs to be pressed again.',
  ),
  slow: (name: Words, time: string): Words =>
    both(
      `比平常久：${name.zh}还没有给出付款码或付款页。我们会一直尝试到 ${time}。您可以等待，也可以稍后再打开此链接。`,
      `This takes longer than usual: ${name.en} has not answered with a code or a page to pay. We keep trying until ${time}. Wait here, or open this link again later.`,
    ),
} as const;

export const scan = {
  heading: (name: Words): Words => both(`用${name.zh}扫码`, `Scan with ${name.en}`),
  onPhone: (name: Words): Words => both(`用${name.zh}付款`, `Pay with ${name.en}`),
  code: (name: Words): Words => both(`${name.zh}付款二维码`, `Code to pay with ${name.en}`),
  open: (name: Words): Words => both(`打开${name.zh}`, `Open ${name.en}`),
  orScan: both('或用另一台手机扫描此码：', 'Or scan this code with another phone:'),
  over: both(
    '此码已过期。如果您刚才已付款，请不要再付，按“我已付款”，我们会核实。',
    'This code has expired. If you have just paid, do not pay again: press "I have paid" and we check.',
  ),
  renew: both('换一个新码', 'Get a new code'),
  opened: both(
    '有人已扫过此码。请在那里完成付款；如果不是您，请按“换一种方式付款”，换一个新码。',
    'Somebody has scanned this code. Finish the payment there; if it was not you, press "Pay in another way" for a new one.',
  ),
  play: both('在模拟器里扮演付款人', 'Play the payer in the simulator'),
} as const;

export const wallet = {
  heading: (name: Words): Words => both(`去${name.zh}付款`, `Pay at ${name.en}`),
  hint: (name: Words): Words =>
    both(
      `将打开${name.zh}的页面。付完后回到这里，我们会向${name.zh}核实。`,
      `The page of ${name.en} opens. Come back here afterwards: we check with ${name.en}.`,
    ),
  go: (name: Words): Words => both(`打开${name.zh}`, `Open ${name.en}`),
  opened: (name: Words): Words =>
    both(
      `这笔付款已在${name.zh}打开过。请在那里完成，或从这里再打开；如果不是您打开的，请按“换一种方式付款”。`,
      `This payment has been opened at ${name.en}. Finish it there, or open it again from here; if it was not you, press "Pay in another way".`,
    ),
  script: (name: Words): Words =>
    both(
      `付款窗口由${name.zh}打开。没有出现？请再按一次。`,
      `${name.en} opens its own window. Nothing there? Press again.`,
    ),
  insideOnly: (name: Words): Words =>
    both(
      `在${name.zh}里只能用${name.zh}付款。要用其他方式，请复制链接，在浏览器中打开。`,
      `Inside ${name.en} only ${name.en} works. To pay in another way, copy the link and open it in your browser.`,
    ),
  elsewhere: (name: Words): Words =>
    both(
      `这笔付款是在${name.zh}的应用里开始的，请在那里完成，或换一种方式。`,
      `This payment was begun inside ${name.en}. Finish it there, or choose another way.`,
    ),
} as const;

export const acts = {
  havePaid: both('我已付款', 'I have paid'),
  notPaid: both('我没有付款', 'I have not paid'),
  another: both('换一种方式付款', 'Pay in another way'),
  anotherHint: (name: Words): Words =>
    both(
      `会先请${name.zh}关闭这一笔，再让您重新选择。`,
      `We first ask ${name.en} to close this one, then you choose again.`,
    ),
  again: both('回到付款', 'Back to paying'),
} as const;

export const checking = {
  heading: both('正在确认付款结果', 'Checking whether you have paid'),
  mark: both('结果未知', 'Result unknown'),
  hint: (name: Words): Words =>
    both(
      `您可能已经付款，请不要再付一次。我们正向${name.zh}核实，通常不到 1 分钟。关掉此页也不影响结果。`,
      `You may have paid, so do not pay again. We are checking with ${name.en}; it mostly takes less than a minute. Closing this page changes nothing.`,
    ),
  late: (name: Words): Words =>
    both(
      `付款时间已过。我们正向${name.zh}核实您是否在此之前付了款；如果付了，那笔付款有效。请不要再付一次。`,
      `The time to pay is over. We are checking with ${name.en} whether you paid before; if you did, it counts. Do not pay again.`,
    ),
  cancelled: (name: Words): Words =>
    both(
      `商店已取消这笔订单。我们正向${name.zh}核实您是否已经付款；如果付了，钱会退回。请不要再付。`,
      `The shop has cancelled this order. We are checking with ${name.en} whether you paid; if you did, the money goes back. Do not pay.`,
    ),
  asOf: (name: Words, time: string): Words =>
    both(
      `截至 ${time}，${name.zh}还没有告诉我们您已付款。`,
      `As of ${time}, ${name.en} has not told us that you paid.`,
    ),
  notPaidHint: (name: Words): Words =>
    both(
      `按“我没有付款”，我们会请${name.zh}关闭这一笔，然后您可以重新选择。`,
      `"I have not paid" asks ${name.en} to close this payment; then you can choose again.`,
    ),
} as const;

export const closing = {
  heading: both('正在关闭上一笔付款', 'Closing the earlier payment'),
  hint: (name: Words): Words =>
    both(
      `关闭请求送到${name.zh}后即可重新选择，通常几秒钟。如果您其实已经付款，请不要再付：那笔付款有效，本页会显示。`,
      `As soon as the request to close is on its way to ${name.en} you can choose again, mostly within seconds. If you did pay, do not pay again: it counts, and this page will show it.`,
    ),
} as const;

export const paid = {
  heading: both('已付款', 'Paid'),
  by: (name: Words, time: string): Words => both(`${name.zh} ${time}`, `${name.en}, ${time}`),
  twice: both('已付款，多付了一笔', 'Paid, and paid twice'),
  twiceReturned: both('已付款，多付的一笔已退回', 'Paid; the second payment has gone back'),
  twiceHint: both(
    '这笔订单收到了两次付款：一次付清了订单，多付的一次见下。',
    'Two payments came in for this order. One has paid it; what becomes of the other stands below.',
  ),
} as const;

export const held = {
  heading: both('已收到款项，商店正在核对', 'Received; the shop is checking'),
  hint: (name: Words): Words =>
    both(
      `${name.zh}报告的金额与订单不同，商店正在核对。请不要再付一次。`,
      `${name.en} names another amount than the order. The shop is checking. Do not pay again.`,
    ),
  money: both(
    '商店收到了您的款项，正在核对如何处理。请不要再付一次，有问题请联系商店。',
    'The shop has received your money and is deciding about it. Do not pay again; ask the shop if you have questions.',
  ),
} as const;

export const over = {
  goingBack: both('款项退回', 'Your money goes back'),
  goingBackHint: {
    cancelled: both(
      '商店已取消这笔订单，不再需要这笔款项。请不要再付。',
      'The shop has cancelled this order, so your money is not needed. Do not pay again.',
    ),
    late: both(
      '这笔款项到账时，那笔付款已经结束，订单不再需要它。请不要再付。',
      'This money came in after that payment had ended, so the order does not need it. Do not pay again.',
    ),
  },
  allBack: both('款项已全部退回', 'All of your money has gone back'),
  cancelled: both('商店已取消这笔订单', 'The shop has cancelled this order'),
  cancelledHint: both('没有扣款，无需再做什么。', 'Nothing was charged. There is nothing left to do.'),
  expired: both('付款时间已过', 'The time to pay is over'),
  expiredHint: both(
    '没有扣款。请回商店重新下单或索取新链接。',
    'Nothing was charged. Order again at the shop, or ask it for a new link.',
  ),
  replaced: both('价格已更改', 'The price has changed'),
  replacedHint: both(
    '商店已改价，此链接不再有效。请回商店打开新链接；如果您已经付款，请不要再付，新链接会显示结果。',
    'The shop has changed the price, so this link no longer leads to a payment. Open the new link from the shop; if you have paid already, do not pay again: the new link shows what became of it.',
  ),
} as const;

const stages = {
  planned: (at: string | undefined): Words =>
    at === undefined
      ? both('即将原路退回', 'goes back to where it came from')
      : both(`${at} 起原路退回`, `goes back from ${at} on`),
  going: (): Words => both('正在原路退回', 'is on its way back to where it came from'),
  returned: (at: string | undefined): Words =>
    at === undefined ? both('已原路退回', 'has gone back') : both(`${at} 已原路退回`, `went back at ${at}`),
  with_shop: (): Words => both('已收到，商店正在核对', 'received; the shop is checking'),
  kept: (): Words => both('商店保留，请联系商店', 'kept by the shop: please ask the shop'),
  credited: (): Words => both('记入您的下一单', 'counts for your next order'),
} as const;

export const moneyLine = (
  amount: string,
  name: Words,
  stage: keyof typeof stages,
  times: { readonly paid: string | undefined; readonly at: string | undefined },
): Words => {
  const state = stages[stage](times.at);
  const paidAt = times.paid === undefined ? both('', '') : both(`，${times.paid} 收到`, `, received ${times.paid}`);
  return both(`${amount}（${name.zh}${paidAt.zh}）：${state.zh}`, `${amount} (${name.en}${paidAt.en}): ${state.en}`);
};

export const moneyHeading = {
  refund: both('退款', 'Refunds'),
  second: both('多付的一笔', 'The second payment'),
  whole: both('您付的款项', 'What you paid'),
  other: both('另有款项', 'Other money of yours'),
  arrives: both('到账时间由您的银行或钱包决定。', 'When it arrives is up to your bank or wallet.'),
} as const;

export const calm = {
  absent: both('没有这个付款页', 'There is no such payment page'),
  absentHint: both(
    '链接可能不完整，或已太久。请回商店重新打开；如果您已经付款，请不要再付，先向商店询问。',
    'The link may be incomplete, or too old. Open it again from the shop; if you have paid already, do not pay again: ask the shop first.',
  ),
  busy: (secondsLeft: number): Words =>
    both(`请求过多，请在 ${secondsLeft} 秒后再试`, `Too many requests: go on in ${secondsLeft} s`),
  busyHint: both(
    '没有因此扣款；已经付的款也不受影响。',
    'Nothing was charged by this, and what you paid is not affected.',
  ),
  broken: both('暂时无法显示', 'We cannot show this now'),
  brokenHint: both(
    '付款结果不受影响。如果您刚付过款，请不要再付一次。请在 1 分钟后刷新本页。',
    'The result of a payment is not affected. If you have just paid, do not pay again. Reload this page in a minute.',
  ),
} as const;
