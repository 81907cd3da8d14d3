import { done } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { allowed, rolesWith } from '../identity/index.ts';
import type { Actor, Permission } from '../identity/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import type { Json } from './canonical.ts';

export const approvalStates = ['asked', 'approved', 'refused', 'lapsed', 'used'] as const;
export type ApprovalState = (typeof approvalStates)[number];
export const approvalActs = ['approve', 'refuse', 'use', 'lapse'] as const;
export type ApprovalAct = (typeof approvalActs)[number];

export type Approval = {
  /** `A-1`: people read it aloud. */
  readonly id: string;
  readonly merchantId: string;
  /** `customs.repush`: who decides about it needs the permission `customs.repush.approve`. */
  readonly command: string;
  /** The number of what it is about: `P-3`. */
  readonly subject: string;
  readonly input: Json;
  readonly digest: string;
  readonly state: ApprovalState;
  readonly maker: string;
  readonly askedAt: Instant;
  /** From then on it can be neither decided nor used. */
  readonly lapsesAt: Instant;
  /** Undefined though approved: the sandbox let one person do both. */
  readonly checker: string | undefined;
  readonly decidedAt: Instant | undefined;
  readonly reason: string;
};

type Step =
  ApprovalState | 'approval.already_decided' | 'approval.lapsed' | 'approval.not_approved' | 'approval.already_used';

const decided = 'approval.already_decided';
const steps: Readonly<Record<ApprovalState, Readonly<Record<ApprovalAct, Step>>>> = {
  asked: { approve: 'approved', refuse: 'refused', use: 'approval.not_approved', lapse: 'lapsed' },
  approved: { approve: decided, refuse: decided, use: 'used', lapse: 'lapsed' },
  refused: { approve: decided, refuse: decided, use: 'approval.not_approved', lapse: 'refused' },
  lapsed: { approve: 'approval.lapsed', refuse: 'approval.lapsed', use: 'approval.lapsed', lapse: 'lapsed' },
  used: { approve: decided, refuse: decided, use: 'approval.already_used', lapse: 'used' },
};

/** The state an act leads to, or the refusal's code. */
export function stepOf(state: ApprovalState, act: ApprovalAct): Step {
  return steps[state][act];
}

/** What it is at this moment, whether or not the sweep has written it down yet. */
export function stateAt(approval: Approval, at: Instant): ApprovalState {
  const next = approval.lapsesAt <= at ? stepOf(approval.state, 'lapse') : approval.state;
  return isState(next) ? next : approval.state;
}

function isState(step: Step): step is ApprovalState {
  return (approvalStates as readonly string[]).includes(step);
}

/** Applies an act at a moment. @returns refusals approval.already_decided, .lapsed, .not_approved, .already_used. */
export function take(approval: Approval, act: ApprovalAct, at: Instant): Result<ApprovalState> {
  const { subject, checker, decidedAt, lapsesAt } = approval;
  const state = stateAt(approval, at);
  const step = stepOf(state, act);
  switch (step) {
    case 'approval.already_decided':
      return refuseAs(step, { subject, decision: state, ...(checker === undefined ? {} : { by: checker }) });
    case 'approval.lapsed':
      return refuseAs(step, { subject, lapsedAt: lapsesAt });
    case 'approval.not_approved':
      return refuseAs(step, { subject, state });
    case 'approval.already_used':
      return refuseAs(step, { subject, ...(decidedAt === undefined ? {} : { decidedAt }) });
    case 'asked':
    case 'approved':
    case 'refused':
    case 'lapsed':
    case 'used':
      return done(step);
  }
}

export type Decision = {
  readonly verdict: 'approve' | 'refuse';
  readonly checker: Actor;
  /** Needed to refuse: the maker wants to know what to change. */
  readonly reason: string;
  /** The digest of what the checker saw, all 64 letters. */
  readonly expectedDigest?: string;
};

/**
 * Two people (architecture rule 12): the checker is another person than the maker, by user and not by login. To refuse one's own
 * request is decided by another one as well.
 * @returns refusals approval.maker_is_checker, .role_missing, of `allowed`, of `take`, .digest_differs, .reason_missing.
 */
export function judgeDecision(
  approval: Approval,
  decision: Decision,
  permission: Permission,
  onePersonAllowed: boolean,
  at: Instant,
): Result<ApprovalState> {
  const { checker, verdict, expectedDigest } = decision;
  const { subject, digest } = approval;
  if (checker.door === 'system') return refuseAs('approval.role_missing', { subject, role: 'checker' });
  if (checker.userId === approval.maker && !onePersonAllowed) {
    const kept = stateAt(approval, at) === 'asked' ? { keptUntil: approval.lapsesAt } : {};
    return refuseAs('approval.maker_is_checker', { subject, ...kept, role: rolesWith(permission).join(' / ') });
  }
  const may = allowed(checker, permission, approval.merchantId);
  if (!may.ok) return may.refusal.code === 'auth.role_missing' ? roleMissing(subject, may.refusal.params['role']) : may;
  const next = take(approval, verdict, at);
  if (!next.ok) return next;
  if (expectedDigest !== undefined && expectedDigest !== digest)
    return refuseAs('approval.digest_differs', { subject, digest, given: expectedDigest });
  if (verdict === 'refuse' && decision.reason.trim() === '') return refuseAs('approval.reason_missing', { subject });
  return next;
}

function roleMissing(subject: string, role: string | number | boolean | undefined): Result<never> {
  return refuseAs('approval.role_missing', { subject, role: String(role) });
}
