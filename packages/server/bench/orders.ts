import { createHash } from 'node:crypto';
import { importPayments } from '../src/customs/index.ts';
import type { WireAnswer } from '../src/kernel/index.ts';
import type { RecordKey } from '../src/platform/commands.ts';
import { actor, good, md5Key, merchant } from './server.ts';
import type { BenchWorld } from './server.ts';

/** A paid order that an older system declared. */
export type Order = {
  readonly orderNo: string;
  readonly tradeNo: string;
  readonly requestNo: string;
  readonly waybillNo: string;
};

let made = 0;

/** Orders that nobody has had before. */
export function newOrders(count: number): Order[] {
  return Array.from({ length: count }, () => {
    const tail = String((made += 1)).padStart(7, '0');
    return {
      orderNo: `201510272000000${tail}`,
      tradeNo: `201510272100100493000${tail}`,
      requestNo: `LS${tail}`,
      waybillNo: `1130${tail}`,
    };
  });
}

const headings =
  'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,trade_no,waybill_no,paid_at';

export function paymentFile(orders: readonly Order[]): Uint8Array {
  const rows = orders.map(
    ({ orderNo, requestNo, tradeNo, waybillNo }) =>
      `${orderNo},${requestNo},ZONGSHU,3301TEST01,测试公司,420.00,F,${tradeNo},${waybillNo},2015-10-27 20:00:00`,
  );
  return Buffer.from([headings, ...rows, ''].join('\n'));
}

export async function adopt({ app, accountId }: BenchWorld, orders: readonly Order[]): Promise<void> {
  const file = { merchantId: merchant, accountId, fileName: 'payments.csv', bytes: paymentFile(orders), defaults: {} };
  const { adopted } = good(await importPayments(app.customs, actor, file));
  if (adopted !== orders.length) throw new Error(`${adopted} of ${orders.length} orders were adopted`);
}

/** The port misses all of them. */
export function portList(orders: readonly Order[]): Uint8Array {
  const rows = orders.map(({ orderNo }) => `${orderNo},0`);
  return Buffer.from(['order_no,exit_status', ...rows, ''].join('\n'));
}

/** The declarations of a world, in the order in which they were adopted. */
export async function keysOf({ app }: BenchWorld): Promise<RecordKey[]> {
  return app.db.query<{ bucket: number; id: string }>('select bucket, id from customs_declarations order by id');
}

/** The records of a query answer, element by element as in the element table of Alipay's customs.query document. */
function recordOf(requestNo: string, tradeNo: string): string {
  return (
    `<customs_declare><alipay_declare_no>${tradeNo}</alipay_declare_no><amount>420.00</amount><is_split>F</is_split>` +
    `<customs_place>zongshu</customs_place><last_modified_time>2015-10-27 20:01:02</last_modified_time><memo/>` +
    `<merchant_customs_code>3301TEST01</merchant_customs_code><merchant_customs_name>测试公司</merchant_customs_name>` +
    `<out_request_no>${requestNo}</out_request_no><status>succ</status><trade_no>${tradeNo}</trade_no>` +
    `<customs_code>2</customs_code><customs_info>新增申报成功[${requestNo}]</customs_info>` +
    `<customs_return_time>20151027200130</customs_return_time></customs_declare>`
  );
}

/** The channel's answer to a query about these: all found, signed with MD5 over the inner XML of the nested element. */
export function queryAnswer(asked: readonly { readonly requestNo: string; readonly tradeNo: string }[]): WireAnswer {
  const records = asked.map(({ requestNo, tradeNo }) => recordOf(requestNo, tradeNo)).join('');
  const sign = createHash('md5').update(`records=${records}&result_code=SUCCESS${md5Key}`).digest('hex');
  const xml =
    `<?xml version="1.0" encoding="utf-8"?><alipay><is_success>T</is_success><request/><response><alipay>` +
    `<records>${records}</records><result_code>SUCCESS</result_code></alipay></response>` +
    `<sign>${sign}</sign><sign_type>MD5</sign_type></alipay>`;
  return { status: 200, headers: {}, body: Buffer.from(xml) };
}
