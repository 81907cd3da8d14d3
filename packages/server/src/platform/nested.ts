import { assertNever } from '../kernel/index.ts';
import { parseTimestamptz } from './db.ts';
import type { Row } from './db.ts';
import type { Columns, ColumnType } from './sql.ts';

/**
 * SQL: the rows of a table that belong to the row at hand, as one column of it. What belongs together is read by one statement, as it stood at
 * one moment: of several statements each sees what others committed meanwhile, and a whole made of their pieces may never have been.
 * `belongs` is a condition over `part`, `order` an order of its columns.
 */
export function nested(columns: Columns, table: string, belongs: string, order: string): string {
  const values = Object.entries(columns).map(([name, type]) => written(`part."${name}"`, type));
  return `(select json_agg(json_build_array(${values.join(', ')}) order by ${order}) from ${table} part where ${belongs})`;
}

/** What JSON would round, or has no word for, travels as text. */
function written(column: string, type: ColumnType): string {
  if (type === 'int8' || type === 'numeric') return `${column}::text`;
  return type === 'bytea' ? `encode(${column}, 'base64')` : column;
}

/** Back to the rows of a `nested` column; null, which is no row, is an empty list. */
export function nestedRows<R extends Row>(columns: Columns, found: unknown): R[] {
  if (found === null) return [];
  const types = Object.entries(columns);
  return (found as readonly (readonly unknown[])[]).map(
    (values) =>
      Object.fromEntries(types.map(([name, type], index) => [name, read(type, values[index])])) as unknown as R,
  );
}

function read(type: ColumnType, value: unknown): unknown {
  if (value === null) return null;
  switch (type) {
    case 'int8':
      return BigInt(value as string);
    case 'timestamptz':
      // JSON has an ISO text whatever the session's style of dates is: the same but for its T.
      return parseTimestamptz((value as string).replace('T', ' '));
    case 'bytea':
      return Buffer.from(value as string, 'base64');
    case 'int2':
    case 'int4':
    case 'float8':
    case 'bool':
    case 'text':
    case 'uuid':
    case 'date':
    case 'numeric':
    case 'jsonb':
    case 'text[]':
      return value;
    default:
      return assertNever(type);
  }
}
