import { hours, minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { stateAt } from './declaration.ts';
import type { DeclarationView } from './declaration.ts';

/** Moments after acceptance at which we ask; then hourly to a day, every four hours to a week, daily for as long as the record is open. */
const askAfterMs = [seconds(30), minutes(1), minutes(2), minutes(5), minutes(10), minutes(20), minutes(40)];

/**
 * When to ask the channel next by the ordinary plan; once a day where the group is sampled because its receipts are known not to come.
 * Undefined: nobody needs to ask, as the payment side is done or cannot be asked.
 */
export function nextAskAt(declaration: DeclarationView, now: Instant, isSampled: boolean): Instant | undefined {
  const state = stateAt(declaration, now);
  if (['released', 'closed', 'closed_manual', 'cancelled', 'cannot_be_asked'].includes(state)) return undefined;
  if (state === 'at_customs') return undefined;
  if (isSampled) return toGrid(plus(now, hours(24)));
  const since = declaration.summary.firstAcceptedAt ?? declaration.summary.lastPushAt ?? now;
  const last = declaration.summary.lastAskedAt ?? since;
  for (const after of askAfterMs) {
    const at = plus(since, after);
    if (at > last && at > now) return at;
  }
  const age = now - since;
  const step = age < hours(24) ? hours(1) : age < hours(168) ? hours(4) : hours(24);
  return toGrid(plus(last > now ? last : now, step));
}

/** Queries go out in tens: asking on whole minutes lets records that wait for the same thing share a call. */
export function toGrid(at: Instant): Instant {
  return (Math.ceil(at / 60_000) * 60_000) as Instant;
}
