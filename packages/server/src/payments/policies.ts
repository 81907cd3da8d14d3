import { performance } from 'node:perf_hooks';
import { assert, hours } from '../kernel/index.ts';
import type { Instant, Money, Refusal } from '../kernel/index.ts';
import type { Manifest } from '../channels/contract/index.ts';
import type { ChannelRegistry } from '../channels/registry.ts';
import { defaultsFrom, feeBack, feeRuleOf, payCheck, payFee, refundCheck, termsOf } from '../contracts/index.ts';
import type { AccountTerms } from '../contracts/index.ts';
import type { Database } from '../platform/db.ts';
import { findPayAccounts } from './policy-store.ts';
import type { Attempt } from './attempt.ts';
import type { AccountPolicy, PolicyOf } from './policy.ts';
import type { Refund } from './refund.ts';

/** What accounts may do, by manifest and contract, ready to be asked for inside a decision. */
export type Policies = {
  /** `accounts`: those that it must know; one that was added a moment ago makes it read again. */
  load(accounts?: readonly string[]): Promise<PolicyOf>;
};

/** So long a reading is believed; whoever changes a contract sees it at work within this time. */
const keptForMs = 1000;

export function createPolicies(db: Database, channels: ChannelRegistry, clock: { now(): Instant }): Policies {
  let read: { readonly at: number; readonly policies: Promise<ReadonlyMap<string, AccountPolicy>> } | undefined;
  const readAll = async (): Promise<ReadonlyMap<string, AccountPolicy>> => {
    const at = clock.now();
    const accounts = await findPayAccounts(db);
    const terms = await termsOf(
      db,
      accounts.map(({ id }) => id),
      at,
      defaultsFrom(channels),
    );
    const made = new Map<string, AccountPolicy>();
    for (const { id, channel } of accounts) {
      const manifest = channels.get(channel)?.manifest;
      const ofAccount = terms.get(id);
      if (manifest?.pay && ofAccount) made.set(id, policyFrom(manifest, ofAccount));
    }
    return made;
  };
  const readNow = (): Promise<ReadonlyMap<string, AccountPolicy>> => {
    const policies = readAll();
    read = { at: performance.now(), policies };
    policies.catch(() => (read = undefined));
    return policies;
  };
  return {
    async load(accounts = []) {
      const kept = read && performance.now() - read.at <= keptForMs ? await read.policies : await readNow();
      const policies = accounts.every((id) => kept.has(id)) ? kept : await readNow();
      return (accountId) => {
        const policy = policies.get(accountId);
        assert(policy, `account ${accountId} takes no payments`);
        return policy;
      };
    },
  };
}

const defaultSurplusDelayMs = 120_000;
const defaultAdoptHours = 72;

function policyFrom(manifest: Manifest, terms: AccountTerms): AccountPolicy {
  const { pay, refund } = manifest;
  assert(pay, `${manifest.id} takes no payments`);
  const surplus = terms.find('surplus', '*', '*')?.value;
  const above = terms.find('refund_approval_above', '*', '*')?.value.minor;
  return {
    ...{ pay, refund },
    fee(product, scene, received) {
      const fee = payFee(terms, { product, scene: sceneOf(scene), amount: received.minor });
      return { minor: fee?.minor ?? 0n, exact: fee?.exact ?? '0' };
    },
    feeBack: (attempt, before, amount) => feeBackOf(terms, attempt, before, amount),
    refusePayment(product, scene, amount, at) {
      const checked = payCheck(terms, { product, scene: sceneOf(scene), amount, at });
      return checked.ok ? undefined : checked.refusal;
    },
    refuseRefund: (attempt, before, amount, at) => refusalOf(terms, attempt, before, amount, at),
    approvalAboveMinor: above === undefined ? undefined : BigInt(above),
    surplus: {
      act: surplus?.policy ?? 'refund',
      afterMs: surplus ? surplus.delay_seconds * 1000 : defaultSurplusDelayMs,
    },
    paidAfterCancel: terms.find('paid_while_closing', '*', '*')?.value.cancel_by_shop ?? 'refund',
    adoptWithinMs: hours(terms.find('adopt_within', '*', '*')?.value.hours ?? defaultAdoptHours),
  };
}

const sceneOf = (scene: string): 'online' | 'counter' => (scene === 'counter' ? 'counter' : 'online');

/** Refunds that took money or still may. */
const counted = (before: readonly Refund[]): readonly Refund[] =>
  before.filter(({ state }) => !['failed', 'cancelled'].includes(state));

function feeBackOf(terms: AccountTerms, attempt: Attempt, before: readonly Refund[], amount: Money) {
  const rule = feeRuleOf(terms, attempt.product, attempt.scene);
  if (!rule) return { minor: 0n, rule: '' };
  const back = feeBack(rule, {
    ...{ paid: attempt.receivedMinor, fee: attempt.feeMinor, exactFee: attempt.feeExact, amount: amount.minor },
    refundedBefore: counted(before).map((one) => ({ minor: one.amount.minor, feeBack: one.feeBackMinor })),
  });
  return { minor: back.minor, rule: back.rule };
}

function refusalOf(
  terms: AccountTerms,
  attempt: Attempt,
  before: readonly Refund[],
  amount: Money,
  at: Instant,
): Refusal | undefined {
  const { product, scene, paidAt = attempt.createdAt, receivedMinor } = attempt;
  const refunded = counted(before);
  const lastAt = refunded.reduce((latest, one) => Math.max(latest, one.createdAt), -Infinity) as Instant;
  const checked = refundCheck(terms, {
    ...{ product, scene, paidAt, at, count: refunded.length, isPartial: amount.minor < receivedMinor },
    ...(refunded.length === 0 ? {} : { lastAt }),
  });
  return checked.ok ? undefined : checked.refusal;
}
