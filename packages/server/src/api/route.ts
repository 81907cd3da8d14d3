import { done } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import type { Static, TObject, TSchema } from 'typebox';
import { allowed, everyMerchant } from '../identity/index.ts';
import type { Actor, Permission } from '../identity/index.ts';
import type { RefusalCode } from '../platform/refusals.ts';
import { badInput } from './problems.ts';

export type Call<P, Q, B> = {
  readonly actor: Actor;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The body as it came: what an upload takes. */
  readonly bytes: Uint8Array;
};

/** `body` is written by `toWire`. */
export type Reply = {
  readonly status: number;
  readonly body: unknown;
  /** Sent instead of the body, piece by piece; only by GET, as no answer is kept of it. */
  readonly file?: { readonly name: string; readonly pieces: AsyncIterable<Uint8Array> };
};

type Definition<P extends TSchema, Q extends TSchema, B extends TSchema> = {
  readonly method: 'GET' | 'POST';
  /** With `{name}` for parameters, as OpenAPI writes them. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /**
   * What the actor must be permitted, before anything is looked up. Several: any of them lets in, and the command asks for the one that
   * the record needs.
   */
  readonly permission: Permission | readonly Permission[];
  /** It concerns the whole installation: who is bound to merchants has no part in it. */
  readonly whole?: true;
  /**
   * What is told of a thing that is not there. Another merchant's is told of in the same words: our numbers follow each other, and an
   * answer of its own would tell which of them others have.
   */
  readonly absent?: (
    call: Pick<Call<Static<P>, Static<Q>, Static<B>>, 'params' | 'query' | 'body'>,
  ) => Refusal | undefined;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The body is a file: any content type, the bytes as they are. */
  readonly upload?: true;
  readonly answers: Readonly<Record<number, TSchema>>;
  /** Members that are shown once: a repeated answer has null there. */
  readonly shownOnce?: readonly string[];
  run(call: Call<Static<P>, Static<Q>, Static<B>>): Promise<Result<Reply>>;
};

export type Route = Definition<TSchema, TSchema, TSchema>;

/** Keeps the parameters' types for `run`, and forgets them for the list of routes. */
export function route<P extends TSchema = TObject, Q extends TSchema = TObject, B extends TSchema = TObject>(
  definition: Definition<P, Q, B>,
): Route;
export function route(definition: unknown): unknown {
  return definition;
}

export const reply = (body: unknown, status = 200): Result<Reply> => done({ status, body });

/** The `absent` of a thing that the path names. */
export function absent(code: RefusalCode, param: string) {
  return ({ params }: { readonly params: { readonly id: string } }): Refusal => ({
    code,
    params: { [param]: params.id },
  });
}

/** The `absent` of an account that query or body name. */
export const noAccount = (account: string): Refusal => ({ code: 'account.not_found', params: { account } });

/** The merchant that an import is for: named, or the only one that the key is bound to. */
export function merchantOf(actor: Actor, given: string | undefined): Result<string> {
  if (given !== undefined) return done(given);
  const [only, ...others] = actor.merchants;
  if (only !== undefined && only !== everyMerchant && others.length === 0) return done(only);
  return { ok: false, refusal: badInput('merchant_id', '', 'name the merchant') };
}

/** Which merchants a list may speak of. */
export function reachOf(actor: Actor, permission: Permission): Result<readonly string[] | 'all'> {
  const everywhere = actor.merchants.includes(everyMerchant);
  const permitted = allowed(actor, permission, everywhere ? undefined : actor.merchants[0]);
  if (!permitted.ok) return permitted;
  return done(everywhere ? 'all' : actor.merchants);
}
