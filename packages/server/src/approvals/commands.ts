import { assert, done, hours, plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { isPermission, systemActor, writeAudit } from '../identity/index.ts';
import type { Actor, AuditEntry, Permission, Stamp } from '../identity/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { refuseAs } from '../platform/refusals.ts';
import { judgeDecision, stateAt, take } from './approval.ts';
import type { Approval, ApprovalState, Decision } from './approval.ts';
import { digestOf } from './canonical.ts';
import type { Json } from './canonical.ts';
import { insertApproval, isSandbox, readApproval, readApprovals, saveDecision, saveLapses, saveUse } from './store.ts';
import type { ApprovalFilter } from './store.ts';

/** How long a request waits, and how long what was approved may be used, unless the asker says otherwise. */
const usualTermMs = hours(2);

export type Ask = {
  readonly merchantId: string;
  /** Must have a permission `<command>.approve`. */
  readonly command: string;
  readonly subject: string;
  /** Frozen: exactly this may run, or less. */
  readonly input: Json;
  readonly maker: Actor;
  /** Two hours unless told. */
  readonly lapsesInMs?: number;
};

function permissionToDecide(command: string): Permission {
  const permission = `${command}.approve`;
  assert(isPermission(permission), `nobody can approve ${command}: there is no permission ${permission}`);
  return permission;
}

/** Asks for a second person. Whether the maker may ask is the calling command's question. */
export async function askApproval(
  tx: Tx,
  ask: Ask,
  stamp: Stamp,
): Promise<{ readonly id: string; readonly digest: string; readonly lapsesAt: Instant }> {
  const { merchantId, command, subject, input, maker } = ask;
  permissionToDecide(command);
  assert(maker.door !== 'system', 'the installation itself asks for no approval: a person is the maker');
  const [number] = await nextNumbers(tx, 'approval', 1);
  const id = `A-${number}`;
  const digest = digestOf(ask);
  const lapsesAt = plus(stamp.at, ask.lapsesInMs ?? usualTermMs);
  await insertApproval(tx, {
    ...{ id, merchantId, command, subject, input, digest, lapsesAt },
    state: 'asked',
    maker: maker.userId,
    askedAt: stamp.at,
    checker: undefined,
    decidedAt: undefined,
    reason: '',
  });
  const detail = { approval: id, command, digest };
  await writeAudit(tx, [{ actor: maker, act: 'approval.asked', subject, detail }], stamp);
  return { id, digest, lapsesAt };
}

export type Decide = Decision & {
  readonly id: string;
  /** The installation's setting; without effect in production. The usual answer, in the sandbox too, is false. */
  readonly onePersonAllowed: boolean;
};

/**
 * A second person's yes or no. Of several who decide at once, one wins and the others are refused.
 * @returns refusals approval.not_found, and those of `judgeDecision`.
 */
export async function decideApproval(tx: Tx, decide: Decide, stamp: Stamp): Promise<Result<Approval>> {
  const onePerson = decide.onePersonAllowed && (await isSandbox(tx));
  const approval = await readApproval(tx, decide.id);
  if (!approval) return refuseAs('approval.not_found', { subject: decide.id });
  const judge = (current: Approval): Result<ApprovalState> =>
    judgeDecision(current, decide, permissionToDecide(current.command), onePerson, stamp.at);
  const next = judge(approval);
  if (!next.ok) return next;
  const { checker, reason } = decide;
  const saved = await saveDecision(tx, approval, next.value, {
    checker: checker.userId,
    reason,
    onePerson,
    at: stamp.at,
  });
  const now = await readApproval(tx, decide.id);
  assert(now, `approval ${decide.id} is gone`);
  if (!saved) {
    const late = judge(now);
    assert(!late.ok, `approval ${decide.id} could not be decided though nothing stands against it`);
    return late;
  }
  await writeAudit(tx, [entryOf(now, `approval.${now.state}`, checker, reason)], stamp);
  return done(now);
}

export type Use = {
  readonly id: string;
  readonly command: string;
  readonly subject: string;
  /** What is about to run. */
  readonly input: Json;
  readonly by: Actor;
};

/**
 * Spends the approval in the transaction that starts what it allowed: once, in time, and for exactly what was shown.
 * @returns refusals approval.not_found, .digest_differs, .not_approved, .lapsed, .already_used.
 */
export async function useApproval(tx: Tx, use: Use, stamp: Stamp): Promise<Result<Approval>> {
  const approval = await readApproval(tx, use.id);
  if (!approval) return refuseAs('approval.not_found', { subject: use.id });
  const next = take(approval, 'use', stamp.at);
  if (!next.ok) return next;
  const given = digestOf(use);
  const { subject, digest } = approval;
  if (given !== digest) return refuseAs('approval.digest_differs', { subject, digest, given });
  const saved = await saveUse(tx, use.id, stamp.at);
  const now = await readApproval(tx, use.id);
  assert(now, `approval ${use.id} is gone`);
  if (!saved) {
    const late = take(now, 'use', stamp.at);
    assert(!late.ok, `approval ${use.id} could not be used though nothing stands against it`);
    return late;
  }
  await writeAudit(tx, [entryOf(now, 'approval.used', use.by, '')], stamp);
  return done(now);
}

/** For the sweep: writes down which requests lapsed, so that lists and the audit trail tell it. Returns their ids. */
export async function lapseApprovals(tx: Tx, stamp: Stamp): Promise<readonly string[]> {
  const lapsed = await saveLapses(tx, stamp.at);
  await writeAudit(
    tx,
    lapsed.map((approval) => entryOf(approval, 'approval.lapsed', systemActor, '')),
    stamp,
  );
  return lapsed.map((approval) => approval.id);
}

function entryOf(approval: Approval, act: string, actor: Actor, reason: string): AuditEntry {
  const { id, command, subject, digest, maker } = approval;
  const onePerson = act === 'approval.approved' && approval.checker === undefined;
  const detail = { approval: id, command, digest, maker, ...(onePerson ? { one_person: true } : {}) };
  return { actor, act, subject, reason, detail };
}

/** With the state of this moment: what lapsed is shown as lapsed before the sweep comes by. */
export async function findApproval(db: Queryable, id: string, at: Instant): Promise<Approval | undefined> {
  const approval = await readApproval(db, id);
  return approval && { ...approval, state: stateAt(approval, at) };
}

/** Newest first, each with the state of this moment. */
export async function listApprovals(db: Queryable, filter: ApprovalFilter, at: Instant): Promise<readonly Approval[]> {
  const approvals = await readApprovals(db, filter);
  return approvals.map((approval) => ({ ...approval, state: stateAt(approval, at) }));
}
