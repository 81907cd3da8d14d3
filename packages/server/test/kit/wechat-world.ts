// WeChat Pay's side of a journey of money: server, simulator, an account of each, and one moved clock.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '@liushui/simulator';
import { afterAll, beforeAll, expect } from 'vitest';
import { addAccount } from '../../src/accounts/index.ts';
import { createServer } from '../../src/api/server.ts';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { foundUsers, systemActor } from '../../src/identity/index.ts';
import { Secret } from '../../src/kernel/index.ts';
import type { Tx } from '../../src/platform/db.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import vectors from '../../src/channels/wechat/fixtures/vectors.json' with { type: 'json' };
import { merchant, people } from '../stories/people.ts';
import { useDatabase } from './database.ts';
import { bothBooks, brokenLaws } from './pay-books.ts';
import type { TheirTrade } from './pay-books.ts';
import { doorsOf, freePort, passing } from './pay-side.ts';
import type { Doors } from './pay-side.ts';
import type { Stage } from './pay-steps.ts';
import { at } from './world.ts';

const { keys } = vectors;
const mchid = '1800000042';
const appid = 'wx0123456789abcdef';
export const subMchid = '1900000109';

/** Another account of the merchant's, with more settings than every one has. */
export async function addWechatAccount(tx: Tx, app: App, more: Readonly<Record<string, string>>) {
  return addAccount(tx, app.customs, {
    ...{ merchantId: merchant, channel: 'wechat', name: more['sub_mchid'] ?? 'direct' },
    settings: {
      ...{ mchid, appid, merchant_serial_no: keys.merchant_serial, fund_flow: 'new' },
      ...{ platform_keys: 'both', public_key_id: keys.public_key_id, ...more },
    },
    secrets: {
      merchant_private_key: new Secret(keys.merchant_private_pkcs8),
      api_v3_key: new Secret(keys.api_v3_key),
      platform_public_key: new Secret(keys.platform_public),
      platform_certificate: new Secret(keys.platform_certificate),
    },
  });
}

/** The merchant at the simulator, and the same with us. Both kinds of platform keys are known on both sides, as during a switch. */
async function furnishWechat(app: App, gateway: string, { post }: Doors): Promise<string> {
  const { platform_private_pkcs8: platform } = keys;
  await post('/control/merchants', {
    ...{ mchid, appids: [appid], sub_mchids: [subMchid], certificate_pems: [keys.merchant_certificate] },
    ...{ api_v3_key: keys.api_v3_key, v2_key: keys.api_v2_key, fund_flow: 'new' },
    platform_certificates: [{ pem: keys.platform_certificate, private_key_pem: platform }],
    platform_public_key: { id: keys.public_key_id, private_key_pem: platform },
  });
  return app.db.transaction(async (tx) => {
    const stamp = { at: app.clock.now(), ids: app.customs.ids };
    await tx.query(`insert into merchants (id, name_zh, name_en, created_at) values ($1, '示例商城', 'Demo', now())`, [
      merchant,
    ]);
    const users = [people.wang, people.zhao].map(({ userId: id, name, roles, merchants }) => {
      return { id, name, roles, merchants };
    });
    await foundUsers(tx, users, systemActor, stamp);
    const added = await addWechatAccount(tx, app, { gateway_url: gateway });
    if (!added.ok) throw new Error(JSON.stringify(added.refusal));
    return added.value.id;
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

/** What is asked of the simulator of OpenAPI is asked of WeChat's at its own doors. */
function wechatDoors(url: string): Doors {
  const doors = doorsOf(url);
  const own = (path: string): string => path.replace('/control/openapi/', '/control/').replace('/openapi/', '/');
  return {
    ...doors,
    post: (path, body) => doors.post(own(path), body),
    get: async <T>(path: string) => {
      const answer = await doors.get<T & { readonly orders?: readonly TheirOrder[] }>(own(path));
      return answer.orders ? { ...answer, trades: answer.orders.map(tradeOf) } : answer;
    },
    // What the wallet's script is given needs no loading: the payment itself names the number.
    openInWallet: () => Promise.resolve(),
  };
}

/** Whatever happened: what we booked at WeChat is what it has, and the laws of ledger and records hold. */
export async function expectEqualWechatBooks({ app, accountId, ...doors }: Stage): Promise<void> {
  const { ours, theirs } = await bothBooks(app.db, doors, accountId);
  expect(ours).toEqual(theirs);
  expect(await brokenLaws(app.db)).toEqual([]);
}

/** Server with its HTTP door and the simulated WeChat Pay on one moved clock. */
export function useWechatWorld(start: string): { readonly world: Stage } {
  const database = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'liushui-wechat-'));
  let made: Stage | undefined;
  let close: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    const simulators = await startSimulators({ dataDir: join(folder, 'simulators'), clock: 'stepped', at: at(start) });
    const doors = wechatDoors(simulators.wechatUrl);
    const hanging = async () => (await doors.get<{ hanging: number }>('/control/clock')).hanging;
    const clock = new SteppedClock(at(start), hanging);
    const installation = await openInstallation(database.db, 'sandbox', at(start));
    if (!installation.ok) throw new Error(installation.refusal.code);
    const listen = { host: '127.0.0.1', port: await freePort() };
    const opened = await openApp({
      config: { ...{ dataFolder: folder, lang: 'en', colour: false, accessible: true }, listen },
      ...{ db: database.db, installation: installation.value, logTo: 'stderr', logLevel: 'error', clock },
      random: seededRandomBytes(start),
    });
    if (!opened.ok) throw new Error(opened.refusal.code);
    const app = opened.value;
    const accountId = await furnishWechat(app, simulators.wechatUrl, doors);
    const server = createServer(app);
    await server.listen(listen);
    made = { app, accountId, ...doors, pass: passing(app, clock, new Stepper(app.worker, app.db, clock), doors) };
    close = async () => {
      await server.close();
      await app.close();
      clock.stop();
      await simulators.close();
      rmSync(folder, { recursive: true, force: true });
    };
  }, 120_000);
  afterAll(() => close());
  return {
    get world() {
      if (!made) throw new Error('the world is made in beforeAll');
      return made;
    },
  };
}
