import { assert, done } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import { aboveFloor, slotOf } from './account.ts';
import type { AccountId } from './account.ts';
import { checkBalanced, wantedDate } from './entry.ts';
import type { EntryDraft } from './entry.ts';
import { findBySource, insertEntries, insertPostings, lockSlots } from './store.ts';
import type { DatedEntry, PlacedLine, Slot, SlotKey, SourceKey, Standing } from './store.ts';

/** A floor account that a fact has taken below its floor, by how much in minor units: open a case. */
export type Overdraft = { readonly account: AccountId; readonly shortage: bigint };

/** `isNew` false: its source was posted before, by the entry named; nothing was booked this time. Compare `kind` to see by which fact. */
export type Posted = {
  readonly entry: string;
  readonly kind: string;
  readonly isNew: boolean;
  readonly overdrawn: readonly Overdraft[];
};

/** When it is booked, and where entries get their ids from. */
export type Booking = { readonly at: Instant; readonly ids: Ids };

/**
 * Posts a list of entries, any number of any kinds; the answers stand in the order of the drafts. Call it once per transaction, with all
 * that the transaction posts: two calls could lock slots in two orders. The only refusal is `ledger.floor`, of commands.
 * @throws Bug for an entry that is not balanced, or that takes back what was never booked.
 */
export async function postEntries(
  tx: Tx,
  drafts: readonly EntryDraft[],
  { at, ids }: Booking,
): Promise<Result<Posted>[]> {
  if (drafts.length === 0) return [];
  const placed = drafts.map(placedLines);
  const slots = await lockSlots(tx, slotKeysOf(placed));
  // Not before any of these slots, so that all lines of an entry are booked at one instant and no slot runs backwards.
  const bookedAt = slots.reduce((latest, slot) => (slot.lastBookedAt > latest ? slot.lastBookedAt : latest), at);
  const standing = await findBySource(tx, sourcesToAsk(drafts));
  const plan = decide(drafts, placed, slots, standing);
  const entries = plan.flatMap((verdict, index) => {
    const [draft, lines] = [drafts[index], placed[index]];
    return verdict.kind === 'book' && draft && lines ? [datedEntry(draft, lines, ids.next(), bookedAt)] : [];
  });
  const fresh = await insertEntries(tx, entries, bookedAt);
  const booked = entries.filter(({ id }) => fresh.has(id));
  await insertPostings(tx, booked, bookedAt);
  const known = [...standing, ...(await findBySource(tx, droppedSources(entries, fresh)))];
  return answersOf(drafts, plan, booked, known, slots);
}

function placedLines(draft: EntryDraft): PlacedLine[] {
  checkBalanced(draft);
  return draft.lines.map(({ account, amount }) => ({ account, amount, bucket: slotOf(account, draft.bucket) }));
}

const slotText = ({ bucket, account }: SlotKey): string => `${bucket}/${account}`;
const sourceText = ({ bucket, source }: SourceKey): string => `${bucket}/${source}`;

function slotKeysOf(placed: readonly (readonly PlacedLine[])[]): SlotKey[] {
  return [...new Map(placed.flat().map((line) => [slotText(line), line] as const)).values()];
}

/** What must be known before anything is decided: whether commands at a floor were booked already, and that what is taken back was booked. */
function sourcesToAsk(drafts: readonly EntryDraft[]): readonly SourceKey[] {
  const isDecided = (draft: EntryDraft): boolean => draft.force === 'command' && draft.lines.some(touchesFloor);
  const takenBack = drafts.flatMap(({ bucket, reverses }) =>
    reverses === undefined ? [] : [{ bucket, source: reverses }],
  );
  return distinctSources([...(drafts.some(isDecided) ? drafts : []), ...takenBack]);
}

const touchesFloor = ({ account }: { readonly account: AccountId }): boolean => aboveFloor(account, 0n) !== undefined;

function distinctSources(keys: readonly SourceKey[]): SourceKey[] {
  return [...new Map(keys.map((key) => [sourceText(key), key] as const)).values()];
}

type Verdict =
  { readonly kind: 'book' } | { readonly kind: 'again' } | { readonly kind: 'short'; readonly by: Overdraft };

/** In the order of arrival: each on the balances that the ones before left. */
function decide(
  drafts: readonly EntryDraft[],
  placed: readonly (readonly PlacedLine[])[],
  slots: readonly Slot[],
  standing: readonly Standing[],
): Verdict[] {
  const known = new Set(standing.map(sourceText));
  const balances = new Map(slots.map((slot) => [slotText(slot), slot.balance]));
  return drafts.map((draft, index) => {
    if (known.has(sourceText(draft))) return { kind: 'again' };
    const { bucket, source, reverses } = draft;
    const isThere = reverses === undefined || known.has(sourceText({ bucket, source: reverses }));
    assert(isThere, `entry ${source} takes back ${String(reverses)}, which is not in the books`);
    const after = balancesAfter(balances, placed[index] ?? []);
    const [by] = draft.force === 'command' ? shortagesOf(after) : [];
    if (by) return { kind: 'short', by };
    known.add(sourceText(draft));
    for (const { key, balance } of after) balances.set(key, balance);
    return { kind: 'book' };
  });
}

type Moved = { readonly key: string; readonly account: AccountId; readonly change: bigint; readonly balance: bigint };

function balancesAfter(balances: ReadonlyMap<string, bigint>, lines: readonly PlacedLine[]): Moved[] {
  const moved = new Map<string, Moved>();
  for (const line of lines) {
    const key = slotText(line);
    const before = moved.get(key) ?? { change: 0n, balance: balances.get(key) ?? 0n };
    const [change, balance] = [before.change + line.amount, before.balance + line.amount];
    moved.set(key, { key, account: line.account, change, balance });
  }
  return [...moved.values()];
}

/** What brings an account nearer to its floor from below is no shortage. */
function shortagesOf(moved: readonly Moved[]): Overdraft[] {
  return moved.flatMap(({ account, balance, change }) => {
    const [above, gained] = [aboveFloor(account, balance), aboveFloor(account, change)];
    const isShort = above !== undefined && above < 0n && gained !== undefined && gained < 0n;
    return isShort ? [{ account, shortage: -above }] : [];
  });
}

function datedEntry(draft: EntryDraft, lines: readonly PlacedLine[], id: string, bookedAt: Instant): DatedEntry {
  return { draft, id, lines, businessDate: wantedDate(draft.happenedAt, bookedAt), belongsTo: draft.belongsTo };
}

function droppedSources(entries: readonly DatedEntry[], fresh: ReadonlySet<string>): SourceKey[] {
  return entries.flatMap(({ id, draft }) => (fresh.has(id) ? [] : [draft]));
}

function answersOf(
  drafts: readonly EntryDraft[],
  plan: readonly Verdict[],
  booked: readonly DatedEntry[],
  known: readonly Standing[],
  slots: readonly Slot[],
): Result<Posted>[] {
  const bookedNow = new Map(booked.map((entry) => [entry.draft, entry] as const));
  const bySource = new Map<string, { readonly entry: string; readonly kind: string }>([
    ...booked.map(({ id, draft }) => [sourceText(draft), { entry: id, kind: draft.kind }] as const),
    ...known.map((before) => [sourceText(before), before] as const),
  ]);
  const balances = new Map(slots.map((slot) => [slotText(slot), slot.balance]));
  return drafts.map((draft, index) => {
    const verdict = plan[index];
    if (verdict?.kind === 'short') return refusalOf(verdict.by);
    const found = bySource.get(sourceText(draft));
    assert(found, `entry ${draft.source} was neither booked nor there before`);
    const now = verdict?.kind === 'book' ? bookedNow.get(draft) : undefined;
    const after = balancesAfter(balances, now?.lines ?? []);
    for (const { key, balance } of after) balances.set(key, balance);
    return done({ entry: found.entry, kind: found.kind, isNew: now !== undefined, overdrawn: shortagesOf(after) });
  });
}

function refusalOf({ account, shortage }: Overdraft): Result<never> {
  return refuseAs('ledger.floor', { account, shortage: shortage.toString() });
}
