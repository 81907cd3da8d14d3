/** What one key may send: a burst, and then a steady pace. */
export const keyPace = { burst: 100, perSecond: 50 } as const;

const keysMax = 10_000;

type Bucket = { tokens: number; at: number };

/** A token bucket per key, in this process. Times are milliseconds of a clock that only rises. */
export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #pace: { readonly burst: number; readonly perSecond: number };

  constructor(pace: { readonly burst: number; readonly perSecond: number }) {
    this.#pace = pace;
  }

  /** 0 when it may go on, else the seconds until it may. */
  take(key: string, at: number): number {
    const { burst, perSecond } = this.#pace;
    const before = this.#buckets.get(key) ?? { tokens: burst, at };
    const tokens = Math.min(burst, before.tokens + ((at - before.at) / 1000) * perSecond);
    this.#buckets.delete(key); // the key used last stands last: the one that was quiet longest is forgotten first
    this.#buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > keysMax && oldest !== undefined) this.#buckets.delete(oldest);
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perSecond);
  }
}
