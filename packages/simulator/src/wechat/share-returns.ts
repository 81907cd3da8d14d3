import { canonical, fenAt, word } from './fields.ts';
import { readParties } from './method-call.ts';
import type { MethodCall } from './method-call.ts';
import { done, refused } from './results.ts';
import { workOnReturn } from './share-life.ts';
import { returnedOf } from './share-types.ts';
import type { ShareRequest } from './share-types.ts';
import { shareReturnView } from './share-views.ts';
import type { Refused, Result } from './types.ts';

// Rules: WeChat Pay merchant documents "request the return of shared money" and "query a return", APIv3.

type Asked = {
  readonly outReturnNo: string;
  readonly returnMchid: string;
  readonly amountFen: number;
  readonly description: string;
  readonly content: string;
};

/** Of one receiver of one request; persons return nothing. */
export function returnShare(method: MethodCall): Result {
  const { sharing, register, call, hits, at } = method;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  const asked = readReturn(method);
  if ('kind' in asked) return asked;
  const known = sharing.returnOf(parties.payee, asked.outReturnNo);
  if (known)
    return known.content === asked.content
      ? done(shareReturnView(known))
      : refused('INVALID_REQUEST', '商户回退单号重复，与原请求参数不一致');
  const [orderId, outOrderNo] = [word(call.fields, 'order_id'), word(call.fields, 'out_order_no')];
  const request = sharing.find(parties.payee, orderId, outOrderNo);
  if (!request) return refused('RESOURCE_NOT_EXISTS', '分账单不存在');
  const part = partOf(method, request, asked);
  if ('kind' in part) return part;
  register.revision += 1;
  const back = sharing.openReturn({ ...asked, request, part, createdAt: at });
  workOnReturn(method, back, hits, at);
  return done(shareReturnView(back));
}

/** One merchant may be in a request more than once: then the part that has enough left. */
function partOf({ register, at }: MethodCall, request: ShareRequest, { returnMchid, amountFen }: Asked) {
  const theirs = request.parts.filter(
    (part) =>
      part.type === 'MERCHANT_ID' && part.account === returnMchid && !part.isRelease && part.result === 'SUCCESS',
  );
  const [first] = theirs;
  if (!first) return refused('INVALID_REQUEST', '该接收方没有成功的分账');
  if (at > (first.endedAt ?? request.createdAt) + register.settings.share_return_window_ms)
    return refused('INVALID_REQUEST', '分账回退已超过时限');
  const enough = theirs.find((part) => part.amountFen - returnedOf(request, part, true) >= amountFen);
  return enough ?? refused('INVALID_REQUEST', '回退金额超过可回退金额');
}

function readReturn({ call: { fields } }: MethodCall): Asked | Refused {
  const invalid = (field: string) => refused('PARAM_ERROR', `参数错误: ${field}`);
  const outReturnNo = word(fields, 'out_return_no');
  if (outReturnNo === undefined || !/^[0-9A-Za-z_\-|*@]{1,64}$/.test(outReturnNo)) return invalid('out_return_no');
  const [orderId, outOrderNo] = [word(fields, 'order_id'), word(fields, 'out_order_no')];
  if (orderId === undefined && outOrderNo === undefined) return invalid('order_id');
  const returnMchid = word(fields, 'return_mchid');
  if (returnMchid === undefined) return invalid('return_mchid');
  const amountFen = fenAt(fields, 'amount', 'v3');
  if (amountFen === undefined || amountFen < 1) return invalid('amount');
  const description = word(fields, 'description') ?? '';
  if (description === '' || [...description].length > 80) return invalid('description');
  const content = canonical({ orderId, outOrderNo, returnMchid, amountFen, description });
  return { outReturnNo, returnMchid, amountFen, description, content };
}

export function queryShareReturn(method: MethodCall): Result {
  const { sharing, call } = method;
  const parties = readParties(method, false);
  if ('kind' in parties) return parties;
  const outOrderNo = word(call.fields, 'out_order_no');
  if (outOrderNo === undefined) return refused('PARAM_ERROR', '参数错误: out_order_no');
  const back = sharing.returnOf(parties.payee, word(call.fields, 'out_return_no') ?? '');
  if (back?.request.outOrderNo !== outOrderNo) return refused('RESOURCE_NOT_EXISTS', '回退单不存在');
  return done(shareReturnView(back));
}
