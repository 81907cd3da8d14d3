import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import { priorities, enqueue } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import { keyText, versionConflict } from '../platform/commands.ts';
import type { Change, Command, Decision, RecordKey } from '../platform/commands.ts';
import type { Tx } from '../platform/db.ts';
import { indexNumbers } from '../platform/numbers.ts';
import type { NumberRow } from '../platform/numbers.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import type { CaseSubject, CaseToOpen } from '../cases/index.ts';
import { nextAskAt } from './asking.ts';
import { casesOpenedBy, casesOverBy } from './cases.ts';
import type { Observed } from './cases.ts';
import { doubtAgain, foldFact, seenAgain, stateAt } from './declaration.ts';
import type { Declaration, DeclarationState, Summary } from './declaration.ts';
import type { Fact } from './facts.ts';
import { askWish } from './job-wishes.ts';
import type { RulesOf } from './job-wishes.ts';
import { moveItem, nextLookAt } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import { findLiveItems, updateItems } from './plan-store.ts';
import { countFactsAgain, findDeclarationsBare, insertFacts, updateSummaries } from './store.ts';
import { findSampled, watchedKey } from './watch-store.ts';
import { lookWish } from './watch.ts';

/** One voice about one declaration: an answer, a notification, a query, a port's list, a receipt, an operator. All come in here. */
export type ObserveInput = { readonly key: RecordKey; readonly fact: Fact };

export type ObserveEffect =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'seen'; readonly factId: string; readonly at: Instant }
  | { readonly kind: 'job'; readonly wish: JobWish }
  | { readonly kind: 'number'; readonly row: NumberRow }
  | { readonly kind: 'case'; readonly open: CaseToOpen }
  | { readonly kind: 'case_over'; readonly subject: CaseSubject };

export type ObserveAnswer = {
  readonly state: DeclarationState;
  /** When the channel should be asked next; absent: nobody needs to ask. */
  readonly askAt?: Instant;
  readonly item?: PlanItem;
};

/** Pure: a record and a voice in; the new record, what to commit with it, and when to ask next out. */
export function decideObserve(
  rulesOf: RulesOf,
  record: Observed | undefined,
  { key, fact }: ObserveInput,
  at: Instant,
): Decision<Observed, ObserveEffect, ObserveAnswer> {
  if (!record) return { result: refuse('customs.declaration_not_found', { id: key.id }) };
  const { declaration } = record;
  // Taken back between the decision and this commit, as by a pause: then nothing leaves.
  if (fact.body.kind === 'push_started' && record.item?.planId !== fact.body.planId)
    return { result: refuse('customs.plan_not_found', { plan: fact.body.planId ?? '' }) };
  const rules = rulesOf(declaration.channel);
  assert(rules, `channel ${declaration.channel} has no customs rules`);
  const again = isSameSnapshot(declaration, fact);
  const sameDoubt = fact.body.kind === 'query_in_doubt' && declaration.summary.queryDoubt === fact.body.why;
  const summary = foldAgain(declaration.summary, fact, again, sameDoubt);
  const item = record.item && moveItem(record.item, fact, summary, rules, at);
  const isRenumbered = fact.body.kind === 'push_accepted' && isOtherNumber(declaration.summary, summary);
  const moved = item && (isRenumbered ? { ...item, numberChanged: true } : item);
  const folded: Declaration = { ...declaration, summary };
  const next: Declaration = { ...folded, state: stateAt(folded, at) };
  const askAt = earliest(
    nextAskAt(next, at, record.isSampled ?? false),
    moved && nextLookAt(moved, summary, rules, at),
  );
  const told: Observed = { ...record, declaration: next, ...(moved ? { item: moved } : {}) };
  // Asking had ended, as the payment side was done: whoever opens the record again wishes the next look.
  const isReopened = fact.source !== 'channel' && nextAskAt(declaration, at, record.isSampled ?? false) === undefined;
  const effects: ObserveEffect[] = [
    ...factEffects(summary, fact, again || sameDoubt),
    ...numberEffects(declaration, next, fact),
    ...askEffects(next, fact, moved, askAt, isReopened),
    ...casesOpenedBy(record, told).map((open) => ({ kind: 'case', open }) as const),
    ...casesOverBy(record, told).map((subject) => ({ kind: 'case_over', subject }) as const),
  ];
  return {
    next: told,
    effects,
    result: done({ state: next.state, ...(askAt === undefined ? {} : { askAt }), ...(moved ? { item: moved } : {}) }),
  };
}

/** A re-push may give the payment record another number; then the order document has to be sent again under it. */
function isOtherNumber(before: Summary, after: Summary): boolean {
  return before.pushedPaymentNos.length > 0 && after.pushedPaymentNos.length > before.pushedPaymentNos.length;
}

function foldAgain(summary: Summary, fact: Fact, again: boolean, sameDoubt: boolean): Summary {
  if (again) return seenAgain(summary, fact.heardAt);
  const { queryDoubt, queryDoubtFactId } = summary;
  if (!sameDoubt || queryDoubt === undefined || queryDoubtFactId === undefined) return foldFact(summary, fact);
  return doubtAgain(summary, queryDoubt, fact.heardAt, queryDoubtFactId);
}

function factEffects(summary: Summary, fact: Fact, seen: boolean): ObserveEffect[] {
  const factId = fact.body.kind === 'query_in_doubt' ? summary.queryDoubtFactId : summary.snapshotFactId;
  if (!seen || factId === undefined || factId === fact.id) return [{ kind: 'fact', fact }];
  return [{ kind: 'seen', factId, at: fact.heardAt }];
}

/** An observation equal to the last from the same source only raises its count. */
function isSameSnapshot({ summary }: Declaration, { body, trust }: Fact): boolean {
  return (
    body.kind === 'channel_record' &&
    summary.snapshotFactId !== undefined &&
    summary.notFoundTimes.length === 0 &&
    summary.snapshotTrust === trust &&
    isDeepStrictEqual(summary.snapshot, body.snapshot)
  );
}

function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function numberEffects(before: Declaration, after: Declaration, { body }: Fact): ObserveEffect[] {
  // The agent's number of the list: the receipts after the first name nothing else (GACC import message specification, CEB622).
  if (body.kind === 'list_receipt' && body.copNo !== '')
    return [{ kind: 'number', row: numberRow(after, body.copNo, 'list') }];
  return after.summary.pushedPaymentNos
    .filter((number) => !before.summary.pushedPaymentNos.includes(number))
    .map((number) => ({ kind: 'number', row: numberRow(after, number, 'pushed_payment') }));
}

export function numberRow(declaration: Declaration, number: string, kind: string): NumberRow {
  const { bucket, merchantId, id } = declaration;
  return { bucket, merchantId, number, kind, record: id };
}

/** After a push the channel is asked whether anything happened; the job that asked keeps its own time. */
function askEffects(
  declaration: Declaration,
  { body }: Fact,
  item: PlanItem | undefined,
  askAt: Instant | undefined,
  isReopened: boolean,
): ObserveEffect[] {
  const fromPush = body.kind === 'push_accepted' || body.kind === 'push_in_doubt';
  if (!(fromPush || isReopened) || askAt === undefined) return [];
  return [{ kind: 'job', wish: askWish(declaration, askAt, item ? priorities.plan : priorities.bulk) }];
}

/** Facts that say the same about the same moment are one fact, however often they come in. */
export function digestOf(fact: Fact): string {
  const { body, source, happenedAt, heardAt } = fact;
  // What the channel answers to a query may come back in the same words after something else: there the moment of hearing counts.
  const moment = source === 'channel' ? heardAt : happenedAt;
  return hash('sha256', JSON.stringify([source, moment, body])).slice(0, 32);
}

export function observeCommand(rulesOf: RulesOf): Command<ObserveInput, Observed, ObserveEffect, ObserveAnswer> {
  return {
    name: 'customs.observe',
    keyOf: (input) => input.key,
    load: loadObserved,
    decide: (record, input, at) => decideObserve(rulesOf, record, input, at),
    save: saveObserved,
  };
}

async function loadObserved(tx: Tx, keys: readonly RecordKey[]): Promise<Map<string, Observed>> {
  const declarations = await findDeclarationsBare(tx, keys);
  const items = await findLiveItems(tx, keys);
  const sampled = await findSampled(tx);
  return new Map(
    declarations.map((declaration) => {
      const item = items.get(declaration.id);
      const isSampled = sampled.has(watchedKey(declaration));
      return [keyText(declaration), { declaration, isSampled, ...(item ? { item } : {}) }];
    }),
  );
}

async function saveObserved(
  tx: Tx,
  changes: readonly Change<Observed, ObserveEffect>[],
  at: Instant,
): Promise<Map<string, Refusal>> {
  const written = await updateSummaries(
    tx,
    changes.flatMap((change) => (change.after ? [change.after.declaration] : [])),
  );
  const won = changes.filter((change) => written.has(change.key.id));
  const effects = won.flatMap((change) => change.effects.map((effect) => ({ key: change.key, effect })));
  await saveEffects(tx, effects, at);
  await updateItems(
    tx,
    won.flatMap(({ key, before, after }) =>
      after?.item && after.item !== before?.item ? [{ key, item: after.item }] : [],
    ),
  );
  const lost = changes.filter((change) => !written.has(change.key.id));
  return new Map(lost.map((change) => [keyText(change.key), versionConflict]));
}

/** Somebody outside says that a record is missing, or may say so: detection looks at once (rule D2). */
const saysMissing: ReadonlySet<Fact['body']['kind']> = new Set(['port_missing', 'list_receipt']);

async function saveEffects(
  tx: Tx,
  effects: readonly { readonly key: RecordKey; readonly effect: ObserveEffect }[],
  at: Instant,
): Promise<void> {
  const facts = effects.flatMap(({ key, effect }) =>
    effect.kind === 'fact' ? [{ key, fact: effect.fact, digest: digestOf(effect.fact) }] : [],
  );
  await insertFacts(tx, facts);
  const seen = new Map<string, { bucket: number; factId: string; at: Instant; times: number }>();
  for (const { key, effect } of effects) {
    if (effect.kind !== 'seen') continue;
    const times = (seen.get(effect.factId)?.times ?? 0) + 1;
    seen.set(effect.factId, { bucket: key.bucket, factId: effect.factId, at: effect.at, times });
  }
  await countFactsAgain(tx, [...seen.values()]);
  await enqueue(tx, [
    ...effects.flatMap(({ effect }) => (effect.kind === 'job' ? [effect.wish] : [])),
    ...(facts.some(({ fact }) => saysMissing.has(fact.body.kind)) ? [lookWish(at)] : []),
  ]);
  await indexNumbers(
    tx,
    effects.flatMap(({ effect }) => (effect.kind === 'number' ? [effect.row] : [])),
  );
  await openCases(
    tx,
    effects.flatMap(({ effect }) => (effect.kind === 'case' ? [effect.open] : [])),
    at,
  );
  await closeCasesOf(
    tx,
    effects.flatMap(({ effect }) => (effect.kind === 'case_over' ? [effect.subject] : [])),
    at,
  );
}
