import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, WireAnswer } from '../contract/index.ts';
import { encodeText } from './charset.ts';
import type { Charset } from './charset.ts';
import { declare } from './customs-declare.ts';
import { query } from './customs-query.ts';
import vectors from './fixtures/vectors.json' with { type: 'json' };
import { canonicalText, defaultGatewayUrl, formText } from './mapi.ts';
import { sign, signatureFits } from './sign.ts';

const moment = { at: 0 as Instant, nonce: '' };
const { keys } = vectors;

function account(settings: Record<string, string>): ChannelAccount {
  return { id: 'test', settings: { partner: '2088101568338364', sign_type: 'MD5', ...settings } };
}

function secrets(values: Record<string, string>): AccountSecrets {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [new Secret(value)]]));
}

const md5Secrets = secrets({ md5_key: keys.md5_key });

function bytes(text: string, charset: Charset): Uint8Array {
  const encoded = encodeText(text, charset);
  if (!encoded) throw new Error(`${charset} cannot carry the vector`);
  return encoded;
}

function answerOf(xml: string, charset: Charset = 'utf-8'): WireAnswer {
  return { status: 200, headers: {}, body: bytes(xml, charset) };
}

function draftOf(result: ReturnType<typeof query.build>): Draft {
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

const declareM2 = {
  requestNo: 'LS20260102_000001',
  serialNo: 'LSO20260102000001',
  tradeNo: '2026010222001400010500000001',
  amount: { minor: 19900n, currency: CNY },
  place: 'ZONGSHU',
  customsCode: '3301TEST01',
  customsName: '杭州流水电子商务有限公司',
  isSplit: true,
  childOrderNo: 'LSO20260102000001-1',
  buyer: { name: new Secret('测试员'), idNo: new Secret('000000190001010000') },
};

test('M1: a query of three numbers has the published text, signature and address', async () => {
  const { params, prestring, md5, url } = vectors.M1;
  expect(canonicalText(Object.entries(params))).toBe(prestring);
  const numbers = params.out_request_nos.split(',').map((requestNo) => ({ requestNo }));
  const draft = draftOf(query.build(numbers, account({ input_charset: 'UTF-8' }), moment, md5Secrets));
  expect(new TextDecoder().decode(draft.toSign)).toBe(prestring);
  const signature = await sign(draft.toSign, account({}), md5Secrets);
  expect(signature).toBe(md5);
  expect(`${defaultGatewayUrl}?${new TextDecoder().decode(draft.finish(signature).body)}`).toBe(url);
});

test('M2: a split declaration with the orderer, in UTF-8', async () => {
  const draft = draftOf(declare.build(declareM2, account({ input_charset: 'utf-8' }), moment, md5Secrets));
  expect(new TextDecoder().decode(draft.toSign)).toBe(vectors.M2.prestring);
  expect(await sign(draft.toSign, account({}), md5Secrets)).toBe(vectors.M2.md5_utf8);
  expect(Buffer.from(bytes(declareM2.customsName, 'utf-8')).toString('hex')).toBe(vectors.M2.name_hex_utf8);
  expect(Buffer.from(bytes(declareM2.customsName, 'gbk')).toString('hex')).toBe(vectors.M2.name_hex_gbk);
});

test('M2g: the same in GBK signs and sends other bytes', async () => {
  const draft = draftOf(declare.build(declareM2, account({ input_charset: 'gbk' }), moment, md5Secrets));
  expect(draft.toSign.byteLength).toBe(vectors.M2g.prestring_bytes_gbk);
  const signature = await sign(draft.toSign, account({}), md5Secrets);
  expect(signature).toBe(vectors.M2g.md5_gbk);
  const request = draft.finish(signature);
  expect(new TextDecoder().decode(request.body)).toBe(vectors.M2g.body_gbk);
  expect(request.url).toBe(`${defaultGatewayUrl}?_input_charset=gbk`);
});

test('M2g in GB2312 sends the bytes of GBK, because the text stays inside GB2312', () => {
  const draft = draftOf(declare.build(declareM2, account({ input_charset: 'gb2312' }), moment, md5Secrets));
  const text = vectors.M2g.prestring.replace('gbk', 'gb2312');
  expect(draft.toSign).toEqual(bytes(text, 'gbk'));
});

test.each(['RSA', 'RSA2'] as const)('M3: %s signs the text of M1 as published', async (type) => {
  for (const key of [keys.app_private_pkcs8, keys.app_private_pkcs1, bare(keys.app_private_pkcs8)]) {
    const signature = await sign(
      bytes(vectors.M3.prestring, 'utf-8'),
      account({ sign_type: type }),
      secrets({ merchant_private_key: key }),
    );
    expect(signature).toBe(vectors.M3[type]);
  }
});

test('M3: a DSA signature is different each time and always verifies', async () => {
  const text = bytes(vectors.M3.prestring, 'utf-8');
  const dsa = account({ sign_type: 'DSA' });
  const live = secrets({ merchant_private_key: keys.dsa_private_pkcs8, alipay_public_key: keys.dsa_public });
  const made = await sign(text, dsa, live);
  expect(made).not.toBe(vectors.M3.DSA_example);
  expect(signatureFits(text, made, dsa, live)).toBe(true);
  expect(signatureFits(text, vectors.M3.DSA_example, dsa, live)).toBe(true);
  expect(signatureFits(bytes('another text', 'utf-8'), vectors.M3.DSA_example, dsa, live)).toBe(false);
});

test('M3g: RSA over GBK bytes', async () => {
  const draft = draftOf(
    declare.build(declareM2, account({ input_charset: 'gbk', sign_type: 'RSA' }), moment, md5Secrets),
  );
  const key = secrets({ merchant_private_key: keys.app_private_pkcs8 });
  expect(await sign(draft.toSign, account({ sign_type: 'RSA' }), key)).toBe(vectors.M3g.RSA);
});

test('M4: the answer to a split declaration is accepted, never succeeded, and names the pushed number', () => {
  const reading = declare.interpret(answerOf(vectors.M4.xml), declareM2, account({}), md5Secrets, moment.at);
  expect(reading).toEqual({
    trust: 'verified',
    outcome: {
      kind: 'accepted',
      facts: {
        requestNo: 'LS20260102_000001',
        pushedPaymentNo: '2026010203082370600000001',
        channelDeclareNo: '2026010203082370600000001',
        identityCheck: 'same',
        extra: {},
      },
    },
  });
});

test.each(['RSA', 'RSA2'] as const)('M4r: the same answer under %s, also while a second key is live', (type) => {
  const xml = vectors.M4.xml.replace(vectors.M4.md5, vectors.M4r[type]).replace('>MD5<', `>${type}<`);
  const live = { alipay_public_key: [new Secret(keys.app_public), new Secret(keys.alipay_public)] };
  const stale = { alipay_public_key: [new Secret(keys.app_public), new Secret('no key at all')] };
  const read = (held: AccountSecrets) =>
    declare.interpret(answerOf(xml), declareM2, account({ sign_type: type }), held, moment.at);
  expect(read(live).outcome.kind).toBe('accepted');
  expect(read(stale)).toMatchObject({ trust: 'none', outcome: { kind: 'in_doubt' } });
});

test('the sign_type of the answer cannot weaken the account: MD5 is no signature for an RSA account', () => {
  const held = { ...md5Secrets, alipay_public_key: [new Secret(keys.alipay_public)] };
  const reading = declare.interpret(
    answerOf(vectors.M4.xml),
    declareM2,
    account({ sign_type: 'RSA2' }),
    held,
    moment.at,
  );
  expect(reading).toMatchObject({ trust: 'none', outcome: { kind: 'in_doubt' } });
});

test('M5: a signed refusal with a listed code is rejected in the words of the channel', () => {
  const reading = declare.interpret(answerOf(vectors.M5.xml), declareM2, account({}), md5Secrets, moment.at);
  expect(reading).toEqual({
    trust: 'verified',
    outcome: { kind: 'rejected', code: 'CONTEXT_INCONSISTENT', text: '重推参数与原请求不一致' },
  });
});

test('M5g: the charset of the document decides the signed bytes, not the charset of the request', () => {
  const xml = vectors.M5.xml
    .replace('<?xml version="1.0" encoding="utf-8"?>', vectors.M5g.xml_declaration)
    .replace(vectors.M5.md5, vectors.M5g.md5_gbk);
  const reading = declare.interpret(
    answerOf(xml, 'gbk'),
    declareM2,
    account({ input_charset: 'utf-8' }),
    md5Secrets,
    moment.at,
  );
  expect(reading).toMatchObject({ trust: 'verified', outcome: { kind: 'rejected', code: 'CONTEXT_INCONSISTENT' } });
});

test.each([
  ['A', vectors.M6.A.md5, vectors.M6.inner, 'verified'],
  ['B', vectors.M6.B.md5, vectors.M6.inner, 'transport_only'],
  ['C', vectors.M6.C.md5, vectors.M6.inner, 'transport_only'],
  ['A-no-white-space', vectors.M6.A.md5, vectors.M6.inner.replaceAll('><', '>\n  <'), 'verified'],
  [undefined, '0'.repeat(32), vectors.M6.inner, 'transport_only'],
])('M6: a query answer signed by reading %s is read alike', (rule, md5, inner, trust) => {
  const xml = `<?xml version="1.0" encoding="utf-8"?><alipay><is_success>T</is_success><response><alipay>${inner}</alipay></response><sign>${md5}</sign><sign_type>MD5</sign_type></alipay>`;
  const asked = [{ requestNo: 'LS20260102_000001' }, { requestNo: 'LS20260102_000099' }];
  const reading = query.interpret(answerOf(xml), asked, account({}), md5Secrets, moment.at);
  expect(reading.signingRule).toBe(rule);
  expect(reading.trust).toBe(trust);
  expect(reading.byRequestNo.get('LS20260102_000099')).toEqual({ kind: 'succeeded', facts: { found: false } });
  expect(reading.byRequestNo.get('LS20260102_000001')).toEqual({
    kind: 'succeeded',
    facts: {
      found: true,
      requestNo: 'LS20260102_000001',
      progress: 'done',
      channelStatus: 'succ',
      pushedPaymentNo: '2026010203082370600000001',
      channelDeclareNo: '2026010203082370600000001',
      place: 'ZONGSHU',
      customsCode: '3301TEST01',
      customsName: '杭州流水电子商务有限公司',
      amount: { minor: 19900n, currency: CNY },
      isSplit: true,
      childOrderNo: 'LSO20260102000001-1',
      memo: '',
      lastModifiedAt: Date.UTC(2026, 0, 1, 19, 9, 2),
      receipt: {
        code: '2',
        text: '新增申报成功[00000000-0000-4000-8000-000000000001]',
        at: Date.UTC(2026, 0, 1, 19, 9, 30),
        receiptId: '00000000-0000-4000-8000-000000000001',
      },
    },
  });
});

test('M7: the canonical text keeps a value that looks encoded and drops the empty one', () => {
  const { params, prestring, md5 } = vectors.M7;
  expect(canonicalText(Object.entries(params))).toBe(prestring);
  expect(createHash('md5').update(bytes(prestring, 'utf-8')).update(keys.md5_key).digest('hex')).toBe(md5);
});

test.each([
  ['gbk', '流水😀'],
  ['gbk', '€'],
  ['gb2312', '朱镕基'],
  ['utf-8', 'half a pair \ud800'],
] as const)('%s cannot carry %j, so nothing is encoded', (charset, text) => {
  expect(encodeText(text, charset)).toBeUndefined();
  expect(formText([['name', text]], charset)).toBeUndefined();
});

function bare(pem: string): string {
  return pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
}
