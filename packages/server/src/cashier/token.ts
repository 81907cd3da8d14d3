import { createHash } from 'node:crypto';
import type { RandomBytes } from '../platform/ids.ts';

/** The order's bucket, so that the link is found in one place, and 256 random bits. */
const form = /^(\d{3})[A-Za-z0-9_-]{43}$/;

export function makeCashierToken(bucket: number, random: RandomBytes): string {
  return String(bucket).padStart(3, '0') + Buffer.from(random(32)).toString('base64url');
}

/** The bucket that a token names; undefined when it is none of ours. */
export function bucketOfToken(token: string): number | undefined {
  const [, bucket] = form.exec(token) ?? [];
  return bucket === undefined ? undefined : Number(bucket);
}

/** All that is kept of it. With 256 bits there is nothing to guess, so the digest needs no key. */
export const digestOfToken = (token: string): Uint8Array => createHash('sha256').update(token).digest();
