import type { Reply } from '../reply.ts';
import type { Settings } from '../settings.ts';
import { answerBytes, refusalXml, signFields, successXml } from './answers.ts';
import type { Field } from './answers.ts';
import type { GatewayRequest } from './request.ts';
import type { Charset, Pairs } from './signing.ts';

export function answerCharset(request: GatewayRequest, settings: Settings): Charset {
  if (settings.answer_charset === 'as_request') return request.charset;
  return settings.answer_charset === 'gbk' ? 'GBK' : 'UTF-8';
}

/** The document of a call that reached the business, signed as `settings` says; `forge` may spoil the signature. */
export function signedXml(
  fields: readonly Field[],
  request: GatewayRequest,
  settings: Settings,
  forge: (signature: string | undefined) => string | undefined,
): string {
  const charset = answerCharset(request, settings);
  const signature = forge(signFields(fields, settings, charset, request.signType, request.partner));
  return successXml({ request: request.pairs, fields, charset, signature, signType: request.signType });
}

export function refusalReply(error: string, pairs: Pairs): Reply {
  return xmlReply(refusalXml(error, 'UTF-8', pairs), 'UTF-8');
}

export function xmlReply(xml: string, charset: Charset): Reply {
  return { kind: 'answer', code: 200, contentType: `text/xml;charset=${charset}`, body: answerBytes(xml, charset) };
}

export function plainFields(values: Readonly<Record<string, string>>): Field[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

/** A business failure names no request number: the documents' sample does not either. */
export function failureFields(code: string, text: string): Field[] {
  return plainFields({ detail_error_code: code, detail_error_des: text, result_code: 'FAIL' });
}
