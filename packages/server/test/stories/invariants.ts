import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { nextAskAt } from '../../src/customs/asking.ts';
import type { Declaration } from '../../src/customs/declaration.ts';
import { stateAt } from '../../src/customs/declaration.ts';
import { summaryOf } from '../../src/customs/rebuild.ts';
import type { KeptFact } from '../../src/customs/store.ts';
import { minutes, plus } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { normalForm } from '../../src/platform/numbers.ts';
import type { Broken } from './broken.ts';
import type { Call } from './channel.ts';
import { evidenceLaw } from './invariants-evidence.ts';
import { factLaws } from './invariants-facts.ts';
import type { ExchangeRow, ItemRow, JobRow, Snapshot } from './snapshot.ts';
import { adoptedKey } from './steps.ts';
import { numbersOf } from './story.ts';
import type { Story } from './story.ts';

/** What happened outside of our books, as far as a law needs it. */
export type Truth = {
  readonly story: Story;
  readonly calls: readonly Call[];
  readonly adopted: ReadonlySet<string>;
  readonly gapMs: number;
};

/** What was first seen, and may not become more. */
export type History = { readonly members: ReadonlyMap<string, ReadonlySet<string>> };
export const emptyHistory: History = { members: new Map() };

/** One broken law, or undefined. Pure: `before` is the snapshot of the check before this one. */
export function laws(history: History, before: Snapshot | undefined, now: Snapshot, truth: Truth): Broken | undefined {
  return (
    adoptedIsThere(now, truth) ??
    (before && nothingLost(before, now)) ??
    (before && heldBackIsHeldBack(before, now)) ??
    plansOnlyShrink(history, now) ??
    approvedBeforePushed(now) ??
    callsAreRecorded(now, truth.calls) ??
    gapKept(truth) ??
    askedBetweenPushes(now) ??
    (before && evidenceLaw(before, now)) ??
    factLaws(now, truth.calls) ??
    summaryIsFold(now) ??
    openIsWatched(now) ??
    failureHasCase(now) ??
    numbersFind(now)
  );
}

/** Holds only when everything had time to come to rest. */
export function finalLaws(now: Snapshot): Broken | undefined {
  const unanswered = now.exchanges.find((row) => row.kind === null && row.send_before < plus(now.at, -minutes(3)));
  if (unanswered) return { law: 'every call ends, heard or lost', what: wordsOf(unanswered) };
  const doubt = now.declarations.find(
    ({ summary: { push } }) => push?.outcome === 'in_flight' && push.startedAt < plus(now.at, -minutes(30)),
  );
  if (doubt) return { law: 'a push that nobody hears of becomes doubt', what: nameOf(doubt) };
  const stuck = now.items.find(
    (item) => ['due', 'pushing'].includes(item.state) && runningFor(now, item.plan_id) > minutes(74),
  );
  if (stuck) return { law: 'an item of a running plan comes to its end', what: JSON.stringify(stuck) };
  return undefined;
}

function runningFor(now: Snapshot, planId: string): number {
  const plan = now.plans.find(({ id }) => id === planId);
  return plan?.state === 'running' && plan.started_at !== null ? now.at - plan.started_at : 0;
}

function nameOf({ orderNo, childOrderNo, place, state, id }: Declaration): string {
  return `${orderNo}/${childOrderNo}/${place} (${state}, ${id})`;
}

const wordsOf = (row: ExchangeRow): string => `${row.operation} of ${row.worker} at ${row.created_at}`;

function adoptedIsThere(now: Snapshot, { adopted, story }: Truth): Broken | undefined {
  const there = new Set(now.declarations.map((one) => `${one.orderNo}/${one.childOrderNo}/${one.place}`));
  const missing = story.orders
    .map((order, index) => adoptedKey(numbersOf(order, index), order))
    .find((key) => adopted.has(key) && !there.has(key));
  return missing === undefined ? undefined : { law: 'nothing that was adopted is lost', what: missing };
}

/** Facts, calls, answers and plan items are never taken back and never changed. */
function nothingLost(before: Snapshot, now: Snapshot): Broken | undefined {
  const law = 'facts, calls and plan items only grow';
  const facts = new Map(now.facts.map((fact) => [fact.id, fact]));
  for (const fact of before.facts) {
    const kept = facts.get(fact.id);
    if (!kept) return { law, what: `the fact ${fact.body.kind} ${fact.id} is gone` };
    const same = isDeepStrictEqual(kept.body, fact.body) && kept.happenedAt === fact.happenedAt;
    if (!same || kept.seenCount < fact.seenCount) return { law, what: `the fact ${fact.body.kind} ${fact.id} changed` };
  }
  const exchanges = new Map(now.exchanges.map((row) => [row.id, row]));
  for (const row of before.exchanges) {
    const kept = exchanges.get(row.id);
    if (!kept) return { law, what: `the call ${wordsOf(row)} is gone` };
    if (row.kind !== null && (kept.kind !== row.kind || kept.heard_at !== row.heard_at))
      return { law, what: `the end of ${wordsOf(row)} changed from ${row.kind} to ${kept.kind}` };
  }
  const items = new Set(now.items.map(itemKey));
  const lost = before.items.find((item) => !items.has(itemKey(item)));
  if (lost) return { law, what: `the item ${itemKey(lost)} is gone` };
  const declarations = new Set(now.declarations.map(({ id }) => id));
  const gone = before.declarations.find(({ id }) => !declarations.has(id));
  return gone && { law, what: `${nameOf(gone)} is gone` };
}

const itemKey = (item: ItemRow): string => `${item.plan_id}/${item.declaration_id}`;

/** The members that were approved, in their order, and nobody else. */
function plansOnlyShrink(history: History, now: Snapshot): Broken | undefined {
  const law = 'a plan never grows, and runs as it was approved';
  for (const plan of now.plans) {
    const items = now.items.filter((item) => item.plan_id === plan.id);
    const first = history.members.get(plan.id);
    const added = first && items.find((item) => !first.has(item.declaration_id));
    if (added) return { law, what: `${plan.id} now has ${added.declaration_id}` };
    if (items.length !== plan.size) return { law, what: `${plan.id} of ${plan.size} has ${items.length} items` };
    const approval = now.approvals.find(({ id }) => id === plan.approval_id);
    const frozen = (approval?.input as { members_sha256?: unknown } | undefined)?.members_sha256;
    const text = items
      .map(({ bucket, declaration_id: id, cell, role }) => `${bucket}/${id}${cell === '' ? '' : `/${cell}/${role}`}\n`)
      .join('');
    if (typeof frozen === 'string' && frozen !== createHash('sha256').update(text).digest('hex'))
      return { law, what: `${plan.id} has other members than its approval` };
  }
  return undefined;
}

/** While a plan is paused, and after it was stopped, nothing new leaves by it. */
function heldBackIsHeldBack(before: Snapshot, now: Snapshot): Broken | undefined {
  const states = new Map(now.plans.map(({ id, state }) => [id, state]));
  const still = new Set(
    before.plans
      .filter(({ id, state }) => (state === 'stopped' || state === 'paused') && states.get(id) === state)
      .map(({ id }) => id),
  );
  const known = new Set(before.facts.map(({ id }) => id));
  const late = now.facts.find(
    ({ id, body }) => body.kind === 'push_started' && still.has(body.planId) && !known.has(id),
  );
  return late && { law: 'a plan that is paused or stopped pushes nothing', what: `${late.id} at ${late.happenedAt}` };
}

/** Every push belongs to a plan that another person approved and that had begun. */
function approvedBeforePushed(now: Snapshot): Broken | undefined {
  const law = 'no push without an approved plan that runs';
  const plans = new Map(now.plans.map((plan) => [plan.id, plan]));
  const uses = new Map<string, string>();
  for (const plan of now.plans) {
    const other = uses.get(plan.approval_id);
    if (other !== undefined)
      return { law: 'an approval is used once', what: `${plan.approval_id}: ${other}, ${plan.id}` };
    uses.set(plan.approval_id, plan.id);
  }
  const exchanges = new Set(now.exchanges.map(({ id }) => id));
  for (const { body, happenedAt, exchange, id } of now.facts) {
    if (body.kind !== 'push_started') continue;
    if (!exchange || !exchanges.has(exchange.id))
      return { law: 'a push that has begun stands in the books of calls', what: `the fact ${id}` };
    const plan = plans.get(body.planId);
    const approval = now.approvals.find(({ id }) => id === plan?.approval_id);
    const what = `a push at ${happenedAt} of plan ${body.planId}`;
    if (!plan || plan.started_at === null || plan.started_at > happenedAt)
      return { law, what: `${what} had not begun` };
    const isAgreed = approval?.state === 'used' && approval.checker !== null && approval.checker !== approval.maker;
    if (!isAgreed) return { law, what: `${what} was not agreed to by a second person` };
    if ((approval.decided_at ?? Infinity) > happenedAt) return { law, what: `${what} was approved later` };
  }
  return undefined;
}

/** The record precedes the call: the network never saw more calls than the books have, and each try is made once. */
function callsAreRecorded(now: Snapshot, calls: readonly Call[]): Broken | undefined {
  for (const declaration of now.declarations) {
    if (declaration.requestNo === undefined) continue;
    const own = calls.filter((call) => call.requestNos.includes(declaration.requestNo ?? ''));
    for (const operation of ['declare', 'query'] as const) {
      const seen = own.filter((call) => call.operation === operation).length;
      const kept = now.subjects.filter(
        (row) => row.subject === declaration.id && row.operation === `customs.${operation}`,
      ).length;
      if (seen > kept)
        return {
          law: 'the record precedes the call',
          what: `${nameOf(declaration)}: ${seen} ${operation}, ${kept} kept`,
        };
    }
  }
  return undefined;
}

/** Alipay answers SUCCESS to a push within five minutes of the last one of the trade, and sends nothing. */
function gapKept({ story, calls, gapMs }: Truth): Broken | undefined {
  const law = 'nothing is pushed twice within the gap of its trade';
  const arrived = calls.filter((call) => call.operation === 'declare' && call.arrivedAt !== undefined);
  for (const [tradeNo, own] of Map.groupBy(arrived, (call) => call.tradeNo)) {
    const times = own.map((call) => call.arrivedAt ?? 0).sort((a, b) => a - b);
    const close = times.find((time, index) => index > 0 && time - (times[index - 1] ?? 0) < gapMs);
    if (close !== undefined) return { law, what: `trade ${tradeNo} at ${times.join(', ')}` };
  }
  return story.orders.length === 0 ? { law, what: 'an empty story' } : undefined;
}

const asks = new Set(['channel_record', 'channel_not_found']);

/** Within one plan a second push follows only on a clear answer that is later than the first, unless nothing of it left. */
function askedBetweenPushes(now: Snapshot): Broken | undefined {
  for (const [declarationId, facts] of Map.groupBy(now.facts, (fact) => fact.declarationId)) {
    const starts = facts.flatMap((fact) => (fact.body.kind === 'push_started' ? [{ ...fact, body: fact.body }] : []));
    for (const [index, start] of starts.entries()) {
      const last = starts[index - 1];
      if (!last || last.body.planId !== start.body.planId || wasUnsent(facts, last.body.try)) continue;
      const isAsked = facts.some(
        (fact) => asks.has(fact.body.kind) && fact.lastSeenAt > last.happenedAt && fact.heardAt <= start.happenedAt,
      );
      if (!isAsked)
        return { law: 'what may have been sent is asked about before it is sent again', what: declarationId };
    }
  }
  return undefined;
}

function wasUnsent(facts: readonly KeptFact[], tryNo: number): boolean {
  return facts.some(({ body }) => body.kind === 'push_unsent' && body.try === tryNo);
}

/** The summary is what the facts amount to; so the state of a record follows from its facts and the clock. */
function summaryIsFold(now: Snapshot): Broken | undefined {
  const factsOf = Map.groupBy(now.facts, (fact) => fact.declarationId);
  for (const declaration of now.declarations) {
    const summary = summaryOf(factsOf.get(declaration.id) ?? []);
    const names = new Set([...Object.keys(summary), ...Object.keys(declaration.summary)]) as Set<keyof typeof summary>;
    const differing = [...names].filter((name) => !isDeepStrictEqual(summary[name], declaration.summary[name]));
    if (differing.length > 0)
      return {
        law: 'the summary is the fold of the facts',
        what: `${nameOf(declaration)}: ${differing
          .map((name) => `${name} ${JSON.stringify(declaration.summary[name])} is not ${JSON.stringify(summary[name])}`)
          .join('; ')}`,
      };
  }
  return undefined;
}

/** Whoever is open is asked about again, is being worked on, or lies with a person. */
function openIsWatched(now: Snapshot): Broken | undefined {
  const law = 'every open record has a due job, a live lease or an open case';
  const jobs = Map.groupBy(now.jobs, (job) => job.subject);
  const cases = new Set(now.cases.filter(({ state }) => state === 'open').map(({ subject }) => subject));
  const live = new Map(
    now.items
      .filter(({ state }) => ['due', 'pushing', 'pushed'].includes(state))
      .map((item) => [item.declaration_id, item]),
  );
  for (const declaration of now.declarations) {
    const own = (jobs.get(declaration.id) ?? []).filter((job) => isWatching(job));
    const item = live.get(declaration.id);
    const waits = item?.state === 'pushed' ? own.length > 0 : own.some(({ kind }) => kind === 'customs.push');
    if (item && !waits && runs(now, item)) return { law, what: `${nameOf(declaration)}: its item is ${item.state}` };
    if (!isToBeAsked(declaration, now.at) || cases.has(declaration.id)) continue;
    if (own.length === 0) return { law, what: nameOf(declaration) };
  }
  return undefined;
}

/** A push that was judged without effect lies, or lay, with a person; what the port lets go needs none. */
function failureHasCase(now: Snapshot): Broken | undefined {
  const cases = new Set(
    now.cases.filter(({ kind }) => kind === 'customs.repush_without_effect').map((one) => one.subject),
  );
  const states = new Map(now.declarations.map(({ id, state }) => [id, state]));
  const alone = now.items.find(
    (item) =>
      item.state === 'judged' &&
      (item.evidence === 'E0' || item.evidence === 'E1') &&
      states.get(item.declaration_id) !== 'released' &&
      !cases.has(item.declaration_id),
  );
  return alone && { law: 'a push without effect becomes a case', what: itemKey(alone) };
}

function runs(now: Snapshot, item: ItemRow): boolean {
  return now.plans.some(({ id, state }) => id === item.plan_id && state === 'running');
}

const isWatching = (job: JobRow): boolean => job.wanted > job.done;

/**
 * Open by the ordinary plan of asking. A record that was adopted and never asked or pushed since waits for the list that will name it:
 * until then nobody looks at it (the look at fresh ones apart).
 */
function isToBeAsked(declaration: Declaration, now: Instant): boolean {
  const { summary } = declaration;
  if (declaration.requestNo === undefined || stateAt(declaration, now) === 'cannot_be_asked') return false;
  return (summary.asked > 0 || summary.push !== undefined) && nextAskAt(declaration, now, false) !== undefined;
}

/** Whatever number a person pastes leads to the record. */
function numbersFind(now: Snapshot): Broken | undefined {
  const known = new Set(now.numbers.map((row) => `${row.record}/${row.kind}/${row.normal_form}`));
  for (const declaration of now.declarations) {
    const wanted: [string, string | undefined][] = [
      ['order', declaration.orderNo],
      ['child_order', declaration.childOrderNo || undefined],
      ['trade', declaration.tradeNo],
      ['waybill', declaration.waybillNo],
      ['request', declaration.requestNo],
      ...declaration.summary.pushedPaymentNos.map((number): [string, string] => ['pushed_payment', number]),
    ];
    for (const [kind, number] of wanted) {
      if (number === undefined || known.has(`${declaration.id}/${kind}/${normalForm(number)}`)) continue;
      return { law: 'every number finds its record', what: `${kind} ${number} of ${nameOf(declaration)}` };
    }
  }
  return undefined;
}
