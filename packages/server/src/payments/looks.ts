import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { nextQueryAt } from './asking.ts';
import type { DecideParts } from './decide-parts.ts';
import { watchAttempt } from './opening.ts';
import { productOf } from './policy.ts';
import { queryWish } from './wishes.ts';
import type { Work } from './work.ts';

/** Whoever looks again within this time goes on with the dense questions that his first look began. */
const denseAgainMs = minutes(10);
/** Beside those, looks bring about one question in this time at most: however many look, and however often. */
const betweenLooksMs = minutes(2);

/**
 * Somebody looks, as by a request that waits for the end. The first look asks at once and begins the dense questions; later ones, which a
 * program sends every half minute, keep them going and bring the next one forward no further than the channel can bear.
 */
export function lookAt(work: Work, id: string, until: Instant, parts: DecideParts): void {
  const attempt = work.order.attempts.find((one) => one.id === id);
  const { watchedUntil, askedFrom = work.at } = attempt ?? {};
  const isLapsed = watchedUntil === undefined || watchedUntil <= work.at;
  const isFirst = watchedUntil === undefined || (isLapsed && plus(askedFrom, denseAgainMs) <= work.at);
  if (!attempt || isFirst) return watchAttempt(work, id, until, parts);
  const policy = parts.policyOf(attempt.accountId);
  const rule = productOf(policy, attempt.product);
  const watched = { ...attempt, watchedUntil: until };
  if (!rule || nextQueryAt(watched, rule, policy.pay.queryFloorMs, work.at) === undefined) return;
  work.putAttempt(watched);
  const soonest = plus(attempt.heardAt ?? attempt.createdAt, betweenLooksMs);
  work.add({ kind: 'job', wish: queryWish(watched, soonest > work.at ? soonest : work.at, work.at) });
}
