import iconv from 'iconv-lite';
import type { Settings } from '../settings.ts';
import { charsetOf, signTypes, textToSign, verifyText, withoutEmpty } from './signing.ts';
import type { Charset, Pairs, SignType } from './signing.ts';
import type { Partner } from './types.ts';

export type GatewayRequest = {
  readonly pairs: Pairs;
  readonly params: ReadonlyMap<string, string>;
  readonly charset: Charset;
  readonly signType: SignType;
  readonly partner: Partner;
};

/** Not executed: the gateway's own error word, as in `<error>` of an answer with `is_success` F. */
export type GatewayRefusal = { readonly error: string; readonly pairs: Pairs };

/** Query string and body to parameters, decoded by the charset that the request names, or where the document says so by GBK. */
export function readParams(query: string, body: Buffer, settings: Settings): Pairs {
  const hint = named(query);
  const inBody = named(body.toString('latin1'));
  const queryCharset = charsetOf(hint ?? inBody ?? '') ?? 'GBK';
  const withoutHint = settings.body_charset_without_hint === 'gbk' ? 'GBK' : charsetOf(inBody ?? '');
  const bodyCharset = (hint === undefined ? withoutHint : charsetOf(hint)) ?? 'GBK';
  return [...decodeForm(query, queryCharset), ...decodeForm(body.toString('latin1'), bodyCharset)];
}

function named(form: string): string | undefined {
  return /(?:^|&)_input_charset=([\w-]*)/.exec(form)?.[1];
}

export function decodeForm(form: string, charset: Charset): [string, string][] {
  return form
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [decodePart(name, charset), decodePart(value, charset)];
    });
}

/** Percent-encoded bytes of any charset; `decodeURIComponent` knows only UTF-8. */
function decodePart(part: string, charset: Charset): string {
  const plain = part.replaceAll('+', ' ');
  if (!/[%\x80-\xff]/.test(plain)) return plain;
  const bytes = plain.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return iconv.decode(Buffer.from(bytes, 'latin1'), charset);
}

const services = ['alipay.acquire.customs', 'alipay.overseas.acquire.customs.query'];

/** The checks that come before any business, each with the system error of Alipay's list. */
export function readRequest(sent: Pairs, partners: ReadonlyMap<string, Partner>): GatewayRequest | GatewayRefusal {
  // A parameter given in the query and again in the body with the same value is one parameter (`_input_charset`).
  const params = new Map(sent);
  const pairs = [...params];
  const refuse = (error: string): GatewayRefusal => ({ error, pairs });
  if (sent.some(([name, value]) => params.get(name) !== value)) return refuse('ILLEGAL_ARGUMENT');
  const service = params.get('service');
  if (!service) return refuse('PARAMTER_IS_NULL');
  if (!services.includes(service)) return refuse('ILLEGAL_SERVICE');
  const partner = partners.get(params.get('partner') ?? '');
  if (!partner) return refuse('ILLEGAL_PARTNER');
  const charset = charsetOf(params.get('_input_charset') ?? '');
  if (!charset) return refuse('ILLEGAL_CHARSET');
  const signType = signTypeOf(params.get('sign_type') ?? '');
  if (signType === 'unknown' || (signType && !partner.signTypes.includes(signType))) return refuse('ILLEGAL_SIGN_TYPE');
  const sign = params.get('sign');
  if (!signType || !sign) return refuse('ILLEGAL_SIGN');
  // Text is made from what was sent: a parameter sent empty but not signed is an illegal signature.
  const genuine = verifyText(textToSign(pairs), charset, signType, partner.keys, sign);
  if (genuine === undefined) return refuse('HAS_NO_PUBLICKEY');
  if (!genuine) return refuse('ILLEGAL_SIGN');
  return { pairs: withoutEmpty(pairs), params, charset, signType, partner };
}

/** `undefined` = a known word in the wrong case, which the document counts among the causes of an illegal signature. */
function signTypeOf(word: string): SignType | 'unknown' | undefined {
  const exact = signTypes.find((type) => type === word);
  if (exact) return exact;
  return signTypes.some((type) => type === word.toUpperCase()) ? undefined : 'unknown';
}
