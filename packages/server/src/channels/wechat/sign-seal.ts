import { constants, createHash, createHmac, publicEncrypt } from 'node:crypto';
import { done, refuse } from '../../kernel/index.ts';
import type { Instant, Result, Secret } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount } from '../contract/index.ts';
import { platformKey, wantedSerial } from './sign.ts';

/** RSAES-OAEP with SHA-1, MGF1 with SHA-1 and no label (APIv3, sensitive fields; RFC 8017, 7.1.1). */
const digestBytes = 20;
const overhead = 2 * digestBytes + 2;

/**
 * A field that only the platform can read, under the key that `Wechatpay-Serial` names. What is random in it elsewhere comes from the account's
 * APIv3 key and from `purpose` here, so that the same request has the same bytes and nobody else can guess what is inside.
 */
export function sealField(
  secret: Secret,
  purpose: string,
  account: ChannelAccount,
  secrets: AccountSecrets,
  at: Instant,
): Result<string> {
  const serial = wantedSerial(account, secrets, at);
  const key = serial === undefined ? undefined : platformKey(serial, account, secrets, at);
  const bits = key?.asymmetricKeyDetails?.modulusLength;
  if (!key || bits === undefined)
    return refuse('channel.not_set_up', { setting: 'platform_public_key, platform_certificate' });
  const own = secrets['api_v3_key']?.[0]?.reveal().trim();
  if (own === undefined || own === '') return refuse('channel.not_set_up', { setting: 'api_v3_key' });
  const text = secret.reveal().trim();
  const plain = Buffer.from(text);
  const size = Math.ceil(bits / 8);
  if (plain.byteLength === 0 || plain.byteLength > size - overhead || !text.isWellFormed())
    return refuse('channel.value_not_taken', { field: 'name', allowed: `1–${size - overhead} bytes` });
  const seed = createHmac('sha256', own).update(`${purpose}\n${text}`).digest().subarray(0, digestBytes);
  const sealed = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, padded(plain, seed, size));
  return done(sealed.toString('base64'));
}

/** EME-OAEP: a zero, the masked seed, the masked block. */
function padded(plain: Buffer, seed: Buffer, size: number): Buffer {
  const block = Buffer.alloc(size - digestBytes - 1);
  createHash('sha1').digest().copy(block);
  block[block.byteLength - plain.byteLength - 1] = 1;
  plain.copy(block, block.byteLength - plain.byteLength);
  const maskedBlock = masked(block, seed);
  return Buffer.concat([Buffer.alloc(1), masked(seed, maskedBlock), maskedBlock]);
}

function masked(bytes: Buffer, from: Buffer): Buffer {
  const mask = Buffer.concat(
    Array.from({ length: Math.ceil(bytes.byteLength / digestBytes) }, (_, count) => {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(count);
      return createHash('sha1').update(from).update(counter).digest();
    }),
  );
  return Buffer.from(bytes.map((byte, index) => byte ^ (mask[index] ?? 0)));
}
