import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** What the load says as the channel: that a payment succeeded. */
export type Paid = {
  readonly serialNo: string;
  readonly amount: string;
  readonly appId: string;
  readonly sellerId: string;
  /** Beijing's, `yyyy-mm-dd hh:mm:ss`. */
  readonly paidAt: string;
};

/**
 * A notification as Alipay's open platform sends it ("asynchronous notification"): a form, RSA2 over the sorted members without `sign` and
 * `sign_type`. Signed on the thread pool, as the load's own thread keeps the time.
 */
export async function notificationOf(paid: Paid, key: KeyObject): Promise<string> {
  const { serialNo, amount, appId, sellerId, paidAt } = paid;
  const fields: Record<string, string> = {
    ...{ notify_type: 'trade_status_sync', notify_id: `2015102800222${serialNo}`, notify_time: paidAt },
    ...{ version: '1.0', charset: 'utf-8', app_id: appId, auth_app_id: appId, seller_id: sellerId },
    ...{ trade_no: `2015102822${serialNo}`, out_trade_no: serialNo, trade_status: 'TRADE_SUCCESS', subject: '测试' },
    ...{ buyer_id: '2088000000000099', buyer_logon_id: '159****5620', gmt_create: paidAt, gmt_payment: paidAt },
    ...{ total_amount: amount, receipt_amount: amount, buyer_pay_amount: amount, invoice_amount: amount },
    ...{ point_amount: '0.00', fund_bill_list: JSON.stringify([{ amount, fundChannel: 'ALIPAYACCOUNT' }]) },
  };
  const text = Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name] ?? ''}`)
    .join('&');
  const signature = await new Promise<Buffer>((resolve, reject) => {
    sign('SHA256', Buffer.from(text), key, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
  return new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: signature.toString('base64') }).toString();
}
