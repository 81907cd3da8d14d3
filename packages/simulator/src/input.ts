import { fenOf } from './money.ts';

/** Somebody used a control door wrongly; the message says how. Becomes HTTP 400. */
export class BadRequest extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest(`${what} must be an object`);
  return value as Fields;
}

/** A list, or an object that carries the list under `key`, or one single thing. */
export function listOf(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const fields = fieldsOf(value, key);
  const inside = fields[key];
  return Array.isArray(inside) ? inside : [value];
}

export function optionalText(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw new BadRequest(`${key} must be a text`);
  return value;
}

/** For a fault's parameters: what is not a text or a number counts as not given. */
export function wordOr(fields: Fields, key: string, otherwise: string): string {
  const value = fields[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

export function text(fields: Fields, key: string): string {
  const value = optionalText(fields, key);
  if (value === undefined) throw new BadRequest(`${key} is missing`);
  return value;
}

export function optionalMs(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new BadRequest(`${key} must be whole milliseconds since 1970`);
  return value;
}

export function ms(fields: Fields, key: string): number {
  const value = optionalMs(fields, key);
  if (value === undefined) throw new BadRequest(`${key} is missing`);
  return value;
}

export function optionalFen(fields: Fields, key: string): number | undefined {
  const yuan = optionalText(fields, key);
  if (yuan === undefined) return undefined;
  const fen = fenOf(yuan);
  if (fen === undefined) throw new BadRequest(`${key} must be yuan with at most two decimals, as text`);
  return fen;
}

export function fen(fields: Fields, key: string): number {
  const amount = optionalFen(fields, key);
  if (amount === undefined) throw new BadRequest(`${key} is missing`);
  return amount;
}

/** A count from a query string or a body, `otherwise` when it is not given. */
export function wholeNumber(value: unknown, otherwise: number): number {
  if (value === undefined || value === null || value === '') return otherwise;
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < 0)
    throw new BadRequest(`${JSON.stringify(value)} is not a whole number`);
  return number;
}
