import type { ServerResponse } from 'node:http';
import type { Reply } from './reply.ts';
import type { World } from './world.ts';

type Waiting = { readonly endsAt: number; readonly finish: () => void; readonly timer: NodeJS.Timeout | undefined };

/** Sends replies, holds connections that hang, and lets them go when their simulated time has passed. */
export class Connections {
  readonly #world: World;
  readonly #waiting = new Set<Waiting>();

  constructor(world: World) {
    this.#world = world;
  }

  get hanging(): number {
    return this.#waiting.size;
  }

  get nextEndMs(): number | undefined {
    return this.#waiting.size === 0 ? undefined : Math.min(...[...this.#waiting].map((waiting) => waiting.endsAt));
  }

  send(response: ServerResponse, reply: Reply): void {
    switch (reply.kind) {
      case 'answer':
        if (reply.afterMs === undefined) write(response, reply);
        else this.#wait(response, reply.afterMs, () => write(response, reply));
        return;
      case 'hang':
        this.#wait(response, reply.forMs, () => response.destroy());
        return;
      case 'drop':
        response.destroy();
        return;
      case 'endless':
        pour(response, reply.start, reply.again);
    }
  }

  /** To be called after the clock moved. */
  releaseDue(): void {
    for (const waiting of this.#waiting) if (waiting.endsAt <= this.#world.now) waiting.finish();
  }

  releaseAll(): void {
    for (const waiting of this.#waiting) waiting.finish();
  }

  /** With a stepped clock only the clock ends the wait; with a running one real time does. */
  #wait(response: ServerResponse, forMs: number, then: () => void): void {
    const finish = () => {
      if (!this.#waiting.delete(waiting)) return;
      clearTimeout(waiting.timer);
      then();
    };
    const timer = this.#world.mode === 'running' ? setTimeout(finish, forMs) : undefined;
    const waiting: Waiting = { endsAt: this.#world.now + forMs, finish, timer };
    this.#waiting.add(waiting);
    response.once('close', () => {
      this.#waiting.delete(waiting);
      clearTimeout(timer);
    });
  }
}

function write(response: ServerResponse, reply: Extract<Reply, { kind: 'answer' }>): void {
  if (response.destroyed) return;
  response.writeHead(reply.code, {
    ...reply.headers,
    'content-type': reply.contentType,
    'content-length': reply.body.length,
  });
  response.end(reply.body);
}

/** Until the peer has had enough: at the peer's pace, so that our own memory stays small. */
function pour(response: ServerResponse, start: string, again: string): void {
  response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' });
  response.write(start);
  const more = () => {
    while (!response.destroyed) if (!response.write(again)) return;
  };
  response.on('drain', more);
  more();
}
