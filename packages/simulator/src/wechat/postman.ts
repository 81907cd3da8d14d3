import type { World } from '../world.ts';
import { letterOf } from './letter.ts';
import type { Notice } from './notices.ts';

const atOnceMax = 16;
const pollMs = 200;
const answerCharsMax = 200;

/**
 * Carries callbacks to the merchant's address and reports what was answered. The books decide what is due and what follows; a
 * delivery that was not reported before a kill is made again.
 */
export class WechatPostman {
  readonly #world: World;
  readonly #underway = new Map<number, Promise<void>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  /** With a running clock things fall due while nobody calls. */
  start(): void {
    if (this.#world.mode === 'running') this.#timer = setInterval(() => this.flush(), pollMs).unref();
    this.flush();
  }

  /** Sets out with what is due now. */
  flush(): void {
    if (this.#stop.signal.aborted) return;
    const { notices } = this.#world.wechat.register;
    for (const [seq, due] of notices.outbox) {
      if (this.#underway.size >= atOnceMax) return;
      const notice = notices.all[seq];
      if (notice && !this.#underway.has(seq)) this.#underway.set(seq, this.#carry(notice, due));
    }
  }

  /** Until each of these has been answered once. */
  async deliver(wanted: readonly Notice[]): Promise<void> {
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

  async #carry(notice: Notice, due: number): Promise<void> {
    const answer = await this.#post(notice, due);
    this.#underway.delete(notice.seq);
    if (this.#stop.signal.aborted) return;
    this.#world.wechatAct({ does: 'noticed', seq: notice.seq, due, answer });
    this.flush();
  }

  async #post(notice: Notice, due: number): Promise<string> {
    const { merchants, settings } = this.#world.wechat.register;
    const merchant = merchants.get(notice.mchid);
    if (!merchant) return 'the merchant is gone';
    try {
      const patience = AbortSignal.timeout(settings.notice_timeout_ms);
      const { headers, body } = letterOf(merchant, notice, due, settings);
      const response = await fetch(notice.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal: AbortSignal.any([patience, this.#stop.signal]),
      });
      return `${response.status} ${(await response.text()).slice(0, answerCharsMax)}`;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : 'no answer';
    }
  }
}
