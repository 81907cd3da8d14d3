import { fisherGreater, minutes, newcombe, plus, z95 } from '../kernel/index.ts';
import type { Instant, Interval, Proportion } from '../kernel/index.ts';
import { dimensionBins } from './separation.ts';
import type { SeparationDimension, SeparationMember } from './separation.ts';

/** In a cell: pushed first, held back to compare with, or waiting for what these two show. */
export type PlanRole = 'canary' | 'control' | 'rest';
export type PlanCellState = 'waiting' | 'canary' | 'ramp' | 'done' | 'stopped';

export type PlanDimension = SeparationDimension | '';

/** Sizes of canary and held-back control in each cell. */
export type Groups = { readonly canary: number; readonly control: number };

export type Placed = { readonly cell: string; readonly role: PlanRole };
export type Cut = {
  readonly cells: readonly { readonly cell: string; readonly size: number }[];
  readonly placed: readonly Placed[];
};

/** What is told of a member so that it can be put into a cell; `lot` draws canary and control, alike for a plan however often it is cut. */
export type CellMember = Omit<SeparationMember, 'released'> & { readonly lot: string };

/** What remains of unordered values that are too few for a canary and a control of their own. */
const otherCell = 'others';

/** Cuts members into cells by a dimension and draws in each who is pushed first and who is held back. */
export function cutCells(members: readonly CellMember[], dimension: SeparationDimension, groups: Groups): Cut {
  const bins = dimensionBins(
    dimension,
    members.map((member) => ({ ...member, released: false })),
  );
  const byBin = new Map(
    [...Map.groupBy(members.keys(), (index) => bins.values[index] ?? '')].map(([bin, all]) => [bin, [...all]]),
  );
  const cells = bins.ordered ? mergeNeighbours(byBin, groups) : gatherSmall(byBin, groups);
  const placed: Placed[] = members.map(() => ({ cell: '', role: 'rest' }));
  for (const { cell, members: own } of cells) {
    const drawn = [...own].sort((a, b) => ((members[a]?.lot ?? '') < (members[b]?.lot ?? '') ? -1 : 1));
    const { canary, control } = fitGroups(own.length, groups);
    for (const [place, index] of drawn.entries()) {
      placed[index] = { cell, role: place < canary ? 'canary' : place < canary + control ? 'control' : 'rest' };
    }
  }
  return { cells: cells.map(({ cell, members: own }) => ({ cell, size: own.length })), placed };
}

/** A cell that is smaller than both groups together is split between them; one alone cannot be compared with anything. */
function fitGroups(size: number, { canary, control }: Groups): Groups {
  if (size >= canary + control) return { canary, control };
  const first = Math.max(1, Math.floor((size * canary) / (canary + control)));
  return { canary: first, control: size - first };
}

type Gathered = { readonly cell: string; readonly members: readonly number[] };

/** Neighbouring hours or days that are too few for both groups join, so that a quiet hour is judged with the next one. */
function mergeNeighbours(byBin: ReadonlyMap<string, readonly number[]>, { canary, control }: Groups): Gathered[] {
  const cells: { bins: string[]; members: number[] }[] = [];
  for (const bin of [...byBin.keys()].sort()) {
    const last = cells.at(-1);
    const own = byBin.get(bin) ?? [];
    if (last && last.members.length < canary + control) {
      last.bins.push(bin);
      last.members.push(...own);
    } else cells.push({ bins: [bin], members: [...own] });
  }
  const tail = cells.at(-1);
  const before = cells.at(-2);
  if (tail && before && tail.members.length < canary + control) {
    before.bins.push(...tail.bins);
    before.members.push(...tail.members);
    cells.pop();
  }
  return cells.map(({ bins, members }) => ({ cell: rangeOf(bins), members }));
}

function rangeOf(bins: readonly string[]): string {
  const [first = '', last = first] = [bins[0], bins.at(-1)];
  return first === last ? first : `${first} – ${last}`;
}

function gatherSmall(byBin: ReadonlyMap<string, readonly number[]>, { canary, control }: Groups): Gathered[] {
  const cells: Gathered[] = [];
  const small: number[] = [];
  for (const bin of [...byBin.keys()].sort()) {
    const members = byBin.get(bin) ?? [];
    if (members.length < canary + control || bin === '') small.push(...members);
    else cells.push({ cell: bin, members });
  }
  return small.length === 0 ? cells : [...cells, { cell: otherCell, members: small }];
}

/** How a cell stands: what its canary and its control have shown so far. */
export type CellView = {
  readonly state: PlanCellState;
  readonly beganAt?: Instant;
  /** Pushed in the canary, and how many of these have an answer of port or customs from after it. */
  readonly pushed: Proportion;
  /** Held back, and how many got one all the same in that time. */
  readonly held: Proportion;
  /** Of the canary: due, on their way, or still looked at. */
  readonly canaryOpen: number;
  /** Of the control: not looked at even once since they were held back, and still looked at. */
  readonly controlUnseen: number;
  readonly controlOpen: number;
  /** Of all members: planned, due, on their way, or still looked at. */
  readonly open: number;
};

export type CellVerdict =
  | { readonly kind: 'wait' }
  | { readonly kind: 'ramp' }
  | { readonly kind: 'stop'; readonly why: 'no_effect' | 'nothing_pushed' }
  | { readonly kind: 'done' };

/** Significant before the window ends (rule of the mass re-push: Fisher, p < 0.01). */
const earlyChance = 0.01;

/**
 * Pure: whether a cell goes on. An idempotent re-push proves nothing by itself and backlogs clear by themselves: only that the pushed ones
 * got receipts and equal held-back ones did not shows that a push works (95% range of the difference above zero).
 */
export function judgeCell(view: CellView, now: Instant, windowMinutes: number): CellVerdict {
  if (view.state === 'ramp') return view.open === 0 ? { kind: 'done' } : { kind: 'wait' };
  if (view.state !== 'canary') return { kind: 'wait' };
  if (view.canaryOpen === 0 && view.pushed.of === 0) return { kind: 'stop', why: 'nothing_pushed' };
  const seen = view.controlUnseen === 0 && view.held.of > 0;
  if (seen && fisherGreater(view.pushed, view.held) < earlyChance) return { kind: 'ramp' };
  const windowEnds = view.beganAt === undefined ? now : plus(view.beganAt, minutes(windowMinutes));
  if (now < windowEnds || view.canaryOpen > 0 || view.controlOpen > 0) return { kind: 'wait' };
  return effectOf(view.pushed, view.held).low > 0 ? { kind: 'ramp' } : { kind: 'stop', why: 'no_effect' };
}

/** What pushing added, as a difference of shares with its 95% range. Without anybody held back the range says so. */
export function effectOf(pushed: Proportion, held: Proportion): Interval & { readonly difference: number } {
  return newcombe(pushed, held, z95);
}

/** Thresholds at which a plan stops itself, frozen with it. */
export type StopRules = {
  /** Share of pushes without a clear answer, or refused. */
  readonly errorShare: number;
  /** Share of pushes after which the channel named another payment number. */
  readonly numberChangeShare: number;
  /** Refusal codes that this group gave before the plan; any other stops it. */
  readonly knownCodes: readonly string[];
};

export const defaultStopRules: StopRules = { errorShare: 0.02, numberChangeShare: 0.001, knownCodes: [] };

export type PlanTally = {
  readonly pushed: number;
  readonly inDoubt: number;
  readonly refusedByCode: Readonly<Record<string, number>>;
  readonly numberChanges: number;
};

/** So few say nothing about a share. */
const fewestErrors = 3;

/** Pure: which rule stops the whole plan; undefined when none does. */
export function stopReason(tally: PlanTally, rules: StopRules): string | undefined {
  const fresh = Object.keys(tally.refusedByCode).find((code) => !rules.knownCodes.includes(code));
  if (fresh !== undefined) return `new_refusal:${fresh}`;
  const refused = Object.values(tally.refusedByCode).reduce((sum, n) => sum + n, 0);
  const errors = tally.inDoubt + refused;
  if (errors >= fewestErrors && errors > rules.errorShare * tally.pushed) return 'channel_errors';
  return tally.numberChanges > rules.numberChangeShare * tally.pushed ? 'number_changes' : undefined;
}
