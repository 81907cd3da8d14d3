// All times on both wires are wall-clock time of UTC+8 without an offset (Alipay acquire.customs document; GACC import
// message specification 202205). China has had no daylight saving since 1991, so a fixed offset is exact.
const offsetMs = 8 * 3_600_000;

// The last day written: a history asks for few days and very many seconds.
let last = { day: Number.NaN, date: '' };

function dateOf(localMs: number): string {
  const day = Math.floor(localMs / 86_400_000);
  if (day !== last.day) last = { day, date: new Date(day * 86_400_000).toISOString().slice(0, 10) };
  return last.date;
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Hours, minutes and seconds of the day, with `colon` between them. */
function timeOf(localMs: number, colon: string): string {
  const second = Math.floor(localMs / 1000) % 86_400;
  return two(Math.floor(second / 3600)) + colon + two(Math.floor(second / 60) % 60) + colon + two(second % 60);
}

/** `yyyy-MM-dd HH:mm:ss`, as `last_modified_time` wants it. */
export function spacedTime(ms: number): string {
  return `${dateOf(ms + offsetMs)} ${timeOf(ms + offsetMs, ':')}`;
}

/** `yyyyMMddHHmmss`, 14 digits: customs requests and `customs_return_time`. */
export function compactTime(ms: number): string {
  return dateOf(ms + offsetMs).replaceAll('-', '') + timeOf(ms + offsetMs, '');
}

/** 17 digits with milliseconds: `returnTime` of customs receipts. */
export function receiptTime(ms: number): string {
  return compactTime(ms) + String(ms % 1000).padStart(3, '0');
}

/** The inverse of `spacedTime`; `undefined` when the text is no such moment. */
export function parseSpacedTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(ms) || spacedTime(ms) !== text ? undefined : ms;
}
