// Every state of the payer's page, and how it comes about.
import { cancelPayment, giveUpPayment } from '../../src/payments/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import { wang } from '../kit/world.ts';
import { minutesLater } from './cashier-world.ts';
import type { CashierWorld, Link } from './cashier-world.ts';
import type { Device } from './chromium.ts';

const s = 1000;
const m = 60 * s;

export type Scene = {
  readonly name: string;
  /** What `data-state` says; for a page of no payment: undefined. */
  readonly state: string | undefined;
  readonly about: { readonly zh: string; readonly en: string };
  readonly devices?: readonly Device[];
  /** Behind the link's address. */
  readonly asked?: string;
  readonly arrange: (own: CashierWorld) => Promise<Pick<Link, 'url'>>;
};

type Product = 'page' | 'wap' | 'native';

/** A link, and a way chosen for it. */
async function begun(own: CashierWorld, product: Product, passMs = s) {
  const link = await own.open();
  const at = product === 'native' ? 'wechat' : 'alipay';
  const { serialNo, order } = await own.steps[at].begin({ orderNo: link.orderNo, product });
  await own.pass(passMs);
  return { link, serialNo, order, at: own.steps[at] };
}

/** Two ways open at once, as in two tabs, and both are paid. */
async function paidTwice(own: CashierWorld) {
  const { link, serialNo } = await begun(own, 'page');
  const more = { orderNo: link.orderNo, product: 'native', keepOthers: true };
  const second = await own.steps.wechat.begin(more);
  await own.pass(s);
  await own.steps.wechat.fault('notify_late', second.serialNo, { params: { ms: 4000 } });
  await own.steps.wechat.pay(second.serialNo);
  await own.steps.alipay.pay(serialNo);
  await own.pass(30 * s);
  return link;
}

/** Closed by proof, as the channel denied the number; then it tells of the payment all the same. */
async function paidLate(own: CashierWorld) {
  const { link, serialNo, at } = await begun(own, 'native');
  const hidden: string[] = [];
  for (const method of ['query', 'close'])
    hidden.push(await at.fault('business_error', serialNo, { method, times: 99, params: { code: 'ORDER_NOT_EXIST' } }));
  await at.fault('notify_late', serialNo, { params: { ms: minutesLater(60) } });
  await at.pay(serialNo);
  await own.pass(minutesLater(50));
  for (const id of hidden) await at.lift(id);
  await own.pass(minutesLater(12));
  return link;
}

export const scenes: readonly Scene[] = [
  {
    name: 'choose',
    state: 'choose',
    about: { zh: '选择付款方式', en: 'what can be paid with on this device' },
    arrange: (own) => own.open(),
  },
  {
    name: 'choose-inside-wallet',
    state: 'choose',
    about: { zh: '在钱包的浏览器里', en: "in a wallet's browser: its own way, and how to get out" },
    devices: ['inWechat'],
    arrange: (own) => own.open({ payerId: new Secret('oUpF8uMuAJO_M2pxb1Q9zNjWeS6o') }),
  },
  {
    name: 'preparing',
    state: 'preparing',
    about: { zh: '正在联系渠道', en: 'the channel is being asked for its code' },
    async arrange(own) {
      const link = await own.open();
      own.rest(true);
      await own.steps.wechat.wish({ orderNo: link.orderNo, product: 'native' });
      return link;
    },
  },
  {
    name: 'preparing-slow',
    state: 'preparing',
    about: { zh: '渠道迟迟没有给出付款码', en: 'the channel gives no code, and it takes longer than usual' },
    async arrange(own) {
      const link = await own.open();
      own.rest(true);
      await own.steps.wechat.wish({ orderNo: link.orderNo, product: 'native' });
      // As if he had waited: were the clock moved, the worker would send it.
      await own
        .stage()
        .app.db.query(
          `update payment_attempts set created_at = created_at - interval '20 seconds' where state = 'submitting'`,
        );
      return link;
    },
  },
  {
    name: 'scan',
    state: 'scan',
    about: { zh: '扫码付款', en: 'a code; on the phone that shows it the wallet opens' },
    arrange: async (own) => (await begun(own, 'native')).link,
  },
  {
    name: 'wallet',
    state: 'wallet',
    about: { zh: '去渠道的页面付款', en: "on to the channel's page" },
    arrange: async (own) => (await begun(own, 'wap')).link,
  },
  {
    name: 'wallet-opened',
    state: 'wallet',
    about: { zh: '有人已打开这笔付款', en: 'somebody has opened this payment' },
    async arrange(own) {
      const { link, serialNo, at } = await begun(own, 'page');
      await at.open(serialNo);
      await own.pass(2 * m);
      return link;
    },
  },
  {
    name: 'wallet-script',
    state: 'script',
    about: { zh: '由钱包打开付款窗口', en: 'the wallet opens its own window' },
    devices: ['inWechat'],
    async arrange(own) {
      const payerId = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o';
      const link = await own.open({ payerId: new Secret(payerId) });
      const wish = { orderNo: link.orderNo, product: 'jsapi', payerId: new Secret(payerId) };
      await own.steps.wechat.begin(wish);
      await own.pass(s);
      return link;
    },
  },
  {
    name: 'checking-back',
    state: 'checking',
    about: { zh: '从钱包返回', en: 'back from the wallet, which proves nothing' },
    asked: '?back=1',
    arrange: async (own) => (await begun(own, 'wap')).link,
  },
  {
    name: 'checking-doubt',
    state: 'checking',
    about: { zh: '渠道没有答复', en: 'the channel did not answer' },
    async arrange(own) {
      const link = await own.open();
      const started = await own.steps.wechat.wish({ orderNo: link.orderNo, product: 'native' });
      const serialNo = started.ok ? started.value.attempt.serialNo : '';
      await own.steps.wechat.fault('hang_before_booking', serialNo, { times: 9 });
      await own.pass(30 * s);
      return link;
    },
  },
  {
    name: 'checking-late',
    state: 'checking',
    about: { zh: '付款时间已过，正在核实', en: 'the time is over, and nobody has proved that nothing was paid' },
    async arrange(own) {
      const expiresAt = own.from(minutesLater(2));
      const link = await own.open({ expiresAt });
      await own.steps.alipay.begin({ orderNo: link.orderNo, product: 'page', expiresAt });
      await own.pass(minutesLater(3));
      return link;
    },
  },
  {
    name: 'closing',
    state: 'closing',
    about: { zh: '正在关闭上一笔', en: 'the close of the first way is not on its way yet' },
    async arrange(own) {
      const { link, order } = await begun(own, 'native');
      own.rest(true);
      await giveUpPayment(own.stage().app.orders, order, order.attempts[0]?.id ?? '');
      return link;
    },
  },
  {
    name: 'choose-again',
    state: 'choose',
    about: { zh: '已请渠道关闭，可重新选择', en: 'the close is on its way: another way may be chosen' },
    async arrange(own) {
      const { link, order } = await begun(own, 'page');
      await giveUpPayment(own.stage().app.orders, order, order.attempts[0]?.id ?? '');
      await own.pass(s);
      return link;
    },
  },
  {
    name: 'choose-closed',
    state: 'choose',
    about: { zh: '已关闭，没有扣款', en: 'closed, not charged' },
    async arrange(own) {
      const { link, order } = await begun(own, 'native');
      await giveUpPayment(own.stage().app.orders, order, order.attempts[0]?.id ?? '');
      await own.pass(s);
      return link;
    },
  },
  {
    name: 'choose-refused',
    state: 'choose',
    about: { zh: '渠道以列明的代码拒绝', en: 'the channel refused it, by a listed code' },
    async arrange(own) {
      const link = await own.open();
      const started = await own.steps.wechat.wish({ orderNo: link.orderNo, product: 'native' });
      const serialNo = started.ok ? started.value.attempt.serialNo : '';
      await own.steps.wechat.fault('business_error', serialNo, { params: { code: 'NO_AUTH' } });
      await own.pass(s);
      return link;
    },
  },
  {
    name: 'paid',
    state: 'paid',
    about: { zh: '已付款', en: 'paid' },
    async arrange(own) {
      const { link, serialNo, at } = await begun(own, 'page');
      await at.pay(serialNo);
      await own.pass(10 * s);
      return link;
    },
  },
  {
    name: 'paid-twice',
    state: 'paid_twice',
    about: { zh: '付了两次', en: 'paid twice: what happens to the second money, and when' },
    arrange: paidTwice,
  },
  {
    name: 'paid-twice-returned',
    state: 'paid_twice',
    about: { zh: '第二笔已退回', en: 'the second money has gone back' },
    async arrange(own) {
      const link = await paidTwice(own);
      await own.pass(minutesLater(10));
      return link;
    },
  },
  {
    name: 'going-back',
    state: 'going_back',
    about: { zh: '款项退回', en: 'paid although the shop had cancelled: it goes back' },
    async arrange(own) {
      const { link, serialNo, order, at } = await begun(own, 'page');
      await at.pay(serialNo);
      await cancelPayment(own.stage().app.orders, wang, order, order.payments[0]?.id ?? '');
      await own.pass(20 * s);
      return link;
    },
  },
  {
    name: 'gone-back',
    state: 'going_back',
    about: { zh: '款项已全部退回', en: 'all of it has gone back' },
    async arrange(own) {
      const { link, serialNo, order, at } = await begun(own, 'page');
      await at.pay(serialNo);
      await cancelPayment(own.stage().app.orders, wang, order, order.payments[0]?.id ?? '');
      await own.pass(minutesLater(15));
      return link;
    },
  },
  {
    name: 'late',
    state: 'going_back',
    about: { zh: '关闭之后到账', en: 'money after the end: held, then back' },
    arrange: paidLate,
  },
  {
    name: 'held',
    state: 'held',
    about: { zh: '金额不同，商店核对', en: 'the channel names another amount: the shop checks' },
    async arrange(own) {
      const { link, serialNo, at } = await begun(own, 'page');
      await at.pay(serialNo, { amount: '99.99' });
      await own.pass(m);
      own.disputed.set(serialNo, 9999);
      return link;
    },
  },
  {
    name: 'expired',
    state: 'expired',
    about: { zh: '付款时间已过', en: 'the time to pay is over, nothing was charged' },
    async arrange(own) {
      const link = await own.open({ expiresAt: own.from(minutesLater(2)) });
      await own.pass(minutesLater(2));
      return link;
    },
  },
  {
    name: 'cancelled',
    state: 'cancelled',
    about: { zh: '商店已取消', en: 'the shop has cancelled it' },
    async arrange(own) {
      const { link, order } = await begun(own, 'native');
      await cancelPayment(own.stage().app.orders, wang, order, order.payments[0]?.id ?? '');
      await own.pass(m);
      return link;
    },
  },
  {
    name: 'replaced',
    state: 'replaced',
    about: { zh: '价格已更改', en: 'the shop has changed the price' },
    async arrange(own) {
      const link = await own.open();
      await own.open({ orderNo: link.orderNo, amount: { minor: 9000n, currency: 'CNY' as never } });
      return link;
    },
  },
  {
    name: 'absent',
    state: undefined,
    about: { zh: '没有这个付款页', en: 'a link that is none' },
    arrange: async (own) => ({ url: (await own.open()).url.replace(/.{5}$/, 'AAAAA') }),
  },
];
