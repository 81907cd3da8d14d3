import { BadRequest, fieldsOf, optionalText } from './input.ts';
import type { Fields } from './input.ts';

/** What may go wrong with the declaration itself. */
export const bookingFaults = [
  'swallow_declaration',
  'no_effect_repush',
  'stuck_ws',
  'stuck_sending',
  'forget_declaration',
  'receipt',
  'port_loses_record',
  'receipt_after_hours',
  'other_place',
  'changes_pushed_no',
  'identity_different',
  'hang_before_booking',
  'system_error_not_booked',
  'business_error',
] as const;

/** What may go wrong with the answer; a declaration is booked all the same. */
export const answerFaults = [
  'book_then_hang',
  'drop_connection_after_booking',
  'system_error_booked',
  'unknown_code',
  'bad_signature',
  'html_instead',
  'truncated',
  'endless',
  'entity_bomb',
  'wrong_charset',
  'extra_elements',
  'about_another',
  'http_500',
  'slow_ms',
  'missing_record',
  'duplicate_record',
] as const;

export const faultNames = [...bookingFaults, ...answerFaults] as const;
export type FaultName = (typeof faultNames)[number];

export type Match = {
  readonly partner?: string;
  readonly operation?: 'declare' | 'query';
  readonly request_nos?: readonly string[];
  readonly trade_nos?: readonly string[];
  /** Both ends inclusive: numbers are hours, texts are `HHmm`. Read from digits 9–12 of the order number. */
  readonly order_hours?: { readonly date?: string; readonly from: number | string; readonly to: number | string };
  readonly place?: string;
  readonly is_repush?: boolean;
  /** Only the nth call that fits the rest, counted from 1. */
  readonly nth?: number;
};

export type FaultRule = {
  readonly id: string;
  readonly fault: FaultName;
  readonly match: Match;
  readonly times?: number;
  readonly params: Fields;
  /** Calls that fitted so far, and those the fault was played on. */
  seen: number;
  played: number;
};

/** One call as the rules see it. A query has many numbers, a declaration one. */
export type Occasion = {
  readonly partner: string;
  readonly operation: 'declare' | 'query';
  readonly requestNos: readonly string[];
  readonly tradeNos: readonly string[];
  readonly orderNos: readonly string[];
  readonly places: readonly string[];
  readonly isRepush: boolean;
};

export type Hit = { readonly fault: FaultName; readonly params: Fields; readonly ruleId: string };

export class FaultRules {
  #rules: {
    readonly rule: FaultRule;
    readonly requestNos?: ReadonlySet<string>;
    readonly tradeNos?: ReadonlySet<string>;
  }[] = [];
  #count = 0;

  list(): readonly FaultRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /** A rule with an id that is in force already replaces it. */
  add(input: unknown): FaultRule {
    const rule = readRule(input, `fault-${this.#count + 1}`);
    this.#count += 1;
    const { request_nos: requestNos, trade_nos: tradeNos } = rule.match;
    this.remove(rule.id);
    this.#rules.push({
      rule,
      ...(requestNos ? { requestNos: new Set(requestNos) } : {}),
      ...(tradeNos ? { tradeNos: new Set(tradeNos) } : {}),
    });
    return rule;
  }

  remove(id: string | undefined): void {
    this.#rules = id === undefined ? [] : this.#rules.filter(({ rule }) => rule.id !== id);
  }

  /** The faults to play on this occasion. Counts, so a reload must repeat the same occasions. */
  play(occasion: Occasion): Hit[] {
    const hits: Hit[] = [];
    for (const { rule, requestNos, tradeNos } of this.#rules) {
      if (!concerns(rule.fault, occasion) || !fits(rule.match, occasion)) continue;
      if (requestNos && !occasion.requestNos.some((no) => requestNos.has(no))) continue;
      if (tradeNos && !occasion.tradeNos.some((no) => tradeNos.has(no))) continue;
      rule.seen += 1;
      if (rule.match.nth !== undefined && rule.seen !== rule.match.nth) continue;
      if (rule.times !== undefined && rule.played >= rule.times) continue;
      rule.played += 1;
      hits.push({ fault: rule.fault, params: rule.params, ruleId: rule.id });
    }
    return hits;
  }
}

function concerns(fault: FaultName, occasion: Occasion): boolean {
  if (fault === 'missing_record' || fault === 'duplicate_record') return occasion.operation === 'query';
  return occasion.operation === 'declare' || !bookingFaults.some((name) => name === fault);
}

function fits(match: Match, occasion: Occasion): boolean {
  if (match.partner !== undefined && match.partner !== occasion.partner) return false;
  if (match.operation !== undefined && match.operation !== occasion.operation) return false;
  if (match.is_repush !== undefined && match.is_repush !== occasion.isRepush) return false;
  if (match.place !== undefined && !occasion.places.includes(match.place.toUpperCase())) return false;
  const hours = match.order_hours;
  return !hours || occasion.orderNos.some((no) => inHours(no, hours));
}

function inHours(orderNo: string, hours: NonNullable<Match['order_hours']>): boolean {
  if (hours.date !== undefined && !orderNo.startsWith(hours.date)) return false;
  const time = orderNo.slice(8, 12);
  if (!/^\d{4}$/.test(time)) return false;
  const after = typeof hours.from === 'number' ? Number(time.slice(0, 2)) >= hours.from : time >= hours.from;
  const before = typeof hours.to === 'number' ? Number(time.slice(0, 2)) <= hours.to : time <= hours.to;
  return after && before;
}

const matchKeys = ['partner', 'operation', 'request_nos', 'trade_nos', 'order_hours', 'place', 'is_repush', 'nth'];

function readRule(input: unknown, defaultId: string): FaultRule {
  const fields = fieldsOf(input, 'a fault rule');
  const fault = faultNames.find((name) => name === fields['fault']);
  if (!fault) throw new BadRequest(`fault must be one of ${faultNames.join(', ')}`);
  const match = fieldsOf(fields['match'] ?? {}, 'match');
  // A misspelt condition would silently match everything.
  const stranger = Object.keys(match).find((key) => !matchKeys.includes(key));
  if (stranger) throw new BadRequest(`match has no ${stranger}; it knows ${matchKeys.join(', ')}`);
  const times = fields['times'];
  if (times !== undefined && typeof times !== 'number') throw new BadRequest('times must be a number');
  return {
    id: optionalText(fields, 'id') ?? defaultId,
    fault,
    match,
    ...(times === undefined ? {} : { times }),
    params: fieldsOf(fields['params'] ?? {}, 'params'),
    seen: 0,
    played: 0,
  };
}
