import type { Call } from '../../call.ts';
import type { Fields } from '../../input.ts';
import { decodeForm } from '../request.ts';
import { methodsByName, pageMethods } from './methods.ts';
import { contentOf } from './request.ts';
import type { OpenApiRequest, Refused } from './request.ts';
import { isGenuineRest, readAuthorization, restRequestText } from './rest-signing.ts';
import type { Authorization } from './rest-signing.ts';
import { refusal } from './results.ts';
import type { OpenApiSettings } from './settings.ts';
import { word } from './terms.ts';
import type { App, CallResult, OpenApiCall } from './types.ts';

type Sent = Pick<Call, 'method' | 'path' | 'query' | 'header' | 'body'>;

/** Methods that end at a page or in the payer's app stay at gateway.do. */
const notOffered: readonly string[] = [...pageMethods, 'alipay.trade.app.pay'];

/** The checks of the REST dress: header, application, signature, certificates, method, content. */
export function readRestRequest(
  sent: Sent,
  apps: ReadonlyMap<string, App>,
  settings: OpenApiSettings,
  now: number,
): OpenApiRequest | { readonly refused: CallResult } {
  const authorization = readAuthorization(sent.header('authorization'));
  // Whoever sends no such header is told that the timestamp is missing.
  if (!authorization?.get('timestamp')) return refuse(['40001', 'missing-timestamp']);
  if (!authorization.get('app_id')) return refuse(['40001', 'missing-app-id']);
  const app = apps.get(authorization.get('app_id'));
  if (!app) return refuse(['40002', 'invalid-app-id']);
  const error =
    headerError(authorization, settings, now) ??
    signatureError(sent, authorization, app) ??
    certificateError(sent, authorization, app) ??
    methodError(sent, settings);
  if (error) return refuse(error);
  const asked = askedOf(sent, app);
  if ('error' in asked) return refuse(asked.error);
  return { call: callOf(app, methodOf(sent.path), asked.biz), app, isEncrypted: encryptType(sent) !== '' };
}

function refuse([code, why]: Refused): { readonly refused: CallResult } {
  return { refused: refusal(code, `isv.${why}`) };
}

/** The address for notifications is a field among the others here. */
function callOf(app: App, method: string, asked: Fields): OpenApiCall {
  const { notify_url: _, ...biz } = asked;
  const notifyUrl = word(asked, 'notify_url');
  const call: OpenApiCall = { appId: app.appId, method, biz, charset: 'UTF-8', signType: 'RSA2' };
  return notifyUrl === undefined ? call : { ...call, notifyUrl };
}

function headerError({ get, signature }: Authorization, settings: OpenApiSettings, now: number): Refused | undefined {
  if (!signature) return ['40001', 'missing-signature'];
  if (!get('nonce')) return ['40002', 'invalid-parameter'];
  const [timestamp, seconds] = [get('timestamp'), get('expired_seconds')];
  if (!/^\d{13}$/.test(timestamp)) return ['40002', 'invalid-timestamp'];
  if (!/^\d{0,9}$/.test(seconds)) return ['40002', 'invalid-parameter'];
  const age = now - Number(timestamp);
  const isFar = settings.v3_skew_ms !== null && Math.abs(age) > settings.v3_skew_ms;
  const isOver = seconds !== '' && age > Number(seconds) * 1_000;
  return isFar || isOver ? ['40002', 'invalid-timestamp'] : undefined;
}

function signatureError(sent: Sent, { text, signature }: Authorization, app: App): Refused | undefined {
  const signedText = restRequestText({
    authorization: text,
    method: sent.method,
    target: sent.query === '' ? sent.path : `${sent.path}?${sent.query}`,
    body: sent.body.toString('utf8'),
    appAuthToken: sent.header('alipay-app-auth-token'),
  });
  return isGenuineRest(signedText, app.merchantKey, signature) ? undefined : ['40002', 'invalid-signature'];
}

/** In certificate mode both numbers must be those of the deposited certificates. */
function certificateError(sent: Sent, { get }: Authorization, app: App): Refused | undefined {
  if (!app.certificates) return undefined;
  const [own, root] = [get('app_cert_sn'), sent.header('alipay-root-cert-sn') ?? ''];
  if (own === '') return ['40001', 'missing-app-cert-sn'];
  if (own !== app.certificates.app) return ['40002', 'app-cert-not-exist'];
  if (root === '') return ['40001', 'missing-alipay-root-cert-sn'];
  return root === app.certificates.root ? undefined : ['40002', 'invalid-alipay-root-cert-sn'];
}

/** The path is the method's name with slashes for dots. */
function methodOf(path: string): string {
  return path.slice('/v3/'.length).replaceAll('/', '.');
}

function methodError(sent: Sent, settings: OpenApiSettings): Refused | undefined {
  const method = methodOf(sent.path);
  if (!methodsByName.has(method) || notOffered.includes(method)) return ['40002', 'invalid-method'];
  const verb = method === 'alipay.trade.query' ? settings.v3_query : 'POST';
  const isTaken = verb === 'either' ? ['GET', 'POST'].includes(sent.method) : sent.method === verb;
  if (!isTaken) return ['40002', 'invalid-http-method'];
  const type = encryptType(sent) === '' ? 'application/json' : 'text/plain';
  const isOfType = sent.method === 'GET' || (sent.header('content-type') ?? '').startsWith(type);
  return isOfType ? undefined : ['40002', 'invalid-content-type'];
}

function encryptType(sent: Sent): string {
  return sent.header('alipay-encrypt-type') ?? '';
}

function askedOf(sent: Sent, app: App): ReturnType<typeof contentOf> {
  if (sent.method !== 'GET') return contentOf(sent.body.toString('utf8'), encryptType(sent), 'UTF-8', app);
  const pairs = decodeForm(sent.query, 'UTF-8');
  const options = pairs.filter(([name]) => name === 'query_options').flatMap(([, value]) => value.split(','));
  return { biz: { ...Object.fromEntries(pairs), ...(options.length === 0 ? {} : { query_options: options }) } };
}
