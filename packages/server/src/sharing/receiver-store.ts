import { assert, Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { ShareReceiver } from '../channels/contract/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import type { Queryable } from '../platform/db.ts';
import type { Keyring } from '../platform/keys.ts';
import type { SealedPlace } from '../platform/seal.ts';
import { insertRows, unnest, updateRows } from '../platform/sql.ts';
import type { Receiver, ReceiverState } from './receiver.ts';

type Row = {
  bucket: number;
  id: string;
  account_id: string;
  merchant_id: string;
  kind: string;
  account_sealed: Uint8Array;
  account_masked: string;
  account_digest: Uint8Array;
  name_sealed: Uint8Array | null;
  name_masked: string | null;
  relation: string | null;
  bind_no: string;
  unbind_no: string | null;
  state: ReceiverState;
  approval_id: string | null;
  why: string;
  created_at: Instant;
  ended_at: Instant | null;
};

const changing = {
  bucket: 'int2',
  id: 'uuid',
  state: 'text',
  unbind_no: 'text',
  approval_id: 'text',
  why: 'text',
  ended_at: 'timestamptz',
} as const;

const columns = {
  ...changing,
  account_id: 'text',
  merchant_id: 'text',
  kind: 'text',
  account_sealed: 'bytea',
  account_masked: 'text',
  account_digest: 'bytea',
  name_sealed: 'bytea',
  name_masked: 'text',
  relation: 'text',
  bind_no: 'text',
  created_at: 'timestamptz',
} as const;

const keyColumns = { bucket: 'int2', id: 'uuid' } as const;
const all = Object.keys(columns)
  .map((name) => `r.${name}`)
  .join(', ');

const receiverOf = (row: Row): Receiver => ({
  ...{ bucket: row.bucket, id: row.id, accountId: row.account_id, merchantId: row.merchant_id, kind: row.kind },
  ...{ accountSealed: row.account_sealed, accountMasked: row.account_masked, accountDigest: row.account_digest },
  ...{ bindNo: row.bind_no, state: row.state, why: row.why, createdAt: row.created_at },
  ...(row.name_sealed === null ? {} : { nameSealed: row.name_sealed }),
  ...(row.name_masked === null ? {} : { nameMasked: row.name_masked }),
  ...(row.relation === null ? {} : { relation: row.relation }),
  ...(row.unbind_no === null ? {} : { unbindNo: row.unbind_no }),
  ...(row.approval_id === null ? {} : { approvalId: row.approval_id }),
  ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
});

const changingRow = (one: Receiver) => ({
  ...{ bucket: one.bucket, id: one.id, state: one.state, unbind_no: one.unbindNo, approval_id: one.approvalId },
  ...{ why: one.why, ended_at: one.endedAt },
});

const rowOf = (one: Receiver) => ({
  ...changingRow(one),
  ...{ account_id: one.accountId, merchant_id: one.merchantId, kind: one.kind, account_sealed: one.accountSealed },
  ...{ account_masked: one.accountMasked, account_digest: one.accountDigest, name_sealed: one.nameSealed },
  ...{ name_masked: one.nameMasked, relation: one.relation, bind_no: one.bindNo, created_at: one.createdAt },
});

/** False: the same receiver stands there already. */
export async function insertReceiver(tx: Queryable, receiver: Receiver): Promise<boolean> {
  const suffix = 'on conflict do nothing returning id';
  const written = await insertRows(tx, 'share_receivers', columns, [rowOf(receiver)], suffix);
  return written.length > 0;
}

/** What changes, where the receiver still stands as it was read. Returns the ids that were written. */
export async function changeReceivers(
  tx: Queryable,
  from: ReceiverState,
  receivers: readonly Receiver[],
): Promise<ReadonlySet<string>> {
  const written = await updateRows<typeof changing, { id: string }>(
    tx,
    'share_receivers',
    changing,
    ['bucket', 'id'],
    receivers.map(changingRow),
    { where: `target.state = '${from}'`, returning: 'target.id' },
  );
  return new Set(written.map(({ id }) => id));
}

export async function findReceivers(db: Queryable, keys: readonly RecordKey[]): Promise<Receiver[]> {
  if (keys.length === 0) return [];
  const set = unnest(keyColumns, keys);
  const rows = await db.query<Row>(
    `select ${all} from ${set.sql} join share_receivers r on r.bucket = t.bucket and r.id = t.id`,
    set.values,
  );
  return rows.map(receiverOf);
}

/** Of an account, those that are gone last. */
export async function listReceivers(db: Queryable, bucket: number, accountId: string): Promise<Receiver[]> {
  const rows = await db.query<Row>(
    `select ${all} from share_receivers r where bucket = $1 and account_id = $2
      order by (state in ('refused', 'removed')), created_at, id`,
    [bucket, accountId],
  );
  return rows.map(receiverOf);
}

export async function findReceiver(db: Queryable, id: string): Promise<Receiver | undefined> {
  const [row] = await db.query<Row>(
    `select ${all} from share_receivers r where bucket = any(array(select generate_series(0, 999))) and id = $1`,
    [id],
  );
  return row && receiverOf(row);
}

export const receiverPlace = (column: 'account_sealed' | 'name_sealed', rowId: string): SealedPlace => ({
  ...{ table: 'share_receivers', column, rowId },
});

/** As the channel has to be told of them. */
export async function openReceivers(
  keyring: Keyring,
  receivers: readonly Receiver[],
): Promise<ReadonlyMap<string, ShareReceiver>> {
  await keyring.loadFor(receivers.flatMap(({ accountSealed, nameSealed }) => [accountSealed, nameSealed ?? []].flat()));
  return new Map(receivers.map((one) => [one.id, openOne(keyring, one)]));
}

function openOne(keyring: Keyring, { id, kind, accountSealed, nameSealed, relation }: Receiver): ShareReceiver {
  const open = (sealed: Uint8Array, column: 'account_sealed' | 'name_sealed'): Secret => {
    const opened = keyring.openText(sealed, receiverPlace(column, id));
    assert(opened.kind === 'opened', `${column} of receiver ${id} does not open`);
    return new Secret(opened.value);
  };
  return {
    ...{ kind, account: open(accountSealed, 'account_sealed') },
    ...(nameSealed ? { name: open(nameSealed, 'name_sealed') } : {}),
    ...(relation === undefined ? {} : { relation }),
  };
}
