type Action = (at: number) => void;

/**
 * What will happen and when: a binary heap by due time, then by order of entry, so that a reload repeats it exactly. Three
 * parallel arrays instead of one of objects: a history puts some hundred thousand entries through it.
 */
export class Agenda {
  readonly #due: number[] = [];
  readonly #seq: number[] = [];
  readonly #run: Action[] = [];
  #count = 0;

  get nextDueMs(): number | undefined {
    return this.#due[0];
  }

  add(dueMs: number, run: Action): void {
    this.#count += 1;
    this.#due.push(dueMs);
    this.#seq.push(this.#count);
    this.#run.push(run);
    let child = this.#due.length - 1;
    while (child > 0 && this.#isEarlier(child, (child - 1) >> 1)) {
      this.#swap(child, (child - 1) >> 1);
      child = (child - 1) >> 1;
    }
  }

  /** Runs all that is due, also what running it adds. Each action is told its own due time, not the present. */
  runUntil(now: number): void {
    for (let due = this.#due[0]; due !== undefined && due <= now; due = this.#due[0]) this.#takeFirst()?.(due);
  }

  #takeFirst(): Action | undefined {
    const last = this.#due.length - 1;
    this.#swap(0, last);
    this.#due.pop();
    this.#seq.pop();
    const first = this.#run.pop();
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      if (left >= last) return first;
      const child = left + 1 < last && this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#isEarlier(child, parent)) return first;
      this.#swap(child, parent);
      parent = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const [dueA = 0, dueB = 0] = [this.#due[a], this.#due[b]];
    return dueA < dueB || (dueA === dueB && (this.#seq[a] ?? 0) < (this.#seq[b] ?? 0));
  }

  #swap(a: number, b: number): void {
    swap(this.#due, a, b);
    swap(this.#seq, a, b);
    swap(this.#run, a, b);
  }
}

function swap<T>(array: T[], a: number, b: number): void {
  const kept = array[a] as T;
  array[a] = array[b] as T;
  array[b] = kept;
}
