import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import type { Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes, systemRandomBytes } from './ids.ts';
import { readMasterKey } from './keys-master.ts';
import { createKeyStore } from './keys-store.ts';
import { checkKeys, createKeyring } from './keys.ts';
import type { Keyring } from './keys.ts';

const database = useDatabase();
const at = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const clock = { now: () => at };
const master = readMasterKey(`liushui-master-key-1 ${Buffer.from(seededRandomBytes('m')(32)).toString('base64')}`)!;
const place = { table: 'declarations', column: 'buyer_name', rowId: 'r1' };

function keyring(): Keyring {
  const random = systemRandomBytes;
  return createKeyring({ master, store: createKeyStore(database.db), ids: createIds(clock, random), random, clock });
}

test('processes that make the same keys at once share one set, and it opens after a restart', async () => {
  const rings = Array.from({ length: 6 }, keyring);
  await Promise.all(rings.map((ring) => ring.prepare(at)));
  const sealed = rings.map((ring) => ring.sealText('personal', '张三', place));
  const later = keyring();
  await later.prepare(at);
  for (const one of sealed) expect(later.openText(one, place)).toEqual({ kind: 'opened', value: '张三' });
  expect(new Set([...rings, later].map((ring) => String(ring.digestKeyed('id_no', 'n')))).size).toBe(1);
  const [stored] = await database.db.query<{ created_at: number }>('SELECT created_at FROM data_keys LIMIT 1');
  expect(stored?.created_at).toBe(at);
});

test('who lost the race to make a key changes nothing: the first one stands', async () => {
  const store = createKeyStore(database.db);
  const ids = createIds(clock, systemRandomBytes);
  const row = { month: '2031-01', class: 'exchange', createdAt: at };
  const wrappedAs = async (n: number): Promise<Uint8Array> =>
    master.wrap(new Uint8Array([n]), 'test', systemRandomBytes);
  const first = { ...row, id: ids.next(), wrapped: await wrappedAs(1) };
  await store.add([first]);
  const late = [
    { ...row, id: ids.next(), wrapped: await wrappedAs(2) },
    { ...row, id: ids.next(), month: '2031-02', wrapped: await wrappedAs(3) },
  ];
  await store.add(late);
  const kept = (await store.all()).filter(({ month }) => month.startsWith('2031'));
  expect(kept.sort((a, b) => a.month.localeCompare(b.month))).toEqual([first, late[1]]);
  await database.db.query("DELETE FROM data_keys WHERE month LIKE '2031%'");
});

test('a key that another master key wrapped is not added: the store is under one', async () => {
  await keyring().prepare(at);
  const store = createKeyStore(database.db);
  const other = readMasterKey(`liushui-master-key-1 ${Buffer.from(systemRandomBytes(32)).toString('base64')}`)!;
  const wrapped = await other.wrap(new Uint8Array([1]), 'test', systemRandomBytes);
  const id = createIds(clock, systemRandomBytes).next();
  await store.add([{ id, month: '2032-01', class: 'exchange', createdAt: at, wrapped }]);
  expect((await store.all()).filter(({ month }) => month.startsWith('2032'))).toEqual([]);
});

test('an erased key leaves its row, and what it sealed is gone', async () => {
  const ring = keyring();
  await ring.prepare(at);
  const sealed = ring.sealText('exchange', 'bytes', place);
  const before = await checkKeys(master, createKeyStore(database.db));
  await ring.erase('2015-10', 'exchange');
  const after = await checkKeys(master, createKeyStore(database.db));
  expect([after.opened, after.erased]).toEqual([before.opened - 1, 1]);
  const restarted = keyring();
  await restarted.prepare(at);
  expect(restarted.openText(sealed, place)).toEqual({ kind: 'erased' });
});
