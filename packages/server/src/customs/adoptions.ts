import { assert, bucketOf, done, refuse } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { readPaymentFile } from '../payments/index.ts';
import type { AdoptedRow, PaymentDefaults } from '../payments/index.ts';
import { execute } from '../platform/commands.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { readTable } from '../platform/tables/index.ts';
import type { RowProblem } from '../platform/tables/index.ts';
import type { Transport } from '../platform/transport.ts';
import { adoptCommand } from './adopt.ts';
import type { AdoptInput } from './adopt.ts';
import { observe, rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import { confirmTemplate } from './request-template-confirm.ts';
import type { AskedCandidate } from './request-template-confirm.ts';
import { candidatesOf, readTemplate, sampleOf } from './request-template.ts';
import type { Candidate, RequestTemplate } from './request-template.ts';
import { tieWaitingRows } from './reports.ts';
import { findDeclarations } from './store.ts';

export type PaymentFileInput = {
  readonly merchantId: string;
  readonly accountId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly defaults: PaymentDefaults;
  /** Such as `LS{order_no}`: how the earlier system made its request numbers. Rows that have none get theirs if the channel confirms it. */
  readonly requestNoTemplate?: string;
};

/** The transport is needed for a template only: the channel is asked before any of its numbers is used. */
export type ImportParts = CustomsJobParts & { readonly transport?: Transport };

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
  /** Present when a template was given: how many the channel was asked about, all of which agreed, and how many rows got their number. */
  readonly template?: { readonly text: string; readonly asked: number; readonly completed: number };
  readonly problems: readonly RowProblem[];
  readonly refusals: readonly { readonly line: number; readonly refusal: Refusal }[];
};

/** Rows that must agree before a template is believed; all of them if there are fewer. */
const sampleSize = 10;

/** Rows of one transaction; progress is told after each. */
const chunk = 1000;

/** Takes over declared payments that Liushui did not make. Good rows are kept, the others are named by line; the same file again adds nothing. */
export async function importPayments(
  parts: ImportParts,
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
  const made = makeCandidates(file.requestNoTemplate, read.value.rows, rules);
  if (!made.ok) return made;
  const common = { merchantId, accountId: file.accountId, channel: connector.manifest.id };
  const gapMs = rules.rePush.gapMinutes * 60_000;
  const inputs = read.value.rows.map((row): AdoptInput => ({ ...common, row, requestNo: row.requestNo, gapMs }));
  const adopted = await adoptAll(parts, merchantId, inputs, onProgress);
  const completed = made.value && (await completeByTemplate(parts, opened.value, made.value, inputs, adopted));
  const result = completed?.ok ? withCompleted(adopted, completed.value) : adopted;
  await auditImport(parts, actor, file, result);
  if (completed && !completed.ok) return completed;
  const lacking = read.value.rows.filter((row) => row.requestNo === undefined).length;
  const badLines = new Set(read.value.problems.map((problem) => problem.line));
  return done({
    ...{ adopted: result.adopted, known: result.known, completed: result.completed, tied: result.tied },
    refusals: result.refusals,
    ...(completed ? { template: completed.value.template } : {}),
    format: table.value.format,
    charset: table.value.charset,
    columns: read.value.columns,
    rowsFound: inputs.length + badLines.size,
    cannotBeAsked: lacking - (completed?.value.template.completed ?? 0),
    problems: read.value.problems,
  });
}

type Adopted = Pick<AdoptedFile, 'adopted' | 'known' | 'completed' | 'tied' | 'refusals'> & {
  /** In the order of the inputs; undefined where one was refused. */
  readonly declarationIds: readonly (string | undefined)[];
};

type Template = { readonly template: RequestTemplate; readonly candidates: readonly Candidate[] };
type Completed = Adopted & { readonly template: NonNullable<AdoptedFile['template']> };

function makeCandidates(
  text: string | undefined,
  rows: readonly AdoptedRow[],
  rules: CustomsRules,
): Result<Template | undefined> {
  if (text === undefined) return done(undefined);
  // Whatever number it is asked about, it would answer for the payment, and so confirm every template.
  if (rules.requestNo.isKept === false) return refuse('import.template_not_confirmable', { template: text });
  const template = readTemplate(text);
  if (!template.ok) return template;
  const candidates = candidatesOf(template.value, rows, rules);
  return candidates.ok ? done({ template: template.value, candidates: candidates.value }) : candidates;
}

/** Gives the rows without a request number those of the template, once the channel has shown that it is how they were made. */
async function completeByTemplate(
  parts: ImportParts,
  opened: OpenAccount,
  { template, candidates }: Template,
  inputs: readonly AdoptInput[],
  adopted: Adopted,
): Promise<Result<Completed>> {
  const open = await findOpen(parts, opened.merchantId, candidates, adopted);
  const nothing = { adopted: 0, known: 0, completed: 0, tied: 0, refusals: [], declarationIds: [] };
  if (open.length === 0) return done({ ...nothing, template: { text: template.text, asked: 0, completed: 0 } });
  const batchMax = opened.connector.manifest.customs?.query.batchMax ?? 1;
  const sample = sampleOf(open, Math.min(sampleSize, batchMax));
  assert(parts.transport, 'a template is confirmed by asking the channel: the import needs a transport');
  const facts = await confirmTemplate(parts, parts.transport, opened, template, sample);
  if (!facts.ok) return facts;
  const numbered = open.flatMap(({ candidate: { index, requestNo } }) => {
    const input = inputs[index];
    return input ? [{ ...input, requestNo }] : [];
  });
  const result = await adoptAll(parts, opened.merchantId, numbered, () => undefined);
  await observe(parts, facts.value);
  return done({
    ...result,
    template: { text: template.text, asked: sample.length, completed: result.completed },
  });
}

/** Candidates whose declaration still lacks its number: one that got it in an earlier import keeps that. */
async function findOpen(
  parts: CustomsJobParts,
  merchantId: string,
  candidates: readonly Candidate[],
  { declarationIds }: Adopted,
): Promise<AskedCandidate[]> {
  const open: AskedCandidate[] = [];
  for (let from = 0; from < candidates.length; from += chunk) {
    const part = candidates.slice(from, from + chunk).flatMap((candidate) => {
      const id = declarationIds[candidate.index];
      return id === undefined ? [] : [{ candidate, bucket: bucketOf(merchantId, candidate.row.orderNo), id }];
    });
    const found = await findDeclarations(parts.db, part);
    const byId = new Map(found.map((declaration) => [declaration.id, declaration]));
    for (const { candidate, id } of part) {
      const declaration = byId.get(id);
      if (declaration && declaration.requestNo === undefined) open.push({ candidate, declaration });
    }
  }
  return open;
}

function withCompleted(first: Adopted, { completed, tied, refusals }: Completed): Adopted {
  return {
    ...first,
    completed: first.completed + completed,
    tied: first.tied + tied,
    refusals: [...first.refusals, ...refusals],
  };
}

/** Adopts in lists of a thousand, each its own transaction: what was done stays done when the process ends. */
async function adoptAll(
  parts: CustomsJobParts,
  merchantId: string,
  inputs: readonly AdoptInput[],
  onProgress: (done: number, of: number) => void,
): Promise<Adopted> {
  const counts = { adopted: 0, known: 0, completed: 0, tied: 0 };
  const refusals: { line: number; refusal: Refusal }[] = [];
  const declarationIds: (string | undefined)[] = [];
  const command = adoptCommand(parts.ids, rulesOf(parts), merchantId);
  for (let from = 0; from < inputs.length; from += chunk) {
    const part = inputs.slice(from, from + chunk);
    const results = await execute(parts.executor, command, part);
    results.forEach((result, index) => {
      declarationIds.push(result.ok ? result.value.declarationId : undefined);
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
  return { ...counts, refusals, declarationIds };
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
  const { adopted, known, completed, refusals } = result;
  const template = file.requestNoTemplate === undefined ? {} : { template: file.requestNoTemplate };
  const detail = { file: file.fileName, adopted, known, completed, refused: refusals.length, ...template };
  const entry = { actor, act: 'payments.imported', subject: file.accountId, detail };
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  await parts.db.transaction((tx) => writeAudit(tx, [entry], stamp));
}
