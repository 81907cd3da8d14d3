// Goal: what a payer is offered can be paid: each way that is offered anywhere begins, and hands out what it said it would. A channel that
// stops answering is left out until it is tried again, and what came in uses up the limits of the contract.
// Method: both simulators on one moved clock; offers are asked for as a cashier does.
import { beforeAll, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/index.ts';
import { handOutOf } from '../../src/payments/index.ts';
import type { PaymentWish } from '../../src/payments/index.ts';
import { learn } from '../../src/platform/lane-health.ts';
import { offersFor } from '../../src/routing/index.ts';
import type { Offer, OfferWish } from '../../src/routing/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { price, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, openApi } from '../kit/pay-world.ts';
import { wechatPay } from '../kit/wechat-world.ts';
import { merchant } from '../stories/people.ts';

const own = useStages('2026-12-01 10:00:00', { alipay: openApi, wechat: wechatPay });
const steps = { alipay: stepsOn(() => own.world.alipay), wechat: stepsOn(() => own.world.wechat) };
const s = 1000;

/** One application is the merchant's public account, app and mini program at once: the simulator knows no other. */
beforeAll(() =>
  own.world.wechat.app.db.query(
    `update channel_accounts set settings = settings || jsonb_build_object('app_appid', settings->'appid', 'mini_appid', settings->'appid')
     where id = $1`,
    [own.world.wechat.accountId],
  ),
);

async function offered(changes: Partial<OfferWish> = {}): Promise<readonly Offer[]> {
  const { app } = own.world.alipay;
  const wish = {
    merchantId: merchant,
    orderNo: 'O',
    amount: price,
    scene: 'online',
    side: { terminal: 'pc' },
  } as const;
  return (await offersFor(app, { ...wish, at: app.clock.now(), payerKnows: {}, ...changes })).offered;
}

const ways = (offers: readonly Offer[]): string[] => offers.map(({ channel, product }) => `${channel}/${product}`);
const openid = new Secret('oLiushui0000000000000000test');

/** Where a payer may stand, with what the payment brings of him. */
const places: readonly (readonly [Partial<OfferWish>, Partial<PaymentWish>])[] = [
  [{ side: { terminal: 'pc' } }, {}],
  [{ side: { terminal: 'phone' }, payerKnows: { payerAddress: true } }, { payerAddress: new Secret('203.0.113.9') }],
  [{ side: { terminal: 'app' } }, {}],
  [{ side: { terminal: 'phone', wallet: 'wechat' }, payerKnows: { payerId: true } }, { payerId: openid }],
  [
    { side: { terminal: 'phone', wallet: 'wechat', isMiniProgram: true }, payerKnows: { payerId: true } },
    { payerId: openid },
  ],
  [{ side: { terminal: 'phone', wallet: 'alipay' } }, {}],
  [
    { side: { terminal: 'phone', wallet: 'alipay', isMiniProgram: true }, payerKnows: { payerId: true } },
    { payerId: new Secret('2088000000000123') },
  ],
  [{ side: { terminal: 'counter' }, scene: 'counter' }, { scene: 'counter' }],
];

const kinds = { page: ['url'], code: ['code'], wallet_script: ['sdk', 'trade'], app: ['sdk'], nothing: [undefined] };

test('every way that is offered begins, and hands out what it said', async () => {
  const seen: string[] = [];
  for (const [wish, payer] of places)
    for (const { channel, accountId, product, handsOut, needs } of await offered(wish)) {
      const { app, pass } = own.world.alipay;
      const { payerId, payerAddress, ...scene } = payer;
      const brought = {
        ...(payerId && needs.includes('payer_id') ? { payerId } : {}),
        ...(payerAddress && needs.includes('payer_address') ? { payerAddress } : {}),
      };
      const name = `${channel}/${product}`;
      const begun = await steps.alipay.wish({ orderNo: `O${seen.length}`, accountId, product, ...scene, ...brought });
      expect(begun, name).toMatchObject({ ok: true });
      await pass(s);
      const [attempt] = begun.ok ? (await steps.alipay.seen(begun.value.order)).attempts : [];
      const handOut = attempt && (await handOutOf(app.payments, attempt));
      expect(kinds[handsOut], name).toContain(handOut?.kind);
      seen.push(name);
    }
  expect(seen.sort()).toEqual([
    ...['alipay/app', 'alipay/create', 'alipay/page', 'alipay/precreate', 'alipay/wap', 'alipay/wap'],
    ...['wechat/app', 'wechat/h5', 'wechat/jsapi', 'wechat/mini', 'wechat/native'],
  ]);
});

test('a channel that stops answering is left out, and offered again when its lane is tried', async () => {
  const { app, pass } = own.world.wechat;
  const lane = `${own.world.wechat.accountId}/pay.submit`;
  expect(ways(await offered())).toEqual(['alipay/page', 'wechat/native']);
  await learn(app.db, lane, { failed: 5, answered: 0 }, app.clock.now());
  expect(ways(await offered())).toEqual(['alipay/page']);
  await pass(30 * s);
  expect(ways(await offered())).toEqual(['alipay/page', 'wechat/native']);
  await learn(app.db, lane, { failed: 0, answered: 1 }, app.clock.now());
});

test('money that came in uses up the limit of the day, and the next day has a limit of its own', async () => {
  await steps.alipay.paid();
  await steps.alipay.agree('*', 'limits', { day_minor: 15_000 });
  expect(ways(await offered({ amount: { ...price, minor: 5000n } }))).toEqual(['alipay/page', 'wechat/native']);
  expect(ways(await offered({ amount: { ...price, minor: 5001n } }))).toEqual(['wechat/native']);
  await own.world.alipay.pass(15 * 3600 * s);
  expect(ways(await offered({ amount: { ...price, minor: 5001n } }))).toEqual(['alipay/page', 'wechat/native']);
  await expectEqualBooks(own.world.alipay);
});
