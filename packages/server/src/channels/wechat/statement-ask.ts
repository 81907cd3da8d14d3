import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { inDoubt, refuse } from '../../kernel/index.ts';
import type { Instant, Result } from '../../kernel/index.ts';
import type {
  AccountSecrets,
  AskReading,
  ChannelAccount,
  Draft,
  FetchReading,
  Moment,
  StatementAddress,
  StatementOperations,
  StatementQuestion,
  WireAnswer,
} from '../contract/index.ts';
import { defaultGatewayUrl } from './account.ts';
import { readAnswer } from './answer.ts';
import type { Said } from './answer.ts';
import { statementEmpty, statementNotReady, statementRefusals } from './codes.ts';
import { draftCall, queryText } from './request.ts';

export const ask: StatementOperations['ask'] = { build: buildAsk, interpret: interpretAsk };
export const fetch: StatementOperations['fetch'] = { build: buildFetch, interpret: interpretFetch };

/** Of each kind its door and what it is asked with besides the day. */
const doors: ReadonlyMap<string, { readonly path: string; readonly fields: Readonly<Record<string, string>> }> =
  new Map([
    ['trade', { path: '/v3/bill/tradebill', fields: { bill_type: 'ALL' } }],
    ['flow', { path: '/v3/bill/fundflowbill', fields: { account_type: 'BASIC' } }],
    ['share', { path: '/v3/profitsharing/bills', fields: {} }],
  ]);

function buildAsk(
  { kind, day }: StatementQuestion,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const door = doors.get(kind);
  if (!door) return refuse('statement.kind_unknown', { kind, known: [...doors.keys()].join(', ') });
  const { sub_mchid: sub } = account.settings;
  // Without it a service provider is given the lines of all its merchants.
  const whose = sub === undefined ? {} : { sub_mchid: sub };
  const fields = { bill_date: day, ...whose, ...door.fields, tar_type: 'GZIP' };
  return draftCall({ method: 'GET', path: `${door.path}${queryText(fields)}` }, account, moment, secrets);
}

function interpretAsk(
  answer: WireAnswer,
  _question: StatementQuestion,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): AskReading {
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return { outcome: inDoubt(said.why), trust: said.trust };
  return { outcome: outcomeOf(said, account), trust: said.trust };
}

function outcomeOf({ status, refusal, words, fields }: Said, account: ChannelAccount): AskReading['outcome'] {
  if (refusal === statementEmpty) return { kind: 'succeeded', facts: { found: false, words } };
  if (refusal === statementNotReady) return { kind: 'accepted', facts: { found: false, words } };
  const text = statementRefusals.get(refusal);
  if (text !== undefined) return { kind: 'rejected', code: refusal, text };
  if (refusal !== '' || status !== 200) return inDoubt(`the question was answered with ${refusal || status}`);
  const [type, digest, url] = ['hash_type', 'hash_value', 'download_url'].map((name) => fields.text(name)) as [
    string,
    string,
    string,
  ];
  if (type !== 'SHA1' || !/^[0-9a-f]{40}$/i.test(digest)) return inDoubt(`a digest of another kind: ${type}`);
  if (!isTheirs(url, account)) return inDoubt('the address of the file is not one of the channel');
  return { kind: 'succeeded', facts: { found: true, address: { url, digest: digest.toLowerCase() } } };
}

/** Our signature goes to hosts of the channel only, or to where the account reaches it. */
function isTheirs(address: string, { settings }: ChannelAccount): boolean {
  const url = URL.parse(address);
  if (!url) return false;
  const gateway = URL.parse(settings['gateway_url'] ?? defaultGatewayUrl);
  return url.origin === gateway?.origin || (url.protocol === 'https:' && url.hostname.endsWith('.weixin.qq.com'));
}

/** The token in the address is part of what is signed. */
function buildFetch(
  { url }: StatementAddress,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const { origin, pathname, search } = new URL(url);
  return draftCall({ method: 'GET', gateway: origin, path: `${pathname}${search}` }, account, moment, secrets);
}

/** This answer is not signed: the digest, which came signed, proves it, and it covers the contents without their wrapping. */
function interpretFetch({ status, body }: WireAnswer, { digest }: StatementAddress): FetchReading {
  const trust = 'transport_only';
  if (status !== 200) return { outcome: inDoubt(`http status ${status}: ask for the address anew`), trust };
  const bytes = unwrapped(body);
  if (bytes === 'too_large') {
    const text = `${body.byteLength} bytes unfold to more than ${foldedMax(body)}`;
    return { outcome: { kind: 'rejected', code: bytes, text }, trust };
  }
  if (!bytes) return { outcome: inDoubt('no gzip that we can open'), trust };
  const found = createHash('sha1').update(bytes).digest('hex');
  if (found !== digest) return { outcome: inDoubt(`its digest is ${found}, and not ${digest}`), trust };
  return { outcome: { kind: 'succeeded', facts: { bytes, digest } }, trust: 'verified' };
}

const contentBytesMax = 128 * 1024 * 1024;
/** Bills shrink to a seventh; what grows far more is no bill. */
const growthMax = 200;

const foldedMax = ({ byteLength }: Uint8Array): number => Math.min(contentBytesMax, byteLength * growthMax + 4096);

/** By its first bytes, whatever was asked for. Undefined: broken. */
function unwrapped(body: Uint8Array): Uint8Array | 'too_large' | undefined {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return new Uint8Array(gunzipSync(body, { maxOutputLength: foldedMax(body) }));
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : undefined;
  }
}
