import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { ChannelAccount, DeclareInstruction, WireAnswer } from '../contract/index.ts';
import { declareRefusals, systemErrors } from './codes.ts';
import { declare } from './customs-declare.ts';
import { query } from './customs-query.ts';
import { manifest } from './manifest.ts';

const key = 'liushui0test0md5key0for0vectors0';
const secrets = { md5_key: [new Secret('another key, newer'), new Secret(`${key} `)] };
const account: ChannelAccount = { id: 'test', settings: { partner: '2088101568338364' } };
const moment = { at: 0 as Instant, nonce: '' };

const instruction: DeclareInstruction = {
  serialNo: 'ORDER-1',
  requestNo: 'LS20260102_000001',
  tradeNo: '2026010222001400010500000001',
  amount: { minor: 19900n, currency: CNY },
  place: 'ZONGSHU',
  customsCode: '3301TEST01',
  customsName: '杭州流水电子商务有限公司',
  isSplit: false,
};

function answer(body: string): WireAnswer {
  return { status: 200, headers: {}, body: new TextEncoder().encode(body) };
}

function signed(payload: string, text: string): WireAnswer {
  const sign = createHash('md5').update(text).update(key).digest('hex');
  return result(payload, `<sign>${sign}</sign>`);
}

function result(payload: string, sign: string): WireAnswer {
  return answer(`<alipay><is_success>T</is_success><response><alipay>${payload}</alipay></response>${sign}</alipay>`);
}

function readDeclare(from: WireAnswer) {
  return declare.interpret(from, instruction, account, secrets, moment.at);
}

function readQuery(from: WireAnswer, ...numbers: readonly string[]) {
  const asked = numbers.map((requestNo) => ({ requestNo }));
  return query.interpret(from, asked, account, secrets, moment.at);
}

function record(requestNo: string, status = 'succ'): string {
  return `<customs_declare><out_request_no>${requestNo}</out_request_no><trade_no>1</trade_no><status>${status}</status></customs_declare>`;
}

function found(records: string, notFound = ''): WireAnswer {
  const missing = notFound === '' ? '' : `<not_found>${notFound}</not_found>`;
  return result(`${missing}<result_code>SUCCESS</result_code><records>${records}</records>`, '');
}

test('every listed system error proves that nothing was executed, unsigned as it is', () => {
  for (const code of systemErrors.keys()) {
    const reading = readDeclare(answer(`<alipay><is_success>F</is_success><error>${code}</error></alipay>`));
    expect(reading).toMatchObject({ trust: 'transport_only', outcome: { kind: 'rejected', code } });
  }
});

test.each(['SYSTEM_ERROR', 'SESSION_TIMEOUT', 'ILLEGAL_TARGET_SERVICE', 'EXTERFACE_IS_CLOSED', 'toString', ''])(
  'the system error %j is doubt',
  (code) => {
    const from = answer(`<alipay><is_success>F</is_success><error>${code}</error></alipay>`);
    expect(readDeclare(from).outcome.kind).toBe('in_doubt');
    expect(readQuery(from, 'LS0001').byRequestNo.get('LS0001')?.kind).toBe('in_doubt');
  },
);

test('every listed refusal of a declaration is rejected when it is signed', () => {
  for (const code of declareRefusals.keys()) {
    const payload = `<detail_error_code>${code}</detail_error_code><result_code>FAIL</result_code>`;
    const reading = readDeclare(signed(payload, `detail_error_code=${code}&result_code=FAIL`));
    expect(reading).toMatchObject({ trust: 'verified', outcome: { kind: 'rejected', code } });
  }
});

test.each([...manifest.customs.declare.standsAlreadyCodes, 'SYSTEM_ERROR', 'ANOTHER_CODE'])(
  'the signed refusal %s of a declaration refuses nothing: ask',
  (code) => {
    const payload = `<detail_error_code>${code}</detail_error_code><result_code>FAIL</result_code>`;
    const reading = readDeclare(signed(payload, `detail_error_code=${code}&result_code=FAIL`));
    expect(reading).toMatchObject({ trust: 'verified', outcome: { kind: 'in_doubt' } });
    expect(reading.outcome).toMatchObject({ why: expect.stringContaining(code) as string });
  },
);

test('a declare answer without a signature proves nothing, in neither direction', () => {
  const accepted = `<out_request_no>${instruction.requestNo}</out_request_no><trade_no>1</trade_no><result_code>SUCCESS</result_code>`;
  const refused = '<detail_error_code>TRADE_NOT_EXIST</detail_error_code><result_code>FAIL</result_code>';
  for (const payload of [accepted, refused])
    expect(readDeclare(result(payload, ''))).toMatchObject({ trust: 'none', outcome: { kind: 'in_doubt' } });
});

test('an unsplit declaration whose answer names another payment number is taken, and the facts carry that number', () => {
  const payload = `<out_request_no>${instruction.requestNo}</out_request_no><result_code>SUCCESS</result_code><trade_no>77</trade_no>`;
  const reading = readDeclare(
    signed(payload, `out_request_no=${instruction.requestNo}&result_code=SUCCESS&trade_no=77`),
  );
  expect(reading.outcome).toEqual({
    kind: 'accepted',
    facts: { requestNo: instruction.requestNo, pushedPaymentNo: '77', extra: {} },
  });
});

test('a signature covers the decoded text of entities and of CDATA', () => {
  const payload = `<out_request_no>${instruction.requestNo}</out_request_no><result_code>SUCCESS</result_code><trade_no>1</trade_no><ver_dept>&lt;&#20013;&#x6D41;&amp;amp;<![CDATA[&amp;]]></ver_dept>`;
  const text = `out_request_no=${instruction.requestNo}&result_code=SUCCESS&trade_no=1&ver_dept=<中流&amp;&amp;`;
  expect(readDeclare(signed(payload, text))).toMatchObject({ trust: 'verified', outcome: { kind: 'accepted' } });
});

test.each(['&undefined;', '&#0;', '&#xD800;', '&#1114112;', '& '])(
  'an answer with %s in it is unreadable',
  (entity) => {
    const payload = `<out_request_no>${entity}</out_request_no><result_code>SUCCESS</result_code><trade_no>1</trade_no>`;
    expect(readDeclare(result(payload, '<sign>1</sign>'))).toMatchObject({ trust: 'transport_only' });
  },
);

test('a query answer is taken apart by number, and silence or contradiction about one is doubt about that one only', () => {
  const from = found(
    [
      record('LS0001'),
      record('LS0002'),
      record('LS0002', 'ws'),
      record('LS0003'),
      record('LS0004'),
      record('LS0004'),
      record('NOBODY'),
    ].join(''),
    'LS0003,LS0005',
  );
  const reading = readQuery(from, 'LS0001', 'LS0002', 'LS0003', 'LS0004', 'LS0005', 'LS0006');
  const kinds = [...reading.byRequestNo].map(([requestNo, outcome]) =>
    outcome.kind === 'succeeded'
      ? `${requestNo} ${outcome.facts.found ? 'found' : 'not found'}`
      : `${requestNo} ${outcome.kind}`,
  );
  expect(kinds).toEqual([
    'LS0001 found',
    'LS0002 in_doubt',
    'LS0003 in_doubt',
    'LS0004 found',
    'LS0005 not found',
    'LS0006 in_doubt',
  ]);
  expect(reading.trust).toBe('transport_only');
});

test('a refusal of a query is flat, so a wrong signature under it is a wrong signature', () => {
  const payload = '<detail_error_code>INVALID_PARAMETER</detail_error_code><result_code>FAIL</result_code>';
  const wrong = readQuery(result(payload, `<sign>${'0'.repeat(32)}</sign>`), 'LS0001');
  expect(wrong.trust).toBe('none');
  expect(wrong.byRequestNo.get('LS0001')?.kind).toBe('in_doubt');
  const unsigned = readQuery(result(payload, ''), 'LS0001');
  expect(unsigned.byRequestNo.get('LS0001')?.kind).toBe('in_doubt');
});

test.each<[string, Partial<DeclareInstruction>]>([
  ['declaration.request_no_malformed', { requestNo: 'LS:2026' }],
  ['declaration.request_no_malformed', { requestNo: 'LS12' }],
  ['declaration.place_malformed', { place: 'ZONG SHU' }],
  ['declaration.amount_not_positive_yuan', { amount: { minor: 0n, currency: CNY } }],
  ['declaration.amount_not_positive_yuan', { amount: { minor: 1n, currency: 'USD' as typeof CNY } }],
  ['declaration.value_length', { tradeNo: '' }],
  ['declaration.value_length', { customsCode: 'x'.repeat(21) }],
  ['declaration.value_length', { customsName: '流'.repeat(257) }],
  ['declaration.value_length', { isSplit: true }],
  ['declaration.text_not_in_charset', { customsName: '\udc00' }],
])('%s: case %# is not sent', (code, change) => {
  expect(declare.build({ ...instruction, ...change }, account, moment, secrets)).toMatchObject({
    ok: false,
    refusal: { code },
  });
});

test('an unsplit declaration sends neither a split mark nor a child order number', () => {
  const built = declare.build({ ...instruction, childOrderNo: 'C1' }, account, moment, secrets);
  const body = built.ok ? new TextDecoder().decode(built.value.finish('0').body) : '';
  expect(body).toContain('&amount=199.00&');
  expect(body).not.toMatch(/is_split|sub_out_biz_no|buyer/);
});

test('a batch of none, of eleven, or with one malformed number is not sent', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => ({ requestNo: `LS00000${at}` }));
  expect(query.build(numbers(10), account, moment, secrets).ok).toBe(true);
  for (const batch of [[], numbers(11), [...numbers(2), { requestNo: 'a,b_c_d' }]])
    expect(query.build(batch, account, moment, secrets).ok).toBe(false);
});

test('an answer with a control character is no XML, and so doubt: no database would take its texts', () => {
  const payload = record('LS0001').replace('<status>', '<memo>a\u0000b</memo><status>');
  expect(readQuery(found(payload), 'LS0001').byRequestNo.get('LS0001')?.kind).toBe('in_doubt');
});
