import type { Queryable } from './db.ts';
import { insertRows } from './sql.ts';

export type NumberRow = {
  readonly bucket: number;
  readonly merchantId: string;
  readonly number: string;
  readonly kind: string;
  readonly record: string;
};

/** How a number is compared: full-width folded, blanks, quotes, pipes and group marks removed, letters upper case. */
export function normalForm(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\s|"'`,，;；\u200b\ufeff]/g, '')
    .toUpperCase();
}

/** Writes the index "one number → whole story" in the transaction of the record (architecture rule 9). */
export async function indexNumbers(tx: Queryable, numbers: readonly NumberRow[]): Promise<void> {
  const columns = { bucket: 'int2', merchant_id: 'text', normal_form: 'text', kind: 'text', record: 'uuid' } as const;
  const rows = numbers
    .map((row) => ({
      bucket: row.bucket,
      merchant_id: row.merchantId,
      normal_form: normalForm(row.number),
      kind: row.kind,
      record: row.record,
    }))
    .filter((row) => row.normal_form !== '')
    .sort(
      (a, b) => a.bucket - b.bucket || (a.normal_form + a.kind + a.record < b.normal_form + b.kind + b.record ? -1 : 1),
    );
  await insertRows(tx, 'numbers', columns, rows, 'on conflict do nothing');
}

export type NumberHit = {
  readonly number: string;
  readonly merchantId: string;
  readonly bucket: number;
  readonly kind: string;
  readonly record: string;
};

/** All records that carry any of these numbers; an answer is a list. */
export async function findNumbers(
  db: Queryable,
  merchantIds: readonly string[],
  numbers: readonly string[],
): Promise<NumberHit[]> {
  const rows = await db.query<{
    normal_form: string;
    merchant_id: string;
    bucket: number;
    kind: string;
    record: string;
  }>(
    `select normal_form, merchant_id, bucket, kind, record from numbers
     where normal_form = any($1::text[]) and merchant_id = any($2::text[])
     order by normal_form, kind, bucket, record`,
    [numbers.map(normalForm), merchantIds],
  );
  return rows.map((row) => ({
    number: row.normal_form,
    merchantId: row.merchant_id,
    bucket: row.bucket,
    kind: row.kind,
    record: row.record,
  }));
}
