// Goal: one number tells the whole story of an order's money, in words that a person reads; another merchant's number is an unknown one.
// Method: server and simulated gateway on a moved clock; two attempts are both paid, one goes back, and then the shop gives a part back.
import { beforeAll, expect, test } from 'vitest';
import { stepsOn } from '../../test/kit/pay-steps.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';
import { wang, zhao } from '../../test/kit/world.ts';
import { typed } from '../../test/kit/cli.ts';
import { decideTerm, proposeTerm } from '../contracts/index.ts';
import type { Actor } from '../identity/index.ts';
import { shanghaiText } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { normalForm } from '../platform/numbers.ts';
import { findStories } from '../stories/index.ts';
import type { OrderStory } from './story.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, fault, seen, pay, refund, policiesRead } = stepsOn(() => own.world);
const s = 1000;
const m = 60 * s;

const asked = async (text: string, actor: Actor = wang) => {
  const found = await findStories(own.world.app.customs, actor, [text]);
  if (!found.ok) throw new Error(found.refusal.code);
  return found.value.asked[0]!;
};
const storyOf = async (text: string) => (await asked(text)).stories.find(({ kind }) => kind === 'order') as OrderStory;

/** The story as it is read, with what differs from run to run named instead. */
function told(story: OrderStory, lang: 'zh' | 'en'): string {
  const names = new Map<string, string>();
  story.attempts.forEach(({ serialNo, tradeNo = '?' }, at) =>
    names.set(serialNo, `<serial ${at + 1}>`).set(tradeNo, `<trade ${at + 1}>`),
  );
  story.refunds.forEach(({ channelRefundNo }, at) => names.set(channelRefundNo, `<refund ${at + 1}>`));
  const lines = story.timeline.map(({ at, who, what, trust, seen, evidence }) =>
    [
      shanghaiText(at).slice(11),
      `${who[lang]}:`,
      what[lang],
      trust ? `[${trust.words[lang]}]` : '',
      seen ? `(${seen.times}x)` : '',
      evidence.exchange?.ms === undefined ? '' : '(ms)',
    ]
      .filter((part) => part !== '')
      .join(' '),
  );
  const text = [
    ...lines,
    ...story.next.map(({ at, what }) => `next ${at === undefined ? '' : shanghaiText(at).slice(11)} ${what[lang]}`),
  ].join('\n');
  return [...names].reduce((shown, [number, name]) => shown.replaceAll(number, name), text);
}

let numbers: Record<string, string> = {};

beforeAll(async () => {
  const first = await begin({ orderNo: 'T-1' });
  const second = await begin({ orderNo: 'T-1', product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await own.world.pass(2 * s);
  await pay(second.serialNo);
  await own.world.pass(10 * m);
  expect(await refund(first.order, 'back-1', 2500n)).toMatchObject({ ok: true });
  await own.world.pass(10 * m);
  const order = await seen(first.order);
  numbers = {
    ...{ order: 'T-1', id: order.id, serial: first.serialNo, other: second.serialNo },
    ...{ trade: order.attempts[0]!.tradeNo!, second: order.attempts[1]!.tradeNo!, attempt: order.attempts[0]!.id },
    ...{ payment: order.payments[0]!.id, surplus: order.surplus[0]!.id, refund: order.refunds[0]!.id },
    ...{ refundNo: order.refunds[1]!.refundNo, shopRefundNo: 'back-1' },
  };
}, 120_000);

test('every number of the order leads to the same story, as given and in the form in which numbers are compared', async () => {
  for (const [name, number] of Object.entries(numbers)) {
    const found = await asked(number);
    expect(
      found.stories.map(({ kind }) => kind),
      name,
    ).toEqual(['order']);
    expect(found.stories[0]?.id, name).toBe(numbers['id']);
  }
  for (const text of [' t-1', 'Ｔ-1', numbers['serial']!.replace(/(\d{4})/g, '$1 '), 'BACK-1'])
    expect((await storyOf(text)).orderNo, text).toBe('T-1');
  const { kinds } = await asked(numbers['serial']!);
  expect(kinds).toEqual(['payment_serial']);
});

test('paid twice and partly given back, as a person reads it', async () => {
  expect(told(await storyOf('T-1'), 'en')).toMatchInlineSnapshot(`
    "16:20:00 shop: ordered, ¥100.00 due: "测试商品"
    16:20:00 us: attempt 1: Web page, ¥100.00, serial <serial 1>, until 2015-10-28 16:50:00 (GMT+8)
    16:20:00 us: attempt 2: Phone page, ¥100.00, serial <serial 2>, until 2015-10-28 16:50:00 (GMT+8)
    16:20:01 Alipay→us: attempt 1, message: paid ¥100.00, trade <trade 1>, payer 159****5620 [signature ok]
    16:20:01 Alipay→us: attempt 2, answer to the close: the channel does not know the number, which proves nothing yet [signature ok] (ms)
    16:20:01 us: payment paid
    16:20:01 books: payment 2015-10-28: Due from channel +¥100.00 | Sales not settled -¥100.00 | Fees of sales +¥0.60 | Fees expected -¥0.60
    16:20:01 us→shop: told payment.succeeded (no address to tell it to)
    16:20:03 Alipay→us: attempt 2, message: paid ¥100.00, trade <trade 2>, payer 159****5620 [signature ok]
    16:20:03 us: surplus ¥100.00: paid twice; goes back at 2015-10-28 16:22:03 (GMT+8)
    16:20:03 books: surplus 2015-10-28: Due from channel +¥100.00 | Paid twice or too late -¥100.00 | Fees of sales +¥0.60 | Fees expected -¥0.60
    16:20:03 us→shop: told surplus.received (no address to tell it to)
    16:22:03 us: refund <refund 1>: ¥100.00: "重复支付，退回付款"
    16:22:03 Alipay→us: refund <refund 1>, answer: gave back ¥100.00 [signature ok] (ms)
    16:22:03 us: surplus ¥100.00: returned (by rule)
    16:22:03 us: refund <refund 1>: given back
    16:22:03 books: refund begun 2015-10-28: Paid twice or too late +¥100.00 | Refunds in progress -¥100.00
    16:22:03 books: refund 2015-10-28: Refunds in progress +¥100.00 | Due from channel -¥100.00
    16:22:03 us→shop: told surplus.refunding (no address to tell it to)
    16:22:03 us→shop: told refund.succeeded (no address to tell it to)
    16:22:03 us→shop: told surplus.resolved (no address to tell it to)
    16:22:04 Alipay→us: message "TRADE_CLOSED" about a refund: proves nothing by itself [signature ok]
    16:30:02 shop: refund back-1: ¥25.00, refund serial <refund 2>: "退货"
    16:30:02 wang (cli): asked for the refund: back-1: "退货"
    16:30:02 Alipay→us: refund back-1, answer: gave back ¥25.00 [signature ok] (ms)
    16:30:02 us: refund back-1: given back
    16:30:02 books: refund begun 2015-10-28: Sales not settled +¥25.00 | Refunds in progress -¥25.00
    16:30:02 books: refund 2015-10-28: Refunds in progress +¥25.00 | Due from channel -¥25.00
    16:30:02 us→shop: told refund.succeeded (no address to tell it to)
    16:40:02 Alipay→us: message "TRADE_SUCCESS" about a refund: proves nothing by itself [signature ok]
    next  nothing is left to do"
  `);
});

test('the same in Chinese', async () => {
  expect(told(await storyOf('T-1'), 'zh')).toMatchInlineSnapshot(`
    "16:20:00 商户: 下单，应付 ¥100.00：“测试商品”
    16:20:00 我方: 流水 1：电脑网站支付，¥100.00，流水号 <serial 1>，截止 2015-10-28 16:50:00 (GMT+8)
    16:20:00 我方: 流水 2：手机网站支付，¥100.00，流水号 <serial 2>，截止 2015-10-28 16:50:00 (GMT+8)
    16:20:01 支付宝→我方: 流水 1 通知：已付 ¥100.00，交易号 <trade 1>，付款人 159****5620 [签名已验证]
    16:20:01 支付宝→我方: 流水 2 对关闭的应答：渠道查无此号；未必没有付款 [签名已验证] (ms)
    16:20:01 我方: 支付已付
    16:20:01 账本: 收款 2015-10-28：应收渠道款 +¥100.00 | 商户待结算 -¥100.00 | 商户手续费 +¥0.60 | 手续费暂估 -¥0.60
    16:20:01 我方→商户: 告知 payment.succeeded（没有登记通知地址）
    16:20:03 支付宝→我方: 流水 2 通知：已付 ¥100.00，交易号 <trade 2>，付款人 159****5620 [签名已验证]
    16:20:03 我方: 多收款 ¥100.00：重复支付；2015-10-28 16:22:03 (GMT+8) 原路退回
    16:20:03 账本: 多收款 2015-10-28：应收渠道款 +¥100.00 | 重复支付待退 -¥100.00 | 商户手续费 +¥0.60 | 手续费暂估 -¥0.60
    16:20:03 我方→商户: 告知 surplus.received（没有登记通知地址）
    16:22:03 我方: 退款 <refund 1>：¥100.00：“重复支付，退回付款”
    16:22:03 支付宝→我方: 退款 <refund 1> 应答：已退 ¥100.00 [签名已验证] (ms)
    16:22:03 我方: 多收款 ¥100.00 已退回（按规则）
    16:22:03 我方: 退款 <refund 1> 已退
    16:22:03 账本: 退款开始 2015-10-28：重复支付待退 +¥100.00 | 退款中 -¥100.00
    16:22:03 账本: 退款 2015-10-28：退款中 +¥100.00 | 应收渠道款 -¥100.00
    16:22:03 我方→商户: 告知 surplus.refunding（没有登记通知地址）
    16:22:03 我方→商户: 告知 refund.succeeded（没有登记通知地址）
    16:22:03 我方→商户: 告知 surplus.resolved（没有登记通知地址）
    16:22:04 支付宝→我方: 关于退款的消息“TRADE_CLOSED”，不作为证明 [签名已验证]
    16:30:02 商户: 退款 back-1：¥25.00，退款流水号 <refund 2>：“退货”
    16:30:02 wang（cli）: 提出退款 back-1：“退货”
    16:30:02 支付宝→我方: 退款 back-1 应答：已退 ¥25.00 [签名已验证] (ms)
    16:30:02 我方: 退款 back-1 已退
    16:30:02 账本: 退款开始 2015-10-28：商户待结算 +¥25.00 | 退款中 -¥25.00
    16:30:02 账本: 退款 2015-10-28：退款中 +¥25.00 | 应收渠道款 -¥25.00
    16:30:02 我方→商户: 告知 refund.succeeded（没有登记通知地址）
    16:40:02 支付宝→我方: 关于退款的消息“TRADE_SUCCESS”，不作为证明 [签名已验证]
    next  无需再做什么"
  `);
});

test('the head says what came in, what went back, and how each part stands', async () => {
  const story = await storyOf('T-1');
  expect(story).toMatchObject({
    ...{ due: { minor: 10_000n }, received: { minor: 10_000n }, refunded: { minor: 2500n } },
    ...{ surplusHeld: { minor: 0n }, surplusReturned: { minor: 10_000n }, state: { code: 'paid' }, openCases: [] },
  });
  expect(story.attempts.map(({ state, tradeNo }) => [state.code, tradeNo])).toEqual([
    ['succeeded', numbers['trade']],
    ['succeeded', numbers['second']],
  ]);
  expect(story.refunds.map(({ refundNo, amount }) => [refundNo, amount.minor])).toEqual([
    [story.refunds[0]?.channelRefundNo, 10_000n],
    ['back-1', 2500n],
  ]);
  expect(story.can.map(({ command }) => command)).toEqual([
    'liushui refunds create T-1 REFUND_NO --dry-run',
    'liushui refunds create T-1 REFUND_NO',
  ]);
});

test("another merchant's number is answered exactly as one that nobody has", async () => {
  const stranger: Actor = { ...wang, merchants: ['other'] };
  for (const [name, number] of Object.entries(numbers)) {
    const found = await asked(number, stranger);
    expect({ ...found, number: '' }, name).toEqual({
      ...{ number: '', kinds: [], stories: [] },
      refusal: { code: 'number.not_found', params: { number: normalForm(number) } },
    });
  }
  const nobody: Actor = { ...wang, roles: [] };
  expect(await findStories(own.world.app.customs, nobody, ['T-1'])).toMatchObject({
    refusal: { code: 'auth.role_missing' },
  });
});

test('a list is answered in its order with a few statements, whatever is in it', async () => {
  const { app } = own.world;
  const many = [...Object.values(numbers), 'NOPE', `'; drop table refunds; --`, '𝟙'.repeat(30), '\u0000x'];
  let statements = 0;
  const query: typeof app.db.query = (...given) => {
    statements += 1;
    return app.db.query(...given);
  };
  const db = new Proxy(app.db, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) });
  const found = await findStories({ ...app.customs, db: db }, wang, many);
  if (!found.ok) throw new Error(found.refusal.code);
  expect(found.value.asked.map(({ number }) => number)).toEqual(many.map((number) => number.trim()));
  expect(found.value.asked.filter(({ refusal }) => refusal).length).toBe(4);
  expect(statements).toBeLessThan(25);
});

test("while nothing is decided yet: who asks next and when, and what one can do; a forged message is nobody's", async () => {
  const { order, serialNo } = await begin({ orderNo: 'T-2' });
  await own.world.post('/control/openapi/forge', { out_trade_no: serialNo, event: 'paid' });
  await own.world.pass(2 * m);
  const story = await storyOf(serialNo);
  expect(story.state.code).toBe('unpaid');
  expect(told(story, 'en')).toMatchInlineSnapshot(`
    "16:40:02 shop: ordered, ¥100.00 due: "测试商品"
    16:40:02 us: attempt 1: Web page, ¥100.00, serial <serial 1>, until 2015-10-28 17:10:02 (GMT+8)
    16:41:37 Alipay→us: attempt 1, asked: the channel does not know the number, which proves nothing yet [signature ok] (ms)
    next 16:55:37 ask about attempt 1 (Alipay)
    next 17:10:02 the payment is closed if nobody has paid by then"
  `);
  const id = order.payments[0]?.id ?? '';
  expect(story.can.map(({ command }) => command)).toEqual([
    `GET /v1/payments/${id}?wait=30s`,
    'liushui orders cancel T-2',
  ]);
});

test('an amount that differs is a case, and the case leads to the order and back', async () => {
  const { serialNo } = await begin({ orderNo: 'T-3' });
  await own.world.post('/control/openapi/open', { out_trade_no: serialNo });
  await own.world.post('/control/openapi/forge', {
    ...{ out_trade_no: serialNo, event: 'paid', signed: true },
    fields: { total_amount: '99.99', trade_status: 'TRADE_SUCCESS' },
  });
  await own.world.pass(5 * s);
  const story = await storyOf('T-3');
  const [open] = story.openCases;
  expect(told(story, 'en')).toMatchInlineSnapshot(`
    "16:42:02 shop: ordered, ¥100.00 due: "测试商品"
    16:42:02 us: attempt 1: Web page, ¥100.00, serial <serial 1>, until 2015-10-28 17:12:02 (GMT+8)
    16:42:02 Alipay→us: attempt 1, message: the channel speaks of another amount, "99.99 CNY": nothing booked [signature ok]
    16:42:02 case C-1: opened: The channel speaks of another amount than ours; nothing was booked
    16:42:02 us→shop: told payment.disputed (no address to tell it to)
    16:42:02 us→shop: told case.opened (no address to tell it to)
    next 16:43:37 ask about attempt 1 (Alipay)
    next 17:12:02 the payment is closed if nobody has paid by then
    next 20:42:02 case C-1: The channel speaks of another amount than ours; nothing was booked; owner: nobody has taken it; due 2015-10-28 20:42:02 (GMT+8)"
  `);
  expect(story.can[0]?.command).toBe(`liushui cases close ${open?.id}`);
  const found = await asked(open?.id ?? '');
  expect(found.stories.map(({ kind }) => kind)).toEqual(['case', 'order']);
});

test('a refund that waits for a second person says so, and its approval leads to the order', async () => {
  const { app, accountId } = own.world;
  const finance: Actor = { ...wang, roles: ['finance'] };
  const given = { accountId, product: '*', scene: '*', source: 'contract', validFrom: app.clock.now() } as const;
  const above = { ...given, kind: 'refund_approval_above', value: { minor: 5000 } } as const;
  const proposed = await proposeTerm(app.customs, finance, above, { reason: 'test' });
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  expect(await decideTerm(app.customs, zhao, proposed.value.approvalId, 'approve', '')).toMatchObject({ ok: true });
  await own.world.pass(2 * m);
  await policiesRead();
  const { order, serialNo } = await begin({ orderNo: 'T-4' });
  await pay(serialNo);
  await own.world.pass(2 * s);
  const refunded = await refund(order, 'back-4', 9000n);
  const approval = refunded.ok ? (refunded.value.refund.approvalId ?? '') : '';
  const story = await storyOf('back-4');
  expect(told(story, 'en').split('\n').slice(-2)).toMatchInlineSnapshot(`
    [
      "16:44:09 books: refund begun 2015-10-28: Sales not settled +¥90.00 | Refunds in progress -¥90.00",
      "next 18:44:09 refund back-4 waits for a second person, A-2; it lapses then",
    ]
  `);
  expect(story.can[0]?.command).toBe(`liushui approvals approve ${approval}`);
  expect((await asked(approval)).stories.map(({ kind }) => kind)).toEqual(['approval', 'order']);
  expect((await asked(approval, { ...wang, merchants: ['other'] })).stories).toEqual([]);
});

test('while the program asks about a refund that the channel does not know, no word of people comes next', async () => {
  const { order, serialNo } = await begin({ orderNo: 'T-5' });
  await pay(serialNo);
  await own.world.pass(2 * s);
  await fault('refund_hang_not_booked', serialNo, { method: 'refund', times: 9 });
  await refund(order, 'back-5', 2500n);
  await own.world.pass(45 * s);
  const { can, next, refunds } = await storyOf('back-5');
  expect(refunds[0]?.state.code).toBe('in_doubt');
  const shown = async (sandbox: boolean) => {
    const answer = await typed(own.world.app, wang, ['show', 'back-5'], { sandbox });
    return answer.ok ? answer.value : expect.fail();
  };
  const at = can[0]?.notBefore ?? 0;
  expect(at).toBe(next[0]?.at);
  const seconds = Math.ceil((at - own.world.clock.now()) / s);
  expect(seconds).toBeGreaterThan(0);
  const { lines, ...sandbox } = await shown(true);
  expect(sandbox.next).toBe(`liushui sandbox clock --forward ${seconds}s`);
  expect((await shown(false)).next).toBe('liushui show back-5');
  const text = lines.map(({ en }) => en).join('\n');
  expect(text).toContain(`Wait until ${shanghaiText(at as Instant)}`);
  expect(text.indexOf('refunds failed back-5')).toBeGreaterThan(0);
  expect(text.indexOf('refunds settled back-5')).toBeGreaterThan(text.indexOf('refunds failed back-5'));
});
