import { fenOf, yuanOf } from '../money.ts';
import { compactTime } from '../shanghai.ts';
import { UnreadableXml } from '../xml.ts';
import type { ListInput, PaymentRecord } from './books.ts';
import { documentsMax, elements, message, readHeads } from './ceb.ts';
import type { Head } from './ceb.ts';

export type PaymentDocument = {
  readonly guid: string;
  readonly appType: '1' | '2';
  readonly payCode: string;
  readonly payName: string;
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly ebpCode: string;
  readonly ebpName: string;
  readonly payerId: string;
  readonly payerName: string;
  readonly amountFen: number;
  readonly paidAt: number;
  readonly sentAt: number;
  readonly place: string;
};

/** CEB411 with one document, elements in the order of the schema (GACC import message specification 202205). */
export function writePaymentMessage(doc: PaymentDocument): string {
  const head = elements([
    ['guid', doc.guid],
    ['appType', doc.appType],
    ['appTime', compactTime(doc.sentAt)],
    ['appStatus', '2'],
    ['payCode', doc.payCode],
    ['payName', doc.payName],
    ['payTransactionId', doc.paymentNo],
    ['orderNo', doc.orderNo],
    ['ebpCode', doc.ebpCode],
    ['ebpName', doc.ebpName],
    ['payerIdType', '1'],
    ['payerIdNumber', doc.payerId],
    ['payerName', doc.payerName],
    ['amountPaid', yuanOf(doc.amountFen)],
    ['currency', '142'],
    ['payTime', compactTime(doc.paidAt)],
    ['note', `customs_place=${doc.place}`],
  ]);
  const transfer = elements([
    ['copCode', doc.payCode],
    ['copName', doc.payName],
    ['dxpMode', 'DXP'],
    ['dxpId', 'DXPENT0000000001'],
  ]);
  const documents = [
    `<Payment><PaymentHead>${head}</PaymentHead></Payment>`,
    `<BaseTransfer>${transfer}</BaseTransfer>`,
  ];
  return message('CEB411Message', doc.guid, documents);
}

/** Throws UnreadableXml for what is no CEB411 at all; the refusal of one document is its own receipt. */
export function readPaymentMessage(xml: string, at: number): PaymentRecord[] {
  return heads(xml, 'CEB411Message', 'PaymentHead').map((head) => {
    const amountFen = fenOf(need(head, 'amountPaid'));
    if (amountFen === undefined) throw new UnreadableXml('-401009 amountPaid is not an amount of whole fen');
    if (need(head, 'currency') !== '142') throw new UnreadableXml('-401009 currency must be 142');
    return {
      guid: need(head, 'guid'),
      appType: need(head, 'appType'),
      payCode: need(head, 'payCode'),
      paymentNo: need(head, 'payTransactionId'),
      orderNo: need(head, 'orderNo'),
      ebpCode: need(head, 'ebpCode'),
      payerId: need(head, 'payerIdNumber'),
      payerName: need(head, 'payerName'),
      amountFen,
      place: /customs_place=(\w+)/.exec(head.get('note') ?? '')?.[1] ?? '',
      receivedAt: at,
      lost: false,
    };
  });
}

/** A list message has no payment number and no single amount: those are compared only for lists of the control door. */
export function readListMessage(xml: string): ListInput[] {
  return heads(xml, 'CEB621Message', 'InventoryHead').map((head) => {
    const copNo = head.get('copNo');
    return {
      orderNo: need(head, 'orderNo'),
      waybillNo: need(head, 'logisticsNo'),
      ebpCode: need(head, 'ebpCode'),
      buyerId: need(head, 'buyerIdNumber'),
      ...(copNo ? { copNo } : {}),
    };
  });
}

function heads(xml: string, rootName: string, headName: string): Head[] {
  const found = readHeads(xml, rootName, headName);
  if (found.length === 0) throw new UnreadableXml('-401005 the message carries no document');
  if (found.length > documentsMax) throw new UnreadableXml(`-401013 more than ${documentsMax} documents`);
  return found;
}

function need(head: Head, name: string): string {
  const value = head.get(name)?.trim();
  if (!value) throw new UnreadableXml(`-401009 ${name} is missing`);
  return value;
}
