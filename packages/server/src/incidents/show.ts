import { done, minutes, plus, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { findSeparation } from '../customs/index.ts';
import type { Separation } from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Queryable } from '../platform/db.ts';
import type { Incident } from './incident.ts';
import { quietNeighbours } from './localise.ts';
import type { Cell } from './localise.ts';
import { findChart, findIncident, findPast, findSeparable } from './store.ts';
import type { ChartPoint } from './store.ts';

export type ShownIncident = {
  readonly incident: Incident;
  /** Undefined for the trouble of a whole account. */
  readonly separation: Separation | undefined;
  readonly quiet: readonly Cell[];
  readonly past: readonly Incident[];
};

/** All that is known of an incident, for whoever may read. @returns refusals incident.not_found, auth.*. */
export async function showIncident(db: Queryable, actor: Actor, id: string): Promise<Result<ShownIncident>> {
  const incident = await findIncident(db, id);
  if (!incident) return refuse('incident.not_found', { incident: id });
  const permitted = allowed(actor, 'numbers.read', incident.merchantId);
  if (!permitted.ok) return permitted;
  const members = incident.place === '' ? [] : await findSeparable(db, incident);
  return done({
    incident,
    separation: members.length === 0 ? undefined : findSeparation(members),
    quiet: quietNeighbours(incident.findings.matrix, incident),
    past: await findPast(db, incident),
  });
}

const beforeMs = minutes(60);
/** A terminal and a page hold about so many. */
const pointsMost = 360;

/** Accepted and missing by time of acceptance, from an hour before the onset to an hour after the last affected minute. */
export async function chartOf(db: Queryable, incident: Incident): Promise<readonly ChartPoint[]> {
  if (incident.place === '') return [];
  const from = wholeMinute(plus(incident.onsetAt, -beforeMs));
  const to = plus(incident.lastAffectedAt, beforeMs);
  const span = (to - from) / minutes(1);
  const stepMinutes = [1, 5, 15, 60].find((step) => span / step <= pointsMost) ?? 240;
  return findChart(db, incident, { from, to, stepMinutes });
}

const wholeMinute = (at: Instant): Instant => (Math.floor(at / minutes(1)) * minutes(1)) as Instant;
