/**
 * What a channel said ends in one of four outcomes. There is no `else`: in doubt is the else
 * (architecture rule 1; style-by-example §1).
 */
export type Outcome<Facts> =
  | { readonly kind: 'succeeded'; readonly facts: Facts }
  | { readonly kind: 'accepted'; readonly facts: Facts }
  | { readonly kind: 'rejected'; readonly code: string; readonly text: string }
  | { readonly kind: 'in_doubt'; readonly why: string };

/**
 * Who vouches for an answer. `verified`: a signature we checked. `transport_only`: unsigned, protected by TLS alone.
 * `none`: it carries a wrong signature, so it proves nothing.
 */
export type Trust = 'verified' | 'transport_only' | 'none';

/** An outcome with the trust it came with. */
export type Reading<Facts> = { readonly outcome: Outcome<Facts>; readonly trust: Trust };

export function inDoubt(why: string): { readonly kind: 'in_doubt'; readonly why: string } {
  return { kind: 'in_doubt', why };
}
