import type { BusinessDate, Instant } from './brand.ts';

/** Mainland China has had one zone without daylight saving since 1991: UTC+8. */
const shanghaiOffsetMs = 8 * 3_600_000;

export type Clock = { now(): Instant };

export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
export const days = (count: number): number => count * 86_400_000;

export function plus(at: Instant, ms: number): Instant {
  return (at + ms) as Instant;
}

function shanghaiIso(at: Instant): string {
  return new Date(at + shanghaiOffsetMs).toISOString();
}

export function shanghaiDate(at: Instant): BusinessDate {
  return shanghaiIso(at).slice(0, 10) as BusinessDate;
}

/** `yyyy-mm-dd hh:mm:ss` on a wall clock in Beijing, as Chinese channels write times. */
export function shanghaiText(at: Instant): string {
  return shanghaiIso(at).slice(0, 19).replace('T', ' ');
}

/** RFC 3339 with the offset of Beijing. */
export function rfc3339(at: Instant): string {
  return `${shanghaiIso(at).slice(0, 19)}+08:00`;
}

/**
 * Reads a Beijing wall-clock time: `yyyy-mm-dd hh:mm:ss`, `yyyymmddhhmmss` (with or without milliseconds), `yyyy/m/d h:mm`,
 * or RFC 3339 with an offset. Undefined when it is none of these or no real moment (30 February).
 */
export function parseShanghai(text: string): Instant | undefined {
  const value = text.trim();
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value)) {
    const at = Date.parse(value);
    return Number.isNaN(at) ? undefined : (at as Instant);
  }
  const match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/.exec(value) ??
    /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(\d{3})?)?$/.exec(value);
  if (!match) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, part(7));
  const back = new Date(wall);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return undefined;
  return (wall - shanghaiOffsetMs) as Instant;
}
