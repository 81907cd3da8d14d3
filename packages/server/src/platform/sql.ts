import { assert, assertNever } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { kept, timestamp } from './db.ts';
import type { Queryable, Row } from './db.ts';

type ColumnValue = {
  int2: number;
  int4: number;
  int8: bigint | number;
  float8: number;
  bool: boolean;
  text: string;
  uuid: string;
  /** `yyyy-mm-dd` */
  date: string;
  /** A decimal as text. */
  numeric: string;
  /** An Instant. */
  timestamptz: number;
  jsonb: unknown;
  bytea: Uint8Array;
  /** unnest() would flatten an array of arrays: the values travel as JSON and become arrays in the statement (`selectList`). */
  'text[]': readonly string[];
};

export type ColumnType = keyof ColumnValue;
export type Columns = Readonly<Record<string, ColumnType>>;
/** One row for a set of columns. Every column is named, so that none is forgotten; undefined and null are both NULL. */
export type ColumnRow<C extends Columns> = { readonly [K in keyof C]: ColumnValue[C[K]] | null | undefined };

type NameOf<C extends Columns> = keyof C & string;

function quoteName(name: string): string {
  return name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

/** One element of an array literal (PostgreSQL documentation, "Array Value Input Syntax"). */
function encode(type: TextType, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  switch (type) {
    case 'timestamptz':
      return timestamp(value as Instant);
    case 'int2':
    case 'int4':
    case 'int8':
    case 'float8':
    case 'bool':
      return (value as number | bigint | boolean).toString();
    case 'text':
    case 'uuid':
    case 'date':
    case 'numeric':
      return quoteText(value as string);
    default:
      return assertNever(type);
  }
}

function quoteText(text: string): string {
  return /["\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}

/** Types whose array travels in binary, with the oid of an element (PostgreSQL, pg_type.dat). */
const binaryTypes = { bytea: 17, jsonb: 3802, 'text[]': 3802 } as const;
type BinaryType = keyof typeof binaryTypes;
type TextType = Exclude<ColumnType, BinaryType>;

const isBinary = (type: ColumnType): type is BinaryType => Object.hasOwn(binaryTypes, type);

const arrayHeadBytes = 20;

/**
 * An array as PostgreSQL receives it in binary (array_recv, byteasend, jsonb_recv of its source): long values would be written twice as long
 * into a literal and read there byte by byte.
 */
function binaryArray(type: BinaryType, values: readonly unknown[]): Buffer {
  const isBytes = type === 'bytea';
  const contents = values.map((value) =>
    value === null || value === undefined ? undefined : isBytes ? (value as Uint8Array) : JSON.stringify(value),
  );
  const lengths = contents.map((one) =>
    one === undefined ? -1 : typeof one === 'string' ? 1 + Buffer.byteLength(one) : one.length,
  );
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + Math.max(length, 0), arrayHeadBytes));
  const head = [values.length === 0 ? 0 : 1, 1, binaryTypes[type], values.length, 1];
  let to = 0;
  for (const word of head) to = bytes.writeInt32BE(word, to);
  for (const [index, one] of contents.entries()) {
    to = bytes.writeInt32BE(lengths[index] ?? -1, to);
    if (typeof one === 'string') {
      to = bytes.writeUInt8(jsonbVersion, to);
      to += bytes.write(one, to);
    } else if (one !== undefined) {
      bytes.set(one, to);
      to += one.length;
    }
  }
  // An array without elements has neither their number nor where they begin.
  return values.length === 0 ? bytes.subarray(0, 12) : bytes;
}

const jsonbVersion = 1;

/**
 * A condition that is always true, for a statement which is a transaction of its own: its commit does not wait for the disk. For what is
 * worth nothing before a later commit, as that one writes the log up to itself.
 */
export const commitAtLeisure = `set_config('synchronous_commit', 'off', true) = 'off'`;

const texts = new WeakMap<Columns, Map<string, string>>();

/** The text of a statement over these columns: composed once, as the same lists of columns come back all the time. */
function textOf(columns: Columns, name: string, compose: () => string): string {
  const known = texts.get(columns) ?? new Map<string, string>();
  texts.set(columns, known);
  const text = known.get(name) ?? compose();
  known.set(name, text);
  return text;
}

function setText(columns: Columns, firstParam: number): string {
  const casts = Object.values(columns).map(
    (type, index) => `$${firstParam + index}::${type === 'text[]' ? 'jsonb' : type}[]`,
  );
  return `unnest(${casts.join(', ')}) AS t(${Object.keys(columns).map(quoteName).join(', ')})`;
}

/**
 * Rows as one set of array parameters: any number of rows, one statement, one plan.
 * The set is called `t`. A `text[]` column is a jsonb there: read it through `selectList`.
 */
export function unnest<C extends Columns>(
  columns: C,
  rows: readonly ColumnRow<C>[],
  firstParam = 1,
): { sql: string; values: (string | Buffer)[] } {
  const entries: [NameOf<C>, ColumnType][] = Object.entries(columns);
  return {
    sql: textOf(columns, `set ${firstParam}`, () => setText(columns, firstParam)),
    // Made here: the driver would look at every value again.
    values: entries.map(([name, type]) =>
      isBinary(type)
        ? binaryArray(
            type,
            rows.map((row) => row[name]),
          )
        : `{${rows.map((row) => encode(type, row[name])).join(',')}}`,
    ),
  };
}

function valueOf(name: string, type: ColumnType | undefined): string {
  const column = `t.${quoteName(name)}`;
  if (type !== 'text[]') return column;
  return `CASE WHEN ${column} IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(${column})) END`;
}

/** What to SELECT from the set `t` to get the columns in their own types. */
export function selectList(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => valueOf(name, type))
    .join(', ');
}

/**
 * Inserts all rows with one statement; no rows, no statement.
 * `suffix` is SQL, such as `ON CONFLICT DO NOTHING RETURNING id`; what it returns is returned. Sort the rows by their key:
 * two lists that insert the same keys in different orders deadlock.
 */
export async function insertRows<C extends Columns, R extends Row = Row>(
  tx: Queryable,
  table: string,
  columns: C,
  rows: readonly ColumnRow<C>[],
  suffix = '',
): Promise<R[]> {
  if (rows.length === 0) return [];
  const set = unnest(columns, rows);
  const text = textOf(columns, `insert ${table} ${suffix}`, () => {
    const names = Object.keys(columns).map(quoteName).join(', ');
    return `INSERT INTO ${quoteName(table)} (${names}) SELECT ${selectList(columns)} FROM ${set.sql} ${suffix}`;
  });
  return tx.query<R>(suffix.includes('*') ? text : kept(text), set.values);
}

export type UpdateOptions<C extends Columns> = {
  /** Compared besides the key and not written, such as the version that was read. */
  readonly match?: readonly NameOf<C>[];
  /** SQL: more assignments, such as `version = target.version + 1`. */
  readonly set?: string;
  /** SQL: more conditions. The table is `target`, the given rows are `t`. */
  readonly where?: string;
  /** SQL: a list after RETURNING. */
  readonly returning?: string;
};

function compareKeys(left: readonly string[], right: readonly string[]): number {
  for (const [index, a] of left.entries()) {
    const b = right[index] ?? '';
    if (a !== b) return a.length !== b.length && /^\d+$/.test(a + b) ? a.length - b.length : a < b ? -1 : 1;
  }
  return 0;
}

/** In the order of their keys, as lists that lock in different orders deadlock; two rows of one key are a bug, as UPDATE … FROM applies only one of them. */
function sortByKey<C extends Columns>(
  table: string,
  rows: readonly ColumnRow<C>[],
  keys: readonly NameOf<C>[],
): ColumnRow<C>[] {
  const keyed = rows.map((row) => ({ row, key: keys.map((name) => String(row[name])) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  for (const [index, { key }] of keyed.entries()) {
    const before = keyed[index - 1];
    assert(
      !before || compareKeys(before.key, key) !== 0,
      `two rows of ${table} with the key ${key.join(', ')} in one update`,
    );
  }
  return keyed.map(({ row }) => row);
}

/**
 * Updates all rows with one statement, joined by `keyColumns`; the other columns are written. Rows that are not found are left out
 * silently: compare what RETURNING gives with what was asked.
 * @throws Bug when two rows have the same key (architecture rule 6, fold).
 */
export async function updateRows<C extends Columns, R extends Row = Row>(
  tx: Queryable,
  table: string,
  columns: C,
  keyColumns: readonly NameOf<C>[],
  rows: readonly ColumnRow<C>[],
  options: UpdateOptions<C> = {},
): Promise<R[]> {
  if (rows.length === 0) return [];
  const set = unnest(columns, sortByKey(table, rows, keyColumns));
  const { match = [], set: more = '', where = '', returning = '' } = options;
  const name = `update ${table} ${keyColumns.join()} ${match.join()} ${more} ${where} ${returning}`;
  const text = textOf(columns, name, () => updateText(table, columns, [...keyColumns, ...match], options, set.sql));
  return tx.query<R>(returning.includes('*') ? text : kept(text), set.values);
}

function updateText<C extends Columns>(
  table: string,
  columns: C,
  compared: readonly NameOf<C>[],
  options: UpdateOptions<C>,
  set: string,
): string {
  const assignments = Object.entries(columns)
    .filter(([name]) => !compared.includes(name))
    .map(([name, type]) => `${quoteName(name)} = ${valueOf(name, type)}`);
  if (options.set !== undefined) assignments.push(options.set);
  const conditions = compared.map((name) => `target.${quoteName(name)} = ${valueOf(name, columns[name])}`);
  if (options.where !== undefined) conditions.push(`(${options.where})`);
  const returning = options.returning === undefined ? '' : ` RETURNING ${options.returning}`;
  return `UPDATE ${quoteName(table)} AS target SET ${assignments.join(', ')} FROM ${set} WHERE ${conditions.join(' AND ')}${returning}`;
}
