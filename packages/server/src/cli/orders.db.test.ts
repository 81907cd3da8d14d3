// Goal: from a list to the story to the act: orders and refunds at the command line, and a second person who lets a refund go.
// Method: the command line in this process, on a server with a simulated gateway and a moved clock.
import { beforeAll, expect, test } from 'vitest';
import { typed } from '../../test/kit/cli.ts';
import { stepsOn } from '../../test/kit/pay-steps.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';
import { wang, zhao } from '../../test/kit/world.ts';
import { decideTerm, proposeTerm } from '../contracts/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Answer } from './answer.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, seen, pay, refund, policiesRead } = stepsOn(() => own.world);
const stranger: Actor = { ...wang, merchants: ['other'] };

const say = (actor: Actor, ...words: string[]): Promise<Result<Answer>> => typed(own.world.app, actor, words);

async function good(actor: Actor, ...words: string[]): Promise<Answer> {
  const result = await say(actor, ...words);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

const english = ({ lines }: Answer): string => lines.map((line) => line.en.trimEnd()).join('\n');

let approval = '';

beforeAll(async () => {
  const { app, accountId } = own.world;
  const given = { accountId, product: '*', scene: '*', source: 'contract', validFrom: app.clock.now() } as const;
  const above = { ...given, kind: 'refund_approval_above', value: { minor: 5000 } } as const;
  const proposed = await proposeTerm(app.customs, { ...wang, roles: ['finance'] }, above, { reason: 'test' });
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  await decideTerm(app.customs, zhao, proposed.value.approvalId, 'approve', '');
  await own.world.pass(120_000);
  await policiesRead();
  const { order, serialNo } = await begin({ orderNo: 'A-1' });
  await pay(serialNo);
  await own.world.pass(2000);
  await begin({ orderNo: 'A-2' });
  const asked = await refund(order, 'R-1', 9000n);
  approval = asked.ok ? (asked.value.refund.approvalId ?? '') : '';
}, 120_000);

test('orders are listed newest first, with what came in and how they stand; another merchant sees none', async () => {
  const answer = await good(wang, 'orders', 'list');
  expect(english(answer)).toMatchInlineSnapshot(`
    " ordered              order      due  received  given back  surplus held  state
     2015-10-28 16:22:02  A-2    ¥100.00     ¥0.00       ¥0.00         ¥0.00  unpaid
     2015-10-28 16:22:00  A-1    ¥100.00   ¥100.00       ¥0.00         ¥0.00  paid"
  `);
  expect(answer.next).toBe('liushui show A-2');
  const paid = await good(wang, 'orders', 'list', '--state', 'paid', '--limit', '1');
  expect(paid.json).toMatchObject({ orders: [{ order_no: 'A-1', state: 'paid', received: 10_000n }] });
  expect(english(await good(stranger, 'orders', 'list'))).toBe('No orders like that.');
  expect(english(await good(stranger, 'refunds', 'list'))).toBe('No refunds like that.');
  expect(await say(wang, 'orders', 'list', '--state', 'lost')).toMatchObject({ refusal: { code: 'usage.bad_input' } });
  expect(await say(wang, 'orders', 'list', '--limit', '0')).toMatchObject({ refusal: { code: 'usage.bad_input' } });
});

test('a refund leads from the list to its order, and from there to the second person', async () => {
  const list = await good(wang, 'refunds', 'list', '--state', 'awaiting_approval');
  expect(list.next).toBe('liushui show R-1');
  const shown = await good(wang, 'show', 'R-1');
  expect(shown.next).toBe(`liushui approvals approve ${approval}`);
  const ids = await seen({ orderNo: 'A-1' });
  const steady = [...ids.payments, ...ids.refunds].reduce(
    (text, { id }) => text.replaceAll(id, '<id>'),
    english(shown),
  );
  const [attempt] = ids.attempts;
  const head = steady
    .replaceAll(attempt?.serialNo ?? '', '<serial>')
    .replaceAll(attempt?.tradeNo ?? '', '<trade>')
    .replaceAll(ids.refunds[0]?.refundNo ?? '', '<refund>');
  expect(head.split('\n').filter((line) => !/^ (2015|\s{10})/.test(line))).toMatchInlineSnapshot(`
    [
      "R-1  refund number, 1 record",
      "Order A-1   demo   ¥100.00 due   paid 2015-10-28 16:22:00   "测试商品"",
      "received ¥100.00   refunded ¥0.00   surplus held ¥0.00   surplus returned ¥0.00",
      " payment    <id>  ¥100.00  paid                       2015-10-28 16:22:01",
      " attempt 1  <serial>                  ¥100.00  succeeded                  2015-10-28 16:22:01  Alipay Web page                     received ¥100.00, fee ¥0.60  trade <trade>  payer 159****5620",
      " refund     R-1                                   ¥90.00   waits for a second person                       refund serial <refund>  fee back ¥0.00",
      "next 2015-10-28 18:22:02  refund R-1 waits for a second person, A-2; it lapses then",
      "you can: liushui refunds withdraw R-1  take a refund back that was never sent",
      "you can: liushui refunds create A-1 REFUND_NO --dry-run  see what a refund would bring, before it is asked for",
      "you can: liushui refunds create A-1 REFUND_NO  give money back",
      "",
      "Times are Beijing time (GMT+8)",
    ]
  `);
  expect(shown.json['numbers']).toMatchObject([
    { stories: [{ kind: 'order', due: 10_000n, refunds: [{ refund_no: 'R-1' }] }] },
  ]);
});

test('approved at the command line, the refund goes; refused, it is withdrawn', async () => {
  expect(await say(wang, 'approvals', 'approve', approval)).toMatchObject({ ok: false });
  const answer = await good(zhao, 'approvals', 'approve', approval);
  expect(answer.next).toMatch(/^liushui show /);
  await own.world.pass(60_000);
  const order = await seen({ orderNo: 'A-1' });
  expect(order.refunds.map(({ state }) => state)).toEqual(['refunded']);
  const { serialNo } = (await begin({ orderNo: 'A-3' })).attempt;
  await pay(serialNo);
  await own.world.pass(2000);
  const asked = await refund({ orderNo: 'A-3' }, 'R-3');
  const second = asked.ok ? (asked.value.refund.approvalId ?? '') : '';
  await good(zhao, 'approvals', 'refuse', second, '--reason', 'the buyer keeps it');
  expect((await seen({ orderNo: 'A-3' })).refunds.map(({ state }) => state)).toEqual(['cancelled']);
});

const codeOf = async (actor: Actor, ...words: string[]): Promise<string> => {
  const result = await say(actor, ...words);
  return result.ok ? 'done' : result.refusal.code;
};

const acts = (subject: string) =>
  own.world.app.db.query('select act, actor, door, reason from audit_entries where subject = $1 order by at, id', [
    subject,
  ]);

test('an order is cancelled and kept by who says why, and a dry run does nothing', async () => {
  const { order } = await begin({ orderNo: 'A-4' });
  expect(await codeOf(wang, 'orders', 'cancel', 'A-4')).toBe('usage.option_missing');
  expect(await codeOf(stranger, 'orders', 'cancel', 'A-4', '--reason', 'x')).toBe('order.not_found');
  expect(await codeOf(zhao, 'orders', 'cancel', 'A-4', '--reason', 'x')).toBe('auth.role_missing');
  expect(english(await good(wang, 'orders', 'cancel', 'A-4', '--dry-run'))).toMatch(
    /^Order A-4: unpaid\nNothing was done/,
  );
  expect((await seen(order)).payments[0]?.state).toBe('open');
  const cancelled = await good(wang, 'orders', 'cancel', 'A-4', '--reason', 'sold out');
  expect(cancelled).toMatchObject({ exit: 4, json: { order_no: 'A-4', state: 'cancelled', closing: true } });
  expect(english(await good(wang, 'show', 'A-4'))).toContain('you can: liushui orders keep A-4');
  expect((await good(wang, 'orders', 'keep', 'A-4', '--reason', 'found one')).json).toMatchObject({ state: 'unpaid' });
  expect(await acts(order.payments[0]?.id ?? '')).toEqual([
    { act: 'payment.cancelled', actor: 'wang', door: 'cli', reason: 'sold out' },
    { act: 'payment.kept', actor: 'wang', door: 'cli', reason: 'found one' },
  ]);
});

test('a refund is looked at first, asked for once under its number, withdrawn while it waits, and goes on after a top-up', async () => {
  const { serialNo } = await begin({ orderNo: 'A-5' });
  await pay(serialNo);
  await own.world.pass(2000);
  const create = (no: string, amount: string, ...more: string[]) => [
    'refunds',
    'create',
    'A-5',
    no,
    '--amount',
    amount,
    ...more,
  ];
  const looked = await good(wang, ...create('R-5', '60.00', '--dry-run'));
  expect(looked.json).toMatchObject({ amount: 6000n, refundable: 10_000n, needs_two: true });
  expect((await seen({ orderNo: 'A-5' })).refunds).toEqual([]);
  expect(await codeOf(wang, ...create('R-5', '6o', '--reason', 'x'))).toBe('usage.bad_input');
  const asked = await good(wang, ...create('R-5', '60.00', '--reason', 'broken'));
  expect(asked).toMatchObject({ exit: 4, json: { refund_no: 'R-5', state: 'awaiting_approval' } });
  expect(await good(wang, ...create('R-5', '60.00', '--reason', 'broken'))).toMatchObject({ json: asked.json });
  expect((await good(wang, 'refunds', 'withdraw', 'R-5', '--reason', 'he keeps it')).json).toMatchObject({
    state: 'cancelled',
  });
  const [account] = await own.world.app.db.query<{ seller: string }>(
    `select settings->>'seller_id' as seller from channel_accounts where id = $1`,
    [own.world.accountId],
  );
  const hold = (balance: string) => own.world.post('/control/openapi/balance', { seller_id: account?.seller, balance });
  await hold('0.00');
  await good(wang, ...create('R-6', '10.00', '--reason', 'scratched'));
  await own.world.pass(5000);
  await hold('1000000.00');
  expect((await good(wang, 'refunds', 'topped-up', 'R-6', '--reason', 'paid in')).json).toMatchObject({
    state: 'submitting',
  });
  await own.world.pass(60_000);
  const { refunds } = await seen({ orderNo: 'A-5' });
  expect(refunds.map(({ state }) => state)).toEqual(['cancelled', 'refunded']);
  expect((await acts(refunds[1]?.id ?? '')).map((one) => one['act'])).toEqual(['refund.created', 'refund.topped_up']);
});

test('a surplus is found by its order, and sent back once a second person agreed; what cannot be adopted is refused', async () => {
  const first = await begin({ orderNo: 'A-6' });
  const second = await begin({ orderNo: 'A-6', product: 'wap', keepOthers: true });
  await pay(first.serialNo);
  await pay(second.serialNo);
  await own.world.pass(2000);
  const [surplus] = (await seen({ orderNo: 'A-6' })).surplus;
  const list = await good(wang, 'surplus', 'list', '--state', 'held');
  expect(list.json).toMatchObject({ surplus: [{ surplus: surplus?.id, order_no: 'A-6', amount: 10_000n }] });
  expect(await codeOf(wang, 'surplus', 'adopt', 'A-6', '--reason', 'x')).toBe('surplus.not_adoptable');
  const asked = await good(wang, 'surplus', 'refund', 'A-6', '--reason', 'he called');
  expect(asked).toMatchObject({ exit: 4, json: { surplus: surplus?.id, verdict: 'person_refund', state: 'asked' } });
  await good(zhao, 'approvals', 'approve', String(asked.json['approval']));
  await own.world.pass(60_000);
  expect((await seen({ orderNo: 'A-6' })).surplus.map(({ state }) => state)).toEqual(['returned']);
  expect(await codeOf(wang, 'surplus', 'keep', surplus?.id ?? '', '--reason', 'x')).toBe('surplus.resolved');
});
