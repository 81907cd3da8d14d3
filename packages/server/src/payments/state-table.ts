import { assert } from '../kernel/index.ts';

/** What follows from one thing being told to one state. */
export type Step<State extends string, Effect extends string> = {
  readonly becomes: State;
  readonly effects: readonly Effect[];
};

type Row = {
  readonly from: ReadonlySet<string>;
  readonly source: string;
  readonly told: ReadonlySet<string>;
  readonly becomes: string;
  readonly effects: readonly string[];
};

/**
 * A state machine written as the table that people read: `from source told becomes effects…`, `+` joins alternatives, `any` fits all, `same`
 * stays, `-` is no effect. The first row that fits wins; what fits none is a bug. Columns are separated by blanks.
 */
export type StateTable<State extends string, Effect extends string> = {
  readonly states: readonly State[];
  step(from: State, source: string, told: string): Step<State, Effect>;
};

export function stateTable<State extends string, Effect extends string>(
  states: readonly State[],
  effects: readonly Effect[],
  text: string,
): StateTable<State, Effect> {
  const rows = text.trim().split('\n').map(readRow);
  for (const row of rows) {
    for (const state of [...row.from, row.becomes].filter((name) => !['any', 'same'].includes(name)))
      assert(states.includes(state as State), `${state} is no state of this table`);
    for (const effect of row.effects)
      assert(effects.includes(effect as Effect), `${effect} is no effect of this table`);
  }
  return {
    states,
    step(from, source, told) {
      const row = rows.find((one) => fits(one, from, source, told));
      assert(row !== undefined, `nothing says what ${told} from ${source} does to ${from}`);
      return {
        becomes: row.becomes === 'same' ? from : (row.becomes as State),
        effects: row.effects as readonly Effect[],
      };
    },
  };
}

/** An answer to a call is an observation as well, the row that names it first; the answer to a close speaks of the close and of nothing else. */
function fits({ from, source, told }: Row, state: string, saidBy: string, said: string): boolean {
  const isSource = source === 'any' || source === saidBy || (source === 'obs' && saidBy === 'answer');
  return (from.has('any') || from.has(state)) && isSource && (told.has('any') || told.has(said));
}

function readRow(line: string): Row {
  const [from = '', source = '', told = '', becomes = '', ...effects] = line.trim().split(/\s+/);
  assert(becomes !== '', `a row of a state table lacks columns: ${line}`);
  return {
    ...{ from: new Set(from.split('+')), source, told: new Set(told.split('+')), becomes },
    effects: effects.filter((name) => name !== '-'),
  };
}
