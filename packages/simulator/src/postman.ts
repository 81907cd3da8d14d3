const atOnceMax = 16;
const pollMs = 200;
const answerCharsMax = 200;

/** A message that a gateway sends by itself. */
export type Delivery = {
  readonly seq: number;
  readonly url: string;
  readonly state: string;
  readonly attempts: readonly unknown[];
};

export type Letter = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Whose messages are carried, how each is written, and who hears what was answered. */
export type Round<N extends Delivery> = {
  readonly mode: string;
  /** What there is, and what is due: its moment by its number. */
  readonly notices: () => { readonly all: readonly N[]; readonly outbox: ReadonlyMap<number, number> };
  readonly patienceMs: () => number;
  /** Undefined when its merchant is gone. */
  readonly letterOf: (notice: N, due: number) => Letter | undefined;
  readonly answered: (notice: N, due: number, answer: string) => void;
};

/**
 * Carries messages to the merchant's address and reports what was answered. The books decide what is due and what follows; a
 * delivery that was not reported before a kill is made again.
 */
export class Postman<N extends Delivery> {
  readonly #round: Round<N>;
  readonly #underway = new Map<number, Promise<void>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(round: Round<N>) {
    this.#round = round;
  }

  /** With a running clock things fall due while nobody calls. */
  start(): void {
    if (this.#round.mode === 'running') this.#timer = setInterval(() => this.flush(), pollMs).unref();
    this.flush();
  }

  /** Sets out with what is due now. */
  flush(): void {
    if (this.#stop.signal.aborted) return;
    const notices = this.#round.notices();
    for (const [seq, due] of notices.outbox) {
      if (this.#underway.size >= atOnceMax) return;
      const notice = notices.all[seq];
      if (notice && !this.#underway.has(seq)) this.#underway.set(seq, this.#carry(notice, due));
    }
  }

  /** Until each of these has been answered once. */
  async deliver(wanted: readonly N[]): Promise<void> {
    for (const notice of wanted) {
      while (notice.state === 'sending' && notice.attempts.length === 0 && !this.#stop.signal.aborted) {
        this.flush();
        await Promise.race(this.#underway.values());
      }
    }
  }

  /** Until nothing more is due at the present moment. */
  async settle(): Promise<void> {
    for (this.flush(); this.#underway.size > 0; this.flush()) await Promise.race(this.#underway.values());
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await Promise.allSettled(this.#underway.values());
  }

  async #carry(notice: N, due: number): Promise<void> {
    const answer = await this.#post(notice, due);
    this.#underway.delete(notice.seq);
    if (this.#stop.signal.aborted) return;
    this.#round.answered(notice, due, answer);
    this.flush();
  }

  async #post(notice: N, due: number): Promise<string> {
    try {
      const patience = AbortSignal.timeout(this.#round.patienceMs());
      const letter = this.#round.letterOf(notice, due);
      if (!letter) return 'the merchant is gone';
      const response = await fetch(notice.url, {
        method: 'POST',
        ...letter,
        redirect: 'manual',
        signal: AbortSignal.any([patience, this.#stop.signal]),
      });
      return `${response.status} ${(await response.text()).slice(0, answerCharsMax)}`;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : 'no answer';
    }
  }
}

/** The simulator speaks to this machine only. */
export function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  return ['127.0.0.1', 'localhost', '[::1]'].includes(host);
}
