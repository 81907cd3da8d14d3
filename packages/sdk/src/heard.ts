import type { Problem } from './errors.ts';

/** The part of the web's `fetch` that is used; Node's own fits. It must not retry by itself. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

/** What came back of one try. */
export type Heard =
  | { readonly kind: 'done'; readonly status: number; readonly body: unknown; readonly requestId: string }
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** An answer of somebody on the way, or one that broke off. */
  | { readonly kind: 'unreadable'; readonly status: number; readonly why: string }
  /** The connection was never made: certainly nothing was sent. */
  | { readonly kind: 'never_sent'; readonly why: string; readonly cause: unknown }
  | { readonly kind: 'no_word'; readonly why: string; readonly cause: unknown };

export type Sending = {
  readonly fetch: Fetch;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};

/** Sends once. Whatever goes wrong is told, never thrown. */
export async function sendOnce({ fetch, url, timeoutMs, signal, ...request }: Sending): Promise<Heard> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(url, {
      ...{ ...request, redirect: 'manual' },
      signal: signal ? AbortSignal.any([late, signal]) : late,
    });
    return read(answer.status, answer.headers.get('request-id') ?? '', await answer.text());
  } catch (cause) {
    if (late.aborted) return { kind: 'no_word', why: `no answer within ${timeoutMs} ms`, cause };
    if (signal?.aborted) return { kind: 'no_word', why: 'the caller stopped waiting', cause };
    if (wasNeverSent(cause)) return { kind: 'never_sent', why: 'no connection could be made', cause };
    return { kind: 'no_word', why: 'the connection broke', cause };
  }
}

function read(status: number, requestId: string, text: string): Heard {
  const body = parse(text);
  if (status >= 200 && status < 300 && isObject(body)) return { kind: 'done', status, body, requestId };
  if (status >= 400 && isProblem(body)) return { kind: 'problem', problem: body };
  return { kind: 'unreadable', status, why: `HTTP ${status} that is no answer of Liushui` };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Members that decide what a caller does; a proxy's own problem document has none of them. */
function isProblem(value: unknown): value is Problem {
  if (!isObject(value) || !isObject(value['way_out'])) return false;
  return ['code', 'money', 'retry', 'detail'].every((name) => typeof value[name] === 'string');
}

const beforeConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
const atConnect = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** Only codes that can come before a connection stands; of several addresses that were tried, all. */
function wasNeverSent(error: unknown): boolean {
  if (!isObject(error)) return false;
  const { code, syscall, errors, cause } = error;
  if (Array.isArray(errors) && errors.length > 0) return errors.every(wasNeverSent);
  if (typeof code === 'string' && beforeConnected.has(code)) return true;
  if (typeof code === 'string' && atConnect.has(code) && syscall === 'connect') return true;
  return cause !== undefined && wasNeverSent(cause);
}
