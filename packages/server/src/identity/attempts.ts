import { done, minutes, plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import type { Visit } from './tokens.ts';

const failuresMax = 10;
const windowMs = minutes(10);
const placesMax = 10_000;

/** Failed logins per door and address, in this process only: tokens have 190 bits, the limit is against noise. */
export class LoginAttempts {
  /** Moments of failures, oldest first. */
  readonly #failures = new Map<string, Instant[]>();

  /** @returns refusal auth.too_many_attempts until the oldest of the last ten failures is ten minutes old. */
  admit(visit: Visit, at: Instant): Result<void> {
    const recent = this.#recent(placeOf(visit), at);
    const oldest = recent.at(-failuresMax);
    if (oldest === undefined) return done(undefined);
    return refuseAs('auth.too_many_attempts', { notBefore: plus(oldest, windowMs) });
  }

  failed(visit: Visit, at: Instant): void {
    const place = placeOf(visit);
    const recent = [...this.#recent(place, at), at].slice(-failuresMax);
    this.#failures.delete(place); // the youngest place stands last, so that the oldest one is forgotten first
    this.#failures.set(place, recent);
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= placesMax) break;
      this.#failures.delete(oldest);
    }
  }

  #recent(place: string, at: Instant): readonly Instant[] {
    return (this.#failures.get(place) ?? []).filter((failure) => plus(failure, windowMs) > at);
  }
}

function placeOf(visit: Visit): string {
  return `${visit.door} ${visit.ip ?? 'here'}`;
}
