import { days } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';

export type Expiry = { readonly state: 'ok' | 'warn' | 'fail'; readonly daysLeft: number };

/** How something with an end stands: a month and a week before it people are told, on the last day it is a fault. */
export function judgeExpiry(endsAt: Instant, now: Instant): Expiry {
  const daysLeft = Math.floor((endsAt - now) / days(1));
  return { daysLeft, state: daysLeft < 1 ? 'fail' : daysLeft < 30 ? 'warn' : 'ok' };
}
