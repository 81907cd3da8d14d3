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
  /** Begins what waits; resolves when nothing does any more. */
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
  const begin = (): void => {
    clearTimeout(quiet);
    clearTimeout(patience);
    quiet = patience = undefined;
    if (running || waiting.length === 0) return;
    running = run(waiting.splice(0, itemsMax)).finally(() => {
      running = undefined;
      wait();
    });
  };
  const wait = (): void => {
    if (running || waiting.length === 0) return;
    if (waiting.length >= itemsMax) return begin();
    patience ??= setTimeout(begin, patienceMs);
    quiet = quiet?.refresh() ?? setTimeout(begin, quietMs);
  };
  return {
    add(input) {
      waiting.push(input);
      wait();
    },
    async idle() {
      for (begin(); running; begin()) await running;
    },
  };
}
