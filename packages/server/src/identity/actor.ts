import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { permissionsOfRole, rolesWith } from './roles.ts';
import type { Permission, Role } from './roles.ts';

/** Where an act came in. `system`: the installation itself, on behalf of no person. */
export type Door = 'cli' | 'api' | 'console' | 'system';

/** Who acts. A person is one userId whatever login, key or door is used: maker and checker are compared by it. */
export type Actor = {
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Merchant ids, or `*` for every merchant and for acts that concern the whole installation. */
  readonly merchants: readonly string[];
  readonly door: Door;
  /** Permissions that this key is limited to; absent: all that the roles permit. */
  readonly scopes?: readonly string[];
};

export const everyMerchant = '*';

/** The installation itself: first start, jobs, sweeps. It may do everything except what needs a second person. */
export const systemActor: Actor = {
  userId: 'system',
  name: 'Liushui',
  roles: [],
  merchants: [everyMerchant],
  door: 'system',
};

function isBoundTo(actor: Actor, merchantId: string | undefined): boolean {
  return actor.merchants.includes(everyMerchant) || (merchantId !== undefined && actor.merchants.includes(merchantId));
}

/**
 * Whether this actor may do that for this merchant; `undefined` means an act that concerns the whole installation.
 * @returns refusals auth.role_missing (names the roles that have it), auth.scope_missing, auth.merchant_missing.
 */
export function allowed(actor: Actor, permission: Permission, merchantId: string | undefined): Result<void> {
  if (actor.door === 'system') return done(undefined);
  if (!actor.roles.some((role) => permissionsOfRole[role].includes(permission)))
    return refuseAs('auth.role_missing', { role: rolesWith(permission).join(' / ') });
  if (actor.scopes && !actor.scopes.includes(permission)) return refuseAs('auth.scope_missing', { scope: permission });
  if (!isBoundTo(actor, merchantId))
    return refuseAs('auth.merchant_missing', { merchant: merchantId ?? everyMerchant });
  return done(undefined);
}
