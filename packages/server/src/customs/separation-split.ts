export type Valued = { readonly bin: string; readonly label: string; readonly released: boolean };

/** First and last label of a run; equal for single values. */
export type LabelRange = { readonly from: string; readonly to: string };

/** Members cut in two: where orders are stuck, and where they left. */
export type Split = {
  /** How much likelier an order is stuck on the stuck side than on the other; smoothed, so that it is never infinite. */
  readonly lift: number;
  /** Share of the stuck that lie on the stuck side, less the share of the released that do: 1 is perfect, 0 is chance. */
  readonly gap: number;
  readonly chiSquare: number;
  /** Every stuck order on one side, every released one on the other. */
  readonly perfect: boolean;
  readonly stuckSide: readonly LabelRange[];
  readonly releasedSide: readonly LabelRange[];
  /** Released orders on the stuck side and stuck ones on the other. */
  readonly exceptions: number;
  /** Members that have a value in this dimension. */
  readonly members: number;
};

type Bin = {
  readonly name: string;
  stuck: number;
  released: number;
  readonly stuckLabels: Labels;
  readonly releasedLabels: Labels;
};
type Labels = { from: string; to: string };

/** Values with an order (times): the one run of neighbouring bins whose inside differs most from its outside. */
export function intervalSplit(members: readonly Valued[]): Split | undefined {
  const bins = countBins(members).sort((one, other) => (one.name < other.name ? -1 : 1));
  const weights = weightsOf(bins);
  if (bins.length < 2 || !weights) return undefined;
  const inside = heaviestRun(weights);
  const outside = heaviestRun(weights.map((weight) => -weight));
  const stuckInside = inside.sum >= outside.sum;
  const { start, end } = stuckInside ? inside : outside;
  return describe(bins, (_bin, index) => (index >= start && index < end) === stuckInside, true);
}

/** Values too rare to say anything are counted together, or each order's own value would separate perfectly. */
const rareBelow = (members: number): number => Math.max(5, Math.ceil(members / 200));

/** Values without an order (carrier, account): those where more is stuck than elsewhere, against the others. */
export function groupSplit(members: readonly Valued[]): Split | undefined {
  const least = rareBelow(members.length);
  const sizes = new Map<string, number>();
  for (const { bin } of members) sizes.set(bin, (sizes.get(bin) ?? 0) + 1);
  const rare = { bin: '…', label: '…' };
  const merged = members.map((member) => ((sizes.get(member.bin) ?? 0) < least ? { ...member, ...rare } : member));
  const bins = countBins(merged);
  const weights = weightsOf(bins);
  if (bins.length < 2 || !weights) return undefined;
  return describe(bins, (_bin, index) => (weights[index] ?? 0) > 0, false);
}

function countBins(members: readonly Valued[]): Bin[] {
  const bins = new Map<string, Bin>();
  for (const { bin: name, label, released } of members) {
    const bin = bins.get(name) ?? { name, stuck: 0, released: 0, stuckLabels: noLabels(), releasedLabels: noLabels() };
    bins.set(name, bin);
    if (released) bin.released += 1;
    else bin.stuck += 1;
    widen(released ? bin.releasedLabels : bin.stuckLabels, label);
  }
  return [...bins.values()];
}

const noLabels = (): Labels => ({ from: '', to: '' });

function widen(labels: Labels, label: string): void {
  if (labels.from === '' || label < labels.from) labels.from = label;
  if (label > labels.to) labels.to = label;
}

/** Share of all stuck less share of all released, per bin. The sum over a set of bins is the set's gap. */
function weightsOf(bins: readonly Bin[]): number[] | undefined {
  const stuck = sumOf(bins, 'stuck');
  const released = sumOf(bins, 'released');
  if (stuck === 0 || released === 0) return undefined;
  return bins.map((bin) => bin.stuck / stuck - bin.released / released);
}

function sumOf(bins: readonly Bin[], side: 'stuck' | 'released'): number {
  return bins.reduce((sum, bin) => sum + bin[side], 0);
}

/** The run of neighbours with the largest sum (Kadane): linear, so a list over many days costs nothing. */
function heaviestRun(weights: readonly number[]): { start: number; end: number; sum: number } {
  let best = { start: 0, end: 0, sum: 0 };
  let start = 0;
  let sum = 0;
  for (const [index, weight] of weights.entries()) {
    if (sum <= 0) [start, sum] = [index, 0];
    sum += weight;
    if (sum > best.sum) best = { start, end: index + 1, sum };
  }
  return best;
}

function describe(bins: readonly Bin[], isStuckSide: (bin: Bin, index: number) => boolean, ordered: boolean): Split {
  const stuckBins = bins.filter(isStuckSide);
  const otherBins = bins.filter((bin, index) => !isStuckSide(bin, index));
  const [hit, falseAlarm] = [sumOf(stuckBins, 'stuck'), sumOf(stuckBins, 'released')];
  const [missed, clear] = [sumOf(otherBins, 'stuck'), sumOf(otherBins, 'released')];
  const exceptions = falseAlarm + missed;
  return {
    lift: smoothedShare(hit, falseAlarm) / smoothedShare(missed, clear),
    gap: hit / (hit + missed) - falseAlarm / (falseAlarm + clear),
    chiSquare: chiSquareOf(hit, falseAlarm, missed, clear),
    perfect: exceptions === 0,
    stuckSide: rangesOf(bins, isStuckSide, 'stuckLabels', ordered),
    releasedSide: rangesOf(bins, (bin, index) => !isStuckSide(bin, index), 'releasedLabels', ordered),
    exceptions,
    members: exceptions + hit + clear,
  };
}

/** Half an order is added to either count: three of three prove less than three hundred of three hundred. */
function smoothedShare(part: number, rest: number): number {
  return (part + 0.5) / (part + rest + 1);
}

function chiSquareOf(a: number, b: number, c: number, d: number): number {
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  return margins === 0 ? 0 : ((a + b + c + d) * (a * d - b * c) ** 2) / margins;
}

/** Neighbouring bins of one side become one range; empty ones are passed over. */
function rangesOf(
  bins: readonly Bin[],
  belongs: (bin: Bin, index: number) => boolean,
  side: 'stuckLabels' | 'releasedLabels',
  ordered: boolean,
): LabelRange[] {
  const ranges: Labels[] = [];
  let open: Labels | undefined;
  for (const [index, bin] of bins.entries()) {
    if (!belongs(bin, index)) {
      open = undefined;
      continue;
    }
    const labels = bin[side];
    if (labels.from === '') continue;
    if (open && ordered) {
      widen(open, labels.from);
      widen(open, labels.to);
      continue;
    }
    open = { ...labels };
    ranges.push(open);
  }
  return ranges;
}
