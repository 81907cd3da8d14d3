import { constants, publicEncrypt } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { openBooks } from '../../test/wechat-books.ts';
import { appid, day, keys, mchid, merchantInput, minute, second } from '../../test/wechat-merchant.ts';
import { booksView } from './views.ts';

type Fields = Record<string, unknown>;

const partner = '1900000109';
const person = 'oReceiver000000000000000001';
let shop: ReturnType<typeof openBooks>;
let transactionId: string;
beforeEach(() => reopen());

/** A payment of 100.00 that is kept for sharing; the fee is 0.60. */
function reopen(changes: Fields = { settle_info: { profit_sharing: true } }): void {
  shop = openBooks();
  shop.order('native', changes);
  shop.pay();
  transactionId = String(shop.query()['transaction_id']);
}

function sealed(name: string): string {
  const key = { key: keys.platform_public, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
  return publicEncrypt(key, Buffer.from(name)).toString('base64');
}
const add = (account = partner, changes: Fields = {}) => {
  const who = { type: account.startsWith('o') ? 'PERSONAL_OPENID' : 'MERCHANT_ID', account, name: sealed('某公司') };
  return shop.said('share_receiver_add', { appid, ...who, relation_type: 'PARTNER', ...changes }).word;
};
const part = (amount: number, account = partner) => ({
  type: account.startsWith('o') ? 'PERSONAL_OPENID' : 'MERCHANT_ID',
  account,
  amount,
  description: 'a part',
});
const share = (no: string, receivers: readonly object[], changes: Fields = {}) =>
  shop.said('share', {
    appid,
    transaction_id: transactionId,
    out_order_no: no,
    receivers,
    unfreeze_unsplit: false,
    ...changes,
  });
const unfreeze = (no: string) =>
  shop.said('share_unfreeze', { transaction_id: transactionId, out_order_no: no, description: 'the rest' });
const asked = (no: string) =>
  shop.said('share_query', { out_order_no: no, transaction_id: transactionId }).fields as Fields;
const results = (no: string) =>
  (asked(no)['receivers'] as Fields[]).map((one) => [one['account'], one['result'], one['fail_reason']]);
const left = () => (shop.said('share_amounts', { transaction_id: transactionId }).fields as Fields)['unsplit_amount'];
const giveBack = (no: string, amount: number, changes: Fields = {}) =>
  shop.said('share_return', {
    out_order_no: 'S1',
    out_return_no: no,
    return_mchid: partner,
    amount,
    description: 'back',
    ...changes,
  });
const inBooks = () => booksView(shop.books, { offset: 0, limit: 10 });
const theirs = () => shop.books.register.ledger.balanceOf(partner, 'BASIC');
const shared = (amount = 1_000) => {
  add();
  shop.after(minute);
  share('S1', [part(amount)]);
  shop.after(2 * second);
};

describe('receivers', () => {
  test('a merchant must tell its name, a person may, and a name that is known must be the right one', () => {
    expect(add(partner, { name: undefined })).toBe('PARAM_ERROR');
    expect(add(person, { name: undefined })).toBe('done');
    expect(add(partner)).toBe('done');
    shop.control('receivers', { account: partner, name: '另一公司' });
    shop.control('identities', { openid: person, name: '张三', id_no: '1' });
    expect([add(partner), add(person)]).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST']);
    expect(add(partner, { name: sealed('另一公司') })).toBe('done');
    expect(add(person, { name: sealed('张三') })).toBe('done');
  });

  test.each([
    ['a name that nobody can read', { name: 'AAAA' }, 'PARAM_ERROR'],
    ['a relation that is none', { relation_type: 'FRIEND' }, 'PARAM_ERROR'],
    ['a relation of its own without a word for it', { relation_type: 'CUSTOM' }, 'PARAM_ERROR'],
    ['a type that is none', { type: 'BANK' }, 'PARAM_ERROR'],
    ['somebody else’s application', { appid: 'wx9999999999999999' }, 'APPID_MCHID_NOT_MATCH'],
  ])('%s is refused', (_, changes, word) => {
    expect(add(partner, changes)).toBe(word);
  });

  test('who was never added, or is no receiver any more, is closed; where it is set so the request is refused', () => {
    shop.after(minute);
    expect(share('S1', [part(100)]).fields).toMatchObject({ state: 'PROCESSING' });
    shop.after(2 * second);
    expect(results('S1')).toEqual([[partner, 'CLOSED', 'NO_RELATION']]);
    expect([asked('S1')['state'], left()]).toEqual(['FINISHED', 9_940]);
    add();
    share('S2', [part(100)]);
    expect(shop.said('share_receiver_delete', { appid, type: 'MERCHANT_ID', account: partner }).word).toBe('done');
    shop.after(2 * second);
    expect(results('S2')).toEqual([[partner, 'CLOSED', 'NO_RELATION']]);
    shop.set({ share_unrelated: 'refuse' });
    expect(share('S3', [part(100)]).word).toBe('INVALID_REQUEST');
  });
});

describe('sharing', () => {
  test('is taken, then every receiver has its part; what is left is kept', () => {
    add();
    add(person);
    shop.after(minute);
    const [before, before2] = [shop.basic(), theirs()];
    const { fields } = share('S1', [part(2_000), part(500, person)]);
    expect(fields).toMatchObject({ state: 'PROCESSING', transaction_id: transactionId, out_order_no: 'S1' });
    expect(fields['receivers']).toMatchObject([
      { result: 'PENDING', finish_time: '1970-01-01T08:00:00+08:00', amount: 2_000 },
      { result: 'PENDING', amount: 500 },
    ]);
    expect([left(), shop.basic() - before]).toEqual([7_440, 0]);
    shop.after(2 * second);
    expect(results('S1')).toEqual([
      [partner, 'SUCCESS', undefined],
      [person, 'SUCCESS', undefined],
    ]);
    expect([asked('S1')['state'], left(), shop.basic() - before, theirs() - before2]).toEqual([
      'FINISHED',
      7_440,
      -2_500,
      2_000,
    ]);
  });

  test('not before a minute has passed, not of what was not to be shared, not of what nobody knows', () => {
    add();
    shop.after(minute - 1);
    expect(share('S1', [part(100)]).word).toBe('INVALID_REQUEST');
    shop.after(1);
    expect(share('S1', [part(100)], { transaction_id: '42' }).word).toBe('RESOURCE_NOT_EXISTS');
    expect(share('S1', [part(100)]).word).toBe('done');
    reopen({});
    add();
    shop.after(minute);
    expect([share('S1', [part(100)]).word, unfreeze('U1').word]).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST']);
    expect(shop.said('share_amounts', { transaction_id: transactionId }).word).toBe('INVALID_REQUEST');
  });

  test.each([
    ['no receivers', { receivers: [] }],
    ['more than fifty receivers', { receivers: Array.from({ length: 51 }, () => part(1)) }],
    ['nothing for a receiver', { receivers: [part(0)] }],
    ['a receiver without a word why', { receivers: [{ ...part(1), description: '' }] }],
    ['no word about the rest', { unfreeze_unsplit: undefined }],
    ['a number that is none', { out_order_no: 'S 1' }],
    ['a person and no application', { receivers: [part(1, person)], appid: undefined }],
  ])('%s: refused as it is written', (_, changes) => {
    shop.after(minute);
    expect(share('S1', [part(1)], changes).word).toBe('PARAM_ERROR');
  });

  test('a name that is not the receiver’s refuses the request', () => {
    shop.control('receivers', { account: partner, name: '某公司' });
    add();
    shop.after(minute);
    expect(share('S1', [{ ...part(1), name: sealed('别人') }]).word).toBe('INVALID_REQUEST');
    expect(share('S1', [{ ...part(1), name: sealed('某公司') }]).word).toBe('done');
  });

  test('the same number again moves nothing, however the name is sealed; with other content it is refused', () => {
    add();
    shop.after(minute);
    const first = share('S1', [{ ...part(1_000), name: sealed('某公司') }]).fields;
    shop.after(2 * second);
    const before = shop.basic();
    const again = share('S1', [{ ...part(1_000), name: sealed('某公司') }]).fields;
    shop.after(2 * second);
    expect([again['order_id'], again['state'], shop.basic()]).toEqual([first['order_id'], 'FINISHED', before]);
    expect(share('S1', [part(1_001)]).word).toBe('INVALID_REQUEST');
    expect(share('S1', [part(1_000)], { unfreeze_unsplit: true }).word).toBe('INVALID_REQUEST');
    expect(unfreeze('S1').word).toBe('INVALID_REQUEST');
  });

  test('thirty percent in all, or as many as are set; what was refused counts no more', () => {
    add();
    shop.after(minute);
    expect(share('S1', [part(3_001)]).word).toBe('RULE_LIMIT');
    expect(share('S1', [part(2_000), part(1_000)]).word).toBe('done');
    expect(share('S2', [part(1)]).word).toBe('RULE_LIMIT');
    shop.set({ share_percent: 100 });
    expect(share('S2', [part(6_941)]).word).toBe('NOT_ENOUGH');
    expect(share('S2', [part(6_940)]).word).toBe('done');
    reopen();
    shop.after(minute);
    share('S1', [part(3_000)]);
    shop.after(2 * second);
    expect(share('S2', [part(3_000)]).word).toBe('done');
  });

  test('fifty requests and no more, and one more to release the rest', () => {
    add();
    shop.after(minute);
    for (let n = 1; n <= 50; n += 1) expect(share(`S${n}`, [part(1)]).word).toBe('done');
    expect(share('S51', [part(1)]).word).toBe('RULE_LIMIT');
    expect(unfreeze('U1').word).toBe('done');
  });
});

describe('what is left', () => {
  const free = () => inBooks().merchants[0]!.funds[mchid]!;

  test('is released with the last request, and listed as a receiver, the merchant itself', () => {
    add();
    shop.after(minute);
    const before = shop.basic();
    share('S1', [part(1_000)], { unfreeze_unsplit: true });
    expect([left(), free().held_fen]).toEqual([0, 9_940]);
    shop.after(2 * second);
    expect(results('S1')).toEqual([
      [partner, 'SUCCESS', undefined],
      [mchid, 'SUCCESS', undefined],
    ]);
    expect([free().held_fen, shop.basic() - before]).toEqual([0, -1_000]);
    expect(inBooks().shares).toMatchObject([
      { share_no: 'S1', state: 'finished', released_fen: 8_940, parts: [{ account: partner, state: 'succeeded' }] },
    ]);
    expect([share('S2', [part(1)]).word, unfreeze('U1').word]).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST']);
    shop.set({ share_release_listed: false });
    expect(results('S1')).toHaveLength(1);
  });

  test('is released by a request of its own, which the same number repeats', () => {
    shop.after(minute);
    const { fields } = unfreeze('U1');
    expect(fields).toMatchObject({ state: 'PROCESSING', receivers: [{ account: mchid, amount: 9_940 }] });
    shop.after(2 * second);
    expect([unfreeze('U1').word, asked('U1')['state'], free().held_fen]).toEqual(['done', 'FINISHED', 0]);
    expect(unfreeze('U2').word).toBe('INVALID_REQUEST');
  });

  test('is the merchant’s after thirty days, while what is pending stays promised', () => {
    add();
    shop.after(minute);
    shop.fault('share_stays_processing', { out_order_nos: ['S1'] });
    share('S1', [part(1_000)]);
    shop.after(30 * day - minute - 1);
    expect([left(), free().held_fen]).toEqual([8_940, 9_940]);
    shop.after(1);
    expect([left(), free().held_fen, share('S2', [part(1)]).word]).toEqual([0, 1_000, 'INVALID_REQUEST']);
    const before = shop.basic();
    shop.control('shares', { out_order_no: 'S1', becomes: 'CLOSED', reason: 'RECEIVER_HIGH_RISK' });
    expect([results('S1'), free().held_fen, shop.basic() - before]).toEqual([
      [[partner, 'CLOSED', 'RECEIVER_HIGH_RISK']],
      0,
      0,
    ]);
  });

  test('cannot be used for another order’s refund', () => {
    shop.order('native', { out_trade_no: 'ORDER-2' });
    shop.pay({ out_trade_no: 'ORDER-2' });
    shop.control('funds', { mchid, basic: 0 });
    expect(shop.basic()).toBe(9_940);
    expect(shop.refund('R1', 100, { out_trade_no: 'ORDER-2' }).word).toBe('NOT_ENOUGH');
    expect(shop.refund('R2', 100).word).toBe('done');
    expect(left()).toBe(9_940 - 99);
  });
});

describe('refunds of a shared order', () => {
  test('what receivers have must come back first; what is kept goes back at once', () => {
    shared(1_000);
    expect(shop.refund('R1', 9_001).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 9_000).word).toBe('done');
    expect(left()).toBe(0);
    shop.after(minute);
    expect(shop.refund('R2', 1_000).word).toBe('INVALID_REQUEST');
    expect(giveBack('B1', 400).fields).toMatchObject({ result: 'SUCCESS' });
    expect(shop.refund('R2', 401).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R2', 400).word).toBe('done');
    shop.after(minute);
    giveBack('B2', 600);
    expect(shop.refund('R3', 600).word).toBe('done');
  });

  test('where it is set so the balance pays for what receivers have', () => {
    shared(1_000);
    shop.set({ shared_refund: 'from_balance' });
    expect(shop.refund('R1', 10_000).word).toBe('done');
  });

  test('one that is closed is kept again', () => {
    shop.fault('refund_closed', { api: 'refund' });
    shop.refund('R1', 3_000);
    expect(left()).toBe(9_940 - 2_982);
    shop.after(2 * second);
    expect(left()).toBe(9_940);
  });

  test('a payment that was given back entirely cannot be shared', () => {
    add();
    shop.refund('R1', 10_000);
    shop.after(minute);
    expect(share('S1', [part(1)]).word).toBe('NOT_ENOUGH');
  });
});

describe('returns', () => {
  test('come from the receiver to the balance, in parts, and never more than it got', () => {
    shared(1_000);
    const [before, before2] = [shop.basic(), theirs()];
    expect(giveBack('B1', 600).fields).toMatchObject({
      result: 'SUCCESS',
      amount: 600,
      return_mchid: partner,
      out_order_no: 'S1',
    });
    expect(giveBack('B2', 401).word).toBe('INVALID_REQUEST');
    expect(giveBack('B2', 400).word).toBe('done');
    expect([shop.basic() - before, theirs() - before2, left()]).toEqual([1_000, -1_000, 8_940]);
    expect(inBooks().shares[0]).toMatchObject({
      parts: [{ returned_fen: 1_000 }],
      returns: [
        { return_no: 'B1', account: partner, amount_fen: 600, state: 'succeeded' },
        { return_no: 'B2', amount_fen: 400 },
      ],
    });
  });

  test('the same number again moves nothing; with other content it is refused', () => {
    shared(1_000);
    giveBack('B1', 600);
    const before = shop.basic();
    expect([giveBack('B1', 600).word, shop.basic()]).toEqual(['done', before]);
    expect(giveBack('B1', 599).word).toBe('INVALID_REQUEST');
  });

  test('may be asked by WeChat’s number, and are found with the number of the request', () => {
    shared(1_000);
    const { order_id: id } = asked('S1');
    expect(giveBack('B1', 1, { out_order_no: undefined, order_id: id }).word).toBe('done');
    const query = (changes: Fields) => shop.said('share_return_query', { out_return_no: 'B1', ...changes }).word;
    expect([query({ out_order_no: 'S1' }), query({ out_order_no: 'S2' }), query({})]).toEqual([
      'done',
      'RESOURCE_NOT_EXISTS',
      'PARAM_ERROR',
    ]);
    expect(giveBack('B2', 1, { out_order_no: 'S9' }).word).toBe('RESOURCE_NOT_EXISTS');
  });

  test('not from a person, not from who got nothing, not after 180 days', () => {
    add(person);
    shared(1_000);
    share('S2', [part(100, person)]);
    shop.after(2 * second);
    expect(giveBack('B1', 1, { out_order_no: 'S2', return_mchid: person }).word).toBe('INVALID_REQUEST');
    expect(giveBack('B1', 1, { return_mchid: '1900000110' }).word).toBe('INVALID_REQUEST');
    shop.after(180 * day);
    expect(giveBack('B1', 1).word).toBe('INVALID_REQUEST');
  });

  test('fail when the receiver has no money, and nothing has moved', () => {
    shared(1_000);
    shop.control('funds', { mchid: partner, basic: 999 });
    const before = shop.basic();
    expect(giveBack('B1', 1_000).fields).toMatchObject({ result: 'FAILED', fail_reason: 'BALANCE_NOT_ENOUGH' });
    expect([shop.basic(), giveBack('B1', 1_000).fields['result']]).toEqual([before, 'FAILED']);
    expect(giveBack('B2', 999).fields).toMatchObject({ result: 'SUCCESS' });
  });

  test('may take a while, and what is on its way cannot be asked for twice', () => {
    shared(1_000);
    shop.set({ share_return_ms: 5 * second });
    expect(giveBack('B1', 600).fields).toMatchObject({ result: 'PROCESSING' });
    expect(giveBack('B2', 600).word).toBe('INVALID_REQUEST');
    expect(shop.refund('R1', 9_600).word).toBe('INVALID_REQUEST');
    shop.after(5 * second);
    expect(giveBack('B1', 600).fields).toMatchObject({ result: 'SUCCESS' });
    expect(shop.refund('R1', 9_600).word).toBe('done');
  });
});

describe('faults', () => {
  test('one receiver of several is closed, and the request is finished all the same', () => {
    add();
    add(person);
    shop.after(minute);
    shop.fault(
      'share_receiver_closed',
      { api: 'share' },
      { account: person, reason: 'RECEIVER_REAL_NAME_NOT_VERIFIED' },
    );
    share('S1', [part(1_000), part(500, person)]);
    shop.after(2 * second);
    expect(results('S1')).toEqual([
      [partner, 'SUCCESS', undefined],
      [person, 'CLOSED', 'RECEIVER_REAL_NAME_NOT_VERIFIED'],
    ]);
    expect([asked('S1')['state'], left()]).toEqual(['FINISHED', 8_940]);
  });

  test('a request that stays where it is until a command decides', () => {
    shop.fault('share_stays_processing', { api: 'share' });
    shared(1_000);
    shop.after(day);
    expect([asked('S1')['state'], left()]).toEqual(['PROCESSING', 8_940]);
    shop.control('shares', { out_order_no: 'S1', becomes: 'SUCCESS' });
    expect([asked('S1')['state'], results('S1')]).toEqual(['FINISHED', [[partner, 'SUCCESS', undefined]]]);
    expect(() => shop.control('shares', { out_order_no: 'S1', becomes: 'CLOSED' })).toThrow('pending');
  });

  test('a return that fails, and one that nobody decides but a command', () => {
    shared(1_000);
    shop.fault('share_return_fails', { out_return_nos: ['B1'] }, { reason: 'TIME_OUT_CLOSED' });
    expect(giveBack('B1', 100).fields).toMatchObject({ result: 'FAILED', fail_reason: 'TIME_OUT_CLOSED' });
    shop.fault('share_return_stays_processing', { out_return_nos: ['B2'] });
    giveBack('B2', 100);
    shop.after(day);
    expect(giveBack('B2', 100).fields).toMatchObject({ result: 'PROCESSING' });
    shop.control('share_returns', { out_return_no: 'B2', becomes: 'SUCCESS' });
    expect(giveBack('B2', 100).fields).toMatchObject({ result: 'SUCCESS' });
  });

  test('what is not booked does not exist, what is booked is there behind any answer', () => {
    add();
    shop.after(minute);
    shop.fault('system_error_not_booked', { out_order_nos: ['S1'] });
    expect([share('S1', [part(100)]).word, asked('S1')['state']]).toEqual(['SYSTEM_ERROR', undefined]);
    shop.fault('system_error_booked', { out_order_nos: ['S2'] });
    share('S2', [part(100)]);
    expect(asked('S2')['state']).toBe('PROCESSING');
  });
});

describe('callbacks', () => {
  const url = 'http://127.0.0.1:1/heard';
  const told = () =>
    inBooks().notices.flatMap(({ event, told, mchid: to }) => (event.startsWith('share') ? [{ event, to, told }] : []));

  test('merchants that receive are told, of what they get and of what they give back', () => {
    shop.control('merchants', { ...merchantInput, mchid: partner, appids: [] });
    shop.control('receivers', { account: partner, notify_url: url });
    shared(1_000);
    giveBack('B1', 400);
    expect(told()).toMatchObject([
      {
        event: 'shared',
        to: partner,
        told: {
          mchid,
          transaction_id: transactionId,
          out_order_no: 'S1',
          receiver: { type: 'MERCHANT_ID', account: partner, amount: 1_000, description: 'a part' },
        },
      },
      { event: 'share_returned', to: partner, told: { out_order_no: 'B1', receiver: { account: mchid, amount: 400 } } },
    ]);
  });

  test('another amount is told of the receiver’s part', () => {
    shop.control('merchants', { ...merchantInput, mchid: partner, appids: [] });
    shop.control('receivers', { account: partner, notify_url: url });
    shop.fault('notify_wrong_amount', { event: 'shared' });
    shared(1_000);
    expect(told()).toMatchObject([{ told: { receiver: { amount: 1_100 } } }]);
  });

  test('who has no address, no key or no part is told nothing', () => {
    shop.control('receivers', { account: partner, notify_url: url });
    shared(1_000);
    expect(told()).toEqual([]);
  });
});
