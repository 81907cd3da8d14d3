import { BadRequest, fieldsOf } from '../../input.ts';

export type OpenApiSettings = {
  /** When two requests for one number may no longer differ: once the trade exists, or already at the first request. */
  readonly terms_bind: 'at_birth' | 'at_request';
  /** Largest difference between `timestamp` and the clock; null = not checked, because it is not published. */
  readonly timestamp_skew_ms: number | null;
  /** From an event to its notification. */
  readonly notice_ms: number;
  /** Between the deliveries of one notification, each counted from the one before. */
  readonly notice_retries_ms: readonly number[];
  /** Real milliseconds that a receiver has for its answer. */
  readonly notice_timeout_ms: number;
  /** Until then the refund query does not show a refund. */
  readonly refund_visible_ms: number;
  /** Whether the refund query's error carries the prefix `ACQ.`; both are seen. */
  readonly refund_query_prefix: boolean;
  /** What a payer's code does that no control command has described. */
  readonly barcode: 'pay' | 'ask';
  /** After the payment, before it can be shared: the documents advise 30 seconds and do not say what happens before. */
  readonly royalty_wait_ms: number;
  /** How long what `royalty_freeze` freezes stays frozen. */
  readonly royalty_freeze_ms: number;
  /** How long an asynchronous request takes. */
  readonly royalty_ms: number;
  /** Of the trade that may be given away. */
  readonly royalty_percent: number;
  readonly royalty_sync_receivers: number;
  readonly royalty_async_receivers: number;
  readonly royalty_sync_requests: number;
  readonly royalty_async_requests: number;
  /** The word for a number of a request that was used with other content. */
  readonly royalty_repeat: 'DISCORDANT_REPEAT_REQUEST' | 'DUP_OUT_REQUEST_NO';
  /** Whether cancelling a QR code that nobody scanned kills it. Not documented. */
  readonly cancel_kills_code: boolean;
  /** Largest difference between the `timestamp` of a v3 request and the clock; null = not checked. */
  readonly v3_skew_ms: number | null;
  /** How v3 takes `alipay.trade.query`: the documents of the PHP SDK say POST, an earlier one of the Java SDK says GET. */
  readonly v3_query: 'POST' | 'GET' | 'either';
  /** Status of a v3 signature that is missing or wrong: the page on errors says 400, the page on signing 401. */
  readonly v3_signature_status: 400 | 401;
  /** Status of `unknow-error` at v3: the page on errors names it under both. */
  readonly v3_unknown_status: 400 | 500;
  /** Status of a v3 payment that waits for the payer's password. Not documented. */
  readonly v3_in_process_status: 200 | 202;
};

const minute = 60_000;
const hour = 60 * minute;

export const initialOpenApiSettings: OpenApiSettings = {
  terms_bind: 'at_birth',
  timestamp_skew_ms: null,
  notice_ms: 1_000,
  notice_retries_ms: [4 * minute, 10 * minute, 10 * minute, hour, 2 * hour, 6 * hour, 15 * hour],
  notice_timeout_ms: 5_000,
  refund_visible_ms: 10_000,
  refund_query_prefix: true,
  barcode: 'pay',
  royalty_wait_ms: 0,
  royalty_freeze_ms: 30 * 24 * hour,
  royalty_ms: 2_000,
  royalty_percent: 30,
  royalty_sync_receivers: 5,
  royalty_async_receivers: 50,
  royalty_sync_requests: 50,
  royalty_async_requests: 300,
  royalty_repeat: 'DISCORDANT_REPEAT_REQUEST',
  cancel_kills_code: false,
  v3_skew_ms: 10 * minute,
  v3_query: 'POST',
  v3_signature_status: 400,
  v3_unknown_status: 500,
  v3_in_process_status: 200,
};

const isWhole = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isOneOf =
  (...words: readonly (string | number)[]) =>
  (value: unknown): boolean =>
    words.some((word) => word === value);

const checks: Readonly<Record<keyof OpenApiSettings, (value: unknown) => boolean>> = {
  terms_bind: isOneOf('at_birth', 'at_request'),
  timestamp_skew_ms: (value) => value === null || isWhole(value),
  notice_ms: isWhole,
  notice_retries_ms: (value) => Array.isArray(value) && value.every(isWhole),
  notice_timeout_ms: isWhole,
  refund_visible_ms: isWhole,
  refund_query_prefix: isFlag,
  barcode: isOneOf('pay', 'ask'),
  royalty_wait_ms: isWhole,
  royalty_freeze_ms: isWhole,
  royalty_ms: isWhole,
  royalty_percent: isWhole,
  royalty_sync_receivers: isWhole,
  royalty_async_receivers: isWhole,
  royalty_sync_requests: isWhole,
  royalty_async_requests: isWhole,
  royalty_repeat: isOneOf('DISCORDANT_REPEAT_REQUEST', 'DUP_OUT_REQUEST_NO'),
  cancel_kills_code: isFlag,
  v3_skew_ms: (value) => value === null || isWhole(value),
  v3_query: isOneOf('POST', 'GET', 'either'),
  v3_signature_status: isOneOf(400, 401),
  v3_unknown_status: isOneOf(400, 500),
  v3_in_process_status: isOneOf(200, 202),
};

export function patchOpenApiSettings(settings: OpenApiSettings, patch: unknown): OpenApiSettings {
  const given = fieldsOf(patch, 'openapi');
  for (const [key, value] of Object.entries(given)) {
    const check = new Map(Object.entries(checks)).get(key);
    if (!check?.(value)) throw new BadRequest(`settings: openapi.${key} is not known or has a value of another kind`);
  }
  return { ...settings, ...given };
}
