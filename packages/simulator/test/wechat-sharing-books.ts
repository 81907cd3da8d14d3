import { constants, publicEncrypt } from 'node:crypto';
import { booksView } from '../src/wechat/views.ts';
import { openBooks } from './wechat-books.ts';
import { appid, keys, minute, second } from './wechat-merchant.ts';

export type Fields = Record<string, unknown>;

export const partner = '1900000109';
export const person = 'oReceiver000000000000000001';

/** A name as it goes over the wire. */
export function sealedName(name: string): string {
  const key = { key: keys.platform_public, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
  return publicEncrypt(key, Buffer.from(name)).toString('base64');
}

const typeOf = (account: string) => (account.startsWith('o') ? 'PERSONAL_OPENID' : 'MERCHANT_ID');

/** One receiver of a request. */
export function part(amount: number, account = partner) {
  return { type: typeOf(account), account, amount, description: 'a part' };
}

/** A payment of 100.00 that is kept for sharing (the fee is 0.60), and the calls about it. */
export function openSharing(changes: Fields = { settle_info: { profit_sharing: true } }) {
  const shop = openBooks();
  shop.order('native', changes);
  shop.pay();
  const transactionId = String(shop.query()['transaction_id']);
  const add = (account = partner, more: Fields = {}) => {
    const who = { type: typeOf(account), account, name: sealedName('某公司') };
    return shop.said('share_receiver_add', { appid, ...who, relation_type: 'PARTNER', ...more }).word;
  };
  const share = (no: string, receivers: readonly object[], more: Fields = {}) => {
    const numbers = { transaction_id: transactionId, out_order_no: no };
    return shop.said('share', { appid, ...numbers, receivers, unfreeze_unsplit: false, ...more });
  };
  const unfreeze = (no: string) =>
    shop.said('share_unfreeze', { transaction_id: transactionId, out_order_no: no, description: 'the rest' });
  const asked = (no: string) =>
    shop.said('share_query', { out_order_no: no, transaction_id: transactionId }).fields as Fields;
  const results = (no: string) =>
    (asked(no)['receivers'] as Fields[]).map((one) => [one['account'], one['result'], one['fail_reason']]);
  const left = () => (shop.said('share_amounts', { transaction_id: transactionId }).fields as Fields)['unsplit_amount'];
  const giveBack = (no: string, amount: number, more: Fields = {}) => {
    const numbers = { out_order_no: 'S1', out_return_no: no, return_mchid: partner };
    return shop.said('share_return', { ...numbers, amount, description: 'back', ...more });
  };
  const inBooks = () => booksView(shop.books, { offset: 0, limit: 10 });
  const theirs = () => shop.books.register.ledger.balanceOf(partner, 'BASIC');
  /** The partner has got this much, under the number S1. */
  const shared = (amount = 1_000) => {
    add();
    shop.after(minute);
    share('S1', [part(amount)]);
    shop.after(2 * second);
  };
  return { ...shop, transactionId, add, share, unfreeze, asked, results, left, giveBack, inBooks, theirs, shared };
}
