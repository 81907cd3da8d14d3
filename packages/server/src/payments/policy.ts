import type { PayRules, ProductRule, RefundRules } from '../channels/contract/index.ts';
import type { Instant, Money, Refusal } from '../kernel/index.ts';
import type { Attempt } from './attempt.ts';
import type { Refund } from './refund.ts';

/** What an account's contract and its channel's manifest say, as far as decisions about orders need it. Looked up before a decision begins. */
export type AccountPolicy = {
  readonly pay: PayRules;
  readonly refund: RefundRules | undefined;
  /** What the channel will take, half up to the minor unit; nothing where the contract names no rate. */
  fee(product: string, scene: string, received: Money): { readonly minor: bigint; readonly exact: string };
  /** What the channel will give back of its fee, computed before a refund is asked for. */
  feeBack(
    attempt: Attempt,
    before: readonly Refund[],
    amount: Money,
  ): { readonly minor: bigint; readonly rule: string };
  /** Why nothing can be collected this way now: scene, limit of one payment, hours of service. */
  refusePayment(product: string, scene: string, amount: Money, at: Instant): Refusal | undefined;
  /** Why this refund cannot be asked for: window, count, gap, permission, partial. */
  refuseRefund(attempt: Attempt, before: readonly Refund[], amount: Money, at: Instant): Refusal | undefined;
  /** Refunds above this need a second person; undefined: none does. */
  readonly approvalAboveMinor: bigint | undefined;
  readonly surplus: { readonly act: 'refund' | 'keep' | 'credit'; readonly afterMs: number };
  readonly paidAfterCancel: 'refund' | 'keep';
  readonly adoptWithinMs: number;
};

export type PolicyOf = (accountId: string) => AccountPolicy;

export function productOf(policy: AccountPolicy, product: string): ProductRule | undefined {
  return Object.hasOwn(policy.pay.products, product) ? policy.pay.products[product] : undefined;
}
