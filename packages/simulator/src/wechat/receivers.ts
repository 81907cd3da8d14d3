import { word } from './fields.ts';
import { readParties, secretAt } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { done, refused } from './results.ts';
import { receiverTypes } from './share-types.ts';
import type { ReceiverType } from './share-types.ts';
import type { Refused, Result } from './types.ts';

// Rules: WeChat Pay merchant documents "add a receiver of profit sharing" and "delete a receiver of profit sharing".

const relations: readonly string[] = [
  'SERVICE_PROVIDER',
  'STORE',
  'STAFF',
  'STORE_OWNER',
  'PARTNER',
  'HEADQUARTER',
  'BRAND',
  'DISTRIBUTOR',
  'USER',
  'SUPPLIER',
  'CUSTOM',
];

export type ReceiverSaid = { readonly type: ReceiverType; readonly account: string; readonly name: string | undefined };

/** Type, account and name of a receiver at `path`; the name is readable only with the key that the call names. */
export function readReceiver(method: MethodCall, path: string): ReceiverSaid | Refused {
  const { fields } = method.call;
  const invalid = (name: string) => refused('PARAM_ERROR', `参数错误: ${path}${name}`);
  const type = receiverTypes.find((one) => one === word(fields, `${path}type`));
  if (!type) return invalid('type');
  const account = word(fields, `${path}account`);
  if (account === undefined || account.length > 64) return invalid('account');
  if (word(fields, `${path}name`) === undefined) return { type, account, name: undefined };
  const name = secretAt(method, `${path}name`);
  return name === undefined ? invalid('name') : { type, account, name };
}

/** Merchants are known by the list of parties, persons also by who they are for customs. Who is in neither may have any name. */
export function isNamed({ sharing, customs }: MethodCall, { type, account, name }: ReceiverSaid): boolean {
  const person = type === 'PERSONAL_OPENID' ? customs.identities.get(account)?.name : undefined;
  const known = sharing.parties.get(account)?.name ?? person;
  return name === undefined || known === undefined || name === known;
}

/** The application must be the merchant's; who shares with persons must name one. */
export function appidObstacle({ call, merchant }: MethodCall, isNeeded: boolean): Refused | undefined {
  const appid = word(call.fields, 'appid');
  if (appid === undefined) return isNeeded ? refused('PARAM_ERROR', '参数错误: appid') : undefined;
  return merchant.appids.includes(appid) ? undefined : refused('APPID_MCHID_NOT_MATCH');
}

export function addReceiver(method: MethodCall): Result {
  const { sharing, register, call } = method;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  const obstacle = appidObstacle(method, true);
  if (obstacle) return obstacle;
  const said = readReceiver(method, '');
  if ('kind' in said) return said;
  const { type, account, name } = said;
  if (type === 'MERCHANT_ID' && name === undefined) return refused('PARAM_ERROR', '参数错误: name');
  const [relation, custom] = [word(call.fields, 'relation_type') ?? '', word(call.fields, 'custom_relation')];
  if (!relations.includes(relation)) return refused('PARAM_ERROR', '参数错误: relation_type');
  if (relation === 'CUSTOM' && (custom ?? '').length === 0) return refused('PARAM_ERROR', '参数错误: custom_relation');
  if ((custom ?? '').length > 10) return refused('PARAM_ERROR', '参数错误: custom_relation');
  if (!isNamed(method, said)) return refused('INVALID_REQUEST', '分账接收方姓名或名称与账号不匹配');
  register.revision += 1;
  sharing.relate(parties.payee, type, account, relation);
  const own = custom === undefined ? {} : { custom_relation: custom };
  return done({ ...subMchid(parties), type, account, relation_type: relation, ...own });
}

/** Deleting who was never added changes nothing and is no error. */
export function deleteReceiver(method: MethodCall): Result {
  const { sharing, register } = method;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  const obstacle = appidObstacle(method, true);
  if (obstacle) return obstacle;
  const said = readReceiver(method, '');
  if ('kind' in said) return said;
  if (sharing.part(parties.payee, said.type, said.account)) register.revision += 1;
  return done({ ...subMchid(parties), type: said.type, account: said.account });
}

function subMchid(parties: { readonly subMchid: string | undefined }) {
  return parties.subMchid === undefined ? {} : { sub_mchid: parties.subMchid };
}
