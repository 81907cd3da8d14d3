import { expect, test } from 'vitest';
import connector from '../channels/alipay/index.ts';
import wechat from '../channels/wechat/index.ts';
import { describe } from '../platform/refusals.ts';
import { Secret } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import { checkAccount, liveSecrets } from './account.ts';
import { formOf } from './form.ts';

const pid = '2088000000000001';
const now = Date.UTC(2026, 10, 1) as Instant;

const sealed = (secrets: Record<string, string>): Record<string, Secret> =>
  Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, new Secret(text)]));

function check(settings: Record<string, string>, secrets: Record<string, string>): unknown {
  const result = checkAccount(connector, { name: 'test', settings, secrets: sealed(secrets) }, now);
  return result.ok
    ? result.value
    : `${result.refusal.code} ${result.refusal.pointer ?? result.refusal.params['fields']}`;
}

test('an account has the settings of its manifest, with the defaults filled in', () => {
  expect(check({ partner: pid }, { md5_key: 'k' })).toEqual({
    partner: pid,
    gateway_url: 'https://mapi.alipay.com/gateway.do',
    input_charset: 'utf-8',
    sign_type: 'MD5',
    openapi_mode: 'none',
    openapi_gateway_url: 'https://openapi.alipay.com/gateway.do',
    content_encryption: 'none',
  });
});

test('what is wrong with an account is named by its field, all of it at once', () => {
  const table = [
    [{}, { md5_key: 'k' }, 'account.setting_missing /settings/partner'],
    [{ partner: '2088' }, { md5_key: 'k' }, 'account.setting_invalid /settings/partner'],
    [{ partner: `${pid}\n` }, { md5_key: 'k' }, 'account.setting_invalid /settings/partner'],
    [{ partner: pid, sign_type: 'MD4' }, { md5_key: 'k' }, 'account.setting_invalid /settings/sign_type'],
    [{ partner: pid, gateway_url: 'ftp://x' }, { md5_key: 'k' }, 'account.setting_invalid /settings/gateway_url'],
    [{ partner: pid, partnr: pid }, { md5_key: 'k' }, 'account.field_unknown /settings/partnr'],
    [{ partner: pid }, { md5_key: 'k', md5key: 'k' }, 'account.field_unknown /secrets/md5key'],
    [{ partner: pid, openapi_mode: 'none', app_id: '' }, { md5_key: 'k' }, undefined],
    [
      { partner: pid, openapi_mode: 'key' },
      { md5_key: 'k', app_private_key: 'k', alipay_openapi_public_key: 'k' },
      'account.setting_missing /settings/app_id',
    ],
    [{ partner: pid }, {}, 'account.secret_missing /secrets/md5_key'],
    [{ partner: pid }, { md5_key: '' }, 'account.secret_missing /secrets/md5_key'],
    [
      { partner: pid, sign_type: 'RSA2' },
      { md5_key: 'k' },
      'account.form_unfit /secrets/merchant_private_key, /secrets/alipay_public_key',
    ],
    [
      { sign_type: 'DSA', openapi_mode: 'x' },
      { merchant_private_key: 'k' },
      'account.form_unfit /settings/partner, /settings/openapi_mode, /secrets/alipay_public_key',
    ],
  ] as const;
  for (const [settings, secrets, said] of table)
    if (said === undefined) expect(check(settings, secrets)).toMatchObject({ partner: pid });
    else expect(check(settings, secrets)).toBe(said);
});

function refusalOf(settings: Record<string, string>, secrets: Record<string, string>): Refusal {
  const result = checkAccount(wechat, { name: 'test', settings, secrets: sealed(secrets) }, now);
  return result.ok ? expect.unreachable() : result.refusal;
}

test('what the form wants and what the channel itself finds stand in one list, with label, flag and form in both languages', () => {
  const refusal = refusalOf({ mchid: '1', fund_flow: 'new' }, { api_v3_key: 'short' });
  const lines = (lang: 'zh' | 'en'): string[] =>
    describe(refusal, lang)
      .split('\n')
      .filter((line) => line.startsWith('  '));
  expect(lines('en')).toEqual([
    '  --setting mchid=…  Merchant number (of the service provider, where there is one): "1" was given; it is 8–10 digits',
    '  --setting appid=…  Application id for native, JSAPI and H5: missing; it is wx + 16 of 0-9a-f',
    '  --setting merchant_serial_no=…  Serial number of the merchant certificate: missing; it is 16–40 of 0-9A-F',
    '  --setting public_key_id=…  Id of the WeChat Pay public key: missing; it is PUB_KEY_ID_ + 1–64 of 0-9A-Za-z',
    '  --secret-file merchant_private_key=FILE  Private key of the merchant certificate: missing',
    '  --secret-file platform_public_key=FILE  WeChat Pay public key: missing',
    '  --secret-file api_v3_key=FILE  APIv3 key: cannot be read; it is 32 characters',
  ]);
  expect(lines('zh')).toHaveLength(7);
  for (const line of lines('zh')) expect(line).toMatch(/ [^A-Za-z ]*[\u4e00-\u9fff].*：/);
});

test('what is wrong with one field is said once, by the manifest', () => {
  const refusal = refusalOf({ sub_appid: 'wx0123456789abcdef', sub_mchid: 'x' }, {});
  expect(
    String(refusal.params['fields'])
      .split(', ')
      .filter((one) => one === '/settings/sub_mchid'),
  ).toHaveLength(1);
});

test('a form is said in words as far as words go', () => {
  const said = (pattern: string): string => formOf({ pattern }).en;
  expect(said('^2088\\d{12}$')).toBe('2088 + 12 digits');
  expect(said('^https?://[^\\s?#]+$')).toBe('an address with http:// or https://');
  expect(said('^(?:[1-9]\\d?|100)$')).toBe('^(?:[1-9]\\d?|100)$');
  expect(formOf({ pattern: '^x$', oneOf: ['on', 'off'] }).zh).toBe('on | off');
});

test('of several keys those live at the moment count, the newest first', () => {
  const row = (name: string, from: number, to?: number) => ({
    field: 'md5_key',
    secret: new Secret(name),
    validFrom: from as Instant,
    validTo: to as Instant | undefined,
  });
  const rows = [row('old', 0, 20), row('new', 10), row('next', 30), row('gone', 0, 5)];
  const live = (at: number): string[] => (liveSecrets(rows, at as Instant)['md5_key'] ?? []).map((one) => one.reveal());
  expect([live(0), live(12), live(20), live(30)]).toEqual([['old', 'gone'], ['new', 'old'], ['new'], ['next', 'new']]);
});
