import { initialOpenApiSettings, patchOpenApiSettings } from './alipay/openapi/settings.ts';
import type { OpenApiSettings } from './alipay/openapi/settings.ts';
import { BadRequest, fieldsOf } from './input.ts';

const signingReadings = ['A', 'B', 'C', 'none'] as const;
export type SigningReading = (typeof signingReadings)[number];

/**
 * What a customs place tells Alipay. `numbers`: the receipt codes of the unified version; `words`: only `succ` or `fail`;
 * `none`: never anything.
 */
export type Place = { readonly codes: 'numbers' | 'words' | 'none'; readonly split: boolean; readonly repush: boolean };

export type Settings = {
  /** How a nested query answer is signed. The document does not say; three readings exist, and `none` leaves the signature out. */
  readonly signing_reading: SigningReading;
  readonly answer_charset: 'utf-8' | 'gbk' | 'as_request';
  /** A POST body whose URL carries no `_input_charset` is decoded before the parameter has been seen: with GBK. */
  readonly body_charset_without_hint: 'gbk' | 'as_named';
  /** Whether a re-push that was not executed restarts the five minutes. Not documented. */
  readonly unexecuted_restarts_gap: boolean;
  /** Whether a late payment record releases the list that waits for it without the list being sent again. Not documented. */
  readonly late_payment_revives: boolean;
  /** Whether a re-push reaches the port as a change (appType 2) or as new (1), which a port that has it answers with -401007. */
  readonly repush_app_type: 'change' | 'new';
  readonly openapi: OpenApiSettings;
  readonly places: Readonly<Record<string, Place>>;
  readonly delays: {
    readonly sending_ms: number;
    readonly delivered_ms: number;
    readonly passed_on_ms: number;
    readonly stored_ms: number;
    readonly settled_ms: number;
    readonly list_taken_ms: number;
    readonly list_released_ms: number;
    readonly late_release_ms: number;
  };
};

const unified: Place = { codes: 'numbers', split: true, repush: true };
const local: Place = { codes: 'none', split: true, repush: true };

/** Customs places of the Alipay and Antom documents, those of older documents included. */
const localPlaces = [
  'ZHENGZHOU',
  'HENAN',
  'NINGBO',
  'TIANJIN',
  'SHANGHAI_CBT',
  'GUANGZHOU_AIRPORT',
  'GUANGZHOU_NANSHA',
  'GUANGZHOU_HUANGPU',
  'GUANGZHOU_SHATIAN',
  'HANGZHOU',
  'GUANGZHOU',
  'SHANGHAI',
  'SHENZHEN',
  'XIAN',
  'CHONGQING',
];

export const initialSettings: Settings = {
  signing_reading: 'A',
  answer_charset: 'utf-8',
  body_charset_without_hint: 'gbk',
  unexecuted_restarts_gap: false,
  late_payment_revives: true,
  repush_app_type: 'change',
  openapi: initialOpenApiSettings,
  places: {
    ZONGSHU: unified,
    HANGZHOU_ZONGSHU: unified,
    ...Object.fromEntries(localPlaces.map((place) => [place, local])),
    NANSHAGJ: { ...local, repush: false },
  },
  delays: {
    sending_ms: 2_000,
    delivered_ms: 15_000,
    passed_on_ms: 20_000,
    stored_ms: 25_000,
    settled_ms: 585_000,
    list_taken_ms: 6_000,
    list_released_ms: 16_000,
    late_release_ms: 120_000,
  },
};

const choices: Readonly<Record<string, readonly unknown[]>> = {
  signing_reading: signingReadings,
  answer_charset: ['utf-8', 'gbk', 'as_request'],
  body_charset_without_hint: ['gbk', 'as_named'],
  unexecuted_restarts_gap: [true, false],
  late_payment_revives: [true, false],
  repush_app_type: ['change', 'new'],
};

/** Keys of `patch` replace those of `settings`; inside `places` and `delays` key by key. */
export function patchSettings(settings: Settings, patch: unknown): Settings {
  let next: Settings = settings;
  for (const [key, value] of Object.entries(fieldsOf(patch, 'settings'))) {
    if (key === 'places') next = { ...next, places: patchPlaces(next.places, value) };
    else if (key === 'openapi') next = { ...next, openapi: patchOpenApiSettings(next.openapi, value) };
    else if (key === 'delays') next = { ...next, delays: patchDelays(next.delays, value) };
    else if (choices[key]?.includes(value)) next = { ...next, [key]: value };
    else
      throw new BadRequest(`settings: ${key} is ${choices[key] ? `one of ${choices[key].join(', ')}` : 'not known'}`);
  }
  return next;
}

function patchPlaces(places: Settings['places'], patch: unknown): Settings['places'] {
  const next = { ...places };
  for (const [name, value] of Object.entries(fieldsOf(patch, 'places'))) {
    next[name.toUpperCase()] = { ...(next[name.toUpperCase()] ?? local), ...(fieldsOf(value, name) as Partial<Place>) };
  }
  return next;
}

function patchDelays(delays: Settings['delays'], patch: unknown): Settings['delays'] {
  const given = fieldsOf(patch, 'delays');
  for (const [key, value] of Object.entries(given)) {
    if (!(key in delays) || typeof value !== 'number' || value < 0)
      throw new BadRequest(`delays: ${key} is not a known delay`);
  }
  return { ...delays, ...given };
}
