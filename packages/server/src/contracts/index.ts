export { dayFee, feeBack, feeRuleOf, payFee } from './fees.ts';
export type { FeeBack, FeeRule, PayFee, RefundedPart, Refunding } from './fees.ts';
export { isTermKind, labelOf, readValue, termKinds } from './kinds.ts';
export type { TermKind, TermValue } from './kinds.ts';
export { refundableUntil, refundCheck } from './refund-check.ts';
export type { WishedRefund } from './refund-check.ts';
export { defaultsFrom, listTerms, termsOf } from './store.ts';
export type { DefaultsOf } from './store.ts';
export type { AccountTerms, Held, Scene, Term, TermSubject } from './terms.ts';
