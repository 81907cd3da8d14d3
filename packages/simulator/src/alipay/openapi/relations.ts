import type { Fields } from '../../input.ts';
import type { MethodCall, MethodResult } from './method-call.ts';
import { failure, success } from './results.ts';
import type { Bound } from './royalty-book.ts';
import { accountTypes } from './royalty-types.ts';
import { word } from './terms.ts';

// Rules: Alipay open platform, documents of alipay.trade.royalty.relation.bind, unbind and batchquery.

const receiversMax = 20;

function hasNumber({ call }: MethodCall): boolean {
  return /^\w{1,32}$/.test(word(call.biz, 'out_request_no') ?? '');
}

function readReceivers({ call }: MethodCall): readonly Bound[] | undefined {
  const given = call.biz['receiver_list'];
  if (!Array.isArray(given) || given.length === 0 || given.length > receiversMax) return undefined;
  const read = given.flatMap((one) => {
    const bound = typeof one === 'object' && one !== null ? readBound(one as Fields) : undefined;
    return bound ? [bound] : [];
  });
  return read.length === given.length ? read : undefined;
}

function readBound(fields: Fields): Bound | undefined {
  const type = accountTypes.find((known) => known === word(fields, 'type'));
  const account = word(fields, 'account') ?? word(fields, 'account_open_id');
  if (!type || account === undefined) return undefined;
  return { type, account, name: word(fields, 'name'), memo: word(fields, 'memo') };
}

/** All or none. Whoever is known by a login name must be named. */
export function bindReceivers(method: MethodCall): MethodResult {
  const { register, app } = method;
  const receivers = readReceivers(method);
  const lacksName = receivers?.some(({ type, name }) => type === 'loginName' && name === undefined);
  if (!hasNumber(method) || !receivers || lacksName) return failure('INVALID_PARAMETER');
  if (!receivers.every((bound) => register.royalties.isNamed(bound))) return failure('ROYALTY_ACCOUNT_NAME_NOT_MATCH');
  register.revision += 1;
  for (const bound of receivers) register.royalties.bind(app.sellerId, bound);
  return success({ result_code: 'SUCCESS' });
}

/** Whom nobody has bound, nobody needs to unbind: no error. */
export function unbindReceivers(method: MethodCall): MethodResult {
  const { register, app } = method;
  const receivers = readReceivers(method);
  if (!hasNumber(method) || !receivers) return failure('INVALID_PARAMETER');
  register.revision += 1;
  for (const bound of receivers) register.royalties.unbind(app.sellerId, bound);
  return success({ result_code: 'SUCCESS' });
}

export function listReceivers(method: MethodCall): MethodResult {
  const { register, app, call } = method;
  if (!hasNumber(method)) return failure('INVALID_PARAMETER');
  const [page, size] = [Number(word(call.biz, 'page_num') ?? 1), Number(word(call.biz, 'page_size') ?? 20)];
  if (!Number.isSafeInteger(page) || !Number.isSafeInteger(size) || page < 1 || size < 1)
    return failure('INVALID_PARAMETER');
  const all = register.royalties.boundTo(app.sellerId);
  const shown = all.slice((page - 1) * size, page * size);
  return success({
    result_code: 'SUCCESS',
    receiver_list: shown.map(({ type, account, memo }) => ({ type, account, ...(memo === undefined ? {} : { memo }) })),
    total_page_num: Math.ceil(all.length / size),
    total_record_num: all.length,
    current_page_num: page,
    current_page_size: shown.length,
  });
}
