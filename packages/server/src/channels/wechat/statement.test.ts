import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { BusinessDate, Instant } from '../../kernel/index.ts';
import { Secret } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, StatementQuestion } from '../contract/index.ts';
import vectors from './fixtures/vectors.json' with { type: 'json' };
import bill from './fixtures/bill.json' with { type: 'json' };
import connector from './index.ts';
import { micro, negated, unescaped } from './statement-table.ts';

const { keys } = vectors;
const { ask, fetch, read } = connector.statement!;
const day = '2026-12-01' as BusinessDate;
const trade: StatementQuestion = { kind: 'trade', day };
const flow: StatementQuestion = { kind: 'flow', day };
const moment = { at: 1_796_090_400_000 as Instant, nonce: 'nonce' };
const account: ChannelAccount = {
  id: 'test',
  settings: {
    ...{ mchid: '1800000042', appid: 'wx0123456789abcdef', merchant_serial_no: keys.merchant_serial },
    ...{ platform_keys: 'public_key', public_key_id: keys.public_key_id, fund_flow: 'new' },
  },
};
const secrets: AccountSecrets = { merchant_private_key: [new Secret(keys.merchant_private_pkcs8)] };
const packed = Buffer.from(bill.gzip, 'base64');
const plain = gunzipSync(packed);
const { digest } = bill;
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const address = { url: 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=T0%2FK', digest };
const answer = (body: Uint8Array, status = 200) => ({ status, headers: {}, body });

function linesOf(draft: { readonly ok: true; readonly value: Draft } | { readonly ok: false }): string[] {
  if (!draft.ok) throw new Error('refused');
  return new TextDecoder().decode(draft.value.toSign).split('\n');
}

/** The example bill with a change, as the channel would write it. */
const changed = (...changes: readonly (readonly [string, string])[]): Uint8Array =>
  utf8(changes.reduce((text, [from, to]) => text.replaceAll(from, to), plain.toString('utf8')));

const codeOf = (contents: Uint8Array, question = trade): unknown => {
  const result = read(contents, question, account);
  return result.ok ? 'read' : [result.refusal.code, result.refusal.params];
};

test('each kind is asked for by its day, a service provider names the merchant, and the whole address is signed', () => {
  const asked = (kind: string, more = {}): string | undefined =>
    linesOf(ask.build({ kind, day }, { ...account, settings: { ...account.settings, ...more } }, moment, secrets))[1];
  expect(asked('trade')).toBe('/v3/bill/tradebill?bill_date=2026-12-01&bill_type=ALL&tar_type=GZIP');
  expect(asked('flow')).toBe('/v3/bill/fundflowbill?bill_date=2026-12-01&account_type=BASIC&tar_type=GZIP');
  expect(asked('share')).toBe('/v3/profitsharing/bills?bill_date=2026-12-01&tar_type=GZIP');
  expect(asked('trade', { sub_mchid: '1900000109' })).toContain('&sub_mchid=1900000109&');
  expect(ask.build({ kind: 'toString', day }, account, moment, secrets)).toMatchObject({ ok: false });
  const draft = fetch.build(address, account, moment, secrets);
  expect(linesOf(draft)[1]).toBe('/v3/billdownload/file?token=T0%2FK');
  if (!draft.ok) throw new Error('refused');
  expect(draft.value.finish('s').url).toBe(address.url);
});

test.each([
  ['STATEMENT_CREATING', 400, 'accepted'],
  ['NO_STATEMENT_EXIST', 400, 'succeeded'],
  ['NO_AUTH', 403, 'rejected'],
  ['NO_STATEMENT_EXIST', 404, 'in_doubt'],
  ['SYSTEM_ERROR', 500, 'in_doubt'],
  ['FREQUENCY_LIMITED', 429, 'in_doubt'],
  ['toString', 400, 'in_doubt'],
])('%s with %i is %s', (code, status, kind) => {
  const said = answer(utf8(JSON.stringify({ code, message: 'words' })), status);
  const { outcome } = ask.interpret(said, trade, account, secrets, moment.at);
  expect(outcome.kind).toBe(kind);
  if (outcome.kind === 'succeeded') expect(outcome.facts).toEqual({ found: false, words: 'words' });
});

test('an address that nobody signed is no address', () => {
  const body = { hash_type: 'SHA1', hash_value: digest, download_url: address.url };
  const { outcome } = ask.interpret(answer(utf8(JSON.stringify(body))), trade, account, secrets, moment.at);
  expect(outcome.kind).toBe('in_doubt');
});

test('a file is proved by the digest of what is in it, packed or not (vector I1)', () => {
  expect(plain.byteLength).toBe(1139);
  for (const body of [packed, plain, gzipSync(plain, { level: 1 })]) {
    const { outcome, trust } = fetch.interpret(answer(new Uint8Array(body)), address);
    expect([outcome.kind, trust]).toEqual(['succeeded', 'verified']);
    if (outcome.kind === 'succeeded') expect(Buffer.from(outcome.facts.bytes).equals(plain)).toBe(true);
  }
});

test('another digest, one without the byte order mark, broken or endless packing, and a refusal are no file', () => {
  const zeros = gzipSync(Buffer.alloc(8 * 1024 * 1024));
  const bodies = [plain.subarray(3), changed(['123.45', '123.46']), packed.subarray(0, 300), Buffer.alloc(0)];
  for (const body of bodies)
    expect(fetch.interpret(answer(new Uint8Array(body)), address).outcome.kind).toBe('in_doubt');
  // The right digest does not save what unfolds without bound.
  const bomb = {
    ...address,
    digest: createHash('sha1')
      .update(Buffer.alloc(8 * 1024 * 1024))
      .digest('hex'),
  };
  expect(fetch.interpret(answer(new Uint8Array(zeros)), bomb).outcome).toMatchObject({ code: 'too_large' });
  expect(fetch.interpret(answer(new Uint8Array(zeros)), address).outcome.kind).toBe('rejected');
  expect(fetch.interpret(answer(new Uint8Array(plain), 404), address).outcome.kind).toBe('in_doubt');
});

test('the trade bill reads as two events with our numbers, signed amounts and every digit of the fee', () => {
  const content = read(plain, trade, account);
  if (!content.ok) throw new Error(JSON.stringify(content.refusal));
  const { lines, totals } = content.value;
  expect(lines).toMatchObject([
    {
      ...{ lineNo: 2, kind: 'payment', channelKind: 'SUCCESS', serialNo: 'LS20261201-0001', product: 'JSAPI' },
      ...{ tradeNo: '4200009999202612010000000001', amount: '123.45', fee: '-0.74000', gross: '123.45' },
      ...{ currency: 'CNY', rate: '0.60%', about: '流水测试商品', at: Date.parse('2026-12-01T09:59:58+08:00') },
    },
    {
      ...{ lineNo: 3, kind: 'refund', serialNo: 'LS20261201-0001', refundNo: 'LSRF20261201-0001', amount: '-3.45' },
      ...{ channelRefundNo: '50300009992026120100000000001', fee: '0.02000', channelStatus: 'SUCCESS' },
    },
  ]);
  expect(lines[0]).not.toHaveProperty('refundNo');
  expect(totals).toMatchObject({ 总交易单数: '2', 手续费总金额: '0.72000', 退款总金额: '3.45' });
  const [first] = lines;
  const own = plain.subarray(first!.byteOff, first!.byteOff + first!.byteLen).toString('utf8');
  expect([own.slice(0, 21), own.slice(-7)]).toEqual(['`2026-12-01 09:59:58,', '`0.00,`']);
});

const older: readonly (readonly [string, string])[] = [
  ['应结订单金额', '总金额'],
  ['充值券退款金额', '企业红包退款金额'],
  ['代金券金额', '企业红包金额'],
  ['特约商户号', '子商户号'],
  [',订单金额,申请退款金额,费率备注', ''],
  ['应结订单总金额,退款总金额,充值券退款总金额', '总交易额,总退款金额,总企业红包退款金额'],
  [',订单总金额,申请退款总金额', ''],
  ['%,`123.45,`0.00,`\r', '%\r'],
  ['%,`0.00,`3.45,`\r', '%\r'],
  ['`0.72000,`123.45,`3.45', '`0.72000'],
];

test('the older set of columns reads alike, and columns go by their names, in whatever order', () => {
  const content = read(changed(...older), trade, account);
  if (!content.ok) throw new Error(JSON.stringify(content.refusal));
  expect(content.value.lines.map(({ amount, fee }) => [amount, fee])).toEqual([
    ['123.45', '-0.74000'],
    ['-3.45', '0.02000'],
  ]);
  const swapped = read(
    changed(
      ['交易类型,交易状态', '交易状态,交易类型'],
      ['`JSAPI,`SUCCESS', '`SUCCESS,`JSAPI'],
      ['`JSAPI,`REFUND', '`REFUND,`JSAPI'],
    ),
    trade,
    account,
  );
  expect(swapped.ok && swapped.value.lines.map(({ kind }) => kind)).toEqual(['payment', 'refund']);
});

test.each<[string, readonly (readonly [string, string])[], unknown]>([
  ['a name nobody knows', [['费率备注', '附加费']], ['statement.heading_unknown', { row: 1, column: '附加费' }]],
  ['a name twice', [['设备号', '费率']], ['statement.heading_unknown', { row: 1, column: '费率' }]],
  ['a missing name', [['设备号,', '']], ['statement.heading_unknown', { row: 1, column: '- 设备号' }]],
  ['a total nobody knows', [['退款总金额', '退款合计']], ['statement.heading_unknown', { row: 4, column: '退款合计' }]],
  [
    'an amount with an exponent',
    [['`0.74000', '`7.4E-1']],
    ['statement.cell_unfit', { row: 2, column: '手续费', found: '7.4E-1' }],
  ],
  [
    'a digit too small to count',
    [['`0.74000', '`0.7400001']],
    ['statement.cell_unfit', { row: 2, column: '手续费', found: '0.7400001' }],
  ],
  [
    'a refund with a sign, in its line and in the total',
    [['`3.45,`0.00', '`-3.45,`0.00']],
    ['statement.cell_unfit', { row: 3, column: '退款金额', found: '-3.45' }],
  ],
  [
    'a character that no table keeps',
    [['`流水测试', '`流\u0000水测试']],
    ['statement.cell_unfit', { row: 2, column: '商品名称', found: '流水测试商品' }],
  ],
  ['one in a name', [['费率备注', '附\u0007加费']], ['statement.heading_unknown', { row: 1, column: '附加费' }]],
  [
    'a value that would be cut within a character',
    [['`0.74000', `\`${'9'.repeat(39)}😀😀`]],
    ['statement.cell_unfit', { row: 2, column: '手续费', found: `${'9'.repeat(39)}😀…` }],
  ],
  ['an empty amount', [['`0.74000', '`']], ['statement.cell_unfit', { row: 2, column: '手续费', found: '' }]],
  [
    'a moment that is none',
    [['09:59:58', '25:59:58']],
    ['statement.cell_unfit', { row: 2, column: '交易时间', found: '2026-12-01 25:59:58' }],
  ],
  [
    'a line of the day after',
    [['12-01 15:20', '12-02 15:20']],
    ['statement.other_day', { row: 3, found: '2026-12-02', day }],
  ],
  ['another merchant', [['`1800000042', '`1800000043']], ['statement.other_account', { row: 2, found: '1800000043' }]],
  [
    'one fen more in the total',
    [['`123.45,`3.45,`0.00,`0.72', '`123.46,`3.45,`0.00,`0.72']],
    ['statement.totals_differ', { row: 5, column: '应结订单总金额', found: '123.46', counted: '123.450000' }],
  ],
  [
    'a thousandth in the total of fees',
    [['`0.72000', '`0.72100']],
    ['statement.totals_differ', { row: 5, column: '手续费总金额', found: '0.72100', counted: '0.720000' }],
  ],
  [
    'a line too few',
    [['`2,`123', '`3,`123']],
    ['statement.totals_differ', { row: 5, column: '总交易单数', found: '3', counted: '2.000000' }],
  ],
  ['a value too few', [['`JSAPI,`REFUND', '`REFUND']], ['statement.not_whole', { row: 3, problem: '26 of 27 values' }]],
])('%s is refused with its row', (_what, changes, expected) => {
  expect(codeOf(changed(...changes))).toEqual(expected);
});

test('what ends before its totals, goes on behind them or is no text is refused whole', () => {
  const text = plain.toString('utf8');
  for (const contents of [
    utf8(text.slice(0, text.indexOf('总交易单数'))),
    utf8(`${text}更多\r\n`),
    utf8(''),
    new Uint8Array(Buffer.concat([plain.subarray(0, 700), Buffer.of(0xff), plain.subarray(700)])),
  ])
    expect(codeOf(contents)).toMatchObject(['statement.not_whole', {}]);
});

test('a reversal takes back whichever column is filled, and what nobody knows is read with its amount', () => {
  const kinds = (state: string) => {
    const content = read(changed([`JSAPI,\`SUCCESS`, `JSAPI,\`${state}`]), trade, account);
    return content.ok && content.value.lines.map(({ kind, amount }) => [kind, amount])[0];
  };
  expect(kinds('REVOKED')).toEqual(['reversal', '-123.45']);
  expect(kinds('SETTLED')).toEqual(['unknown', '123.45']);
});

test('the fund-flow bill tells every movement of the balance by its direction', () => {
  const content = read(utf8(bill.flow.join('\r\n') + '\r\n'), flow, account);
  if (!content.ok) throw new Error(JSON.stringify(content.refusal));
  expect(
    content.value.lines.map(({ kind, amount, balance, serialNo, refundNo, voucherNo }) => [
      kind,
      amount,
      balance,
      serialNo ?? refundNo ?? voucherNo,
    ]),
  ).toEqual([
    ['payment', '123.45', '1123.45', 'LS20261201-0001'],
    ['fee', '-0.74', '1122.71', 'LS20261201-0001'],
    ['refund', '-3.45', '1119.26', 'LSRF20261201-0001'],
    ['share_out', '-20.00', '1099.26', 'DETAIL-1'],
    ['unknown', '1.00', '1100.26', 'V-1'],
  ]);
  const wrong = bill.flow.map((line) => line.replace('`5.0,', '`4.0,'));
  expect(codeOf(utf8(wrong.join('\r\n')), flow)).toMatchObject(['statement.totals_differ', { found: '4.0' }]);
  const sideways = bill.flow.map((line) => line.replace('`支出', '`平移'));
  expect(codeOf(utf8(sideways.join('\r\n')), flow)).toMatchObject(['statement.cell_unfit', { column: '收支类型' }]);
});

test('decimals stay exact, and escapes are undone as far as they can be', () => {
  expect(['0.1', '-0.02000', '20.0', '9007199254740993.1', '1e3', '1.', '.5', '+1', ' 1', ''].map(micro)).toEqual([
    ...[100_000n, -20_000n, 20_000_000n, undefined],
    ...[undefined, undefined, undefined, undefined, undefined, undefined],
  ]);
  expect(micro('900719925474099.123456')).toBe(900_719_925_474_099_123_456n);
  expect(['0.74000', '-0.02000', '0.00', '-0.00'].map(negated)).toEqual(['-0.74000', '0.02000', '0.00', '0.00']);
  expect(unescaped(String.raw`a\\b\"c\nd\ e\`f\140g\'h`)).toBe('a\\b"c\nd e`f`g\'h');
});
