import { bucketOf, done, plus, refuse, toDecimal } from '../kernel/index.ts';
import type { Instant, Money, Refusal } from '../kernel/index.ts';
import { keyText, versionConflict } from '../platform/commands.ts';
import type { Change, Command, Decision, RecordKey } from '../platform/commands.ts';
import type { Tx } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { extendGaps } from '../platform/jobs.ts';
import { indexNumbers } from '../platform/numbers.ts';
import {
  claimTrades,
  findOrders,
  findPayments,
  insertAdoptedPayments,
  insertOrders,
  releaseTrades,
} from '../payments/index.ts';
import type { AdoptedRow, OrderRow, PaymentRow } from '../payments/index.ts';
import { releaseRequestNos } from './claim-store.ts';
import { emptySummary, foldFacts, stateAt } from './declaration.ts';
import type { Declaration } from './declaration.ts';
import type { Fact } from './facts.ts';
import { digestOf, numberRow } from './observe.ts';
import { serialOf } from './instruction.ts';
import { gapKeyOf } from './job-wishes.ts';
import type { RulesOf } from './job-wishes.ts';
import {
  claimRequestNos,
  findDeclarationsOfPayments,
  insertDeclarations,
  insertFacts,
  updateDeclarations,
} from './store.ts';
import { watchFresh } from './watch.ts';

/** A declared payment that another system made, taken over as it is told. Nothing is sent. */
export type AdoptInput = {
  readonly merchantId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly row: AdoptedRow;
  /** From the row, or from a template that queries have confirmed. */
  readonly requestNo: string | undefined;
  /** Minimum gap between pushes of one trade, by the channel's manifest: earlier pushes count. */
  readonly gapMs: number;
};

type OrderDeclaration = {
  readonly row: Declaration;
  readonly isNew: boolean;
  readonly changed: boolean;
  /** Its request number came with this list. */
  readonly isNumbered?: boolean;
};

/** All of one merchant order: what was there, and what this list adds. */
type OrderRecord = {
  readonly order: OrderRow;
  readonly isNew: boolean;
  readonly payments: readonly { readonly row: PaymentRow; readonly isNew: boolean }[];
  readonly declarations: readonly OrderDeclaration[];
};

type AdoptEffect =
  | { readonly kind: 'facts'; readonly declaration: Declaration; readonly facts: readonly Fact[] }
  | { readonly kind: 'gap'; readonly declaration: Declaration; readonly freeAt: Instant };

export type AdoptAnswer = { readonly declarationId: string; readonly what: 'adopted' | 'known' | 'completed' };

export function adoptCommand(
  ids: Ids,
  rulesOf: RulesOf,
  merchantId: string,
): Command<AdoptInput, OrderRecord, AdoptEffect, AdoptAnswer> {
  return {
    name: 'customs.adopt',
    keyOf: ({ row }) => ({ bucket: bucketOf(merchantId, row.orderNo), id: row.orderNo }),
    load: (tx, keys) => loadOrders(tx, merchantId, keys),
    decide: (record, input, at) => decideAdopt(ids, record, input, at),
    save: (tx, changes, at) => saveAdopted(tx, rulesOf, changes, at),
  };
}

async function loadOrders(tx: Tx, merchantId: string, keys: readonly RecordKey[]): Promise<Map<string, OrderRecord>> {
  const orders = await findOrders(
    tx,
    merchantId,
    keys.map((key) => ({ bucket: key.bucket, orderNo: key.id })),
  );
  const payments = await findPayments(tx, orders);
  const declarations = await findDeclarationsOfPayments(tx, payments);
  const paymentsOf = Map.groupBy(payments, (payment) => payment.orderId);
  const declarationsOf = Map.groupBy(declarations, (declaration) => declaration.paymentId);
  return new Map(
    orders.map((order) => {
      const own = paymentsOf.get(order.id) ?? [];
      const rows = own.flatMap((payment) => declarationsOf.get(payment.id) ?? []);
      return [
        keyText({ bucket: order.bucket, id: order.orderNo }),
        {
          order,
          isNew: false,
          payments: own.map((row) => ({ row, isNew: false })),
          declarations: rows.map((row) => ({ row, isNew: false, changed: false })),
        },
      ];
    }),
  );
}

function newOrder(ids: Ids, { merchantId, row }: AdoptInput): OrderRecord {
  const order: OrderRow = {
    bucket: bucketOf(merchantId, row.orderNo),
    id: ids.next(),
    merchantId,
    orderNo: row.orderNo,
    waybillNo: row.waybillNo,
  };
  return { order, isNew: true, payments: [], declarations: [] };
}

/** Pure but for the ids it is given: what one row adds to its order. */
function decideAdopt(
  ids: Ids,
  record: OrderRecord | undefined,
  input: AdoptInput,
  at: Instant,
): Decision<OrderRecord, AdoptEffect, AdoptAnswer> {
  const before = record ?? newOrder(ids, input);
  const { row } = input;
  const paid = before.payments.find(
    (payment) => payment.row.tradeNo === row.tradeNo && payment.row.accountId === input.accountId,
  );
  const payment = paid?.row ?? newPayment(ids, before.order, input);
  const place = row.place.toUpperCase();
  const child = row.childOrderNo ?? '';
  const known = before.declarations.find(
    ({ row: other }) => other.paymentId === payment.id && other.place === place && other.childOrderNo === child,
  );
  if (known) return decideKnown(ids, before, known.row, input, at);
  const facts = factsOf(ids, input, at);
  const declaration = newDeclaration(ids, before.order, payment, input, facts, at);
  return {
    next: {
      ...before,
      payments: paid ? before.payments : [...before.payments, { row: payment, isNew: true }],
      declarations: [...before.declarations, { row: declaration, isNew: true, changed: false }],
    },
    effects: effectsOf(declaration, facts, input),
    result: done({ declarationId: declaration.id, what: 'adopted' }),
  };
}

/** The same row again changes nothing; a request number that was lacking and a later push are taken; anything else that differs is refused. */
function decideKnown(
  ids: Ids,
  before: OrderRecord,
  known: Declaration,
  input: AdoptInput,
  at: Instant,
): Decision<OrderRecord, AdoptEffect, AdoptAnswer> {
  const { row, requestNo } = input;
  const differing = (
    [
      ['declared_amount', amountOf(known.declared), amountOf(row.declaredAmount)],
      ['customs_code', known.customsCode, row.customsCode],
      ['customs_name', known.customsName, row.customsName],
      ['is_split', known.isSplit, row.isSplit],
      ['request_no', known.requestNo ?? requestNo, requestNo ?? known.requestNo],
    ] as const
  ).find(([, ours, theirs]) => ours !== theirs);
  if (differing) {
    const [field, ours, theirs] = differing;
    const params = { field, known: String(ours), found: String(theirs), orderNo: row.orderNo };
    return { result: refuse('import.differs_from_known', params, `line ${row.line}`) };
  }
  const facts = factsOf(ids, input, at).filter((fact) => isNews(known, fact));
  const isCompleted = known.requestNo === undefined && requestNo !== undefined;
  if (!isCompleted && facts.length === 0) return { result: done({ declarationId: known.id, what: 'known' }) };
  const summary = foldFacts(facts, known.summary);
  const told: Declaration = { ...known, ...(requestNo === undefined ? {} : { requestNo }), summary };
  const next: Declaration = { ...told, state: stateAt(told, at) };
  return {
    next: {
      ...before,
      declarations: before.declarations.map((other) =>
        other.row.id === known.id
          ? { row: next, isNew: other.isNew, changed: true, isNumbered: isCompleted || other.isNumbered === true }
          : other,
      ),
    },
    effects: facts.length === 0 ? [] : effectsOf(next, facts, input),
    result: done({ declarationId: known.id, what: isCompleted ? 'completed' : 'known' }),
  };
}

const amountOf = (money: Money): string => `${money.currency} ${toDecimal(money)}`;

/** That it was declared is news once; a push is when it is later than every one we know of: the gap must count from it. */
function isNews({ summary }: Declaration, { body, happenedAt }: Fact): boolean {
  if (body.kind === 'adopted') return summary.pushes === 0;
  return summary.lastPushAt === undefined || happenedAt > summary.lastPushAt;
}

function effectsOf(declaration: Declaration, facts: readonly Fact[], { gapMs }: AdoptInput): AdoptEffect[] {
  const lastPush = declaration.summary.lastPushAt;
  const told: AdoptEffect = { kind: 'facts', declaration, facts };
  return lastPush === undefined ? [told] : [told, { kind: 'gap', declaration, freeAt: plus(lastPush, gapMs) }];
}

function newPayment(ids: Ids, order: OrderRow, { merchantId, accountId, row }: AdoptInput): PaymentRow {
  return {
    bucket: order.bucket,
    id: ids.next(),
    orderId: order.id,
    merchantId,
    accountId,
    tradeNo: row.tradeNo,
    paidAt: row.paidAt,
  };
}

function factsOf(ids: Ids, { row, requestNo }: AdoptInput, at: Instant): Fact[] {
  const told = { source: 'import', trust: 'stated', heardAt: at } as const;
  const declared = requestNo !== undefined || row.pushedPaymentNo !== undefined || row.earlierPushes.length > 0;
  if (!declared) return [];
  const pushed = row.pushedPaymentNo === undefined ? {} : { pushedPaymentNo: row.pushedPaymentNo };
  return [
    { ...told, id: ids.next(), happenedAt: row.paidAt, body: { kind: 'adopted', ...pushed } },
    ...row.earlierPushes.map(({ at: happenedAt, answer }): Fact => ({
      ...told,
      id: ids.next(),
      happenedAt,
      body: { kind: 'earlier_push', answer },
    })),
  ];
}

function newDeclaration(
  ids: Ids,
  order: OrderRow,
  payment: PaymentRow,
  { channel, row, requestNo }: AdoptInput,
  facts: readonly Fact[],
  at: Instant,
): Declaration {
  const summary = foldFacts(facts, emptySummary);
  const child = row.childOrderNo ?? '';
  const declaration: Declaration = {
    bucket: order.bucket,
    id: ids.next(),
    paymentId: payment.id,
    merchantId: order.merchantId,
    accountId: payment.accountId,
    channel,
    place: row.place.toUpperCase(),
    childOrderNo: child,
    orderNo: order.orderNo,
    ...(row.waybillNo === undefined ? {} : { waybillNo: row.waybillNo }),
    tradeNo: payment.tradeNo,
    ...(requestNo === undefined ? {} : { requestNo }),
    ...(payment.paidUnder === undefined ? {} : { paidUnder: payment.paidUnder }),
    // The channel pushed the child number of a split declaration, else the number that was paid.
    customsOrderNo: row.isSplit && child !== '' ? child : serialOf({ ...payment, orderNo: order.orderNo }),
    numberRule: 'adopted',
    declared: row.declaredAmount,
    customsCode: row.customsCode,
    customsName: row.customsName,
    isSplit: row.isSplit,
    paidAt: row.paidAt,
    summary,
    state: 'ready',
    version: 1,
  };
  return { ...declaration, state: stateAt(declaration, at) };
}

/** Claims first: what loses a claim is refused as a whole, and nothing of that order is written, its other claims neither. */
async function saveAdopted(
  tx: Tx,
  rulesOf: RulesOf,
  changes: readonly Change<OrderRecord, AdoptEffect>[],
  at: Instant,
): Promise<Map<string, Refusal>> {
  const refused = await refuseClaims(tx, changes);
  const kept = changes.filter((change) => !refused.has(keyText(change.key)));
  const records = kept.flatMap((change) => (change.after ? [change.after] : []));
  await insertOrders(
    tx,
    records.filter((record) => record.isNew).map((record) => record.order),
    at,
  );
  await insertAdoptedPayments(tx, records.flatMap(newPaymentsOf), at);
  const added = records.flatMap(newDeclarationsOf);
  await insertDeclarations(tx, added, at);
  const changed = records.flatMap((record) => record.declarations.filter((one) => one.changed && !one.isNew));
  const written = await updateDeclarations(
    tx,
    changed.map((one) => one.row),
  );
  // Changed by somebody else since it was read: its order is decided again.
  const lost = new Set(changed.map((one) => one.row.id).filter((id) => !written.has(id)));
  for (const { key, after } of kept) {
    if (after?.declarations.some((one) => lost.has(one.row.id))) refused.set(keyText(key), versionConflict);
  }
  await releaseRequestNos(
    tx,
    changed.filter((one) => one.isNumbered && lost.has(one.row.id)).map((one) => one.row),
  );
  const effects = kept.flatMap((change) => change.effects).filter((effect) => !lost.has(effect.declaration.id));
  await insertFacts(
    tx,
    effects.flatMap((effect) =>
      effect.kind === 'facts'
        ? effect.facts.map((fact) => ({ key: effect.declaration, fact, digest: digestOf(fact) }))
        : [],
    ),
  );
  await extendGaps(
    tx,
    effects.flatMap((effect) =>
      effect.kind === 'gap'
        ? [{ bucket: effect.declaration.bucket, gapKey: gapKeyOf(effect.declaration), freeAt: effect.freeAt }]
        : [],
    ),
  );
  const told = changed.map((one) => one.row).filter((row) => !lost.has(row.id));
  await indexNumbers(tx, [...added, ...told].flatMap(numbersOf));
  await watchFresh(tx, rulesOf, [...added, ...told], at);
  return refused;
}

function newPaymentsOf(record: OrderRecord): PaymentRow[] {
  return record.payments.filter((payment) => payment.isNew).map((payment) => payment.row);
}

function newDeclarationsOf(record: OrderRecord): Declaration[] {
  return record.declarations.filter((one) => one.isNew).map((one) => one.row);
}

async function refuseClaims(
  tx: Tx,
  changes: readonly Change<OrderRecord, AdoptEffect>[],
): Promise<Map<string, Refusal>> {
  const records = changes.flatMap((change) =>
    change.after ? [{ key: keyText(change.key), record: change.after }] : [],
  );
  const lostTrades = await claimTrades(
    tx,
    records.flatMap(({ record }) => newPaymentsOf(record)),
  );
  const lostNumbers = await claimRequestNos(
    tx,
    records.flatMap(({ record }) => askingOf(record)),
  );
  const refused = new Map<string, Refusal>();
  for (const { key, record } of records) {
    const trade = newPaymentsOf(record).find((payment) => lostTrades.has(payment.id));
    const number = record.declarations.find((one) => lostNumbers.has(one.row.id));
    const orderNo = record.order.orderNo;
    if (trade) refused.set(key, { code: 'import.trade_of_other_order', params: { tradeNo: trade.tradeNo, orderNo } });
    else if (number) {
      refused.set(key, { code: 'import.request_no_taken', params: { requestNo: number.row.requestNo ?? '', orderNo } });
    }
  }
  const given = records.filter(({ key }) => refused.has(key)).map(({ record }) => record);
  await releaseTrades(tx, given.flatMap(newPaymentsOf));
  await releaseRequestNos(tx, given.flatMap(askingOf));
  return refused;
}

/** Declarations whose request number came with this list. */
function askingOf(record: OrderRecord): Declaration[] {
  return record.declarations.filter((one) => one.isNew || one.isNumbered).map((one) => one.row);
}

/** Every number by which a person may look for a declaration. */
function numbersOf(declaration: Declaration): ReturnType<typeof numberRow>[] {
  const numbers: [string, string | undefined][] = [
    ['order', declaration.orderNo],
    ['child_order', declaration.childOrderNo || undefined],
    ['trade', declaration.tradeNo],
    ['waybill', declaration.waybillNo],
    ['request', declaration.requestNo],
    ...declaration.summary.pushedPaymentNos.map((number): [string, string] => ['pushed_payment', number]),
  ];
  return numbers.flatMap(([kind, number]) => (number === undefined ? [] : [numberRow(declaration, number, kind)]));
}
