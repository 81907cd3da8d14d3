import { BadRequest, fieldsOf, optionalText } from '../../input.ts';
import type { Fields } from '../../input.ts';

/** Nothing is executed. */
export const refusingFaults = [
  'hang_before_booking',
  'system_error_not_booked',
  'refund_hang_not_booked',
  'isp_limited',
  'business_error',
] as const;

const answerFaults = [
  'book_then_hang',
  'refund_hang_booked',
  'system_error_booked',
  'drop_connection_after_booking',
  'unknown_code',
  'bad_signature',
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
] as const;

const shareFaults = ['share_receiver_closed', 'share_stays_processing'] as const;
const lifeFaults = ['second_trade_no', 'close_loses', ...shareFaults, 'share_return_fails'] as const;

const openApiFaultNames = [...refusingFaults, ...answerFaults, ...noticeFaults, ...lifeFaults] as const;
export type OpenApiFault = (typeof openApiFaultNames)[number];

/** One call, one act of the payer, or one notification about to be written, as the rules see it. */
export type OpenApiOccasion = {
  /** Without `alipay.trade.`; or `payer.pay`, or `notify`. */
  readonly method: string;
  readonly appId: string;
  readonly outTradeNo: string | undefined;
  readonly tradeNo: string | undefined;
  readonly outRequestNo: string | undefined;
  /** Of a notification. */
  readonly event: string | undefined;
};

export type OpenApiHit = { readonly fault: OpenApiFault; readonly params: Fields };

export type OpenApiFaultRule = {
  readonly id: string;
  readonly fault: OpenApiFault;
  readonly match: Fields;
  readonly times?: number;
  readonly params: Fields;
  seen: number;
  played: number;
};

const methods = [
  'page.pay',
  'wap.pay',
  'app.pay',
  'precreate',
  'pay',
  'create',
  'query',
  'close',
  'cancel',
  'refund',
  'fastpay.refund.query',
  'order.settle',
  'order.settle.query',
  'order.onsettle.query',
  'royalty.relation.bind',
  'royalty.relation.unbind',
  'royalty.relation.batchquery',
  'payer.pay',
  'notify',
  '*',
];
const texts = ['method', 'app_id', 'event'];
const lists = ['out_trade_nos', 'trade_nos', 'out_request_nos'];
const onlyHere = [...texts, ...lists].filter((key) => key !== 'trade_nos');

/** Several names exist at both gateways; a rule is this one's when it says so by its conditions or by its name. */
export function isForOpenApi(input: unknown, namesOfOther: readonly string[]): boolean {
  const fields = fieldsOf(input, 'a fault rule');
  const match = fieldsOf(fields['match'] ?? {}, 'match');
  if (onlyHere.some((key) => match[key] !== undefined)) return true;
  const isOurs = openApiFaultNames.some((name) => name === fields['fault']);
  return isOurs && !namesOfOther.some((name) => name === fields['fault']);
}

export class OpenApiFaults {
  #rules: { readonly rule: OpenApiFaultRule; readonly sets: ReadonlyMap<string, ReadonlySet<unknown>> }[] = [];
  #count = 0;

  list(): readonly OpenApiFaultRule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /** A rule with an id that is in force already replaces it. */
  add(input: unknown): OpenApiFaultRule {
    const rule = readRule(input, `openapi-fault-${this.#count + 1}`);
    this.#count += 1;
    this.remove(rule.id);
    const sets = lists.flatMap((key) =>
      Array.isArray(rule.match[key]) ? [[key, new Set(rule.match[key])] as const] : [],
    );
    this.#rules.push({ rule, sets: new Map(sets) });
    return rule;
  }

  remove(id: string | undefined): void {
    this.#rules = id === undefined ? [] : this.#rules.filter(({ rule }) => rule.id !== id);
  }

  /** How often any rule fitted: unchanged means that playing changed nothing. */
  get seen(): number {
    return this.#rules.reduce((sum, { rule }) => sum + rule.seen, 0);
  }

  /** The faults to play on this occasion. Counts, so a reload must repeat the same occasions. */
  play(occasion: OpenApiOccasion): OpenApiHit[] {
    const hits: OpenApiHit[] = [];
    for (const { rule, sets } of this.#rules) {
      if (!concerns(rule.fault, occasion.method) || !fits(rule.match, sets, occasion)) continue;
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

/** Notification faults belong to notifications, those of a trade's life to the acts that make it, the rest to calls. */
function concerns(fault: OpenApiFault, method: string): boolean {
  if (noticeFaults.some((name) => name === fault)) return method === 'notify';
  if (fault === 'second_trade_no') return method === 'payer.pay' || method === 'pay';
  if (fault === 'close_loses') return method === 'close' || method === 'cancel';
  if (shareFaults.some((name) => name === fault)) return method === 'order.settle';
  if (fault === 'share_return_fails') return method === 'refund';
  if (fault === 'refund_hang_booked' || fault === 'refund_hang_not_booked') return method === 'refund';
  return method !== 'notify' && method !== 'payer.pay';
}

function fits(match: Fields, sets: ReadonlyMap<string, ReadonlySet<unknown>>, occasion: OpenApiOccasion): boolean {
  const { method, app_id: appId, event } = match;
  if (appId !== undefined && appId !== occasion.appId) return false;
  if (event !== undefined && event !== occasion.event) return false;
  if (method !== undefined && method !== '*' && method !== occasion.method) return false;
  const said = [
    ['out_trade_nos', occasion.outTradeNo],
    ['trade_nos', occasion.tradeNo],
    ['out_request_nos', occasion.outRequestNo],
  ] as const;
  return said.every(([key, value]) => sets.get(key)?.has(value) ?? true);
}

export function shortMethod(method: string): string {
  return method.replace(/^alipay\.trade\./, '');
}

function readRule(input: unknown, defaultId: string): OpenApiFaultRule {
  const fields = fieldsOf(input, 'a fault rule');
  const fault = openApiFaultNames.find((name) => name === fields['fault']);
  if (!fault) throw new BadRequest(`fault must be one of ${openApiFaultNames.join(', ')}`);
  const match = readMatch(fieldsOf(fields['match'] ?? {}, 'match'));
  const times = fields['times'];
  if (times !== undefined && typeof times !== 'number') throw new BadRequest('times must be a number');
  const rule = {
    id: optionalText(fields, 'id') ?? defaultId,
    fault,
    match,
    ...(times === undefined ? {} : { times }),
    params: fieldsOf(fields['params'] ?? {}, 'params'),
  };
  return { ...rule, seen: 0, played: 0 };
}

/** A misspelt condition would silently match everything. */
function readMatch(match: Fields): Fields {
  const known = [...texts, ...lists, 'nth'];
  for (const key of Object.keys(match))
    if (!known.includes(key)) throw new BadRequest(`match has no ${key}; it knows ${known.join(', ')}`);
  for (const key of lists)
    if (match[key] !== undefined && !Array.isArray(match[key])) throw new BadRequest(`${key} must be a list`);
  const method = optionalText(match, 'method');
  if (method === undefined) return match;
  if (!methods.includes(shortMethod(method))) throw new BadRequest(`method must be one of ${methods.join(', ')}`);
  return { ...match, method: shortMethod(method) };
}
