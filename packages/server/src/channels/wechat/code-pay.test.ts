import { expect, test } from 'vitest';
import { CNY, Secret } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { PayInstruction } from '../contract/index.ts';
import { moment as kitMoment } from '../contract/kit.ts';
import type { Fixture } from '../contract/kit.ts';
import givenBack from './fixtures/code-query-given-back.json' with { type: 'json' };
import reversed from './fixtures/code-reversed.json' with { type: 'json' };
import channelFixtures from './fixtures/index.ts';
import connector from './index.ts';
import { readV2 } from './v2-xml.ts';

const pay = connector.pay!;
const { secrets } = channelFixtures;
const at = Date.UTC(2026, 0, 1, 19, 4, 5) as Instant;
const moment = { at, nonce: '0198c2f4-0000-7000-8000-000000000001' };
const settings = { mchid: '1800000042', appid: 'wx0123456789abcdef', merchant_serial_no: '4C49', fund_flow: 'new' };

const instruction: PayInstruction = {
  ...{
    serialNo: 'LS20260102_0001',
    product: 'code',
    amount: { minor: 19_900n, currency: CNY },
    subject: '奶粉 & <茶>',
  },
  ...{ deadlineAt: (at + 1_800_000) as Instant, notifyUrl: 'https://pay.example.com/notices/1' },
  payerCode: new Secret('134567890123456789'),
};

function sentBy(built: ReturnType<typeof pay.submit.build>) {
  if (!built.ok) return `${built.refusal.code} ${String(Object.values(built.refusal.params)[0])}`;
  const { signWith, toSign, finish } = built.value;
  const { url, body } = finish('SIGN');
  return { url, signWith, signed: Buffer.from(toSign).toString(), fields: Object.fromEntries(readV2(body!)!) };
}

const account = (more: Record<string, string> = {}) => ({
  id: 'test',
  settings: { ...settings, api_v2: 'on', ...more },
});
const submitted = (wish: Partial<PayInstruction> = {}, more: Record<string, string> = {}) =>
  sentBy(pay.submit.build({ ...instruction, ...wish }, account(more), moment, secrets));

test('a payer code is charged in version 2, with its deadline, and signed with HMAC over raw values', () => {
  expect(submitted()).toEqual({
    url: 'https://api.mch.weixin.qq.com/pay/micropay',
    signWith: 'v2 HMAC-SHA256',
    signed:
      'appid=wx0123456789abcdef&auth_code=134567890123456789&body=奶粉 & <茶>&fee_type=CNY&mch_id=1800000042' +
      '&nonce_str=0198c2f4000070008000000000000001&out_trade_no=LS20260102_0001&sign_type=HMAC-SHA256' +
      '&spbill_create_ip=127.0.0.1&time_expire=20260102033405&total_fee=19900',
    fields: {
      ...{ appid: 'wx0123456789abcdef', mch_id: '1800000042', nonce_str: '0198c2f4000070008000000000000001' },
      ...{ sign_type: 'HMAC-SHA256', body: '奶粉 & <茶>', out_trade_no: 'LS20260102_0001', total_fee: '19900' },
      ...{ fee_type: 'CNY', spbill_create_ip: '127.0.0.1', time_expire: '20260102033405' },
      ...{ auth_code: '134567890123456789', sign: 'SIGN' },
    },
  });
  const more = { limit_pay: 'no_credit', caller_address: '203.0.113.7', sub_mchid: '1900000109' };
  expect(submitted({}, more)).toMatchObject({
    fields: { limit_pay: 'no_credit', spbill_create_ip: '203.0.113.7', mch_id: '1800000042', sub_mch_id: '1900000109' },
  });
});

test('asking and reversing name the number that was charged', () => {
  const byV2 = account({ code_reversal: 'v2' });
  for (const [call, path] of [
    [pay.query, '/pay/orderquery'],
    [pay.cancel!, '/secapi/pay/reverse'],
  ] as const)
    expect(sentBy(call.build(instruction, byV2, moment, secrets))).toMatchObject({
      url: `https://api.mch.weixin.qq.com${path}`,
      fields: { out_trade_no: 'LS20260102_0001', mch_id: '1800000042', sign_type: 'HMAC-SHA256' },
    });
});

test('without a client certificate the same number is reversed over APIv3', () => {
  const keys = { platform_keys: 'public_key', public_key_id: 'PUB_KEY_ID_1' };
  const reversal = (more: Record<string, string>) => {
    const built = pay.cancel!.build(instruction, account({ ...keys, ...more }), moment, secrets);
    if (!built.ok) throw new Error(built.refusal.code);
    const { url, body } = built.value.finish('c2ln');
    return [url.replace('https://api.mch.weixin.qq.com', ''), JSON.parse(Buffer.from(body!).toString())];
  };
  const [appid, mchid, sub] = ['wx0123456789abcdef', '1800000042', '1900000109'];
  const path = 'out-trade-no/LS20260102_0001/reverse';
  expect(reversal({})).toEqual([`/v3/pay/transactions/${path}`, { appid, mchid }]);
  expect(reversal({ sub_mchid: sub })).toEqual([
    `/v3/pay/partner/transactions/${path}`,
    { sp_appid: appid, sp_mchid: mchid, sub_mchid: sub },
  ]);
});

test.each<[Partial<PayInstruction>, Record<string, string>, string]>([
  [{ payerCode: new Secret('284567890123456789') }, {}, 'channel.value_not_taken auth_code'],
  [{ payerCode: new Secret('13456789012345678') }, {}, 'channel.value_not_taken auth_code'],
  [{ payerCode: new Secret('') }, {}, 'channel.value_not_taken auth_code'],
  [{ serialNo: 'LS-1' }, {}, 'channel.value_not_taken out_trade_no'],
  [{ deadlineAt: at }, {}, 'channel.value_not_taken time_expire'],
  [{}, { api_v2: 'off' }, 'channel.not_set_up api_v2'],
  [{}, { limit_pay: 'balance_only' }, 'channel.value_not_taken limit_pay'],
])('%o with %o is refused before anything leaves', (wish, more, refusal) => {
  expect(submitted(wish, more)).toBe(refusal);
});

test('signing with a kind that nobody knows, or without the key, is a mistake of ours', async () => {
  const bytes = new TextEncoder().encode('a=1');
  await expect(connector.sign(bytes, account(), secrets, 'v2 SHA1')).rejects.toThrow('no kind of key');
  await expect(connector.sign(bytes, account(), {}, 'v2 MD5')).rejects.toThrow('no api_v2_key');
});

/** The fixture's answer with other fields, signed anew. */
function answered(fixture: object, changes: Readonly<Record<string, string>> = {}) {
  const whole = fixture as Fixture;
  const nodes = channelFixtures.open(whole).filter(({ name }) => !(name in changes));
  const more = Object.entries(changes).map(([name, text]) => ({ name, text, children: [] }));
  return channelFixtures.write([...nodes, ...more], whole);
}
const heard = (answer: ReturnType<typeof answered>) =>
  pay.query.interpret(answer, instruction, account(), secrets, kitMoment.at).outcome;

test('what was reversed had been paid when it names transaction and time, and was not when it names neither', () => {
  expect(heard(answered(givenBack))).toMatchObject({ kind: 'succeeded', facts: { isGivenBack: true } });
  expect(heard(answered(givenBack, { time_end: '', transaction_id: '' }))).toMatchObject({ kind: 'rejected' });
  expect(heard(answered(givenBack, { time_end: '' }))).toMatchObject({ kind: 'in_doubt' });
  const closed = { trade_state: 'CLOSED' };
  expect(heard(answered(givenBack, closed))).toMatchObject({ kind: 'in_doubt' });
  expect(heard(answered(givenBack, { ...closed, time_end: '', transaction_id: '' }))).toMatchObject({
    kind: 'rejected',
  });
});

test('the answer to a reversal ends nothing, whatever it says: asking does', () => {
  const byV2 = account({ code_reversal: 'v2' });
  for (const recall of ['N', 'Y', '']) {
    const answer = answered(reversed, { recall });
    expect(pay.cancel!.interpret(answer, instruction, byV2, secrets, kitMoment.at).outcome.kind).toBe('in_doubt');
  }
});
