import { done, plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { askApproval, decideApproval, findApproval, useApproval } from '../approvals/index.ts';
import type { Approval } from '../approvals/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor, Permission, Stamp } from '../identity/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import { enqueue, ensureLanes } from '../platform/jobs.ts';
import { refuseAs } from '../platform/refusals.ts';
import { readAddress } from './address.ts';
import { restart } from './delivery-store.ts';
import {
  endSecrets,
  findEndpoint,
  findLiveAt,
  insertEndpoint,
  insertSecret,
  saveOff,
  saveVerdict,
} from './endpoint-store.ts';
import type { Endpoint } from './endpoint-store.ts';
import { isEventType } from './event.ts';
import { eventTypes } from './event-types.data.ts';
import { deliveryWish, laneOf } from './lane.ts';
import { deliveriesOf } from './notify.ts';
import type { WebhookParts } from './parts.ts';
import { makeSecret } from './sign.ts';
import { findEvent, findTakers, insertDeliveries } from './store.ts';

const command = 'webhooks.change';

const stampOf = ({ clock, ids }: WebhookParts): Stamp => ({ at: clock.now(), ids });

export type EndpointWish = {
  readonly merchantId: string;
  readonly url: string;
  /** Undefined: every type, also those to come. */
  readonly types: readonly string[] | undefined;
};

export type ProposedEndpoint = {
  readonly id: string;
  readonly url: string;
  readonly types: readonly string[] | null;
  /** `whsec_…`: shown this once, to whoever sets up the receiver; the checker never sees it. */
  readonly secret: string;
  readonly approvalId: string;
  readonly digest: string;
  readonly lapsesAt: Instant;
};

/** Asks a second person to agree to an address (architecture rule 12). Nothing is sent there before. */
export async function proposeEndpoint(
  parts: WebhookParts,
  actor: Actor,
  wish: EndpointWish,
  reason: string,
): Promise<Result<ProposedEndpoint>> {
  const { merchantId } = wish;
  const permitted = allowed(actor, 'webhooks.change', merchantId);
  if (!permitted.ok) return permitted;
  const address = readAddress(wish.url, parts.sandbox);
  if (!address.ok) return address;
  const url = address.value;
  const unknown = wish.types?.find((type) => !isEventType(type));
  if (unknown !== undefined)
    return refuseAs('webhook.unknown_type', { type: unknown, known: Object.keys(eventTypes).join(', ') }, '/types');
  const live = await findLiveAt(parts.db, merchantId, url);
  if (live) return refuseAs('webhook.exists', { endpoint: live.id, url });
  const types = wish.types ? [...new Set(wish.types)].sort() : null;
  const stamp = stampOf(parts);
  const secret = makeSecret(parts.random);
  await parts.keyring.prepare(stamp.at);
  return parts.db.transaction(async (tx) => {
    const [number] = await nextNumbers(tx, 'webhook', 1);
    const id = `W-${number}`;
    const input = { endpoint: id, url, types };
    const asked = await askApproval(tx, { merchantId, command, subject: id, input, maker: actor }, stamp);
    const approvalId = asked.id;
    await insertEndpoint(tx, { id, merchantId, url, types, approvalId, askedBy: actor.userId, askedAt: stamp.at });
    await insertSecret(tx, parts.keyring, { id: parts.ids.next(), endpointId: id, text: secret }, stamp.at);
    await writeAudit(tx, [{ actor, act: 'webhook.proposed', subject: id, reason, detail: input }], stamp);
    const { digest, lapsesAt } = asked;
    return done({ id, url, types, secret, approvalId, digest, lapsesAt });
  });
}

/** A second person's word. Agreed, what happens from this moment on is told there. */
export async function decideEndpoint(
  parts: WebhookParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<Endpoint>> {
  const stamp = stampOf(parts);
  const approval = await findApproval(parts.db, approvalId, stamp.at);
  const asked = approval?.command === command ? await findEndpoint(parts.db, approval.subject) : undefined;
  if (!approval || !asked) return refuseAs('approval.not_found', { subject: approvalId });
  return parts.db.transaction(async (tx) => {
    const decide = { id: approvalId, verdict, checker: actor, reason, onePersonAllowed: false };
    const seen = expectedDigest === undefined ? {} : { expectedDigest };
    const decided = await decideApproval(tx, { ...decide, ...seen }, stamp);
    if (!decided.ok) return decided;
    if (verdict === 'approve') {
      const used = await useApproval(tx, useOf(approval, asked, actor), stamp);
      if (!used.ok) return used;
      await ensureLanes(tx, [laneOf(asked.id)], stamp.at);
    }
    const saved = await saveVerdict(tx, asked.id, verdict === 'approve' ? 'live' : 'refused', stamp.at);
    if (!saved) return refuseAs('webhook.not_live', { endpoint: asked.id, state: asked.state });
    const act = verdict === 'approve' ? 'webhook.approved' : 'webhook.refused';
    await writeAudit(tx, [{ actor, act, subject: asked.id, reason, detail: { url: asked.url } }], stamp);
    return done(saved);
  });
}

/** What is about to hold, read from the endpoint itself: had somebody changed it meanwhile, the digest would differ. */
function useOf(approval: Approval, { id, url, types }: Endpoint, by: Actor): Parameters<typeof useApproval>[1] {
  return { id: approval.id, command, subject: id, input: { endpoint: id, url, types }, by };
}

/** An endpoint that this actor may do that with, and that is live. */
export async function liveEndpoint(
  parts: WebhookParts,
  actor: Actor,
  permission: Permission,
  id: string,
): Promise<Result<Endpoint>> {
  const endpoint = await findEndpoint(parts.db, id);
  if (!endpoint) return refuseAs('webhook.not_found', { endpoint: id });
  const permitted = allowed(actor, permission, endpoint.merchantId);
  if (!permitted.ok) return permitted;
  if (endpoint.state !== 'live') return refuseAs('webhook.not_live', { endpoint: id, state: endpoint.state });
  return done(endpoint);
}

export type RotatedSecret = { readonly id: string; readonly secret: string; readonly oldUntil: Instant };

/** A new secret, shown this once; until the overlap ends each message is signed with both. */
export async function rotateSecret(
  parts: WebhookParts,
  actor: Actor,
  id: string,
  overlapMs: number,
  reason: string,
): Promise<Result<RotatedSecret>> {
  const found = await liveEndpoint(parts, actor, 'webhooks.change', id);
  if (!found.ok) return found;
  const stamp = stampOf(parts);
  const secret = makeSecret(parts.random);
  await parts.keyring.prepare(stamp.at);
  const oldUntil = plus(stamp.at, overlapMs);
  return parts.db.transaction(async (tx) => {
    await endSecrets(tx, id, oldUntil);
    await insertSecret(tx, parts.keyring, { id: parts.ids.next(), endpointId: id, text: secret }, stamp.at);
    const detail = { overlap_hours: overlapMs / 3_600_000 };
    await writeAudit(tx, [{ actor, act: 'webhook.rotated', subject: id, reason, detail }], stamp);
    return done({ id, secret, oldUntil });
  });
}

/** From this moment nothing is sent there, and what waited is dead. On again: propose it anew. */
export async function switchOff(
  parts: WebhookParts,
  actor: Actor,
  id: string,
  reason: string,
): Promise<Result<Endpoint>> {
  const found = await liveEndpoint(parts, actor, 'webhooks.change', id);
  if (!found.ok) return found;
  const stamp = stampOf(parts);
  return parts.db.transaction(async (tx) => {
    const off = await saveOff(tx, id, reason, stamp.at);
    if (!off) return refuseAs('webhook.not_live', { endpoint: id, state: 'off' });
    await writeAudit(tx, [{ actor, act: 'webhook.switched_off', subject: id, reason }], stamp);
    return done(off);
  });
}

export type Redelivered = { readonly deliveries: number };

/**
 * Sends again under the same `webhook-id`: one message (`msg_…`) to every live endpoint that wants it, also one that came later;
 * or all dead messages of one endpoint (`W-1`). The three days begin anew.
 */
export async function redeliver(
  parts: WebhookParts,
  actor: Actor,
  what: string,
  reason: string,
): Promise<Result<Redelivered>> {
  const event = what.startsWith('msg_') ? await findEvent(parts.db, what) : undefined;
  if (what.startsWith('msg_') && !event) return refuseAs('webhook.message_not_found', { message: what });
  const permitted = event ? allowed(actor, 'webhooks.send', event.merchantId) : done(undefined);
  if (!permitted.ok) return permitted;
  const found = event ? undefined : await liveEndpoint(parts, actor, 'webhooks.send', what);
  if (found && !found.ok) return found;
  const stamp = stampOf(parts);
  return parts.db.transaction(async (tx) => {
    if (event) await insertDeliveries(tx, deliveriesOf(event, await findTakers(tx, [event.merchantId]), stamp.at));
    const restarted = await restart(tx, event ? { eventId: event.id } : { deadOf: what }, stamp.at);
    if (event && restarted.length === 0) return refuseAs('webhook.nobody_wants', { message: what });
    await enqueue(
      tx,
      restarted.map((delivery) => deliveryWish(delivery, stamp.at)),
    );
    const detail = { deliveries: restarted.length };
    await writeAudit(tx, [{ actor, act: 'webhook.redelivered', subject: what, reason, detail }], stamp);
    return done({ deliveries: restarted.length });
  });
}
