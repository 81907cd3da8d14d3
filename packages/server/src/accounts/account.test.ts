import { expect, test } from 'vitest';
import { manifest } from '../channels/alipay/manifest.ts';
import { Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { checkAccount, liveSecrets } from './account.ts';
import type { NewAccount } from './account.ts';

const pid = '2088000000000001';

function check(settings: Record<string, string>, secrets: Record<string, string>): unknown {
  const sealed = Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, new Secret(text)]));
  const given: NewAccount = { merchantId: 'demo', channel: 'alipay', name: 'test', settings, secrets: sealed };
  const result = checkAccount(manifest, given);
  return result.ok ? result.value : `${result.refusal.code} ${result.refusal.pointer ?? ''}`;
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

test('what is wrong with an account is named by its field', () => {
  const table = [
    [{}, { md5_key: 'k' }, 'account.setting_invalid /settings/partner'],
    [{ partner: '2088' }, { md5_key: 'k' }, 'account.setting_invalid /settings/partner'],
    [{ partner: `${pid}\n` }, { md5_key: 'k' }, 'account.setting_invalid /settings/partner'],
    [{ partner: pid, sign_type: 'MD4' }, { md5_key: 'k' }, 'account.setting_invalid /settings/sign_type'],
    [{ partner: pid, gateway_url: 'ftp://x' }, { md5_key: 'k' }, 'account.setting_invalid /settings/gateway_url'],
    [{ partner: pid, partnr: pid }, { md5_key: 'k' }, 'account.setting_invalid /settings/partnr'],
    [{ partner: pid }, {}, 'account.secret_missing /secrets/md5_key'],
    [{ partner: pid }, { md5_key: '' }, 'account.secret_missing /secrets/md5_key'],
    [{ partner: pid, sign_type: 'RSA2' }, { md5_key: 'k' }, 'account.secret_missing /secrets/merchant_private_key'],
    [
      { partner: pid, sign_type: 'DSA' },
      { merchant_private_key: 'k' },
      'account.secret_missing /secrets/alipay_public_key',
    ],
  ] as const;
  for (const [settings, secrets, said] of table) expect(check(settings, secrets)).toBe(said);
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
