import { createHash } from 'node:crypto';
import { assert } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import { closeCasesOf, openCases } from '../cases/index.ts';
import { writeAudit } from '../identity/index.ts';
import { postEntries } from '../ledger/index.ts';
import { notify } from '../notifications/index.ts';
import { execute, keyText, versionConflict } from '../platform/commands.ts';
import type { Alongside, Change, Command, Executor } from '../platform/commands.ts';
import type { Tx } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { enqueue } from '../platform/jobs.ts';
import { indexNumbers } from '../platform/numbers.ts';
import { decideOrder } from './decide.ts';
import type { OrderAnswer, OrderInput } from './inputs.ts';
import type { DecideParts } from './decide-parts.ts';
import type { Order } from './order.ts';
import { claimChannelTrades, insertObservations, loadOrders, saveOrders, saveParts } from './order-store.ts';
import { markNotices } from './notice-store.ts';
import type { OrderEffect } from './work.ts';

type OrderChange = Change<Order, OrderEffect>;

/** All that is ever done to orders goes through here: any number of inputs, one transaction. */
export function executeOrders(
  executor: Executor,
  parts: DecideParts,
  inputs: readonly OrderInput[],
  alongside?: Alongside<OrderInput, OrderAnswer>,
): Promise<Result<OrderAnswer>[]> {
  return execute(executor, orderCommand(parts), inputs, alongside);
}

function orderCommand(parts: DecideParts): Command<OrderInput, Order, OrderEffect, OrderAnswer> {
  return {
    name: 'payments.order',
    keyOf: ({ key }) => key,
    async load(tx, keys) {
      const orders = await loadOrders(tx, keys);
      return new Map(orders.map((order) => [keyText(order), order]));
    },
    decide: (record, input, at) => decideOrder(parts, record, input, at),
    save: (tx, changes, at) => saveOrderChanges(tx, changes, at, parts.ids),
  };
}

/** Orders with all that happened to them, and the conflicts with others that changed them meanwhile. */
export async function saveOrderChanges(
  tx: Tx,
  changes: readonly OrderChange[],
  at: Instant,
  ids: Ids,
): Promise<Map<string, Refusal>> {
  const written = await saveOrders(
    tx,
    changes.flatMap(({ after }) => (after ? [after] : [])),
    at,
  );
  const won = changes.filter(({ key }) => written.has(key.id));
  const parts = won.flatMap(({ before, after }) => (after ? [{ before, after }] : []));
  await Promise.all([saveParts(tx, parts), saveEffects(tx, won, at, ids)]);
  await post(tx, won, at, ids);
  const lost = changes.filter(({ key }) => !written.has(key.id));
  return new Map(lost.map(({ key }) => [keyText(key), versionConflict]));
}

/** What happened to each order, by kind, in the order in which it happened. */
function effectsOf<K extends OrderEffect['kind']>(changes: readonly OrderChange[], kind: K) {
  type Of = Extract<OrderEffect, { kind: K }>;
  return changes.flatMap(({ key, effects }) =>
    effects.flatMap((effect) => (effect.kind === kind ? [{ key, effect: effect as Of }] : [])),
  );
}

/** Nothing here waits for an answer that it does not need: the statements travel together. */
async function saveEffects(tx: Tx, changes: readonly OrderChange[], at: Instant, ids: Ids): Promise<void> {
  const of = <K extends OrderEffect['kind']>(kind: K) => effectsOf(changes, kind);
  const audit = of('audit').map(({ effect }) => effect.entry);
  await Promise.all([
    claimTrades(tx, changes, at).then(() =>
      closeCasesOf(
        tx,
        of('case_over').map(({ effect }) => effect.subject),
        at,
      ),
    ),
    insertObservations(
      tx,
      of('observation').map(({ key, effect: { observation } }) => {
        const text = textOf(observation.body);
        const body = JSON.parse(text) as Record<string, unknown>;
        return { ...observation, body, bucket: key.bucket, orderId: key.id, digest: digestOf(text) };
      }),
    ),
    markNotices(
      tx,
      of('notice').map(({ effect }) => effect.notice),
      'told',
    ),
    enqueue(
      tx,
      of('job').map(({ effect }) => effect.wish),
    ),
    indexNumbers(
      tx,
      of('number').map(({ effect }) => effect.row),
    ),
    notify(
      tx,
      of('event').map(({ effect }) => effect.event),
      at,
    ),
    audit.length === 0 ? undefined : writeAudit(tx, audit, { at, ids }),
  ]);
}

/** One trade pays one payment: where it belongs to another one, people look. */
async function claimTrades(tx: Tx, changes: readonly OrderChange[], at: Instant): Promise<void> {
  const trades = effectsOf(changes, 'trade');
  const taken = await claimChannelTrades(
    tx,
    trades.map(({ key, effect }) => ({ ...effect, bucket: key.bucket })),
  );
  const merchants = new Map(changes.map(({ key, after }) => [key.id, after?.merchantId ?? '']));
  const doubled = trades.filter(({ effect }) => taken.has(`${effect.accountId}/${effect.tradeNo}`));
  const second = { kind: 'payment.second_trade_no', subjectKind: 'payment' } as const;
  await openCases(
    tx,
    [
      ...effectsOf(changes, 'case').map(({ effect }) => effect.open),
      ...doubled.map(({ key, effect: { paymentId, tradeNo } }) => ({
        ...{ ...second, merchantId: merchants.get(key.id) ?? '', bucket: key.bucket, subject: paymentId },
        params: { trade: tradeNo },
      })),
    ],
    at,
  );
}

/** Last: every list of a merchant waits for the same few accounts from here to the commit. */
async function post(tx: Tx, changes: readonly OrderChange[], at: Instant, ids: Ids): Promise<void> {
  const posted = await postEntries(
    tx,
    effectsOf(changes, 'entry').map(({ effect }) => effect.draft),
    { at, ids },
  );
  for (const one of posted) assert(one.ok, 'an entry of money in was refused by the ledger');
}

/** Amounts as text: JSON has no whole numbers of any length. */
const textOf = (body: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(body, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
