import type { Instant } from '../kernel/index.ts';
import type { UserRecord } from './store.ts';

/** `cli`: a person's login of the command line. `api_key`: a program's key, limited to its scopes. */
export type TokenKind = 'cli' | 'api_key';

/** What is kept of a token: never the token. `id` is its digest in hex; its first 12 letters name it in lists. */
export type Token = {
  readonly id: string;
  readonly kind: TokenKind;
  readonly userId: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly merchants: readonly string[];
  readonly ipAllow: readonly string[];
  readonly createdAt: Instant;
  readonly expiresAt: Instant | undefined;
  readonly revokedAt: Instant | undefined;
};

export type TokenRecord = { readonly token: Token; readonly user: UserRecord };
