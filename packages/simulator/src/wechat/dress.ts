import { wordOr } from '../input.ts';
import type { Fields } from '../input.ts';
import type { Reply } from '../reply.ts';
import { textReply } from '../reply.ts';
import { playedOf } from './faults.ts';
import type { Hit } from './faults.ts';
import { word } from './fields.ts';
import { signerOf } from './letter.ts';
import { httpStatusOf, messageOf, refused, v2WordOf } from './results.ts';
import { answerMessage, lot, probeOf, scheme, signed } from './signing.ts';
import type { Merchant, Result } from './types.ts';
import { v2Signature } from './v2-signing.ts';
import type { V2SignType } from './v2-signing.ts';
import { writeV2 } from './v2-xml.ts';

const hangMs = 60_000;
const staleMs = 600_000;

export type Dressing = {
  readonly merchant: Merchant;
  readonly hits: readonly Hit[];
  readonly now: number;
  /** Counts answers, so that each has a nonce of its own. */
  readonly n: number;
  readonly isProbe: boolean;
};

/** What faults make of an answer before it is written. */
export function bentResult(result: Result, hits: readonly Hit[]): Result {
  if (playedOf(hits, 'system_error_booked')) return refused('SYSTEM_ERROR');
  if (playedOf(hits, 'frequency_limited_booked')) return refused('FREQUENCY_LIMITED');
  const unknown = playedOf(hits, 'unknown_code');
  if (unknown) return refused(wordOr(unknown, 'code', 'GATE_MOVED_AWAY'));
  const other = playedOf(hits, 'about_another');
  if (!other || result.kind !== 'done') return result;
  const number = wordOr(other, 'out_trade_no', 'ANOTHER-ORDER-0001');
  const named = ['out_order_no', 'out_return_no'].filter((name) => result.fields[name] !== undefined);
  const others = Object.fromEntries((named.length === 0 ? ['out_trade_no'] : named).map((name) => [name, number]));
  return { ...result, fields: { ...result.fields, ...others } };
}

/** The connection as faults have it. */
export function bentReply(hits: readonly Hit[], make: () => Reply): Reply {
  const hang = playedOf(hits, 'hang_before_booking') ?? playedOf(hits, 'book_then_hang');
  if (hang) return { kind: 'hang', forMs: msOf(hang) };
  if (playedOf(hits, 'drop_connection_after_booking')) return { kind: 'drop' };
  const slow = playedOf(hits, 'slow_ms');
  const reply = replacement(hits) ?? make();
  return slow && reply.kind === 'answer' ? { ...reply, afterMs: msOf(slow) } : reply;
}

function msOf(params: Fields): number {
  return typeof params['ms'] === 'number' ? params['ms'] : hangMs;
}

function statusOf(params: Fields): number {
  return typeof params['status'] === 'number' ? params['status'] : 500;
}

function replacement(hits: readonly Hit[]): Reply | undefined {
  const broken = playedOf(hits, 'http_500');
  if (broken) return textReply('<html><body>Bad Gateway</body></html>', 'text/html', statusOf(broken));
  if (!playedOf(hits, 'html_instead')) return undefined;
  return textReply('<!DOCTYPE html><html><body>系统繁忙，请稍后再试</body></html>', 'text/html; charset=utf-8', 200);
}

function truncated(hits: readonly Hit[], body: Buffer): Buffer {
  return playedOf(hits, 'truncated') ? body.subarray(0, Math.floor(body.length / 2)) : body;
}

/** An answer of APIv3. `asked`: the key by which the caller wants it signed. `isSigned` unless it is an error or a file. */
export function v3Reply(
  dressing: Dressing,
  asked: string | undefined,
  answer: { readonly code: number; readonly text: string; readonly isSigned: boolean },
): Reply {
  const { code, text, isSigned } = answer;
  const headers = isSigned && !playedOf(dressing.hits, 'unsigned') ? signature(dressing, asked, text) : {};
  return {
    kind: 'answer',
    code,
    contentType: 'application/json; charset=utf-8',
    body: truncated(dressing.hits, Buffer.from(text)),
    headers: { 'request-id': `${lot(`request ${dressing.n} ${dressing.now}`, 32).toUpperCase()}-0`, ...headers },
  };
}

function signature({ merchant, hits, now, n, isProbe }: Dressing, asked: string | undefined, text: string) {
  // Answers change to the public key as a whole, when the migration is done; callbacks do it share by share.
  const { serial, privateKey } = signerOf(merchant, now, asked, 99);
  const at = now - (playedOf(hits, 'stale') ? staleMs : 0);
  const [timestamp, nonce] = [String(Math.floor(at / 1000)), lot(`answer ${n} ${now}`, 32)];
  const spoilt = playedOf(hits, 'bad_signature') ? `${text} ` : text;
  const genuine = signed(answerMessage(timestamp, nonce, spoilt), privateKey);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': playedOf(hits, 'unknown_serial') ? lot(serial, 40).toUpperCase() : serial,
    'wechatpay-signature-type': scheme,
    'wechatpay-signature': isProbe || playedOf(hits, 'probe') ? probeOf(genuine) : genuine,
  };
}

/** The body and status of an answer of APIv3. */
export function v3Answer(result: Result, isEmpty: boolean, signsErrors: boolean) {
  if (result.kind === 'refused') {
    const text = JSON.stringify({ code: result.code, message: messageOf(result) });
    const code = httpStatusOf(result.code);
    return { code, text, isSigned: signsErrors || code < 300 };
  }
  return isEmpty
    ? { code: 204, text: '', isSigned: true }
    : { code: 200, text: JSON.stringify(result.fields), isSigned: true };
}

/** An answer of v2: errors of the business are signed as everything else; status 200 whatever happened. */
export function v2Reply(dressing: Dressing, fields: Fields, signType: V2SignType, result: Result): Reply {
  const { merchant, hits, n, now } = dressing;
  const layer = (playedOf(hits, 'system_error_booked') ?? playedOf(hits, 'system_error_not_booked'))?.['layer'];
  if (layer === 'return') return v2FaultReply('SYSTEMERROR');
  const verdict: Record<string, string> =
    result.kind === 'done'
      ? { result_code: 'SUCCESS' }
      : { result_code: 'FAIL', err_code: v2WordOf(result.code), err_code_des: messageOf(result) };
  const subMchid = word(fields, 'sub_mch_id');
  const said = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid: word(fields, 'appid') ?? '',
    mch_id: merchant.mchid,
    ...(subMchid === undefined ? {} : { sub_mch_id: subMchid }),
    nonce_str: lot(`answer ${n} ${now}`, 32),
    ...verdict,
    ...(result.kind === 'done' ? result.fields : {}),
  };
  const pairs = Object.entries(said).map(([name, value]) => [name, String(value)] as const);
  const genuine = v2Signature(pairs, merchant.v2Key ?? '', signType);
  const sign = playedOf(hits, 'bad_signature') ? genuine.split('').reverse().join('') : genuine;
  const body = writeV2(playedOf(hits, 'unsigned') ? pairs : [...pairs, ['sign', sign]]);
  return { ...v2Text(body), body: truncated(hits, Buffer.from(body)) };
}

/** Before any business: one text, no signature. */
export function v2FaultReply(returnMsg: string): Reply {
  return v2Text(
    writeV2([
      ['return_code', 'FAIL'],
      ['return_msg', returnMsg],
    ]),
  );
}

function v2Text(body: string) {
  const contentType = 'text/xml; charset=utf-8';
  return { kind: 'answer', code: 200, contentType, body: Buffer.from(body) } as const;
}
