import type { Instant } from '../kernel/index.ts';

/** Every product. */
export const every = '*';

/** What a person said of the order in which ways to pay are offered. Nothing is changed: what was said later goes before. */
export type Rule = {
  readonly id: string;
  readonly accountId: string;
  readonly product: string;
  /** The lowest goes first. */
  readonly priority: number;
  /** Its share among ways of the same priority; 0: not offered; undefined: by cost, after those that have one. */
  readonly weight: number | undefined;
  readonly validFrom: Instant;
  readonly validTo: Instant | undefined;
  readonly reason: string;
  readonly madeBy: string;
  readonly madeAt: Instant;
};

/** What a channel announced, or somebody found out. */
export type Notice = {
  readonly id: string;
  /** Undefined: every merchant's accounts there. */
  readonly merchantId: string | undefined;
  readonly channel: string;
  /** Undefined: every account at the channel. */
  readonly accountId: string | undefined;
  readonly product: string;
  /** `closed`: nothing is offered meanwhile; `warning`: it is shown beside the offer. */
  readonly effect: 'closed' | 'warning';
  readonly text: string;
  readonly validFrom: Instant;
  readonly validTo: Instant | undefined;
  readonly madeBy: string;
  readonly madeAt: Instant;
  readonly withdrawnAt?: Instant;
  readonly withdrawnBy?: string;
};

type Span = { readonly validFrom: Instant; readonly validTo: Instant | undefined };

export const holdsAt = ({ validFrom, validTo }: Span, at: Instant): boolean =>
  validFrom <= at && (validTo === undefined || at < validTo);

/** Ids rise where the clock stands still. */
const isLater = (rule: Rule, than: Rule): boolean =>
  rule.madeAt === than.madeAt ? rule.id > than.id : rule.madeAt > than.madeAt;

/** The rule for a product: one of its own before one of all products, and among those that hold the one that was said last. */
export function ruleOf(rules: readonly Rule[], product: string, at: Instant): Rule | undefined {
  const holding = rules.filter((rule) => holdsAt(rule, at));
  const latest = (about: string): Rule | undefined =>
    holding
      .filter((rule) => rule.product === about)
      .reduce<Rule | undefined>((last, rule) => (last && isLater(last, rule) ? last : rule), undefined);
  return latest(product) ?? latest(every);
}
