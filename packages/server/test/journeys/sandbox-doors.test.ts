// Goal: a shop's developer makes a channel behave, plays the payer and moves the clock, at either channel in the same words; and what is true
// comes out by the ways it always does.
// Method: the real server with both simulated channels on one moved clock, spoken to over HTTP with the key of a maker.
import { createServer as createShop } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { verifyWebhook } from '../../../sdk/src/index.ts';
import { createServer } from '../../src/api/server.ts';
import { behaviourWords, channelSides } from '../../src/app/channel-sides.data.ts';
import type { Answer } from '../../src/cli/answer.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Session, Use } from '../../src/cli/session.ts';
import { issueToken, permissionsOfRole, systemActor } from '../../src/identity/index.ts';
import { done } from '../../src/kernel/index.ts';
import type { Order, PaymentWish } from '../../src/payments/index.ts';
import { useStages } from '../kit/money-ground.ts';
import { paidOnce, stepsOn } from '../kit/pay-steps.ts';
import { expectEqualBooks, openApi } from '../kit/pay-world.ts';
import { wechatPay } from '../kit/wechat-world.ts';
import { wang } from '../kit/world.ts';
import { good } from './steps.ts';

const own = useStages('2026-12-01 10:00:00', { alipay: openApi, wechat: wechatPay });
const at = { alipay: stepsOn(() => own.world.alipay), wechat: stepsOn(() => own.world.wechat) };
type Channel = keyof typeof at;
const products = { alipay: 'precreate', wechat: 'native' } as const;
const s = 1000;
let key = '';
let calls = 0;

beforeAll(async () => {
  const { app, clock } = own.world.alipay;
  const wish = {
    ...{ userId: wang.userId, label: 'shop', scopes: permissionsOfRole.maker, merchants: ['*'] },
    ...{ ipAllow: [], expiresInMs: undefined },
    kind: 'api_key' as const,
  };
  const change = { by: systemActor, consent: { kind: 'founding' }, reason: '' } as const;
  const stamp = { at: clock.now(), ids: app.customs.ids };
  key = good(await app.db.transaction((tx) => issueToken(tx, wish, change, app.tokens, stamp))).token;
});

afterEach(async () => {
  for (const channel of ['alipay', 'wechat'] as const) await expectEqualBooks(own.world[channel]);
});

type Said = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

async function call(method: 'GET' | 'POST', path: string, sent?: object): Promise<Said> {
  const { port } = own.world.alipay.server.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': `k-${(calls += 1)}` };
  const body = sent === undefined ? {} : { body: JSON.stringify(sent) };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...{ method, headers: { ...headers, 'content-type': 'application/json' }, ...body },
  });
  return { status: answer.status, body: (await answer.json()) as Said['body'] };
}

const say = async (path: string, sent: object): Promise<Said['body']> => {
  const { status, body } = await call('POST', path, sent);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
};

async function begun(channel: Channel, wish: Partial<PaymentWish> = {}): Promise<Order> {
  const started = good(
    await at[channel].wish({ product: products[channel], orderNo: `${channel}-${(calls += 1)}`, ...wish }),
  );
  await own.world[channel].pass(s);
  return started.order;
}

const notices = async (): Promise<number> =>
  (await own.world.alipay.app.db.query('select from inbound_notices')).length;

const codeOf = ({ status, body }: Said): string => `${status} ${String(body['code'])}`;

test('every behaviour is told in both languages, and every fault name of the table is one its simulator knows', async () => {
  const { body } = await call('GET', '/v1/sandbox/behaviours');
  expect((body['items'] as { name: string }[]).map(({ name }) => name)).toEqual(Object.keys(behaviourWords));
  for (const behaviour of Object.keys(behaviourWords)) {
    const { items } = await say('/v1/sandbox/behaviour', { any: true, behaviour });
    const knowing = Object.entries(channelSides).filter(([, { faults }]) => behaviour in faults);
    expect(items, behaviour).toMatchObject(knowing.map(([channel]) => ({ channel, serial_nos: [] })));
  }
  expect((await say('/v1/sandbox/behaviour/lift', { any: true }))['lifted']).toBeGreaterThan(20);
  expect(await say('/v1/sandbox/behaviour/lift', { any: true })).toEqual({ lifted: 0 });
});

test.each(['alipay', 'wechat'] as const)(
  '%s: never notified, the payer pays, the clock moves: we find it by asking',
  async (channel) => {
    const heardBefore = await notices();
    const order = await begun(channel);
    const asked = await say('/v1/sandbox/behaviour', { order_no: order.orderNo, behaviour: 'never_notify' });
    expect(asked['items']).toMatchObject([{ channel, serial_nos: [order.attempts[0]?.serialNo] }]);
    await say('/v1/sandbox/pay', { order_no: order.orderNo });
    await own.world[channel].pass(5 * s);
    expect((await at[channel].states(order)).order).toBe('unpaid');
    const before = own.world[channel].clock.now();
    const moved = await say('/v1/sandbox/clock', { advance: '20m' });
    expect(moved).toMatchObject({ unreached: [] });
    expect(own.world[channel].clock.now() - before).toBe(1_200_000);
    await own.world[channel].app.worker.runDue();
    await own.world[channel].pass(5 * s);
    expect(await at[channel].states(order)).toEqual(paidOnce);
    expect(await notices()).toBe(heardBefore);
  },
);

test.each(['alipay', 'wechat'] as const)('%s: lifted, the notice comes again', async (channel) => {
  const order = await begun(channel);
  await say('/v1/sandbox/behaviour', { order_no: order.orderNo, behaviour: 'never_notify' });
  expect(await say('/v1/sandbox/behaviour/lift', { order_no: order.orderNo })).toEqual({ lifted: 1 });
  await say('/v1/sandbox/pay', { order_no: order.orderNo });
  await say('/v1/sandbox/clock', { advance: '2s' });
  expect(await at[channel].states(order)).toEqual(paidOnce);
});

test.each(['alipay', 'wechat'] as const)(
  '%s: an order that hangs after it was booked is in doubt, and found; twice asked for is once played',
  async (channel) => {
    const wanted = { any: true, behaviour: 'book_then_hang', call: 'pay' };
    await say('/v1/sandbox/behaviour', wanted);
    await say('/v1/sandbox/behaviour', wanted);
    const order = await begun(channel);
    await own.world[channel].pass(70 * s);
    const submitted = await at[channel].calls(order.attempts[0]?.id ?? '', 'pay.submit');
    expect(submitted.filter((one) => one === 'silent')).toHaveLength(1);
    expect(submitted[0]).toBe('silent');
    await say('/v1/sandbox/behaviour/lift', { any: true });
    await say('/v1/sandbox/pay', { order_no: order.orderNo });
    await own.world[channel].pass(10 * s);
    expect(await at[channel].states(order)).toEqual(paidOnce);
  },
);

test('what is not meant, not known, not there or over is told in words', async () => {
  const order = await begun('alipay');
  const about = { order_no: order.orderNo };
  const behaviour = 'notify_twice';
  expect(codeOf(await call('POST', '/v1/sandbox/behaviour', { behaviour }))).toBe('400 usage.bad_input');
  expect(codeOf(await call('POST', '/v1/sandbox/behaviour', { any: true, ...about, behaviour }))).toBe(
    '400 usage.bad_input',
  );
  for (const wrong of [
    { ...about, behaviour: 'set_paid' },
    { ...about, behaviour: 'refund_stuck' },
    { ...about, behaviour: 'refuse', call: 'bribe' },
  ])
    expect(codeOf(await call('POST', '/v1/sandbox/behaviour', wrong))).toBe('422 sandbox.no_behaviour');
  expect(codeOf(await call('POST', '/v1/sandbox/pay', { order_no: 'NOPE' }))).toBe('404 order.not_found');
  await say('/v1/sandbox/pay', about);
  expect(codeOf(await call('POST', '/v1/sandbox/pay', about))).toBe('409 sandbox.payer_refused');
  await say('/v1/sandbox/clock', { advance: '1m' });
  await own.world.alipay.pass(s);
  expect(codeOf(await call('POST', '/v1/sandbox/pay', about))).toBe('409 sandbox.no_attempt');
  for (const advance of ['', '0s', '400d', 'soon'])
    expect((await call('POST', '/v1/sandbox/clock', { advance })).status, advance).toBe(400);
});

test('production has none of these doors, whoever asks', async () => {
  const { app } = own.world.alipay;
  const production = createServer({
    ...app,
    installation: { ...app.installation, bornAs: 'production' },
    sandboxDoors: undefined,
  });
  const headers = { authorization: `Bearer ${key}` };
  const asked = [
    ['GET', 'behaviours', undefined],
    ['POST', 'behaviour', { any: true, behaviour: 'never_notify' }],
    ['POST', 'behaviour/lift', { any: true }],
    ['POST', 'pay', { order_no: 'X' }],
    ['POST', 'clock', { advance: '1h' }],
  ] as const;
  for (const [method, door, payload] of asked) {
    const more = { headers: { ...headers, 'idempotency-key': `p-${door}` }, ...(payload && { payload }) };
    const answer = await production.inject({ method, url: `/v1/sandbox/${door}`, ...more });
    expect(answer.json(), door).toMatchObject({ status: 403, code: 'sandbox.only', money: 'not_moved' });
  }
  await production.close();
});

/** A shop on this machine that believes only what the client's verifier believes, with the machine's own time. */
async function startShop() {
  const heard: { readonly id: string; readonly type: string; readonly orderNo: unknown }[] = [];
  const shop = { secret: '', isDown: false, heard, url: '' };
  const server = createShop((request, response) => {
    void buffer(request).then((body) => {
      const message = { secrets: shop.secret, headers: request.headers, body, now: Date.now() };
      const { id, type, data } = verifyWebhook(message);
      if (!shop.isDown) heard.push({ id, type, orderNo: (data as Record<string, unknown>)['order_no'] });
      response.writeHead(shop.isDown ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  shop.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return { ...shop, at: shop, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** `liushui listen` in this process; `seen` resolves when so many lines were printed, `taken` when the shop took so many. */
function listening(...words: string[]) {
  const lines: Answer[] = [];
  const waiting: { readonly isEnough: () => boolean; readonly go: () => void }[] = [];
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const print = (answer: Answer): void => {
    lines.push(answer);
    for (const { isEnough, go } of waiting) if (isEnough()) go();
  };
  const session = { ...own.world.alipay.app, actor: wang, sandbox: true, clockRuns: false } as unknown as Session;
  const use = {
    ...{ print, tell: { line: () => undefined }, untilStopped: () => stopped },
    session: () => Promise.resolve(done(session)),
  } as unknown as Use;
  const silent = (): void => undefined;
  const ended = new Promise<Answer>((resolve, reject) => {
    const program = buildProgram(
      { lang: 'en', perform: async (_command, run, args, options) => resolve(good(await run(use, args, options))) },
      silent,
      silent,
    );
    program.parseAsync(['listen', ...words], { from: 'user' }).catch(reject);
  });
  const until = (isEnough: () => boolean): Promise<void> =>
    isEnough() ? Promise.resolve() : new Promise((go) => void waiting.push({ isEnough, go }));
  const seen = (count: number) => until(() => lines.length >= count);
  const taken = (count: number) => until(() => lines.filter(({ json }) => json['delivered'] === true).length >= count);
  return { lines, seen, taken, stop, ended };
}

test('listen forwards what is told, in order and signed; a shop that is down is told of and tried again', async () => {
  const shop = await startShop();
  const listen = listening('--forward-to', shop.url, '--types', 'payment.succeeded,refund.succeeded');
  await listen.seen(1);
  shop.at.secret = String(listen.lines[0]?.json['secret']);
  const order = await begun('alipay');
  shop.at.isDown = true;
  await say('/v1/sandbox/pay', { order_no: order.orderNo });
  await own.world.alipay.pass(5 * s);
  good(await at.alipay.refund(order, `R-${order.orderNo}`, 100n));
  await own.world.alipay.pass(20 * s);
  await listen.seen(2);
  expect(listen.lines[1]?.json).toMatchObject({ delivered: false, http_status: 503, try: 1, again_in_ms: 500 });
  expect(listen.lines[1]?.lines[0]?.en).toMatch(/^msg_\S+ {2}payment\.succeeded .* HTTP 503 .*tried again in 0\.5 s$/);
  shop.at.isDown = false;
  await listen.taken(2);
  expect(shop.heard).toMatchObject([
    { type: 'payment.succeeded', orderNo: order.orderNo, id: listen.lines[1]?.json['event'] },
    { type: 'refund.succeeded', orderNo: order.orderNo },
  ]);
  listen.stop();
  expect(await listen.ended).toMatchObject({ exit: 130, json: { undelivered: [] } });
  await shop.close();
}, 30_000);

test('listen ends by naming what the shop did not take, and refuses addresses elsewhere', async () => {
  const shop = await startShop();
  await shop.close();
  const listen = listening('--forward-to', shop.url, '--since', '1d', '--types', 'payment.succeeded');
  await listen.seen(2);
  const event = listen.lines[1]?.json['event'];
  listen.stop();
  const end = await listen.ended;
  expect(end.exit).toBe(130);
  expect((end.json['undelivered'] as string[])[0]).toBe(event);
  expect(end.lines[1]?.en).toContain(`${String(event)}  payment.succeeded`);
  const refused = ['https://shop.example.com/hook', 'http://10.0.0.1/', 'nonsense'];
  for (const url of refused) await expect(listening('--forward-to', url).ended, url).rejects.toThrow('address_refused');
  await expect(listening().ended).rejects.toThrow('usage.bad_input');
}, 30_000);
