import type { Instant } from '../kernel/index.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import { systemActor, writeAudit } from '../identity/index.ts';
import { notify } from '../notifications/index.ts';
import type { EventType } from '../notifications/index.ts';
import type { CustomsJobParts } from '../customs/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Incident } from './incident.ts';

const caseOf = ({ id, merchantId }: Incident) =>
  ({ merchantId, kind: 'customs.incident', subjectKind: 'incident', subject: id }) as const;

/** Whoever must know of what a look or a person changed: cases, merchants' systems, the audit trail, the counters. */
export async function tellChanges(
  tx: Tx,
  { metrics, ids }: Pick<CustomsJobParts, 'metrics' | 'ids'>,
  before: readonly Incident[],
  after: readonly Incident[],
  at: Instant,
): Promise<void> {
  const known = new Map(before.map((incident) => [incident.id, incident]));
  const opened = after.filter(({ id }) => !known.has(id));
  const closed = after.filter(({ id, state }) => state === 'closed' && known.get(id)?.state !== 'closed');
  const joined = after.filter((one) => one.state !== 'closed' && isNews(known.get(one.id), one));
  await openCases(
    tx,
    opened.map((one) => ({ ...caseOf(one), bucket: 0, params: paramsOf(one) })),
    at,
  );
  await closeCasesOf(tx, closed.map(caseOf), at);
  await notify(
    tx,
    [
      ...eventsOf('incident.opened', opened),
      ...eventsOf('incident.updated', joined),
      ...eventsOf('incident.closed', closed),
    ],
    at,
  );
  const acts = [
    ...opened.map((one) => ['incident.opened', one] as const),
    ...closed.map((one) => ['incident.closed', one] as const),
  ];
  await writeAudit(
    tx,
    acts
      .filter(([, one]) => one.closedBy === undefined)
      .map(([act, one]) => ({ actor: systemActor, act, subject: one.id, detail: paramsOf(one) })),
    { at, ids },
  );
  for (const one of opened) for (const { rule } of one.signals) metrics.count('liushui_incidents_total', { rule }, 1);
}

function isNews(before: Incident | undefined, after: Incident): boolean {
  return before !== undefined && (after.signals.length > before.signals.length || after.owner !== before.owner);
}

function paramsOf(incident: Incident): Record<string, string | number> {
  const { id, accountId, place, findings, signals, closeReason } = incident;
  return {
    ...{ incident: id, account: accountId, place, members: findings.members, minor: findings.minor },
    ...{ currency: findings.currency, rules: signals.map(({ rule }) => rule).join(' ') },
    ...(closeReason === undefined ? {} : { reason: closeReason }),
  };
}

function eventsOf(type: EventType, incidents: readonly Incident[]) {
  return incidents.map((one) => ({ merchantId: one.merchantId, type, subject: one.id, data: paramsOf(one) }));
}
