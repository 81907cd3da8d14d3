import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LiushuiEvent } from './events.ts';

export type Headers =
  Readonly<Record<string, string | readonly string[] | undefined>> | { get(name: string): string | null };

export type WebhookMessage = {
  /** `whsec_…`; several while one is being replaced. */
  readonly secrets: string | readonly string[];
  readonly headers: Headers;
  /** The bytes as they came: JSON that was parsed and written again has other bytes. */
  readonly body: Uint8Array | string;
  /** Milliseconds since 1970: `Date.now()`. */
  readonly now: number;
  /** How far the sender's clock may be off, and how old a message may be. 300 unless told. */
  readonly toleranceSeconds?: number;
};

export type WebhookRefusal = 'headers' | 'timestamp' | 'signature' | 'body';

const whyWords: Readonly<Record<WebhookRefusal, string>> = {
  headers: 'webhook-id, webhook-timestamp or webhook-signature is missing or malformed',
  timestamp: 'the timestamp is outside the tolerance: an old message sent again, or a clock that is off',
  signature: 'no signature fits any of the secrets',
  body: 'the signature fits, the body is no message',
};

/** Answer it with 401 and believe nothing of the message. */
export class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError';
  readonly why: WebhookRefusal;

  constructor(why: WebhookRefusal) {
    super(whyWords[why]);
    this.why = why;
  }
}

/**
 * Verifies a message by Standard Webhooks 1.0 (HMAC-SHA256 over `id.timestamp.body`, base64, any of several signatures) and reads it.
 * Throws WebhookRefusedError; TypeError for a secret that is none.
 */
export function verifyWebhook(message: WebhookMessage): LiushuiEvent {
  const { secrets, headers, body, now, toleranceSeconds = 300 } = message;
  const keys = [secrets].flat().map(keyOf);
  if (keys.length === 0) throw new TypeError('no secret was given');
  const id = headerOf(headers, 'webhook-id');
  const timestamp = headerOf(headers, 'webhook-timestamp');
  const given = headerOf(headers, 'webhook-signature').split(' ').flatMap(signatureOf);
  if (id === '' || !/^\d{1,12}$/.test(timestamp) || given.length === 0) throw new WebhookRefusedError('headers');
  if (!(Math.abs(now / 1000 - Number(timestamp)) <= toleranceSeconds)) throw new WebhookRefusedError('timestamp');
  const wanted = keys.map((key) => createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest());
  // Every pair is compared, so that the time taken tells nothing of which one fitted.
  const fitting = wanted.flatMap((one) => given.map((other) => timingSafeEqual(one, other))).filter(Boolean);
  if (fitting.length === 0) throw new WebhookRefusedError('signature');
  return { ...read(typeof body === 'string' ? body : new TextDecoder().decode(body)), id };
}

function keyOf(secret: string): Uint8Array {
  const [, text = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(text, 'base64');
  if (key.length < 16) throw new TypeError('a webhook secret begins with whsec_ and holds at least 16 bytes');
  return key;
}

/** Other versions than v1 are for other readers. */
function signatureOf(text: string): Uint8Array[] {
  const bytes = text.startsWith('v1,') ? Buffer.from(text.slice(3), 'base64') : Buffer.alloc(0);
  return bytes.length === 32 ? [bytes] : [];
}

function headerOf(headers: Headers, name: string): string {
  const value =
    typeof headers['get'] === 'function' ? headers['get'](name) : (headers as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

function read(text: string): LiushuiEvent {
  try {
    const event = JSON.parse(text) as LiushuiEvent | null;
    if (typeof event?.type === 'string' && typeof event.data === 'object') return event;
  } catch {
    // told below
  }
  throw new WebhookRefusedError('body');
}
