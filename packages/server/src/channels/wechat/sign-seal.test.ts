import { constants, privateDecrypt } from 'node:crypto';
import { expect, test } from 'vitest';
import { Rsa } from 'wechatpay-axios-plugin';
import { Secret } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { AccountSecrets } from '../contract/index.ts';
import short from './fixtures/short-keys.json' with { type: 'json' };
import vectors from './fixtures/vectors.json' with { type: 'json' };
import { sealField } from './sign-seal.ts';

const { keys } = vectors;
const at = 1_796_090_400_000 as Instant;
const of = (text: string): readonly Secret[] => [new Secret(text)];
const secrets: AccountSecrets = {
  ...{ api_v3_key: of(keys.api_v3_key), platform_public_key: of(keys.platform_public) },
  platform_certificate: of(keys.platform_certificate),
};
const settings = { platform_keys: 'public_key', public_key_id: keys.public_key_id };

const sealed = (text: string, purpose = 'S1 oX', held: AccountSecrets = secrets, more: Record<string, string> = {}) => {
  const built = sealField(new Secret(text), purpose, { id: 'test', settings: { ...settings, ...more } }, held, at);
  return built.ok ? built.value : `${built.refusal.code} ${String(Object.values(built.refusal.params)[0])}`;
};
const opened = (text: string, key: string): string =>
  privateDecrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
    Buffer.from(text, 'base64'),
  ).toString();

test('what is sealed is opened by the platform, with its own library and with OpenSSL, up to the last byte that fits', () => {
  for (const text of ['张三', 'x', 'a'.repeat(214), '名'.repeat(71)]) {
    expect(opened(sealed(text), keys.platform_private_pkcs8)).toBe(text);
    expect(Rsa.decrypt(sealed(text), keys.platform_private_pkcs8)).toBe(text);
  }
  expect(sealed('a'.repeat(215))).toBe('channel.value_not_taken name');
  const byShortKey = { ...secrets, platform_public_key: of(short.platform_public) };
  expect(opened(sealed('a'.repeat(86), '', byShortKey), short.platform_private)).toBe('a'.repeat(86));
  expect(sealed('a'.repeat(87), '', byShortKey)).toBe('channel.value_not_taken name');
});

test('the same field of the same request is sealed alike; another request, field or key is not', () => {
  const first = sealed('张三');
  expect(sealed(' 张三 ')).toBe(first);
  const others = [
    sealed('张三', 'S2 oX'),
    sealed('张四'),
    sealed('张三', 'S1 oX', { ...secrets, api_v3_key: of('another key of 32 characters....') }),
  ];
  expect(new Set([first, ...others]).size).toBe(4);
});

test('it is sealed for the key that the request names: the public key, or the newest certificate', () => {
  const otherKey = { ...secrets, platform_public_key: of(short.platform_public) };
  expect(opened(sealed('张三', '', otherKey), short.platform_private)).toBe('张三');
  const byCertificate = sealed('张三', '', otherKey, { platform_keys: 'certificate' });
  expect(opened(byCertificate, keys.platform_private_pkcs8)).toBe('张三');
});

test('without a key to seal with, or with nothing to seal, nothing is sent', () => {
  const { platform_public_key: _key, ...keyless } = secrets;
  const { api_v3_key: _own, ...ownless } = secrets;
  expect(sealed('张三', '', keyless)).toBe('channel.not_set_up platform_public_key, platform_certificate');
  expect(sealed('张三', '', ownless)).toBe('channel.not_set_up api_v3_key');
  for (const text of ['', '  ', 'half \ud800']) expect(sealed(text)).toBe('channel.value_not_taken name');
});
