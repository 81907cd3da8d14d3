import { loadOrders } from '../payments/index.ts';
import { compareKeys } from '../platform/commands.ts';
import type { RecordKey } from '../platform/commands.ts';
import { kept } from '../platform/db.ts';
import type { Queryable, Tx } from '../platform/db.ts';
import { nested, nestedRows } from '../platform/nested.ts';
import { insertRows, unnest, updateRows } from '../platform/sql.ts';
import type { ColumnRow, Columns } from '../platform/sql.ts';
import { partColumns, partOf, partRow, returnColumns, returnOf, returnRow, shareColumns, shareOf } from './rows.ts';
import type { PartRow, ReturnRow, ShareRow } from './rows.ts';
import { shareRow } from './rows.ts';
import type { SharePart } from './share.ts';
import type { SharedOrder } from './shared-order.ts';

const keyColumns = { bucket: 'int2', id: 'uuid' } as const;

const of = (columns: Columns, table: string, name: string): string =>
  `${nested(columns, table, 'part.bucket = t.bucket and part.order_id = t.id', 'part.created_at, part.id')} as ${name}`;

const sharedRows = kept(`select t.bucket, t.id, ${of(shareColumns, 'shares', 'shares')},
     ${of(partColumns, 'share_parts', 'parts')}, ${of(returnColumns, 'share_returns', 'returns')} from ${unnest(keyColumns, []).sql}`);

type Row = { bucket: number; id: string; shares: unknown; parts: unknown; returns: unknown };

/** Whole orders with all that was shared of them. An order's version vouches that both readings belong together: what changed between them is a conflict. */
export async function loadShared(db: Queryable, keys: readonly RecordKey[]): Promise<SharedOrder[]> {
  if (keys.length === 0) return [];
  const orders = await loadOrders(db, keys);
  const rows = await db.query<Row>(sharedRows, unnest(keyColumns, keys).values);
  const found = new Map(rows.map((row) => [row.id, row]));
  return orders.map((order) => {
    const row = found.get(order.id);
    const parts = nestedRows<PartRow>(partColumns, row?.parts ?? null).map(partOf);
    const shares = nestedRows<ShareRow>(shareColumns, row?.shares ?? null);
    const belonging = (shareId: string): SharePart[] =>
      parts.filter((part) => part.shareId === shareId).sort((a, b) => Number(a.partNo) - Number(b.partNo));
    return {
      order,
      shares: shares.map((one) => shareOf(one, belonging(one.id))),
      returns: nestedRows<ReturnRow>(returnColumns, row?.returns ?? null).map(returnOf),
    };
  });
}

type Changed = { readonly before: SharedOrder | undefined; readonly after: SharedOrder };
type Keyed = { readonly bucket: number; readonly id: string };

/** All that is new or changed, tables always in the same order: parts refer to requests, returns to parts. */
export async function saveShared(tx: Tx, changes: readonly Changed[]): Promise<void> {
  const partsOf = ({ shares }: SharedOrder) => shares.flatMap(({ parts }) => parts);
  await saveRows(tx, 'shares', shareColumns, changes, ({ shares }) => shares, shareRow);
  await saveRows(tx, 'share_parts', partColumns, changes, partsOf, partRow);
  await saveRows(tx, 'share_returns', returnColumns, changes, ({ returns }) => returns, returnRow);
}

async function saveRows<C extends Columns & typeof keyColumns, P extends Keyed>(
  tx: Tx,
  table: string,
  columns: C,
  changes: readonly Changed[],
  pick: (shared: SharedOrder) => readonly P[],
  rowOf: (part: P) => ColumnRow<C>,
): Promise<void> {
  const fresh: P[] = [];
  const changed: P[] = [];
  for (const { before, after } of changes) {
    const known = new Map((before ? pick(before) : []).map((one) => [one.id, one]));
    for (const one of pick(after)) if (known.get(one.id) !== one) (known.has(one.id) ? changed : fresh).push(one);
  }
  const sorted = (list: readonly P[]) => list.toSorted(compareKeys).map(rowOf);
  await insertRows(tx, table, columns, sorted(fresh));
  await updateRows(tx, table, columns, ['bucket', 'id'], sorted(changed));
}

/** The orders that these requests or returns are of. */
export async function findOrdersOf(
  db: Queryable,
  table: 'shares' | 'share_returns',
  keys: readonly RecordKey[],
): Promise<ReadonlyMap<string, RecordKey>> {
  if (keys.length === 0) return new Map();
  const set = unnest(keyColumns, keys);
  const rows = await db.query<{ id: string; bucket: number; order_id: string }>(
    kept(`select r.id, r.bucket, r.order_id from ${set.sql} join ${table} r on r.bucket = t.bucket and r.id = t.id`),
    set.values,
  );
  return new Map(rows.map((row) => [row.id, { bucket: row.bucket, id: row.order_id }]));
}

/** The shared order of a request, part or return that is known by its id alone. One look into the key of each bucket. */
export async function findSharedBy(
  db: Queryable,
  table: 'shares' | 'share_parts' | 'share_returns',
  id: string,
): Promise<SharedOrder | undefined> {
  const [row] = await db.query<{ bucket: number; order_id: string }>(
    `select bucket, order_id from ${table} where bucket = any(array(select generate_series(0, 999))) and id = $1`,
    [id],
  );
  const [shared] = row ? await loadShared(db, [{ bucket: row.bucket, id: row.order_id }]) : [];
  return shared;
}
