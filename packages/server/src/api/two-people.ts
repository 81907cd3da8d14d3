import { Type } from 'typebox';
import type { Result } from '../kernel/index.ts';
import { askApproval, commitUnlessRefused, tryOut, useApproval } from '../approvals/index.ts';
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

/** An approval that was asked for, now or before. */
type Asked = { readonly id: string; readonly digest: string };

type TwoPeople = {
  readonly parts: ApiParts;
  readonly actor: Actor;
  readonly act: Act;
  readonly approvalId: string | undefined;
  /** What was asked for before is not asked for twice. */
  readonly open?: Asked | undefined;
  /** What is called next once it is asked for; the second person's call unless told. */
  readonly nextOf?: (asked: Asked) => unknown;
};

/**
 * One transaction with its consent (architecture rule 12). A sandbox lets one person do it; elsewhere the first call tries the act, takes it
 * back and asks for a second person, so that nobody is asked for what would be refused. The next call names the approval.
 */
export async function withTwoPeople(
  { parts: { db, installation, clock, customs }, actor, act, approvalId, open, nextOf = secondCall }: TwoPeople,
  work: Work,
): Promise<Result<Reply>> {
  const alone: Consent = { kind: 'one_person' };
  if (installation.bornAs === 'sandbox') return commitUnlessRefused(db, (tx) => work(tx, alone));
  const stamp = { at: clock.now(), ids: customs.ids };
  if (approvalId !== undefined)
    return commitUnlessRefused(db, (tx) => useAndWork(tx, { id: approvalId, ...act, by: actor }, stamp, work));
  const tried = await tryOut(db, (tx) => work(tx, alone));
  if (!tried.ok) return tried;
  const asked = open ?? (await db.transaction((tx) => askApproval(tx, { ...act, maker: actor }, stamp)));
  return reply({ approvalId: asked.id, digest: asked.digest, next: nextOf(asked) }, 202);
}

const secondCall = ({ id, digest }: Asked) => ({
  ...{ method: 'POST', path: `/v1/approvals/${id}/approve`, body: { digest } },
});

async function useAndWork(tx: Tx, use: Use, stamp: Stamp, work: Work): Promise<Result<Reply>> {
  const used = await useApproval(tx, use, stamp);
  return used.ok ? work(tx, { kind: 'approval', id: use.id }) : used;
}
