export const clockModes = ['running', 'stepped'] as const;
export type ClockMode = (typeof clockModes)[number];

/** Real time of the machine, in epoch milliseconds. */
export const machineNow = (): number => Date.now();

/** The channels' time, in epoch milliseconds. `stepped` stands still; `running` follows real time from the last set moment. */
export class SimulatedClock {
  readonly mode: ClockMode;
  readonly #realNow: () => number;
  #set: { readonly simulated: number; readonly real: number };

  constructor(mode: ClockMode, startAt: number, realNow: () => number) {
    this.mode = mode;
    this.#realNow = realNow;
    this.#set = { simulated: startAt, real: realNow() };
  }

  now(): number {
    if (this.mode === 'stepped') return this.#set.simulated;
    return this.#set.simulated + Math.max(0, this.#realNow() - this.#set.real);
  }

  /** Forward only: a book whose time runs backwards proves nothing. False when `ms` is not later than now. */
  moveTo(ms: number): boolean {
    if (ms <= this.now()) return false;
    this.#set = { simulated: ms, real: this.#realNow() };
    return true;
  }
}
