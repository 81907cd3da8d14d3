// Goal: two public packages, written by others, accept what our connector sends and read what it reads; and they get along with the simulator.
// Method: their signers and verifiers over our requests and over messages; one of them as a shop of the simulator, on the machine's clock.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import { Aes, Formatter, Hash, Rsa, Transformer } from 'wechatpay-axios-plugin';
import WxPay from 'wechatpay-node-v3';
import { describe, expect, test } from 'vitest';
import connector from '../../src/channels/wechat/index.ts';
import type { AccountSecrets, ChannelAccount, DeclareInstruction, Draft } from '../../src/channels/contract/index.ts';
import vectors from '../../src/channels/wechat/fixtures/vectors.json' with { type: 'json' };
import { CNY, Secret } from '../../src/kernel/index.ts';
import type { Instant, Result } from '../../src/kernel/index.ts';
import { doorsOf } from '../kit/pay-side.ts';

const { keys } = vectors;
const mchid = '1800000042';
const appid = 'wx0123456789abcdef';
const at = 1_796_090_400_000 as Instant;
const moment = { at, nonce: '0198c2f4-0000-7000-8000-000000000001' };
const of = (text: string): readonly Secret[] => [new Secret(text)];
const secrets: AccountSecrets = {
  ...{ merchant_private_key: of(keys.merchant_private_pkcs8), api_v3_key: of(keys.api_v3_key) },
  ...{ api_v2_key: of(keys.api_v2_key), platform_public_key: of(keys.platform_public) },
};
const account = (more: Readonly<Record<string, string>> = {}): ChannelAccount => ({
  id: 'test',
  settings: {
    ...{ mchid, appid, merchant_serial_no: keys.merchant_serial, fund_flow: 'new', api_v2: 'on' },
    ...{ platform_keys: 'public_key', public_key_id: keys.public_key_id, ...more },
  },
});

/** Keys that the package would fetch otherwise. */
class NodeV3 extends WxPay {
  knows(serial: string, key: string): void {
    WxPay.certificates = { ...WxPay.certificates, [serial]: key };
  }
}

function nodeV3(): NodeV3 {
  const own = {
    publicKey: Buffer.from(keys.merchant_certificate),
    privateKey: Buffer.from(keys.merchant_private_pkcs8),
  };
  const made = new NodeV3({ appid, mchid, serial_no: keys.merchant_serial, key: keys.api_v3_key, ...own });
  made.knows(keys.public_key_id, keys.platform_public);
  return made;
}

const amount = { minor: 19_900n, currency: CNY };
const payment = {
  ...{ serialNo: 'LS20261201-0001', amount, subject: '奶粉 50% & <茶>', notifyUrl: 'https://pay.example.com/n/1' },
  deadlineAt: (at + 1_800_000) as Instant,
};
const payer = { payerId: new Secret('oLiushui'), payerAddress: new Secret('203.0.113.7') };
const refund = {
  ...{ refundNo: 'R|1', serialNo: payment.serialNo, tradeNo: '42000', amount, whole: amount, reason: '不想要了' },
  notifyUrl: payment.notifyUrl,
};
const declaration: DeclareInstruction = {
  ...{ requestNo: 'C1', serialNo: payment.serialNo, tradeNo: '42000', amount, place: 'ZONGSHU', customsCode: '4401' },
  ...{ customsName: '', isSplit: true, childOrderNo: 'C1' },
  buyer: { name: new Secret('张三 & <李四>'), idNo: new Secret('11010119900307123x') },
};
const pay = connector.pay!;
const customs = connector.customs!;
const overseas = account({ customs_api: 'v3' });
type Made = readonly [name: string, built: Result<Draft>];

const code = { ...payment, product: 'code', payerCode: new Secret('134567890123456789') };
const ofV3: readonly Made[] = [
  ...['native', 'jsapi', 'mini', 'h5', 'app'].map((product): Made => {
    return [product, pay.submit.build({ ...payment, ...payer, product }, account(), moment, secrets)];
  }),
  ['query', pay.query.build({ ...payment, product: 'native' }, account(), moment, secrets)],
  ['close', pay.close.build({ ...payment, product: 'native' }, account(), moment, secrets)],
  ['reversal', pay.cancel!.build(code, account(), moment, secrets)],
  ['refund', connector.refund!.submit.build(refund, account(), moment, secrets)],
  ['question about a refund', connector.refund!.query.build(refund, account(), moment, secrets)],
  ['declaration', customs.declare.build(declaration, overseas, moment, secrets)],
  ['push', customs.rePush!.build(declaration, overseas, moment, secrets)],
  ['question about a declaration', customs.query.build([declaration], overseas, moment, secrets)],
];
const ofV2: readonly Made[] = [
  ['charge', pay.submit.build(code, account(), moment, secrets)],
  ['question', pay.query.build(code, account(), moment, secrets)],
  ['reversal', pay.cancel!.build(code, account({ code_reversal: 'v2' }), moment, secrets)],
  ['declaration', customs.declare.build(declaration, account(), moment, secrets)],
  ['push', customs.rePush!.build(declaration, account(), moment, secrets)],
  ['question about a declaration', customs.query.build([declaration], account(), moment, secrets)],
];

async function sent(built: Result<Draft>) {
  if (!built.ok) throw new Error(built.refusal.code);
  const { toSign, signWith, finish } = built.value;
  const request = finish(await connector.sign(toSign, account(), secrets, signWith));
  return { ...request, text: Buffer.from(request.body ?? []).toString() };
}

describe('what our connector sends', () => {
  test.each(ofV3)(
    'over APIv3 (%s) is signed as both packages sign, and one of them verifies it',
    async (_name, built) => {
      const { method, url, headers, text } = await sent(built);
      const path = url.replace(/^https:\/\/[^/]+/, '');
      const parts = Object.fromEntries(
        [...headers['authorization']!.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
      );
      const { timestamp = '', nonce_str: nonce = '', signature = '' } = parts;
      const message = Formatter.request(method, path, timestamp, nonce, text);
      expect(Rsa.verify(message, signature, keys.merchant_certificate)).toBe(true);
      expect(Rsa.verify(`${message} `, signature, keys.merchant_certificate)).toBe(false);
      // The package writes four lines for a POST without a body; we send none.
      const theirs = nodeV3();
      expect(theirs.getSignature(method, nonce, timestamp, path, text)).toBe(signature);
      expect(headers['authorization']).toBe(theirs.getAuthorization(nonce, timestamp, signature));
    },
  );

  test.each(ofV2)(
    'over version 2 (%s) is read by their reader and carries the signature that theirs makes',
    async (_name, built) => {
      const { text } = await sent(built);
      const { sign, ...fields } = Transformer.toObject(text) as Record<string, string>;
      const type = fields['sign_type'] === 'HMAC-SHA256' ? 'HMAC-SHA256' : 'MD5';
      expect(Hash.sign(type, fields, keys.api_v2_key)).toBe(sign);
      expect(sign).toMatch(type === 'MD5' ? /^[0-9A-F]{32}$/ : /^[0-9A-F]{64}$/);
    },
  );
});

describe('what comes back', () => {
  const body = JSON.stringify({ ...JSON.parse(vectors.C1.plain), out_trade_no: payment.serialNo });
  const headersFor = (text: string) => ({
    ...{ 'wechatpay-timestamp': String(at / 1000), 'wechatpay-nonce': 'NONCE', 'wechatpay-serial': keys.public_key_id },
    'wechatpay-signature': Rsa.sign(Formatter.response(String(at / 1000), 'NONCE', text), keys.platform_private_pkcs8),
  });
  const verifiedBy = (text: string, headers: ReturnType<typeof headersFor>) => {
    const [nonce, serial, signature] = ['NONCE', headers['wechatpay-serial'], headers['wechatpay-signature']];
    return nodeV3().verifySign({ timestamp: at / 1000, nonce, serial, signature, body: text });
  };

  test('an answer that they sign we verify, and one that is changed neither of us does', async () => {
    const headers = headersFor(body);
    const read = (text: string) => {
      const answer = { status: 200, headers, body: Buffer.from(text) };
      return pay.query.interpret(answer, { ...payment, product: 'jsapi' }, account(), secrets, at).trust;
    };
    expect([read(body), await verifiedBy(body, headers)]).toEqual(['verified', true]);
    const changed = body.replace('SUCCESS', 'REFUND');
    expect([read(changed), await verifiedBy(changed, headers)]).toEqual(['none', false]);
  });

  test('a message that they seal we open; of one whose seal is broken one package still shows the content, we do not', async () => {
    const [nonce, aad] = ['LSn0nce00001', 'transaction'];
    const message = (ciphertext: string) => {
      const resource = {
        original_type: 'transaction',
        algorithm: 'AEAD_AES_256_GCM',
        ciphertext,
        associated_data: aad,
        nonce,
      };
      return JSON.stringify({ id: 'EV-1', event_type: 'TRANSACTION.SUCCESS', resource });
    };
    const read = (text: string) =>
      pay.notice.read(
        { method: 'POST', query: '', headers: headersFor(text), body: Buffer.from(text) },
        ...([account(), secrets, at] as const),
      );
    const sealed = Aes.AesGcm.encrypt(body, keys.api_v3_key, nonce, aad);
    const heard = read(message(sealed));
    expect(heard).toMatchObject({ trust: 'verified', kind: 'payment', isOurs: true, serialNo: payment.serialNo });
    expect(nodeV3().decipher_gcm(sealed, aad, nonce)).toEqual(JSON.parse(body));
    const broken = Buffer.from(sealed, 'base64');
    broken[broken.length - 1]! ^= 1;
    const spoilt = broken.toString('base64');
    expect(() => Aes.AesGcm.decrypt(spoilt, keys.api_v3_key, nonce, aad)).toThrow();
    expect(nodeV3().decipher_gcm(spoilt, aad, nonce)).toEqual(JSON.parse(body));
    expect(read(message(spoilt))).toMatchObject({ trust: 'none', isOurs: false });
  });
});

test('the other package orders, finds, closes and refunds at the simulator, and verifies what it answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'liushui-libraries-'));
  const simulators = await startSimulators({ dataDir: folder, clock: 'stepped', at: Date.now() });
  try {
    const { post } = doorsOf(simulators.wechatUrl);
    await post('/control/merchants', {
      ...{ mchid, appids: [appid], certificate_pems: [keys.merchant_certificate], api_v3_key: keys.api_v3_key },
      ...{ v2_key: keys.api_v2_key, public_key_percent: 100 },
      platform_public_key: { id: keys.public_key_id, private_key_pem: keys.platform_private_pkcs8 },
    });
    await post('/control/settings', { probe_every: 0 });
    const shop = nodeV3();
    const verified: boolean[] = [];
    const call = async (method: string, url: string, headers: Record<string, string>, params?: object) => {
      const more = params === undefined ? {} : { body: JSON.stringify(params) };
      const answer = await fetch(url.replace('https://api.mch.weixin.qq.com', simulators.wechatUrl), {
        ...{ method, headers: { ...headers, 'content-type': 'application/json' }, ...more },
      });
      const text = await answer.text();
      const said = (name: string) => answer.headers.get(`wechatpay-${name}`) ?? '';
      const [timestamp, nonce, serial, signature] = ['timestamp', 'nonce', 'serial', 'signature'].map(said);
      if (answer.ok)
        verified.push(
          await shop.verifySign({
            timestamp: timestamp!,
            nonce: nonce!,
            serial: serial!,
            signature: signature!,
            body: text,
          }),
        );
      return { status: answer.status, data: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
    };
    shop.createHttp({
      get: (url, headers) => call('GET', url, headers),
      post: (url, params, headers) => call('POST', url, headers, params),
      upload: () => Promise.reject(new Error('nothing is uploaded')),
    });
    const order = (no: string) => ({
      description: '奶粉',
      out_trade_no: no,
      notify_url: 'https://pay.example.com/n/1',
      amount: { total: 100 },
    });
    const ordered = await shop.transactions_native(order('ORDER-1'));
    expect(ordered).toMatchObject({ status: 200, data: { code_url: expect.stringMatching(/^weixin:/) as string } });
    await post('/control/pay', { out_trade_no: 'ORDER-1' });
    expect(await shop.query({ out_trade_no: 'ORDER-1' })).toMatchObject({ data: { trade_state: 'SUCCESS' } });
    const part = { out_refund_no: 'R1', amount: { refund: 40, total: 100, currency: 'CNY' } };
    expect(await shop.refunds({ out_trade_no: 'ORDER-1', ...part })).toMatchObject({ data: { status: 'PROCESSING' } });
    expect(await shop.find_refunds('R1')).toMatchObject({ data: { amount: { refund: 40 } } });
    await shop.transactions_native(order('ORDER-2'));
    expect(await shop.close('ORDER-2')).toMatchObject({ status: 204 });
    expect(await shop.query({ out_trade_no: 'ORDER-2' })).toMatchObject({ data: { trade_state: 'CLOSED' } });
    expect(await shop.query({ out_trade_no: 'ORDER-3' })).toMatchObject({ status: 404 });
    expect(verified).toEqual(Array.from({ length: 7 }, () => true));
  } finally {
    await simulators.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
