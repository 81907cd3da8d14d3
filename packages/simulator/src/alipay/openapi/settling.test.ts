import { beforeEach, describe, expect, test } from 'vitest';
import {
  day,
  finish,
  later,
  openSettling,
  other,
  partner,
  second,
  sellerId,
  strangersApp,
  to,
} from '../../../test/settling-books.ts';

let shop: ReturnType<typeof openSettling>;
beforeEach(() => {
  shop = openSettling();
});

describe('receivers', () => {
  test('are bound, listed and unbound, twenty at a time; a login name needs a name', () => {
    expect(shop.bind(partner, other)).toBe('10000');
    expect(
      shop.said('royalty.relation.batchquery', { out_request_no: 'q1', page_size: 1, page_num: 2 }).fields,
    ).toEqual({
      result_code: 'SUCCESS',
      receiver_list: [{ type: 'userId', account: other }],
      total_page_num: 2,
      total_record_num: 2,
      current_page_num: 2,
      current_page_size: 1,
    });
    const gone = { out_request_no: 'u1', receiver_list: [{ type: 'userId', account: partner }] };
    expect(shop.said('royalty.relation.unbind', gone).word).toBe('10000');
    expect(shop.inBooks().receivers).toEqual([{ payee: sellerId, type: 'userId', account: other }]);
    expect(shop.bind(...Array.from({ length: 21 }, (_, n) => `20880000000000${n}`))).toBe('INVALID_PARAMETER');
    const login = { type: 'loginName', account: 'a@example.com' };
    const bindOne = (one: object) =>
      shop.said('royalty.relation.bind', { out_request_no: 'b2', receiver_list: [one] }).word;
    expect([bindOne(login), bindOne({ ...login, name: '张三' })]).toEqual(['INVALID_PARAMETER', '10000']);
    const list = [{ type: 'userId', account: partner }];
    expect(shop.said('royalty.relation.bind', { receiver_list: list }).word).toBe('INVALID_PARAMETER');
    shop.control('receivers', { account: partner, name: '某公司' });
    expect(bindOne({ type: 'userId', account: partner, name: '别人' })).toBe('ROYALTY_ACCOUNT_NAME_NOT_MATCH');
  });

  test('who is not bound refuses the whole request, at once; later only his own part', () => {
    shop.sell();
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '1.00'), to(other, '1.00')]).word).toBe('ROYALTY_RECEIVER_INVALID');
    expect([shop.left(), shop.theirs()]).toEqual(['99.40', 0]);
    expect(shop.settle('S1', [to(partner, '1.00'), to(other, '1.00')], later).word).toBe('10000');
    expect(shop.states('S1')).toEqual([
      ['transfer', partner, '1.00', 'PROCESSING', undefined],
      ['transfer', other, '1.00', 'PROCESSING', undefined],
    ]);
    expect(shop.left()).toBe('97.40');
    shop.after(2 * second);
    expect(shop.states('S1')).toEqual([
      ['transfer', partner, '1.00', 'SUCCESS', undefined],
      ['transfer', other, '1.00', 'FAIL', 'ROYALTY_RECEIVER_INVALID'],
    ]);
    expect([shop.left(), shop.theirs(), shop.theirs(other)]).toEqual(['98.40', 100, 0]);
  });
});

describe('sharing', () => {
  test('at once: everybody has his part when the answer comes', () => {
    shop.sell();
    shop.bind(partner, other);
    const before = shop.balance();
    const { word, fields } = shop.settle('S1', [to(partner, '10.00'), to(other, '5.00')]);
    expect([word, fields['trade_no'], shop.balance() - before]).toEqual(['10000', shop.tradeNo(), -1_500]);
    expect(shop.states('S1').map(([, account, , state]) => [account, state])).toEqual([
      [partner, 'SUCCESS'],
      [other, 'SUCCESS'],
    ]);
    expect(shop.said('order.settle.query', { settle_no: fields['settle_no'] }).fields['out_request_no']).toBe('S1');
    expect([shop.left(), shop.theirs(), shop.theirs(other)]).toEqual(['84.40', 1_000, 500]);
  });

  test('the same number again moves nothing; with other content it is refused in the word that is set', () => {
    shop.sell();
    shop.bind(partner);
    const first = shop.settle('S1', [to(partner, '10.00')]).fields;
    expect([shop.settle('S1', [to(partner, '10.00')]).fields, shop.theirs()]).toEqual([first, 1_000]);
    expect(shop.settle('S1', [to(partner, '10.01')]).word).toBe('DISCORDANT_REPEAT_REQUEST');
    expect(shop.settle('S1', [to(partner, '10.00')], finish).word).toBe('DISCORDANT_REPEAT_REQUEST');
    shop.set({ royalty_repeat: 'DUP_OUT_REQUEST_NO' });
    expect(shop.settle('S1', [to(partner, '1.00')]).word).toBe('DUP_OUT_REQUEST_NO');
  });

  test.each([
    ['no number', { out_request_no: '' }, 'INVALID_PARAMETER'],
    ['a number with a dash', { out_request_no: 'S-1' }, 'INVALID_PARAMETER'],
    ['nobody to share with', { royalty_parameters: [] }, 'INVALID_PARAMETER'],
    ['another mode', { royalty_mode: 'soon' }, 'INVALID_PARAMETER'],
    ['a percent of none', { royalty_parameters: [to(partner, '', { amount_percentage: 0 })] }, 'INVALID_PARAMETER'],
    ['the seller itself', { royalty_parameters: [to(sellerId, '1.00')] }, 'ROYALTY_ACCOUNTS_EQUAL'],
    [
      'somebody else’s money',
      { royalty_parameters: [to(partner, '1.00', { trans_out: other })] },
      'MUST_ALLOC_FROM_ROOT_ACCOUNT',
    ],
    [
      'a card',
      { royalty_parameters: [to('1', '1.00', { trans_in_type: 'cardAliasNo' })] },
      'SETTLE_TO_CARD_NOT_SUPPORT',
    ],
    ['a subsidy', { royalty_parameters: [to(partner, '1.00', { royalty_type: 'replenish' })] }, 'UN_SUPPORT_BIZ_TYPE'],
    ['a trade that nobody knows', { trade_no: '2026' }, 'TRADE_NOT_EXIST'],
    [
      'six receivers at once',
      { royalty_parameters: Array.from({ length: 6 }, () => to(partner, '0.01')) },
      'INVALID_PARAMETER',
    ],
  ])('%s', (_, changes, word) => {
    shop.sell();
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '1.00')], changes).word).toBe(word);
    expect(shop.theirs()).toBe(0);
  });

  test('another seller finds and shares nothing of it', () => {
    shop.sell();
    shop.bind(partner);
    const { settle_no: settleNo } = shop.settle('S1', [to(partner, '1.00')]).fields;
    const theirs = (method: string, biz: object) =>
      shop.said(method, { trade_no: shop.tradeNo(), out_request_no: 'S1', ...biz }, strangersApp).word;
    expect([
      theirs('order.settle', { royalty_parameters: [to(partner, '1.00')] }),
      theirs('order.settle.query', {}),
      theirs('order.settle.query', { settle_no: settleNo }),
      theirs('order.onsettle.query', {}),
    ]).toEqual(Array.from({ length: 4 }, () => 'TRADE_NOT_EXIST'));
    const asked = { out_request_no: 'S1', trade_no: '2026' };
    expect(shop.said('order.settle.query', asked).word).toBe('TRADE_NOT_EXIST');
    expect(shop.said('order.settle.query', { out_request_no: 'S1' }).word).toBe('INVALID_PARAMETER');
  });

  test('a name that is told must be the receiver’s', () => {
    shop.sell();
    shop.bind(partner);
    shop.control('receivers', { account: partner, name: '某公司' });
    const named = (name: string) => shop.settle('S1', [to(partner, '1.00', { trans_in_name: name })]).word;
    expect([named('别人'), named('某公司')]).toEqual(['ROYALTY_ACCOUNT_NAME_NOT_MATCH', '10000']);
  });

  test('six receivers and more are taken later, fifty and no more', () => {
    shop.sell();
    shop.bind(partner);
    const many = (count: number) => Array.from({ length: count }, () => to(partner, '0.01'));
    expect(shop.settle('S1', many(51), later).word).toBe('INVALID_PARAMETER');
    expect(shop.settle('S1', many(50), later).word).toBe('10000');
  });

  test('a whole percent of the trade, rounded down', () => {
    shop.sell();
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '', { amount: undefined, amount_percentage: 7 })]).word).toBe('10000');
    expect(shop.theirs()).toBe(700);
  });

  test('thirty percent in all, or as many as are set; never more than is frozen', () => {
    shop.sell();
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '30.01')]).word).toBe('ALLOC_AMOUNT_VALIDATE_ERROR');
    expect(shop.settle('S1', [to(partner, '30.00')]).word).toBe('10000');
    expect(shop.settle('S2', [to(partner, '0.01')]).word).toBe('ALLOC_AMOUNT_VALIDATE_ERROR');
    shop.set({ royalty_percent: 100 });
    expect(shop.settle('S2', [to(partner, '69.41')]).word).toBe('TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH');
    expect(shop.settle('S2', [to(partner, '69.40')]).word).toBe('10000');
  });

  test('one trade is shared at once or later, not both, and not without end', () => {
    shop.sell();
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '0.01')]).word).toBe('10000');
    expect(shop.settle('S2', [to(partner, '0.01')], later).word).toBe('ILLEGAL_SETTLE_STATE');
    for (let n = 2; n <= 50; n += 1) expect(shop.settle(`S${n}`, [to(partner, '0.01')]).word).toBe('10000');
    expect(shop.settle('S51', [to(partner, '0.01')]).word).toBe('ILLEGAL_SETTLE_STATE');
  });

  test('not before it is paid, not when all of it went back, where it is set not at once', () => {
    shop.said('create', { out_trade_no: 'T2', total_amount: '1.00', subject: 'milk', buyer_id: '2088102122524333' });
    const waiting = shop.said('query', { out_trade_no: 'T2' }).fields['trade_no'];
    shop.sell();
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '0.10')], { trade_no: waiting }).word).toBe('TRADE_STATUS_ERROR');
    shop.set({ royalty_wait_ms: 30 * second });
    expect(shop.settle('S1', [to(partner, '1.00')]).word).toBe('ALLOC_REFUSE_BEFORE_SETTLE');
    shop.after(30 * second);
    expect(shop.settle('S1', [to(partner, '1.00')]).word).toBe('10000');
    shop.refund('R1', '100.00');
    expect(shop.settle('S2', [to(partner, '1.00')]).word).toBe('ALLOC_REFUSE_AFTER_REFUND');
  });

  test('never more than was not refunded', () => {
    shop.sell('page.pay', false);
    shop.bind(partner);
    shop.set({ royalty_percent: 100 });
    shop.refund('R1', '50.00');
    expect(shop.settle('S1', [to(partner, '50.01')]).word).toBe('ALLOC_AMOUNT_VALIDATE_ERROR');
    expect(shop.settle('S1', [to(partner, '50.00')]).word).toBe('10000');
  });

  test('later the balance may be gone, and then nobody is paid of it', () => {
    shop.sell('page.pay', false);
    shop.bind(partner);
    expect(shop.settle('S1', [to(partner, '10.00')], later).word).toBe('10000');
    shop.control('balance', { seller_id: sellerId, balance: '9.99' });
    shop.after(2 * second);
    expect(shop.states('S1')[0]?.slice(3)).toEqual(['FAIL', 'TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH']);
    expect([shop.balance(), shop.theirs()]).toEqual([999, 0]);
  });

  test('of a payment that froze nothing the balance pays', () => {
    shop.sell('page.pay', false);
    shop.bind(partner);
    shop.control('balance', { seller_id: sellerId, balance: '10.00' });
    expect(shop.settle('S1', [to(partner, '10.01')]).word).toBe('TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH');
    expect(shop.settle('S1', [to(partner, '10.00')]).word).toBe('10000');
    expect([shop.balance(), shop.left(), shop.inBooks().trades[0]!.hold]).toMatchObject([
      0,
      '89.40',
      { held_fen: 0, shared_fen: 1_000 },
    ]);
  });
});

describe('what is left', () => {
  const held = () => shop.inBooks().apps[0]!.held_fen;

  test('is released with the last request, or by one without receivers; then nothing more is shared', () => {
    shop.sell();
    shop.bind(partner);
    expect(held()).toBe(9_940);
    expect(shop.settle('S1', [to(partner, '10.00')], finish).word).toBe('10000');
    expect([held(), shop.left()]).toEqual([0, '0.00']);
    expect(shop.inBooks().shares).toMatchObject([{ share_no: 'S1', state: 'finished', released_fen: 8_940 }]);
    expect(shop.settle('S2', [to(partner, '1.00')]).word).toBe('ALREADY_FINISH_ALLOC');
    expect(shop.settle('S2', [], finish).word).toBe('ALREADY_FINISH_ALLOC');
  });

  test('of what froze nothing is nothing, and all the same nothing more is shared', () => {
    shop.sell('page.pay', false);
    shop.bind(partner);
    expect([shop.settle('S1', [], finish).word, shop.left()]).toEqual(['10000', '0.00']);
    expect(shop.settle('S2', [to(partner, '1.00')]).word).toBe('ALREADY_FINISH_ALLOC');
  });

  test('that was released once is not released by time again', () => {
    shop.sell();
    shop.settle('S1', [], { extend_params: { royalty_finish_amount: '40.00' } });
    expect(shop.inBooks().trades[0]!.hold).toMatchObject({ held_fen: 5_940, ended_at: null });
    shop.settle('S2', [], finish);
    const { hold } = shop.inBooks().trades[0]!;
    shop.after(30 * day);
    expect(shop.inBooks().trades[0]!.hold).toEqual(hold);
    expect(shop.books.register.trades.get(shop.tradeNo())!.royalty.releasedAt).toBeLessThan(shop.now());
  });

  test('may be released in part, beside what is shared', () => {
    shop.sell();
    expect(shop.settle('S1', [], { extend_params: { royalty_finish_amount: '99.41' } }).word).toBe(
      'ALLOC_AMOUNT_VALIDATE_ERROR',
    );
    shop.bind(partner);
    const beside = (amount: string) =>
      shop.settle('S1', [to(partner, '10.00')], { extend_params: { royalty_finish_amount: amount } }).word;
    expect([beside('89.41'), beside('30.00')]).toEqual(['ALLOC_AMOUNT_VALIDATE_ERROR', '10000']);
    expect([held(), shop.left()]).toEqual([5_940, '59.40']);
    expect(shop.settle('S2', [], finish).word).toBe('10000');
    expect(held()).toBe(0);
  });

  test('is the seller’s after thirty days; what is on its way stays promised, and then the balance pays', () => {
    shop.sell();
    shop.bind(partner);
    shop.fault('share_stays_processing', { out_request_nos: ['S1'] });
    shop.settle('S1', [to(partner, '10.00')], later);
    shop.after(30 * day - 1);
    expect(held()).toBe(9_940);
    shop.after(1);
    expect(held()).toBe(1_000);
    shop.control('shares', { out_request_no: 'S1', becomes: 'FAIL' });
    expect([held(), shop.states('S1')[0]?.slice(3)]).toEqual([0, ['FAIL', 'ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY']]);
    shop.settle('S2', [to(partner, '30.00')], later);
    shop.after(2 * second);
    expect([shop.theirs(), held()]).toEqual([3_000, 0]);
  });

  test('cannot be used for another trade’s refund', () => {
    shop.sell();
    shop.said('create', { out_trade_no: 'T2', total_amount: '10.00', subject: 'milk', buyer_id: '2088102122524333' });
    shop.control('pay', { out_trade_no: 'T2' });
    shop.control('balance', { seller_id: sellerId, balance: '99.40' });
    expect(shop.refund('R1', '1.00', { out_trade_no: 'T2' }).word).toBe('SELLER_BALANCE_NOT_ENOUGH');
    expect(shop.refund('R1', '1.00').word).toBe('10000');
    expect(shop.left()).toBe('98.40');
  });
});

describe('faults', () => {
  test('a receiver who cannot receive: at once the request is refused, later his part fails', () => {
    shop.sell();
    shop.bind(partner, other);
    shop.fault(
      'share_receiver_closed',
      { out_request_nos: ['S1'] },
      { account: other, reason: 'ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST' },
    );
    expect(shop.settle('S1', [to(partner, '1.00'), to(other, '1.00')]).word).toBe('ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST');
    expect(shop.settle('S1', [to(partner, '1.00'), to(other, '1.00')], later).word).toBe('10000');
    shop.after(2 * second);
    expect(shop.states('S1').map((one) => one.slice(3))).toEqual([
      ['SUCCESS', undefined],
      ['FAIL', 'ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST'],
    ]);
  });

  test('concern the receiver that they name and nobody else', () => {
    shop.sell();
    shop.bind(partner, other);
    shop.fault('share_receiver_closed', { out_request_nos: ['S1'] }, { account: other });
    expect(shop.settle('S1', [to(partner, '1.00')], later).word).toBe('10000');
    shop.fault('share_stays_processing', { out_request_nos: ['S2'] }, { account: other });
    shop.settle('S2', [to(partner, '1.00'), to(other, '1.00')], later);
    shop.after(2 * second);
    const all = [...shop.states('S1'), ...shop.states('S2')].map(([, account, , state]) => [account, state]);
    expect(all).toEqual([
      [partner, 'SUCCESS'],
      [partner, 'SUCCESS'],
      [other, 'PROCESSING'],
    ]);
  });

  test('one that names somebody else lets a request at once through', () => {
    shop.sell();
    shop.bind(partner);
    shop.fault('share_receiver_closed', { out_request_nos: ['S1'] }, { account: other });
    expect(shop.settle('S1', [to(partner, '1.00')]).word).toBe('10000');
  });

  test('what a command decided stays so', () => {
    shop.sell();
    shop.bind(partner);
    shop.settle('S1', [to(partner, '1.00')], later);
    shop.control('shares', { out_request_no: 'S1', becomes: 'FAIL', reason: 'ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST' });
    shop.after(2 * second);
    expect([shop.states('S1')[0]?.[3], shop.theirs(), shop.left()]).toEqual(['FAIL', 0, '99.40']);
    expect(() => shop.control('shares', { out_request_no: 'S1', becomes: 'SUCCESS' })).toThrow('on its way');
  });

  test('a call that is not booked has settled nothing, and the number is free', () => {
    shop.sell();
    shop.bind(partner);
    shop.fault('system_error_not_booked', { method: 'order.settle', nth: 1 });
    shop.settle('S1', [to(partner, '1.00')]);
    expect([shop.theirs(), shop.details('S1')]).toEqual([0, undefined]);
    expect([shop.settle('S1', [to(partner, '2.00')]).word, shop.theirs()]).toEqual(['10000', 200]);
  });
});
