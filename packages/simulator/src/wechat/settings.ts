import { BadRequest, fieldsOf } from '../input.ts';

const second = 1_000;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What the documents leave open or contradict each other about, and every length of time. See the README beside this file. */
export const initialSettings = {
  timestamp_skew_ms: 5 * minute,
  /** The word for a number that was used with other content. */
  changed_content: 'INVALID_REQUEST',
  /** The word for ordering or closing what is paid. */
  paid_order: 'ORDERPAID',
  refund_mismatch: 'INVALID_REQUEST',
  /** Which signs a merchant's order number may have besides letters and digits; the pages differ. */
  number_signs: '_-|*',
  /** Whether answers 4xx and 5xx carry a signature. */
  sign_errors: false,
  /** One answer and one callback in so many is a probe; 0 = none. */
  probe_every: 1_000,
  /** Whether the repetitions of one callback keep its id. */
  notice_id: 'stable',
  notice_ms: second,
  notice_retries_ms: [
    15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600,
  ].map((seconds) => seconds * second),
  /** Real milliseconds that a receiver has for its answer. */
  notice_timeout_ms: 5 * second,
  prepay_lives_ms: 2 * hour,
  h5_lives_ms: 5 * minute,
  /** How long an order can be paid that named no end. */
  pay_within_ms: 7 * day,
  expire_min_ms: minute,
  expire_max_ms: 90 * day,
  /** The text of a QR code, or an address on which a person without the app can play the payer. */
  code_url: 'weixin',
  v2_close_wait_ms: 5 * minute,
  refund_ms: 2 * second,
  refund_gap_ms: minute,
  refund_window_ms: 365 * day,
  refund_closes_ms: 7 * day,
  /** A refund for which the money is short: refused, or accepted and closed when the money does not come. */
  short_refund: 'refuse',
  /** After the payment, before it can be shared; until when; how long the work takes. */
  share_wait_ms: minute,
  share_within_ms: 30 * day,
  share_ms: 2 * second,
  share_requests_max: 50,
  share_receivers_max: 50,
  /** Of the payment that may be given away. */
  share_percent: 30,
  /** A receiver that was never added: its part is closed while the request is worked on, or the request is refused. */
  share_unrelated: 'close',
  /** Whether a released rest is listed as a receiver, the merchant itself. */
  share_release_listed: true,
  share_return_ms: 0,
  share_return_window_ms: 180 * day,
  /** What callbacks about sharing are called: payments have the same name. */
  share_event: 'TRANSACTION.SUCCESS',
  /** A refund of money that receivers have: refused until it was returned, or paid from the balance. */
  shared_refund: 'return_first',
  /** What a payer's code does that no control command has described. */
  micropay: 'pay',
  v3_codepay: false,
  reverse_wait_ms: 15 * second,
  reverse_window_ms: 7 * day,
  customs_prefix: 'both',
  customs_sent_ms: 2 * second,
  customs_answered_ms: 15 * second,
  /** From which states a re-push is taken: v3 names two, an answer of the v2 help names no state. */
  repush_gate: 'strict',
  /** After the midnight that ends the day. */
  bill_ready_ms: 9 * hour,
  bill_url_ms: 5 * minute,
  bill_days_max: 92,
  /** Decimals of the fee column: 2 in the document, 5 in real files. */
  fee_decimals: 5,
};

export type Settings = typeof initialSettings;

const choices: Readonly<Record<string, readonly unknown[]>> = {
  changed_content: ['INVALID_REQUEST', 'OUT_TRADE_NO_USED'],
  paid_order: ['ORDERPAID', 'TRADE_ERROR'],
  refund_mismatch: ['INVALID_REQUEST', 'REFUND_FEE_MISMATCH'],
  number_signs: ['_-*', '_-|*', '_-|*@'],
  notice_id: ['stable', 'fresh'],
  code_url: ['weixin', 'http'],
  short_refund: ['refuse', 'accept'],
  share_unrelated: ['close', 'refuse'],
  share_event: ['TRANSACTION.SUCCESS', 'PROFITSHARING'],
  shared_refund: ['return_first', 'from_balance'],
  micropay: ['pay', 'ask'],
  customs_prefix: ['/global/v3/customs', '/v3/global/customs', 'both'],
  repush_gate: ['strict', 'documented', 'open'],
  fee_decimals: [2, 5],
};

const isWhole = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function isAllowed(key: string, value: unknown): boolean {
  const initial: unknown = new Map(Object.entries(initialSettings)).get(key);
  if (choices[key]) return choices[key].includes(value);
  if (typeof initial === 'boolean') return typeof value === 'boolean';
  if (Array.isArray(initial)) return Array.isArray(value) && value.every(isWhole);
  return typeof initial === 'number' && isWhole(value);
}

/** Keys of `patch` replace those of `settings`. Throws BadRequest. */
export function patchSettings(settings: Settings, patch: unknown): Settings {
  const given = fieldsOf(patch, 'settings');
  for (const [key, value] of Object.entries(given)) {
    const wanted = choices[key]
      ? `is one of ${choices[key].join(', ')}`
      : 'is not known or has a value of another kind';
    if (!isAllowed(key, value)) throw new BadRequest(`settings: ${key} ${wanted}`);
  }
  return { ...settings, ...given };
}
