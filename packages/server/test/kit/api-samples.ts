import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Permission } from '../../src/identity/index.ts';
import { ordersOf, paymentsCsv } from '../journeys/steps.ts';
import type { Things } from './api-things.ts';

/** A request that is carried out when it comes from somebody who may. */
export type Sample = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly file?: string;
  /** Which of the route's permissions the thing takes. */
  readonly takes?: Permission;
};

const receipts = readFileSync(join(import.meta.dirname, '../fixtures/ceb/sample-ceb412.xml'), 'utf8');
const why = { body: { reason: 'test' } };

/** By method and path of the route. A new route needs a line here: nothing else knows how to be let in by it. */
export const samples: Readonly<Record<string, (things: Things, nonce: string) => Sample>> = {
  'POST /v1/payments': ({ account }, nonce) => ({
    body: {
      ...{ order_no: `N${nonce}`, amount: 100, currency: 'CNY', subject: '测试', account_id: account },
      product: 'page',
    },
  }),
  'POST /v1/cashiers': (_things, nonce) => ({
    body: { order_no: `C${nonce}`, amount: 100, currency: 'CNY', subject: '测试' },
  }),
  'GET /v1/orders/{order_no}': ({ orderNo }) => ({ params: { order_no: orderNo } }),
  'GET /v1/payments/{id}': ({ paid }) => ({ params: { id: paid } }),
  'POST /v1/payments/{id}/cancel': ({ open }) => ({ params: { id: open } }),
  'POST /v1/payments/{id}/keep': ({ cancelled }) => ({ params: { id: cancelled } }),
  'GET /v1/payments/{id}/refund-preview': ({ paid }) => ({ params: { id: paid }, query: { amount: '1' } }),
  'POST /v1/payments/{id}/refunds': ({ paid }, nonce) => ({
    ...{ params: { id: paid }, body: { refund_no: `R${nonce}`, amount: 1, currency: 'CNY', reason: 'test' } },
  }),
  'GET /v1/refunds/{id}': ({ refund }) => ({ params: { id: refund } }),
  'POST /v1/refunds/{id}/withdraw': ({ refundAwaiting }) => ({ params: { id: refundAwaiting } }),
  'POST /v1/attempts/{id}/verdict': ({ attempt }) => ({
    params: { id: attempt },
    body: { verdict: 'paid', evidence: 'statement of the day' },
  }),
  'POST /v1/refunds/{id}/verdict': ({ refundOpen }) => ({
    params: { id: refundOpen },
    body: { verdict: 'failed', evidence: 'statement of the day' },
  }),
  'POST /v1/refunds/{id}/topped-up': ({ refundShort }) => ({ params: { id: refundShort } }),
  'POST /v1/surplus-receipts/{id}/refund': ({ surplusToRefund }) => ({ params: { id: surplusToRefund }, ...why }),
  'POST /v1/surplus-receipts/{id}/keep': ({ surplusToKeep }) => ({ params: { id: surplusToKeep }, ...why }),
  'POST /v1/surplus-receipts/{id}/credit': ({ surplusToCredit }) => ({ params: { id: surplusToCredit }, ...why }),
  'POST /v1/surplus-receipts/{id}/adopt': ({ surplusLate }) => ({ params: { id: surplusLate } }),
  'POST /v1/orders/{order_no}/shares': ({ sharedOrder, receiver }, nonce) => ({
    params: { order_no: sharedOrder },
    body: { share_no: `S${nonce}`, parts: [{ receiver, amount: 1 }], currency: 'CNY', reason: 'test' },
  }),
  'GET /v1/orders/{order_no}/shares': ({ sharedOrder }) => ({ params: { order_no: sharedOrder } }),
  'GET /v1/shares/{id}': ({ share }) => ({ params: { id: share } }),
  'POST /v1/shares/{id}/verdict': ({ shareOpen }) => ({
    params: { id: shareOpen },
    body: { verdict: 'given', evidence: 'statement of the day' },
  }),
  'POST /v1/share-returns/{id}/verdict': ({ shareReturn }) => ({
    params: { id: shareReturn },
    body: { verdict: 'came_back', evidence: 'statement of the day' },
  }),
  'POST /v1/share-parts/{id}/returns': ({ sharePart }) => ({
    params: { id: sharePart },
    body: { return_no: 'SR1', reason: 'test' },
  }),
  'GET /v1/accounts/{id}/receivers': ({ account }) => ({ params: { id: account } }),
  'POST /v1/accounts/{id}/receivers': ({ account }, nonce) => ({
    params: { id: account },
    body: { kind: 'userId', account: `2088${nonce.padStart(12, '0')}`, reason: 'test' },
  }),
  'POST /v1/receivers/{id}/remove': ({ receiverToRemove }) => ({ params: { id: receiverToRemove }, ...why }),
  'POST /v1/payments/import': ({ account }) => ({
    ...{ query: { file_name: 'payments.csv', account_id: account }, file: paymentsCsv(ordersOf(50, 1)) },
  }),
  'POST /v1/customs/reports': (_things, nonce) => ({
    ...{ query: { file_name: 'list.csv' }, file: `order_no,exit_status\nX${nonce},0\nY${nonce},1\n` },
  }),
  'POST /v1/customs/receipts': () => ({ query: { file_name: 'receipts.xml' }, file: receipts }),
  'GET /v1/customs/reports': () => ({}),
  'GET /v1/customs/reports/{id}': ({ report }) => ({ params: { id: report } }),
  'POST /v1/customs/reports/{id}/triage': ({ report }) => ({ params: { id: report } }),
  'GET /v1/customs/reports/{id}/verdicts': ({ report }) => ({ params: { id: report } }),
  'POST /v1/customs/plans': ({ reportToPlan }) => ({
    ...{ body: { report_id: reportToPlan, reason: 'test' }, takes: 'customs.repush.propose' },
  }),
  'GET /v1/customs/plans/{id}': ({ plan }) => ({ params: { id: plan } }),
  'POST /v1/customs/plans/{id}/approve': ({ plan }) => ({
    ...{ params: { id: plan }, body: {}, takes: 'customs.repush.approve' },
  }),
  'POST /v1/customs/plans/{id}/refuse': ({ planToRefuse }) => ({
    ...{ params: { id: planToRefuse }, ...why, takes: 'customs.repush.approve' },
  }),
  'POST /v1/customs/plans/{id}/run': ({ plan }) => ({ params: { id: plan }, takes: 'customs.repush.run' }),
  'POST /v1/customs/plans/{id}/pause': ({ plan }) => ({ params: { id: plan }, ...why, takes: 'customs.repush.run' }),
  'POST /v1/customs/plans/{id}/resume': ({ plan }) => ({ params: { id: plan }, ...why, takes: 'customs.repush.run' }),
  'POST /v1/customs/plans/{id}/stop': ({ plan }) => ({ params: { id: plan }, ...why, takes: 'customs.repush.run' }),
  'GET /v1/customs/number-rules': ({ account }) => ({ query: { account_id: account } }),
  'POST /v1/customs/number-rules': ({ account }) => ({
    body: { account_id: account, place: 'ZONGSHU', rule: 'child', reason: 'test' },
  }),
  'GET /v1/incidents': () => ({}),
  'GET /v1/incidents/{id}': ({ incident }) => ({ params: { id: incident } }),
  'GET /v1/incidents/{id}/members': ({ incident }) => ({ params: { id: incident } }),
  'POST /v1/incidents/{id}/take': ({ incident }) => ({ params: { id: incident } }),
  'POST /v1/incidents/{id}/close': ({ incident }) => ({ params: { id: incident }, ...why }),
  'POST /v1/customs/packs': ({ report }) => ({ body: { source: report } }),
  'GET /v1/customs/packs': () => ({}),
  'GET /v1/customs/packs/{id}': ({ pack }) => ({ params: { id: pack } }),
  'GET /v1/customs/packs/{id}/file': ({ pack, packFile }) => ({ params: { id: pack }, query: { name: packFile } }),
  'POST /v1/customs/packs/{id}/sent': ({ pack }) => ({ params: { id: pack }, body: { note: 'by mail' } }),
  'POST /v1/customs/packs/{id}/replies': ({ pack }) => ({
    ...{ params: { id: pack }, query: { file_name: 'reply.csv' }, file: 'order_no,result\nX1,ok\n' },
  }),
  'GET /v1/numbers/{number}': ({ number }) => ({ params: { number } }),
  'GET /v1/exchanges/{id}': ({ exchange }) => ({ params: { id: exchange } }),
  'GET /v1/accounts': () => ({}),
  'POST /v1/accounts': (_things, nonce) => ({
    body: {
      ...{ channel: 'alipay', name: `second ${nonce}` },
      // Each caller asks for his own merchant, and one partner is one merchant's.
      settings: { partner: `2088${nonce.padStart(12, '9')}`, gateway_url: 'http://127.0.0.1:9/gateway.do' },
      secrets: { md5_key: 'x'.repeat(32) },
    },
  }),
  'GET /v1/accounts/{id}/walk': ({ account }) => ({ params: { id: account } }),
  'GET /v1/accounts/{id}/testpack': ({ account }) => ({ params: { id: account } }),
  'POST /v1/accounts/{id}/note': ({ account }) => ({
    ...{ params: { id: account }, body: { step: 'limits', facts: { limits: 'not_needed' } } },
  }),
  'POST /v1/accounts/{id}/accept': ({ account }) => ({ params: { id: account } }),
  'POST /v1/accounts/{id}/go-live': ({ accountToOpen }) => ({ params: { id: accountToOpen }, body: {} }),
  'POST /v1/accounts/{id}/change': ({ account }, nonce) => ({
    ...{ params: { id: account }, body: { name: `renamed ${nonce}` } },
  }),
  'POST /v1/accounts/{id}/test': ({ account }) => ({ params: { id: account } }),
  'GET /v1/jobs/due': () => ({}),
  'GET /v1/approvals': () => ({}),
  'POST /v1/approvals/{id}/approve': ({ approval }) => ({
    ...{ params: { id: approval }, body: {}, takes: 'webhooks.change.approve' },
  }),
  'POST /v1/approvals/{id}/refuse': ({ approvalToRefuse }) => ({
    ...{ params: { id: approvalToRefuse }, ...why, takes: 'webhooks.change.approve' },
  }),
  'GET /v1/cases': () => ({}),
  'POST /v1/cases/{id}/close': ({ caseId }) => ({ params: { id: caseId }, ...why }),
  'GET /v1/users': () => ({}),
  'POST /v1/users/tokens': ({ user, merchant }, nonce) => ({
    body: { user_id: user, kind: 'api_key', label: nonce, merchants: [merchant], scopes: ['cases.read'] },
  }),
  'GET /v1/audit': () => ({}),
  'GET /v1/accounts/{id}/terms': ({ account }) => ({ params: { id: account } }),
  'POST /v1/accounts/{id}/terms': ({ account }) => ({
    ...{ params: { id: account } },
    body: { kind: 'limits', value: { single_minor: 5_000_000 }, source: 'contract 7.2' },
  }),
  'POST /v1/offers': (_things, nonce) => ({ body: { order_no: `N${nonce}`, amount: 100, currency: 'CNY' } }),
  'GET /v1/routing/rules': ({ account }) => ({ query: { account_id: account } }),
  'POST /v1/routing/rules': ({ account }) => ({ body: { account_id: account, priority: 5 } }),
  'GET /v1/routing/notices': () => ({}),
  'POST /v1/routing/notices': () => ({ body: { channel: 'alipay', effect: 'warning', text: 'refunds are slow' } }),
  'POST /v1/routing/notices/{id}/withdraw': ({ notice }) => ({ params: { id: notice }, body: {} }),
  'GET /v1/statements': () => ({}),
  'GET /v1/statements/{id}': ({ statement }) => ({ params: { id: statement } }),
  'GET /v1/statements/{id}/lines': ({ statement }) => ({ params: { id: statement } }),
  'GET /v1/statements/{id}/file': ({ statement }) => ({ params: { id: statement }, query: { reason: 'test' } }),
  'GET /v1/webhooks': () => ({}),
  'POST /v1/webhooks': (_things, nonce) => ({ body: { url: `http://127.0.0.1:9/${nonce}`, types: ['case.opened'] } }),
  'GET /v1/webhooks/log': () => ({}),
  'POST /v1/webhooks/messages/{id}/redeliver': ({ message }) => ({ params: { id: message }, ...why }),
  'POST /v1/webhooks/{id}/redeliver': ({ endpoint }) => ({ params: { id: endpoint }, ...why }),
  'POST /v1/webhooks/{id}/rotate': ({ endpoint }) => ({ params: { id: endpoint }, body: { overlap_hours: 1 } }),
  'POST /v1/webhooks/{id}/test': ({ endpoint }) => ({ params: { id: endpoint } }),
  'GET /v1/sandbox/behaviours': () => ({}),
  'POST /v1/sandbox/behaviour': ({ orderNo }) => ({ body: { order_no: orderNo, behaviour: 'notify_twice' } }),
  'POST /v1/sandbox/behaviour/lift': ({ orderNo }) => ({ body: { order_no: orderNo } }),
  'POST /v1/sandbox/pay': ({ orderToPay }) => ({ body: { order_no: orderToPay } }),
  'POST /v1/sandbox/sign-ups': () => ({ body: { channel: 'alipay' } }),
  'POST /v1/sandbox/clock': () => ({ body: { advance: '1s' } }),
  'POST /v1/webhooks/{id}/off': ({ endpoint }) => ({ params: { id: endpoint }, ...why }),
};

/** The address of a sample and what is sent with it. */
export function requestOf(path: string, { params = {}, query = {}, body, file }: Sample) {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const asked = new URLSearchParams(query).toString();
  const url = asked === '' ? filled : `${filled}?${asked}`;
  if (file !== undefined)
    return { url, payload: Buffer.from(file), headers: { 'content-type': 'application/octet-stream' } };
  return { url, ...(body === undefined ? {} : { payload: body }) };
}
