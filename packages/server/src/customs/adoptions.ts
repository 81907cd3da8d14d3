import { done, refuse } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { readPaymentFile } from '../payments/index.ts';
import type { AdoptedRow, PaymentDefaults } from '../payments/index.ts';
import { execute } from '../platform/commands.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { readTable } from '../platform/tables/index.ts';
import type { RowProblem } from '../platform/tables/index.ts';
import { adoptCommand } from './adopt.ts';
import type { AdoptInput } from './adopt.ts';
import type { CustomsJobParts } from './calls.ts';
import { tieWaitingRows } from './reports.ts';

export type PaymentFileInput = {
  readonly merchantId: string;
  readonly accountId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly defaults: PaymentDefaults;
};

export type AdoptedFile = {
  readonly format: string;
  readonly charset: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly rowsFound: number;
  readonly adopted: number;
  readonly known: number;
  readonly completed: number;
  /** Without a request number: kept, and shown as *cannot be asked*. */
  readonly cannotBeAsked: number;
  /** Rows of earlier port lists that waited for these payments. */
  readonly tied: number;
  readonly problems: readonly RowProblem[];
  readonly refusals: readonly { readonly line: number; readonly refusal: Refusal }[];
};

/** Rows of one transaction; progress is told after each. */
const chunk = 1000;

/** Takes over declared payments that Liushui did not make. Good rows are kept, the others are named by line; the same file again adds nothing. */
export async function importPayments(
  parts: CustomsJobParts,
  actor: Actor,
  file: PaymentFileInput,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<Result<AdoptedFile>> {
  const permitted = allowed(actor, 'payments.import', file.merchantId);
  if (!permitted.ok) return permitted;
  const opened = await openAccount(parts, file.accountId);
  if (!opened.ok) return opened;
  const { connector, merchantId } = opened.value;
  const rules = connector.manifest.customs;
  if (merchantId !== file.merchantId || !rules) return refuse('account.not_found', { account: file.accountId });
  const table = await readTable(file.bytes, file.fileName);
  if (!table.ok) return table;
  const read = readPaymentFile(table.value, file.defaults);
  if (!read.ok) return read;
  const common = { merchantId, accountId: file.accountId, channel: connector.manifest.id };
  const gapMs = rules.rePush.gapMinutes * 60_000;
  const inputs = read.value.rows.map((row): AdoptInput => ({ ...common, row, requestNo: row.requestNo, gapMs }));
  const result = await adoptAll(parts, merchantId, inputs, onProgress);
  await auditImport(parts, actor, file, result);
  const badLines = new Set(read.value.problems.map((problem) => problem.line));
  return done({
    ...result,
    format: table.value.format,
    charset: table.value.charset,
    columns: read.value.columns,
    rowsFound: inputs.length + badLines.size,
    cannotBeAsked: read.value.rows.filter((row) => row.requestNo === undefined).length,
    problems: read.value.problems,
  });
}

type Adopted = Pick<AdoptedFile, 'adopted' | 'known' | 'completed' | 'tied' | 'refusals'>;

/** Adopts in lists of a thousand, each its own transaction: what was done stays done when the process ends. */
export async function adoptAll(
  parts: CustomsJobParts,
  merchantId: string,
  inputs: readonly AdoptInput[],
  onProgress: (done: number, of: number) => void,
): Promise<Adopted> {
  const counts = { adopted: 0, known: 0, completed: 0, tied: 0 };
  const refusals: { line: number; refusal: Refusal }[] = [];
  const command = adoptCommand(parts.ids, merchantId);
  for (let from = 0; from < inputs.length; from += chunk) {
    const part = inputs.slice(from, from + chunk);
    const results = await execute(parts.executor, command, part);
    results.forEach((result, index) => {
      if (result.ok) counts[result.value.what] += 1;
      else refusals.push({ line: part[index]?.row.line ?? 0, refusal: result.refusal });
    });
    counts.tied += await tieWaitingRows(
      parts,
      merchantId,
      part.flatMap(({ row }) => orderNosOf(row)),
    );
    crashPoint('import.part_committed');
    onProgress(Math.min(from + chunk, inputs.length), inputs.length);
  }
  return { ...counts, refusals };
}

function orderNosOf(row: AdoptedRow): string[] {
  return row.childOrderNo === undefined ? [row.orderNo] : [row.orderNo, row.childOrderNo];
}

async function auditImport(
  parts: CustomsJobParts,
  actor: Actor,
  file: PaymentFileInput,
  result: Adopted,
): Promise<void> {
  const detail = { file: file.fileName, adopted: result.adopted, known: result.known, refused: result.refusals.length };
  const entry = { actor, act: 'payments.imported', subject: file.accountId, detail };
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  await parts.db.transaction((tx) => writeAudit(tx, [entry], stamp));
}
