import { shortText } from './bench.ts';
import type { BenchResult, Figure, Spread, Target } from './bench.ts';
import type { Machine } from './machine.ts';

export type Report = BenchResult & { readonly machine: Machine; readonly seconds: number; readonly quick: boolean };

/** The whole run for a person: the machine, the ratios, then what explains them. */
export function reportText({ machine, figures, tables, seconds, quick }: Report): string {
  const parts = [
    machineText(machine),
    tableText(
      ['bench', 'measure', 'against', 'ratio', 'from – to', 'target', '', 'median of both'],
      figures.map(figureCells),
    ),
    ...tables.map(({ title, columns, rows }) => `${title}\n${tableText(columns, rows)}`),
    verdictText(figures, seconds),
  ];
  if (quick)
    parts.push('--quick: smallest sizes and one round. It shows that everything runs; its figures mean nothing.');
  return `${parts.join('\n\n')}\n`;
}

function machineText(machine: Machine): string {
  const { date, cpu, cores, memory_gib, load_before, node, postgresql, liushui, commit } = machine;
  const server = postgresql === '' ? '' : `, PostgreSQL ${postgresql} (durable)`;
  return (
    `${date}  liushui ${liushui} (${commit}), node ${node}${server}\n` +
    `${cpu}, ${cores} cores, ${memory_gib} GiB; load before the run ${load_before}`
  );
}

function figureCells({ bench, measure, against, unit, subject, baseline, ratio, target, verdict }: Figure): string[] {
  const both = `${shortText(subject.median)} : ${shortText(baseline.median)} ${unit}`;
  return [bench, measure, against, shortText(ratio.median), rangeText(ratio), targetText(target), verdict, both];
}

const rangeText = ({ low, high }: Spread): string => `${shortText(low)} – ${shortText(high)}`;

function targetText(target: Target | undefined): string {
  if (target === undefined) return '';
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

/** Columns as wide as their widest cell. */
function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((name, index) => Math.max(name.length, ...rows.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(columns), ...rows.map(line)].join('\n');
}

function verdictText(figures: readonly Figure[], seconds: number): string {
  const count = (verdict: Figure['verdict']): number => figures.filter((figure) => figure.verdict === verdict).length;
  return `${count('pass')} pass, ${count('FAIL')} FAIL, ${count('shown')} shown without a target, in ${shortText(seconds)} s`;
}
