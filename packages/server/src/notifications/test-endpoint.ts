import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { sendBeforeIn } from '../platform/transport.ts';
import type { Transport } from '../platform/transport.ts';
import { sendBeforeMs } from '../platform/worker.ts';
import { liveEndpoint } from './commands.ts';
import { hear, wordsOf } from './delivery.ts';
import { insertTries, saveDeliveries, saveTries } from './delivery-store.ts';
import { findLiveSecrets } from './endpoint-store.ts';
import { deliveryIdOf, eventOf } from './event.ts';
import { deliveryLimits, requestTo } from './jobs.ts';
import { laneOf } from './lane.ts';
import type { WebhookParts } from './parts.ts';
import { insertDeliveries, insertEvents } from './store.ts';

export type TestedEndpoint = {
  readonly id: string;
  readonly messageId: string;
  readonly delivered: boolean;
  /** Undefined without an answer. */
  readonly httpStatus: number | undefined;
  readonly words: string;
  readonly ms: number | undefined;
};

/** Sends `webhook.test` at once, while somebody waits, and never again by itself: it is in the log as one message with one try. */
export async function testEndpoint(
  parts: WebhookParts,
  transport: Transport,
  actor: Actor,
  id: string,
): Promise<Result<TestedEndpoint>> {
  const { db, keyring, ids, owner } = parts;
  const found = await liveEndpoint(parts, actor, 'webhooks.send', id);
  if (!found.ok) return found;
  const { merchantId } = found.value;
  const at = parts.clock.now();
  const secrets = await findLiveSecrets(db, keyring, id, at);
  if (secrets.length === 0) return refuseAs('webhook.no_secret', { endpoint: id });
  const asked = { endpoint: id, asked_by: actor.userId, test: ids.next() };
  const event = eventOf({ merchantId, type: 'webhook.test', subject: id, data: asked }, at);
  const delivery = { id: deliveryIdOf(event.id, id), tries: 1 };
  await db.transaction(async (tx) => {
    await insertEvents(tx, [event]);
    await insertDeliveries(tx, [{ ...delivery, eventId: event.id, endpointId: id, state: 'dead', since: at }]);
    await insertTries(tx, [delivery], { worker: owner, at });
    await writeAudit(tx, [{ actor, act: 'webhook.tested', subject: id, detail: { message: event.id } }], { at, ids });
  });
  const limits = { ...deliveryLimits, sendBefore: sendBeforeIn(sendBeforeMs) };
  const sent = await transport.send(requestTo(found.value, event, at, secrets), limits, `${laneOf(id).id}/test`);
  const [heardAt, words, delivered] = [parts.clock.now(), wordsOf(sent), hear(sent) === 'delivered'];
  await db.transaction(async (tx) => {
    await saveTries(tx, [{ id: delivery.id, try: 1, sent, words, heardAt }]);
    await saveDeliveries(tx, [
      { id: delivery.id, state: delivered ? 'delivered' : 'dead', failed: delivered ? 0 : 1, at: heardAt },
    ]);
  });
  const httpStatus = sent.kind === 'answered' ? sent.answer.status : undefined;
  const ms = sent.kind === 'unsent' ? undefined : Math.round(sent.ms);
  return done({ id, messageId: event.id, delivered, httpStatus, words, ms });
}
