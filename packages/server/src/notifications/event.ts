import { createHash } from 'node:crypto';
import { assert, rfc3339 } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { eventTypes } from './event-types.data.ts';
import type { EventType } from './event-types.data.ts';

export type EventValue =
  string | number | bigint | boolean | null | readonly EventValue[] | { readonly [name: string]: EventValue };

/** Something that a merchant's systems may want to hear of. */
export type NewEvent = {
  readonly merchantId: string;
  readonly type: EventType;
  /** The number people use: `I-1`, `P-3`, `C-7`. */
  readonly subject: string;
  /** Written in snake_case. Money: `minor` as an integer beside `currency`; moments in RFC 3339. Nothing personal: it leaves the house. */
  readonly data: Readonly<Record<string, EventValue>>;
};

export type EventRow = {
  /** `msg_…`, the `webhook-id` of every try of every delivery. */
  readonly id: string;
  readonly merchantId: string;
  readonly type: EventType;
  readonly subject: string;
  readonly body: string;
  readonly at: Instant;
};

/** The same event of the same moment has the same id, however often it is told: a receiver knows it again. */
export function eventOf({ merchantId, type, subject, data }: NewEvent, at: Instant): EventRow {
  // The members that Standard Webhooks 1.0 ("Webhook payload") names, in its order.
  const body = JSON.stringify({ type, timestamp: rfc3339(at), data: wireOf(data) });
  // 96 bits: every event carries it in two indexes.
  const digest = digestOf([merchantId, type, subject, at, body], 'base64url').slice(0, 16);
  return { id: `msg_${digest}`, merchantId, type, subject, body, at };
}

const snake = (name: string): string =>
  /^[a-z][A-Za-z0-9]*$/.test(name) ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name;

function wireOf(value: EventValue): EventValue {
  if (typeof value === 'bigint') return exact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly EventValue[]).map(wireOf);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [snake(name), wireOf(inner)]));
}

/** JSON readers keep integers up to 2^53 exactly (RFC 8259 §6). */
function exact(value: bigint): number {
  assert(Number.isSafeInteger(Number(value)), 'an amount beyond 2^53');
  return Number(value);
}

/** One delivery for each event and endpoint: the same pair has the same id (UUID version 8, RFC 9562 §5.8). */
export function deliveryIdOf(eventId: string, endpointId: string): string {
  const hex = digestOf([eventId, endpointId], 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digestOf(parts: readonly (string | number)[], form: 'hex' | 'base64url'): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest(form);
}

export function isEventType(text: string): text is EventType {
  return Object.hasOwn(eventTypes, text);
}
