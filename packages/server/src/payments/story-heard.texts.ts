import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';

const quoted = (text: string): Words => (text === '' ? both('', '') : both(`：“${text}”`, `: "${text}"`));

/** What somebody said about an attempt or a refund, taken apart. Empty texts were not said. */
export type Said = {
  readonly kind: string;
  /** `answer` and `close` answer our calls, `query` our questions, `notice` came by itself, `us` is our own conclusion. */
  readonly by: string;
  readonly isRefund: boolean;
  readonly amount: string;
  readonly tradeNo: string;
  readonly payer: string;
  readonly status: string;
  /** What a close did: closed, refunded, none. */
  readonly action: string;
  readonly code: string;
  readonly text: string;
  readonly why: string;
  readonly isAbsent: boolean;
  readonly disputed: string;
};

const doors: Readonly<Record<string, Words>> = {
  answer: both('应答', 'answer'),
  close: both('对关闭的应答', 'answer to the close'),
  query: both('查询结果', 'asked'),
  notice: both('通知', 'message'),
  us: both('我方判断', 'our conclusion'),
};

/** The channel's words are quoted; only a success is called one. */
export function saidWords(name: Words, said: Said): Words {
  const door = doors[said.by] ?? both(said.by, said.by);
  const what = contentOf(said);
  return both(`${name.zh} ${door.zh}：${what.zh}`, `${name.en}, ${door.en}: ${what.en}`);
}

function contentOf(said: Said): Words {
  if (said.disputed !== '')
    return both(
      `渠道说的金额是“${said.disputed}”，与我方不同，未入账`,
      `the channel speaks of another amount, "${said.disputed}": nothing booked`,
    );
  if (said.kind === 'succeeded') return said.by === 'close' ? closedBy(said.action) : succeeded(said);
  if (said.kind === 'accepted') {
    const status = quoted(said.status);
    return said.isRefund
      ? both(`渠道已受理${status.zh}`, `taken by the channel${status.en}`)
      : both(`交易存在，未付${status.zh}`, `the trade exists, not paid${status.en}`);
  }
  if (said.kind === 'rejected') return rejected(said);
  if (said.isAbsent)
    return both('渠道查无此号；未必没有付款', 'the channel does not know the number, which proves nothing yet');
  return both(`结果未知${quoted(said.why).zh}`, `the result is unknown${quoted(said.why).en}`);
}

function closedBy(action: string): Words {
  if (action === 'refunded') return both('已关闭，款已退回付款人', 'closed, and the money went back to the payer');
  return action === 'none' ? both('没有可关闭的交易', 'there was nothing to close') : both('已关闭', 'closed');
}

function succeeded({ isRefund, amount, tradeNo, payer }: Said): Words {
  if (isRefund) return both(`已退 ${amount}`, `gave back ${amount}`);
  const trade = tradeNo === '' ? both('', '') : both(`，交易号 ${tradeNo}`, `, trade ${tradeNo}`);
  const who = payer === '' ? both('', '') : both(`，付款人 ${payer}`, `, payer ${payer}`);
  return both(`已付 ${amount}${trade.zh}${who.zh}`, `paid ${amount}${trade.en}${who.en}`);
}

function rejected({ by, isRefund, code, text }: Said): Words {
  const words = text === '' || text === code ? code : `${code} ${text}`;
  return isRefund || by === 'answer' || by === 'close'
    ? both(`渠道拒绝：“${words}”`, `refused by the channel: "${words}"`)
    : both(`确定未付：“${words}”`, `certainly not paid: "${words}"`);
}
