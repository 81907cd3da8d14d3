import { inDoubt, refuse } from '../../kernel/index.ts';
import type { Outcome, Result, Secret } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, HandOut, Moment, WireAnswer } from '../contract/index.ts';
import type { PayInstruction, PayOperations, TradeFacts, TradeReading } from '../contract/index.ts';
import { draftOpenapi } from './openapi.ts';
import { readOpenapiAnswer } from './openapi-answer.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { barcodeRefusals, createRefusals, precreateRefusals } from './openapi-codes.ts';
import { aboutOthers, paid, refusalBy, refusalOfGateway, refusesOthers, tradeFacts } from './openapi-trade.ts';
import { refuseTerms, tradeTerms } from './pay-terms.ts';
import { payerText } from './sign-openapi.ts';

/** alipay.trade.precreate (a code to scan), .create (a trade to open in the wallet), .pay (the payer's code). */
export const submit: PayOperations['submit'] = { build, interpret };

type Submitted = {
  readonly method: string;
  readonly refusals: ReadonlyMap<string, string>;
  /** What this product sends besides the terms; a refusal when the payer's part is missing or malformed. */
  readonly own: (instruction: PayInstruction) => Result<Readonly<Record<string, string>>>;
  readonly taken: (said: OpenapiSaid, instruction: PayInstruction) => TradeReading;
};

const submitted = new Map<string, Submitted>([
  [
    'precreate',
    {
      method: 'alipay.trade.precreate',
      refusals: precreateRefusals,
      own: () => ({ ok: true, value: { product_code: 'FACE_TO_FACE_PAYMENT' } }),
      taken: (said, instruction) => handedOut(said, instruction, codeOf(said)),
    },
  ],
  [
    'create',
    {
      method: 'alipay.trade.create',
      refusals: createRefusals,
      own: ({ payerId }) => payerIdFields(payerId),
      taken: (said, instruction) => handedOut(said, instruction, tradeOf(said)),
    },
  ],
  [
    'barcode',
    {
      method: 'alipay.trade.pay',
      refusals: barcodeRefusals,
      own: ({ payerCode }) => payerCodeFields(payerCode),
      taken: (said, instruction) => paid(said, tradeFacts(said, instruction.serialNo, '10000'), instruction),
    },
  ],
]);

function build(
  instruction: PayInstruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
): Result<Draft> {
  const product = submitted.get(instruction.product);
  if (!product)
    return refuse('channel.value_not_taken', { field: 'product', allowed: [...submitted.keys()].join(' | ') });
  const refusal = refuseTerms(instruction, moment.at);
  if (refusal) return refusal;
  const own = product.own(instruction);
  if (!own.ok) return own;
  return draftOpenapi(
    {
      method: product.method,
      travel: 'call',
      biz: { ...tradeTerms(instruction), ...own.value },
      notifyUrl: instruction.notifyUrl,
    },
    account,
    moment,
    secrets,
  );
}

/** New applications know the payer by an open id; the older user id is the sixteen digits that begin with 2088. */
function payerIdFields(payerId: Secret | undefined): Result<Readonly<Record<string, string>>> {
  const id = payerId ? payerText(payerId) : '';
  if (!/^[A-Za-z0-9_-]{6,128}$/.test(id))
    return refuse('channel.value_not_taken', { field: 'buyer_open_id', allowed: '6–128' }, '/payerId');
  return { ok: true, value: /^2088\d{12}$/.test(id) ? { buyer_id: id } : { buyer_open_id: id } };
}

/** 16 to 24 digits that begin with 25 to 30, or "fp" and 33 characters (auth_code of alipay.trade.pay). */
function payerCodeFields(payerCode: Secret | undefined): Result<Readonly<Record<string, string>>> {
  const code = payerCode ? payerText(payerCode) : '';
  if (!/^(?:(?:2[5-9]|30)\d{14,22}|fp[\x21-\x7e]{33})$/.test(code))
    return refuse('channel.value_not_taken', { field: 'auth_code', allowed: '25–30 + 14–22 digits' }, '/payerCode');
  return { ok: true, value: { scene: 'bar_code', auth_code: code, product_code: 'FACE_TO_FACE_PAYMENT' } };
}

function interpret(
  answer: WireAnswer,
  instruction: PayInstruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
): TradeReading {
  const product = submitted.get(instruction.product);
  if (!product) return { trust: 'transport_only', outcome: inDoubt(`${instruction.product} is not submitted`) };
  const said = readOpenapiAnswer(answer, product.method, account, secrets);
  if (said.kind === 'unreadable') return { trust: said.trust, outcome: inDoubt(said.why) };
  const { trust } = said;
  const isTaken = said.code === '10000' || (said.code === '10003' && instruction.product === 'barcode');
  if (!isTaken) return { trust, outcome: refusedOutcome(said, instruction, product) };
  const others = aboutOthers(said, instruction.serialNo);
  if (others !== '') return { trust, outcome: inDoubt(others) };
  if (said.has('sub_code')) return { trust, outcome: inDoubt('success with an error code') };
  return said.code === '10003' ? payerAtWork(said, instruction) : product.taken(said, instruction);
}

function refusedOutcome(said: OpenapiSaid, instruction: PayInstruction, product: Submitted): Outcome<never> {
  if (refusesOthers(said, instruction.serialNo)) return inDoubt(aboutOthers(said, instruction.serialNo));
  return refusalOfGateway(said) ?? refusalBy(said, product.refusals);
}

/** 10003: the payer is asked for his password. */
function payerAtWork(said: OpenapiSaid, instruction: PayInstruction): TradeReading {
  const facts = tradeFacts(said, instruction.serialNo, said.code);
  return { trust: said.trust, outcome: { kind: 'accepted', facts: { ...facts, isOpened: true } } };
}

function handedOut(said: OpenapiSaid, instruction: PayInstruction, handOut: HandOut | undefined): TradeReading {
  if (!handOut) return { trust: said.trust, outcome: inDoubt('taken, and nothing to hand out') };
  const facts: TradeFacts = { ...tradeFacts(said, instruction.serialNo, said.code), handOut };
  return { trust: said.trust, outcome: { kind: 'accepted', facts } };
}

function codeOf(said: OpenapiSaid): HandOut | undefined {
  const text = said.field('qr_code');
  return /^[\x21-\x7e]{1,1024}$/.test(text) ? { kind: 'code', text } : undefined;
}

function tradeOf(said: OpenapiSaid): HandOut | undefined {
  const tradeNo = said.field('trade_no');
  return /^[A-Za-z0-9]{16,64}$/.test(tradeNo) ? { kind: 'trade', tradeNo } : undefined;
}
