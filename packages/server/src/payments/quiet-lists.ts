export type QuietLimits = {
  /** A list begins when nothing more has come for so long, */
  readonly quietMs: number;
  /** or when its first item has waited for so long, */
  readonly patienceMs: number;
  /** or when it is so long. */
  readonly itemsMax: number;
};

export type QuietLists<Input> = {
  add(input: Input): void;
  /** Begins what waits; resolves when all that was added before is done. */
  idle(): Promise<void>;
};

/** Work that may wait while what it comes from pours in: lists one at a time, the longer the more comes. `run` must not fail. */
export function quietLists<Input>(
  run: (inputs: readonly Input[]) => Promise<void>,
  { quietMs, patienceMs, itemsMax }: QuietLimits,
): QuietLists<Input> {
  const waiting: Input[] = [];
  let running: Promise<void> | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let patience: NodeJS.Timeout | undefined;
  let [added, ended] = [0, 0];
  // Timers come before what waits at the sockets: a busy moment is not a quiet one, so one look at those goes first.
  const hush = (): void => {
    const before = added;
    setImmediate(() => {
      if (added === before) begin();
    });
  };
  const begin = (): void => {
    clearTimeout(quiet);
    clearTimeout(patience);
    quiet = patience = undefined;
    if (running || waiting.length === 0) return;
    const list = waiting.splice(0, itemsMax);
    running = run(list).finally(() => {
      running = undefined;
      ended += list.length;
      wait();
    });
  };
  const wait = (): void => {
    if (running || waiting.length === 0) return;
    if (waiting.length >= itemsMax) return begin();
    patience ??= setTimeout(begin, patienceMs);
    quiet = quiet?.refresh() ?? setTimeout(hush, quietMs);
  };
  return {
    add(input) {
      waiting.push(input);
      added += 1;
      wait();
    },
    async idle() {
      for (const upTo = added; ended < upTo; await running) begin();
    },
  };
}
