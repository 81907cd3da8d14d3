// WeChat Pay's side of a journey of money: an account at it, and its doors in the words of every journey.
import { addAccount, openAccount } from '../../src/accounts/index.ts';
import type { App } from '../../src/app/parts.ts';
import { CNY, plus, Secret } from '../../src/kernel/index.ts';
import type { Tx } from '../../src/platform/db.ts';
import vectors from '../../src/channels/wechat/fixtures/vectors.json' with { type: 'json' };
import { merchant } from '../stories/people.ts';
import { useStages } from './money-ground.ts';
import type { ChannelStage, Furnish } from './money-ground.ts';
import type { TheirTrade } from './pay-books.ts';
import { doorsOf, idOf } from './pay-side.ts';
import type { Doors } from './pay-side.ts';

const { keys } = vectors;
const mchid = '1800000042';
const appid = 'wx0123456789abcdef';
export const subMchid = '1900000109';
/** The merchant's registration at customs. */
export const customsNo = '4401000001';

/** Another account of the merchant's, with more settings than every one has. */
export async function addWechatAccount(tx: Tx, app: App, more: Readonly<Record<string, string>>) {
  return addAccount(tx, app.customs, {
    ...{ merchantId: merchant, channel: 'wechat', name: more['sub_mchid'] ?? 'direct', isFurnished: true as const },
    settings: {
      ...{ mchid, appid, merchant_serial_no: keys.merchant_serial, fund_flow: 'new' },
      ...{ platform_keys: 'both', public_key_id: keys.public_key_id, api_v2: 'on', ...more },
    },
    secrets: {
      merchant_private_key: new Secret(keys.merchant_private_pkcs8),
      api_v3_key: new Secret(keys.api_v3_key),
      api_v2_key: new Secret(keys.api_v2_key),
      platform_public_key: new Secret(keys.platform_public),
      platform_certificate: new Secret(keys.platform_certificate),
    },
  });
}

/** The merchant at the simulator, and the same with us. Both kinds of platform keys are known on both sides, as during a switch. */
async function furnishWechat(app: App, gateway: string, doors: Doors): Promise<string> {
  await depositMerchant(doors);
  return idOf(
    await app.db.transaction((tx) => addWechatAccount(tx, app, { gateway_url: gateway, code_reversal: 'v2' })),
  );
}

/** Its keys and contract at the simulator; again replaces them and keeps its orders. */
export async function depositMerchant({ post }: Doors, more: object = {}): Promise<void> {
  const { platform_private_pkcs8: platform } = keys;
  await post('/control/merchants', {
    ...{ mchid, appids: [appid], sub_mchids: [subMchid], certificate_pems: [keys.merchant_certificate] },
    ...{ api_v3_key: keys.api_v3_key, v2_key: keys.api_v2_key, fund_flow: 'new' },
    platform_certificates: [{ pem: keys.platform_certificate, private_key_pem: platform }],
    customs: ['NINGBO', 'ZONGSHU'].map((customs) => ({ customs, mch_customs_no: customsNo })),
    platform_public_key: { id: keys.public_key_id, private_key_pem: platform },
    ...more,
  });
}

type TheirOrder = {
  readonly out_trade_no: string;
  readonly transaction_id: string | null;
  readonly trade_state: string;
  readonly paid_at: string | null;
  readonly amount_fen: number;
  readonly refunded_fen: number;
  readonly refunds: readonly { out_refund_no: string; amount_fen: number; status: string; by: string }[];
};

/** An order of WeChat's books as the comparison of books reads a trade: what has left for the payer counts, by whoever asked for it. */
function tradeOf(order: TheirOrder): TheirTrade {
  const refunds = order.refunds.filter(({ status }) => status === 'SUCCESS');
  return {
    ...{ ...order, trade_no: order.transaction_id ?? '', trade_status: order.trade_state },
    refunded_fen: refunds.reduce((sum, { amount_fen: fen }) => sum + fen, 0),
    refunds: refunds.map(({ out_refund_no: no, amount_fen: fen, by }) => {
      return { out_request_no: no, amount_fen: fen, by: by === 'api' ? 'refund' : by };
    }),
  };
}

/** What one gateway calls a method, the other calls an api. */
function ownFault(fault: { readonly match?: Readonly<Record<string, unknown>> }) {
  const { method, ...match } = fault.match ?? {};
  return { ...fault, match: method === undefined ? match : { ...match, api: method } };
}

/** What is asked of the simulator of OpenAPI is asked of WeChat's at its own doors. */
function wechatDoors(url: string): Doors {
  const doors = doorsOf(url);
  const own = (path: string): string =>
    path
      .replace('/control/openapi/open', '/control/scan')
      .replace('/control/openapi/', '/control/')
      .replace('/openapi/', '/');
  return {
    ...doors,
    post: (path, body) => doors.post(own(path), path === '/control/faults' ? (body as object[]).map(ownFault) : body),
    get: async <T>(path: string) => {
      const answer = await doors.get<T & { readonly orders?: readonly TheirOrder[] }>(own(path));
      return answer.orders ? { ...answer, trades: answer.orders.map(tradeOf) } : answer;
    },
    // What the wallet's script is given needs no loading: the payment itself names the number.
    openInWallet: () => Promise.resolve(),
  };
}

/** WeChat Pay, played, and an account at it. */
export const wechatPay: Furnish = async (app, { wechatUrl }) => {
  const doors = wechatDoors(wechatUrl);
  return { ...doors, accountId: await furnishWechat(app, wechatUrl, doors) };
};

/** An order that another system made and charged by a payer's code; its transaction number. */
export async function paidElsewhere({ app, accountId, post, get }: ChannelStage, serialNo: string): Promise<string> {
  const opened = await openAccount(app.customs, accountId);
  if (!opened.ok) throw new Error(opened.refusal.code);
  const { account, connector, secrets } = opened.value;
  const payerCode = `1${serialNo.replace(/\D/g, '').slice(-5).padStart(17, '0')}`;
  await post('/control/codes', { auth_code: payerCode, does: 'pay' });
  const moment = { at: app.clock.now(), nonce: serialNo };
  const terms = {
    amount: { minor: 10_000n, currency: CNY },
    subject: serialNo,
    notifyUrl: 'https://shop.example.com/n',
  };
  const wish = {
    serialNo,
    product: 'code',
    ...terms,
    payerCode: new Secret(payerCode),
    deadlineAt: plus(moment.at, 1_800_000),
  };
  const draft = connector.pay?.submit.build(wish, account, moment, secrets);
  if (!draft?.ok) throw new Error(draft?.refusal.code);
  const { toSign, signWith, finish } = draft.value;
  const { url, headers, body } = finish(await connector.sign(toSign, account, secrets, signWith));
  await fetch(url, { method: 'POST', headers, body: Buffer.from(body ?? []) });
  const books = await get<{ orders: readonly TheirOrder[] }>(`/books?out_trade_nos=${serialNo}`);
  return books.orders[0]?.transaction_id ?? '';
}

/** Server with its HTTP door and the simulated WeChat Pay on one moved clock. */
export function useWechatWorld(start: string): { readonly world: ChannelStage } {
  const own = useStages(start, { wechatPay });
  return {
    get world() {
      return own.world.wechatPay;
    },
  };
}
