import { performance } from 'node:perf_hooks';
import type { Dispatcher } from 'undici';
import { plus } from '../kernel/index.ts';
import type { Clock, Instant, WireAnswer, WireRequest } from '../kernel/index.ts';

export type { WireAnswer, WireRequest };

export type SendLimits = {
  /** `performance.now()` in milliseconds: no first byte at or after it (architecture rule 2). */
  readonly sendBefore: number;
  /** From the first byte we send to the last we read, monotonic. */
  readonly timeoutMs: number;
  readonly answerBytesMax: number;
  /** The address is somebody's word (a webhook): TLS, and no host that is not public, by name or by number. A sandbox has loopback only. */
  readonly publicOnly?: boolean;
};

export type Sent =
  | { readonly kind: 'answered'; readonly answer: WireAnswer; readonly sentAt: Instant; readonly ms: number }
  /** Not one byte left this machine. */
  | { readonly kind: 'unsent'; readonly why: string }
  /** The request may have reached them: doubt. */
  | { readonly kind: 'silent'; readonly why: string; readonly sentAt: Instant; readonly ms: number };

/** A stepped sandbox clock may stand still while real time passes, so there a hang ends by that clock as well. */
export type TransportClock = Clock & { callAt?(at: Instant, callback: () => void): () => void };

type Head = { readonly status: number; readonly headers: Readonly<Record<string, string>> };
type Begun = { readonly sentAt: Instant; readonly from: number };

/** One request on its way: ends exactly once, as one of the three kinds of `Sent`. */
export class SingleSend implements Dispatcher.DispatchHandler {
  readonly #limits: SendLimits;
  readonly #clock: TransportClock;
  readonly #sandbox: boolean;
  readonly #sent = Promise.withResolvers<Sent>();
  #over = false;
  #timer: NodeJS.Timeout | undefined;
  #cancelAlarm: (() => void) | undefined;
  #begun: Begun | undefined;
  #head: Head | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limits: SendLimits, clock: TransportClock, sandbox: boolean) {
    this.#limits = limits;
    this.#clock = clock;
    this.#sandbox = sandbox;
  }

  run(pool: Dispatcher, url: URL, request: WireRequest, headers: Record<string, string>): Promise<Sent> {
    const wait = this.#limits.sendBefore - performance.now();
    if (wait <= 0) return Promise.resolve({ kind: 'unsent', why: 'the moment to send had passed' });
    // Queued or connecting too long: whoever dispatches it later is stopped in onRequestStart.
    this.#timer = setTimeout(() => this.#end('the moment to send passed while waiting for a connection'), wait);
    try {
      pool.dispatch(this.#optionsOf(url, request, headers), this);
    } catch (error) {
      this.#end(wordsOf(error));
    }
    return this.#sent.promise;
  }

  #optionsOf(url: URL, request: WireRequest, headers: Record<string, string>): Dispatcher.DispatchOptions {
    // The whole-call limit is ours; undici's own are a second net behind it.
    const net = this.#limits.timeoutMs + 1_000;
    return {
      path: url.pathname + url.search,
      method: request.method,
      headers,
      body: request.body ? Buffer.from(request.body) : null,
      // undici may send an "idempotent" request again by itself.
      idempotent: false,
      headersTimeout: net,
      bodyTimeout: net,
    };
  }

  /** Called on an open connection, in the same turn in which the first byte is written. A throw here sends nothing. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#begun) {
      const why = 'the connection ended; a second sending was prevented';
      this.#end(why);
      throw new Error(why);
    }
    if (this.#over) throw new Error('the call was over before it began');
    const from = performance.now();
    if (from >= this.#limits.sendBefore) {
      this.#end('the moment to send passed while waiting for a connection');
      throw new Error('too late to send');
    }
    this.#controller = controller;
    this.#begun = { sentAt: this.#clock.now(), from };
    const { timeoutMs } = this.#limits;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#breakOff(`no complete answer within ${timeoutMs} ms`), timeoutMs);
    if (!this.#sandbox) return;
    this.#cancelAlarm = this.#clock.callAt?.(plus(this.#begun.sentAt, timeoutMs), () =>
      this.#breakOff(`no complete answer within ${timeoutMs} ms of the sandbox clock`),
    );
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    this.#head = { status, headers: flatHeaders(headers) };
    this.#capAt(Number(this.#head.headers['content-length'] ?? 0));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    this.#capAt(this.#bytes);
    if (!this.#over) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#begun || !this.#head) return this.#end('an answer without a beginning');
    const { sentAt, from } = this.#begun;
    const answer = { ...this.#head, body: new Uint8Array(Buffer.concat(this.#chunks)) };
    this.#settle({ kind: 'answered', answer, sentAt, ms: performance.now() - from });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#end(wordsOf(error));
  }

  #capAt(bytes: number): void {
    const { answerBytesMax } = this.#limits;
    if (bytes > answerBytesMax) this.#breakOff(`answer exceeds ${answerBytesMax} bytes`);
  }

  #breakOff(why: string): void {
    this.#end(why);
    this.#controller?.abort(new Error(why));
  }

  /** Whether it began decides between "certainly not sent" and doubt; nothing else may. */
  #end(why: string): void {
    if (!this.#begun) return this.#settle({ kind: 'unsent', why });
    const { sentAt, from } = this.#begun;
    this.#settle({ kind: 'silent', why, sentAt, ms: performance.now() - from });
  }

  #settle(sent: Sent): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#chunks = [];
    this.#over = true;
    this.#cancelAlarm?.();
    this.#sent.resolve(sent);
  }
}

function flatHeaders(headers: Record<string, unknown>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return flat;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails with an AggregateError that has no words of its own.
  const parts = error instanceof AggregateError ? error.errors : [error];
  return parts.map((part: unknown) => (part instanceof Error ? part.message || part.name : String(part))).join('; ');
}
