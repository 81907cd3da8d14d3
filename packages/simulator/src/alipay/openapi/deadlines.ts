import type { Fields } from '../../input.ts';
import { parseSpacedTime } from '../../shanghai.ts';
import { failure } from './results.ts';
import { word } from './terms.ts';
import type { CallResult, Deadline } from './types.ts';

// Deadlines: Alipay open platform, fields time_expire and timeout_express of the payment methods.

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const longestMs = 15 * dayMs;
const shanghaiMs = 8 * hourMs;

/** How long a QR code lives, whatever was set. */
export const codeLivesMs = 2 * hourMs;

export function readDeadline(method: string, biz: Fields, now: number): Deadline | CallResult {
  const absolute = word(biz, 'time_expire');
  if (absolute !== undefined) {
    const at = parseSpacedTime(absolute);
    if (at === undefined || at > now + longestMs) return failure('INVALID_PARAMETER');
    if (at <= now) return failure('NOW_TIME_AFTER_EXPIRE_TIME_ERROR');
    return { at };
  }
  const length = word(biz, 'timeout_express');
  if (length === undefined) return { forMs: isFaceToFace(method) ? 3 * hourMs : longestMs };
  if (length === '1c') return { at: Math.floor((now + shanghaiMs) / dayMs + 1) * dayMs - shanghaiMs };
  const parts = /^(\d{1,5})([mhd])$/.exec(length);
  const unit = parts?.[2] === 'm' ? minuteMs : parts?.[2] === 'h' ? hourMs : dayMs;
  const forMs = parts ? Number(parts[1]) * unit : 0;
  if (forMs < minuteMs || forMs > longestMs) return failure('INVALID_PARAMETER');
  return { forMs: isOnPhone(method) ? Math.max(forMs, 5 * minuteMs) : forMs };
}

function isFaceToFace(method: string): boolean {
  return method === 'alipay.trade.precreate' || method === 'alipay.trade.pay';
}

/** There the length counts from the payer's confirmation, and less than five minutes count as five. */
export function isOnPhone(method: string): boolean {
  return method === 'alipay.trade.wap.pay' || method === 'alipay.trade.app.pay';
}

/** When a thing expires whose life began at `from`. */
export function endOf(deadline: Deadline, from: number): number {
  return 'at' in deadline ? deadline.at : from + deadline.forMs;
}
