import { beforeEach, describe, expect, test } from 'vitest';
import { terms } from '../../test/wechat-books.ts';
import { appid, day, mchid, merchantInput, minute, noon, second } from '../../test/wechat-merchant.ts';
import { openSharing, part, partner, person, sealedName } from '../../test/wechat-sharing-books.ts';

const v2Names = { appid, mch_id: mchid };
const v2Terms = { ...v2Names, body: 'milk', total_fee: '10000', spbill_create_ip: '203.0.113.7', profit_sharing: 'Y' };

let shop: ReturnType<typeof openSharing>;
beforeEach(() => {
  shop = openSharing();
});

describe('receivers', () => {
  test('a merchant must tell its name, a person may, and a name that is known must be the right one', () => {
    expect(shop.add(partner, { name: undefined })).toBe('PARAM_ERROR');
    expect(shop.add(person, { name: undefined })).toBe('done');
    expect(shop.add(partner)).toBe('done');
    shop.control('receivers', { account: partner, name: '另一公司' });
    shop.control('identities', { openid: person, name: '张三', id_no: '1' });
    expect([shop.add(partner), shop.add(person)]).toEqual(['INVALID_REQUEST', 'INVALID_REQUEST']);
    expect(shop.add(partner, { name: sealedName('另一公司') })).toBe('done');
    expect(shop.add(person, { name: sealedName('张三') })).toBe('done');
  });

  test.each([
    ['a name that nobody can read', { name: 'AAAA' }, 'PARAM_ERROR'],
    ['a relation that is none', { relation_type: 'FRIEND' }, 'PARAM_ERROR'],
    ['a relation of its own without a word for it', { relation_type: 'CUSTOM' }, 'PARAM_ERROR'],
    ['a type that is none', { type: 'BANK' }, 'PARAM_ERROR'],
    ['somebody else’s application', { appid: 'wx9999999999999999' }, 'APPID_MCHID_NOT_MATCH'],
  ])('%s is refused', (_, changes, word) => {
    expect(shop.add(partner, changes)).toBe(word);
  });

  test('who was never added, or is no receiver any more, is closed; where it is set so the request is refused', () => {
    shop.after(minute);
    expect(shop.share('S1', [part(100)]).fields).toMatchObject({ state: 'PROCESSING' });
    shop.after(2 * second);
    expect(shop.results('S1')).toEqual([[partner, 'CLOSED', 'NO_RELATION']]);
    expect([shop.asked('S1')['state'], shop.left()]).toEqual(['FINISHED', 9_940]);
    shop.add();
    shop.share('S2', [part(100)]);
    expect(shop.said('share_receiver_delete', { appid, type: 'MERCHANT_ID', account: partner }).word).toBe('done');
    shop.after(2 * second);
    expect(shop.results('S2')).toEqual([[partner, 'CLOSED', 'NO_RELATION']]);
    shop.set({ share_unrelated: 'refuse' });
    expect(shop.share('S3', [part(100)]).word).toBe('INVALID_REQUEST');
  });
});

describe('sharing', () => {
  test('is taken, then every receiver has its part; what is left is kept', () => {
    shop.add();
    shop.add(person);
    shop.after(minute);
    const [before, before2] = [shop.basic(), shop.theirs()];
    const { fields } = shop.share('S1', [part(2_000), part(500, person)]);
    expect(fields).toMatchObject({ state: 'PROCESSING', transaction_id: shop.transactionId, out_order_no: 'S1' });
    expect(fields['receivers']).toMatchObject([
      { result: 'PENDING', finish_time: '1970-01-01T08:00:00+08:00', amount: 2_000 },
      { result: 'PENDING', amount: 500 },
    ]);
    expect([shop.left(), shop.basic() - before]).toEqual([7_440, 0]);
    shop.after(2 * second);
    expect(shop.results('S1')).toEqual([
      [partner, 'SUCCESS', undefined],
      [person, 'SUCCESS', undefined],
    ]);
    expect([shop.asked('S1')['state'], shop.left(), shop.basic() - before, shop.theirs() - before2]).toEqual([
      'FINISHED',
      7_440,
      -2_500,
      2_000,
    ]);
  });

  test('not before a minute has passed, not of what was not to be shared, not of what nobody knows', () => {
    shop.add();
    shop.after(minute - 1);
    expect(shop.share('S1', [part(100)]).word).toBe('INVALID_REQUEST');
    shop.after(1);
    expect(shop.share('S1', [part(100)], { transaction_id: '42' }).word).toBe('RESOURCE_NOT_EXISTS');
    expect(shop.share('S1', [part(100)]).word).toBe('done');
    shop = openSharing({});
    shop.add();
    shop.after(minute);
    expect([shop.share('S1', [part(100)]).word, shop.unfreeze('U1').word]).toEqual([
      'INVALID_REQUEST',
      'INVALID_REQUEST',
    ]);
    expect(shop.said('share_amounts', { transaction_id: shop.transactionId }).word).toBe('INVALID_REQUEST');
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
    expect(shop.share('S1', [part(1)], changes).word).toBe('PARAM_ERROR');
  });

  test('a name that is not the receiver’s refuses the request', () => {
    shop.control('receivers', { account: partner, name: '某公司' });
    shop.add();
    shop.after(minute);
    expect(shop.share('S1', [{ ...part(1), name: sealedName('别人') }]).word).toBe('INVALID_REQUEST');
    expect(shop.share('S1', [{ ...part(1), name: sealedName('某公司') }]).word).toBe('done');
  });

  test('the same number again moves nothing, however the name is sealed; with other content it is refused', () => {
    shop.add();
    shop.after(minute);
    const first = shop.share('S1', [{ ...part(1_000), name: sealedName('某公司') }]).fields;
    shop.after(2 * second);
    const before = shop.basic();
    const again = shop.share('S1', [{ ...part(1_000), name: sealedName('某公司') }]).fields;
    shop.after(2 * second);
    expect([again['order_id'], again['state'], shop.basic()]).toEqual([first['order_id'], 'FINISHED', before]);
    expect(shop.share('S1', [part(1_001)]).word).toBe('INVALID_REQUEST');
    const named = { ...part(1_000), name: sealedName('某公司') };
    expect(shop.share('S1', [named], { unfreeze_unsplit: true }).word).toBe('INVALID_REQUEST');
    expect(shop.unfreeze('S1').word).toBe('INVALID_REQUEST');
  });

  test('thirty percent in all, or as many as are set; what was refused counts no more', () => {
    shop.add();
    shop.after(minute);
    expect(shop.share('S1', [part(3_001)]).word).toBe('RULE_LIMIT');
    expect(shop.share('S1', [part(2_000), part(1_000)]).word).toBe('done');
    expect(shop.share('S2', [part(1)]).word).toBe('RULE_LIMIT');
    shop.set({ share_percent: 100 });
    expect(shop.share('S2', [part(6_941)]).word).toBe('NOT_ENOUGH');
    expect(shop.share('S2', [part(6_940)]).word).toBe('done');
    shop = openSharing();
    shop.after(minute);
    shop.share('S1', [part(3_000)]);
    shop.after(2 * second);
    expect(shop.share('S2', [part(3_000)]).word).toBe('done');
  });

  test('is found by its number and its transaction together, and by nobody else', () => {
    shop.shared(1_000);
    const asked = { out_order_no: 'S1', transaction_id: '42' };
    expect(shop.said('share_query', asked).word).toBe('RESOURCE_NOT_EXISTS');
    expect(shop.said('share_query', { out_order_no: 'S1' }).word).toBe('PARAM_ERROR');
    shop.control('merchants', { ...merchantInput, mchid: partner });
    const call = { version: 'v3', mchid: partner, partner: false } as const;
    const theirs = (api: string, fields: object) => {
      const outcome = shop.books.act({ does: 'call', call: { ...call, api, fields: { ...fields } } }, noon + day);
      return outcome?.result.kind === 'refused' ? outcome.result.code : 'done';
    };
    expect(theirs('share_amounts', { transaction_id: shop.transactionId })).toBe('RESOURCE_NOT_EXISTS');
    const back = { out_return_no: 'B1', return_mchid: partner, amount: 1, description: 'back' };
    expect(theirs('share_return', { ...back, order_id: shop.asked('S1')['order_id'] })).toBe('RESOURCE_NOT_EXISTS');
  });

  test('a provider shares what its sub-merchant was paid, and the sub-merchant gets the rest', () => {
    const subMchid = '1900000200';
    shop.control('merchants', { ...merchantInput, sub_mchids: [subMchid] });
    const parties = { sp_mchid: mchid, sp_appid: appid, sub_mchid: subMchid };
    const order = { ...terms, ...parties, out_trade_no: 'ORDER-3', settle_info: { profit_sharing: true } };
    shop.said('native', order, 'v3', true);
    shop.pay({ out_trade_no: 'ORDER-3' });
    const transaction = shop.books.register.orderOf(subMchid, 'ORDER-3')!.payment!.transactionId;
    shop.after(minute);
    shop.add(partner, { sub_mchid: subMchid });
    const wish = { transaction_id: transaction, sub_mchid: subMchid, unfreeze_unsplit: true };
    expect(shop.share('S1', [part(100)], { ...wish, sub_mchid: undefined }).word).toBe('RESOURCE_NOT_EXISTS');
    expect(shop.said('share_amounts', { transaction_id: transaction }).fields).toMatchObject({ unsplit_amount: 9_940 });
    expect(shop.share('S1', [part(100)], wish).fields).toMatchObject({
      sub_mchid: subMchid,
      receivers: [{ account: partner }, { account: subMchid, description: '解冻给分账方' }],
    });
    shop.after(2 * second);
    expect(shop.inBooks().shares).toMatchObject([
      { payee: subMchid, released_fen: 9_840, parts: [{ state: 'succeeded' }] },
    ]);
  });

  test('what persons have is in no book', () => {
    shop.add(person);
    shop.after(minute);
    shop.share('S1', [part(1_000, person)]);
    shop.after(2 * second);
    const { ledger } = shop.books.register;
    expect(ledger.balanceOf(person, 'BASIC')).toBe(ledger.balanceOf('oSomebodyElse', 'BASIC'));
  });

  test('a payment by v2 says it with a Y; one that was reversed has nothing to share', () => {
    shop.said('codepay', { ...v2Terms, out_trade_no: 'ORDER-2', auth_code: '130000000000000001' }, 'v2');
    const paid = shop.books.register.orderOf(mchid, 'ORDER-2')!;
    expect(paid.hold).toMatchObject({ fen: 9_940 });
    shop.add();
    shop.after(minute);
    const wish = { transaction_id: paid.payment!.transactionId };
    shop.set({ share_percent: 100 });
    expect(shop.share('S1', [part(1)], wish).word).toBe('done');
    shop.after(2 * second);
    shop.control('funds', { mchid, basic: 0 });
    // What is kept of the other order pays for nothing here.
    expect(shop.said('reverse', { ...v2Names, out_trade_no: 'ORDER-2' }, 'v2').word).toBe('NOT_ENOUGH');
    shop.control('funds', { mchid, basic: 1 });
    expect(shop.said('reverse', { ...v2Names, out_trade_no: 'ORDER-2' }, 'v2').word).toBe('done');
    expect(shop.share('S2', [part(1)], wish).word).toBe('INVALID_REQUEST');
  });

  test('fifty requests and no more, and one more to release the rest', () => {
    shop.add();
    shop.after(minute);
    for (let n = 1; n <= 50; n += 1) expect(shop.share(`S${n}`, [part(1)]).word).toBe('done');
    expect(shop.share('S51', [part(1)]).word).toBe('RULE_LIMIT');
    expect(shop.unfreeze('U1').word).toBe('done');
  });
});

describe('what is left', () => {
  const free = () => shop.inBooks().merchants[0]!.funds[mchid]!;

  test('is released with the last request, and listed as a receiver, the merchant itself', () => {
    shop.add();
    shop.after(minute);
    const before = shop.basic();
    shop.share('S1', [part(1_000)], { unfreeze_unsplit: true });
    expect([shop.left(), free().held_fen]).toEqual([0, 9_940]);
    shop.after(2 * second);
    expect(shop.results('S1')).toEqual([
      [partner, 'SUCCESS', undefined],
      [mchid, 'SUCCESS', undefined],
    ]);
    expect([free().held_fen, shop.basic() - before]).toEqual([0, -1_000]);
    expect(shop.inBooks().shares).toMatchObject([
      { share_no: 'S1', state: 'finished', released_fen: 8_940, parts: [{ account: partner, state: 'succeeded' }] },
    ]);
    expect([shop.share('S2', [part(1)]).word, shop.unfreeze('U1').word]).toEqual([
      'INVALID_REQUEST',
      'INVALID_REQUEST',
    ]);
    shop.set({ share_release_listed: false });
    expect(shop.results('S1')).toHaveLength(1);
  });

  test('is released by a request of its own, which the same number repeats', () => {
    shop.after(minute);
    const { fields } = shop.unfreeze('U1');
    expect(fields).toMatchObject({ state: 'PROCESSING', receivers: [{ account: mchid, amount: 9_940 }] });
    shop.after(2 * second);
    expect([shop.unfreeze('U1').word, shop.asked('U1')['state'], free().held_fen]).toEqual(['done', 'FINISHED', 0]);
    expect(shop.unfreeze('U2').word).toBe('INVALID_REQUEST');
    const ended = shop.inBooks().orders[0]!.hold!.ended_at;
    shop.after(30 * day);
    expect(shop.inBooks().orders[0]!.hold!.ended_at).toBe(ended);
  });

  test('is the merchant’s after thirty days, while what is pending stays promised', () => {
    shop.add();
    shop.after(minute);
    shop.fault('share_stays_processing', { out_order_nos: ['S1'] });
    shop.share('S1', [part(1_000)]);
    shop.after(30 * day - minute - 1);
    expect([shop.left(), free().held_fen]).toEqual([8_940, 9_940]);
    shop.after(1);
    expect([shop.left(), free().held_fen, shop.share('S2', [part(1)]).word]).toEqual([0, 1_000, 'INVALID_REQUEST']);
    const before = shop.basic();
    shop.control('shares', { out_order_no: 'S1', becomes: 'CLOSED', reason: 'RECEIVER_HIGH_RISK' });
    expect([shop.results('S1'), free().held_fen, shop.basic() - before]).toEqual([
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
    expect(shop.left()).toBe(9_940 - 99);
  });
});

describe('faults', () => {
  test('one receiver of several is closed, and the request is finished all the same', () => {
    shop.add();
    shop.add(person);
    shop.after(minute);
    shop.fault(
      'share_receiver_closed',
      { api: 'share' },
      { account: person, reason: 'RECEIVER_REAL_NAME_NOT_VERIFIED' },
    );
    shop.share('S1', [part(1_000), part(500, person)]);
    shop.after(2 * second);
    expect(shop.results('S1')).toEqual([
      [partner, 'SUCCESS', undefined],
      [person, 'CLOSED', 'RECEIVER_REAL_NAME_NOT_VERIFIED'],
    ]);
    expect([shop.asked('S1')['state'], shop.left()]).toEqual(['FINISHED', 8_940]);
  });

  test('a request that stays where it is until a command decides', () => {
    shop.fault('share_stays_processing', { api: 'share' });
    shop.shared(1_000);
    shop.after(day);
    expect([shop.asked('S1')['state'], shop.left()]).toEqual(['PROCESSING', 8_940]);
    shop.control('shares', { out_order_no: 'S1', becomes: 'SUCCESS' });
    expect([shop.asked('S1')['state'], shop.results('S1')]).toEqual(['FINISHED', [[partner, 'SUCCESS', undefined]]]);
    expect(() => shop.control('shares', { out_order_no: 'S1', becomes: 'CLOSED' })).toThrow('pending');
  });

  test('what a command decided stays so; the rest is never refused', () => {
    shop.add();
    shop.after(minute);
    shop.share('S1', [part(1_000)], { unfreeze_unsplit: true });
    shop.control('shares', { out_order_no: 'S1', becomes: 'CLOSED' });
    shop.after(2 * second);
    expect(shop.results('S1')).toEqual([
      [partner, 'CLOSED', 'ACCOUNT_ABNORMAL'],
      [mchid, 'SUCCESS', undefined],
    ]);
    expect(shop.inBooks().orders[0]!.hold).toMatchObject({ held_fen: 0, pending_fen: 0, shared_fen: 0 });
  });

  test('what is not booked does not exist, what is booked is there behind any answer', () => {
    shop.add();
    shop.after(minute);
    shop.fault('system_error_not_booked', { out_order_nos: ['S1'] });
    expect([shop.share('S1', [part(100)]).word, shop.asked('S1')['state']]).toEqual(['SYSTEM_ERROR', undefined]);
    shop.fault('system_error_booked', { out_order_nos: ['S2'] });
    shop.share('S2', [part(100)]);
    expect(shop.asked('S2')['state']).toBe('PROCESSING');
  });
});
