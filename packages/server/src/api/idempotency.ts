import { createHash } from 'node:crypto';
import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { shared } from '../platform/commands.ts';
import { refuseAs } from '../platform/refusals.ts';
import type { ApiParts } from './parts.ts';
import { problemOf } from '../platform/refusals.ts';
import type { Reply, Route } from './route.ts';
import { claimKeys, keepAnswers, releaseKey } from './store.ts';
import { toWire } from './wire.ts';
import type { Json } from './wire.ts';

export type Answer = { readonly status: number; readonly body: Json; readonly repeated: boolean };

export type Request = {
  readonly tokenDigest: Uint8Array;
  /** Method, address with its query. */
  readonly line: string;
  readonly bytes: Uint8Array;
  readonly requestId: string;
};

/** The IETF draft "The Idempotency-Key HTTP Header Field" leaves the form to us: printable ASCII, at most 200 characters. */
export function readKey(header: string | string[] | undefined): Result<string> {
  const key = typeof header === 'string' ? header.trim().replace(/^"(.*)"$/, '$1') : '';
  return /^[\x21-\x7e]{1,200}$/.test(key) ? done(key) : refuseAs('idempotency.key_missing', {});
}

const claimKey = shared(claimKeys);
const keepAnswer = shared(async (db: ApiParts['db'], answers: Parameters<typeof keepAnswers>[1]) => {
  await keepAnswers(db, answers);
  return answers.map(() => undefined);
});

/**
 * Carries a request out once per key: the same key and body get the first one's answer, another body and a first one that still runs are
 * refused. An answer that asks to be sent again with the same key, and an error of ours, free the key.
 * A process that dies leaves the key running: what became of its request is not known, and is looked up in the records.
 */
export async function once(
  parts: Pick<ApiParts, 'db' | 'clock'>,
  key: string,
  request: Request,
  route: Pick<Route, 'shownOnce'>,
  run: () => Promise<Result<Reply>>,
): Promise<Answer> {
  const { tokenDigest, line, bytes, requestId } = request;
  const bodyDigest = createHash('sha256').update(`${line}\n`).update(bytes).digest('hex');
  const before = await claimKey(parts.db, { tokenDigest, key, bodyDigest, at: parts.clock.now() });
  if (before && before.bodyDigest !== bodyDigest)
    return refused(refuseAs('idempotency.other_body', { key, usedAt: before.createdAt }), requestId);
  if (before?.state === 'running') return refused(refuseAs('idempotency.still_running', { key }), requestId);
  if (before) return { status: before.status ?? 200, body: before.answer, repeated: true };
  try {
    const answer = answerOf(await run(), requestId);
    if (mayBeSentAgain(answer)) await releaseKey(parts.db, tokenDigest, key);
    else {
      const kept = withoutSecrets(answer.body, route.shownOnce);
      await keepAnswer(parts.db, { tokenDigest, key, status: answer.status, answer: kept });
    }
    return answer;
  } catch (error) {
    await releaseKey(parts.db, tokenDigest, key).catch(() => undefined); // the error itself is what must be told
    throw error;
  }
}

export function answerOf(result: Result<Reply>, requestId: string): Answer {
  if (!result.ok) return refused(result, requestId);
  return { status: result.value.status, body: toWire(result.value.body), repeated: false };
}

function refused(result: Result<unknown>, requestId: string): Answer {
  const problem = result.ok ? undefined : problemOf(result.refusal, requestId);
  return { status: problem?.status ?? 500, body: problem ?? null, repeated: false };
}

function mayBeSentAgain({ status, body }: Answer): boolean {
  if (status < 400) return false;
  const retry = body !== null && typeof body === 'object' && 'retry' in body ? body['retry'] : undefined;
  return retry === 'same_key' || retry === 'after';
}

/** What is shown once is kept nowhere in clear. */
function withoutSecrets(body: Json, names: readonly string[] | undefined): Json {
  if (!names || body === null || typeof body !== 'object' || Array.isArray(body)) return body;
  return { ...body, ...Object.fromEntries(names.map((name) => [name, null])) };
}
