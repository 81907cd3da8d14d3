// What shop, receivers and channel do in the journeys of shared money, and both sides' books of it.
import { expect } from 'vitest';
import { CNY, Secret } from '../../src/kernel/index.ts';
import {
  addReceiver,
  askSharedRefund,
  decideReceiver,
  loadShared,
  makeShare,
  returnShare,
} from '../../src/sharing/index.ts';
import type { Receiver, SharedOrder, SharedRefundAsk } from '../../src/sharing/index.ts';
import { people } from '../stories/people.ts';
import type { ChannelStage } from './money-ground.ts';
import { brokenLaws, theirTrades } from './pay-books.ts';
import { stepsOn } from './pay-steps.ts';
import type { Named } from './pay-steps.ts';

export type Wished = {
  readonly kind: string;
  readonly account: string;
  readonly name?: string;
  readonly relation?: string;
};

type TheirPart = {
  readonly account: string;
  readonly amount_fen: number;
  readonly state: string;
  readonly returned_fen: number;
};
type TheirShare = {
  readonly share_no: string;
  readonly state: string;
  readonly parts: readonly TheirPart[];
  readonly released_fen: number;
};

export function shareStepsOn(stage: () => ChannelStage) {
  const steps = stepsOn(stage);
  const { seen } = steps;
  let faults = 0;

  async function shared(order: Named): Promise<SharedOrder> {
    const [one] = await loadShared(stage().app.db, [await seen(order)]);
    if (!one) throw new Error(`no order ${order.orderNo}`);
    return one;
  }

  /** One person names him, another agrees, and the channel is told. */
  async function bound({ kind, account, name, relation }: Wished): Promise<string> {
    const { app, accountId, pass } = stage();
    const wish = {
      ...{ kind, account: new Secret(account) },
      ...(name === undefined ? {} : { name: new Secret(name) }),
      ...(relation === undefined ? {} : { relation }),
    };
    const asked = await addReceiver(app.payments, people.wang, accountId, wish, 'our supplier');
    if (!asked.ok) throw new Error(JSON.stringify(asked.refusal));
    const { receiver, approvalId } = asked.value;
    if (approvalId === undefined) return receiver.id;
    const decided = await decideReceiver(app.payments, people.zhao, approvalId, 'approve', '');
    if (!decided.ok) throw new Error(JSON.stringify(decided.refusal));
    await pass(5000);
    return receiver.id;
  }

  const stateOfReceiver = async (id: string): Promise<Receiver['state'] | undefined> => {
    const [row] = await stage().app.db.query<{ state: Receiver['state'] }>(
      'select state from share_receivers where id = $1',
      [id],
    );
    return row?.state;
  };

  type Part = readonly [receiver: string, minor: bigint];
  async function share(order: Named, shopShareNo: string, parts: readonly Part[], releasesRest = false) {
    const { app } = stage();
    return makeShare(app.payments, people.wang, {
      ...{ order: await seen(order), shopShareNo, releasesRest, reason: '分账' },
      parts: parts.map(([receiver, minor]) => ({ receiver, amount: { minor, currency: CNY } })),
    });
  }

  async function giveBack(order: Named, shopReturnNo: string, index: number, minor?: bigint) {
    const { app } = stage();
    const parts = (await shared(order)).shares.flatMap((one) => one.parts);
    return returnShare(app.payments, people.wang, {
      ...{ partId: parts[index]?.id ?? '', shopReturnNo, reason: '退货' },
      ...(minor === undefined ? {} : { minor }),
    });
  }

  async function refund(order: Named, shopRefundNo: string, minor?: bigint, more: Partial<SharedRefundAsk> = {}) {
    const { app } = stage();
    const now = await seen(order);
    const paid = now.payments.find(({ state }) => state === 'paid');
    return askSharedRefund(app.payments, app.orders, people.wang, {
      ...{ order: now, paymentId: paid?.id ?? '', shopRefundNo, reason: '退货' },
      ...(minor === undefined ? {} : { amount: { minor, currency: CNY } }),
      ...more,
    });
  }

  /** States of requests, parts and returns of an order. */
  async function statesOf(order: Named) {
    const { shares, returns, order: now } = await shared(order);
    return {
      shares: shares.map(({ state }) => state),
      parts: shares.flatMap(({ parts }) => parts.map(({ state }) => state)),
      returns: returns.map(({ state }) => state),
      shared: now.attempts[0]?.sharedMinor,
    };
  }

  const casesOf = async (order: Named): Promise<readonly string[]> => {
    const { shares, returns } = await shared(order);
    const rows = await stage().app.db.query<{ kind: string }>(
      `select kind from cases where state = 'open' and subject = any($1) order by 1`,
      [[...shares, ...returns].map(({ id }) => id)],
    );
    return rows.map(({ kind }) => kind);
  };

  async function fault(name: string, match: object, params: object = {}): Promise<string> {
    const id = `share-${(faults += 1)}`;
    await stage().post('/control/faults', [{ id, fault: name, times: 1, params, match }]);
    return id;
  }

  return { ...steps, shared, bound, stateOfReceiver, share, giveBack, refund, statesOf, casesOf, fault };
}

/** Per request: number, each receiver's part and what came back of it. What lies at the channel: in, less refunds, less what receivers have. */
export async function expectEqualShares(world: ChannelStage): Promise<void> {
  const { app, accountId, get } = world;
  const serials = await app.db.query<{ no: string }>(
    'select serial_no as no from payment_attempts where account_id = $1',
    [accountId],
  );
  const numbers = serials.map(({ no }) => no);
  const trades = await theirTrades(world, numbers);
  const books = await get<{ shares: readonly TheirShare[] }>(
    `/openapi/books?out_trade_nos=${numbers.join(',')}&limit=1000`,
  );
  const parts = books.shares.flatMap((one) => one.parts);
  const given = parts.filter(({ state }) => state === 'succeeded').reduce((sum, one) => sum + one.amount_fen, 0);
  const back = parts.reduce((sum, one) => sum + one.returned_fen, 0);
  const left = trades.reduce((sum, one) => sum + (one.paid_at === null ? 0 : one.amount_fen) - one.refunded_fen, 0);
  const [place] = await app.db.query<{ receivable: number; payable: number }>(
    `select coalesce(sum(balance) filter (where account like 'channel_receivable:%'), 0)::float8 as receivable,
       coalesce(sum(balance) filter (where account like 'share_payable:%'), 0)::float8 as payable from slots where account like $1`,
    [`%:p=${accountId}:c=CNY`],
  );
  const pending = parts.filter(({ state }) => state === 'pending').reduce((sum, one) => sum + one.amount_fen, 0);
  expect(place).toEqual({ receivable: left - given + back, payable: pending === 0 ? 0 : -pending });
  expect(await ourLines(world)).toEqual(
    books.shares
      .filter((one) => one.parts.length > 0)
      .map((one) => ({ no: one.share_no, parts: one.parts.map(lineOf).sort() }))
      .sort((a, b) => (a.no < b.no ? -1 : 1)),
  );
  expect(await brokenLaws(app.db)).toEqual([]);
}

const lineOf = (one: TheirPart): string => `${one.amount_fen} ${one.state}, back ${one.returned_fen}`;

async function ourLines({ app, accountId }: ChannelStage) {
  const keys = await app.db.query<{ bucket: number; id: string }>(
    'select distinct bucket, order_id as id from shares where account_id = $1',
    [accountId],
  );
  const all = await loadShared(app.db, keys);
  return all
    .flatMap(({ shares, returns, order }) =>
      shares
        .filter(({ parts, state, why }) => parts.length > 0 && !(state === 'failed' && why !== ''))
        .map(({ shareNo, parts }) => ({
          no: shareNo,
          parts: parts
            .map(({ id, amount, state }) => {
              const came = returns.filter((one) => one.partId === id && one.state === 'done');
              const refunded = order.refunds
                .filter((one) => one.state === 'refunded')
                .flatMap((one) => one.partsBack ?? []);
              const back =
                came.reduce((sum, one) => sum + one.amount.minor, 0n) +
                refunded.filter(({ part }) => part === id).reduce((sum, one) => sum + one.minor, 0n);
              return `${amount.minor} ${state}, back ${back}`;
            })
            .sort(),
        })),
    )
    .sort((a, b) => (a.no < b.no ? -1 : 1));
}
