import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Currency, Instant, Result } from '../../kernel/index.ts';
import type { Draft, PayInstruction, ShareInstruction, ShareReturnInstruction, WireAnswer } from '../contract/index.ts';
import { moment as kitMoment } from '../contract/kit.ts';
import type { Fixture } from '../contract/kit.ts';
import channelFixtures from './fixtures/index.ts';
import noticeOfSharing from './fixtures/notice-of-profit-sharing.json' with { type: 'json' };
import queryDone from './fixtures/share-query-done-but-for-one.json' with { type: 'json' };
import returnDone from './fixtures/share-return-query-done.json' with { type: 'json' };
import connector from './index.ts';
import { readV2 } from './v2-xml.ts';

const { share, pay } = connector;
const { secrets } = channelFixtures;
const at = Date.UTC(2026, 0, 1, 19, 4, 5) as Instant;
const moment = { at, nonce: '0198c2f4-0000-7000-8000-000000000001' };
const settings = queryDone.settings;
const partner = { sub_mchid: '1900000109', sub_appid: 'wxfedcba9876543210' };
const accountOf = (more: Record<string, string> = {}) => ({ id: 'test', settings: { ...settings, ...more } });
const yuan = (minor: bigint) => ({ minor, currency: CNY });

function sentBy(built: Result<Draft>): { readonly url: string; readonly body?: unknown } | string {
  if (!built.ok) return `${built.refusal.code} ${String(Object.values(built.refusal.params)[0])}`;
  const { url, body } = built.value.finish('c2ln');
  return {
    url: url.replace('https://api.mch.weixin.qq.com', ''),
    ...(body ? { body: JSON.parse(Buffer.from(body).toString()) as unknown } : {}),
  };
}

const shop = { kind: 'MERCHANT_ID', account: new Secret('1900000110') };
const clerk = { kind: 'PERSONAL_OPENID', account: new Secret('oLiushui0000000000000000test') };
const instruction: ShareInstruction = {
  ...{ shareNo: '20260102000000000017', serialNo: 'LS20260102_0001', tradeNo: '4200009999202601020000000001' },
  parts: [
    {
      partNo: '1',
      receiver: { ...shop, name: new Secret('杭州流水门店有限公司') },
      amount: yuan(2000n),
      reason: '佣金',
    },
    { partNo: '2', receiver: clerk, amount: yuan(500n), reason: '' },
  ],
  ...{ releasesRest: true, reason: '不再分账' },
};
const numbers = { transaction_id: '4200009999202601020000000001', out_order_no: '20260102000000000017' };

const submitted = (wish: Partial<ShareInstruction> = {}, more: Record<string, string> = {}) =>
  sentBy(share!.submit.build({ ...instruction, ...wish }, accountOf(more), moment, secrets));

test('a request to share names every receiver, seals the names, and says whether the rest is free', () => {
  expect(submitted()).toEqual({
    url: '/v3/profitsharing/orders',
    body: {
      appid: 'wx0123456789abcdef',
      ...numbers,
      receivers: [
        {
          ...{ type: 'MERCHANT_ID', account: '1900000110', amount: 2000, description: '佣金' },
          name: expect.stringMatching(/^[A-Za-z0-9+/]{171}=$/) as string,
        },
        { type: 'PERSONAL_OPENID', account: 'oLiushui0000000000000000test', amount: 500, description: '2' },
      ],
      unfreeze_unsplit: true,
    },
  });
  expect(submitted({ releasesRest: false }, partner)).toMatchObject({
    body: { appid: 'wx0123456789abcdef', ...partner, unfreeze_unsplit: false },
  });
  const url = '/v3/profitsharing/orders/unfreeze';
  const released = { ...numbers, description: '不再分账' };
  expect(submitted({ parts: [] })).toEqual({ url, body: released });
  expect(submitted({ parts: [] }, partner)).toEqual({ url, body: { sub_mchid: '1900000109', ...released } });
});

test('the header names the key that the names are sealed with', () => {
  const built = share!.submit.build(instruction, accountOf(), moment, secrets);
  expect(built.ok && built.value.finish('c2ln').headers['wechatpay-serial']).toBe(settings.public_key_id);
});

const [first] = instruction.parts;

test.each<[Partial<ShareInstruction>, string]>([
  [{ shareNo: 'S|1' }, 'out_order_no'],
  [{ shareNo: 'S'.repeat(65) }, 'out_order_no'],
  [{ tradeNo: '42 000' }, 'transaction_id'],
  [{ parts: [], releasesRest: false }, 'receivers'],
  [{ parts: [first!, { ...first!, partNo: '2' }] }, 'receivers'],
  [{ parts: [{ ...first!, amount: yuan(0n) }] }, 'amount'],
  [{ parts: [{ ...first!, amount: { minor: 1n, currency: 'USD' as Currency } }] }, 'amount'],
  [{ parts: [{ ...first!, receiver: { ...shop, account: new Secret('1800000042') } }] }, 'account'],
  [{ parts: [{ ...first!, receiver: { ...shop, account: new Secret('19000001') } }] }, ''],
  [{ parts: [{ ...first!, receiver: { ...shop, account: new Secret('1900000') } }] }, 'account'],
  [{ parts: [{ ...first!, receiver: { ...shop, kind: 'PERSONAL_WECHATID' } }] }, 'type'],
])('%# of what is refused before it leaves: %s names %s', (wish, field) => {
  if (field === '') expect(submitted(wish)).toMatchObject({ url: '/v3/profitsharing/orders' });
  else expect(submitted(wish)).toBe(`channel.value_not_taken ${field}`);
});

test('fifty receivers in one request and no more, each once', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...first!,
      receiver: { kind: 'PERSONAL_OPENID', account: new Secret(`o${index}`) },
    }));
  expect(submitted({ parts: many(50) })).toMatchObject({ url: '/v3/profitsharing/orders' });
  expect(submitted({ parts: many(51) })).toBe('channel.value_not_taken receivers');
});

test('of a service provider the sub-merchant is the payee, and the provider himself may be given a part', () => {
  const provider = { parts: [{ ...first!, receiver: { ...shop, account: new Secret('1800000042') } }] };
  expect(submitted(provider, partner)).toMatchObject({ body: { receivers: [{ account: '1800000042' }] } });
  const payee = { parts: [{ ...first!, receiver: { ...shop, account: new Secret('1900000109') } }] };
  expect(submitted(payee, partner)).toBe('channel.value_not_taken account');
});

const named = (receiver: object, more: Record<string, string> = {}) => {
  const told = { requestNo: '1', receiver: { ...shop, ...receiver } };
  const account = accountOf(more);
  return [share!.bind, share!.unbind].map((operation) => sentBy(operation.build(told, account, moment, secrets)));
};

test('a merchant is named by his full name and what he is to us; struck off he is by his number alone', () => {
  const called = { appid: 'wx0123456789abcdef', type: 'MERCHANT_ID', account: '1900000110' };
  const [bound, unbound] = named({ name: new Secret('杭州流水门店有限公司'), relation: 'STORE' });
  expect(bound).toEqual({
    url: '/v3/profitsharing/receivers/add',
    body: { ...called, name: expect.any(String) as string, relation_type: 'STORE' },
  });
  expect(unbound).toEqual({ url: '/v3/profitsharing/receivers/delete', body: called });
  expect(named({ relation: 'STORE' })[0]).toBe('channel.value_not_taken name');
  for (const relation of ['CUSTOM', 'toString', ''])
    expect(named({ name: new Secret('流水'), relation })[0]).toBe('channel.value_not_taken relation_type');
  const [person, gone] = named({ ...clerk, relation: 'STAFF' }, partner);
  expect(person).toMatchObject({ body: { ...partner, relation_type: 'STAFF' } });
  expect(person).not.toHaveProperty('body.name');
  expect(gone).toMatchObject({ body: partner });
});

const back: ShareReturnInstruction = {
  ...{ returnNo: '20260103000000000025', shareNo: '20260102000000000017', receiver: shop, amount: yuan(2000n) },
  reason: '退货',
};
const returned = (wish: Partial<ShareReturnInstruction> = {}, more: Record<string, string> = {}) =>
  sentBy(share!.giveBack!.submit.build({ ...back, ...wish }, accountOf(more), moment, secrets));

test('a part comes back from a merchant, by our numbers whatever the channel calls them', () => {
  const body = {
    ...{ out_order_no: '20260102000000000017', out_return_no: '20260103000000000025', return_mchid: '1900000110' },
    ...{ amount: 2000, description: '退货' },
  };
  const url = '/v3/profitsharing/return-orders';
  expect(returned()).toEqual({ url, body });
  expect(returned({ channelNo: '30000000002026010200000001' })).toEqual({ url, body });
  expect(returned({ reason: '' }, partner)).toEqual({
    url,
    body: { sub_mchid: '1900000109', ...body, description: '20260103000000000025' },
  });
  expect(returned({ receiver: clerk })).toBe('channel.value_not_taken return_mchid');
  expect(returned({ returnNo: 'R/1' })).toBe('channel.value_not_taken out_return_no');
  expect(returned({ shareNo: '' })).toBe('channel.value_not_taken out_order_no');
  expect(returned({ amount: yuan(0n) })).toBe('channel.value_not_taken amount');
});

test('questions name the number in the path, and whose it is', () => {
  const asked = (more: Record<string, string>) => [
    sentBy(share!.query.build(instruction, accountOf(more), moment, secrets)),
    sentBy(share!.giveBack!.query.build(back, accountOf(more), moment, secrets)),
  ];
  const order = '/v3/profitsharing/orders/20260102000000000017?';
  const backOrder = '/v3/profitsharing/return-orders/20260103000000000025?';
  expect(asked({})).toEqual([
    { url: `${order}transaction_id=4200009999202601020000000001` },
    { url: `${backOrder}out_order_no=20260102000000000017` },
  ]);
  expect(asked(partner)).toEqual([
    { url: `${order}sub_mchid=1900000109&transaction_id=4200009999202601020000000001` },
    { url: `${backOrder}sub_mchid=1900000109&out_order_no=20260102000000000017` },
  ]);
});

type Body = Record<string, unknown> & { receivers: Record<string, unknown>[] };

/** The fixture's answer, signed anew with other members. */
function answered(fixture: object, change: (body: Body) => unknown): WireAnswer {
  const whole = { ...fixture } as Fixture;
  const body = JSON.parse(whole.answer.body) as Body;
  const changed = change(body) ?? body;
  return channelFixtures.wire({ ...whole, answer: { ...whole.answer, body: JSON.stringify(changed) } });
}

const told = (answer: WireAnswer, wish: Partial<ShareInstruction> = {}): string => {
  const { outcome } = share!.query.interpret(answer, { ...instruction, ...wish }, accountOf(), secrets, kitMoment.at);
  if (outcome.kind === 'in_doubt') return `doubt: ${outcome.why}`;
  if (outcome.kind === 'rejected') return `rejected ${outcome.code}`;
  return [outcome.kind, ...outcome.facts.parts.map(({ partNo, state }) => `${partNo} ${state}`)].join(', ');
};

test.each<[string, (body: Body) => unknown, string]>([
  ['finished', () => undefined, 'succeeded, 1 succeeded, 2 failed'],
  ['the receivers in another order', (body) => void body.receivers.reverse(), 'succeeded, 1 succeeded, 2 failed'],
  [
    'under way, and one of them is there',
    (body) => ({
      ...body,
      state: 'PROCESSING',
      receivers: [body.receivers[0], { ...body.receivers[1], result: 'PENDING' }],
    }),
    'accepted, 1 succeeded, 2 pending',
  ],
  [
    'finished, one of them not',
    (body) => ({ ...body, receivers: [body.receivers[0], { ...body.receivers[1], result: 'PENDING' }] }),
    'doubt: finished, and yet a part is not',
  ],
  ['taken, nobody named yet', (body) => ({ ...body, state: 'PROCESSING', receivers: [] }), 'accepted'],
  ['finished, nobody named', (body) => ({ ...body, receivers: [] }), 'doubt: finished, and yet a part is not'],
  [
    'one receiver is missing',
    (body) => ({ ...body, receivers: [body.receivers[0], body.receivers[2]] }),
    'doubt: the answer has 1 receivers, we named 2',
  ],
  [
    'one receiver twice',
    (body) => ({ ...body, receivers: [body.receivers[0], body.receivers[0]] }),
    'doubt: a receiver of ours is missing in the answer',
  ],
  [
    'a receiver whom we did not name',
    (body) => ({ ...body, receivers: [...body.receivers, { ...body.receivers[0], account: '1900000199' }] }),
    'doubt: the answer has 3 receivers, we named 2',
  ],
  [
    'another amount',
    (body) => ({ ...body, receivers: [{ ...body.receivers[0], amount: 1999 }, body.receivers[1]] }),
    'doubt: the channel shares 1999 fen, we asked for 2000',
  ],
  [
    'an unlisted result',
    (body) => ({ ...body, receivers: [{ ...body.receivers[0], result: 'FINISHED' }, body.receivers[1]] }),
    'doubt: result FINISHED is not listed',
  ],
  ['an unlisted state', (body) => ({ ...body, state: 'CLOSED' }), 'doubt: state CLOSED is not listed'],
  ['another number', (body) => ({ ...body, out_order_no: 'S2' }), 'doubt: the answer is about S2'],
  ['no number', ({ out_order_no: _none, ...body }) => body, 'doubt: the answer is about no number'],
  [
    'another transaction',
    (body) => ({ ...body, transaction_id: '4200' }),
    'doubt: the answer is about transaction_id 4200',
  ],
])('%s', (_case, change, reading) => {
  expect(told(answered(queryDone, change))).toBe(reading);
});

test('what only releases has no receiver but the merchant', () => {
  const own = (body: Body) => ({ ...body, receivers: [body.receivers[2]] });
  expect(told(answered(queryDone, own), { parts: [] })).toBe('succeeded');
  expect(
    told(
      answered(queryDone, (body) => ({ ...body, receivers: [] })),
      { parts: [] },
    ),
  ).toBe('succeeded');
  expect(
    told(
      answered(queryDone, () => undefined),
      { parts: [] },
    ),
  ).toBe('doubt: the answer has 2 receivers, we named 0');
});

const says = (status: number, code: string): WireAnswer => ({
  ...{ status, headers: {} },
  body: Buffer.from(JSON.stringify({ code, message: '' })),
});

test.each`
  status | code                     | share         | back          | receiver
  ${400} | ${'PARAM_ERROR'}         | ${'rejected'} | ${'rejected'} | ${'rejected'}
  ${403} | ${'NO_AUTH'}             | ${'rejected'} | ${'rejected'} | ${'rejected'}
  ${403} | ${'RULE_LIMIT'}          | ${'rejected'} | ${'rejected'} | ${'rejected'}
  ${403} | ${'NOT_ENOUGH'}          | ${'rejected'} | ${'rejected'} | ${'in_doubt'}
  ${400} | ${'INVALID_REQUEST'}     | ${'in_doubt'} | ${'in_doubt'} | ${'rejected'}
  ${400} | ${'NOT_ENOUGH'}          | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
  ${401} | ${'SIGN_ERROR'}          | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
  ${404} | ${'RESOURCE_NOT_EXISTS'} | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
  ${429} | ${'FREQUENCY_LIMITED'}   | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
  ${500} | ${'SYSTEM_ERROR'}        | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
  ${202} | ${'PARAM_ERROR'}         | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
  ${400} | ${'toString'}            | ${'in_doubt'} | ${'in_doubt'} | ${'in_doubt'}
`('$status $code', ({ status, code, ...expected }: { status: number; code: string }) => {
  const rest = [accountOf(), secrets, kitMoment.at] as const;
  const answer = says(status, code);
  const receiver = { requestNo: '1', receiver: shop };
  expect({
    share: share!.submit.interpret(answer, instruction, ...rest).outcome.kind,
    back: share!.giveBack!.submit.interpret(answer, back, ...rest).outcome.kind,
    receiver: share!.bind.interpret(answer, receiver, ...rest).outcome.kind,
  }).toEqual(expected);
});

test('a question refuses nothing; an unknown number is absent, and only behind 404', () => {
  const rest = [accountOf(), secrets, kitMoment.at] as const;
  const asked = (status: number, code: string) =>
    [
      share!.query.interpret(says(status, code), instruction, ...rest),
      share!.giveBack!.query.interpret(says(status, code), back, ...rest),
    ].map(({ outcome, isAbsent }) => `${outcome.kind}${isAbsent === true ? ' absent' : ''}`);
  expect(asked(404, 'RESOURCE_NOT_EXISTS')).toEqual(['in_doubt absent', 'in_doubt absent']);
  for (const [status, code] of [
    [400, 'RESOURCE_NOT_EXISTS'],
    [404, ''],
    [403, 'NO_AUTH'],
    [400, 'PARAM_ERROR'],
  ] as const)
    expect(asked(status, code), code).toEqual(['in_doubt', 'in_doubt']);
});

test.each<[string, (body: Body) => unknown, string]>([
  ['done', () => undefined, 'succeeded'],
  ['under way', (body) => ({ ...body, result: 'PROCESSING' }), 'accepted'],
  ['given up', (body) => ({ ...body, result: 'FAILED', fail_reason: 'TIME_OUT_CLOSED' }), 'rejected TIME_OUT_CLOSED'],
  ['given up, nobody says why', (body) => ({ ...body, result: 'FAILED' }), 'rejected given up'],
  ['an unlisted result', (body) => ({ ...body, result: 'CLOSED' }), 'doubt: result CLOSED is not listed'],
  [
    'less than we asked for',
    (body) => ({ ...body, amount: 1999 }),
    'doubt: the channel says 1999 fen, we asked for 2000',
  ],
  ['another number', (body) => ({ ...body, out_return_no: 'R2' }), 'doubt: the answer is about R2'],
  ['another share', (body) => ({ ...body, out_order_no: 'S2' }), 'doubt: the answer is about another out_order_no'],
  ['another giver', (body) => ({ ...body, return_mchid: '1' }), 'doubt: the answer is about another return_mchid'],
])('of a return: %s', (_case, change, reading) => {
  const answer = answered(returnDone, change);
  for (const { interpret } of [share!.giveBack!.query, share!.giveBack!.submit]) {
    const { outcome } = interpret(answer, back, accountOf(), secrets, kitMoment.at);
    const words = { in_doubt: 'doubt: ', rejected: 'rejected ', succeeded: 'succeeded', accepted: 'accepted' };
    const why = outcome.kind === 'in_doubt' ? outcome.why : outcome.kind === 'rejected' ? outcome.text : '';
    expect(`${words[outcome.kind]}${why}`).toBe(reading);
  }
});

const payment: PayInstruction = {
  ...{ serialNo: 'LS20260102_0001', product: 'native', amount: yuan(19_900n), subject: '奶粉' },
  ...{ deadlineAt: (at + 1_800_000) as Instant, notifyUrl: 'https://pay.example.com/notices/1' },
  ...{
    payerId: new Secret('oSub'),
    payerAddress: new Secret('203.0.113.7'),
    payerCode: new Secret('134567890123456789'),
  },
};

test('what is to be shared is frozen, whatever product it is paid by, and nothing else is', () => {
  const account = accountOf({ api_v2: 'on' });
  const built = (wish: Partial<PayInstruction>) => pay!.submit.build({ ...payment, ...wish }, account, moment, secrets);
  for (const product of Object.keys(connector.manifest.pay!.products).filter((name) => name !== 'code')) {
    const body = { settle_info: { profit_sharing: true } };
    expect(sentBy(built({ product, isHeldForSharing: true })), product).toMatchObject({ body });
    expect(sentBy(built({ product })), product).not.toHaveProperty('body.settle_info');
  }
  const code = (wish: Partial<PayInstruction>) => {
    const draft = built({ product: 'code', ...wish });
    return draft.ok ? readV2(draft.value.finish('SIGN').body!)?.get('profit_sharing') : draft.refusal.code;
  };
  expect([code({ isHeldForSharing: true }), code({})]).toEqual(['Y', undefined]);
});

test('news of a part that arrived is news of something else, by whatever word it comes', () => {
  for (const word of ['TRANSACTION.SUCCESS', 'PROFITSHARING', 'PROFITSHARING_RETURN']) {
    const { headers, body } = answered(noticeOfSharing, (envelope) => ({ ...envelope, event_type: word }));
    const message = { method: 'POST', query: '', headers, body };
    const reading = pay!.notice.read(message, accountOf(), secrets, kitMoment.at);
    expect(reading).toMatchObject({ kind: 'other', word, trust: 'verified', outcome: { kind: 'in_doubt' } });
    expect(reading).not.toHaveProperty('serialNo');
    expect(reading).not.toHaveProperty('says');
  }
});
