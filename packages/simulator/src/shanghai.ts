// All times on both wires are wall-clock time of UTC+8 without an offset (Alipay acquire.customs document; GACC import
// message specification 202205). China has had no daylight saving since 1991, so a fixed offset is exact.
const offsetMs = 8 * 3_600_000;

function wallClock(ms: number): string {
  return new Date(ms + offsetMs).toISOString();
}

/** `yyyy-MM-dd HH:mm:ss`, as `last_modified_time` wants it. */
export function spacedTime(ms: number): string {
  return wallClock(ms).slice(0, 19).replace('T', ' ');
}

/** `yyyyMMddHHmmss`, 14 digits: customs requests and `customs_return_time`. */
export function compactTime(ms: number): string {
  return wallClock(ms).slice(0, 19).replace(/[-T:]/g, '');
}

/** 17 digits with milliseconds: `returnTime` of customs receipts. */
export function receiptTime(ms: number): string {
  return wallClock(ms)
    .slice(0, 23)
    .replace(/[-T:.]/g, '');
}
