import type { Declaration } from '../../src/customs/declaration.ts';
import { meaningOf } from '../../src/customs/return-status.ts';
import type { KeptFact } from '../../src/customs/store.ts';
import type { Call } from './channel.ts';
import type { Broken } from './broken.ts';
import type { Snapshot } from './snapshot.ts';

/** What facts must and must not do, told a second time and more simply than the fold tells it. */
export function factLaws(now: Snapshot, calls: readonly Call[]): Broken | undefined {
  const factsOf = Map.groupBy(now.facts, (fact) => fact.declarationId);
  const trustOf = new Map(now.exchanges.map((row) => [row.id, row.trust]));
  for (const declaration of now.declarations) {
    const facts = factsOf.get(declaration.id) ?? [];
    const forged = calls.filter((call) => call.isForged && call.requestNos.includes(declaration.requestNo ?? ''));
    const believed = facts.find(
      (fact) => (isVerdict(fact) && (fact.trust === 'none' || isForged(fact, trustOf))) || isAnswerTo(forged, fact),
    );
    if (believed)
      return { law: 'what has a wrong signature moves nothing', what: `${believed.body.kind} ${believed.id}` };
    const wrong = differences(declaration, facts);
    if (wrong !== undefined)
      return { law: 'a record stands where its facts say', what: `${declaration.orderNo} ${declaration.id}: ${wrong}` };
    const silent = doubtEnded(declaration, facts);
    if (silent !== undefined) return { law: 'doubt ends by what the channel says, and not before', what: silent };
    const pushes = itemPushes(now, declaration.id, facts);
    if (pushes !== undefined) return { law: 'every push of a plan is counted once', what: pushes };
  }
  return undefined;
}

/** Only a record that was seen after the call, or two answers of "not found" a minute apart, say what became of it. */
function doubtEnded({ state, summary, orderNo, id }: Declaration, facts: readonly KeptFact[]): string | undefined {
  const { push } = summary;
  if (push?.outcome !== 'in_doubt' || state === 'in_doubt' || state === 'released') return undefined;
  if (state === 'submitting' || state === 'repushing') return undefined;
  const isSeen = facts.some(({ body, lastSeenAt }) => body.kind === 'channel_record' && lastSeenAt > push.startedAt);
  const times = facts.flatMap(({ body, heardAt }) =>
    body.kind === 'channel_not_found' && heardAt > push.startedAt ? [heardAt] : [],
  );
  const isTwice = times.length > 1 && Math.max(...times) - Math.min(...times) >= 60_000;
  if (isSeen || isTwice || push.standsAlready) return undefined;
  return `${orderNo} ${id} is ${state} after a push in doubt at ${push.startedAt}`;
}

const verdicts = new Set(['push_accepted', 'push_rejected', 'channel_record', 'channel_not_found']);
const isVerdict = ({ body }: KeptFact): boolean => verdicts.has(body.kind);

/** Told by the call itself, whatever our own reading says of its signature. */
function isAnswerTo(forged: readonly Call[], { body, heardAt }: KeptFact): boolean {
  const isAnswer = body.kind === 'push_accepted' || body.kind === 'push_rejected';
  return isAnswer && forged.some(({ at }) => heardAt >= at && heardAt <= at + 15_000);
}

function isForged(fact: KeptFact, trustOf: ReadonlyMap<string, string | null>): boolean {
  return fact.exchange !== undefined && trustOf.get(fact.exchange.id) === 'none';
}

function differences({ summary }: Declaration, facts: readonly KeptFact[]): string | undefined {
  const released = facts.some(
    ({ body }) =>
      body.kind === 'port_released' ||
      (body.kind === 'port_status' && body.released) ||
      (body.kind === 'list_receipt' &&
        ['released', 'closed'].includes(meaningOf(body.status).class) &&
        !body.missingPayment),
  );
  if (released !== (summary.released !== undefined)) return `released is ${String(!released)}`;
  const pushes = facts.filter(({ body }) => ['adopted', 'earlier_push', 'push_started'].includes(body.kind)).length;
  if (pushes !== summary.pushes) return `${summary.pushes} pushes, ${pushes} told`;
  const missing = latest(
    facts
      .filter(({ body }) => tellsMissing(body))
      .map(({ heardAt, happenedAt, body }) => (body.kind === 'list_receipt' ? happenedAt : heardAt)),
  );
  if (missing !== summary.missing?.at) return `missing since ${summary.missing?.at}, told ${missing}`;
  const good = latest(facts.flatMap(goodTimes));
  if (good !== undefined && (summary.goodAt ?? 0) < good) return `a good receipt of ${good} is not counted`;
  return pushDifference(summary.push, facts);
}

const tellsMissing = (body: KeptFact['body']): boolean =>
  body.kind === 'port_missing' || (body.kind === 'list_receipt' && body.missingPayment);

function goodTimes({ body, happenedAt, heardAt }: KeptFact): number[] {
  if (body.kind === 'payment_receipt') return meaningOf(body.status).rank >= 2 ? [happenedAt] : [];
  if (body.kind === 'port_has') return [happenedAt];
  if (body.kind !== 'channel_record' || !body.snapshot.receipt) return [];
  const { code, at } = body.snapshot.receipt;
  return meaningOf(code).rank >= 2 ? [at ?? heardAt] : [];
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

/** The latest try, and the last word on it that is no doubt; doubt takes nothing back. */
function pushDifference(push: Declaration['summary']['push'], facts: readonly KeptFact[]): string | undefined {
  const tries = facts.flatMap(({ body }) => (body.kind === 'push_started' ? [body.try] : []));
  const last = latest(tries);
  if (last === undefined) return undefined;
  if (push?.try !== last) return `the latest try is ${last}, not ${push?.try}`;
  const told = facts.flatMap(({ body }) =>
    ['push_accepted', 'push_rejected', 'push_in_doubt', 'push_unsent'].includes(body.kind) &&
    'try' in body &&
    body.try === last
      ? [body.kind.slice('push_'.length)]
      : [],
  );
  const clear = told.filter((kind) => kind !== 'in_doubt');
  const possible = clear.length > 0 ? clear : told.length > 0 ? ['in_doubt'] : ['in_flight'];
  return possible.includes(push.outcome) ? undefined : `try ${last} is ${push.outcome}, told ${told.join(', ')}`;
}

function itemPushes(now: Snapshot, declarationId: string, facts: readonly KeptFact[]): string | undefined {
  for (const item of now.items.filter((one) => one.declaration_id === declarationId)) {
    const started = facts.flatMap(({ body }) =>
      body.kind === 'push_started' && body.planId === item.plan_id ? [body.try] : [],
    );
    const unsent = facts.filter(({ body }) => body.kind === 'push_unsent' && started.includes(body.try)).length;
    if (item.pushes !== started.length - unsent)
      return `plan ${item.plan_id}, ${declarationId}: ${item.pushes} pushes, ${started.length} begun, ${unsent} unsent`;
  }
  return undefined;
}
