import { createPrivateKey, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Currency, Instant, Result } from '../../kernel/index.ts';
import type { Draft, PayInstruction, RefundInstruction, ShareInstruction, WireAnswer } from '../contract/index.ts';
import channelFixtures from './fixtures/index.ts';
import openapi from './fixtures/vectors-openapi.json' with { type: 'json' };
import connector from './index.ts';
import { jsonElements } from './openapi-json.ts';

const { share, pay, refund } = connector;
const { secrets } = channelFixtures;
const at = Date.UTC(2026, 0, 1, 19, 4, 5) as Instant;
const moment = { at, nonce: '' };
const accountOf = (more: Record<string, string> = {}) => ({
  id: 'test',
  settings: { openapi_mode: 'key', app_id: '2021000000000001', ...more },
});
const yuan = (minor: bigint) => ({ minor, currency: CNY });

function sentBy(built: Result<Draft>): string | { readonly method: string | null; readonly biz: unknown } {
  if (!built.ok) return `${built.refusal.code} ${String(Object.values(built.refusal.params)[0])}`;
  const { url, body } = built.value.finish('c2ln');
  const biz = new URLSearchParams(new TextDecoder().decode(body)).get('biz_content') ?? '{}';
  return { method: new URL(url).searchParams.get('method'), biz: JSON.parse(biz) as unknown };
}

const userId = { kind: 'userId', account: new Secret('2088102122524333') };
const login = { kind: 'loginName', account: new Secret('clerk@example.com'), name: new Secret('张三') };
const instruction: ShareInstruction = {
  ...{ shareNo: '20260102000000000017', serialNo: 'LS20260102_0001', tradeNo: '2026010222001400010500000001' },
  parts: [
    { partNo: '1', receiver: userId, amount: yuan(2000n), reason: '佣金' },
    { partNo: '2', receiver: login, amount: yuan(500n), reason: '' },
  ],
  ...{ releasesRest: true, reason: '不再分账' },
};
const numbers = { out_request_no: '20260102000000000017', trade_no: '2026010222001400010500000001' };

const submitted = (wish: Partial<ShareInstruction> = {}, more: Record<string, string> = {}) =>
  sentBy(share!.submit.build({ ...instruction, ...wish }, accountOf(more), moment, secrets));

test('a request to share names every receiver as he is called, and says whether the rest is free', () => {
  const method = 'alipay.trade.order.settle';
  const royalty_parameters = [
    {
      ...{ royalty_type: 'transfer', trans_in_type: 'userId', trans_in: '2088102122524333' },
      ...{ amount: '20.00', desc: '佣金' },
    },
    {
      ...{ royalty_type: 'transfer', trans_in_type: 'loginName', trans_in: 'clerk@example.com' },
      ...{ trans_in_name: '张三', amount: '5.00' },
    },
  ];
  const extend_params = { royalty_finish: 'true' };
  expect(submitted()).toEqual({ method, biz: { ...numbers, royalty_parameters, royalty_mode: 'sync', extend_params } });
  expect(submitted({ releasesRest: false })).toEqual({
    method,
    biz: { ...numbers, royalty_parameters, royalty_mode: 'sync' },
  });
  expect(submitted({ parts: [] })).toEqual({ method, biz: { ...numbers, royalty_mode: 'sync', extend_params } });
  expect(sentBy(share!.query.build(instruction, accountOf(), moment, secrets))).toEqual({
    method: 'alipay.trade.order.settle.query',
    biz: numbers,
  });
});

const [first] = instruction.parts;
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...first!,
    receiver: { ...userId, account: new Secret(`20881021225${10_000 + index}`) },
  }));

test.each<[string, Partial<ShareInstruction>]>([
  ['out_request_no', { shareNo: 'S-1' }],
  ['out_request_no', { shareNo: 'S'.repeat(65) }],
  ['trade_no', { tradeNo: '' }],
  ['royalty_parameters', { parts: [], releasesRest: false }],
  ['royalty_parameters', { parts: [first!, { ...first!, partNo: '2' }] }],
  ['royalty_parameters', { parts: many(11) }],
  ['amount', { parts: [{ ...first!, amount: yuan(0n) }] }],
  ['amount', { parts: [{ ...first!, amount: { minor: 1n, currency: 'USD' as Currency } }] }],
  ['account', { parts: [{ ...first!, receiver: { ...userId, account: new Secret('208810212252433') } }] }],
  ['type', { parts: [{ ...first!, receiver: { ...userId, kind: 'cardAliasNo' } }] }],
])('a share with a wrong %s never leaves (%#)', (field, wish) => {
  expect(submitted(wish)).toBe(`channel.value_not_taken ${field}`);
});

test('how many receivers fit in one request is what the account says', () => {
  const method = 'alipay.trade.order.settle';
  expect(submitted({ parts: many(10) })).toMatchObject({ method });
  expect(submitted({ parts: many(11) }, { royalty_receivers_max: '11' })).toMatchObject({ method });
  expect(submitted({ parts: many(6) }, { royalty_receivers_max: '5' })).toBe(
    'channel.value_not_taken royalty_parameters',
  );
});

test('an account without an application shares nothing', () => {
  expect(submitted({}, { openapi_mode: 'none' })).toBe('channel.not_set_up openapi_mode');
});

test('a receiver is bound by kind and account, and by name where a login may be another one’s tomorrow', () => {
  const told = { requestNo: '0198c2f4-0000-7000-8000-000000000001', receiver: login };
  const relation = (wish: object, act: 'bind' | 'unbind' = 'bind') =>
    sentBy(share![act].build({ ...told, ...wish }, accountOf(), moment, secrets));
  const out_request_no = '0198c2f4000070008000000000000001';
  const entity = { type: 'loginName', account: 'clerk@example.com' };
  expect(relation({})).toEqual({
    method: 'alipay.trade.royalty.relation.bind',
    biz: { out_request_no, receiver_list: [{ ...entity, name: '张三' }] },
  });
  expect(relation({}, 'unbind')).toEqual({
    method: 'alipay.trade.royalty.relation.unbind',
    biz: { out_request_no, receiver_list: [entity] },
  });
  expect(relation({ receiver: userId })).toMatchObject({ biz: { receiver_list: [{ account: '2088102122524333' }] } });
  const { name: _none, ...nameless } = login;
  expect(relation({ receiver: nameless })).toBe('channel.value_not_taken name');
  expect(relation({ receiver: nameless }, 'unbind')).toMatchObject({ biz: { receiver_list: [entity] } });
  for (const requestNo of ['', 'a b', 'x'.repeat(33)])
    expect(relation({ requestNo })).toBe('channel.value_not_taken out_request_no');
});

const key = createPrivateKey(openapi.keys.short_private_pkcs8);

/** An answer in these very words, signed. */
function signed(method: string, text: string): WireAnswer {
  const signature = sign('SHA256', Buffer.from(text), key).toString('base64');
  const body = `{"${method.replaceAll('.', '_')}_response":${text},"sign":"${signature}"}`;
  return { status: 200, headers: {}, body: Buffer.from(body) };
}

type Words = Record<string, string>;
const line = (more: Words): Words => ({
  ...{ operation_type: 'transfer', execute_dt: '2026-01-02 03:04:55', trans_out: '2088101568338364' },
  ...{ trans_in_type: 'userId', amount: '20.00', state: 'SUCCESS', ...more },
});
const ours: readonly [Words, Words] = [
  line({ trans_in: '2088102122524333' }),
  line({ trans_in_type: 'loginName', trans_in: 'clerk@example.com', amount: '5.00' }),
];

const told = (content: object | string, wish: Partial<ShareInstruction> = {}): string => {
  const text = typeof content === 'string' ? content : JSON.stringify({ code: '10000', msg: 'Success', ...content });
  const answer = signed('alipay.trade.order.settle.query', text);
  const asked = { ...instruction, ...wish };
  const { outcome, isAbsent } = share!.query.interpret(answer, asked, accountOf(), secrets, at);
  const absent = isAbsent === true ? ' (absent)' : '';
  if (outcome.kind === 'in_doubt') return `doubt${absent}: ${outcome.why}`;
  if (outcome.kind === 'rejected') return `rejected ${outcome.code}`;
  return [outcome.kind, ...outcome.facts.parts.map(({ partNo, state }) => `${partNo} ${state}`)].join(', ');
};

const [toUser, toLogin] = ours;
const calledOtherwise = { ...toLogin, trans_in_type: 'userId', trans_in: '2088102122524444' };
const nothingKnown = 'doubt (absent): the channel knows nothing of this number';

test.each<[string, readonly object[], string]>([
  ['all of them arrived', ours, 'succeeded, 1 succeeded, 2 succeeded'],
  ['in another order', ours.toReversed(), 'succeeded, 1 succeeded, 2 succeeded'],
  ['one failed', [toUser, { ...toLogin, state: 'FAIL' }], 'succeeded, 1 succeeded, 2 failed'],
  ['one is under way', [{ ...toUser, state: 'PROCESSING' }, toLogin], 'accepted, 1 pending, 2 succeeded'],
  ['the login by its user id', [toUser, calledOtherwise], 'succeeded, 1 succeeded, 2 succeeded'],
  [
    'the receiver by his open id beside another name',
    [{ ...toUser, trans_in: '', trans_in_open_id: '2088102122524333' }, toLogin],
    'succeeded, 1 succeeded, 2 succeeded',
  ],
  [
    'somebody else of the same kind',
    [{ ...toUser, trans_in: '2088102122524999' }, toLogin],
    'doubt: a receiver of ours cannot be found in the answer',
  ],
  [
    'the login by another kind, with another amount',
    [toUser, { ...calledOtherwise, amount: '4.00' }],
    'doubt: a receiver of ours cannot be found in the answer',
  ],
  ['a receiver twice', [toUser, toUser], 'doubt: a receiver of ours cannot be found in the answer'],
  ['one is missing', [toUser], 'doubt: the answer has 1 parts, we named 2'],
  ['one too many', [...ours, toUser], 'doubt: the answer has 3 parts, we named 2'],
  ['another amount', [{ ...toUser, amount: '20.01' }, toLogin], 'doubt: the channel shares 20.01, we asked for 20.00'],
  ['an unlisted state', [{ ...toUser, state: 'DONE' }, toLogin], 'doubt: state DONE is not listed'],
  ['nobody', [], nothingKnown],
  ['only what came back', [line({ operation_type: 'transfer_refund' })], nothingKnown],
  [
    'what came back beside ours',
    [...ours, line({ operation_type: 'transfer_refund' })],
    'succeeded, 1 succeeded, 2 succeeded',
  ],
])('%s', (_case, royalty_detail_list, reading) => {
  expect(told({ royalty_detail_list })).toBe(reading);
  expect(told({ out_request_no: numbers.out_request_no, royalty_detail_list })).toBe(reading);
});

test('a login that the channel calls otherwise is told by what is left, unless two are alike', () => {
  const other = { ...login, account: new Secret('other@example.com') };
  const part = (partNo: string, receiver: typeof login | typeof userId) => ({ ...first!, partNo, receiver });
  const named = (trans_in: string) => line({ trans_in });
  const both = { royalty_detail_list: [named('2088102122524444'), named('2088102122524333')] };
  expect(told(both, { parts: [part('1', login), part('2', userId)] })).toBe('succeeded, 1 succeeded, 2 succeeded');
  const unclear = 'doubt: a receiver of ours cannot be found in the answer';
  expect(told(both, { parts: [part('1', login), part('2', other)] })).toBe(unclear);
});

test('amounts may be numbers, members twice are doubt, and so is what is no list', () => {
  const list = JSON.stringify(ours).replace('"20.00"', '20.00').replace('"5.00"', '5');
  const answer = (text: string) => `{"code":"10000","royalty_detail_list":${text}}`;
  expect(told(answer(list))).toBe('succeeded, 1 succeeded, 2 succeeded');
  const twice = list.replace('"state":"SUCCESS"', '"state":"SUCCESS","state":"FAIL"');
  for (const broken of [twice, '"SUCCESS"', '{}', '[1]', '["SUCCESS"]', 'null'])
    expect(told(answer(broken)), broken).toBe('doubt: the parts cannot be read');
  expect(told({})).toBe(nothingKnown);
});

test('the answer to a question is about our number and our trade, or it is doubt', () => {
  const list = { royalty_detail_list: ours };
  expect(told({ ...list, out_request_no: 'S2' })).toBe('doubt: the answer is about out_request_no S2');
  expect(told({ ...list, trade_no: '2026' })).toBe('doubt: the answer is about trade_no 2026');
  expect(told({ ...list, sub_code: 'SYSTEM_ERROR' })).toBe('doubt: the question was answered with 10000 SYSTEM_ERROR');
  const notTaken = (sub_code: string) => told({ code: '40004', sub_code });
  for (const code of ['TRADE_NOT_EXIST', 'ACQ.TRADE_NOT_EXIST']) expect(notTaken(code)).toBe(nothingKnown);
  for (const code of ['INVALID_PARAMETER', 'MERCHANT_TRADE_NOT_MATCH', 'SYSTEM_ERROR', 'NOT_EXIST'])
    expect(notTaken(code)).toBe(`doubt: the question was answered with 40004 ${code}`);
  expect(told({ code: '20000', sub_code: 'ACQ.TRADE_NOT_EXIST' })).toMatch(/^doubt: the question/);
});

test('a release is believed from its own answer only: an empty list proves nothing', () => {
  expect(told({ royalty_detail_list: [] }, { parts: [] })).toBe(nothingKnown);
  expect(told({ royalty_detail_list: ours }, { parts: [] })).toBe('doubt: the answer has 2 parts, we named 0');
});

const answered = (content: object, wish: Partial<ShareInstruction> = {}): string => {
  const answer = signed('alipay.trade.order.settle', JSON.stringify({ trade_no: numbers.trade_no, ...content }));
  const { outcome } = share!.submit.interpret(answer, { ...instruction, ...wish }, accountOf(), secrets, at);
  return outcome.kind;
};

test.each`
  code       | subCode                                        | parts         | release
  ${'10000'} | ${undefined}                                   | ${'accepted'} | ${'succeeded'}
  ${'10000'} | ${'ACQ.SYSTEM_ERROR'}                          | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.SYSTEM_ERROR'}                          | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.FREQUENCY_LIMITED'}                     | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.DISCORDANT_REPEAT_REQUEST'}             | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.DUP_OUT_REQUEST_NO'}                    | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.TRADE_STATUS_ERROR'}                    | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR'}           | ${'rejected'} | ${'rejected'}
  ${'40004'} | ${'ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH'} | ${'rejected'} | ${'rejected'}
  ${'40004'} | ${'ACQ.ALREADY_FINISH_ALLOC'}                  | ${'in_doubt'} | ${'succeeded'}
  ${'10003'} | ${'ACQ.ALREADY_FINISH_ALLOC'}                  | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'ACQ.ROYALTY_RECEIVER_INVALID'}              | ${'rejected'} | ${'rejected'}
  ${'40004'} | ${'ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH'}        | ${'rejected'} | ${'rejected'}
  ${'40004'} | ${'ACQ.NOT_SUPPORT_ROYALTY'}                   | ${'rejected'} | ${'rejected'}
  ${'40004'} | ${'ROYALTY_RECEIVER_INVALID'}                  | ${'in_doubt'} | ${'in_doubt'}
  ${'20000'} | ${'ACQ.ROYALTY_RECEIVER_INVALID'}              | ${'in_doubt'} | ${'in_doubt'}
  ${'40004'} | ${'constructor'}                               | ${'in_doubt'} | ${'in_doubt'}
`('$code $subCode', ({ code, subCode, ...expected }: { code: string; subCode?: string }) => {
  const content = { code, ...(subCode === undefined ? {} : { sub_code: subCode }) };
  expect({ parts: answered(content), release: answered(content, { parts: [] }) }).toEqual(expected);
  expect(answered({ ...content, trade_no: '2026010222001400010500000002' })).toBe('in_doubt');
});

test('taken without a trade is doubt: nobody says what was taken', () => {
  expect(answered({ code: '10000', trade_no: undefined })).toBe('in_doubt');
});

test('a relation is bound by the word SUCCESS or by none, and refused by a listed code', () => {
  const bound = (content: object): string => {
    const answer = signed('alipay.trade.royalty.relation.bind', JSON.stringify(content));
    const asked = { requestNo: '1', receiver: userId };
    return share!.bind.interpret(answer, asked, accountOf(), secrets, at).outcome.kind;
  };
  expect(bound({ code: '10000', result_code: 'SUCCESS' })).toBe('succeeded');
  expect(bound({ code: '10000' })).toBe('succeeded');
  expect(bound({ code: '10000', result_code: 'FAIL' })).toBe('in_doubt');
  expect(bound({ code: '40004', sub_code: 'USERNAME_NOT_MATCH' })).toBe('rejected');
  expect(bound({ code: '40004', sub_code: 'SYSTEM_ERROR' })).toBe('in_doubt');
});

const payment: PayInstruction = {
  ...{ serialNo: 'LS20260102_0001', product: 'page', amount: yuan(19_900n), subject: '奶粉' },
  ...{ deadlineAt: (at + 1_800_000) as Instant, notifyUrl: 'https://pay.example.com/notices/1' },
  ...{ payerId: new Secret('2088102122524333'), payerCode: new Secret('2812345678901234') },
};

test('what is to be shared is frozen, whatever product it is paid by, and nothing else is', () => {
  for (const [product, { begins }] of Object.entries(connector.manifest.pay!.products)) {
    const { build } = begins === 'show' ? pay!.show! : pay!.submit;
    const content = (wish: Partial<PayInstruction>): unknown => {
      const built = build({ ...payment, product, ...wish }, accountOf(), moment, secrets);
      if (!built.ok) return built.refusal.code;
      const { url, body } = built.value.finish('c2ln');
      const form = new URLSearchParams(body ? new TextDecoder().decode(body) : new URL(url).search);
      return JSON.parse(form.get('biz_content') ?? '{}') as unknown;
    };
    expect(content({ isHeldForSharing: true }), product).toMatchObject({ extend_params: { royalty_freeze: 'true' } });
    expect(content({}), product).toMatchObject({ out_trade_no: 'LS20260102_0001' });
    expect(content({}), product).not.toHaveProperty('extend_params');
  }
});

test('a refund names what each receiver gives back, and from whom', () => {
  const given: RefundInstruction = {
    ...{ refundNo: 'RF1', serialNo: 'LS20260102_0001', tradeNo: '2026', reason: '', notifyUrl: '' },
    ...{ amount: yuan(5000n), whole: yuan(19_900n) },
  };
  const refunded = (partsBack?: RefundInstruction['partsBack']) =>
    sentBy(refund!.submit.build({ ...given, ...(partsBack ? { partsBack } : {}) }, accountOf(), moment, secrets));
  const partsBack = [
    { receiver: userId, amount: yuan(2000n) },
    { receiver: login, amount: yuan(125n) },
  ];
  expect(refunded(partsBack)).toMatchObject({
    biz: {
      refund_amount: '50.00',
      refund_royalty_parameters: [
        { royalty_type: 'transfer', trans_out_type: 'userId', trans_out: '2088102122524333', amount: '20.00' },
        { royalty_type: 'transfer', trans_out_type: 'loginName', trans_out: 'clerk@example.com', amount: '1.25' },
      ],
    },
  });
  expect(refunded()).not.toHaveProperty('biz.refund_royalty_parameters');
  expect(refunded([])).not.toHaveProperty('biz.refund_royalty_parameters');
  expect(refunded([{ receiver: userId, amount: yuan(0n) }])).toBe('channel.value_not_taken amount');
  expect(refunded([{ receiver: { ...userId, kind: 'x' }, amount: yuan(1n) }])).toBe('channel.value_not_taken type');
});

test('the elements of a list keep their exact text', () => {
  expect(jsonElements('[ {"a":"]"} ,1.50, "x,\\"]" , [2,[]],null ]')).toEqual([
    ...['{"a":"]"}', '1.50', '"x,\\"]"', '[2,[]]', 'null'],
  ]);
  expect([jsonElements('[]'), jsonElements('[ ]')]).toEqual([[], []]);
  for (const other of [undefined, '{}', '"[]"', '1']) expect(jsonElements(other)).toBeUndefined();
});
