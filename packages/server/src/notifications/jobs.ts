import { hours, plus } from '../kernel/index.ts';
import type { Secret } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import { finishJobs } from '../platform/jobs.ts';
import type { Job, JobEnd, Lease } from '../platform/jobs.ts';
import type { SendLimits, WireRequest } from '../platform/transport.ts';
import type { HeardCall, LaneWork, PreparedCall } from '../platform/worker.ts';
import { hear as hearSent, tryAgainAt, wordsOf } from './delivery.ts';
import { beginTries, hasDead, saveDeliveries, saveTries } from './delivery-store.ts';
import type { Delivery, DeliveryEnd } from './delivery-store.ts';
import { findEndpoint, findLiveSecrets, saveOff } from './endpoint-store.ts';
import type { Endpoint } from './endpoint-store.ts';
import { deliverOperation, endpointOfLane } from './lane.ts';
import type { DeadCase, WebhookParts } from './parts.ts';
import { signedHeaders } from './sign.ts';

/** Standard Webhooks 1.0 recommends 15 to 30 seconds at most; an answer needs no content, and none is read beyond this. */
export const deliveryLimits: Omit<SendLimits, 'sendBefore'> = {
  ...{ timeoutMs: 10_000, answerBytesMax: 64 * 1024, publicOnly: true },
};

/** Delivers messages, one call each. The only caller of merchants' systems, besides the test of an endpoint. */
export function webhookWorks(parts: WebhookParts): LaneWork[] {
  return [
    {
      operation: deliverOperation,
      prepare: (lease) => prepare(parts, lease),
      hear: (_lease, calls) => hear(parts, calls),
    },
  ];
}

type Context = { readonly delivery: Delivery; readonly endpoint: Endpoint };

async function prepare(parts: WebhookParts, lease: Lease): Promise<PreparedCall[]> {
  const { db, keyring, owner } = parts;
  const jobs = lease.calls.flatMap((call) => call.jobs);
  if (jobs.length === 0) return [];
  const at = parts.clock.now();
  const endpoint = await findEndpoint(db, endpointOfLane(lease.lane));
  const secrets = endpoint ? await findLiveSecrets(db, keyring, endpoint.id, at) : [];
  if (endpoint?.state === 'live' && secrets.length === 0) {
    // Its key was erased or is not here: a message without a signature helps nobody. Rotating the secret mends it.
    const ends = jobs.map((job) => ({ job, againAt: plus(at, hours(1)), error: 'no secret can be opened' }));
    await db.transaction((tx) => finishJobs(tx, owner, ends));
    return [];
  }
  const begun = await db.transaction(async (tx) => {
    const ids = jobs.map((job) => job.subject);
    const deliveries = new Map((await beginTries(tx, ids, { worker: owner, at })).map((one) => [one.id, one]));
    const over = jobs.filter((job) => !deliveries.has(job.subject));
    await finishJobs(
      tx,
      owner,
      over.map((job) => ({ job })),
    );
    return deliveries;
  });
  if (!endpoint) return [];
  return lease.calls.flatMap((call) =>
    call.jobs.flatMap((job): PreparedCall[] => {
      const delivery = begun.get(job.subject);
      if (!delivery) return [];
      const request = requestTo(endpoint, { id: delivery.eventId, body: delivery.body }, at, secrets);
      const context: Context = { delivery, endpoint };
      const { id: exchangeId } = delivery;
      return [{ exchangeId, bucket: job.bucket, at: call.at, request, limits: deliveryLimits, jobs: [job], context }];
    }),
  );
}

/** Signed for this try. */
export function requestTo(
  endpoint: Pick<Endpoint, 'url'>,
  message: { readonly id: string; readonly body: string },
  at: Endpoint['askedAt'],
  secrets: readonly Secret[],
): WireRequest {
  const headers = { ...signedHeaders(message, at, secrets), 'user-agent': 'Liushui-Webhooks/1' };
  return { method: 'POST', url: endpoint.url, headers, body: Buffer.from(message.body) };
}

type Ended = {
  readonly call: HeardCall;
  readonly context: Context;
  readonly end: DeliveryEnd;
  readonly jobEnd: JobEnd;
};

function endOf(call: HeardCall): Ended {
  const context = call.context as Context;
  const { delivery } = context;
  const [job] = call.jobs as readonly [Job];
  const heard = hearSent(call.sent);
  const againAt = heard === 'failed' ? tryAgainAt(delivery.failures + 1, delivery.since, call.heardAt) : undefined;
  const state = heard === 'delivered' ? 'delivered' : againAt === undefined ? 'dead' : 'waiting';
  const end: DeliveryEnd = { id: delivery.id, state, failed: heard === 'delivered' ? 0 : 1, at: call.heardAt };
  const error = heard === 'delivered' ? {} : { error: shortWords(call) };
  return { call, context, end, jobEnd: { job, ...error, ...(againAt === undefined ? {} : { againAt }) } };
}

const shortWords = ({ sent }: HeardCall): string =>
  sent.kind === 'answered' ? `HTTP ${sent.answer.status}` : sent.why.slice(0, 200);

async function hear(parts: WebhookParts, calls: readonly HeardCall[]): Promise<void> {
  const ended = calls.map(endOf);
  const gone = ended.find(({ call }) => hearSent(call.sent) === 'gone');
  await parts.db.transaction(async (tx) => {
    // The endpoint before its deliveries, as everywhere: two that lock them otherwise wait for each other.
    if (gone) await saveOff(tx, gone.context.endpoint.id, 'HTTP 410', gone.call.heardAt);
    await saveTries(
      tx,
      ended.map(({ call, context: { delivery } }) => ({
        ...{ id: delivery.id, try: delivery.tries, sent: call.sent },
        ...{ words: wordsOf(call.sent), heardAt: call.heardAt },
      })),
    );
    await saveDeliveries(
      tx,
      ended.map(({ end }) => end),
    );
    await tellCases(tx, parts, ended);
    await finishJobs(
      tx,
      parts.owner,
      ended.map(({ jobEnd }) => jobEnd),
    );
  });
}

const caseOf = ({ merchantId, id }: Endpoint): DeadCase => ({
  ...({ merchantId, kind: 'webhook.dead', subjectKind: 'webhook_endpoint', subject: id } as const),
});

/** Dead messages are a case until none is left: until then nobody else would notice. */
async function tellCases(tx: Tx, { cases }: WebhookParts, ended: readonly Ended[]): Promise<void> {
  const dead = ended.find(({ end }) => end.state === 'dead');
  if (dead) {
    const { endpoint } = dead.context;
    const params = { endpoint: endpoint.id, url: endpoint.url, error: shortWords(dead.call) };
    await cases.open(tx, [{ ...caseOf(endpoint), bucket: 0, params }], dead.end.at);
    return;
  }
  const delivered = ended.find(({ end }) => end.state === 'delivered');
  if (!delivered || (await hasDead(tx, delivered.context.endpoint.id))) return;
  await cases.close(tx, [caseOf(delivered.context.endpoint)], delivered.end.at);
}
