import type { Refusal } from '../kernel/index.ts';
import { attemptDoubtDeadline } from './asking.ts';
import type { Attempt, AttemptState } from './attempt.ts';
import type { HeardOfAttempt } from './observe-attempt.ts';
import { productOf } from './policy.ts';
import type { AccountPolicy } from './policy.ts';

const openToPeople: readonly AttemptState[] = ['cashier_open', 'trade_open', 'in_doubt', 'closing'];

/**
 * Two people end what the channel leaves open. That nobody paid is theirs to say only once nobody can pay any more and the channel had its
 * time to tell: from the moment on at which a person is called to it.
 */
export function refuseAttemptVerdict(
  attempt: Attempt,
  { by, outcome, heardAt }: HeardOfAttempt,
  policy: AccountPolicy,
): Refusal | undefined {
  if (by !== 'people') return undefined;
  const { state, product } = attempt;
  const rule = productOf(policy, product);
  if (!rule || !openToPeople.includes(state)) return { code: 'attempt.not_waiting', params: { state } };
  const from = attemptDoubtDeadline(attempt, rule);
  return outcome.kind === 'rejected' && heardAt < from ? { code: 'attempt.too_early', params: { from } } : undefined;
}
