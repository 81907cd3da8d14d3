import { createHmac } from 'node:crypto';
import type { Instant, Secret } from '../kernel/index.ts';

/** Standard Webhooks 1.0, "Signature scheme": 24 to 64 random bytes, in base64 behind `whsec_`. */
const secretPrefix = 'whsec_';

export function makeSecret(random: (count: number) => Uint8Array): string {
  return secretPrefix + Buffer.from(random(32)).toString('base64');
}

/**
 * The headers of one try (Standard Webhooks 1.0, "Webhook headers"): always the same id, the moment of this try in seconds, and one
 * signature for each live secret, the newest first, so that a receiver may change its secret when it likes during the overlap.
 */
export function signedHeaders(
  message: { readonly id: string; readonly body: string },
  at: Instant,
  secrets: readonly Secret[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at / 1000));
  const content = `${message.id}.${timestamp}.${message.body}`;
  const signatures = secrets.map((secret) => `v1,${hmac(secret, content)}`);
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function hmac(secret: Secret, content: string): string {
  // tidy-allow reveal: this is the sign.ts of a folder that is no channel
  const key = Buffer.from(secret.reveal().slice(secretPrefix.length), 'base64');
  return createHmac('sha256', key).update(content).digest('base64');
}
