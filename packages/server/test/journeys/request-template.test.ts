// Goal: a way of making request numbers is believed only when the channel knows ten of them as the declarations of their rows.
// Method: server and simulator; payments without request numbers are imported with templates right and wrong.
import { expect, test } from 'vitest';
import { importPayments } from '../../src/customs/index.ts';
import { minutes, plus } from '../../src/kernel/index.ts';
import { at, merchant, partner, useWorld, wang } from '../kit/world.ts';

const start = '2015-10-28 16:20:00';
const own = useWorld(start);
const paidAt = at('2015-10-27 20:00:00');

type Order = { readonly orderNo: string; readonly tradeNo: string };

const ordersOf = (from: number, count: number): Order[] =>
  Array.from({ length: count }, (_, index) => ({
    orderNo: `20151027200000${String(from + index).padStart(6, '0')}`,
    tradeNo: `20151027000010006300011${String(from + index).padStart(5, '0')}`,
  }));

/** Alipay has declared them under `LS` and the order number; `amountOf` lets some records differ. */
async function seed(orders: readonly Order[], amountOf: (index: number) => string = () => '420.00'): Promise<void> {
  const payer = { name: '测试', id_no: '999999190001010015' };
  const trades = orders.map(({ orderNo, tradeNo }) => ({
    ...{ partner, trade_no: tradeNo, out_trade_no: orderNo, amount: '420.00', paid_at: paidAt, payer },
  }));
  await own.world.post('alipay', '/control/trades', trades);
  const terms = { partner, place: 'ZONGSHU', customs_code: '3301TEST01', customs_name: '测试公司' };
  const declared = orders.map(({ orderNo, tradeNo }, index) => ({
    ...{ ...terms, amount: amountOf(index), trade_no: tradeNo, accepted_at_ms: paidAt + 60_000 },
    out_request_no: `LS${orderNo}`,
  }));
  await own.world.post('alipay', '/control/declarations', declared);
}

const importWith = (orders: readonly Order[], requestNoTemplate: string) => {
  const { app, accountId } = own.world;
  const head = 'order_no,place,customs_code,customs_name,declared_amount,is_split,trade_no,paid_at\n';
  const rows = orders.map(
    ({ orderNo, tradeNo }) => `${orderNo},ZONGSHU,3301TEST01,测试公司,420.00,F,${tradeNo},2015-10-27 20:00:00`,
  );
  const bytes = Buffer.from(head + rows.join('\n'));
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', bytes, defaults: {}, requestNoTemplate };
  return importPayments({ ...app.customs, transport: app.transport }, wang, file);
};

const declarationsOf = (orders: readonly Order[]) =>
  own.world.app.db.query<{ order_no: string; request_no: string | null; state: string; facts: string[] | null }>(
    `select d.order_no, d.request_no, d.state, (
       select array_agg(f.kind order by f.kind) from customs_facts f
       where f.bucket = d.bucket and f.declaration_id = d.id) as facts
     from customs_declarations d where order_no = any($1::text[]) order by order_no`,
    [orders.map((order) => order.orderNo)],
  );

const callsOf = async (orders: readonly Order[]): Promise<{ exchanges: number; subjects: number }> => {
  const [row] = await own.world.app.db.query<{ exchanges: bigint; subjects: bigint }>(
    `select count(distinct s.exchange_id) as exchanges, count(*) as subjects from exchange_subjects s
     join customs_declarations d on d.bucket = s.bucket and d.id = s.subject where d.order_no = any($1::text[])`,
    [orders.map((order) => order.orderNo)],
  );
  return { exchanges: Number(row?.exchanges), subjects: Number(row?.subjects) };
};

test('ten are asked in one call, all agree, and every row gets its number', async () => {
  const orders = ordersOf(100, 23);
  await seed(orders);
  const imported = await importWith(orders, 'LS{order_no}');
  expect(imported).toMatchObject({
    value: { adopted: 23, completed: 23, cannotBeAsked: 0, template: { asked: 10, completed: 23 }, refusals: [] },
  });
  expect(await callsOf(orders)).toEqual({ exchanges: 1, subjects: 10 });
  const kept = await declarationsOf(orders);
  expect(kept.map((one) => one.request_no)).toEqual(orders.map((order) => `LS${order.orderNo}`));
  expect(kept.filter((one) => one.facts?.includes('channel_record'))).toHaveLength(10);
  expect(kept.filter((one) => one.state === 'cannot_be_asked')).toEqual([]);

  const again = await importWith(orders, 'LS{order_no}');
  expect(again).toMatchObject({ value: { adopted: 0, known: 23, completed: 0, template: { asked: 0, completed: 0 } } });
  expect(await callsOf(orders)).toEqual({ exchanges: 1, subjects: 10 });
});

test('one of ten that differs, and no number is used: the rows stay as those that cannot be asked', async () => {
  const orders = ordersOf(200, 10);
  await seed(orders, (index) => (index === 7 ? '419.99' : '420.00'));
  const refused = await importWith(orders, 'LS{order_no}');
  expect(refused).toMatchObject({
    refusal: { code: 'import.template_unconfirmed', params: { asked: 10, agreed: 9, template: 'LS{order_no}' } },
  });
  if (refused.ok) return;
  expect(refused.refusal.params['found']).toContain(`LS${orders[7]?.orderNo}: amount 41999 fen`);
  expect(await callsOf(orders)).toEqual({ exchanges: 1, subjects: 10 });
  for (const one of await declarationsOf(orders))
    expect(one).toMatchObject({ request_no: null, state: 'cannot_be_asked', facts: null });
});

test('a template that nobody used is not found, and an answer that proves nothing confirms nothing', async () => {
  const { post, clock } = own.world;
  const orders = ordersOf(300, 3);
  await seed(orders);
  clock.moveTo(plus(clock.now(), minutes(1)));
  expect(await importWith(orders, 'XX{order_no}')).toMatchObject({
    refusal: { code: 'import.template_unconfirmed', params: { asked: 3, agreed: 0 } },
  });
  for (const fault of ['truncated', 'html_instead', 'http_500']) {
    await post('alipay', '/control/faults', [{ id: 'once', fault, match: { operation: 'query' }, times: 1 }]);
    clock.moveTo(plus(clock.now(), minutes(1)));
    expect(await importWith(orders, 'LS{order_no}'), fault).toMatchObject({
      refusal: { code: 'import.template_unconfirmed', params: { asked: 3, agreed: 0 } },
    });
  }
  expect((await declarationsOf(orders)).map((one) => one.request_no)).toEqual([null, null, null]);
  clock.moveTo(plus(clock.now(), minutes(1)));
  expect(await importWith(orders, 'LS{order_no}')).toMatchObject({ value: { completed: 3 } });
});

test('a number of a wrong form is refused before anything is taken over or asked', async () => {
  const orders = ordersOf(400, 2);
  expect(await importWith(orders, '{order_no}{trade_no}')).toMatchObject({
    refusal: { code: 'import.template_unfit', pointer: 'line 2' },
  });
  expect(await importWith(orders, '{order}')).toMatchObject({ refusal: { code: 'import.template_malformed' } });
  expect(await declarationsOf(orders)).toEqual([]);
});

test('a closed lane is not called past', async () => {
  const { app, accountId, clock } = own.world;
  const orders = ordersOf(500, 2);
  await seed(orders);
  const lane = `${accountId}/customs.query`;
  await app.db.query('update lanes set paused_at = $2 where id = $1', [lane, new Date(clock.now()).toISOString()]);
  expect(await importWith(orders, 'LS{order_no}')).toMatchObject({
    refusal: { code: 'import.template_unconfirmed', params: { agreed: 0 } },
  });
  expect(await callsOf(orders)).toEqual({ exchanges: 0, subjects: 0 });
  await app.db.query('update lanes set paused_at = null where id = $1', [lane]);
  expect(await importWith(orders, 'LS{order_no}')).toMatchObject({ value: { completed: 2 } });
});
