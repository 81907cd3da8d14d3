// Goal: a channel is a folder. One that nobody has heard of is dropped in: it collects, closes, refunds, races another channel for one
// order, is offered to payers and asked for its settings, and no other file knows its name.
// Method: the folder test/fixtures/channels/lantern beside the true ones, its books written apart from it, on one moved clock.
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { offersFor, payerSideOf } from '../../src/routing/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { lanternPay } from '../kit/lantern-side.ts';
import { codeOf, paidOnce, price, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, openApi } from '../kit/pay-world.ts';
import { merchant } from '../stories/people.ts';

const folders = [join(import.meta.dirname, '../../src/channels'), join(import.meta.dirname, '../fixtures/channels')];
const own = useStages('2026-12-01 10:00:00', { lantern: lanternPay, alipay: openApi }, folders);
const lantern = stepsOn(() => own.world.lantern);
const alipay = stepsOn(() => own.world.alipay);
const pass = (ms: number) => own.world.lantern.pass(ms);
const s = 1000;
const m = 60 * s;
let orders = 0;

const begin = async (changes: object = {}) => {
  const begun = await lantern.begin({ orderNo: `L${(orders += 1)}`, product: 'code', ...changes });
  await pass(s);
  return begun;
};

afterEach(async () => {
  await expectEqualBooks(own.world.lantern);
  await expectEqualBooks(own.world.alipay);
});

test('its code is paid and told: booked once, told once, with the fee of its own leaflet', async () => {
  const { order, serialNo } = await begin();
  expect(await lantern.pay(serialNo)).toEqual({ refused: null });
  await pass(10 * s);
  expect(await lantern.states(order)).toEqual(paidOnce);
  expect(await lantern.events(order)).toEqual(['payment.succeeded']);
  expect((await lantern.seen(order)).attempts[0]?.feeMinor).toBe(100n);
});

test('nobody pays: closed there when its time is over, and told', async () => {
  const { order, serialNo } = await begin();
  await pass(40 * m);
  expect(await lantern.states(order)).toMatchObject({ payments: ['closed'], attempts: ['closed'] });
  expect(await lantern.pay(serialNo)).toEqual({ refused: 'OUT' });
});

test('refunds go back at once, and never more than was received', async () => {
  const { order, serialNo } = await begin();
  await lantern.pay(serialNo);
  await pass(10 * s);
  expect(codeOf(await lantern.refund(order, 'R1', 4000n))).toBe('done');
  expect(codeOf(await lantern.refund(order, 'R2', 7000n))).toBe('refund.exceeds_refundable');
  await pass(m);
  expect((await lantern.states(order)).refunds).toEqual(['refunded']);
});

test('it and another channel are both paid for one order: one settles, the other goes back', async () => {
  const one = await begin();
  const two = await alipay.begin({ orderNo: one.order.orderNo, keepOthers: true });
  await alipay.pay(two.serialNo);
  await lantern.pay(one.serialNo);
  await pass(15 * m);
  expect(await lantern.states(one.order)).toMatchObject({
    order: 'paid',
    surplus: ['returned'],
    refunds: ['refunded'],
  });
});

test('its account is asked for by its own form', async () => {
  const { app } = own.world.lantern;
  const wish = { merchantId: merchant, channel: 'lantern', name: 'again', secrets: {} };
  const settings = { shop: 'nowhere', gateway_url: 'http://127.0.0.1:1' };
  const added = await app.db.transaction((tx) => addAccount(tx, app.customs, { ...wish, settings }));
  expect(added).toMatchObject({ ok: false, refusal: { params: { fields: '/settings/shop, /secrets/shared_key' } } });
});

test('payers are offered what it has for where they are', async () => {
  const { app } = own.world.lantern;
  const offered = async (userAgent: string) => {
    const wish = { merchantId: merchant, orderNo: 'CHOOSE', amount: price, scene: 'online' } as const;
    const side = payerSideOf(app.channels, userAgent);
    const offers = await offersFor(app, { ...wish, side, at: app.clock.now(), payerKnows: {} });
    return offers.offered.filter(({ channel }) => channel === 'lantern').map(({ product }) => product);
  };
  expect(await offered('Mozilla/5.0 (Windows NT 10.0; Win64; x64)')).toEqual(['code']);
  expect(await offered('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile')).toEqual(['link']);
  expect(await offered('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile MicroMessenger/8.0')).toEqual([]);
});
