import { beforeEach, describe, expect, test } from 'vitest';
import { openBooks, terms } from '../../test/wechat-books.ts';
import { appid, mchid, second, minute, day } from '../../test/wechat-merchant.ts';

let shop: ReturnType<typeof openBooks>;
beforeEach(() => reopen({}));
function reopen(contract: object): void {
  shop = openBooks(contract);
}
type Fields = Record<string, unknown>;

describe('payment by code', () => {
  const code = '134567890123456789';
  const micropay = (changes: Fields = {}) =>
    shop.said(
      'codepay',
      { appid, mch_id: mchid, body: 'milk', out_trade_no: 'ORDER-1', total_fee: '800', auth_code: code, ...changes },
      'v2',
    );
  const reverse = () => shop.said('reverse', { appid, mch_id: mchid, out_trade_no: 'ORDER-1' }, 'v2');
  const does = (how: string, more: object = {}) => shop.control('codes', { auth_code: code, does: how, ...more });

  test('goes through at once, and tells nobody', () => {
    expect(micropay({ notify_url: 'https://shop.example/notify' })).toMatchObject({
      word: 'done',
      fields: { trade_type: 'MICROPAY', total_fee: '800' },
    });
    expect(shop.books.register.notices.all).toEqual([]);
  });

  test.each(['13456789012345678', '1345678901234567890', '094567890123456789', '164567890123456789'])(
    '%s is no code',
    (wrong) => {
      expect(micropay({ auth_code: wrong }).word).toBe('AUTH_CODE_INVALID');
    },
  );

  test('a code is good once, and the same call again says what became of it', () => {
    micropay();
    expect(micropay().word).toBe('ORDERPAID');
    expect(micropay({ out_trade_no: 'ORDER-2' }).word).toBe('AUTHCODEEXPIRE');
  });

  test('who is asked for the password pays, cancels, or pays later', () => {
    does('ask');
    expect([micropay().word, shop.state()]).toEqual(['USERPAYING', 'USERPAYING']);
    expect([shop.payer('password'), shop.state()]).toEqual(['done', 'SUCCESS']);
    expect(shop.payer('password')).toBe('NOT_ASKED_FOR_PASSWORD');
    reopen({});
    does('ask');
    micropay();
    expect([shop.payer('cancel'), shop.state(), micropay().word]).toEqual(['done', 'PAYERROR', 'ORDER_CLOSED']);
    reopen({});
    does('ask', { after_ms: 20_000 });
    micropay();
    shop.after(20_000);
    expect(shop.state()).toBe('SUCCESS');
  });

  test('a refused one fails in its own word', () => {
    does('refuse', { err_code: 'BUYER_MISMATCH' });
    expect([micropay().word, shop.state()]).toEqual(['BUYER_MISMATCH', 'PAYERROR']);
  });

  test('a reversal waits fifteen seconds, gives all back with the fee, and ends after seven days', () => {
    const before = shop.basic();
    micropay();
    shop.after(15 * second - 1);
    expect(reverse().word).toBe('USERPAYING');
    shop.after(1);
    expect(reverse().fields).toEqual({ recall: 'N' });
    expect([shop.state(), shop.basic() - before, reverse().fields['recall']]).toEqual(['REVOKED', 0, 'N']);
    expect(shop.refund('R1', 800).word).toBe('INVALID_REQUEST');
    reopen({});
    micropay();
    shop.after(7 * day + 1);
    expect(reverse().word).toBe('REVERSE_EXPIRE');
  });

  test('an open one is closed by a reversal, which no close can do, and may ask to be called again', () => {
    does('ask');
    micropay();
    expect(shop.close()).toBe('TRADE_ERROR');
    shop.after(15 * second);
    shop.control('faults', { fault: 'recall', match: { api: 'reverse' }, times: 1 });
    expect([reverse().fields['recall'], shop.state()]).toEqual(['Y', 'USERPAYING']);
    expect([reverse().fields['recall'], shop.state(), shop.payer('password')]).toEqual([
      'N',
      'REVOKED',
      'NOT_ASKED_FOR_PASSWORD',
    ]);
  });

  test('what was refunded in part is not reversed', () => {
    micropay();
    shop.refund('R1', 100, { amount: { refund: 100, total: 800, currency: 'CNY' } });
    shop.after(minute);
    expect([reverse().word, shop.state()]).toEqual(['TRADE_ERROR', 'REFUND']);
  });

  test('through APIv3 only where the switch is on', () => {
    const v3 = () => shop.said('codepay', { ...terms, payer: { auth_code: code } }).word;
    expect(v3()).toBe('NO_AUTH');
    shop.set({ v3_codepay: true });
    expect(v3()).toBe('done');
  });

  test('only payments by code can be reversed', () => {
    shop.order('native');
    shop.pay();
    shop.after(minute);
    expect(reverse().word).toBe('TRADE_ERROR');
  });
});
