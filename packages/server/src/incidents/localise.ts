import type { Proportion } from '../kernel/index.ts';

/** One channel at one place, all accounts of the merchant together. `red`: above the threshold of its own usual share. */
export type Cell = Proportion & { readonly channel: string; readonly place: string; readonly red: boolean };

/** What the pattern of red cells points at; `alone`: there is nothing to compare with. */
export type Blame = 'channel' | 'port' | 'cell' | 'us' | 'alone';

export type Localised = { readonly blame: Blame; readonly cells: readonly Cell[] };

/** Fewer say nothing about a neighbour. */
const knownFrom = 8;

/**
 * One row red: the channel. One column red: the port. One cell: the link between them, registration or routing. Everything red: us.
 * Cells that hold too little to be judged count neither way.
 */
export function localise(
  cells: readonly Cell[],
  { channel, place }: { readonly channel: string; readonly place: string },
): Localised {
  const known = cells.filter((cell) => cell.of >= knownFrom || cell.red);
  const others = known.filter((cell) => cell.channel !== channel || cell.place !== place);
  const row = others.filter((cell) => cell.channel === channel);
  const column = others.filter((cell) => cell.place === place);
  return { blame: blameOf(others, row, column), cells };
}

function blameOf(others: readonly Cell[], row: readonly Cell[], column: readonly Cell[]): Blame {
  if (others.length === 0) return 'alone';
  const isRed = ({ red }: Cell): boolean => red;
  const crosses = others.some((cell) => !row.includes(cell) && !column.includes(cell));
  if (others.every(isRed) && ((row.length > 0 && column.length > 0) || crosses)) return 'us';
  if (row.length > 0 && row.every(isRed)) return 'channel';
  if (column.length > 0 && column.every(isRed)) return 'port';
  return 'cell';
}

/** Neighbours that are as usual, the larger first: what they show is that the trouble is not theirs. */
export function quietNeighbours(
  { cells }: Localised,
  { channel, place }: { readonly channel: string; readonly place: string },
): readonly Cell[] {
  return cells
    .filter((cell) => !cell.red && cell.of >= knownFrom)
    .filter((cell) => (cell.channel === channel) !== (cell.place === place))
    .sort((a, b) => b.of - a.of);
}
