import { assert, done, refuse, shanghaiText } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireRequest } from '../contract/index.ts';
import { encodeText } from './charset.ts';
import { formText, joinSorted } from './mapi.ts';
import type { Field } from './mapi.ts';
import { encryptContent, isCertificateMode, openapiKind, requestCertificates } from './sign-openapi.ts';

export const defaultOpenapiUrl = 'https://openapi.alipay.com/gateway.do';

/** How the finished request travels: called by us, opened by a browser, or handed to the app's SDK as one text. */
export type Travel = 'call' | 'browser' | 'app';

export type BizValue = string | readonly BizValue[] | { readonly [name: string]: BizValue };
export type Biz = Readonly<Record<string, BizValue | undefined>>;

export type OpenapiRequest = {
  readonly method: string;
  readonly travel: Travel;
  /** Business parameters in the order in which they are written; absent and empty ones are left out. */
  readonly biz: Biz;
  readonly notifyUrl?: string;
  readonly returnUrl?: string;
};

/** OpenAPI signs everything but `sign` and empty values; unlike MAPI it keeps `sign_type`. */
export function openapiText(fields: Iterable<Field>): string {
  return joinSorted([...fields].filter(([name, value]) => name !== 'sign' && value !== ''));
}

/** A request to gateway.do: common parameters, content (encrypted where the account says so), and the text to sign. */
export function draftOpenapi(
  request: OpenapiRequest,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { app_id: appId, openapi_mode: mode } = account.settings;
  if (mode === undefined || mode === 'none') return refuse('channel.not_set_up', { setting: 'openapi_mode' });
  if (appId === undefined) return refuse('channel.not_set_up', { setting: 'app_id' });
  const numbers = isCertificateMode(account) ? requestCertificates(secrets) : { appSn: '', rootSn: '' };
  if (!numbers) return refuse('channel.not_set_up', { setting: 'app_cert, alipay_root_cert' });
  const isEncrypted = account.settings['content_encryption'] === 'AES';
  const plain = contentText(request.biz);
  const content = isEncrypted ? encryptContent(plain, secrets) : plain;
  if (content === undefined) return refuse('channel.not_set_up', { setting: 'content_key' });
  const parameters: readonly Field[] = [
    ['app_id', appId],
    ['method', request.method],
    ['charset', 'utf-8'],
    ['sign_type', 'RSA2'],
    ['timestamp', shanghaiText(moment.at)],
    ['version', '1.0'],
    ['notify_url', request.notifyUrl ?? ''],
    ['return_url', request.returnUrl ?? ''],
    ['encrypt_type', isEncrypted ? 'AES' : ''],
    ['app_cert_sn', numbers.appSn],
    ['alipay_root_cert_sn', numbers.rootSn],
  ];
  const common = parameters.filter(([, value]) => value !== '');
  const all: readonly Field[] = [...common, ['biz_content', content]];
  const toSign = encodeText(openapiText(all), 'utf-8');
  const unfit = all.find(([, value]) => encodeText(value, 'utf-8') === undefined);
  if (!toSign || unfit)
    return refuse('channel.value_not_taken', { field: unfit?.[0] ?? 'biz_content', allowed: 'UTF-8' });
  return done({
    toSign,
    signWith: openapiKind,
    finish: (signature) => finish(request.travel, account, [...common, ['sign', signature]], content),
  });
}

function contentText(biz: Biz): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(biz).filter(([, value]) => value !== undefined && value !== '')),
  );
}

/** `charset` stands in the URL always: a gateway that decodes the body needs it first. */
function finish(travel: Travel, account: ChannelAccount, common: readonly Field[], content: string): WireRequest {
  const gateway = account.settings['openapi_gateway_url'] ?? defaultOpenapiUrl;
  const biz: Field = ['biz_content', content];
  if (travel === 'browser') return { method: 'GET', url: `${gateway}?${encoded([...common, biz])}`, headers: {} };
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  if (travel === 'app') return { method: 'POST', url: gateway, headers, body: bytes(encoded([...common, biz])) };
  return { method: 'POST', url: `${gateway}?${encoded(common)}`, headers, body: bytes(encoded([biz])) };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Blanks as %20, which everybody decodes alike: this text also goes through browsers and an app's SDK. */
function encoded(fields: readonly Field[]): string {
  const text = formText(fields, 'utf-8');
  assert(text !== undefined, 'a value of a signed request cannot be encoded');
  return text.replaceAll('+', '%20');
}
