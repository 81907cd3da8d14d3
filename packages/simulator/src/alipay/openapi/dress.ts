import iconv from 'iconv-lite';
import { wordOr } from '../../input.ts';
import type { Fields } from '../../input.ts';
import type { Reply } from '../../reply.ts';
import { textReply } from '../../reply.ts';
import { escapeXml } from '../../xml.ts';
import type { Charset } from '../signing.ts';
import type { OpenApiFault, OpenApiHit } from './faults.ts';
import type { OpenApiRefusal, OpenApiRequest } from './request.ts';
import { isSigned, nodeOf } from './results.ts';
import { encrypted, signed } from './signing.ts';
import type { App, CallResult, OpenApiCall } from './types.ts';

const hangMs = 60_000;

type Played = (fault: OpenApiFault) => Fields | undefined;

/** The answer to a call as bytes, bent by the faults that were played on it. */
export function dress(request: OpenApiRequest, given: CallResult, hits: readonly OpenApiHit[]): Reply {
  const { call, app, isEncrypted } = request;
  return bent(call, given, hits, (result, spoils) =>
    jsonIn(answerText(result, { call, app, isEncrypted, spoils }), call.charset),
  );
}

/** What the faults make of a result, in either dress: `make` writes the reply, with a spoilt signature if told so. */
export function bent(
  call: OpenApiCall,
  given: CallResult,
  hits: readonly OpenApiHit[],
  make: (result: CallResult, spoils: boolean) => Reply,
): Reply {
  const played: Played = (fault) => hits.find((hit) => hit.fault === fault)?.params;
  const result = bentResult(given, call, played);
  return bentReply(played, () => {
    const reply = make(result, played('bad_signature') !== undefined);
    if (reply.kind !== 'answer' || !played('truncated')) return reply;
    return { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) };
  });
}

/** The same faults on a page for a person, as far as a page can show them. */
export function dressPage(page: () => Reply, hits: readonly OpenApiHit[]): Reply {
  return bentReply((fault) => hits.find((hit) => hit.fault === fault)?.params, page);
}

function bentReply(played: Played, make: () => Reply): Reply {
  const hang =
    played('hang_before_booking') ??
    played('book_then_hang') ??
    played('refund_hang_booked') ??
    played('refund_hang_not_booked');
  if (hang) return { kind: 'hang', forMs: msOf(hang) };
  if (played('drop_connection_after_booking')) return { kind: 'drop' };
  const slow = played('slow_ms');
  const reply = replacement(played) ?? make();
  return slow && reply.kind === 'answer' ? { ...reply, afterMs: msOf(slow) } : reply;
}

function msOf(params: Fields): number {
  return typeof params['ms'] === 'number' ? params['ms'] : hangMs;
}

function replacement(played: Played): Reply | undefined {
  if (played('http_500')) return textReply('<html><body>Internal Server Error</body></html>', 'text/html', 500);
  if (!played('html_instead')) return undefined;
  return textReply('<!DOCTYPE html><html><body>系统繁忙，请稍后再试</body></html>', 'text/html; charset=utf-8', 200);
}

function bentResult(result: CallResult, call: OpenApiCall, played: Played): CallResult {
  const systemError = played('system_error_booked') ?? played('system_error_not_booked');
  if (systemError) {
    // Cancel misspells the prefix; said by the business it is signed, said by the gateway it is not.
    const prefix = call.method === 'alipay.trade.cancel' ? 'AQC' : 'ACQ';
    return systemError['business'] === true
      ? { code: '40004', subCode: `${prefix}.SYSTEM_ERROR` }
      : { code: '20000', subCode: 'isp.unknow-error' };
  }
  const limited = played('isp_limited');
  if (limited) return { code: '40005', subCode: wordOr(limited, 'sub_code', 'isv.app-call-limited') };
  const business = played('business_error');
  if (business) return { code: '40004', subCode: wordOr(business, 'sub_code', 'ACQ.PARTNER_ERROR') };
  const unknown = played('unknown_code');
  if (unknown) {
    return { code: wordOr(unknown, 'code', '40004'), subCode: wordOr(unknown, 'sub_code', 'ACQ.GATE_MOVED_AWAY') };
  }
  const other = played('about_another');
  if (!other) return result;
  const number = wordOr(other, 'out_trade_no', 'ANOTHER_TRADE_0001');
  const named = /\.order\.(settle|settle\.query)$/.test(call.method)
    ? ['trade_no', 'out_request_no']
    : ['out_trade_no'];
  const there = named.filter((name) => name === 'out_trade_no' || result.fields?.[name] !== undefined);
  return { ...result, fields: { ...result.fields, ...Object.fromEntries(there.map((name) => [name, number])) } };
}

type Dressing = {
  readonly call: OpenApiCall;
  readonly app: App;
  readonly isEncrypted: boolean;
  readonly spoils: boolean;
};

function answerText(result: CallResult, { call, app, isEncrypted, spoils }: Dressing): string {
  const plain = nodeText(result);
  if (!isSigned(result) && !spoils) return envelope(memberOf(call.method), plain, undefined, undefined);
  const node = isEncrypted && app.aesKey ? JSON.stringify(encrypted(plain, call.charset, app.aesKey)) : plain;
  const genuine = signed(node, call.charset, call.signType, app.alipayKey);
  return envelope(memberOf(call.method), node, app.certificates?.alipay, spoils ? spoilt(genuine) : genuine);
}

export function spoilt(genuine: string): string {
  return (genuine.startsWith('A') ? 'B' : 'A') + genuine.slice(1);
}

function nodeText(result: CallResult): string {
  return jsonText(nodeOf(result));
}

/** Slashes are escaped, as Alipay's own writer does: whoever re-serialises before verifying is found out. */
export function jsonText(fields: Fields): string {
  return JSON.stringify(fields).replaceAll('/', '\\/');
}

function memberOf(method: string): string {
  return `${method.replaceAll('.', '_')}_response`;
}

/** The signed text is exactly the text of the member's value. */
export function envelope(
  member: string,
  node: string,
  certificateNo: string | undefined,
  signature: string | undefined,
): string {
  const certificate = certificateNo === undefined ? '' : `,"alipay_cert_sn":"${certificateNo}"`;
  const sign = signature === undefined ? '' : `,"sign":"${signature}"`;
  return `{"${member}":${node}${certificate}${sign}}`;
}

/** The gateway's own refusal: not signed; without a method the member is `error_response`. */
export function refusalText(refused: OpenApiRefusal): string {
  const member = refused.method === undefined ? 'error_response' : memberOf(refused.method);
  return envelope(member, nodeText(refused.refused), undefined, undefined);
}

export function jsonIn(text: string, charset: Charset): Reply {
  const body = iconv.encode(text, charset);
  return { kind: 'answer', code: 200, contentType: `text/html;charset=${charset.toLowerCase()}`, body };
}

/** What a browser gets when a page method fails: nobody but the person sees it, and it is in GBK. */
export function errorPage(result: CallResult): Reply {
  const node = nodeOf(result);
  const [code, why] = [String(node['sub_code']), String(node['sub_msg'])];
  const html =
    '<!DOCTYPE html><html><head><meta charset="gbk"><title>支付宝 - 错误</title></head><body>' +
    `<h1>支付遇到问题</h1><p>错误代码 ${escapeXml(code)}</p><p>${escapeXml(why)}</p></body></html>`;
  return { kind: 'answer', code: 200, contentType: 'text/html;charset=GBK', body: iconv.encode(html, 'GBK') };
}
