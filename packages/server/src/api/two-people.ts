import { Type } from 'typebox';
import type { Result } from '../kernel/index.ts';
import { askApproval, useApproval } from '../approvals/index.ts';
import type { Json, Use } from '../approvals/index.ts';
import type { Actor, Consent, Stamp } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import type { ApiParts } from './parts.ts';
import { reply } from './route.ts';
import type { Reply } from './route.ts';

type Act = {
  readonly command: string;
  readonly subject: string;
  readonly merchantId: string;
  readonly input: Json;
};

type Work = (tx: Tx, consent: Consent) => Promise<Result<Reply>>;

/** A second person is asked: `next` is his call; after it ours again, with the approval. */
export const AskedFor = Type.Object({
  approval_id: Type.String(),
  digest: Type.String(),
  next: Type.Object({ method: Type.String(), path: Type.String(), body: Type.Object({ digest: Type.String() }) }),
});

/**
 * One transaction with its consent (architecture rule 12). A sandbox lets one person do it; elsewhere the first call tries the act, takes it
 * back and asks for a second person, so that nobody is asked for what would be refused. The next call names the approval.
 */
export async function withTwoPeople(
  parts: ApiParts,
  actor: Actor,
  act: Act,
  approvalId: string | undefined,
  work: Work,
): Promise<Result<Reply>> {
  if (parts.installation.bornAs === 'sandbox') return inOne(parts, (tx) => work(tx, { kind: 'one_person' }), true);
  const stamp = { at: parts.clock.now(), ids: parts.customs.ids };
  if (approvalId !== undefined)
    return inOne(parts, (tx) => useAndWork(tx, { id: approvalId, ...act, by: actor }, stamp, work), true);
  const tried = await inOne(parts, (tx) => work(tx, { kind: 'one_person' }), false);
  if (!tried.ok) return tried;
  const asked = await parts.db.transaction((tx) => askApproval(tx, { ...act, maker: actor }, stamp));
  const { id, digest } = asked;
  const next = { method: 'POST', path: `/v1/approvals/${id}/approve`, body: { digest } };
  return reply({ approvalId: id, digest, next }, 202);
}

async function useAndWork(tx: Tx, use: Use, stamp: Stamp, work: Work): Promise<Result<Reply>> {
  const used = await useApproval(tx, use, stamp);
  return used.ok ? work(tx, { kind: 'approval', id: use.id }) : used;
}

class RolledBack extends Error {}

/** A refusal takes everything back, the use of an approval too; so does whoever only tries. */
async function inOne(
  { db }: ApiParts,
  work: (tx: Tx) => Promise<Result<Reply>>,
  isKept: boolean,
): Promise<Result<Reply>> {
  let result: Result<Reply> | undefined;
  try {
    return await db.transaction(async (tx) => {
      result = await work(tx);
      if (result.ok && isKept) return result;
      throw new RolledBack();
    });
  } catch (error) {
    if (error instanceof RolledBack && result) return result;
    throw error;
  }
}
