// Goal: what is shared reaches each receiver once or is the merchant's again; it is never refunded as well; our books equal the channel's.
// Method: both simulators with their own books, named faults, and one moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import type { Actor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import { addReceiver, decideReceiver, removeReceiver, showReceivers } from '../../src/sharing/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { openApi } from '../kit/pay-world.ts';
import { pauseBeforeSend } from '../kit/paused-worker.ts';
import { codeOf } from '../kit/pay-steps.ts';
import { findStories } from '../../src/stories/index.ts';
import { people } from '../stories/people.ts';
import { expectEqualShares, shareStepsOn } from '../kit/share-steps.ts';
import { wechatPay } from '../kit/wechat-world.ts';

const own = useStages('2026-12-01 10:00:00', { wechatPay, openApi });
const wechat = shareStepsOn(() => own.world.wechatPay);
const alipay = shareStepsOn(() => own.world.openApi);
const pass = (ms: number) => own.world.wechatPay.pass(ms);
const s = 1000;
const m = 60 * s;

afterEach(async () => {
  await expectEqualShares(own.world.wechatPay);
  await expectEqualShares(own.world.openApi);
});

const partner = { kind: 'MERCHANT_ID', account: '1900000999', name: '供货公司', relation: 'SUPPLIER' };
const store = { kind: 'MERCHANT_ID', account: '1900000888', name: '门店', relation: 'STORE' };

/** Paid by a code that the payer scanned, held to be shared. */
async function held() {
  const begun = await wechat.begin({ product: 'native', shares: true });
  await pass(s);
  await wechat.pay(begun.serialNo);
  await pass(10 * s);
  return begun;
}

test('shared among two and released: waits until the channel takes it, each has his part, the shop is told once', async () => {
  const [first, second] = [await wechat.bound(partner), await wechat.bound(store)];
  const { order } = await held();
  const made = await wechat.share(
    order,
    'S1',
    [
      [first, 2000n],
      [second, 500n],
    ],
    true,
  );
  expect(codeOf(made)).toBe('done');
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['submitting'], shared: 2500n });
  await pass(3 * m);
  expect(await wechat.statesOf(order)).toEqual({
    ...{ shares: ['done'], parts: ['succeeded', 'succeeded'], returns: [], shared: 2500n },
  });
  expect(await wechat.events(order)).toEqual(['payment.succeeded', 'share.done']);
});

test('any number of a share or of its return leads to the whole story of the order', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  const made = await wechat.share(order, 'STORY-S1', [[first, 2000n]]);
  await pass(3 * m);
  const back = await wechat.giveBack(order, 'STORY-R1', 0);
  await pass(m);
  if (!made.ok || !back.ok) throw new Error('not shared');
  const { app } = own.world.wechatPay;
  const { share } = made.value;
  const numbers = ['STORY-S1', share.shareNo, share.id, 'STORY-R1', back.value.back.returnNo];
  const told = await findStories(app.customs, people.wang, numbers);
  if (!told.ok) throw new Error(told.refusal.code);
  for (const { number, stories } of told.value.asked) {
    const [story] = stories;
    if (story?.kind !== 'order') throw new Error(`${number} leads to no order`);
    expect(story.orderNo).toBe(order.orderNo);
    const lines = story.timeline.map(({ what }) => what.en);
    expect(lines).toContain(`share STORY-S1 (${share.shareNo}): 20.00 CNY among 1; 分账`);
    expect(lines).toContain('share STORY-S1, part 1 of 20.00 CNY: given');
    expect(lines).toContain('return STORY-R1 of 20.00 CNY: came back');
    expect(story.next.map(({ what }) => what.en)).toEqual([
      'the channel releases by itself what was not shared; nothing can be shared after that',
    ]);
  }
});

test('a receiver takes two people, is kept masked, is bound once, and is given nothing more after he was removed', async () => {
  const { app, accountId } = own.world.wechatPay;
  const person = { kind: 'PERSONAL_OPENID', account: new Secret('oABCDEF0123456789'), relation: 'STAFF' };
  const add = (wish: typeof person) => addReceiver(app.payments, people.wang, accountId, wish, 'staff');
  expect(codeOf(await add({ ...person, kind: 'BANK' }))).toBe('receiver.unknown_kind');
  expect(codeOf(await add({ ...person, relation: 'FRIEND' }))).toBe('receiver.unknown_relation');
  expect(codeOf(await add({ ...person, kind: 'MERCHANT_ID' }))).toBe('receiver.account_unfit');
  const [first, again] = [await add(person), await add(person)];
  if (!first.ok || !again.ok) throw new Error('not asked');
  expect(again.value.receiver.id).toBe(first.value.receiver.id);
  const { receiver, approvalId = '' } = first.value;
  const say = (who: Actor) => decideReceiver(app.payments, who, approvalId, 'approve', '').then(codeOf);
  expect(await say({ ...people.li, userId: 'wang' })).toBe('approval.maker_is_checker');
  expect(await Promise.all([say(people.zhao), say(people.zhao)])).toContain('done');
  // Nobody hears the answers: unknown is never refused, and the same number goes again.
  await wechat.fault('hang_before_booking', { api: 'share_receiver_add' });
  await pass(20 * s);
  expect(await wechat.stateOfReceiver(receiver.id)).toBe('binding');
  await pass(3 * m);
  expect(await wechat.stateOfReceiver(receiver.id)).toBe('bound');
  const shown = await showReceivers(app.payments, people.wang, accountId);
  expect(shown.ok && shown.value.find(({ id }) => id === receiver.id)?.accountMasked).toBe('****6789');
  const { order } = await held();
  expect(codeOf(await wechat.share(order, 'S1', [[receiver.id, 100n]]))).toBe('done');
  await pass(2 * m);
  expect(codeOf(await wechat.giveBack(order, 'SR1', 0))).toBe('share.gives_nothing_back');
  expect(codeOf(await removeReceiver(app.payments, people.wang, receiver.id, 'left'))).toBe('done');
  expect(codeOf(await wechat.share(order, 'S2', [[receiver.id, 100n]]))).toBe('receiver.not_bound');
  await pass(m);
  expect(await wechat.stateOfReceiver(receiver.id)).toBe('removed');
  const anew = await add(person);
  expect(anew.ok && anew.value.receiver.id !== receiver.id).toBe(true);
});

test('a receiver whom the channel does not take off is given nothing more all the same, and people are called', async () => {
  const receiver = await wechat.bound({ ...store, account: '1900000777' });
  const { app } = own.world.wechatPay;
  await wechat.fault('business_error', { api: 'share_receiver_delete' }, { status: 403, code: 'NO_AUTH' });
  expect(codeOf(await removeReceiver(app.payments, people.wang, receiver, 'left'))).toBe('done');
  await pass(m);
  expect(await wechat.stateOfReceiver(receiver)).toBe('unbinding');
  const open = () =>
    app.db
      .query(`select params from cases where kind = 'receiver.undecided' and state = 'open'`)
      .then((rows) => rows.length);
  expect(await open()).toBe(1);
  const { order } = await held();
  expect(codeOf(await wechat.share(order, 'S1', [[receiver, 100n]]))).toBe('receiver.not_bound');
  await pass(2 * 60 * m);
  expect(await wechat.stateOfReceiver(receiver)).toBe('removed');
  expect(await open()).toBe(0);
});

test('one receiver of two is closed: his part is the merchant’s again, and the other has his', async () => {
  const [first, second] = [await wechat.bound(partner), await wechat.bound(store)];
  const { order } = await held();
  await wechat.fault('share_receiver_closed', { api: 'share' }, { account: store.account });
  await wechat.share(order, 'S1', [
    [first, 2000n],
    [second, 500n],
  ]);
  await pass(3 * m);
  expect(await wechat.statesOf(order)).toMatchObject({
    shares: ['partly'],
    parts: ['succeeded', 'failed'],
    shared: 2000n,
  });
  expect(await wechat.events(order)).toEqual(['payment.succeeded', 'share.done', 'share.part_failed']);
  expect(codeOf(await wechat.refund(order, 'R1', 8001n))).toBe('refund.shared');
});

test.each(['hang_before_booking', 'book_then_hang', 'system_error_booked', 'bad_signature'])(
  'the call that shares meets %s: asked about, sent again only under its own number, shared once',
  async (name) => {
    const first = await wechat.bound(partner);
    const { order } = await held();
    await wechat.fault(name, { api: 'share' });
    const made = await wechat.share(order, 'S1', [[first, 2000n]]);
    await pass(10 * m);
    expect(await wechat.statesOf(order)).toEqual({
      shares: ['done'],
      parts: ['succeeded'],
      returns: [],
      shared: 2000n,
    });
    const share = made.ok ? made.value.share.id : '';
    const calls = await wechat.calls(share, 'share.submit');
    expect(calls.length).toBe(name === 'hang_before_booking' ? 2 : 1);
  },
);

test('a share that stays under way is asked about ever more slowly, lies with a person after a day, and ends when the channel ends it', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  await wechat.fault('share_stays_processing', { api: 'share' });
  const made = await wechat.share(order, 'S1', [[first, 2000n]]);
  await pass(4 * 24 * 60 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['processing'], parts: ['pending'] });
  expect(await wechat.casesOf(order)).toEqual(['share.in_doubt_long']);
  const share = made.ok ? made.value.share : undefined;
  const asked = (await wechat.calls(share?.id ?? '', 'share.query')).length;
  expect(asked).toBeLessThan(45);
  await own.world.wechatPay.post('/control/shares', { out_order_no: share?.shareNo, becomes: 'CLOSED' });
  await pass(25 * 60 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['failed'], parts: ['failed'], shared: 0n });
});

test.each(['goes on', 'is frozen'] as const)(
  'worker paused between the row and the socket, its clock %s: another sends the same number, and it is shared once',
  async (machine) => {
    const first = await wechat.bound(partner);
    const { order } = await held();
    await pass(2 * m);
    await wechat.share(order, 'S1', [[first, 2000n]]);
    const paused = await pauseBeforeSend(own.world.wechatPay);
    await paused.stands;
    await pass(2 * m);
    await paused.wake(machine === 'goes on' ? 2 * m : 0);
    await pass(m);
    expect(await wechat.statesOf(order)).toEqual({
      shares: ['done'],
      parts: ['succeeded'],
      returns: [],
      shared: 2000n,
    });
  },
);

test('refunded in full only when the part is back: refused before, the return is told, then both sides agree', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  await wechat.share(order, 'S1', [[first, 2000n]], true);
  await pass(3 * m);
  expect(codeOf(await wechat.refund(order, 'R1'))).toBe('done');
  await pass(2 * m);
  expect((await wechat.seen(order)).refunds).toMatchObject([{ state: 'refunded', amount: { minor: 8000n } }]);
  expect(codeOf(await wechat.refund(order, 'R2', 2000n))).toBe('refund.shared');
  const both = await Promise.all([wechat.giveBack(order, 'SR1', 0, 1500n), wechat.giveBack(order, 'SR2', 0, 1500n)]);
  expect(both.map(codeOf).toSorted()).toEqual(['done', 'share.exceeds_part']);
  await pass(2 * m);
  expect(codeOf(await wechat.giveBack(order, 'SR3', 0))).toBe('done');
  await pass(2 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ returns: ['done', 'done'], shared: 0n });
  expect(codeOf(await wechat.refund(order, 'R2', 2000n))).toBe('done');
  await pass(5 * m);
  expect((await wechat.seen(order)).refunds.map(({ state }) => state)).toEqual(['refunded', 'refunded']);
});

test('a return that the channel refuses: the receiver keeps his part, a person is told, another number may try', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  await wechat.share(order, 'S1', [[first, 2000n]]);
  await pass(3 * m);
  await wechat.fault('share_return_fails', { api: 'share_return' });
  await wechat.giveBack(order, 'SR1', 0);
  await pass(2 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ returns: ['failed'], shared: 2000n });
  expect(await wechat.casesOf(order)).toEqual(['share.return_failed']);
  expect(await wechat.events(order)).toEqual(['payment.succeeded', 'share.done', 'share.return_failed']);
  expect(codeOf(await wechat.giveBack(order, 'SR2', 0))).toBe('done');
  await pass(2 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ returns: ['failed', 'done'], shared: 0n });
});

test('refused without a signature: believed only when the channel does not know the number either, and the promise is free again', async () => {
  const first = await wechat.bound(partner);
  const { order } = await held();
  expect(codeOf(await wechat.refund(order, 'R1', 8500n))).toBe('done');
  await pass(2 * m);
  // WeChat keeps its fee back as well: less is left there than was not refunded.
  const made = await wechat.share(order, 'S1', [[first, 1500n]]);
  await pass(8 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['in_doubt'], shared: 1500n });
  await pass(12 * m);
  expect(await wechat.statesOf(order)).toMatchObject({ shares: ['failed'], parts: ['failed'], shared: 0n });
  expect(await wechat.calls(made.ok ? made.value.share.id : '', 'share.submit')).toEqual(['answered']);
  expect(await wechat.casesOf(order)).toEqual(['share.failed']);
  expect(codeOf(await wechat.refund(order, 'R2', 1500n))).toBe('done');
  await pass(2 * m);
});

test('a share and a refund of one moment never exceed what was received together', async () => {
  const [first, second] = [await wechat.bound(partner), await wechat.bound(store)];
  const { order } = await held();
  const all = await Promise.all([
    ...[wechat.share(order, 'S1', [[first, 1500n]]), wechat.refund(order, 'R1', 8500n)],
    ...[wechat.share(order, 'S2', [[second, 1500n]]), wechat.refund(order, 'R2', 8500n)],
  ]);
  const now = await wechat.shared(order);
  const attempt = now.order.attempts[0];
  expect((attempt?.sharedMinor ?? 0n) + (attempt?.refundingMinor ?? 0n)).toBeLessThanOrEqual(10_000n);
  expect(all.map(codeOf)).toContain('done');
  expect(all.filter(({ ok }) => !ok).length).toBeGreaterThan(0);
  await pass(25 * m);
});

const supplier = { kind: 'userId', account: '2088000000000777' };
const agent = { kind: 'loginName', account: 'agent@example.com', name: '代理公司' };

let orders = 0;
/** Paid at Alipay, frozen to be shared. */
async function frozen(product = 'page') {
  const begun = await alipay.begin({ orderNo: `B${(orders += 1)}`, product, shares: true });
  if (product === 'precreate') await own.world.openApi.pass(s);
  await alipay.pay(begun.serialNo);
  await own.world.openApi.pass(10 * s);
  return begun;
}

test('Alipay: all parts of a request are given or none, and what is refunded comes back from each receiver in proportion', async () => {
  const [first, second] = [await alipay.bound(supplier), await alipay.bound(agent)];
  const { order } = await frozen();
  expect(
    codeOf(
      await alipay.share(
        order,
        'S1',
        [
          [first, 2000n],
          [second, 500n],
        ],
        true,
      ),
    ),
  ).toBe('done');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({
    shares: ['done'],
    parts: ['succeeded', 'succeeded'],
    shared: 2500n,
  });
  expect(codeOf(await alipay.giveBack(order, 'SR1', 0))).toBe('share.returns_with_refunds');
  expect(codeOf(await alipay.refund(order, 'R1', 5000n))).toBe('done');
  await pass(m);
  const [refund] = (await alipay.seen(order)).refunds;
  expect(refund).toMatchObject({ state: 'refunded', partsBack: [{ minor: 1000n }, { minor: 250n }] });
  expect(await alipay.statesOf(order)).toMatchObject({ shared: 1250n });
  expect(codeOf(await alipay.refund(order, 'R2'))).toBe('done');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ shared: 0n });
});

test('Alipay: the shop says which part comes back, and no part comes back twice', async () => {
  const first = await alipay.bound(supplier);
  const { order } = await frozen();
  await alipay.share(order, 'S1', [[first, 2000n]]);
  await pass(m);
  const part = (await alipay.shared(order)).shares[0]?.parts[0]?.id ?? '';
  const back = (no: string, minor: bigint) => alipay.refund(order, no, 3000n, { partsBack: [{ part, minor }] });
  expect(codeOf(await back('R1', 2001n))).toBe('share.exceeds_part');
  const both = await Promise.all([back('R1', 1500n), back('R2', 1500n)]);
  expect(both.map(codeOf).toSorted()).toEqual(['done', 'share.exceeds_part']);
  expect(codeOf(await alipay.refund(order, 'R3', 7000n, { partsBack: [] }))).toBe('refund.shared');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ shared: 500n });
});

test('Alipay at the counter: the channel takes parts back by itself in proportion, and our books follow', async () => {
  const first = await alipay.bound(supplier);
  const { order } = await frozen('precreate');
  await alipay.share(order, 'S1', [[first, 2000n]]);
  await pass(m);
  expect(codeOf(await alipay.refund(order, 'R1', 5000n))).toBe('done');
  await pass(m);
  expect((await alipay.seen(order)).refunds).toMatchObject([{ state: 'refunded', partsBack: [{ minor: 1000n }] }]);
});

test('nothing is shared of what was not held, by whom is not bound, beyond the percentage, twice, or after the release', async () => {
  const first = await alipay.bound(supplier);
  const plain = await alipay.paid({ orderNo: 'plain' });
  expect(codeOf(await alipay.share(plain.order, 'S1', [[first, 100n]]))).toBe('share.not_held');
  const { order } = await frozen();
  expect(codeOf(await alipay.share(order, 'S1', [[plain.order.id, 100n]]))).toBe('receiver.not_found');
  expect(codeOf(await alipay.share(order, 'S1', [[first, 3001n]]))).toBe('share.exceeds_percent');
  expect(
    codeOf(
      await alipay.share(order, 'S1', [
        [first, 100n],
        [first, 100n],
      ]),
    ),
  ).toBe('share.receiver_twice');
  expect(codeOf(await alipay.share(order, 'S1', []))).toBe('share.nothing');
  expect(codeOf(await alipay.share(order, 'S1', [], true))).toBe('done');
  expect(codeOf(await alipay.share(order, 'S1', [], true))).toBe('done');
  expect(codeOf(await alipay.share(order, 'S1', [[first, 100n]], true))).toBe('share.other_terms');
  expect(codeOf(await alipay.share(order, 'S2', [[first, 100n]]))).toBe('share.released');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ shares: ['done'], parts: [] });
});
