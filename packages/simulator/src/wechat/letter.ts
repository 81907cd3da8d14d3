import type { Notice } from './notices.ts';
import type { Settings } from './settings.ts';
import { answerMessage, lot, probeOf, scheme, sealed, signed } from './signing.ts';
import { rfc3339 } from './times.ts';
import type { Merchant } from './types.ts';
import { cdata, writeV2 } from './v2-xml.ts';
import { sealedRefund, v2Signature } from './v2-signing.ts';

export type Letter = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

const eventTypes = {
  paid: ['TRANSACTION.SUCCESS', 'transaction', '支付成功'],
  refunded: ['REFUND.SUCCESS', 'refund', '退款成功'],
  refund_abnormal: ['REFUND.ABNORMAL', 'refund', '退款异常'],
  refund_closed: ['REFUND.CLOSED', 'refund', '退款关闭'],
  // The same name as for payments: only the type of what is sealed tells them apart.
  shared: ['TRANSACTION.SUCCESS', 'profitsharing', '分账'],
  share_returned: ['TRANSACTION.SUCCESS', 'profitsharing', '分账回退'],
} as const;

/** A stranger's key: as long as the true one, and not it. */
const strangersKey = 'StrangersKeyStrangersKeyStranger';
const staleMs = 600_000;

/** One delivery as it goes over the wire; timestamp and nonces change with every repetition. */
export function letterOf(merchant: Merchant, notice: Notice, due: number, settings: Settings): Letter {
  return notice.content.version === 'v3' ? v3Letter(merchant, notice, due, settings) : v2Letter(merchant, notice, due);
}

function v3Letter(merchant: Merchant, notice: Notice, due: number, settings: Settings): Letter {
  const [usualType, originalType, summary] = eventTypes[notice.event];
  const eventType = eventTypeOf(originalType, usualType, summary, settings);
  const attempt = `${notice.seq} ${notice.attempts.length}`;
  const nonce = lot(`seal ${attempt}`, 12);
  const associated = notice.hasNoAad ? '' : originalType;
  const plain = JSON.stringify(notice.content.version === 'v3' ? notice.content.plain : {});
  const key = notice.isForged ? Buffer.from(strangersKey) : (merchant.apiV3Key ?? Buffer.from(strangersKey));
  const body = JSON.stringify({
    id: lot(`id ${settings.notice_id === 'stable' ? notice.seq : attempt}`, 36),
    create_time: rfc3339(notice.writtenAt),
    resource_type: 'encrypt-resource',
    event_type: eventType,
    summary,
    resource: {
      original_type: originalType,
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: sealed(plain, key, nonce, associated),
      associated_data: associated,
      nonce,
    },
  });
  const at = notice.isStale ? due - staleMs : due;
  return { headers: { 'content-type': 'application/json', ...signatureHeaders(merchant, notice, at, body) }, body };
}

function eventTypeOf(originalType: string, usual: string, summary: string, { share_event: named }: Settings): string {
  if (originalType !== 'profitsharing' || named !== 'PROFITSHARING') return usual;
  return summary === '分账' ? named : `${named}_RETURN`;
}

function signatureHeaders(merchant: Merchant, notice: Notice, at: number, body: string) {
  const { serial, privateKey } = signerOf(merchant, at, undefined, share(notice));
  const [timestamp, nonce] = [String(Math.floor(at / 1000)), lot(`sign ${notice.seq} ${notice.attempts.length}`, 32)];
  // A forger signs something else: the signature has the right shape and fits nothing.
  const genuine = signed(answerMessage(timestamp, nonce, notice.isForged ? `${body} forged` : body), privateKey);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': serial,
    'wechatpay-signature-type': scheme,
    'wechatpay-signature': notice.isProbeNext ? probeOf(genuine) : genuine,
  };
}

/** Where this callback stands among a hundred: the share that the public key signs grows during a migration. */
function share(notice: Notice): number {
  return (notice.seq * 37 + notice.attempts.length) % 100;
}

/** The key that signs: the public key when the caller named its id or its share is reached, else the newest certificate. */
export function signerOf(merchant: Merchant, at: number, asked: string | undefined, among: number) {
  const { publicKey } = merchant;
  const certificates = merchant.platformCertificates.filter((one) => one.effectiveAt <= at && one.expiresAt > at);
  const newest = certificates.toSorted((a, b) => b.effectiveAt - a.effectiveAt)[0] ?? merchant.platformCertificates[0];
  if (publicKey && (!newest || asked === publicKey.id || among < merchant.publicKeyPercent))
    return { serial: publicKey.id, privateKey: publicKey.privateKey };
  if (!newest) throw new Error(`merchant ${merchant.mchid} has no key of the platform`);
  return { serial: newest.serial, privateKey: newest.privateKey };
}

function v2Letter(merchant: Merchant, notice: Notice, due: number): Letter {
  const headers = { 'content-type': 'text/xml; charset=utf-8' };
  const { content } = notice;
  if (content.version !== 'v2') throw new Error('a callback of v3 is no letter of v2');
  const key = notice.isForged ? strangersKey : (merchant.v2Key ?? strangersKey);
  const nonce = ['nonce_str', lot(`nonce ${notice.seq} ${due}`, 32)] as const;
  if (notice.event !== 'paid') {
    const plain = `<root>\n${content.pairs.map(([name, value]) => `<${name}>${cdata(value)}</${name}>\n`).join('')}</root>`;
    const named = [['appid', content.appid] as const, ['mch_id', notice.mchid] as const, nonce];
    const body = writeV2([['return_code', 'SUCCESS'], ...named, ['req_info', sealedRefund(plain, key)]]);
    return { headers, body };
  }
  const pairs = [...content.pairs, nonce];
  return { headers, body: writeV2([...pairs, ['sign', v2Signature(pairs, key, 'MD5')]]) };
}
