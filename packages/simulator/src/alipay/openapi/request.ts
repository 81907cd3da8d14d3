import { parseSpacedTime } from '../../shanghai.ts';
import { decodeForm } from '../request.ts';
import { charsetOf } from '../signing.ts';
import type { Charset, Pairs } from '../signing.ts';
import { methodsByName } from './methods.ts';
import { refusal } from './results.ts';
import type { OpenApiSettings } from './settings.ts';
import { decrypted, isGenuine, openApiSignTypes, requestText } from './signing.ts';
import type { App, CallResult, OpenApiCall } from './types.ts';

export type OpenApiRequest = { readonly call: OpenApiCall; readonly app: App; readonly isEncrypted: boolean };

/** Not executed; `method` names the member of the answer when the request named one. */
export type OpenApiRefusal = {
  readonly refused: CallResult;
  readonly method: string | undefined;
  readonly charset: Charset;
};

/** Query string and body together, decoded by the charset that either names. */
export function readOpenApiParams(query: string, body: Buffer): Pairs {
  const form = body.toString('latin1');
  const charset = charsetOf(named(query) ?? named(form) ?? '') ?? 'UTF-8';
  return [...decodeForm(query, charset), ...decodeForm(form, charset)];
}

function named(form: string): string | undefined {
  return /(?:^|&)charset=([\w-]*)/.exec(form)?.[1];
}

/** The two gateways share one address; the older one is addressed by `service`. */
export function isOpenApi(query: string, body: Buffer): boolean {
  const form = body.subarray(0, 65_536).toString('latin1');
  const names = (name: string) => new RegExp(`(?:^|&)${name}=`).test(query) || new RegExp(`(?:^|&)${name}=`).test(form);
  return !names('service') && ['app_id', 'method', 'biz_content'].some(names);
}

/** The gateway's checks, in its order: the application comes before the signature. */
export function readOpenApiRequest(
  sent: Pairs,
  apps: ReadonlyMap<string, App>,
  settings: OpenApiSettings,
  now: number,
): OpenApiRequest | OpenApiRefusal {
  const params = new Map(sent);
  const get = (name: string): string => params.get(name) ?? '';
  const method = get('method') || undefined;
  const charset = charsetOf(get('charset'));
  const refuse = (code: '40001' | '40002' | '40003', word: string): OpenApiRefusal => ({
    refused: refusal(code, `isv.${word}`),
    method,
    charset: charset ?? 'UTF-8',
  });
  if (sent.some(([name, value]) => params.get(name) !== value)) return refuse('40002', 'invalid-parameter');
  if (method === undefined) return refuse('40001', 'missing-method');
  if (!get('app_id')) return refuse('40001', 'missing-app-id');
  const app = apps.get(get('app_id'));
  if (!app) return refuse('40002', 'invalid-app-id');
  if (!charset) return refuse('40002', 'invalid-charset');
  const common = commonError(get, settings, now);
  if (common) return refuse(...common);
  const signType = openApiSignTypes.find((type) => type === get('sign_type'));
  if (!signType) return refuse('40002', 'invalid-signature-type');
  if (!isGenuine(requestText([...params]), charset, signType, app.merchantKey, get('sign')))
    return refuse('40002', 'invalid-signature');
  if (!hasCertificateNumbers(get, app)) return refuse('40002', 'invalid-signature');
  if (!methodsByName.has(method)) return refuse('40002', 'invalid-method');
  const content = contentOf(get('biz_content'), get('encrypt_type'), charset, app);
  if ('error' in content) return refuse(...content.error);
  const [notifyUrl, returnUrl] = [get('notify_url'), get('return_url')];
  const call: OpenApiCall = {
    appId: app.appId,
    method,
    biz: content.biz,
    charset,
    signType,
    ...(notifyUrl === '' ? {} : { notifyUrl }),
    ...(returnUrl === '' ? {} : { returnUrl }),
  };
  return { call, app, isEncrypted: get('encrypt_type') !== '' };
}

export type Refused = readonly ['40001' | '40002' | '40003', string];

function commonError(get: (name: string) => string, settings: OpenApiSettings, now: number): Refused | undefined {
  if (!get('sign_type')) return ['40001', 'missing-signature-type'];
  if (!get('sign')) return ['40001', 'missing-signature'];
  if (!get('timestamp')) return ['40001', 'missing-timestamp'];
  const timestamp = parseSpacedTime(get('timestamp'));
  if (timestamp === undefined) return ['40002', 'invalid-timestamp'];
  const skew = settings.timestamp_skew_ms;
  if (skew !== null && Math.abs(timestamp - now) > skew) return ['40002', 'invalid-timestamp'];
  if (get('version') !== '1.0') return ['40001', 'missing-version'];
  if (!['', 'json'].includes(get('format').toLowerCase())) return ['40002', 'invalid-format'];
  return undefined;
}

/** In certificate mode both numbers must be those of the deposited certificates. */
function hasCertificateNumbers(get: (name: string) => string, app: App): boolean {
  if (!app.certificates) return true;
  return get('app_cert_sn') === app.certificates.app && get('alipay_root_cert_sn') === app.certificates.root;
}

/** What the method is asked, as text or encrypted; `encryptType` is empty when it is not. */
export function contentOf(
  sent: string,
  encryptType: string,
  charset: Charset,
  app: App,
): { readonly biz: OpenApiCall['biz'] } | { readonly error: Refused } {
  let content = sent;
  if (encryptType) {
    if (encryptType !== 'AES') return { error: ['40002', 'decryption-error-not-valid-encrypt-type'] };
    if (!app.aesKey) return { error: ['40002', 'decryption-error-not-valid-encrypt-key'] };
    const plain = decrypted(content, charset, app.aesKey);
    if (plain === undefined) return { error: ['40002', 'decryption-error-unknown'] };
    content = plain;
  }
  const biz = parsed(content);
  if (typeof biz !== 'object' || biz === null || Array.isArray(biz)) return { error: ['40002', 'illegal-json'] };
  return { biz: biz as OpenApiCall['biz'] };
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}
