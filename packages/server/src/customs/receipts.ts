import { done, parseShanghai, refuse, type Instant, type Result } from '../kernel/index.ts';
import { readReceiptText, type ReceiptText } from './receipt-text.ts';
import { readXml, type XmlElement } from './receipts-xml.ts';

/** GACC import message specification 202205: all messages of the unified version share one namespace. */
const cebNamespace = 'http://www.chinaport.gov.cn/ceb';

type CommonReceipt = ReceiptText & {
  readonly guid: string;
  /** As written: see `meaningOf`. */
  readonly returnStatus: string;
  readonly returnTime: Instant;
  readonly returnInfo: string;
};

/** Receipt of one payment document. It has no order number: it is found by the payment number that was pushed. */
export type PaymentReceipt = CommonReceipt & { readonly payCode: string; readonly payTransactionId: string };

/** Receipt of one inventory list. Its order number, if any, stands in the text. */
export type ListReceipt = CommonReceipt & {
  readonly copNo: string;
  readonly preNo: string;
  readonly invtNo?: string;
  readonly ebpCode: string;
};

/** One document of the message that could not be read; `line` counts the documents from 1. */
export type ReceiptProblem = {
  readonly line: number;
  readonly field: string;
  readonly code: 'import.field_missing' | 'import.field_format';
  readonly found: string;
};

export type ReceiptFile =
  | {
      readonly type: 'CEB412';
      readonly receipts: readonly PaymentReceipt[];
      readonly problems: readonly ReceiptProblem[];
    }
  | {
      readonly type: 'CEB622';
      readonly receipts: readonly ListReceipt[];
      readonly problems: readonly ReceiptProblem[];
    };

/**
 * Receipts of payment documents (CEB412) or lists (CEB622), recognised by namespace and local name.
 * Every document of the message is in `receipts` or in `problems`. Refusals: those of `readXml`; `import.format` for other messages.
 */
export function readReceipts(bytes: Uint8Array): Result<ReceiptFile> {
  const root = readXml(bytes);
  if (!root.ok) return root;
  const { namespace, local } = root.value;
  if (namespace === cebNamespace && local === 'CEB412Message')
    return done({ type: 'CEB412', ...readEach(root.value, 'PaymentReturn', readPaymentReceipt) });
  if (namespace === cebNamespace && local === 'CEB622Message')
    return done({ type: 'CEB622', ...readEach(root.value, 'InventoryReturn', readListReceipt) });
  return refuse('import.format', { format: `XML ${local.slice(0, 64)} in namespace ${namespace.slice(0, 64)}` });
}

function readEach<T>(
  message: XmlElement,
  name: string,
  read: (fields: ReceiptFields) => T | undefined,
): { receipts: T[]; problems: ReceiptProblem[] } {
  const receipts: T[] = [];
  const problems: ReceiptProblem[] = [];
  const documents = message.children.filter((child) => child.local === name && child.namespace === cebNamespace);
  for (const [index, document] of documents.entries()) {
    const fields = new ReceiptFields(document, index + 1);
    const receipt = read(fields);
    if (receipt !== undefined && fields.problems.length === 0) receipts.push(receipt);
    else problems.push(...fields.problems);
  }
  return { receipts, problems };
}

class ReceiptFields {
  readonly problems: ReceiptProblem[] = [];
  readonly #texts: ReadonlyMap<string, string>;
  readonly #line: number;

  constructor(document: XmlElement, line: number) {
    const own = document.children.filter((child) => child.namespace === cebNamespace);
    this.#texts = new Map(own.map((child) => [child.local, child.text]));
    this.#line = line;
  }

  optional(field: string): string {
    return this.#texts.get(field) ?? '';
  }

  required(field: string): string {
    const text = this.optional(field);
    if (text === '') this.#complain('import.field_missing', field);
    return text;
  }

  /** C17, `yyyymmddhhmmssSSS`, Beijing time (specification 202205). */
  time(field: string): Instant | undefined {
    const text = this.required(field);
    const at = /^\d{14}(\d{3})?$/.test(text) ? parseShanghai(text) : undefined;
    if (text !== '' && at === undefined) this.#complain('import.field_format', field);
    return at;
  }

  #complain(code: ReceiptProblem['code'], field: string): void {
    this.problems.push({ line: this.#line, field, code, found: this.optional(field).slice(0, 64) });
  }
}

function readCommon(fields: ReceiptFields): CommonReceipt | undefined {
  const guid = fields.required('guid');
  const returnStatus = fields.required('returnStatus');
  const returnTime = fields.time('returnTime');
  const returnInfo = fields.optional('returnInfo');
  if (returnTime === undefined) return undefined;
  return { guid, returnStatus, returnTime, returnInfo, ...readReceiptText(returnInfo) };
}

function readPaymentReceipt(fields: ReceiptFields): PaymentReceipt | undefined {
  const payCode = fields.required('payCode');
  const payTransactionId = fields.required('payTransactionId');
  const common = readCommon(fields);
  return common && { ...common, payCode, payTransactionId };
}

/** `preNo` is required by the schema and optional in the printed specification: a receipt without it is kept. */
function readListReceipt(fields: ReceiptFields): ListReceipt | undefined {
  const copNo = fields.required('copNo');
  const preNo = fields.optional('preNo');
  const invtNo = fields.optional('invtNo');
  const ebpCode = fields.required('ebpCode');
  const common = readCommon(fields);
  return common && { ...common, copNo, preNo, ebpCode, ...(invtNo !== '' && { invtNo }) };
}
