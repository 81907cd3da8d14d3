import { done, refuse } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import { askApproval, decideApproval, findApproval, useApproval } from '../approvals/index.ts';
import type { Approval, Json } from '../approvals/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { PaymentParts } from './parts.ts';

export type Verdict = 'approve' | 'refuse';

/** The commands about money that take a second person; the permission to decide is the command's with `.approve`. */
type MoneyCommand = 'attempts.verdict' | 'refunds' | 'refunds.verdict' | 'sharing.verdict' | 'surplus.resolve';

/** What somebody is asked to decide: about this command, and his to decide. */
export async function findDecidable(
  { db, clock }: PaymentParts,
  actor: Actor,
  approvalId: string,
  of: MoneyCommand,
): Promise<Result<Approval>> {
  const approval = await findApproval(db, approvalId, clock.now());
  if (approval?.command !== of) return refuse('approval.not_found', { subject: approvalId });
  const permitted = allowed(actor, `${of}.approve`, approval.merchantId);
  return permitted.ok ? done(approval) : permitted;
}

/** `expectedDigest`: of what that person saw. */
export type Word = {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly expectedDigest: string | undefined;
};

/**
 * Commits a second person's word, and spends it where it is a yes. What it is about is told afterwards: when the process ended in between, it
 * still `waits`, and the same word said again is the one that stands, by whoever finishes it.
 */
export async function decideOnce(
  { db, clock, ids }: PaymentParts,
  actor: Actor,
  approval: Approval,
  word: Word,
  waits: boolean,
): Promise<Result<Approval>> {
  const { id, command: of, subject, input, state, digest } = approval;
  const { verdict, reason, expectedDigest } = word;
  const isSame = state === (verdict === 'approve' ? 'used' : 'refused');
  if (waits && isSame && (expectedDigest ?? digest) === digest) return done(approval);
  const seen = expectedDigest === undefined ? {} : { expectedDigest };
  const stamp = { at: clock.now(), ids };
  return db.transaction(async (tx) => {
    const first = await decideApproval(
      tx,
      { id, verdict, reason, ...seen, checker: actor, onePersonAllowed: false },
      stamp,
    );
    if (!first.ok || verdict === 'refuse') return first;
    return useApproval(tx, { id, command: of, subject, input, by: actor }, stamp);
  });
}

type Asking = {
  readonly merchantId: string;
  readonly command: MoneyCommand;
  readonly subject: string;
  readonly input: Json;
  readonly maker: Actor;
};

export type AskedOfSecond = { readonly approvalId: string; readonly digest: string };

/** What the first person proposes is frozen, and nothing is done yet. */
export async function askSecondPerson({ db, clock, ids }: PaymentParts, asking: Asking): Promise<AskedOfSecond> {
  const stamp = { at: clock.now(), ids };
  const asked = await db.transaction((tx) => askApproval(tx, asking, stamp));
  return { approvalId: asked.id, digest: asked.digest };
}

/**
 * A second person's word about what its channel leaves open. A yes is looked at once more, as `refuseYes` says: whether it can be carried out may have
 * changed since it was proposed. Returns whether it was a yes.
 */
export async function decideOnDoubt(
  parts: PaymentParts,
  actor: Actor,
  approval: Approval,
  word: Word,
  refuseYes: () => Promise<Refusal | undefined>,
): Promise<Result<boolean>> {
  const isYes = word.verdict === 'approve';
  const refusal = isYes ? await refuseYes() : undefined;
  if (refusal) return { ok: false, refusal };
  const decided = await decideOnce(parts, actor, approval, word, isYes);
  return decided.ok ? done(isYes) : decided;
}
