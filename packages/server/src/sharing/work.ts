import type { Instant, Result } from '../kernel/index.ts';
import type { Decision } from '../platform/commands.ts';
import { found, put } from '../payments/index.ts';
import type { Attempt, OrderEffect } from '../payments/index.ts';
import type { Share, SharePart, ShareReturn } from './share.ts';
import type { SharedOrder } from './shared-order.ts';

/** One decision being made: the shared order as it stands after each step, and what is to be committed with it. */
export class ShareWork {
  readonly at: Instant;
  readonly effects: OrderEffect[] = [];
  #shared: SharedOrder;

  constructor(shared: SharedOrder, at: Instant) {
    this.#shared = shared;
    this.at = at;
  }

  get shared(): SharedOrder {
    return this.#shared;
  }

  attempt(id: string): Attempt {
    return found(this.#shared.order.attempts, id);
  }

  share(id: string): Share {
    return found(this.#shared.shares, id);
  }

  part({ shareId, id }: Pick<SharePart, 'shareId' | 'id'>): SharePart {
    return found(this.share(shareId).parts, id);
  }

  back(id: string): ShareReturn {
    return found(this.#shared.returns, id);
  }

  putShare(share: Share): void {
    this.#shared = { ...this.#shared, shares: put(this.#shared.shares, share) };
  }

  putPart(part: SharePart): void {
    const share = this.share(part.shareId);
    this.putShare({ ...share, parts: put(share.parts, part) });
  }

  putReturn(back: ShareReturn): void {
    this.#shared = { ...this.#shared, returns: put(this.#shared.returns, back) };
  }

  /** What receivers have of an attempt: refunds of the order reckon with it. */
  moveShared(attemptId: string, minor: bigint): void {
    const attempt = this.attempt(attemptId);
    const { order } = this.#shared;
    const moved = { ...attempt, sharedMinor: attempt.sharedMinor + minor };
    this.#shared = { ...this.#shared, order: { ...order, attempts: put(order.attempts, moved) } };
  }

  add(...effects: readonly OrderEffect[]): void {
    this.effects.push(...effects);
  }

  end<Answer>(result: Result<Answer>): Decision<SharedOrder, OrderEffect, Answer> {
    return { next: this.#shared, effects: this.effects, result };
  }
}
