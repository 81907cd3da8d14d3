import { BadRequest, fieldsOf, optionalText } from '../input.ts';
import type { Fields } from '../input.ts';

/** Nothing is executed. */
const refusingFaults = [
  'hang_before_booking',
  'system_error_not_booked',
  'frequency_limited_not_booked',
  'business_error',
] as const;

const answerFaults = [
  'book_then_hang',
  'drop_connection_after_booking',
  'system_error_booked',
  'frequency_limited_booked',
  'unknown_code',
  'bad_signature',
  'probe',
  'unsigned',
  'stale',
  'unknown_serial',
  'html_instead',
  'http_500',
  'truncated',
  'slow_ms',
  'about_another',
] as const;

const noticeFaults = [
  'notify_twice',
  'notify_before_answer',
  'never_notify',
  'notify_forged',
  'notify_wrong_amount',
  'notify_late',
  'notify_probe',
  'notify_stale',
  'notify_empty_aad',
] as const;

/** Each with the calls in whose consequences it shows. */
const lifeFaults: Readonly<Record<string, readonly string[]>> = {
  close_loses: ['close', 'reverse'],
  recall: ['reverse'],
  refund_abnormal: ['refund'],
  refund_closed: ['refund'],
  refund_stuck: ['refund'],
  swallow_declaration: ['customs_declare', 'customs_modify', 'customs_repush'],
  receipt_after_hours: ['customs_declare', 'customs_modify', 'customs_repush'],
  stuck_undeclared: ['customs_declare', 'customs_modify', 'customs_repush'],
  stuck_processing: ['customs_declare', 'customs_modify', 'customs_repush'],
  customs_fail: ['customs_declare', 'customs_modify', 'customs_repush'],
  customs_except: ['customs_declare', 'customs_modify', 'customs_repush'],
  port_loses_record: ['customs_declare', 'customs_modify', 'customs_repush'],
  identity_different: ['customs_declare', 'customs_modify', 'customs_verify'],
  share_receiver_closed: ['share'],
  share_stays_processing: ['share', 'share_unfreeze'],
  share_return_fails: ['share_return'],
  share_return_stays_processing: ['share_return'],
  statement_late: ['tradebill', 'fundflowbill', 'share_bill'],
  statement_empty: ['tradebill', 'fundflowbill', 'share_bill'],
  statement_wrong_hash: ['tradebill', 'fundflowbill', 'share_bill'],
  statement_url_expired: ['billfile'],
  statement_line_missing: ['tradebill', 'fundflowbill', 'share_bill'],
  settle_again: ['tradebill', 'fundflowbill', 'share_bill'],
};

const names: readonly string[] = [...refusingFaults, ...answerFaults, ...noticeFaults, ...Object.keys(lifeFaults)];

/** One call, or one callback about to be written (`notify`), as the rules see it. */
export type Occasion = {
  readonly api: string;
  readonly version: string;
  readonly mchid: string;
  readonly outTradeNo: string | undefined;
  readonly transactionId: string | undefined;
  readonly outRefundNo: string | undefined;
  /** Of a request to share, and of a return. */
  readonly outOrderNo: string | undefined;
  readonly outReturnNo: string | undefined;
  /** Of a callback. */
  readonly event: string | undefined;
};

export type Hit = { readonly fault: string; readonly params: Fields };

export type FaultRule = {
  readonly id: string;
  readonly fault: string;
  readonly match: Fields;
  readonly times?: number;
  readonly params: Fields;
  /** Occasions that fitted so far, and those the fault was played on. */
  seen: number;
  played: number;
};

/** What a call's faults say; `undefined` = not played. */
export function playedOf(hits: readonly Hit[], fault: string): Fields | undefined {
  return hits.find((hit) => hit.fault === fault)?.params;
}

export function isRefusing(hit: Hit): boolean {
  return refusingFaults.some((name) => name === hit.fault) || hit.params['book'] === false;
}

export class Faults {
  #rules: FaultRule[] = [];
  #count = 0;

  list(): readonly FaultRule[] {
    return this.#rules;
  }

  /** A rule with an id that is in force already replaces it. Throws BadRequest. */
  add(input: unknown): FaultRule {
    const rule = readRule(input, `wechat-fault-${this.#count + 1}`);
    this.#count += 1;
    this.remove(rule.id);
    this.#rules.push(rule);
    return rule;
  }

  remove(id: string | undefined): void {
    this.#rules = id === undefined ? [] : this.#rules.filter((rule) => rule.id !== id);
  }

  /** How often any rule fitted: unchanged means that playing changed nothing. */
  get seen(): number {
    return this.#rules.reduce((sum, rule) => sum + rule.seen, 0);
  }

  /** The faults to play on this occasion. Counts, so a reload must repeat the same occasions. */
  play(occasion: Occasion): Hit[] {
    const hits: Hit[] = [];
    for (const rule of this.#rules) {
      if (!concerns(rule.fault, occasion.api) || !fits(rule.match, occasion)) continue;
      rule.seen += 1;
      const nth = rule.match['nth'];
      if (nth !== undefined && rule.seen !== nth) continue;
      if (rule.times !== undefined && rule.played >= rule.times) continue;
      rule.played += 1;
      hits.push({ fault: rule.fault, params: rule.params });
    }
    return hits;
  }
}

/** Callback faults belong to callbacks, those of a life to the calls that make it, the rest to calls. */
function concerns(fault: string, api: string): boolean {
  if (noticeFaults.some((name) => name === fault)) return api === 'notify';
  const calls = lifeFaults[fault];
  return calls ? calls.includes(api) : api !== 'notify';
}

const texts = ['api', 'version', 'mchid', 'event'] as const;
const lists = ['out_trade_nos', 'transaction_ids', 'out_refund_nos', 'out_order_nos', 'out_return_nos'] as const;

function fits(match: Fields, occasion: Occasion): boolean {
  const isWanted = (key: (typeof texts)[number]) => match[key] === undefined || match[key] === occasion[key];
  const said = { out_trade_nos: occasion.outTradeNo, transaction_ids: occasion.transactionId };
  const shares = { out_order_nos: occasion.outOrderNo, out_return_nos: occasion.outReturnNo };
  const numbers = { ...said, ...shares, out_refund_nos: occasion.outRefundNo };
  const isAmong = (key: (typeof lists)[number]) => {
    const wanted = match[key];
    return !Array.isArray(wanted) || wanted.includes(numbers[key]);
  };
  return texts.every(isWanted) && lists.every(isAmong);
}

function readRule(input: unknown, defaultId: string): FaultRule {
  const fields = fieldsOf(input, 'a fault rule');
  const fault = names.find((name) => name === fields['fault']);
  if (fault === undefined) throw new BadRequest(`fault must be one of ${names.join(', ')}`);
  const match = fieldsOf(fields['match'] ?? {}, 'match');
  const known: readonly string[] = [...texts, ...lists, 'nth'];
  // A misspelt condition would silently match everything.
  const stranger = Object.keys(match).find((key) => !known.includes(key));
  if (stranger !== undefined) throw new BadRequest(`match has no ${stranger}; it knows ${known.join(', ')}`);
  for (const key of lists)
    if (match[key] !== undefined && !Array.isArray(match[key])) throw new BadRequest(`${key} must be a list`);
  const times = fields['times'];
  if (times !== undefined && typeof times !== 'number') throw new BadRequest('times must be a number');
  const rule = {
    id: optionalText(fields, 'id') ?? defaultId,
    fault,
    match,
    params: fieldsOf(fields['params'] ?? {}, 'params'),
  };
  return { ...rule, ...(times === undefined ? {} : { times }), seen: 0, played: 0 };
}
