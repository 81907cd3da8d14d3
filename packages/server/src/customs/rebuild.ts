import { isDeepStrictEqual } from 'node:util';
import { done } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { keyText } from '../platform/commands.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Database } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { doubtAgain, emptySummary, foldFact, seenAgain, stateAt } from './declaration.ts';
import type { Declaration, DeclarationState, Summary } from './declaration.ts';
import { findDeclarations, findFacts, listDeclarationKeys, updateSummaries } from './store.ts';
import type { KeptFact } from './store.ts';

/** A declaration whose kept summary is not what its facts amount to. */
export type RebuildDifference = {
  readonly key: RecordKey;
  readonly orderNo: string;
  /** Members of the summary that differ. */
  readonly fields: readonly string[];
  readonly keptState: DeclarationState;
  readonly state: DeclarationState;
};

export type Rebuilt = {
  readonly looked: number;
  readonly differing: readonly RebuildDifference[];
  /** Whether what was found was written; another writer in between leaves a record for the next run. */
  readonly written: number;
};

export type RebuildParts = { readonly db: Database; readonly clock: { now(): Instant }; readonly ids: Ids };

/** Declarations of one transaction. */
const part = 1000;

/** `liushui customs rebuild`: every declaration of a merchant, in parts. Looks only, unless told to write; writing is in the audit trail. */
export async function rebuildMerchant(
  parts: RebuildParts,
  actor: Actor,
  merchantId: string,
  how: { readonly write: boolean },
): Promise<Result<Rebuilt>> {
  const permitted = allowed(actor, 'customs.triage', merchantId);
  if (!permitted.ok) return permitted;
  let all: Rebuilt = { looked: 0, differing: [], written: 0 };
  for (let last: RecordKey | undefined; ;) {
    const keys = await listDeclarationKeys(parts.db, merchantId, part, last);
    if (keys.length === 0) break;
    const { looked, differing, written } = await rebuildDeclarations(parts, keys, how);
    all = { looked: all.looked + looked, differing: [...all.differing, ...differing], written: all.written + written };
    last = keys.at(-1);
  }
  if (how.write) {
    const detail = { looked: all.looked, differing: all.differing.length, written: all.written };
    const entry = { actor, act: 'customs.rebuilt', subject: merchantId, detail };
    await parts.db.transaction((tx) => writeAudit(tx, [entry], { at: parts.clock.now(), ids: parts.ids }));
  }
  return done(all);
}

/**
 * Makes summary and state anew from the facts, which are the only thing kept of a declaration that never changes. Reports what
 * differs, and writes it unless told to look only. The state may differ by time alone: that is brought up to date and not reported.
 */
export async function rebuildDeclarations(
  parts: Omit<RebuildParts, 'ids'>,
  keys: readonly RecordKey[],
  how: { readonly write: boolean } = { write: true },
): Promise<Rebuilt> {
  const now = parts.clock.now();
  return parts.db.transaction(async (tx) => {
    const kept = await findDeclarations(tx, keys);
    const facts = Map.groupBy(await findFacts(tx, keys), (fact) => fact.declarationId);
    const made = kept.map((declaration) => ({
      declaration,
      next: rebuild(declaration, facts.get(declaration.id), now),
    }));
    const differing = made.flatMap(({ declaration, next }) => differenceOf(declaration, next));
    const stale = made.filter(({ declaration, next }) => next.state !== declaration.state);
    const wrong = new Set([...differing.map(({ key }) => keyText(key)), ...stale.map(({ next }) => keyText(next))]);
    if (!how.write) return { looked: kept.length, differing, written: 0 };
    const toWrite = made.map(({ next }) => next).filter((next) => wrong.has(keyText(next)));
    const written = await updateSummaries(tx, toWrite);
    return { looked: kept.length, differing, written: written.size };
  });
}

function rebuild(declaration: Declaration, facts: readonly KeptFact[] | undefined, now: Instant): Declaration {
  const told = { ...declaration, summary: summaryOf(facts ?? []) };
  return { ...told, state: stateAt(told, now) };
}

type Telling = { readonly at: Instant; readonly fact: KeptFact; readonly again: boolean };

/** A fact that was seen again counts as often as it was seen, and the last time at the moment of the last time. */
export function summaryOf(facts: readonly KeptFact[]): Summary {
  const tellings = facts.flatMap((fact): Telling[] => {
    const again = fact.seenCount > 1;
    const first = { at: fact.heardAt, fact, again: false };
    return again ? [first, { at: fact.lastSeenAt, fact, again }] : [first];
  });
  // Stable: what was heard at the same moment stays in the order of the ids, which rise.
  tellings.sort((a, b) => a.at - b.at);
  let summary = emptySummary;
  for (const { fact, again, at } of tellings) summary = again ? foldAgain(summary, fact, at) : foldFact(summary, fact);
  return summary;
}

function foldAgain(summary: Summary, fact: KeptFact, at: Instant): Summary {
  const { id, body } = fact;
  const asked = summary.asked + fact.seenCount - 1;
  if (body.kind === 'channel_record' && summary.snapshotFactId === id) return { ...seenAgain(summary, at), asked };
  if (body.kind === 'query_in_doubt') return { ...doubtAgain(summary, body.why, at, id), asked };
  // A receipt or a port's row that came in again was folded again.
  return foldFact(summary, fact);
}

function differenceOf(kept: Declaration, made: Declaration): RebuildDifference[] {
  const names = new Set([...Object.keys(kept.summary), ...Object.keys(made.summary)]) as Set<keyof Summary>;
  const fields = [...names].filter((name) => !isDeepStrictEqual(kept.summary[name], made.summary[name]));
  if (fields.length === 0) return [];
  const key = { bucket: kept.bucket, id: kept.id };
  return [{ key, orderNo: kept.orderNo, fields: fields.sort(), keptState: kept.state, state: made.state }];
}
