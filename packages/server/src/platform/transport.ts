import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';
import { assert } from '../kernel/index.ts';
import { insideTransaction } from './db.ts';
import { hiddenHost, lookupPublic } from './public-address.ts';
import { SingleSend } from './transport-call.ts';
import type { SendLimits, Sent, TransportClock, WireRequest } from './transport-call.ts';

export type { SendLimits, Sent, TransportClock, WireAnswer, WireRequest } from './transport-call.ts';

/** No answer may be larger, whatever a manifest says. */
const answerBytesCeiling = 32 * 1024 * 1024;

export type TransportOptions = {
  /** Sandbox: only addresses of this machine, and each request tells the simulators what time it is (architecture rule 13). */
  readonly sandbox: boolean;
  readonly clock: TransportClock;
  /** Sockets of one lane to one origin, at most. */
  readonly connectionsPerLane: number;
  readonly connectTimeoutMs: number;
};

export type Transport = {
  /**
   * Sends these bytes once. Never retries, never follows a redirect (architecture rule 2).
   * Throws a Bug when a database transaction is open.
   */
  send(request: WireRequest, limits: SendLimits, lane: string): Promise<Sent>;
  inFlight(): number;
  /** Takes nothing new, and resolves when the last call in flight has ended. */
  drain(): Promise<void>;
  /** Breaks what is in flight: such calls end as silent, or as unsent when they had not begun. */
  close(): Promise<void>;
};

export function createTransport(options: TransportOptions): Transport {
  const pools = new Map<string, Pool>();
  const waiting = new Set<() => void>();
  let running = 0;
  let draining = false;

  const poolOf = (lane: string, origin: string, publicOnly: boolean): Pool => {
    const key = `${lane} ${origin}${publicOnly ? ' public' : ''}`;
    const known = pools.get(key);
    if (known) return known;
    const pool = openPool(origin, options, publicOnly);
    pools.set(key, pool);
    return pool;
  };

  const leave = (): void => {
    running -= 1;
    if (running > 0) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };

  return {
    async send(request, limits, lane) {
      assert(!insideTransaction(), 'a call was about to leave while a database transaction is open');
      assert(limits.answerBytesMax <= answerBytesCeiling, `answers over ${answerBytesCeiling} bytes are never read`);
      if (draining) return { kind: 'unsent', why: 'the transport is closing down' };
      const url = URL.parse(request.url);
      const publicOnly = limits.publicOnly === true && !options.sandbox;
      const obstacle = url ? obstacleTo(url, options.sandbox, publicOnly) : `not an address: ${request.url}`;
      if (!url || obstacle !== undefined) return { kind: 'unsent', why: obstacle ?? 'not an address' };
      running += 1;
      try {
        const call = new SingleSend(limits, options.clock, options.sandbox);
        return await call.run(poolOf(lane, url.origin, publicOnly), url, request, headersOf(request, options));
      } finally {
        leave();
      }
    },
    inFlight: () => running,
    drain() {
      draining = true;
      return running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve));
    },
    async close() {
      draining = true;
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}

function openPool(origin: string, options: TransportOptions, publicOnly: boolean): Pool {
  return new Pool(origin, {
    connections: options.connectionsPerLane,
    pipelining: 1,
    // HTTP/2 lets a server refuse a stream "not processed", which clients then repeat by themselves.
    allowH2: false,
    connect: { timeout: options.connectTimeoutMs, ...(publicOnly ? { lookup: lookupPublic } : {}) },
    // An idle connection that the other side is closing turns a send into doubt: do not keep one for long.
    keepAliveTimeout: 2_000,
    keepAliveMaxTimeout: 10_000,
  });
}

/** Why nothing may be sent there, or undefined. */
function obstacleTo(url: URL, sandbox: boolean, publicOnly: boolean): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `no way to send by ${url.protocol}`;
  const loopback = isLoopback(url.hostname);
  if (sandbox && !loopback) return `sandbox sends only to this machine, not to ${url.hostname}`;
  // An unsigned answer is trusted because of TLS (architecture rule 1); without it nobody vouches for anything.
  if (!sandbox && url.protocol === 'http:' && !loopback) return `production sends over TLS only, not to ${url.origin}`;
  if (publicOnly && url.protocol === 'http:') return `such a message leaves over TLS only, not to ${url.origin}`;
  return publicOnly ? hiddenHost(url.hostname) : undefined;
}

/** The WHATWG parser has already turned `127.1` and `0x7f000001` into dotted form. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function headersOf(request: WireRequest, options: TransportOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  // Signatures cover bytes, and a compressed answer could unfold without bound: we ask for it as it is.
  headers['accept-encoding'] = 'identity';
  if (options.sandbox) headers['x-sandbox-at'] = String(Math.floor(options.clock.now()));
  return headers;
}

/** The point after which a request of a commit at this moment may no longer begin; the scale of `SendLimits.sendBefore`. */
export function sendBeforeIn(ms: number): number {
  return performance.now() + ms;
}
