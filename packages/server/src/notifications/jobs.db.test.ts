import { expect, test } from 'vitest';
import { isSigned } from '../../test/kit/receiver.ts';
import { good, incident, useWebhookWorld } from '../../test/kit/webhook-world.ts';
import { merchant, wang } from '../../test/kit/world.ts';
import { listCases } from '../cases/index.ts';
import { days, hours, minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { Worker } from '../platform/worker.ts';
import type { LaneWork } from '../platform/worker.ts';
import { redeliver, rotateSecret } from './commands.ts';
import { pausesMs } from './delivery.ts';
import { webhookWorks } from './jobs.ts';
import { readLog } from './log-store.ts';
import { testEndpoint } from './test-endpoint.ts';

const own = useWebhookWorld('2015-10-28 16:20:00');
const all = { merchants: 'all', limit: 100 } as const;
const openCases = () => listCases(own.world.app.db, { merchants: [merchant], state: 'open', limit: 100 });

test('a message arrives once, signed over its bytes, with money as integers', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  const { id, secret } = await world.endpoint(receiver.url);
  await world.tell(incident(1));
  await world.pass(days(4));
  const [message, ...more] = receiver.received;
  expect(more).toEqual([]);
  expect(JSON.parse(message!.body)).toEqual({
    type: 'incident.opened',
    timestamp: '2015-10-28T16:20:00+08:00',
    data: { incident: 'I-1', members: 412, minor: 17_304_000, currency: 'CNY' },
  });
  expect(isSigned(message!, secret, plus(world.clock.now(), -days(4)))).toBe(true);
  expect(isSigned({ ...message!, body: `${message!.body} ` }, secret, plus(world.clock.now(), -days(4)))).toBe(false);
  expect(message!.headers['content-type']).toBe('application/json');
  const [logged] = await readLog(world.app.db, all);
  expect(logged).toMatchObject({ messageId: message!.headers['webhook-id'], endpointId: id, state: 'delivered' });
  expect(logged?.tries).toMatchObject([{ try: 1, kind: 'answered', httpStatus: 200 }]);
});

test('what is not taken is tried again by the schedule, under one id, for more than three days; then it is dead and a case', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  receiver.answer = () => ({ status: 503, body: 'x'.repeat(600) });
  const { id, secret } = await world.endpoint(receiver.url, ['incident.opened']);
  const start = world.clock.now();
  const moments: Instant[] = [];
  receiver.answer = (request) => {
    moments.push(world.clock.now());
    expect(isSigned(request, secret, world.clock.now())).toBe(true);
    return { status: 503, body: 'x'.repeat(600) };
  };
  await world.tell(incident(2));
  await world.pass(days(10));
  let sum = 0;
  expect(moments.map((moment) => moment - start)).toEqual([0, ...pausesMs.map((pause) => (sum += pause))]);
  expect(sum).toBeGreaterThanOrEqual(days(3));
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const [logged] = await readLog(world.app.db, all);
  expect(logged).toMatchObject({ state: 'dead', failures: 10 });
  expect(logged?.tries.map((one) => [one.httpStatus, one.words.length])).toEqual(Array(10).fill([503, 500]));
  expect(await openCases()).toMatchObject([
    { kind: 'webhook.dead', subject: id, params: { endpoint: id, url: receiver.url, error: 'HTTP 503' } },
  ]);

  receiver.answer = () => ({ status: 204 });
  expect(good(await redeliver(world.app.webhooks, wang, id, 'mended'))).toEqual({ deliveries: 1 });
  await world.pass(minutes(1));
  expect(await readLog(world.app.db, all)).toMatchObject([{ state: 'delivered', messageId: logged?.messageId }]);
  expect(await openCases()).toEqual([]);
});

test('a redirect is not followed, a close without an answer is no delivery, and 410 switches the endpoint off with a case', async () => {
  const { world } = own;
  const [receiver, elsewhere] = [await world.receiver(), await world.receiver()];
  const { id } = await world.endpoint(receiver.url, ['incident.opened']);
  const answers = [{ status: 302, to: elsewhere.url }, { status: 410 }];
  receiver.answer = () => answers.shift() ?? { status: 200 };
  await world.tell(incident(3));
  await world.pass(seconds(4));
  expect(await readLog(world.app.db, all)).toMatchObject([{ state: 'waiting', tries: [{ httpStatus: 302 }] }]);
  await world.pass(minutes(10));
  await world.tell(incident(4));
  await world.pass(days(4));
  expect([receiver.received.length, elsewhere.received.length]).toEqual([2, 0]);
  expect(await readLog(world.app.db, all)).toMatchObject([{ subject: 'I-3', state: 'dead' }]);
  expect(await world.query('select state, off_why from webhook_endpoints')).toEqual([
    { state: 'off', off_why: 'HTTP 410' },
  ]);
  expect(await openCases()).toMatchObject([{ kind: 'webhook.dead', subject: id }]);
});

test('while a secret is replaced each message is signed with both, afterwards with the new one alone', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  const { id, secret } = await world.endpoint(receiver.url);
  const signedWith = async (number: number, other: string): Promise<boolean[]> => {
    await world.tell(incident(number));
    await world.pass(seconds(1));
    return [secret, other].map((one) => isSigned(receiver.received.at(-1)!, one, world.clock.now()));
  };
  expect(await signedWith(5, '')).toEqual([true, false]);
  const rotated = good(await rotateSecret(world.app.webhooks, wang, id, hours(24), 'yearly'));
  expect(await signedWith(6, rotated.secret)).toEqual([true, true]);
  await world.pass(hours(24));
  expect(await signedWith(7, rotated.secret)).toEqual([false, true]);
});

test('a receiver that hangs is cut off after ten seconds and keeps no other waiting', async () => {
  const { world } = own;
  const [hung, quick] = [await world.receiver(), await world.receiver()];
  hung.answer = () => 'hang';
  const first = await world.endpoint(hung.url);
  await world.endpoint(quick.url);
  const start = world.clock.now();
  const arrived: number[] = [];
  quick.answer = () => (arrived.push(world.clock.now() - start), { status: 200 });
  // The second is told while the first message still hangs.
  const later = async (): Promise<void> => {
    await world.tell(incident(9));
    world.app.worker.nudge();
  };
  world.clock.callAt(plus(start, seconds(2)), () => void world.clock.busy(later));
  await world.tell(incident(8));
  await world.pass(seconds(12));
  const tries = await readLog(world.app.db, { ...all, about: first.id });
  expect(tries.at(-1)?.tries[0]).toMatchObject({
    kind: 'silent',
    words: expect.stringContaining('10000 ms') as string,
  });
  expect(arrived).toEqual([0, seconds(2)]);
});

test('killed after the answer and before its commit, a message is sent again under its id; none is lost', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  const { id } = await world.endpoint(receiver.url);
  await world.tell(incident(10));
  const { app, clock } = world;
  const [work] = webhookWorks({ ...app.webhooks, owner: 'dies' }) as [LaneWork];
  const dies: LaneWork = { ...work, hear: () => Promise.reject(new Error('killed')) };
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const { db, transport } = app;
  await new Worker({ db, clock, transport, works: [dies], owner: 'dies', onError }).runDue();
  expect(errors.map(String)).toEqual(['Error: killed']);
  await world.pass(minutes(5));
  expect(receiver.received).toHaveLength(2);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const [logged] = await readLog(db, { ...all, about: id });
  expect(logged?.tries.map((one) => one.kind)).toEqual([undefined, 'answered']);
  expect(logged).toMatchObject({ state: 'delivered', failures: 0 });
});

test('tries that nobody heard do not shorten the three days', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  receiver.answer = () => ({ status: 500 });
  await world.endpoint(receiver.url, ['incident.opened']);
  await world.tell(incident(11));
  await world.query('update webhook_deliveries set tries = 9, failures = 9');
  await world.pass(hours(1));
  expect(await readLog(world.app.db, all)).toMatchObject([{ state: 'waiting', failures: 10 }]);
  await world.pass(days(4));
  expect(await readLog(world.app.db, all)).toMatchObject([{ state: 'dead', failures: 13 }]);
});

test('a test is sent at once and told as it ended; it is never tried again and never a dead letter', async () => {
  const { world } = own;
  const receiver = await world.receiver();
  const { id, secret } = await world.endpoint(receiver.url);
  const { webhooks, transport } = world.app;
  const tested = good(await testEndpoint(webhooks, transport, wang, id));
  expect(tested).toMatchObject({ id, delivered: true, httpStatus: 200, words: '' });
  expect(isSigned(receiver.received[0]!, secret, world.clock.now())).toBe(true);
  expect(receiver.received[0]?.headers['webhook-id']).toBe(tested.messageId);
  receiver.answer = () => ({ status: 401, body: 'bad signature' });
  const again = good(await testEndpoint(webhooks, transport, wang, id));
  expect(again).toMatchObject({ delivered: false, httpStatus: 401, words: 'bad signature' });
  receiver.close();
  expect(good(await testEndpoint(webhooks, transport, wang, id))).toMatchObject({ delivered: false });
  expect(good(await redeliver(webhooks, wang, id, ''))).toEqual({ deliveries: 0 });
  await world.pass(days(4));
  expect(receiver.received).toHaveLength(2);
  expect(await openCases()).toEqual([]);
});
