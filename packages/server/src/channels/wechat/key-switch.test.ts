import { createSign, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secret } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import { vouchedFor } from './sign.ts';

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const [earlier, newest, strange] = [pair(), pair(), pair()];
const [oldId, newId] = ['PUB_KEY_ID_01', 'PUB_KEY_ID_02'];
const at = 1_800_000_000_000 as Instant;

type Pair = typeof earlier;

/** How a message counts that is signed with this key and names this id, while the account holds these keys under the new id. */
function trustOf(id: string, signer: Pair, ...held: Pair[]): string {
  const signature = createSign('RSA-SHA256').update('1800000000\nn\n{}\n').sign(signer.privateKey, 'base64');
  const headers = {
    ...{ 'wechatpay-timestamp': '1800000000', 'wechatpay-nonce': 'n', 'wechatpay-serial': id },
    'wechatpay-signature': signature,
  };
  const account = { id: 'A1', settings: { platform_keys: 'public_key', public_key_id: newId } };
  const secrets = { platform_public_key: held.map(({ publicKey }) => new Secret(publicKey)) };
  return vouchedFor(headers, Buffer.from('{}'), account, secrets, at).trust;
}

test('what the platform signed with the key before verifies while that key is live, under the id it had then or a mended one', () => {
  expect(trustOf(newId, newest, newest, earlier)).toBe('verified');
  expect(trustOf(oldId, earlier, newest, earlier)).toBe('verified');
  expect(trustOf(newId, earlier, newest, earlier)).toBe('verified');
  expect(trustOf(oldId, earlier, newest)).toBe('none');
  expect(trustOf(newId, earlier, newest)).toBe('none');
});

test('under another id than the account’s the newest key proves nothing, and nowhere does a key that is not held', () => {
  expect(trustOf(oldId, newest, newest)).toBe('none');
  expect(trustOf(oldId, newest, newest, earlier)).toBe('none');
  for (const id of [oldId, newId]) expect(trustOf(id, strange, newest, earlier), id).toBe('none');
});
