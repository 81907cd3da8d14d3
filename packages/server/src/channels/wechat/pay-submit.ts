import { hours, refuse, seconds } from '../../kernel/index.ts';
import type { Instant, Result, Secret } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, HandOut, Moment, WireAnswer } from '../contract/index.ts';
import type { PayInstruction, PayOperations, TradeReading } from '../contract/index.ts';
import { partyOf } from './account.ts';
import { readAnswer } from './answer.ts';
import { orderRefusals } from './codes.ts';
import type { Fields } from './json.ts';
import { orderTerms, refuseTerms } from './pay-terms.ts';
import { draftCall } from './request.ts';
import { payerText, signAtOnce } from './sign.ts';
import { doubt, refusalBy } from './trade.ts';

/** POST /v3/pay/transactions/… : the order is made first, then its payer gets what opens it. */
export const submit: PayOperations['submit'] = { build, interpret };

/** When and under which nonce the platform signed its answer: what is signed for the payer carries the same, so reading twice gives one text. */
type Stamp = { readonly time: string; readonly nonce: string };

type Given = {
  readonly fields: Fields;
  readonly instruction: PayInstruction;
  readonly account: ChannelAccount;
  readonly secrets: AccountSecrets;
  readonly stamp: Stamp;
};

type Product = {
  readonly door: string;
  /** What this product sends besides the terms; a refusal when the payer's part is missing or malformed. */
  readonly own: (instruction: PayInstruction, account: ChannelAccount) => Result<Readonly<Record<string, unknown>>>;
  readonly handOut: (given: Given) => HandOut | undefined;
};

const nothing = (): Result<Readonly<Record<string, unknown>>> => ({ ok: true, value: {} });

const products = new Map<string, Product>([
  ['native', { door: 'native', own: nothing, handOut: codeOf }],
  ['jsapi', { door: 'jsapi', own: payerFields, handOut: scriptOf }],
  ['mini', { door: 'jsapi', own: payerFields, handOut: scriptOf }],
  ['h5', { door: 'h5', own: browserFields, handOut: linkOf }],
  ['app', { door: 'app', own: nothing, handOut: appTextOf }],
]);

function build(
  instruction: PayInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const product = products.get(instruction.product);
  if (!product)
    return refuse('channel.value_not_taken', { field: 'product', allowed: [...products.keys()].join(' | ') });
  const refusal = refuseTerms(instruction, account, moment.at);
  if (refusal) return refusal;
  const own = product.own(instruction, account);
  if (!own.ok) return own;
  const path = `${partyOf(account, instruction.product).path}/${product.door}`;
  const body = { ...orderTerms(instruction, account), ...own.value };
  return draftCall({ method: 'POST', path, body }, account, moment, secrets);
}

/** The payer is known to one application only, by up to 128 characters. */
function payerFields(
  { payerId, product }: PayInstruction,
  account: ChannelAccount,
): Result<Readonly<Record<string, unknown>>> {
  const openid = textOf(payerId);
  if (!/^[\w-]{1,128}$/.test(openid))
    return refuse('channel.value_not_taken', { field: 'payer.openid', allowed: '1–128' }, '/payerId');
  return { ok: true, value: { payer: { [partyOf(account, product).openidName]: openid } } };
}

/** The link opens for the address that is named here; the platform refuses the loopback. */
function browserFields({ payerAddress }: PayInstruction): Result<Readonly<Record<string, unknown>>> {
  const address = textOf(payerAddress);
  if (!/^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]{2,39})$/.test(address) || address === '127.0.0.1')
    return refuse(
      'channel.value_not_taken',
      { field: 'scene_info.payer_client_ip', allowed: 'IPv4 | IPv6' },
      '/payerAddress',
    );
  return { ok: true, value: { scene_info: { payer_client_ip: address, h5_info: { type: 'Wap' } } } };
}

const textOf = (secret: Secret | undefined): string => (secret ? payerText(secret) : '');

function interpret(
  answer: WireAnswer,
  instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
): TradeReading {
  const product = products.get(instruction.product);
  if (!product) return doubt('transport_only', `${instruction.product} is not submitted`);
  const said = readAnswer(answer, account, secrets, heardAt);
  if (said.kind === 'unreadable') return doubt(said.trust, said.why);
  const { trust, fields, status } = said;
  if (said.refusal !== '') return { trust, outcome: refusalBy(said, orderRefusals) };
  const stamp = stampOf(answer);
  const handOut = status === 200 ? product.handOut({ fields, instruction, account, secrets, stamp }) : undefined;
  if (!handOut) return doubt(trust, 'taken, and nothing to hand out');
  return {
    trust,
    outcome: { kind: 'accepted', facts: { serialNo: instruction.serialNo, channelStatus: '200', handOut } },
  };
}

function stampOf({ headers }: WireAnswer): Stamp {
  return { time: headers['wechatpay-timestamp'] ?? '', nonce: (headers['wechatpay-nonce'] ?? '').slice(0, 32) };
}

/** A session lives two hours; a later one under the same number ends it. */
function codeOf({ fields, stamp }: Given): HandOut | undefined {
  const text = fields.text('code_url');
  const livesUntil = (seconds(Number(stamp.time)) + hours(2)) as Instant;
  return /^[\x21-\x7e]{1,1024}$/.test(text) ? { kind: 'code', text, livesUntil } : undefined;
}

/** The way back may be named; that the payer comes back proves nothing. */
function linkOf({ fields, instruction }: Given): HandOut | undefined {
  const url = fields.text('h5_url');
  if (!/^https?:\/\/[\x21-\x7e]{1,1024}$/.test(url)) return undefined;
  const { returnUrl } = instruction;
  return { kind: 'url', url: returnUrl === undefined ? url : `${url}&redirect_url=${encodeURIComponent(returnUrl)}` };
}

const prepayOf = (fields: Fields): string | undefined => {
  const id = fields.text('prepay_id');
  return /^[\x21-\x7e]{1,64}$/.test(id) ? id : undefined;
};

/** For the script of WeChat's browser and of mini programs: four lines, the last with "prepay_id=" before the id. */
function scriptOf({ fields, instruction, account, secrets, stamp }: Given): HandOut | undefined {
  const prepayId = prepayOf(fields);
  const appId = partyOf(account, instruction.product).payerAppid;
  const lines = [appId, stamp.time, stamp.nonce, `prepay_id=${prepayId ?? ''}`];
  const paySign = prepayId === undefined ? undefined : signedLines(lines, secrets);
  if (paySign === undefined) return undefined;
  const given = { appId, timeStamp: stamp.time, nonceStr: stamp.nonce, package: lines[3], signType: 'RSA', paySign };
  return { kind: 'sdk', text: JSON.stringify(given) };
}

/** For the SDK of an app: the bare id in the fourth line, and names in small letters. */
function appTextOf({ fields, instruction, account, secrets, stamp }: Given): HandOut | undefined {
  const prepayid = prepayOf(fields);
  const { payerAppid: appid, merchants } = partyOf(account, instruction.product);
  const sign = prepayid === undefined ? undefined : signedLines([appid, stamp.time, stamp.nonce, prepayid], secrets);
  if (sign === undefined) return undefined;
  const partnerid = merchants['sub_mchid'] ?? merchants['mchid'];
  const given = {
    appid,
    partnerid,
    prepayid,
    package: 'Sign=WXPay',
    noncestr: stamp.nonce,
    timestamp: stamp.time,
    sign,
  };
  return { kind: 'sdk', text: JSON.stringify(given) };
}

const signedLines = (lines: readonly string[], secrets: AccountSecrets): string | undefined =>
  signAtOnce(lines.map((line) => `${line}\n`).join(''), secrets);
