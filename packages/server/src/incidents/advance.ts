import { minutes } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Incident, Signal } from './incident.ts';
import type { Found } from './judge.ts';
import type { Size } from './store.ts';

/** What one look says of an incident's group. */
export type Told = {
  readonly found: readonly Found[];
  /** The share is as usual; undefined: too little to say. */
  readonly quiet: boolean | undefined;
  readonly lastAffectedAt: Instant | undefined;
};

const quietForMs = minutes(30);
const curedShare = 0.995;

export function isCured({ affected, atCustoms }: Pick<Size, 'affected' | 'atCustoms'>): boolean {
  return affected === 0 || atCustoms / affected >= curedShare;
}

/**
 * The life of an incident after it was opened. It closes when the share has been as usual for half an hour and customs has 99.5 % of
 * what was accepted while the trouble lasted; between the one and the other it is closing.
 */
export function advance(incident: Incident, told: Told, size: Size | undefined, now: Instant): Incident {
  const cured = size === undefined || isCured(size);
  const quiet = told.found.length === 0 && (told.quiet ?? cured);
  const quietSince = quiet ? (incident.quietSince ?? now) : undefined;
  const lastAffectedAt = quiet
    ? incident.lastAffectedAt
    : later(incident.lastAffectedAt, told.lastAffectedAt ?? incident.lastAffectedAt);
  const rested = quietSince !== undefined && now - quietSince >= quietForMs;
  return {
    ...incident,
    signals: joinSignals(incident.signals, told.found, now),
    quietSince,
    lastAffectedAt,
    state: !rested ? 'open' : cured ? 'closed' : 'closing',
    ...(rested && cured ? { closedAt: now, closeReason: 'recovered' } : {}),
  };
}

/** A rule that holds again keeps its first figures and its last moment. */
export function joinSignals(signals: readonly Signal[], found: readonly Found[], now: Instant): readonly Signal[] {
  const again = new Set(found.map(({ rule, word }) => `${rule}/${word}`));
  const known = new Set(signals.map(({ rule, word }) => `${rule}/${word}`));
  const fresh = found.filter(({ rule, word }) => !known.has(`${rule}/${word}`));
  return [
    ...signals.map((signal) => (again.has(`${signal.rule}/${signal.word}`) ? { ...signal, lastAt: now } : signal)),
    ...fresh.map((one) => ({ ...one, firstAt: now, lastAt: now })),
  ];
}

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);

/** Rules that stand on silence: while they hold, asking everybody tells nothing new. */
export function isSampled({ state, signals }: Incident): boolean {
  return state === 'open' && signals.some(({ rule }) => rule === 'D1' || rule === 'D4');
}
