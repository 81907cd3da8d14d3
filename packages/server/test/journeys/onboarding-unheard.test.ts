// Goal: an acceptance run whose one message of the channel is lost says so and goes on: another payment takes its place, and all that was paid goes
// back. Who comes back after the order to close has ended is told, and begins another.
// Method: the simulated WeChat Pay never sends the message of the first payment; the clock is moved past the hour.
import { expect, test } from 'vitest';
import { numberToPay } from '../../src/onboarding/look.ts';
import { acceptAccount, lookAt } from '../../src/onboarding/index.ts';
import type { Accepted } from '../../src/onboarding/index.ts';
import { findOrder } from '../../src/payments/index.ts';
import { expectEqualBooks } from '../kit/pay-world.ts';
import { useWechatWorld } from '../kit/wechat-world.ts';
import { merchant, people } from '../stories/people.ts';

const own = useWechatWorld('2026-12-01 10:00:00');
const actor = { ...people.wang, roles: ['maker', 'finance', 'admin'] } as const;
const minute = 60_000;

async function accept(): Promise<Accepted> {
  const { app, accountId } = own.world;
  const accepted = await acceptAccount(
    { parts: app.payments, door: app.orders, transport: app.transport, actor },
    accountId,
  );
  if (!accepted.ok) throw new Error(accepted.refusal.code);
  return accepted.value;
}

const lineOf = ({ lines }: Pick<Accepted, 'lines'>, key: string) => lines.find((one) => one.key === key);

const waitingIn = ({ lines }: Accepted) => lines.filter(({ state }) => state === 'waiting').map(({ key }) => key);

async function serialOf(round: number): Promise<string> {
  const order = await findOrder(own.world.app, {
    merchantId: merchant,
    orderNo: numberToPay(own.world.accountId, round),
  });
  return order?.attempts.at(-1)?.serialNo ?? '';
}

async function acceptFor(rounds: number): Promise<Accepted> {
  let last = await accept();
  for (let round = 1; round < rounds; round += 1) {
    await own.world.pass(3 * minute);
    last = await accept();
  }
  return last;
}

test('a round that comes after the order to close has ended begins another, and says within how long it is to be called', async () => {
  await accept();
  await own.world.pass(45 * minute);
  const late = await accept();
  expect(lineOf(late, 'doubled')).toMatchObject({
    ...{ state: 'waiting', refusal: { code: 'onboarding.came_too_late', params: { minutes: 30 } } },
  });
  // Twenty-five minutes are in time.
  await own.world.pass(25 * minute);
  await accept();
  await own.world.pass(minute);
  const inTime = await accept();
  expect(lineOf(inTime, 'doubled')).toMatchObject({ state: 'green' });
});

test('a payment that no message told of within the hour gets a successor, and both go back', async () => {
  const { pass, post, accountId, app } = own.world;
  await acceptFor(2);
  const first = await serialOf(1);
  await post('/control/faults', [
    { fault: 'never_notify', match: { out_trade_nos: [first], event: 'paid' }, times: 99 },
  ]);
  await post('/control/openapi/pay', { out_trade_no: first });
  const early = await acceptFor(9);
  expect(waitingIn(early)).toEqual(['notice']);
  expect(lineOf(early, 'notice')).toEqual({ key: 'notice', state: 'waiting' });
  expect(early.toPay).toBeUndefined();

  await pass(60 * minute);
  const look = await lookAt(app.payments, actor, accountId);
  const code = 'onboarding.notice_missing';
  expect(look.ok && lineOf(look.value, 'notice')).toMatchObject({
    refusal: { code, params: { serial_no: first, address: expect.stringMatching(/^http/) as string } },
  });
  await acceptFor(2);
  const again = await accept();
  expect(again.toPay).toBeDefined();
  expect(lineOf(again, 'notice')).toMatchObject({ state: 'waiting', refusal: { code } });
  const second = await serialOf(2);
  expect(second).not.toBe(first);
  await post('/control/openapi/pay', { out_trade_no: second });
  const after = await acceptFor(5);
  expect(waitingIn(after)).toEqual([]);
  expect(await serialOf(3)).toBe('');
  await expectEqualBooks(own.world, accountId);
});
