type Entry = { readonly dueMs: number; readonly seq: number; readonly run: (at: number) => void };

/** What will happen and when: a binary heap by due time, then by order of entry, so that a reload repeats it exactly. */
export class Agenda {
  readonly #heap: Entry[] = [];
  #seq = 0;

  get nextDueMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  add(dueMs: number, run: (at: number) => void): void {
    this.#seq += 1;
    this.#heap.push({ dueMs, seq: this.#seq, run });
    this.#rise(this.#heap.length - 1);
  }

  /** Runs all that is due, also what running it adds. Each action is told its own due time, not the present. */
  runUntil(now: number): void {
    for (let first = this.#heap[0]; first && first.dueMs <= now; first = this.#heap[0]) {
      this.#removeFirst();
      first.run(first.dueMs);
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(start: number): void {
    for (let child = start; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfEarlier(child, parent)) return;
      child = parent;
    }
  }

  #sink(): void {
    for (let parent = 0; ;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      const a = this.#heap[left];
      if (!a) return;
      const b = this.#heap[right];
      const child = b && earlier(b, a) ? right : left;
      if (!this.#swapIfEarlier(child, parent)) return;
      parent = child;
    }
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    const a = this.#heap[child];
    const b = this.#heap[parent];
    if (!a || !b || !earlier(a, b)) return false;
    this.#heap[parent] = a;
    this.#heap[child] = b;
    return true;
  }
}

function earlier(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.seq < b.seq);
}
