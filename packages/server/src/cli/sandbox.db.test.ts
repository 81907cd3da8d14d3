// Goal: `liushui sandbox behave`, `behaviours` and `pay` say what was asked of the channel, and refuse in production.
// Method: the command line in this process, on a server with a simulated gateway and a moved clock.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import { stepsOn } from '../../test/kit/pay-steps.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';
import { wang, zhao } from '../../test/kit/world.ts';
import { proposeTerm } from '../contracts/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Answer } from './answer.ts';
import type { Session } from './session.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, states } = stepsOn(() => own.world);

const say = (more: Partial<Session>, ...words: string[]): Promise<Result<Answer>> =>
  typed(own.world.app, wang, ['sandbox', ...words], more);

const textOf = (result: Result<Answer>): string =>
  result.ok ? result.value.lines.map((line) => line.en.trimEnd()).join('\n') : result.refusal.code;

test('a channel is made to behave, paid at, and left alone again', async () => {
  const { order, serialNo } = await begin();
  const { orderNo } = order;
  expect(textOf(await say({}, 'behave', orderNo, 'never_notify'))).toBe(
    `alipay from now on: never_notify (${serialNo})`,
  );
  expect(textOf(await say({}, 'pay', orderNo))).toContain(`has paid ${orderNo} at the simulated alipay`);
  await own.world.pass(5000);
  expect((await states(order)).order).toBe('unpaid');
  expect(textOf(await say({}, 'behave', orderNo, '--lift'))).toBe('1 lifted.');
  expect(textOf(await say({}, 'behave', 'any', 'refuse', '--call', 'refund', '--times', '2'))).toBe(
    `alipay from now on: refuse (whatever is paid over ${own.world.accountId})`,
  );
  expect(textOf(await say({}, 'behave', 'any', '--lift'))).toBe('1 lifted.');
});

test('what can be asked for is a table, and what cannot is refused', async () => {
  expect(textOf(await say({}, 'behaviours'))).toMatch(
    /^ *book_then_hang +alipay, wechat +the channel does it and never answers$/m,
  );
  expect(textOf(await say({}, 'behave', 'any', 'set_paid'))).toBe('sandbox.no_behaviour');
  expect(textOf(await say({}, 'behave', 'any', 'refuse', '--times', '0'))).toBe('usage.bad_input');
  expect(textOf(await say({}, 'pay', 'NOPE'))).toBe('order.not_found');
  const stranger = { ...wang, merchants: ['other'] };
  expect(textOf(await say({ actor: stranger }, 'pay', 'A1'))).toBe('order.not_found');
});

test('whoever is bound to a merchant moves the one clock, and whoever is bound to none does not', async () => {
  expect(textOf(await say({}, 'clock', '--forward', '1m'))).toMatch(/^sandbox clock 2015-10-28 16:\d\d:\d\d /);
  const lost = { ...wang, merchants: [] };
  expect(textOf(await say({ actor: lost }, 'clock', '--forward', '1m'))).toBe('auth.merchant_missing');
});

const nextOf = (result: Result<Answer>): string | undefined => (result.ok ? result.value.next : result.refusal.code);

test('whoever plays the world for an acceptance run is led back to it, and its proofs open', async () => {
  const { app, accountId } = own.world;
  const accept = `liushui accounts accept ${accountId}`;
  expect(nextOf(await say({}, 'clock', '--forward', '1s'))).toBe('liushui jobs due');
  await typed(app, wang, ['accounts', 'accept', accountId]);
  await own.world.pass(1000);
  const other = await begin();
  expect(nextOf(await say({}, 'pay', other.order.orderNo))).toBe(`liushui show ${other.order.orderNo}`);
  expect(nextOf(await say({}, 'pay', `ACCEPT-${accountId}-PAY`))).toBe(accept);
  expect(nextOf(await say({}, 'clock', '--forward', '1s'))).toBe(accept);
  await own.world.pass(5000);
  const run = await typed(app, wang, ['accounts', 'accept', accountId]);
  const lines = (run.ok ? run.value.json['lines'] : []) as readonly { readonly key: string; readonly proof?: string }[];
  const proof = lines.find(({ key }) => key === 'query')?.proof ?? '';
  const shown = textOf(await typed(app, wang, ['show', proof]));
  expect(shown).toContain(`call ${proof}   account ${accountId}`);
  expect(shown).toMatch(/ended: answered {2}HTTP 200/);
  expect(shown).toContain(`GET /v1/exchanges/${proof}?reason=WHY`);
  expect(textOf(await typed(app, { ...wang, roles: ['viewer'] }, ['show', proof]))).toBe('auth.role_missing');
  expect(textOf(await typed(app, { ...wang, merchants: ['other'] }, ['show', proof]))).toBe('number.not_found');
});

test('whoever logs in while something waits for him is shown the list of it', async () => {
  const { app } = own.world;
  const doors = {
    firstLoginsFolder: () => app.config.dataFolder,
    loginFile: () => join(app.config.dataFolder, 'login'),
  };
  const login = async (actor: Actor) => nextOf(await typed(app, actor, ['login', 'token'], {}, { doors } as never));
  expect(await login(zhao)).toBe('liushui whoami');
  const above = { accountId: own.world.accountId, product: '*', scene: '*', source: 'contract' } as const;
  const term = { ...above, kind: 'refund_approval_above', value: { minor: 1 }, validFrom: app.clock.now() } as const;
  expect(await proposeTerm(app.customs, { ...wang, roles: ['finance'] }, term, { reason: 'x' })).toMatchObject({
    ok: true,
  });
  expect(await login(zhao)).toBe('liushui approvals list');
  expect(await login(wang)).toBe('liushui whoami');
});

test.each(['behave any refuse', 'behave any --lift', 'behaviours', 'pay A1'])(
  'production refuses `sandbox %s`',
  async (line) => {
    const result = await say({ sandboxDoors: undefined, sandbox: false }, ...line.split(' '));
    expect(textOf(result)).toBe('sandbox.only');
  },
);
