// Goal: what the shop's client promises is what the server does: words, doubt, news.
// Method: the real server with the simulated gateway on one moved clock; the example shop stands beside it.
import type { AddressInfo } from 'node:net';
import type { Static } from 'typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startShop } from '../../../sdk/example/shop.ts';
import { createLiushui, OutcomeUnknownError, RefusedError } from '../../../sdk/src/index.ts';
import type * as Sdk from '../../../sdk/src/index.ts';
import type { OrderView, RefundView } from '../../src/api/views-payments.ts';
import type { SharedOrderView, ShareReturnView, ShareView } from '../../src/api/views-sharing.ts';
import { issueToken, permissionsOfRole, systemActor } from '../../src/identity/index.ts';
import { decideEndpoint, eventTypes, proposeEndpoint } from '../../src/notifications/index.ts';
import type { EventType } from '../../src/notifications/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import { addReceiver, decideReceiver } from '../../src/sharing/index.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { merchant, wang, zhao } from '../kit/world.ts';
import { good } from './steps.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const s = 1000;
/** The compiler compares: every type of message, and every example of one, is as the client's types say. */
const known = eventTypes satisfies {
  readonly [Type in keyof Sdk.EventData]: { readonly example: Sdk.EventData[Type] };
};
const sameTypes = (type: EventType): keyof Sdk.EventData => type;
const sameOrder = (view: Static<typeof OrderView>): Sdk.Order => view;
const sameRefund = (view: Static<typeof RefundView>): Sdk.Refund => view;
const sameShare = (view: Static<typeof ShareView>): Sdk.Share => view;
const sameReturn = (view: Static<typeof ShareReturnView>): Sdk.ShareReturn => view;
const sameShared = (view: Static<typeof SharedOrderView>): Sdk.SharedOrder => view;

let baseUrl = '';
let key = '';
let shop: Awaited<ReturnType<typeof startShop>>;
let liushui: Sdk.Liushui;

beforeAll(async () => {
  const { app, server, accountId, clock } = own.world;
  baseUrl = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  const wish = {
    ...{ userId: wang.userId, label: 'shop', scopes: permissionsOfRole.maker, merchants: ['*'] },
    ...{ ipAllow: [], expiresInMs: undefined },
    kind: 'api_key' as const,
  };
  const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
  const stamp = { at: clock.now(), ids: app.customs.ids };
  key = good(await app.db.transaction((tx) => issueToken(tx, wish, change, app.tokens, stamp))).token;
  liushui = createLiushui({ baseUrl, key });
  const parts = { liushui, account: accountId, port: 0, toleranceSeconds: 1e9 };
  // The address is needed for the secret, and the secret for the shop: the first one only takes the port.
  const first = await startShop({ ...parts, webhookSecret: '' });
  const asked = good(
    await proposeEndpoint(
      app.webhooks,
      wang,
      { merchantId: merchant, url: `${first.url}/liushui`, types: undefined },
      '',
    ),
  );
  good(await decideEndpoint(app.webhooks, zhao, asked.approvalId, 'approve', ''));
  await first.close();
  shop = await startShop({ ...parts, port: Number(new URL(first.url).port), webhookSecret: asked.secret });
}, 120_000);
afterAll(() => shop.close());

const wishOf = (orderNo: string, changes: Partial<Sdk.NewPayment> = {}): Sdk.NewPayment => ({
  ...{ order_no: orderNo, amount: 42_000, currency: 'CNY', subject: '茶', account_id: own.world.accountId },
  ...{ product: 'page', ...changes },
});
const errorOf = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const pay = (order: Sdk.Order) => own.world.post('/control/openapi/pay', { out_trade_no: order.attempt?.serial_no });
const page = async (path: string, method = 'GET') => {
  const answer = await fetch(shop.url + path, { method, redirect: 'manual' });
  return { status: answer.status, to: answer.headers.get('location') ?? '', text: await answer.text() };
};

/** Wished, and the payer's browser has been led to the cashier. */
async function begun(orderNo: string, changes: Partial<Sdk.NewPayment> = {}): Promise<Sdk.Order> {
  const order = await liushui.payments.create(wishOf(orderNo, changes));
  await fetch(order.attempt?.hand_out?.url ?? '', { redirect: 'manual' });
  return order;
}

async function bought(orderNo: string): Promise<Sdk.Order> {
  const order = await begun(orderNo);
  await pay(order);
  await own.world.pass(10 * s);
  return liushui.orders.get(orderNo);
}

test('the types of the client are the words of the server', () => {
  expect(Object.keys(known).map((type) => sameTypes(type as EventType))).toEqual(Object.keys(eventTypes));
  expect([sameOrder, sameRefund, sameShare, sameReturn, sameShared]).toHaveLength(5);
});

test('an order is wished, paid, seen, refunded in part and in full', async () => {
  const wished = await liushui.payments.create(wishOf('S/1#a'));
  expect(wished).toMatchObject({ order_no: 'S/1#a', state: 'unpaid', due_minor: 42_000, currency: 'CNY' });
  expect(wished.attempt?.hand_out?.kind).toBe('url');
  const again = await liushui.payments.create(wishOf('S/1#a'));
  expect(again.attempt?.serial_no).toBe(wished.attempt?.serial_no);
  const order = await bought('S/1#a');
  const [payment] = order.payments;
  expect(order).toMatchObject({ state: 'paid', received_minor: 42_000 });
  const id = payment?.id ?? '';
  expect(await liushui.payments.get(id)).toEqual(order);
  expect(await liushui.refunds.preview(id, { amount: 2000 })).toMatchObject({
    refundable_minor: 42_000,
    amount_minor: 2000,
  });
  const part = await liushui.refunds.create(id, { refund_no: 'R1', amount: 2000, currency: 'CNY', reason: '退货' });
  await liushui.refunds.create(id, { refund_no: 'R2', reason: '退货' });
  await own.world.pass(60 * s);
  expect(await liushui.refunds.get(part.id)).toMatchObject({ state: 'refunded', amount_minor: 2000, refund_no: 'R1' });
  expect(await liushui.orders.get('S/1#a')).toMatchObject({ refunded_minor: 42_000 });
  const late = await errorOf(liushui.refunds.withdraw(part.id));
  expect(late).toBeInstanceOf(RefusedError);
});

test('an order is shared, and the part that the shop names comes back with a refund', async () => {
  const { app, accountId } = own.world;
  const wish = { kind: 'userId', account: new Secret('2088000000000777') };
  const asked = good(await addReceiver(app.payments, wang, accountId, wish, 'supplier'));
  good(await decideReceiver(app.payments, zhao, asked.approvalId ?? '', 'approve', ''));
  const order = await begun('SHARED', { shares: true });
  await pay(order);
  await own.world.pass(10 * s);
  const parts = [{ receiver: asked.receiver.id, amount: 2000 }];
  const made = await liushui.shares.create('SHARED', { share_no: 'S1', parts, releases_rest: true, reason: '货款' });
  await own.world.pass(60 * s);
  const share = await liushui.shares.get(made.id);
  expect(share).toMatchObject({ state: 'done', parts: [{ state: 'succeeded', left_minor: 2000 }] });
  const back = [{ part: share.parts[0]?.id ?? '', amount: 500 }];
  const id = order.payments[0]?.id ?? '';
  await liushui.refunds.create(id, { refund_no: 'R1', amount: 1000, parts_back: back, reason: '退货' });
  await own.world.pass(60 * s);
  const shared = await liushui.shares.ofOrder('SHARED');
  expect(shared).toMatchObject({ shared_minor: 1500, shares: [{ parts: [{ left_minor: 1500 }] }], returns: [] });
  const refused = await errorOf(liushui.shares.giveBack(back[0]?.part ?? '', { return_no: 'SR1', reason: '退货' }));
  expect(refused).toMatchObject({ problem: { code: 'share.returns_with_refunds' } });
});

test('another currency is refused with a way out in two languages, and the money did not move', async () => {
  await liushui.payments.create(wishOf('S2'));
  const refused = await errorOf(liushui.payments.create(wishOf('S2', { currency: 'USD' })));
  expect(refused).toMatchObject({ code: 'payment.currency_unknown', status: 422, moneyMoved: 'not_moved' });
  expect((refused as RefusedError).wayOut.zh).not.toBe('');
  expect(await errorOf(liushui.orders.get('nobody'))).toMatchObject({ code: 'order.not_found', status: 404 });
  expect(await errorOf(createLiushui({ baseUrl, key: 'wrong' }).orders.get('S2'))).toMatchObject({ status: 401 });
});

test('cancelled by the shop: over when it is proven, not before', async () => {
  const order = await begun('S3');
  await own.world.post('/control/openapi/open', { out_trade_no: order.attempt?.serial_no });
  await own.world.pass(120 * s);
  const cancelled = await liushui.payments.cancel(order.payments[0]?.id ?? '');
  expect(cancelled.payments[0]?.state).toBe('closing');
  await own.world.pass(30 * s);
  expect(await liushui.orders.get('S3')).toMatchObject({ state: 'cancelled', payments: [{ state: 'closed' }] });
});

test('a lost answer is unknown; the same key finds the one payment that was begun', async () => {
  const deaf = createLiushui({
    ...{ baseUrl, key },
    async fetch(url, init) {
      const answer = await fetch(url, init);
      await answer.text();
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET', syscall: 'read' } });
    },
  });
  const unknown = await errorOf(deaf.payments.create(wishOf('S4')));
  expect(unknown).toBeInstanceOf(OutcomeUnknownError);
  const order = await liushui.payments.create(wishOf('S4'), { idempotencyKey: (unknown as OutcomeUnknownError).key });
  expect(order.attempts).toHaveLength(1);
  expect((await liushui.orders.get('S4')).attempts).toHaveLength(1);
});

test('two requests of one key at once: one is carried out, both hear its answer', async () => {
  const both = { idempotencyKey: 'S5-key' };
  const [one, two] = await Promise.all([
    liushui.payments.create(wishOf('S5'), both),
    liushui.payments.create(wishOf('S5'), both),
  ]);
  expect(two.attempt?.serial_no).toBe(one.attempt?.serial_no);
  expect((await liushui.orders.get('S5')).attempts).toHaveLength(1);
});

test('late money of a second cashier is a surplus; keeping it takes two people', async () => {
  const cashiers = [await begun('S6'), await begun('S6', { product: 'wap', keep_others: true })];
  for (const order of cashiers) await pay(order);
  await own.world.pass(10 * s);
  const [surplus] = (await liushui.orders.get('S6')).surplus_receipts;
  expect(surplus).toMatchObject({ why: 'second_success', state: 'held', amount_minor: 42_000 });
  const proposed = await liushui.surplus.keep(surplus?.id ?? '', '买家同意');
  expect(proposed.approval_id).not.toBe('');
});

test('the example shop: bought, checked, paid, told by a verified message, refunded', async () => {
  expect((await page('/')).text).toContain('/buy');
  const sent = await page('/buy', 'POST');
  expect(sent).toMatchObject({ status: 303 });
  await fetch(sent.to, { redirect: 'manual' });
  const [row] = await own.world.app.db.query<{ order_no: string; serial_no: string }>(
    `select o.order_no, a.serial_no from merchant_orders o
     join payment_attempts a on a.bucket = o.bucket and a.order_id = o.id where o.order_no like 'T%'`,
  );
  const at = `/orders/${row?.order_no}`;
  expect((await page(at)).text).toContain('class="checking"');
  await own.world.post('/control/openapi/pay', { out_trade_no: row?.serial_no });
  await own.world.pass(10 * s);
  const paid = (await page(at)).text;
  expect(paid).toContain('class="paid"');
  expect(paid).toContain('payment.succeeded');
  expect(await page(`${at}/refund`, 'POST')).toMatchObject({ status: 303, to: at });
  await own.world.pass(60 * s);
  const refunded = (await page(at)).text;
  expect(refunded).toContain('class="refunded"');
  expect(refunded).toContain('refund.succeeded');
  const forged = { method: 'POST', body: '{"type":"payment.succeeded","data":{}}' };
  expect((await fetch(`${shop.url}/liushui`, forged)).status).toBe(401);
});
