import type { Order } from '../src/index.ts';

/** What the buyer is told. Nothing but `paid` means that the goods may leave. */
export type Standing = 'checking' | 'paid' | 'refunding' | 'refunded' | 'closed';

export const words: Readonly<Record<Standing, { readonly zh: string; readonly en: string }>> = {
  checking: {
    zh: '正在确认：还不知道是否已付款。请不要重复付款，结果会显示在这里。',
    en: 'Checking: it is not known yet whether this is paid. Do not pay again; the result will stand here.',
  },
  paid: { zh: '已付款，准备发货。', en: 'Paid. We are packing it.' },
  refunding: { zh: '正在原路退款，尚未有结果。', en: 'On its way back to you; not there yet.' },
  refunded: { zh: '已原路退款。', en: 'Refunded to where you paid from.' },
  closed: { zh: '已关闭：已证实没有付款。', en: 'Closed: it is proven that nobody paid.' },
};

const refundIsOver = new Set<string>(['refunded', 'failed', 'cancelled']);

/** Doubt, and every state of tomorrow, is `checking`: only what is proven gets another word. */
export function standingOf(order: Order): Standing {
  if (order.refunds.some(({ state }) => !refundIsOver.has(state))) return 'refunding';
  if (order.received_minor > 0 && order.refunded_minor >= order.received_minor) return 'refunded';
  if (order.state === 'paid') return 'paid';
  const isClosed = order.payments.length > 0 && order.payments.every(({ state }) => state === 'closed');
  return isClosed && order.received_minor === 0 ? 'closed' : 'checking';
}
