import { receiptTime } from '../shanghai.ts';
import { documentsMax, elements, message } from './ceb.ts';

export type Receipt = {
  readonly kind: '412' | '622';
  readonly at: number;
  readonly code: string;
  readonly info: string;
  readonly guid: string;
  /** 412: payment enterprise and payment number. There is no order number in it. */
  readonly payCode?: string;
  readonly paymentNo?: string;
  /** 622: platform, seller, and the broker's numbers. There is no order number element in it either. */
  readonly ebpCode?: string;
  readonly copNo?: string;
  readonly preNo?: string;
  readonly invtNo?: string;
};

export type ReceiptMessage = { readonly seq: number; readonly xml: string };

/** Every receipt the port ever wrote, in its order. Messages are cut from it when somebody asks. */
export class ReceiptBook {
  readonly #all: Receipt[] = [];

  add(receipt: Receipt): void {
    this.#all.push(receipt);
  }

  get count(): number {
    return this.#all.length;
  }

  /** Messages after receipt `after`, at most `limit` of them, each of one kind and of at most 100 documents. */
  messages(after: number, limit: number): { next: number; messages: ReceiptMessage[] } {
    const messages: ReceiptMessage[] = [];
    let next = Math.max(0, after);
    while (messages.length < limit && next < this.#all.length) {
      const end = this.#endOfRun(next);
      messages.push({ seq: end, xml: writeMessage(this.#all.slice(next, end), end) });
      next = end;
    }
    return { next, messages };
  }

  #endOfRun(start: number): number {
    const kind = this.#all[start]?.kind;
    let end = start;
    while (end < this.#all.length && end - start < documentsMax && this.#all[end]?.kind === kind) end += 1;
    return end;
  }
}

/** 36 characters, as customs wants them; counted, not drawn, so that a reload writes the same. */
export function countedGuid(kind: string, n: number): string {
  return `00000000-0000-4000-8${kind}-${String(n).padStart(12, '0')}`;
}

function writeMessage(receipts: readonly Receipt[], seq: number): string {
  const kind = receipts[0]?.kind ?? '412';
  return message(
    `CEB${kind}Message`,
    countedGuid(kind, seq),
    receipts.map(kind === '412' ? paymentReturn : inventoryReturn),
  );
}

function paymentReturn(receipt: Receipt): string {
  const inside = elements([
    ['guid', receipt.guid],
    ['payCode', receipt.payCode],
    ['payTransactionId', receipt.paymentNo],
    ...verdict(receipt),
  ]);
  return `<PaymentReturn>${inside}</PaymentReturn>`;
}

function inventoryReturn(receipt: Receipt): string {
  const inside = elements([
    ['guid', receipt.guid],
    ['customsCode', '2928'],
    ['ebpCode', receipt.ebpCode],
    ['ebcCode', receipt.ebpCode],
    ['copNo', receipt.copNo],
    ['preNo', receipt.preNo],
    ['invtNo', receipt.invtNo],
    ...verdict(receipt),
  ]);
  return `<InventoryReturn>${inside}</InventoryReturn>`;
}

function verdict(receipt: Receipt): [string, string][] {
  return [
    ['returnStatus', receipt.code],
    ['returnTime', receiptTime(receipt.at)],
    ['returnInfo', receipt.info],
  ];
}
