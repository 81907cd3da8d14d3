// Goal: what receivers give back with a refund goes to the buyer, is agreed to as it is carried out, and is never asked for twice as one refund.
// Method: the simulator with its own books and one moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { findApproval } from '../../src/approvals/index.ts';
import { CNY } from '../../src/kernel/index.ts';
import { adoptLateMoney, askRefund, decideRefund } from '../../src/payments/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { codeOf, stepsOn } from '../kit/pay-steps.ts';
import { openApi } from '../kit/pay-world.ts';
import { expectEqualShares, shareStepsOn } from '../kit/share-steps.ts';
import { people } from '../stories/people.ts';

const own = useStages('2026-12-03 10:00:00', { openApi });
const alipay = shareStepsOn(() => own.world.openApi);
const pays = stepsOn(() => own.world.openApi);
const pass = (ms: number) => own.world.openApi.pass(ms);
const s = 1000;
const m = 60 * s;
const h = 60 * m;

afterEach(() => expectEqualShares(own.world.openApi));

const supplier = { kind: 'userId', account: '2088000000000777' };
let orders = 0;

/** A hundred yuan paid at Alipay of which a receiver has fifteen; his part. */
async function given() {
  const receiver = await alipay.bound(supplier);
  const { order, serialNo } = await alipay.begin({ orderNo: `SB${(orders += 1)}`, shares: true });
  await alipay.pay(serialNo);
  await pass(10 * s);
  expect(codeOf(await alipay.share(order, `${order.orderNo}-S`, [[receiver, 1500n]]))).toBe('done');
  await pass(m);
  const part = (await alipay.shared(order)).shares[0]?.parts[0]?.id ?? '';
  const refund = (no: string, minor: bigint | undefined, ...back: readonly bigint[]) =>
    alipay.refund(order, no, minor, { partsBack: back.map((one) => ({ part, minor: one })) });
  return { order, part, refund };
}

test('what receivers give back never stays with the merchant: more than is refunded, a part twice and a stranger’s are refused', async () => {
  const [{ order, refund }, other] = [await given(), await given()];
  expect(codeOf(await refund('R1', 1n, 1500n))).toBe('share.parts_exceed_refund');
  expect(codeOf(await refund('R1', 9999n, 1500n, 1500n))).toBe('share.exceeds_part');
  expect(codeOf(await refund('R1', 9999n, 1501n, -1n))).toBe('share.exceeds_part');
  const stranger = { partsBack: [{ part: other.part, minor: 1500n }] };
  expect(codeOf(await alipay.refund(order, 'R1', 9999n, stranger))).toBe('share.part_not_found');
  expect((await alipay.seen(order)).refunds).toEqual([]);
  // Named twice within what he has, it is one part.
  expect(codeOf(await refund('R1', 5000n, 700n, 300n))).toBe('done');
  await pass(m);
  expect((await alipay.seen(order)).refunds).toMatchObject([{ state: 'refunded', partsBack: [{ minor: 1000n }] }]);
  expect(codeOf(await alipay.refund(order, 'R2'))).toBe('done');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ shared: 0n });
});

test('the same refund number with other parts is refused, with the same ones or none named it is the same refund', async () => {
  const { order, refund } = await given();
  expect(codeOf(await refund('R1', 3000n, 1000n))).toBe('done');
  expect(codeOf(await refund('R1', 3000n, 600n, 400n))).toBe('done');
  expect(codeOf(await refund('R1', 3000n, 500n))).toBe('refund.other_terms');
  expect(codeOf(await refund('R1', 3000n))).toBe('refund.other_terms');
  expect(codeOf(await alipay.refund(order, 'R1', 3000n))).toBe('done');
  expect((await alipay.seen(order)).refunds).toHaveLength(1);
  await pass(m);
});

test('a second person agrees to who gives back, and to no refund that the order had outrun', async () => {
  await alipay.agree('*', 'refund_approval_above', { minor: 2000 });
  const { app } = own.world.openApi;
  const { order, part, refund } = await given();
  const asked = await refund('R1', 3000n, 1000n);
  if (!asked.ok) throw new Error(asked.refusal.code);
  const { approvalId = '' } = asked.value.refund;
  const approval = await findApproval(app.db, approvalId, app.clock.now());
  expect(approval?.input).toMatchObject({ minor: '3000', parts_back: [{ part, minor: '1000' }] });
  const waiting = async () => (await app.db.query('select id from approvals where command = $1', ['refunds'])).length;
  const before = await waiting();
  const outrun = { ...(await alipay.seen(order)), version: 1 };
  const paymentId = outrun.payments[0]?.id ?? '';
  const late = await askRefund(app.payments, app.orders, people.wang, {
    ...{ order: outrun, paymentId, shopRefundNo: 'R2', amount: { minor: 2500n, currency: CNY } },
    ...{ reason: '退货', back: { parts: [{ part, minor: 100n }] } },
  });
  expect([codeOf(late), await waiting()]).toEqual(['refund.order_changed', before]);
  expect(codeOf(await decideRefund(app.payments, app.orders, people.zhao, approvalId, 'approve', ''))).toBe('done');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ shared: 500n });
});

/** The channel neither knows the payment nor tells of it before the next morning. */
async function paidAndHidden() {
  const begun = await alipay.begin({ orderNo: `SB${(orders += 1)}`, shares: true });
  const unknown = { times: 99, params: { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' } };
  const faults = await Promise.all(
    ['query', 'close'].map((method) => pays.fault('business_error', begun.serialNo, { ...unknown, method })),
  );
  await pays.fault('notify_late', begun.serialNo, { params: { ms: 12 * h } });
  await pass(20 * m);
  await alipay.pay(begun.serialNo);
  await pass(2 * h);
  await Promise.all(faults.map(pays.lift));
  await pass(10 * h + 30 * s);
  return begun.order;
}

test('late money that was adopted is shared as the payment that it became, and comes back with its refund', async () => {
  const receiver = await alipay.bound(supplier);
  const order = await paidAndHidden();
  const late = await alipay.seen(order);
  const adopted = await adoptLateMoney(own.world.openApi.app.orders, people.wang, late, late.surplus[0]?.id ?? '');
  expect(codeOf(adopted)).toBe('done');
  expect(await alipay.states(order)).toMatchObject({ payments: ['closed', 'paid'], surplus: ['adopted'] });
  expect(codeOf(await alipay.share(order, 'LATE-S', [[receiver, 1500n]]))).toBe('done');
  await pass(m);
  expect(await alipay.statesOf(order)).toMatchObject({ parts: ['succeeded'], shared: 1500n });
  expect(codeOf(await alipay.refund(order, 'LATE-R', 1900n))).toBe('done');
  await pass(m);
  expect((await alipay.seen(order)).refunds).toMatchObject([{ state: 'refunded', partsBack: [{ minor: 285n }] }]);
});
