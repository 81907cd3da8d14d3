import type { ProductRule } from '../channels/contract/index.ts';
import { hours, minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Attempt } from './attempt.ts';
import type { Refund } from './refund.ts';

const s = 1000;
const m = 60 * s;
const h = 60 * m;

/** Offsets after hand-out or send while somebody looks at the cashier or the shop waits. */
const watched = offsets([5 * s, 10 * s, 20 * s, 60 * s, 2 * m, 4 * m, 8 * m], 10 * m, 24 * h);
/** Nobody looks: twice on the way. */
const unwatched = [95 * s, 935 * s];
/** Around the deadline: the last look at what can still be paid, and the first at what cannot. */
const atDeadline = [-30 * s, 5 * s];
/** After the deadline, unproven: slower and slower, for as long as it is open. */
const afterDeadline = offsets([m, 4 * m, 5 * m, 20 * m], h, 24 * h).concat(offsets([28 * h], 4 * h, 72 * h));
const afterThreeDays = 24 * h;

const closing = offsets([2 * s, 5 * s, 15 * s, 60 * s], 5 * m, 24 * h);
const callInDoubt = offsets([2 * s, 5 * s, 10 * s, 20 * s, 60 * s, 2 * m, 5 * m, 10 * m, 30 * m], h, 24 * h);
/** Ends with the moment from which a person has to look: asked a day later, the case would come a day late. */
const refund = offsets([10 * s, 20 * s, m, m, m, 2 * m, 5 * m, 10 * m, 20 * m, 30 * m], h, 24 * h).concat(24 * h);

/** Sums of the gaps, then every `every` until `until`. */
function offsets(gaps: readonly number[], every: number, until: number): readonly number[] {
  const made: number[] = [];
  let at = 0;
  for (const gap of gaps) made.push((at += gap));
  while (at + every <= until) made.push((at += every));
  return made;
}

function nextOf(from: Instant, plan: readonly number[], at: Instant, then: number): Instant {
  const next = plan.find((offset) => from + offset > at);
  return next === undefined ? plus(at, then) : plus(from, next);
}

const earliest = (moments: readonly (Instant | undefined)[]): Instant | undefined => {
  const given = moments.filter((moment) => moment !== undefined);
  return given.length === 0 ? undefined : (Math.min(...given) as Instant);
};

/** When the channel is asked about an attempt next; undefined: nobody needs to ask. Never sooner than the floor. */
export function nextQueryAt(attempt: Attempt, rule: ProductRule, floorMs: number, at: Instant): Instant | undefined {
  const { state, deadlineAt, askedFrom = attempt.createdAt } = attempt;
  if (!['submitting', 'cashier_open', 'trade_open', 'in_doubt', 'closing'].includes(state)) return undefined;
  const floor = plus(at, floorMs);
  const later = (moment: Instant | undefined): Instant | undefined =>
    moment === undefined ? undefined : moment < floor ? floor : moment;
  if (rule.codePayment && state !== 'closing') {
    const { everyMs, forMs } = rule.codePayment;
    return at < plus(askedFrom, forMs)
      ? plus(at, everyMs)
      : later(nextOf(plus(askedFrom, forMs), callInDoubt, at, 24 * h));
  }
  if (state === 'in_doubt') return later(nextOf(attempt.doubtSince ?? askedFrom, callInDoubt, at, 24 * h));
  // A trade that exists is asked about until the close is proven; a cashier that nobody opened lives until its deadline.
  if (state === 'closing' && attempt.tradeNo !== undefined && at <= deadlineAt)
    return later(nextOf(attempt.closeFrom ?? at, closing, at, 24 * h));
  const around = atDeadline.map((offset) => plus(deadlineAt, offset)).find((moment) => moment > at);
  if (around === undefined)
    return later(earliest([nextOf(deadlineAt, afterDeadline, at, afterThreeDays), provesAfter(attempt, rule, at)]));
  const isWatched = attempt.watchedUntil !== undefined && attempt.watchedUntil > at;
  const plan = isWatched ? watched : unwatched;
  const planned = plan.map((offset) => plus(askedFrom, offset)).find((moment) => moment > at);
  return later(earliest([planned, around]));
}

/** An ended attempt is asked about because somebody said something about it that counts: until the channel has answered, ever more slowly. */
export function nextLookAt({ endedAt, doubtSince, createdAt }: Attempt, at: Instant): Instant {
  const ended = endedAt ?? createdAt;
  return nextOf(doubtSince !== undefined && doubtSince > ended ? doubtSince : ended, afterDeadline, at, afterThreeDays);
}

/** From when "not found" proves that nobody ever paid under this number; undefined: it never does. */
export function absenceProvesFrom({ deadlineAt, createdAt }: Attempt, rule: ProductRule): Instant | undefined {
  const { absenceProves } = rule;
  if (!absenceProves) return undefined;
  const { afterDeadlineMinutes, afterCreationMinutes = 0 } = absenceProves;
  const latest = Math.max(deadlineAt, plus(createdAt, minutes(afterCreationMinutes))) as Instant;
  return plus(latest, minutes(afterDeadlineMinutes));
}

/** The moment from which an absence proves something, if it is still to come: then it is worth asking. */
function provesAfter(attempt: Attempt, rule: ProductRule, at: Instant): Instant | undefined {
  const from = absenceProvesFrom(attempt, rule);
  return from !== undefined && from > at ? from : undefined;
}

/** A person looks at an attempt that is still in doubt then. */
export const attemptDoubtDeadline = ({ deadlineAt }: Attempt, rule: ProductRule): Instant =>
  rule.codePayment ? plus(deadlineAt, minutes(5)) : plus(deadlineAt, hours(24));

export const refundDoubtDeadline = ({ createdAt }: Refund): Instant => plus(createdAt, hours(24));

/** When the channel is asked about a refund next. */
export function nextRefundQueryAt(
  { askedFrom, createdAt }: Pick<Refund, 'askedFrom' | 'createdAt'>,
  firstMs: number,
  at: Instant,
): Instant {
  const from = askedFrom ?? createdAt;
  const next = nextOf(from, refund, at, 24 * h);
  return next < plus(from, firstMs) ? plus(from, firstMs) : next;
}

/** When an unanswered or unconfirmed close is sent again. */
export const nextCloseAt = (attempt: Attempt, at: Instant): Instant =>
  nextOf(attempt.closeFrom ?? at, closing, at, 24 * h);
