import type { Trust } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, WireAnswer } from '../contract/index.ts';
import { decodeText } from './charset.ts';
import { gatewayCodes } from './openapi-codes.ts';
import { answerText, jsonElements, jsonMembers } from './openapi-json.ts';
import { decryptContent, isCertificateMode, openapiSignatureFits } from './sign-openapi.ts';

export const openapiAnswerBytesMax = 262_144;

/** An answer of gateway.do whose words may be read. What they say of the money is for the operation to find out. */
export type OpenapiSaid = {
  readonly kind: 'said';
  readonly trust: Trust;
  readonly code: string;
  /** Empty where there is none. */
  readonly subCode: string;
  /** For people: sub_msg, or msg. */
  readonly text: string;
  /** The text of a member; empty when it is absent or neither text nor number. */
  readonly field: (name: string) => string;
  readonly has: (name: string) => boolean;
  /** The objects in a member that is a list, by their fields; none where it is absent, undefined where it cannot be read. */
  readonly list: (name: string) => readonly ((field: string) => string)[] | undefined;
};

export type OpenapiAnswer = OpenapiSaid | { readonly kind: 'unreadable'; readonly why: string; readonly trust: Trust };

/** Level one of three: did an authentic answer arrive? Level two is `code` and `sub_code`, level three the state of the money. */
export function readOpenapiAnswer(
  answer: WireAnswer,
  method: string,
  account: ChannelAccount,
  secrets: AccountSecrets,
): OpenapiAnswer {
  if (answer.status !== 200) return unreadable(`http status ${answer.status}`);
  if (answer.body.byteLength > openapiAnswerBytesMax) return unreadable(`answer of ${answer.body.byteLength} bytes`);
  const raw = decodeText(answer.body, 'utf-8');
  const members = raw === undefined ? undefined : jsonMembers(raw);
  if (!members) return unreadable('the answer is no JSON object that we can read');
  const own = members.get(`${method.replaceAll('.', '_')}_response`);
  const error = members.get('error_response');
  const node = own ?? error;
  if (node === undefined || (own !== undefined && error !== undefined)) return unreadable('no single response member');
  if (!members.has('sign')) return readUnsigned(node);
  const certSn = isCertificateMode(account) ? answerText(members.get('alipay_cert_sn')) : undefined;
  if (!nodeFits(node, answerText(members.get('sign')) ?? '', certSn, account, secrets))
    return unreadable('the signature does not fit', 'none');
  const content = node.startsWith('"') ? openContent(node, secrets) : node;
  if (content === undefined) return unreadable('the content cannot be decrypted', 'verified');
  return said(content, 'verified') ?? unreadable('the response member is no object that we can read', 'verified');
}

/** The signature covers the raw text; some senders sign it before they escape the slash, as the official SDKs allow for. */
function nodeFits(
  node: string,
  signature: string,
  certSn: string | undefined,
  account: ChannelAccount,
  secrets: AccountSecrets,
): boolean {
  const fits = (text: string): boolean =>
    openapiSignatureFits(new TextEncoder().encode(text), signature, account, secrets, certSn);
  return fits(node) || (node.includes('\\/') && fits(node.replaceAll('\\/', '/')));
}

/** Errors of the gateway itself come without a signature; whatever else comes without one proves nothing. */
function readUnsigned(node: string): OpenapiAnswer {
  const words = said(node, 'transport_only');
  if (!words || !gatewayCodes.has(words.code)) return unreadable('the answer is not signed');
  return words;
}

/** Code 40005, by application or by method; the gateway says so in the open, also where content is encrypted. */
export function saysTooOften(answer: WireAnswer): boolean {
  if (answer.status === 429) return true;
  if (answer.status !== 200 || answer.body.byteLength > openapiAnswerBytesMax) return false;
  const raw = decodeText(answer.body, 'utf-8');
  const members = raw === undefined ? undefined : jsonMembers(raw);
  const nodes = [...(members ?? [])].filter(([name]) => name.endsWith('_response'));
  return nodes.some(([, node]) => said(node, 'transport_only')?.code === '40005');
}

function openContent(quoted: string, secrets: AccountSecrets): string | undefined {
  const content = decryptContent(answerText(quoted) ?? '', secrets);
  return content && decodeText(content, 'utf-8');
}

function said(content: string, trust: Trust): OpenapiSaid | undefined {
  const members = jsonMembers(content);
  if (!members) return undefined;
  const field = (name: string): string => answerText(members.get(name)) ?? '';
  return {
    kind: 'said',
    trust,
    code: field('code'),
    subCode: field('sub_code'),
    text: field('sub_msg') || field('msg'),
    field,
    has: (name) => members.has(name),
    list: (name) => listIn(members, name),
  };
}

function listIn(members: ReadonlyMap<string, string>, name: string): ReturnType<OpenapiSaid['list']> {
  if (!members.has(name)) return [];
  const objects = jsonElements(members.get(name))?.map(jsonMembers);
  const isRead = objects?.every((object) => object !== undefined);
  return isRead ? objects?.map((object) => (field) => answerText(object?.get(field)) ?? '') : undefined;
}

function unreadable(why: string, trust: Trust = 'transport_only'): OpenapiAnswer {
  return { kind: 'unreadable', why, trust };
}
