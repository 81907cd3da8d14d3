import { keysOf, signTypes } from './alipay/signing.ts';
import type { DeclareCall, Partner, Trade } from './alipay/types.ts';
import { BadRequest, fen, fieldsOf, listOf, ms, optionalFen, optionalMs, optionalText, text } from './input.ts';
import type { Fields } from './input.ts';
import type { ListInput } from './port/books.ts';

/** One call that the old system made, and when. */
export type PastCall = { readonly at: number; readonly call: DeclareCall };
export type PastList = { readonly at: number; readonly list: ListInput };

export function readPartner(input: unknown): Partner {
  const fields = fieldsOf(input, 'a partner');
  const names = [
    'md5_key',
    'merchant_public_key_pem',
    'dsa_public_key_pem',
    'alipay_private_key_pem',
    'alipay_dsa_private_key_pem',
  ];
  const texts = Object.fromEntries(
    names.flatMap((name) => (optionalText(fields, name) === undefined ? [] : [[name, text(fields, name)]])),
  );
  let keys: Partner['keys'];
  try {
    keys = keysOf(texts);
  } catch (error) {
    throw new BadRequest(`a key cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
  const possible = signTypes.filter((type) => {
    if (type === 'MD5') return keys.md5Key !== undefined;
    return type === 'DSA' ? keys.alipayDsaPrivateKey !== undefined : keys.alipayPrivateKey !== undefined;
  });
  const wanted = fields['sign_types'] === undefined ? possible : listOf(fields['sign_types'], 'sign_types');
  const allowed = signTypes.filter((type) => wanted.includes(type));
  const keyless = allowed.find((type) => !possible.includes(type));
  if (keyless) throw new BadRequest(`sign type ${keyless} is allowed, but there is no key to sign answers with`);
  if (allowed.length === 0)
    throw new BadRequest('a partner needs a key: md5_key, or a pair of public and private keys');
  return { partner: text(fields, 'partner'), keys, signTypes: allowed };
}

export function readTrade(input: unknown): Trade {
  const fields = fieldsOf(input, 'a trade');
  const payer = fieldsOf(fields['payer'] ?? {}, 'payer');
  const paidAt = optionalMs(fields, 'paid_at');
  return {
    partner: text(fields, 'partner'),
    tradeNo: text(fields, 'trade_no'),
    outTradeNo: text(fields, 'out_trade_no'),
    amountFen: fen(fields, 'amount'),
    ...(paidAt === undefined ? {} : { paidAt }),
    closed: fields['closed'] === true,
    payerName: optionalText(payer, 'name') ?? '测试甲',
    payerId: optionalText(payer, 'id_no') ?? '999999190001010015',
  };
}

/** A past declaration and the re-pushes that followed it, each as the call it was. */
export function readPastCalls(input: unknown): PastCall[] {
  const fields = fieldsOf(input, 'a declaration');
  const split = fields['is_split'] === true || optionalText(textual(fields), 'is_split')?.toUpperCase() === 'T';
  const child = optionalText(fields, 'sub_out_biz_no');
  const buyer = ['buyer_name', 'buyer_id_no'].flatMap((name) => {
    const value = optionalText(fields, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const call: DeclareCall = {
    partner: text(fields, 'partner'),
    out_request_no: text(fields, 'out_request_no'),
    trade_no: text(fields, 'trade_no'),
    merchant_customs_code: text(fields, 'customs_code'),
    merchant_customs_name: text(fields, 'customs_name'),
    amount: text(fields, 'amount'),
    customs_place: text(fields, 'place'),
    ...(split ? { is_split: 'T' } : {}),
    ...(child === undefined ? {} : { sub_out_biz_no: child }),
    ...Object.fromEntries(buyer),
  };
  const pushes = fields['pushes_at_ms'] === undefined ? [] : listOf(fields['pushes_at_ms'], 'pushes_at_ms');
  return [ms(fields, 'accepted_at_ms'), ...pushes.map((at) => ms({ at }, 'at'))].map((at) => ({ at, call }));
}

/** `is_split` may be a flag or the wire's `T`. */
function textual(fields: Fields): Fields {
  return typeof fields['is_split'] === 'boolean' ? { ...fields, is_split: undefined } : fields;
}

export function readPastList(input: unknown): PastList {
  const fields = fieldsOf(input, 'a list');
  const paymentNo = optionalText(fields, 'payment_no');
  const amountFen = optionalFen(fields, 'amount');
  const buyerId = optionalText(fields, 'buyer_id_no');
  const place = optionalText(fields, 'place')?.toUpperCase();
  const copNo = optionalText(fields, 'cop_no');
  const list: ListInput = {
    orderNo: text(fields, 'order_no'),
    waybillNo: text(fields, 'waybill_no'),
    ebpCode: optionalText(fields, 'ebp_code') ?? '9999LS0001',
    ...(paymentNo === undefined ? {} : { paymentNo }),
    ...(amountFen === undefined ? {} : { amountFen }),
    ...(buyerId === undefined ? {} : { buyerId }),
    ...(place === undefined ? {} : { place }),
    ...(copNo === undefined ? {} : { copNo }),
  };
  return { at: ms(fields, 'at_ms'), list };
}
