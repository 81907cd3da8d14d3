import { OutcomeUnknownError, RefusedError, UnreachableError } from './errors.ts';
import type { About } from './errors.ts';
import { sendOnce } from './heard.ts';
import type { Fetch, Heard } from './heard.ts';

/** One call as it ended, for the shop's log. Holds neither the key of the API nor a body. */
export type CallTold = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly tries: number;
  readonly status?: number;
  readonly requestId?: string;
  readonly idempotencyKey?: string;
};

export type CallParts = {
  readonly baseUrl: string;
  readonly key: string;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly triesMax: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 to 1, for the jitter between tries. */
  readonly random: () => number;
  readonly newKey: () => string;
  readonly onCall: (told: CallTold) => void;
};

export type Options = {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type PostOptions = Options & {
  /** To ask again after an OutcomeUnknownError. Absent: a new one for each call, kept over its own tries. */
  readonly idempotencyKey?: string;
};

export type Call = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly about: About;
  /** Seconds that the server may take before it answers with what it has. */
  readonly wait?: number | undefined;
};

const pauseMs = 200;
const pauseMsMax = 5000;

/** Carries a call to an answer, or throws one of the three errors. */
export async function carry<Answer>(parts: CallParts, call: Call, options: PostOptions): Promise<Answer> {
  options.signal?.throwIfAborted();
  const idempotencyKey = call.method === 'POST' ? (options.idempotencyKey ?? parts.newKey()) : undefined;
  const sending = sendingOf(parts, call, options, idempotencyKey);
  let isDoubtful = false;
  for (let tries = 1; ; tries += 1) {
    const heard = await sendOnce(sending);
    if (heard.kind === 'done' || tries >= parts.triesMax || !mayTryAgain(call, heard) || options.signal?.aborted) {
      parts.onCall(toldOf(call, heard, tries, idempotencyKey));
      return endOf<Answer>(call, heard, idempotencyKey, isDoubtful);
    }
    isDoubtful ||= leavesDoubt(heard);
    await parts.sleep(pauseOf(heard, tries, parts.random()));
  }
}

function sendingOf(parts: CallParts, call: Call, options: PostOptions, idempotencyKey: string | undefined) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(name, String(value));
  if (call.wait !== undefined) query.set('wait', `${call.wait}s`);
  const { fetch, baseUrl, key } = parts;
  return {
    ...{ fetch, method: call.method, url: `${baseUrl}${call.path}${query.size > 0 ? `?${query.toString()}` : ''}` },
    headers: {
      ...{ authorization: `Bearer ${key}`, accept: 'application/json' },
      ...(idempotencyKey === undefined
        ? {}
        : { 'idempotency-key': idempotencyKey, 'content-type': 'application/json' }),
    },
    ...(call.method === 'POST' ? { body: JSON.stringify(call.body ?? {}) } : {}),
    timeoutMs: (options.timeoutMs ?? parts.timeoutMs) + (call.wait ?? 0) * 1000,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

const isRunning = (heard: Heard): boolean =>
  heard.kind === 'problem' && heard.problem.code === 'idempotency.still_running';

/** A POST goes again only where that is safe: nothing was sent, the first one still runs, or the server failed and takes the same key. */
function mayTryAgain({ method }: Call, heard: Heard): boolean {
  switch (heard.kind) {
    case 'never_sent':
      return true;
    case 'problem':
      return isRunning(heard) || (heard.problem.status >= 500 && ['same_key', 'after'].includes(heard.problem.retry));
    case 'unreadable':
      return heard.status >= 500;
    case 'no_word':
      return method === 'GET';
    case 'done':
      return false;
  }
}

function leavesDoubt(heard: Heard): boolean {
  if (heard.kind === 'problem')
    return heard.problem.status >= 500 ? heard.problem.money !== 'not_moved' : isRunning(heard);
  return heard.kind !== 'never_sent';
}

/** Refused at the door, or before the request was looked at: says nothing of an earlier try. */
const atTheDoor = new Set([401, 403, 408, 429]);

function endOf<Answer>(call: Call, heard: Heard, key: string | undefined, wasDoubtful: boolean): Answer {
  if (heard.kind === 'done') return heard.body as Answer;
  const line = `${call.method} ${call.path}`;
  const refused = heard.kind === 'problem' ? new RefusedError(heard.problem) : undefined;
  const cause = refused ?? ('cause' in heard ? heard.cause : undefined);
  const why = 'why' in heard ? heard.why : (refused?.code ?? '');
  if (key === undefined) throw refused ?? new UnreachableError(line, why, cause);
  const isVerdict =
    refused !== undefined && refused.status < 500 && !atTheDoor.has(refused.status) && !isRunning(heard);
  if (leavesDoubt(heard) || (wasDoubtful && !isVerdict))
    throw new OutcomeUnknownError(line, key, call.about, why, cause);
  throw refused ?? new UnreachableError(line, why, cause);
}

/** Twice as long each time, with jitter so that many shops do not come back at once; longer where the server asks for it. */
function pauseOf(heard: Heard, tries: number, random: number): number {
  const pause = Math.min(pauseMs * 2 ** (tries - 1), pauseMsMax) * (0.5 + random / 2);
  const asked = heard.kind === 'problem' ? heard.problem.params['after_seconds'] : undefined;
  return Math.round(Math.max(pause, typeof asked === 'number' ? Math.min(asked * 1000, pauseMsMax) : 0));
}

function toldOf({ method, path }: Call, heard: Heard, tries: number, idempotencyKey: string | undefined): CallTold {
  const status = heard.kind === 'problem' ? heard.problem.status : 'status' in heard ? heard.status : undefined;
  const requestId =
    heard.kind === 'problem' ? heard.problem.request_id : heard.kind === 'done' ? heard.requestId : undefined;
  return {
    ...{ method, path, tries },
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}
