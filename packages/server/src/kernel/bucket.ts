/** One of 1,000 buckets. Fixed for ever: every row of an order's life carries it first in its keys (architecture rules 9, 10). */
const bucketCount = 1000;

/** FNV-1a, 32 bit, over UTF-8 bytes (draft-eastlake-fnv-17, §3). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash ^= byte;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** The bucket of everything that belongs to one merchant order. */
export function bucketOf(merchantId: string, merchantOrderNo: string): number {
  return fnv1a32(`${merchantId}|${merchantOrderNo}`) % bucketCount;
}
