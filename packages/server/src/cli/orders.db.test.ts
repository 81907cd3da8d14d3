// Goal: from a list to the story to the act: orders and refunds at the command line, and a second person who lets a refund go.
// Method: the command line in this process, on a server with a simulated gateway and a moved clock.
import { beforeAll, expect, test } from 'vitest';
import { stepsOn } from '../../test/kit/pay-steps.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';
import { wang, zhao } from '../../test/kit/world.ts';
import { decideTerm, proposeTerm } from '../contracts/index.ts';
import type { Actor } from '../identity/index.ts';
import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Answer } from './answer.ts';
import { buildProgram } from './program.ts';
import type { Session, Use } from './session.ts';

const own = usePayWorld('2015-10-28 16:20:00');
const { begin, seen, pay, refund, policiesRead } = stepsOn(() => own.world);
const silent = (): void => undefined;
const stranger: Actor = { ...wang, merchants: ['other'] };

async function say(actor: Actor, ...words: string[]): Promise<Result<Answer>> {
  const session = { ...own.world.app, actor, sandbox: true, clockRuns: false } as unknown as Session;
  const use = { session: () => Promise.resolve(done(session)) } as unknown as Use;
  let result: Result<Answer> | undefined;
  const program = buildProgram(
    { lang: 'en', perform: async (_command, run, args, options) => void (result = await run(use, args, options)) },
    silent,
    silent,
  );
  await program.parseAsync(words, { from: 'user' });
  if (!result) throw new Error('nothing ran');
  return result;
}

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
      "you can: POST /v1/refunds/<id>/withdraw  take a refund back that was never sent",
      "you can: GET /v1/payments/<id>/refund-preview  see what a refund would bring, before it is asked for",
      "you can: POST /v1/payments/<id>/refunds  give money back",
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
