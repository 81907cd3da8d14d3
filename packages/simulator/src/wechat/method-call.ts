import type { Hit } from './faults.ts';
import { refused } from './results.ts';
import type { Register } from './register.ts';
import type { CustomsDesk } from './customs-desk.ts';
import type { ShareDesk } from './share-desk.ts';
import type { BillDesk } from './bill-desk.ts';
import { word } from './fields.ts';
import { disclosed } from './signing.ts';
import type { Merchant, Order, Parties, Refused, WechatCall } from './types.ts';

export type MethodCall = {
  readonly register: Register;
  readonly customs: CustomsDesk;
  readonly sharing: ShareDesk;
  readonly bills: BillDesk;
  readonly call: WechatCall;
  readonly merchant: Merchant;
  readonly at: number;
  readonly hits: readonly Hit[];
};

/** Names of the numbers in each version, and through the doors for service providers. */
function partyNames({ version, partner }: WechatCall) {
  if (version === 'v2') return { mchid: 'mch_id', appid: 'appid', sub: 'sub_mch_id', subAppid: 'sub_appid' };
  if (partner) return { mchid: 'sp_mchid', appid: 'sp_appid', sub: 'sub_mchid', subAppid: 'sub_appid' };
  return { mchid: 'mchid', appid: 'appid', sub: 'sub_mchid', subAppid: 'sub_appid' };
}

/** Who signs must be who is named, and may act only for its own sub-merchants. `appid` only where the call names one. */
export function readParties({ call, merchant }: MethodCall, namesAppid: boolean): Parties | Refused {
  const names = partyNames(call);
  const [mchid, appid] = [word(call.fields, names.mchid), word(call.fields, names.appid)];
  const [subMchid, subAppid] = [word(call.fields, names.sub), word(call.fields, names.subAppid)];
  if (mchid !== undefined && mchid !== merchant.mchid)
    return refused('PARAM_ERROR', `${names.mchid} is not who signed`);
  if (namesAppid) {
    if (mchid === undefined) return refused('PARAM_ERROR', `${names.mchid} is missing`);
    if (appid === undefined) return refused('PARAM_ERROR', `${names.appid} is missing`);
    if (!merchant.appids.includes(appid)) return refused('APPID_MCHID_NOT_MATCH');
  }
  if (call.partner && subMchid === undefined) return refused('PARAM_ERROR', 'sub_mchid is missing');
  if (subMchid !== undefined && !merchant.subMchids.includes(subMchid)) return refused('NO_AUTH');
  const payee = subMchid ?? merchant.mchid;
  return { mchid: merchant.mchid, appid: appid ?? merchant.appids[0] ?? '', subMchid, subAppid, payee };
}

/** A field that was encrypted with the key which the call names; without the name nothing can be read. */
export function secretAt({ call, merchant }: MethodCall, name: string): string | undefined {
  const certificate = merchant.platformCertificates.find((one) => one.serial === call.serial);
  const key = call.serial === merchant.publicKey?.id ? merchant.publicKey?.privateKey : certificate?.privateKey;
  return key && disclosed(word(call.fields, name) ?? '', key);
}

/** By either number; when both are given the transaction wins. */
export function orderOfCall({ register, call }: MethodCall, payee: string): Order | undefined {
  const transactionId = word(call.fields, 'transaction_id');
  if (transactionId === undefined) return register.orderOf(payee, word(call.fields, 'out_trade_no') ?? '');
  const order = register.transactions.get(transactionId);
  return order?.terms.payee === payee ? order : undefined;
}

export function namesOrder({ call }: MethodCall): boolean {
  return word(call.fields, 'transaction_id') !== undefined || word(call.fields, 'out_trade_no') !== undefined;
}
