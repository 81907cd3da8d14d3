// Goal: payments that are not a page: a payer's code that is charged, a trade inside the wallet, an application in certificate mode.
// Method: the simulated gateway with its own books, named faults, and a moved clock. Which test plays which rule: docs/money-in-races.md.
import { afterEach, expect, test } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import vectors from '../../src/channels/alipay/fixtures/vectors-openapi.json' with { type: 'json' };
import mapi from '../../src/channels/alipay/fixtures/vectors.json' with { type: 'json' };
import { Secret } from '../../src/kernel/index.ts';
import { codeOf, paidOnce, price, stepsOn } from '../kit/pay-steps.ts';
import type { Begun } from '../kit/pay-steps.ts';
import { expectEqualBooks, usePayWorld } from '../kit/pay-world.ts';
import { md5Key, merchant, partner } from '../kit/world.ts';

const own = usePayWorld('2015-10-05 09:00:00');
const steps = stepsOn(() => own.world);
const { wish, begin, cancel, seen, pay, open, fault, refund, events, cases, states, calls } = steps;
const pass = (ms: number) => own.world.pass(ms);
const s = 1000;
const m = 60 * s;
const h = 60 * m;

afterEach(() => expectEqualBooks(own.world));

let codes = 0;
async function charge(does: object, changes: Parameters<typeof begin>[0] = {}): Promise<Begun> {
  const code = `2800000000000001${(codes += 1)}`;
  await own.world.post('/control/openapi/codes', [{ auth_code: code, ...does }]);
  return begin({ product: 'barcode', payerCode: new Secret(code), ...changes });
}

test('a code that is charged at once is paid by the answer', async () => {
  const { order } = await charge({ does: 'pay' });
  await pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
});

test('undecided code payment: the payer is asked for his password, and pays while we ask', async () => {
  const { order } = await charge({ does: 'ask', after_ms: 20_000 });
  await pass(10 * s);
  expect((await states(order)).order).toBe('unpaid');
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
});

test('undecided code payment: after its time it is cancelled until that is definite, and no other begins before', async () => {
  const { order } = await charge({ does: 'ask' });
  await pass(15 * s);
  expect(codeOf(await wish({ orderNo: order.orderNo }))).toBe('payment.undecided');
  await pass(2 * m);
  expect((await states(order)).attempts).toEqual(['closed']);
  const again = await begin({ orderNo: order.orderNo });
  await pay(again.serialNo);
  await pass(10 * s);
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'] });
});

test.each(['never_notify', 'notify_before_answer'])(
  'undecided code payment: the password comes just before the cancel, which gives the money back (%s); both are booked',
  async (told) => {
    const { order, serialNo } = await charge({ does: 'ask' });
    await fault('close_loses', serialNo, { method: 'cancel' });
    await fault(told, serialNo, { times: 99 });
    await pass(10 * m);
    const now = await seen(order);
    expect(now.attempts).toMatchObject([{ receivedMinor: 10_000n, refundingMinor: 10_000n }]);
    expect(now.refunds).toMatchObject([{ state: 'refunded', origin: 'channel', amount: price }]);
    const isPaid = now.payments[0]?.state === 'paid';
    expect(now.surplus.map(({ state }) => state)).toEqual(isPaid ? [] : ['returned']);
    // Paid, then given back: a person looks, unless the question that found both came before the answer to the cancel.
    expect(isPaid ? ['payment.contradiction'] : []).toEqual(expect.arrayContaining([...(await cases(order))]));
    expect(await events(order)).toContain('refund.succeeded');
  },
);

test('notice before the answer: the payment is booked by it, and the late answer changes nothing', async () => {
  const code = '28000000000000019';
  await own.world.post('/control/openapi/codes', [{ auth_code: code, does: 'pay' }]);
  await own.world.post('/control/faults', [{ fault: 'notify_before_answer', times: 1, match: { event: 'paid' } }]);
  const { order, serialNo } = await begin({ product: 'barcode', payerCode: new Secret(code) });
  await fault('slow_ms', serialNo, { method: 'pay', params: { ms: 5000 } });
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
  expect(await events(order)).toEqual(['payment.succeeded']);
});

test('inside the wallet: the trade is born at the call, and a hanging call opens it once', async () => {
  const payerId = new Secret('2088000000000042');
  const { order, attempt, serialNo } = await begin({ product: 'create', payerId });
  await fault('book_then_hang', serialNo, { method: 'create' });
  await pass(2 * m);
  expect(await calls(attempt.id, 'pay.submit')).toEqual(['silent', 'answered']);
  expect((await seen(order)).attempts[0]?.handOut?.kind).toBe('trade');
  await pay(serialNo);
  await pass(m);
  expect(await states(order)).toEqual(paidOnce);
});

test('inside the wallet: a call that hung before it was booked ends unpaid by proof, and another attempt is paid', async () => {
  const payerId = new Secret('2088000000000042');
  const { order, serialNo } = await begin({ product: 'create', payerId });
  await fault('hang_before_booking', serialNo, { method: 'create' });
  await pass(m);
  const again = await begin({ orderNo: order.orderNo });
  await pay(again.serialNo);
  await pass(h);
  expect(await states(order)).toMatchObject({ order: 'paid', attempts: ['closed', 'succeeded'], surplus: [] });
});

let certifiedId: string | undefined;
/** An application in certificate mode whose content is encrypted, at the same simulator. */
async function certified(): Promise<string> {
  if (certifiedId !== undefined) return certifiedId;
  const { app, post } = own.world;
  const [appId, sellerId, { keys, A1 }] = ['2015102800000002', '2088000000000017', vectors];
  await post('/control/openapi/apps', [
    {
      ...{ app_id: appId, seller_id: sellerId, alipay_private_key_pem: mapi.keys.alipay_private_pkcs8 },
      ...{ app_cert_pem: keys.app_cert, alipay_cert_pem: keys.alipay_cert, alipay_root_cert_pem: keys.root_bundle },
      ...{ aes_key: A1.aes_key_base64, balance: '1000000.00' },
    },
  ]);
  const [first] = await app.db.query<{ gateway: string }>(
    `select settings ->> 'openapi_gateway_url' as gateway from channel_accounts where id = $1`,
    [own.world.accountId],
  );
  const gateway = first?.gateway ?? '';
  const added = await app.db.transaction((tx) =>
    addAccount(tx, app.customs, {
      ...{ merchantId: merchant, channel: 'alipay', name: 'certified' },
      settings: {
        ...{ partner, gateway_url: gateway, openapi_gateway_url: gateway, openapi_mode: 'cert' },
        ...{ app_id: appId, seller_id: sellerId, content_encryption: 'AES' },
      },
      secrets: {
        ...{ md5_key: new Secret(md5Key), app_private_key: new Secret(mapi.keys.app_private_pkcs8) },
        ...{ app_cert: new Secret(keys.app_cert), alipay_cert: new Secret(keys.alipay_cert) },
        ...{ alipay_root_cert: new Secret(keys.root_bundle), content_key: new Secret(A1.aes_key_base64) },
      },
    }),
  );
  if (!added.ok) throw new Error(JSON.stringify(added.refusal));
  await steps.policiesRead();
  return (certifiedId = added.value.id);
}

test('certificate mode with encrypted content: a code is ordered, paid, told, refunded in part and closed like any other', async () => {
  const accountId = await certified();
  const { order, serialNo } = await begin({ accountId, product: 'precreate' });
  await pass(10 * s);
  await pay(serialNo);
  await pass(10 * s);
  expect(await states(order)).toEqual(paidOnce);
  expect((await refund(order, 'R1', 2500n)).ok).toBe(true);
  const other = await begin({ accountId });
  await open(other.serialNo);
  await cancel(other.order);
  await pass(2 * m);
  expect(await states(order)).toEqual({ ...paidOnce, refunds: ['refunded'] });
  expect((await states(other.order)).attempts).toEqual(['closed']);
  await expectEqualBooks(own.world, accountId);
});

test('two accounts both paid: one settles, the surplus of the other goes back from where it came', async () => {
  const accountId = await certified();
  const first = await begin();
  const second = await begin({ orderNo: first.order.orderNo, accountId, keepOthers: true });
  await pay(first.serialNo);
  await pass(2 * s);
  await pay(second.serialNo);
  await pass(10 * m);
  const now = await seen(first.order);
  expect(now.payments).toMatchObject([{ state: 'paid', settledBy: first.attempt.id }]);
  expect(now.surplus).toMatchObject([{ state: 'returned', attemptId: second.attempt.id }]);
  expect(now.refunds).toMatchObject([{ state: 'refunded', accountId }]);
  await expectEqualBooks(own.world, accountId);
});
