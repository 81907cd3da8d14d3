import { done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { askApproval, decideApproval, findApproval, useApproval } from '../approvals/index.ts';
import { setSampling } from '../customs/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import { isCured } from './advance.ts';
import type { Incident } from './incident.ts';
import type { IncidentParts } from './look.ts';
import { findIncident, findRest, findSizes, lockIncident, saveOwner, updateIncidents } from './store.ts';
import { tellChanges } from './tell.ts';

const command = 'incidents.close';
const restMost = 1000;

async function findOpen(parts: IncidentParts, actor: Actor, id: string): Promise<Result<Incident>> {
  const incident = await findIncident(parts.db, id);
  if (!incident) return refuse('incident.not_found', { incident: id });
  const permitted = allowed(actor, 'incidents.handle', incident.merchantId);
  if (!permitted.ok) return permitted;
  return incident.state === 'closed' ? refuse('incident.already_closed', { incident: id }) : done(incident);
}

/** Once more behind a lock: a look or another person may have ended it since it was found, and its end is told once. */
async function lockOpenOne(tx: Tx, id: string): Promise<Result<Incident>> {
  const incident = await lockIncident(tx, id);
  if (!incident) return refuse('incident.not_found', { incident: id });
  return incident.state === 'closed' ? refuse('incident.already_closed', { incident: id }) : done(incident);
}

/** Names the person who looks after it; the next one who takes it follows. @returns refusals incident.not_found, .already_closed. */
export async function takeIncident(parts: IncidentParts, actor: Actor, id: string): Promise<Result<Incident>> {
  const found = await findOpen(parts, actor, id);
  if (!found.ok) return found;
  const at = parts.clock.now();
  return parts.db.transaction(async (tx) => {
    const locked = await lockOpenOne(tx, id);
    if (!locked.ok) return locked;
    const taken: Incident = { ...locked.value, owner: actor.userId };
    await saveOwner(tx, id, actor.userId);
    const detail = { before: locked.value.owner ?? '' };
    await writeAudit(tx, [{ actor, act: 'incident.taken', subject: id, detail }], { at, ids: parts.ids });
    await tellChanges(tx, parts, [locked.value], [taken], at);
    return done(taken);
  });
}

export type CloseAsked =
  | { readonly kind: 'closed'; readonly incident: Incident }
  /** Something is not at customs: a second person must agree to let it go. */
  | {
      readonly kind: 'asked';
      readonly incident: Incident;
      readonly open: number;
      readonly approvalId: string;
      readonly digest: string;
      readonly lapsesAt: Instant;
    };

/** Closes an incident by a person's word; with open members it asks a second person. @returns also refusal incident.reason_missing. */
export async function closeIncident(
  parts: IncidentParts,
  actor: Actor,
  id: string,
  reason: string,
): Promise<Result<CloseAsked>> {
  const found = await findOpen(parts, actor, id);
  if (!found.ok) return found;
  if (reason.trim() === '') return refuse('incident.reason_missing', { incident: id }, 'reason');
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    const locked = await lockOpenOne(tx, id);
    if (!locked.ok) return locked;
    const open = await countOpen(tx, id);
    if (open === 0) return done({ kind: 'closed', incident: await close(parts, tx, actor, locked.value, reason) });
    const { merchantId } = locked.value;
    const input = { incident: id, open, reason };
    const asked = await askApproval(tx, { merchantId, command, subject: id, input, maker: actor }, stamp);
    const detail = { open, approval: asked.id };
    await writeAudit(tx, [{ actor, act: 'incident.close_asked', subject: id, reason, detail }], stamp);
    const { digest, lapsesAt } = asked;
    return done({ kind: 'asked', incident: locked.value, open, approvalId: asked.id, digest, lapsesAt });
  });
}

/** How many stand against closing it at once; none when 99.5 % are at customs. */
async function countOpen(tx: Tx, id: string): Promise<number> {
  const size = (await findSizes(tx, [id])).get(id);
  return size === undefined || isCured(size) ? 0 : size.affected - size.atCustoms;
}

/** A second person's word about closing with open members. It may only have become fewer since it was asked. */
export async function decideClose(
  parts: IncidentParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<Incident | undefined>> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const approval = await findApproval(parts.db, approvalId, stamp.at);
  const asked = approval?.command === command ? approval : undefined;
  if (!asked) return refuse('approval.not_found', { subject: approvalId });
  return parts.db.transaction(async (tx) => {
    const seen = expectedDigest === undefined ? {} : { expectedDigest };
    const decide = { id: approvalId, verdict, checker: actor, reason, onePersonAllowed: false, ...seen };
    const decided = await decideApproval(tx, decide, stamp);
    if (!decided.ok) return decided;
    if (verdict === 'refuse') return done(undefined);
    const { input, subject } = asked;
    const locked = await lockOpenOne(tx, subject);
    if (!locked.ok) return locked;
    const used = await useApproval(tx, { id: approvalId, command, subject, input, by: actor }, stamp);
    if (!used.ok) return used;
    const [before, now] = [numberIn(input, 'open'), await countOpen(tx, subject)];
    if (now > before) return refuse('incident.not_as_shown', { incident: subject, asked: before, found: now });
    return done(await close(parts, tx, actor, locked.value, textIn(input, 'reason')));
  });
}

const memberOf = (input: unknown, name: string): unknown =>
  typeof input === 'object' && input !== null ? Object.entries(input).find(([key]) => key === name)?.[1] : undefined;
const numberIn = (input: unknown, name: string): number => Number(memberOf(input, name) ?? 0);
function textIn(input: unknown, name: string): string {
  const value = memberOf(input, name);
  return typeof value === 'string' ? value : '';
}

async function close(
  parts: IncidentParts,
  tx: Tx,
  actor: Actor,
  incident: Incident,
  reason: string,
): Promise<Incident> {
  const at = parts.clock.now();
  const rest = incident.place === '' ? [] : await findRest(tx, incident.id, restMost);
  const ended = { state: 'closed', closedAt: at, closedBy: actor.userId, closeReason: reason, rest } as const;
  const closed: Incident = { ...incident, ...ended };
  await updateIncidents(tx, [closed]);
  if (incident.place !== '') await setSampling(tx, incident, undefined);
  await tellChanges(tx, parts, [incident], [closed], at);
  const entry = { actor, act: 'incident.closed', subject: incident.id, reason, detail: { rest: rest.length } };
  await writeAudit(tx, [entry], { at, ids: parts.ids });
  return closed;
}
