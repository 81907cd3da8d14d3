import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { CustomsJobParts } from './calls.ts';
import { maskBytes } from '../platform/story/index.ts';
import { findExchange } from './exchange-store.ts';
import type { KeptExchange } from './exchange-store.ts';

/** The bytes of a call as they were kept. `erased`: the key was destroyed on purpose. `broken`: they differ from what was sealed. */
export type KeptBytes =
  | { readonly kind: 'kept'; readonly bytes: Uint8Array }
  | { readonly kind: 'erased' }
  | { readonly kind: 'broken'; readonly why: string };

/** A kept exchange with its seals open. */
export type OpenedExchange = Omit<KeptExchange, 'bucket' | 'request' | 'answer'> & {
  /** The query of the address, an empty line, the body. Signatures are in it, the keys that made them never were. */
  readonly request: KeptBytes;
  /** Undefined: nobody has heard anything yet. */
  readonly answer: KeptBytes | undefined;
  /** True when people's data are shown as they are. */
  readonly revealed: boolean;
};

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Opens the seal of one exchange. People's data are masked unless a reason is given; every look is written down with its reason.
 * @returns refusals number.not_found, also for an exchange of a merchant that the actor is not bound to, and those of `allowed`.
 */
export async function openExchange(
  parts: CustomsJobParts,
  actor: Actor,
  exchangeId: string,
  reason = '',
): Promise<Result<OpenedExchange>> {
  const unknown = refuse('number.not_found', { number: exchangeId });
  const kept = uuidForm.test(exchangeId) ? await findExchange(parts.db, exchangeId.toLowerCase()) : undefined;
  const permitted = allowed(actor, 'exchanges.read', kept?.merchantId ?? actor.merchants[0]);
  if (!permitted.ok) return permitted.refusal.code === 'auth.merchant_missing' ? unknown : permitted;
  if (!kept) return unknown;
  const revealed = reason.trim() !== '';
  const sealed = kept.answer ? [kept.request, kept.answer] : [kept.request];
  await parts.keyring.loadFor(sealed);
  const open = (bytes: Uint8Array, table: string, column: string): KeptBytes => {
    const opened = parts.keyring.openBytes(bytes, { table, column, rowId: kept.id });
    if (opened.kind !== 'opened') return opened;
    return { kind: 'kept', bytes: revealed ? opened.value : maskBytes(opened.value) };
  };
  const request = open(kept.request, 'exchanges', 'request');
  const answer = kept.answer && open(kept.answer, 'exchange_answers', 'answer');
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const entry = { actor, act: 'exchange.opened', subject: kept.id, reason: reason.trim(), detail: { revealed } };
  await parts.db.transaction((tx) => writeAudit(tx, [entry], stamp));
  return done({ ...kept, request, answer, revealed });
}
