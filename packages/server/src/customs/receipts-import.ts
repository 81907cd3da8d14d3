import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { findNumbers, normalForm } from '../platform/numbers.ts';
import type { RecordKey } from '../platform/commands.ts';
import { observe } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import type { FactBody } from './facts.ts';
import type { ObserveInput } from './observe.ts';
import { readReceipts } from './receipts.ts';
import type { ReceiptFile } from './receipts.ts';
import { findByPushedPaymentNos } from './store.ts';

export type ImportedReceipts = {
  readonly type: ReceiptFile['type'];
  readonly found: number;
  readonly tied: number;
  /** Receipts of payments or orders that we do not know: told, and kept nowhere, as the file stays with its sender. */
  readonly unknown: readonly string[];
  readonly problems: ReceiptFile['problems'];
};

/** Receipts of customs from a file: each becomes a fact of its declaration. The same file again adds nothing. */
export async function importReceipts(
  parts: CustomsJobParts,
  actor: Actor,
  merchantId: string,
  fileName: string,
  bytes: Uint8Array,
): Promise<Result<ImportedReceipts>> {
  const permitted = allowed(actor, 'customs.import', merchantId);
  if (!permitted.ok) return permitted;
  const file = readReceipts(bytes);
  if (!file.ok) return file;
  const told = await tellReceipts(parts, merchantId, file.value);
  const at = parts.clock.now();
  const detail = { file: fileName, type: file.value.type, tied: told.inputs.length, unknown: told.unknown.length };
  // A file may be called P-3: without its merchant before it, the entry would stand in the story of that plan.
  const entry = { actor, act: 'customs.receipts_imported', subject: `${merchantId}/${fileName}`, detail };
  await parts.db.transaction((tx) => writeAudit(tx, [entry], { at, ids: parts.ids }));
  return done({
    type: file.value.type,
    found: file.value.receipts.length,
    tied: told.inputs.length,
    unknown: told.unknown,
    problems: file.value.problems,
  });
}

type Spoken = { readonly number: string; readonly at: ObserveInput['fact']['happenedAt']; readonly body: FactBody };

function spokenOf(file: ReceiptFile): Spoken[] {
  if (file.type === 'CEB412') {
    return file.receipts.map((receipt) => ({
      number: receipt.payTransactionId,
      at: receipt.returnTime,
      body: {
        kind: 'payment_receipt',
        status: receipt.returnStatus,
        text: receipt.returnInfo,
        payCode: receipt.payCode,
      },
    }));
  }
  const orderOf = new Map(
    file.receipts.flatMap(({ copNo, orderNo }) => (orderNo === undefined ? [] : [[copNo, orderNo]])),
  );
  return file.receipts.map((receipt) => ({
    number: receipt.orderNo ?? orderOf.get(receipt.copNo) ?? receipt.copNo,
    at: receipt.returnTime,
    body: {
      kind: 'list_receipt',
      status: receipt.returnStatus,
      text: receipt.returnInfo,
      copNo: receipt.copNo,
      missingPayment: receipt.missingPayment,
    },
  }));
}

async function tellReceipts(
  parts: CustomsJobParts,
  merchantId: string,
  file: ReceiptFile,
): Promise<{ inputs: ObserveInput[]; unknown: string[] }> {
  const spoken = spokenOf(file);
  const keys = await findKeys(parts, merchantId, file.type, spoken);
  const now = parts.clock.now();
  const inputs: ObserveInput[] = [];
  const unknown: string[] = [];
  for (const { number, at, body } of spoken) {
    const records = keys.get(normalForm(number)) ?? [];
    if (records.length === 0) unknown.push(number);
    for (const key of records) {
      const told = { source: 'customs', trust: 'stated', happenedAt: at, heardAt: now } as const;
      inputs.push({ key, fact: { ...told, id: parts.ids.next(), body } });
    }
  }
  await observe(parts, inputs);
  return { inputs, unknown };
}

/** Payment receipts are found by the pushed number, list receipts by the order number in their text or the list number they share. */
async function findKeys(
  parts: CustomsJobParts,
  merchantId: string,
  type: ReceiptFile['type'],
  spoken: readonly Spoken[],
): Promise<Map<string, RecordKey[]>> {
  const numbers = [...new Set(spoken.map((one) => one.number).filter((number) => number !== ''))];
  const keys = new Map<string, RecordKey[]>();
  const add = (number: string, key: RecordKey): void => {
    const known = keys.get(number) ?? [];
    if (!known.some((other) => other.id === key.id)) keys.set(number, [...known, key]);
  };
  if (type === 'CEB412') {
    const hits = await findByPushedPaymentNos(parts.db, merchantId, numbers.map(normalForm));
    for (const hit of hits) add(hit.number, hit.key);
    return keys;
  }
  for (const hit of await findNumbers(parts.db, [merchantId], numbers)) {
    if (['order', 'child_order', 'list'].includes(hit.kind)) add(hit.number, { bucket: hit.bucket, id: hit.record });
  }
  return keys;
}
