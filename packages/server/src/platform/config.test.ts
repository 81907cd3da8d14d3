import { expect, test } from 'vitest';
import { defaultDataFolder, readConfig, readConfigOfProcess } from './config.ts';
import type { Config } from './config.ts';

const read = (env: Record<string, string>) =>
  readConfig({ env, checkout: '/home/li/liushui', asRoot: false, workingFolder: '/home/li' });

function config(env: Record<string, string>): Config {
  const result = read(env);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

test('nothing needs to be configured', () => {
  expect(config({})).toEqual({
    dataFolder: '/home/li/liushui/.liushui',
    lang: 'en',
    colour: true,
    accessible: false,
    listen: { host: '127.0.0.1', port: 7788 },
  });
  expect(readConfigOfProcess().ok).toBe(true);
});

test('two checkouts of one name do not share a folder, and root works where PostgreSQL can', () => {
  const one = defaultDataFolder('/srv/a/liushui', true);
  expect(one).toMatch(/^\/var\/lib\/liushui\/liushui-[0-9a-f]{8}$/);
  expect(defaultDataFolder('/srv/b/liushui', true)).not.toBe(one);
});

const good: [string, string, Partial<Config>][] = [
  ['LIUSHUI_DATA', 'books', { dataFolder: '/home/li/books' }],
  ['LIUSHUI_LISTEN', '0.0.0.0:80', { listen: { host: '0.0.0.0', port: 80 } }],
  ['LIUSHUI_TRUSTED_PROXIES', '127.0.0.1, 10.0.0.0/24,::1', { trustedProxies: ['127.0.0.1', '10.0.0.0/24', '::1'] }],
  ['LIUSHUI_LISTEN', '[::1]:0', { listen: { host: '::1', port: 0 } }],
  ['DATABASE_URL', 'postgres://u:p@db:5432/liushui', { databaseUrl: 'postgres://u:p@db:5432/liushui' }],
  ['PUBLIC_URL', 'https://pay.example.com/', { publicUrl: 'https://pay.example.com' }],
  ['LIUSHUI_LANG', 'zh', { lang: 'zh' }],
  ['LANG', 'zh_CN.UTF-8', { lang: 'zh' }],
  ['NO_COLOR', '1', { colour: false }],
  ['NO_COLOR', '', { colour: true }],
  ['ACCESSIBLE', '1', { accessible: true }],
  ['ACCESSIBLE', '0', { accessible: false }],
  ['LIUSHUI_MASTER_KEY_FILE', '/etc/liushui.key', { masterKeyFile: '/etc/liushui.key' }],
  ['LIUSHUI_CRASH_AT', 'worker.heard:2', { crashAt: { name: 'worker.heard', hit: 2 } }],
];
test.each(good)('%s=%s is understood', (name, value, expected) => {
  expect(config({ [name]: value })).toMatchObject(expected);
});

test.each([
  ['LIUSHUI_LISTEN', '7788'],
  ['LIUSHUI_TRUSTED_PROXIES', 'all'],
  ['LIUSHUI_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['LIUSHUI_LISTEN', 'localhost:70000'],
  ['DATABASE_URL', 'mysql://u:hidden@db/x'],
  ['DATABASE_URL', 'postgres://db'],
  ['PUBLIC_URL', 'pay.example.com'],
  ['PUBLIC_URL', 'https://pay.example.com/?a=1'],
  ['LIUSHUI_LANG', 'de'],
  ['LIUSHUI_CRASH_AT', 'somewhere'],
])('%s=%s is refused by name and rule', (name, value) => {
  expect(read({ [name]: value })).toMatchObject({ ok: false, refusal: { code: 'config.invalid', params: { name } } });
});

test('two master keys are one too many', () => {
  const env = { LIUSHUI_MASTER_KEY: 'k', LIUSHUI_MASTER_KEY_FILE: '/k' };
  expect(read(env)).toMatchObject({ refusal: { params: { name: 'LIUSHUI_MASTER_KEY', found: '***' } } });
});

test('secrets do not show, neither in the settings nor in a refusal', () => {
  expect(JSON.stringify(config({ LIUSHUI_TOKEN: 'hidden', LIUSHUI_MASTER_KEY: 'hidden' }))).not.toContain('hidden');
  expect(JSON.stringify(read({ DATABASE_URL: 'mysql://u:hidden@db/x' }))).not.toContain('hidden');
});
