import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import { toGrid } from './asking.ts';
import { lastAnswerAt, stateAt } from './declaration.ts';
import type { Declaration, Summary } from './declaration.ts';
import { evidenceOf, higherEvidence } from './evidence.ts';
import type { Before, EvidenceLevel } from './evidence.ts';
import type { Fact } from './facts.ts';

/** The CHECK list of plan_items.state; a test compares. */
export const planItemStates = ['planned', 'held', 'due', 'pushing', 'pushed', 'judged', 'skipped', 'refused'] as const;
export type PlanItemState = (typeof planItemStates)[number];

/** One declaration in a plan of re-pushes. */
export type PlanItem = {
  readonly planId: string;
  readonly state: PlanItemState;
  readonly why: string;
  readonly before?: Before;
  /** The first push of this plan: evidence is counted from here. */
  readonly pushedAt?: Instant;
  readonly pushes: number;
  readonly evidence?: EvidenceLevel;
  readonly unsigned: boolean;
  readonly judgedAt?: Instant;
  /** Held back to compare with, since then; kept when it is pushed after all. */
  readonly heldAt?: Instant;
  /** What it showed by itself while it was held back; absent until the first look. */
  readonly heldEvidence?: EvidenceLevel;
  /** The channel named another payment number after the push: the order document has to be sent again. */
  readonly numberChanged: boolean;
};

/** Why a push is in doubt whose process died: that says nothing about the channel, and no stop rule counts it. */
export const lostWhy = 'the process that sent it ended before it heard';

/** From E2 on somebody behind the channel has answered: the push had an effect. */
export function isEffective(level: EvidenceLevel | undefined): boolean {
  return level === 'E2' || level === 'E3';
}

/** Why a declaration may not be pushed now; undefined when it may. A plan only shrinks (architecture rule 12). */
export function reasonToSkip(declaration: Declaration, rules: CustomsRules, now: Instant): string | undefined {
  const state = stateAt(declaration, now);
  const place = rules.places[declaration.place] ?? rules.unlistedPlace;
  // Declared by us under a new number and never pushed: its first push repeats nothing.
  const { push, snapshot } = declaration.summary;
  const isFirst = declaration.numberRule !== 'adopted' && push === undefined && snapshot === undefined;
  if (!isFirst && (rules.rePush.how === 'none' || !place.rePush)) return 'place_without_repush';
  if (state === 'released') return 'released';
  if (state === 'at_customs') return 'customs_has_it';
  if (state === 'at_eport') return 'eport_has_it';
  if (state === 'rejected') return 'refused_by_customs';
  if (state === 'cannot_be_asked') return 'cannot_be_asked';
  if (!isFirst && holdOf(declaration.summary, rules, now)?.byOldLook === false) return 'channel_state';
  // The channel answers the same to every push, under whatever number: only asking can find out more.
  if (state === 'in_doubt' && push?.standsAlready) return 'earlier_declaration_stands';
  return undefined;
}

/** The channel knew the declaration when it was last asked. */
export const isKnownThere = ({ snapshot, notFoundTimes }: Summary): boolean =>
  snapshot !== undefined && notFoundTimes.length === 0;

/** An older look does not say how a declaration stands now. */
export const askedWithinMs = minutes(60);

/**
 * Some channels push again only what has come to an end there: until then they would refuse, or push what has not left yet. An old look
 * holds nothing back: it is asked about again. Nor does a state hold for ever: what has stood in it for long will come to no end by itself.
 */
function holdOf(summary: Summary, { rePush }: CustomsRules, now: Instant): { readonly byOldLook: boolean } | undefined {
  const { snapshot, snapshotAt = now } = summary;
  if (rePush.fromStatuses?.includes(snapshot?.channelStatus ?? '') !== false || !isKnownThere(summary))
    return undefined;
  if (now > plus(snapshotAt, askedWithinMs)) return { byOldLook: true };
  const since = snapshot?.lastModifiedAt ?? summary.lastPushAt ?? snapshotAt;
  const isStuck =
    rePush.stuckAfterMinutes !== undefined && snapshotAt >= plus(since, minutes(rePush.stuckAfterMinutes));
  return isStuck ? undefined : { byOldLook: false };
}

/** A plan that declares anew says by its empty snapshot that nothing was known. Where the channel keeps no request numbers, a new one hides nothing. */
const mayStand = ({ before, pushes }: PlanItem, { requestNo }: CustomsRules): boolean =>
  requestNo.isKept === false && pushes === 0 && before?.snapshot === undefined && before?.notFound === undefined;

/** Whether the channel must be asked first: nobody ever did, or a state that forbids pushing was seen too long ago to be told from one that is over. */
export function mustLook({ summary }: Declaration, item: PlanItem, rules: CustomsRules, now: Instant): boolean {
  return (
    holdOf(summary, rules, now)?.byOldLook === true || (mayStand(item, rules) && lastAnswerAt(summary) === undefined)
  );
}

/** What was to be declared anew and is known to the channel already: its own number is none to the channel. */
export function reasonNotAnew({ summary }: Declaration, item: PlanItem, rules: CustomsRules): string | undefined {
  return item.before && mayStand(item, rules) && isKnownThere(summary) ? 'earlier_declaration_stands' : undefined;
}

/** What is known before the push. Without a snapshot nothing later could be compared with it. */
export function beforeOf(summary: Summary): Before | undefined {
  if (summary.notFoundTimes.length > 0) return { notFound: true };
  if (!summary.snapshot || summary.snapshotAt === undefined) return undefined;
  return { snapshot: summary.snapshot, askedAt: summary.snapshotAt };
}

/** How a fact moves the item of the plan that the declaration is in. SUCCESS of a re-push moves it to E0 and no further. */
export function moveItem(item: PlanItem, fact: Fact, summary: Summary, rules: CustomsRules, now: Instant): PlanItem {
  const { body } = fact;
  switch (body.kind) {
    case 'push_started':
      return start(item, fact.happenedAt, summary);
    case 'push_unsent':
      return item.pushes > 1 ? { ...item, state: 'pushed', pushes: item.pushes - 1 } : unsent(item);
    case 'push_rejected':
      return { ...item, state: 'refused', why: body.code, judgedAt: now };
    case 'push_accepted':
    case 'push_in_doubt':
      return {
        ...item,
        state: 'pushed',
        evidence: item.evidence ?? 'E0',
        why: body.kind === 'push_accepted' ? '' : body.why === lostWhy ? 'lost' : 'in_doubt',
      };
    case 'adopted':
    case 'channel_not_found':
    case 'channel_record':
    case 'earlier_push':
    case 'list_receipt':
    case 'pack_reply':
    case 'payment_receipt':
    case 'port_has':
    case 'port_missing':
    case 'port_released':
    case 'port_status':
    case 'query_in_doubt':
      return weigh(item, summary, rules, now);
  }
}

/** Freezes how things stood at the last look before the first push: a later look is compared with this. */
function start(item: PlanItem, at: Instant, summary: Summary): PlanItem {
  const before = item.pushedAt === undefined ? (beforeOf(summary) ?? item.before) : item.before;
  const pushedAt = item.pushedAt ?? at;
  return { ...item, state: 'pushing', pushedAt, pushes: item.pushes + 1, ...(before ? { before } : {}) };
}

function unsent(item: PlanItem): PlanItem {
  const { pushedAt: _never, ...rest } = item;
  return { ...rest, state: 'due', pushes: 0 };
}

/** What is held back is looked at exactly as if it had been pushed: else the two groups could not be compared. */
function weighHeld(item: PlanItem, heldAt: Instant, summary: Summary, rules: CustomsRules, now: Instant): PlanItem {
  if ((lastAnswerAt(summary) ?? 0) <= heldAt && summary.released === undefined) return item;
  const found = evidenceOf(item.before ?? {}, heldAt, summary);
  const heldEvidence = higherEvidence(item.heldEvidence ?? 'E0', found.level);
  const judged = isEffective(heldEvidence) || isWindowOver(heldAt, summary, rules, now);
  return { ...item, heldEvidence, ...(judged ? { judgedAt: now } : {}) };
}

/** An answer in doubt ends nothing: the look at the end of the window is made again. */
function isWindowOver(since: Instant, summary: Summary, rules: CustomsRules, now: Instant): boolean {
  const windowEnds = plus(since, minutes(rules.rePush.evidenceWindowMinutes));
  return now >= windowEnds && (lastAnswerAt(summary) ?? 0) >= windowEnds;
}

function weigh(item: PlanItem, summary: Summary, rules: CustomsRules, now: Instant): PlanItem {
  if (item.state === 'held' && item.heldAt !== undefined) return weighHeld(item, item.heldAt, summary, rules, now);
  if (item.state !== 'pushed' || item.pushedAt === undefined) return item;
  const found = evidenceOf(item.before ?? {}, item.pushedAt, summary);
  const evidence = higherEvidence(item.evidence ?? 'E0', found.level);
  const unsigned = found.level === evidence ? found.unsigned : item.unsigned;
  const judged = isEffective(evidence) || isWindowOver(item.pushedAt, summary, rules, now);
  return { ...item, evidence, unsigned, ...(judged ? { state: 'judged' as const, judgedAt: now } : {}) };
}

function watchedSince({ state, pushedAt, heldAt, judgedAt }: PlanItem): Instant | undefined {
  if (state === 'pushed') return pushedAt;
  return state === 'held' && judgedAt === undefined ? heldAt : undefined;
}

/** The next look for evidence after the push, or since it was held back; undefined when the item does not wait for any. */
export function nextLookAt(item: PlanItem, summary: Summary, rules: CustomsRules, now: Instant): Instant | undefined {
  const since = watchedSince(item);
  if (since === undefined) return undefined;
  const last = Math.max(summary.lastAskedAt ?? 0, since);
  for (const after of rules.rePush.lookAfterMinutes) {
    const at = toGrid(plus(since, minutes(after)));
    if (at > last) return at > now ? at : now;
  }
  const end = toGrid(plus(since, minutes(rules.rePush.evidenceWindowMinutes)));
  // Asked at the end and in doubt: the job that asked keeps its own pause, or it would ask without one.
  if (end <= last) return undefined;
  return end > now ? end : now;
}
