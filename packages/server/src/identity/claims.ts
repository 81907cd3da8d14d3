import { createHash } from 'node:crypto';
import { assert, days, done, plus } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Tx } from '../platform/db.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import type { AuditDetail, Stamp } from './audit.ts';
import { insertClaims, markClaimed, readClaim } from './claim-store.ts';
import { writeAudit } from './store-audit.ts';
import { insertToken } from './store-tokens.ts';
import { makeToken } from './tokens.ts';
import type { TokenDigest } from './tokens.ts';

/** What a person gives to whoever founds the installation: enough to know their login when it comes, and nothing to log in with. */
const claimForm = /^ls_claim_[0-9a-f]{64}$/;

export function isClaim(text: string): boolean {
  return claimForm.test(text);
}

/** The token has 190 random bits, so a plain digest cannot be turned back by trying. */
function claimOf(token: string): string {
  return `ls_claim_${createHash('sha256').update('liushui claim\0').update(token).digest('hex')}`;
}

const digestOf = (claim: string): Uint8Array => Buffer.from(claim.slice('ls_claim_'.length), 'hex');

/** A login that its owner makes alone, before the installation knows them, and the claim to it. */
export function makeOwnLogin(random: RandomBytes): { readonly token: string; readonly claim: string } {
  const token = makeToken('cli', random);
  return { token, claim: claimOf(token) };
}

const validForMs = days(7);

/** Who may come with which login, for a week. @returns refusals usage.bad_input, claim.twice. */
export async function registerClaims(
  tx: Tx,
  claims: readonly { readonly userId: string; readonly claim: string }[],
  stamp: Stamp,
): Promise<Result<void>> {
  for (const [index, { claim, userId }] of claims.entries()) {
    if (!isClaim(claim)) return refuseAs('usage.bad_input', { field: 'claim', value: claim }, '/claim');
    const other = claims.slice(0, index).find((one) => one.claim === claim);
    if (other) return refuseAs('claim.twice', { user: userId, other: other.userId });
  }
  const expiresAt = plus(stamp.at, validForMs);
  await insertClaims(
    tx,
    claims.map(({ userId, claim }) => ({ digest: digestOf(claim), userId, createdAt: stamp.at, expiresAt })),
  );
  return done(undefined);
}

export type Coming = {
  readonly token: string;
  /** Where it was taken: machine and account, so that an auditor sees whether two people came as one. */
  readonly from: AuditDetail;
};

/**
 * The person comes with the login that they made: from now on it is theirs here.
 * @returns refusals claim.unknown, claim.taken, claim.lapsed.
 */
export async function takeClaim(
  tx: Tx,
  { token, from }: Coming,
  digest: TokenDigest,
  stamp: Stamp,
): Promise<Result<{ readonly userId: string }>> {
  const claim = claimOf(token);
  const found = await readClaim(tx, digestOf(claim));
  if (!found) return refuseAs('claim.unknown', {});
  const { userId, expiresAt, claimedAt } = found;
  if (claimedAt !== undefined) return refuseAs('claim.taken', { user: userId, at: claimedAt });
  if (expiresAt <= stamp.at) return refuseAs('claim.lapsed', { user: userId, at: expiresAt });
  const marked = await markClaimed(tx, digestOf(claim), stamp.at);
  assert(marked, 'a claim was taken while its row was locked');
  const id = Buffer.from(digest('token', token)).toString('hex');
  await insertToken(tx, {
    ...{ id, userId, kind: 'cli', label: 'own', scopes: [], merchants: ['*'], ipAllow: [] },
    ...{ createdAt: stamp.at, expiresAt: undefined, revokedAt: undefined },
  });
  const self = { userId, name: userId, roles: [], merchants: [], door: 'cli' } as const;
  const detail = { token_id: id.slice(0, 12), ...from };
  await writeAudit(tx, [{ actor: self, act: 'login.claimed', subject: userId, detail }], stamp);
  return done({ userId });
}
