import { days, hours, minutes, plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Sent } from '../platform/transport.ts';

/** After each failure, until the next try (Standard Webhooks 1.0, "Deliverability and reliability"): 75 h 35 min in all. */
export const pausesMs = [
  ...[seconds(5), minutes(5), minutes(30), hours(2), hours(5)],
  ...[hours(10), hours(14), hours(20), hours(24)],
] as const;
const lastPauseMs = hours(24);
/** No message is given up earlier, whatever used up its tries. */
const keptAtLeastMs = days(3);

export type Heard =
  /** Taken: any 2xx. */
  | 'delivered'
  /** 410: the receiver wants no more (Standard Webhooks 1.0, "Response codes"). */
  | 'gone'
  /** Everything else: other codes, redirects, silence, no connection. */
  | 'failed';

export function hear(sent: Sent): Heard {
  if (sent.kind !== 'answered') return 'failed';
  const { status } = sent.answer;
  if (status >= 200 && status < 300) return 'delivered';
  return status === 410 ? 'gone' : 'failed';
}

/** When to try again after so many failures; undefined: never by itself. */
export function tryAgainAt(failures: number, since: Instant, at: Instant): Instant | undefined {
  const pause = pausesMs[failures - 1];
  if (pause !== undefined) return plus(at, pause);
  return at - since >= keptAtLeastMs ? undefined : plus(at, lastPauseMs);
}

const wordsMax = 500;

/** What the log shows of an answer: its first 500 characters, or why there is none. */
export function wordsOf(sent: Sent): string {
  if (sent.kind !== 'answered') return sent.why.slice(0, wordsMax);
  const text = Buffer.from(sent.answer.body).toString('utf8').replaceAll('\u0000', '').toWellFormed();
  return text.slice(0, wordsMax).toWellFormed();
}
