import { recordFields } from './alipay/books.ts';
import { customsOrderNo } from './alipay/rules.ts';
import type { Attempt, Declaration } from './alipay/types.ts';
import type { PortList } from './port/books.ts';
import type { World } from './world.ts';

export type BooksFilter = {
  readonly partner?: string;
  readonly requestNos?: readonly string[];
  readonly tradeNo?: string;
  readonly orderNo?: string;
  readonly place?: string;
  readonly offset: number;
  readonly limit: number;
};

/** One declaration with all that both simulators know of it: what tests and the replay compare our books with. */
export type DeclarationView = {
  readonly partner: string;
  readonly out_request_no: string;
  readonly attempts: readonly Attempt[];
  /** As a query would show it; absent when Alipay has none. */
  readonly record?: Readonly<Record<string, string>>;
  readonly order_no?: string;
  readonly executed_pushes?: number;
  readonly port?: {
    readonly payment_no: string;
    readonly payment_received_at?: number;
    readonly lost?: boolean;
    readonly list?: ReturnType<typeof listView>;
  };
};

export function declarationViews(
  world: World,
  filter: BooksFilter,
): { total: number; declarations: DeclarationView[] } {
  const books = world.alipay;
  const wanted = filter.requestNos && new Set(filter.requestNos);
  const chosen: string[] = [];
  for (const key of books.attempts.keys()) {
    const [partner = '', requestNo = ''] = key.split('|');
    if (filter.partner !== undefined && filter.partner !== partner) continue;
    if (wanted && !wanted.has(requestNo)) continue;
    if (fitsRecord(books.declarations.get(key), filter)) chosen.push(key);
  }
  const page = chosen.slice(filter.offset, filter.offset + filter.limit);
  return { total: chosen.length, declarations: page.map((key) => declarationView(world, key)) };
}

function fitsRecord(record: Declaration | undefined, filter: BooksFilter): boolean {
  if (filter.tradeNo !== undefined && record?.terms.tradeNo !== filter.tradeNo) return false;
  if (filter.place !== undefined && record?.registered.place !== filter.place.toUpperCase()) return false;
  return filter.orderNo === undefined || (record !== undefined && customsOrderNo(record) === filter.orderNo);
}

function declarationView(world: World, key: string): DeclarationView {
  const [partner = '', requestNo = ''] = key.split('|');
  const record = world.alipay.declarations.get(key);
  const attempts = world.alipay.attempts.get(key) ?? [];
  if (!record) return { partner, out_request_no: requestNo, attempts };
  const orderNo = customsOrderNo(record);
  return {
    partner,
    out_request_no: requestNo,
    attempts,
    record: recordFields(record, world.settings),
    order_no: orderNo,
    executed_pushes: record.pushes,
    port: portView(world, orderNo, record.pushedNo),
  };
}

function portView(world: World, orderNo: string, paymentNo: string): NonNullable<DeclarationView['port']> {
  const held = world.port.recordsOf(orderNo).find((candidate) => candidate.paymentNo === paymentNo);
  const list = world.port.lists.get(orderNo);
  return {
    payment_no: paymentNo,
    ...(held ? { payment_received_at: held.receivedAt, lost: held.lost } : {}),
    ...(list ? { list: listView(list) } : {}),
  };
}

export function listView(list: PortList) {
  return {
    order_no: list.orderNo,
    waybill_no: list.waybillNo,
    payment_no: list.paymentNo ?? null,
    arrived_at: list.arrivedAt,
    state: list.state,
    released_at: list.releasedAt ?? null,
  };
}

const latest = 200;

export function alipayBooksView(world: World) {
  const books = world.alipay;
  const byStatus: Record<string, number> = {};
  for (const { status, customsCode } of books.declarations.values()) {
    const name = customsCode === '' ? status : `${status} ${customsCode}`;
    byStatus[name] = (byStatus[name] ?? 0) + 1;
  }
  const offset = Math.max(0, books.attempts.size - latest);
  return {
    ...common(world),
    partners: [...books.partners.values()].map(({ partner, signTypes }) => ({ partner, sign_types: signTypes })),
    trades: books.trades.size,
    declarations: books.declarations.size,
    by_status: byStatus,
    latest: declarationViews(world, { offset, limit: latest }).declarations.toReversed(),
  };
}

export function portBooksView(world: World) {
  const port = world.port;
  const byState: Record<string, number> = {};
  for (const { state } of port.lists.values()) byState[state] = (byState[state] ?? 0) + 1;
  const lists = [...port.lists.values()];
  return {
    ...common(world),
    payment_records: port.recordCount,
    receipts: port.receipts.count,
    lists: lists.length,
    by_state: byState,
    latest: lists.slice(-latest).toReversed().map(listView),
  };
}

function common(world: World) {
  return { now_ms: world.now, clock: world.mode, faults: world.faults, settings: world.settings };
}
