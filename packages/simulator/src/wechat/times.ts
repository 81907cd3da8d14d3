import { compactTime, parseSpacedTime, spacedTime } from '../shanghai.ts';

/** RFC 3339 with the offset of UTC+8, as all APIv3 times are written. */
export function rfc3339(ms: number): string {
  return `${spacedTime(ms).replace(' ', 'T')}+08:00`;
}

/** `undefined` when it is no moment or names no offset. */
export function parseRfc3339(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `yyyyMMddHHmmss` of UTC+8, as v2 writes moments. */
export function parseCompact(text: string): number | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  return parts ? parseSpacedTime(`${parts.slice(1, 4).join('-')} ${parts.slice(4).join(':')}`) : undefined;
}

/** `yyyyMMdd` of UTC+8. */
export function compactDate(ms: number): string {
  return compactTime(ms).slice(0, 8);
}

/** `yyyy-MM-dd` of UTC+8. */
export function dateOf(ms: number): string {
  return spacedTime(ms).slice(0, 10);
}
