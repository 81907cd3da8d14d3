import { addAccount } from '../../src/accounts/index.ts';
import { openCases } from '../../src/cases/index.ts';
import { decideTerm, proposeTerm } from '../../src/contracts/index.ts';
import { emptySummary } from '../../src/customs/declaration.ts';
import { proposeRepush } from '../../src/customs/index.ts';
import { createUser, roles, systemActor } from '../../src/identity/index.ts';
import type { Actor } from '../../src/identity/index.ts';
import { lookOnce } from '../../src/incidents/index.ts';
import { CNY, hours, minutes, plus, Secret, seconds } from '../../src/kernel/index.ts';
import { decideEndpoint, notify, proposeEndpoint } from '../../src/notifications/index.ts';
import { noteFacts } from '../../src/onboarding/index.ts';
import { makePacks, openPackFile } from '../../src/packs/index.ts';
import { askRefund, cancelPayment, findOrder, handOutOf, startPayment } from '../../src/payments/index.ts';
import type { Order, PaymentWish } from '../../src/payments/index.ts';
import { tellNotice } from '../../src/routing/index.ts';
import { addReceiver, decideReceiver, makeShare } from '../../src/sharing/index.ts';
import { adopt, good, list, ordersOf, seed, triage } from '../journeys/steps.ts';
import { insertOpenShares } from './api-shares.ts';
import { plantDeclarations } from './declarations.ts';
import type { PayWorld } from './pay-world.ts';
import { md5Key, merchant, partner, wang, zhao } from './world.ts';
import type { World } from './world.ts';

/** Numbers and ids of one of everything that the API speaks of. Where there are several, each may be used up once. */
export type Things = {
  readonly merchant: string;
  readonly account: string;
  readonly orderNo: string;
  /** Its payer has not paid. */
  readonly orderToPay: string;
  readonly paid: string;
  readonly open: string;
  /** Of the open payment; nobody has paid. */
  readonly attempt: string;
  /** Cancelled by the shop, and not closed yet. */
  readonly cancelled: string;
  readonly refund: string;
  readonly refundAwaiting: string;
  readonly refundShort: string;
  /** The channel leaves it open. */
  readonly refundOpen: string;
  readonly surplusToKeep: string;
  readonly surplusToCredit: string;
  readonly surplusToRefund: string;
  readonly surplusLate: string;
  /** Its money is held to be shared. */
  readonly sharedOrder: string;
  readonly share: string;
  readonly sharePart: string;
  /** In doubt. */
  readonly shareOpen: string;
  readonly shareReturn: string;
  readonly receiver: string;
  readonly receiverToRemove: string;
  readonly report: string;
  readonly plan: string;
  readonly planToRefuse: string;
  readonly reportToPlan: string;
  readonly approval: string;
  readonly approvalToRefuse: string;
  readonly caseId: string;
  readonly incident: string;
  readonly pack: string;
  readonly packFile: string;
  readonly exchange: string;
  readonly endpoint: string;
  readonly message: string;
  readonly number: string;
  readonly notice: string;
  readonly statement: string;
  /** Every step of it is done but the last. */
  readonly accountToOpen: string;
  readonly user: string;
};

/** Ids in the form of ours that nothing has. */
export const nothing: Things = {
  ...{
    merchant: 'nobody',
    account: 'A99',
    accountToOpen: 'A99',
    orderNo: 'NOPE',
    orderToPay: 'NOPE',
    sharedOrder: 'NOPE',
    user: 'nobody',
    number: 'NOPE',
    packFile: 'none.csv',
  },
  ...{
    report: 'R-19990101-1',
    reportToPlan: 'R-19990101-1',
    plan: 'P-9999',
    planToRefuse: 'P-9999',
    caseId: 'C-9999',
    incident: 'I-9999',
  },
  statement: 'S-9999',
  ...{ pack: 'E-9999', endpoint: 'W-9999', notice: 'N-9999', message: 'msg_00000000000000000000000000000000' },
  ...{ approval: 'A-9999', approvalToRefuse: 'A-9999' },
  ...uuids(
    'paid',
    'open',
    'attempt',
    'cancelled',
    'refund',
    'refundAwaiting',
    'refundShort',
    'refundOpen',
    'surplusToKeep',
    'surplusToCredit',
  ),
  ...uuids('surplusToRefund', 'surplusLate', 'exchange'),
  ...uuids('share', 'sharePart', 'shareOpen', 'shareReturn', 'receiver', 'receiverToRemove'),
};

function uuids<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  const pairs = names.map((name) => [name, '00000000-0000-4000-8000-000000000000']);
  return Object.fromEntries(pairs) as Record<Name, string>;
}

export const everyone: Actor = { ...wang, userId: 'all', name: 'all', roles };

/** Fills a world with one of everything, by the ways that make them; a second merchant has nothing but its name. */
export async function makeThings(world: PayWorld): Promise<Things> {
  const { app, accountId } = world;
  await app.db.query(
    `insert into merchants (id, name_zh, name_en, created_at) values ('other', '别家', 'Another', now())`,
  );
  const stamp = { at: app.clock.now(), ids: app.customs.ids };
  const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
  const all = { id: 'all', name: 'all', roles, merchants: [merchant] };
  good(await app.db.transaction((tx) => createUser(tx, all, change, stamp)));
  const incident = await makeIncident(world);
  const customs = await makeCustoms(world);
  const webhooks = await makeWebhooks(world);
  const money = await makeMoney(world);
  const kind = { merchantId: merchant, kind: 'item.quarantined', subjectKind: 'declaration', bucket: 0 } as const;
  const [opened] = await app.db.transaction((tx) =>
    openCases(tx, [{ ...kind, subject: 'test', params: { count: 1 } }], app.clock.now()),
  );
  return {
    ...{ merchant, account: accountId, incident, caseId: opened?.id ?? '', user: 'wang' },
    ...{ notice: await makeNotice(world), statement: await makeStatement(world) },
    accountToOpen: await makeUnopened(world),
    ...{ ...customs, ...webhooks, ...money, ...(await makeShared(world)) },
  };
}

async function makeNotice({ app, clock }: PayWorld): Promise<string> {
  const about = { merchantId: merchant, channel: 'alipay', accountId: undefined, product: '*' } as const;
  const said = { effect: 'warning', text: 'refunds are slow', validFrom: clock.now(), validTo: undefined } as const;
  return good(await tellNotice(app.customs, everyone, { ...about, ...said })).id;
}

/** An account that declares and collects nothing: its opening needs no payment. */
async function makeUnopened({ app }: PayWorld): Promise<string> {
  const account = {
    ...{ merchantId: merchant, channel: 'alipay', name: 'to open' },
    settings: { partner: '2088000000000003', gateway_url: 'http://127.0.0.1:9/gateway.do' },
    secrets: { md5_key: new Secret('x'.repeat(32)) },
  };
  const { id } = good(await app.db.transaction((tx) => addAccount(tx, app.customs, account)));
  const facts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    entity: { category: 'not_needed', licence: 'not_needed' },
    mode: { mode: 'direct', agreement: 'paper', fee: 'not_needed' },
    addresses: { egress: '203.0.113.5', egress_state: 'confirmed' },
  };
  for (const [step, words] of Object.entries(facts))
    good(await noteFacts(app.payments, everyone, { accountId: id, step, words }));
  return id;
}

/** Of a day on which the channel says that nothing happened: made by hand, as this world's channel gives no statements. */
async function makeStatement({ app, accountId, clock }: PayWorld): Promise<string> {
  const [day, moment] = [app.customs.ids.next(), new Date(clock.now())];
  await app.db.query(
    `insert into statement_days (bucket, id, account_id, merchant_id, kind, day, state, ready_at, late_at, statement_id)
     values (0, $1, $2, $3, 'trade', '2015-10-27', 'empty', $4, $4, 'S-1')`,
    [day, accountId, merchant, moment],
  );
  await app.db.query(
    `insert into statements values ('S-1', 0, $1, 1, false, 0, 'none', '', $1, null, 'verified', $2, $2, 1, 0, '{}', null)`,
    [day, moment],
  );
  return 'S-1';
}

async function makeIncident({ app, clock, accountId }: PayWorld): Promise<string> {
  const now = clock.now();
  const group = { accountId, channel: 'alipay', place: 'ZONGSHU', from: plus(now, -hours(1)), everyMs: 3000 };
  const asked = 'case when n < 1000 then 10 end';
  await plantDeclarations(app.db, { ...group, count: 1200, answered: 'n < 900', askedAt: asked });
  await app.db.query(`update customs_declarations set summary = $1::jsonb || summary`, [JSON.stringify(emptySummary)]);
  await lookOnce(app.customs, plus(now, -minutes(1)));
  await lookOnce(app.customs, now);
  const [incident] = await app.db.query<{ id: string }>('select id from incidents');
  return incident?.id ?? '';
}

/** The steps of the customs journeys, which speak to two simulators; the port's own is not asked here. */
function customsWorld(world: PayWorld): World {
  const post: World['post'] = async (door, path, body) => (door === 'port' ? undefined : world.post(path, body));
  return { ...world, post, get: () => Promise.resolve(''), alipayUrl: '', portUrl: '' };
}

async function makeCustoms(payWorld: PayWorld) {
  const { app } = payWorld;
  await payWorld.post('/control/partners', [{ partner, md5_key: md5Key }]);
  const world = customsWorld(payWorld);
  const orders = ordersOf(1, 3);
  await seed(world, orders);
  await adopt(world, orders);
  const { id: report } = await list(world, orders);
  await triage(world, report);
  const reports: string[] = [];
  for (const one of orders) {
    const { id } = await list(world, [one]);
    await triage(world, id);
    reports.push(id);
  }
  const [first = '', second = '', reportToPlan = ''] = reports;
  const plan = async (reportId: string): Promise<string> =>
    good(await proposeRepush(app.customs, everyone, { reportId }, { reason: 'test' })).plan.id;
  const { packs } = good(await makePacks(app.customs, wang, report, {}));
  const pack = packs[0]?.id ?? '';
  const [file] = await app.db.query<{ name: string }>(
    'select name from evidence_pack_files where pack_id = $1 order by name',
    [pack],
  );
  good(await openPackFile(app.customs, wang, pack, file?.name ?? ''));
  const [exchange] = await app.db.query<{ id: string }>('select id from exchanges order by id limit 1');
  return {
    ...{ report, reportToPlan, plan: await plan(first), planToRefuse: await plan(second) },
    number: orders[0]?.orderNo ?? '',
    ...{ pack, packFile: file?.name ?? '', exchange: exchange?.id ?? '' },
  };
}

async function makeWebhooks({ app }: PayWorld) {
  const propose = async (path: string) =>
    good(
      await proposeEndpoint(
        app.webhooks,
        everyone,
        { merchantId: merchant, url: `http://127.0.0.1:9/${path}`, types: undefined },
        'test',
      ),
    );
  const live = await propose('live');
  good(await decideEndpoint(app.webhooks, zhao, live.approvalId, 'approve', ''));
  const event = { merchantId: merchant, type: 'incident.opened', subject: 'I-1', data: { incident: 'I-1' } } as const;
  await app.db.transaction((tx) => notify(tx, [event], app.clock.now()));
  const [told] = await app.db.query<{ id: string }>('select id from webhook_events order by at desc limit 1');
  const [approval, approvalToRefuse] = [await propose('next'), await propose('never')];
  return {
    ...{ endpoint: live.id, message: told?.id ?? '' },
    ...{ approval: approval.approvalId, approvalToRefuse: approvalToRefuse.approvalId },
  };
}

/** The channel answers neither the refund nor what is asked about it. */
async function leftOpen({ pass, post, remove }: PayWorld, refund: () => Promise<string>): Promise<string> {
  const silent = ['refund', 'fastpay.refund.query'].map((method) => {
    return { id: `silent-${method}`, fault: 'system_error_not_booked', times: 99, match: { method } };
  });
  await post('/control/faults', silent);
  const id = await refund();
  await pass(seconds(5));
  for (const fault of silent) await remove(`/control/faults/${fault.id}`);
  return id;
}

async function makeMoney(world: PayWorld) {
  const { app, accountId, pass, post } = world;
  await requireTwo(world);
  const paid = await paidOrder(world, 'PAID');
  const doubled = await Promise.all(['KEEP', 'CREDIT', 'BACK'].map((no) => paidOrder(world, no, 2)));
  const late = await lateOrder(world);
  const refund = async (order: Order, no: string, minor: bigint): Promise<string> => {
    const amount = { minor, currency: CNY };
    const ask = { order, paymentId: order.payments[0]?.id ?? '', shopRefundNo: no, reason: 'test', amount };
    return good(await askRefund(app.payments, app.orders, wang, ask)).refund.id;
  };
  const refunded = await refund(paid, 'R1', 100n);
  await pass(seconds(5));
  const refundAwaiting = await refund(await seen(world, 'PAID'), 'R2', 6000n);
  const [account] = await app.db.query<{ seller: string }>(
    `select settings->>'seller_id' as seller from channel_accounts where id = $1`,
    [accountId],
  );
  await post('/control/openapi/balance', { seller_id: account?.seller, balance: '0.00' });
  const refundShort = await refund(await seen(world, 'PAID'), 'R3', 100n);
  await pass(seconds(5));
  await post('/control/openapi/balance', { seller_id: account?.seller, balance: '1000000.00' });
  const refundOpen = await leftOpen(world, () => refund(doubled[0] ?? paid, 'R4', 100n));
  const open = await begin(world, { orderNo: 'OPEN' });
  const { order } = await begin(world, { orderNo: 'CANCELLED' });
  const cancelled = order.payments[0]?.id ?? '';
  await begin(world, { orderNo: 'TO-PAY' });
  good(await cancelPayment(app.orders, wang, order, cancelled));
  return {
    ...{ orderNo: 'PAID', paid: paid.payments[0]?.id ?? '', open: open.order.payments[0]?.id ?? '', cancelled },
    attempt: open.order.attempts[0]?.id ?? '',
    ...{ refund: refunded, refundAwaiting, refundShort, refundOpen, surplusLate: late, account: accountId },
    ...{ surplusToKeep: doubled[0]?.surplus[0]?.id ?? '', surplusToCredit: doubled[1]?.surplus[0]?.id ?? '' },
    ...{ surplusToRefund: doubled[2]?.surplus[0]?.id ?? '', orderToPay: 'TO-PAY' },
  };
}

/** A share of a paid order, and a part that came back: by hand, as at this world's channel nothing comes back by a call of its own. */
async function makeShared(world: PayWorld) {
  const { app, accountId, pass, post } = world;
  const bound = async (account: string): Promise<string> => {
    const wish = { kind: 'userId', account: new Secret(account) };
    const { receiver, approvalId = '' } = good(await addReceiver(app.payments, wang, accountId, wish, 'test'));
    good(await decideReceiver(app.payments, zhao, approvalId, 'approve', ''));
    return receiver.id;
  };
  const [receiver, receiverToRemove] = [await bound('2088000000000777'), await bound('2088000000000888')];
  const { attempt } = await begin(world, { orderNo: 'SHARED', shares: true });
  await post('/control/openapi/pay', { out_trade_no: attempt.serialNo });
  await pass(seconds(10));
  const { share } = good(
    await makeShare(app.payments, wang, {
      ...{ order: await seen(world, 'SHARED'), shopShareNo: 'S1', releasesRest: false, reason: 'test' },
      parts: [{ receiver, amount: { minor: 100n, currency: CNY } }],
    }),
  );
  await pass(seconds(10));
  const sharePart = share.parts[0]?.id ?? '';
  const open = await insertOpenShares(app, share.id, sharePart);
  return { sharedOrder: 'SHARED', share: share.id, sharePart, ...open, receiver, receiverToRemove };
}

/** Refunds above 50 yuan take two people here, and what came twice waits for people. */
async function requireTwo({ app, accountId, clock }: PayWorld): Promise<void> {
  const lin: Actor = { ...wang, userId: 'all', roles: ['finance'] };
  const given = { accountId, product: '*', scene: '*', source: 'contract', validFrom: clock.now() };
  for (const [kind, value] of [
    ['refund_approval_above', { minor: 5000 }],
    ['surplus', { policy: 'keep', delay_seconds: 0 }],
  ] as const) {
    const asked = good(await proposeTerm(app.customs, lin, { ...given, kind, value }, { reason: 'test' }));
    good(await decideTerm(app.customs, zhao, asked.approvalId, 'approve', ''));
  }
}

export async function seen({ app }: PayWorld, orderNo: string): Promise<Order> {
  const order = await findOrder(app, { merchantId: merchant, orderNo });
  if (!order) throw new Error(`no order ${orderNo}`);
  return order;
}

async function begin({ app, accountId }: PayWorld, wish: Pick<PaymentWish, 'orderNo'> & Partial<PaymentWish>) {
  const amount = { minor: 10_000n, currency: CNY };
  const full = { merchantId: merchant, amount, subject: '测试商品', accountId, product: 'page', ...wish };
  const started = good(await startPayment(app.payments, app.orders, wang, full));
  const handOut = await handOutOf(app.payments, started.attempt);
  if (handOut?.kind === 'url') await fetch(handOut.url, { redirect: 'manual' });
  return started;
}

/** Paid by one attempt, or by two at once. */
async function paidOrder(world: PayWorld, orderNo: string, times = 1): Promise<Order> {
  const serialNos: string[] = [];
  for (const product of ['page', 'wap'].slice(0, times))
    serialNos.push((await begin(world, { orderNo, product, keepOthers: true })).attempt.serialNo);
  // Not before all are begun: time that passes elsewhere tells us of the first.
  for (const serialNo of serialNos) await world.post('/control/openapi/pay', { out_trade_no: serialNo });
  await world.pass(seconds(10));
  return seen(world, orderNo);
}

/** Closed at the channel, as everybody said; and then it says that it was paid. */
async function lateOrder(world: PayWorld): Promise<string> {
  const { app, clock } = world;
  const { order, attempt } = await begin(world, { orderNo: 'LATE' });
  await world.post('/control/openapi/open', { out_trade_no: attempt.serialNo });
  await world.pass(minutes(2));
  good(await cancelPayment(app.orders, wang, order, order.payments[0]?.id ?? ''));
  await world.pass(seconds(10));
  const facts = { serialNo: attempt.serialNo, tradeNo: '2015102822001400000000009999', amount: attempt.amount };
  const outcome = {
    kind: 'succeeded',
    facts: { ...facts, received: attempt.amount, paidAt: clock.now(), channelStatus: '' },
  } as const;
  const heard = { by: 'query', outcome, trust: 'verified', heardAt: clock.now() } as const;
  good(await app.orders.tell({ key: order, kind: 'heard', attemptId: attempt.id, heard }));
  return (await seen(world, 'LATE')).surplus[0]?.id ?? '';
}
