import { createHash } from 'node:crypto';
import type { Call } from '../../call.ts';
import type { Fields } from '../../input.ts';
import type { Reply } from '../../reply.ts';
import { bent, jsonText, spoilt } from './dress.ts';
import type { OpenApiHit } from './faults.ts';
import type { OpenApiRequest } from './request.ts';
import { restAnswerText, restSigned } from './rest-signing.ts';
import { nodeOf } from './results.ts';
import type { OpenApiSettings } from './settings.ts';
import { encrypted } from './signing.ts';
import type { App, CallResult } from './types.ts';

/** What an answer needs besides its result. */
export type RestMoment = { readonly at: number; readonly callId: string; readonly settings: OpenApiSettings };

/** `callId` becomes nonce and trace: from what was sent, because nothing here is drawn by lot. */
export function restMoment(call: Call, settings: OpenApiSettings, at: number): RestMoment {
  const sent = `${at}\n${call.header('authorization') ?? ''}\n${call.path}`;
  return { at, settings, callId: createHash('sha256').update(sent).digest('hex').slice(0, 32) };
}

/** Success is HTTP 200 and signed by headers; an error is a status of its own and not signed. */
export function dressRest(
  { call, app, isEncrypted }: OpenApiRequest,
  given: CallResult,
  hits: readonly OpenApiHit[],
  moment: RestMoment,
): Reply {
  return bent(call, given, hits, (result, spoils) => {
    if (!hasSucceeded(result)) return restRefusal(result, moment);
    const plain = jsonText(result.fields ?? {});
    const key = isEncrypted ? app.aesKey : undefined;
    const body = key ? encrypted(plain, 'UTF-8', key) : plain;
    return replyOf(result, body, key ? 'text/plain' : json, moment, signatureHeaders(body, app, moment, spoils));
  });
}

export function restRefusal(result: CallResult, moment: RestMoment): Reply {
  return replyOf(result, jsonText(errorFields(result, moment)), json, moment, {});
}

const json = 'application/json;charset=UTF-8';

function replyOf(
  result: CallResult,
  body: string,
  contentType: string,
  { callId, settings }: RestMoment,
  headers: Readonly<Record<string, string>>,
): Reply {
  return {
    kind: 'answer',
    code: statusOf(result, settings),
    contentType,
    body: Buffer.from(body),
    headers: { 'alipay-trace-id': callId, ...headers },
  };
}

function hasSucceeded(result: CallResult): boolean {
  return result.subCode === undefined && ['10000', '10003'].includes(result.code);
}

/** Business errors keep their word, the gateway's lose the prefix that says who speaks. */
function errorFields(result: CallResult, { callId }: RestMoment): Fields {
  const code = (result.subCode ?? result.code).replace(/^(isv|isp|aop)\./, '');
  const link = `https://open.alipay.com/api/errCheck?traceId=${callId}`;
  return { code, links: [{ link, desc: '解决方案' }], message: nodeOf(result)['sub_msg'] ?? code };
}

function signatureHeaders(body: string, app: App, { at, callId }: RestMoment, spoils: boolean): Record<string, string> {
  const genuine = restSigned(restAnswerText(String(at), callId, body), app.alipayKey);
  return {
    'alipay-timestamp': String(at),
    'alipay-nonce': callId,
    'alipay-signature': spoils ? spoilt(genuine) : genuine,
    ...(app.certificates ? { 'alipay-sn': app.certificates.alipay } : {}),
  };
}

/** Open platform document "error codes" (open-v3/054fcv): what is not named there is 400. */
function statusOf(result: CallResult, settings: OpenApiSettings): number {
  const { subCode } = result;
  if (subCode === 'isv.invalid-method') return 404;
  if (subCode === 'isv.missing-signature' || subCode === 'isv.invalid-signature') return settings.v3_signature_status;
  switch (result.code) {
    case '10000':
      return 200;
    case '10003':
      return settings.v3_in_process_status;
    case '20000':
      return settings.v3_unknown_status;
    case '20001':
    case '40006':
      return 401;
    case '40005':
      return 429;
    default:
      return 400;
  }
}
