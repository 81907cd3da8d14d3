import type { Instant } from '../kernel/index.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import { stateAt } from './declaration.ts';
import type { Declaration } from './declaration.ts';
import { serialOf } from './instruction.ts';
import { customsOrderNoOf } from './number-rule.ts';
import type { ChosenRule, CustomsNumber, NumberRule } from './number-rule.ts';
import { precheck } from './precheck.ts';
import type { DeclaredPayment, Problem } from './precheck.ts';

/**
 * Declaring anew is a new declaration (Alipay acquire.customs document: a new request number is a new identity). The old one, whose
 * number nobody knows, may exist already: the second person is told so, and agrees to exactly that.
 */
export const warning = 'possible_duplicate';

export type AnewDecision =
  | { readonly kind: 'declare'; readonly rule: NumberRule; readonly number: CustomsNumber }
  /** This plan drew its number before it was paused, and sent nothing under it. */
  | { readonly kind: 'go_on' }
  /** `problem` is there when the pre-check found it. */
  | { readonly kind: 'leave'; readonly why: string; readonly problem?: Problem };

/** Pure: whether a declaration may be declared under a new request number now, and by which number customs will know its order. */
export function decideAnew(
  declaration: Declaration,
  rules: CustomsRules,
  rule: NumberRule | undefined,
  payment: DeclaredPayment,
  now: Instant,
): AnewDecision {
  const why = reasonToLeave(declaration, now);
  if (why !== undefined) return { kind: 'leave', why };
  const [problem] = precheck(declaration, rules, rule, payment);
  if (problem || rule === undefined) {
    return { kind: 'leave', why: problem?.code ?? 'customs.number_rule_missing', ...(problem ? { problem } : {}) };
  }
  return { kind: 'declare', rule, number: numberAnew(declaration, rule) };
}

/** What is not split goes to customs under the number that was paid with. */
export function numberAnew(declaration: Declaration, rule: NumberRule): CustomsNumber {
  return customsOrderNoOf(rule, { ...declaration, serial: serialOf(declaration) });
}

/**
 * Pure: the same of a declaration whose number this plan has drawn already. The number and the rule it obeys are frozen, so that only what
 * customs said since, or a push by somebody else, stands in the way.
 */
export function decideDrawn(declaration: Declaration, now: Instant): AnewDecision {
  const { push, firstAcceptedAt } = declaration.summary;
  const isUnsent = firstAcceptedAt === undefined && (push === undefined || push.outcome === 'unsent');
  const why = isUnsent ? reasonOfCustoms(declaration, now) : 'has_request_no';
  return why === undefined ? { kind: 'go_on' } : { kind: 'leave', why };
}

function reasonToLeave(declaration: Declaration, now: Instant): string | undefined {
  return declaration.requestNo === undefined ? reasonOfCustoms(declaration, now) : 'has_request_no';
}

function reasonOfCustoms(declaration: Declaration, now: Instant): string | undefined {
  // What its state would be if it could be asked about: lacking a number hides nothing that customs said.
  const state = stateAt({ requestNo: warning, summary: declaration.summary }, now);
  if (state === 'released') return 'released';
  if (state === 'at_customs') return 'customs_has_it';
  if (state === 'at_eport') return 'eport_has_it';
  if (state === 'rejected') return 'refused_by_customs';
  return undefined;
}

/** The rule of a declaration's account and place. */
export function ruleFor(
  rules: readonly ChosenRule[],
  { accountId, place }: Pick<Declaration, 'accountId' | 'place'>,
): NumberRule | undefined {
  return rules.find((rule) => rule.accountId === accountId && rule.place === place)?.rule;
}
