import { days, done, plus, shanghaiDate } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { refuseAs } from './refusals.ts';
import { retentionClasses } from './retention.data.ts';
import type { RetentionClassName } from './retention.data.ts';

/** A term of the installation's own, from a moment on. */
export type OwnTerm = {
  readonly class: string;
  readonly days: number;
  readonly validFrom: Instant;
  readonly decidedBy: string;
};

/** How long a class is kept at a moment: the newest own term that has begun, else the program's; never below the minimum. */
export function termAt(name: RetentionClassName, own: readonly OwnTerm[], at: Instant): number {
  const { days: usual, minimumDays } = retentionClasses[name];
  const begun = own.filter((term) => term.class === name && term.validFrom <= at);
  const newest = begun.reduce<OwnTerm | undefined>(
    (best, term) => (best && best.validFrom >= term.validFrom ? best : term),
    undefined,
  );
  return Math.max(minimumDays, newest?.days ?? usual);
}

/** What is older than this may go: whole days, by the calendar of Beijing. */
export function cutOff(termDays: number, at: Instant): Instant {
  const midnight = Date.parse(`${shanghaiDate(at)}T00:00:00+08:00`) as Instant;
  return plus(midnight, -days(termDays));
}

/** A shorter term deletes: there is a week in which to object, and to take a last backup. */
const noticeDays = 7;

/** From when a new term counts. @returns refusals retention.unknown_class, retention.below_minimum, usage.bad_input. */
export function decideTerm(
  name: string,
  termDays: number,
  own: readonly OwnTerm[],
  at: Instant,
): Result<{ readonly class: RetentionClassName; readonly validFrom: Instant; readonly before: number }> {
  if (!isRetentionClass(name)) return refuseAs('retention.unknown_class', { class: name });
  if (!Number.isInteger(termDays) || termDays > 36_600)
    return refuseAs('usage.bad_input', { field: 'days', value: String(termDays) }, '/days');
  const { minimumDays } = retentionClasses[name];
  if (termDays < minimumDays)
    return refuseAs('retention.below_minimum', { class: name, days: termDays, minimum: minimumDays });
  const before = termAt(name, own, at);
  return done({ class: name, before, validFrom: termDays < before ? plus(at, days(noticeDays)) : at });
}

function isRetentionClass(name: string): name is RetentionClassName {
  return Object.hasOwn(retentionClasses, name);
}
