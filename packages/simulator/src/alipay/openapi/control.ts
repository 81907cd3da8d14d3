import { BadRequest, fen, fieldsOf, listOf, optionalFen, optionalText, text } from '../../input.ts';
import type { Fields } from '../../input.ts';
import { readApp } from './apps.ts';
import { noticeFields } from './notices.ts';
import type { NoticeEvent, NoticeInput } from './notices.ts';
import { actOnNumber } from './payer.ts';
import { defaultBuyer } from './register.ts';
import type { Register } from './register.ts';
import { decideShare, setReceivers } from './settle-control.ts';
import type { Buyer, Offer, Trade } from './types.ts';
import { appView, tradeView } from './views.ts';

type Verb = (register: Register, input: unknown, at: number) => unknown;

/** Commands at `/control/openapi/<verb>`; each checks all it needs before it changes anything. */
export const controlVerbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['apps', addApps],
  ['balance', setBalance],
  ['codes', addCodes],
  ['open', (register, input, at) => payer(register, input, at, false)],
  ['pay', (register, input, at) => payer(register, input, at, true)],
  ['receivers', setReceivers],
  ['shares', decideShare],
  ['forge', forge],
]);

function addApps(register: Register, input: unknown): unknown {
  const inputs = listOf(input, 'apps');
  const apps = inputs.map((one) => ({ app: readApp(one), balance: optionalFen(fieldsOf(one, 'an app'), 'balance') }));
  for (const { app, balance } of apps) {
    register.addApp(app);
    if (balance !== undefined) register.setBalance(app.sellerId, balance);
  }
  return apps.map(({ app }) => appView(register, app));
}

function setBalance(register: Register, input: unknown): unknown {
  const fields = fieldsOf(input, 'balance');
  const sellerId = text(fields, 'seller_id');
  register.setBalance(sellerId, fen(fields, 'balance'));
  return { seller_id: sellerId, balance_fen: register.balanceOf(sellerId) };
}

function addCodes(register: Register, input: unknown): unknown {
  const codes = listOf(input, 'codes').map((one) => {
    const fields = fieldsOf(one, 'a code');
    const does = (['pay', 'ask', 'refuse'] as const).find((word) => word === (fields['does'] ?? 'pay'));
    if (!does) throw new BadRequest('does must be pay, ask or refuse');
    const afterMs = fields['after_ms'];
    if (afterMs !== undefined && (typeof afterMs !== 'number' || afterMs < 0))
      throw new BadRequest('after_ms must be milliseconds');
    const subCode = optionalText(fields, 'sub_code') ?? 'ACQ.BUYER_BALANCE_NOT_ENOUGH';
    return [text(fields, 'auth_code'), { does, afterMs, subCode, buyer: buyerOf(fields) }] as const;
  });
  register.revision += 1;
  for (const [authCode, code] of codes) register.payCodes.set(authCode, code);
  return { codes: codes.length };
}

function buyerOf(fields: Fields): Buyer {
  const buyer = fieldsOf(fields['buyer'] ?? {}, 'buyer');
  return {
    id: optionalText(buyer, 'id') ?? defaultBuyer.id,
    logonId: optionalText(buyer, 'logon_id') ?? defaultBuyer.logonId,
  };
}

function payer(register: Register, input: unknown, at: number, pays: boolean): unknown {
  const fields = fieldsOf(input, 'an act of the payer');
  const amountFen = optionalFen(fields, 'amount');
  const { offer, trade } = placeOf(register, fields);
  const result = actOnNumber(
    register,
    {
      ...(offer ? { offer } : {}),
      ...(trade ? { trade } : {}),
      buyer: buyerOf(fields),
      pays,
      ...(amountFen === undefined ? {} : { amountFen }),
    },
    at,
  );
  return { refused: result.refused ?? null, trade: result.trade ? tradeView(register, result.trade) : null };
}

/** By the code of a cashier or QR code, by a trade's number, or by the merchant's number: then the cashier opened last. */
function placeOf(register: Register, fields: Fields): { offer?: Offer; trade?: Trade } {
  const code = optionalText(fields, 'code');
  const offer = code === undefined ? undefined : register.offers.get(code);
  if (offer) return { offer };
  const tradeNo = optionalText(fields, 'trade_no') ?? code;
  const byTradeNo = tradeNo === undefined ? undefined : register.trades.get(tradeNo);
  if (byTradeNo) return { trade: byTradeNo };
  if (tradeNo !== undefined) throw new BadRequest(`nobody knows ${tradeNo}`);
  const outTradeNo = text(fields, 'out_trade_no');
  const sellers = sellersOf(register, fields);
  for (const sellerId of sellers) {
    const trade = register.tradeOf(sellerId, outTradeNo);
    if (trade) return { trade };
    const last = register.offersOfNumber(sellerId, outTradeNo).at(-1);
    if (last) return { offer: last };
  }
  throw new BadRequest(`nobody was asked to pay ${outTradeNo}`);
}

function sellersOf(register: Register, fields: Fields): readonly string[] {
  const sellerId = optionalText(fields, 'seller_id');
  return sellerId === undefined ? [...register.balances.keys()] : [sellerId];
}

const events: readonly NoticeEvent[] = ['created', 'paid', 'refunded', 'closed', 'finished'];

/** A notification that no event has caused: about a trade as it is, with fields changed or removed, signed or not. */
function forge(register: Register, input: unknown, at: number): unknown {
  const fields = fieldsOf(input, 'forge');
  const { offer, trade } = placeOf(register, fields);
  const source = trade ?? (offer ? unbornTrade(offer, at) : undefined);
  if (!source) throw new BadRequest('there is nothing to notify about');
  const app = register.apps.get(source.appId);
  const url = optionalText(fields, 'url') ?? source.call.notifyUrl;
  if (url === undefined || !app) throw new BadRequest('the payment named no notify_url: give a url');
  const changes = fieldsOf(fields['fields'] ?? {}, 'fields');
  const merged = new Map<string, unknown>([
    ...noticeFields(source, app.sellerEmail, undefined),
    ...Object.entries(changes),
  ]);
  const { charset, signType } = source.call;
  const event = events.find((name) => name === fields['event']) ?? 'paid';
  const notice: NoticeInput = {
    event,
    url,
    appId: source.appId,
    tradeNo: source.tradeNo,
    outTradeNo: source.terms.outTradeNo,
    charset,
    signType,
    fields: [...merged].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  };
  register.revision += 1;
  const written = register.notices.forge(notice, at, fields['signed'] !== true);
  return { seq: written.seq, notify_id: written.notifyId, state: written.state };
}

/** For a forged notification about a number whose trade does not exist. */
function unbornTrade(offer: Offer, at: number): Trade {
  return {
    tradeNo: '2000010122001400010000000000',
    terms: offer.terms,
    amountFen: offer.terms.amountFen,
    appId: offer.call.appId,
    call: offer.call,
    createdAt: at,
    expiresAt: at,
    authCode: undefined,
    status: 'TRADE_SUCCESS',
    buyer: defaultBuyer,
    paidAt: at,
    closedAt: undefined,
    feeFen: 0,
    feeReturnedFen: 0,
    refundedFen: 0,
    refunds: new Map(),
    royalty: {
      isFrozen: false,
      heldFen: 0,
      reservedFen: 0,
      sharedFen: 0,
      mode: undefined,
      finishedAt: undefined,
      releasedAt: undefined,
    },
  };
}
