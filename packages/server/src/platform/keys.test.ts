import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bug, Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes, systemRandomBytes } from './ids.ts';
import { ensureMasterKey, loadMasterKey, masterKeyFrom, readMasterKey } from './keys-master.ts';
import type { MasterKey } from './keys-master.ts';
import { checkKeys, createKeyring } from './keys.ts';
import type { DataKeyRow, Keyring, KeyStore } from './keys.ts';

const october = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const place = { table: 'declarations', column: 'buyer_name', rowId: 'r1' };

function memoryStore(rows: DataKeyRow[]): KeyStore {
  return {
    all: () => Promise.resolve([...rows]),
    add(added) {
      for (const row of added)
        if (!rows.some((known) => known.month === row.month && known.class === row.class)) rows.push(row);
      return Promise.resolve();
    },
    erase(month, keyClass) {
      const index = rows.findIndex((row) => row.month === month && row.class === keyClass);
      rows[index] = { ...rows[index]!, wrapped: new Uint8Array() };
      return Promise.resolve();
    },
  };
}

function masterOf(seed: string): MasterKey {
  const text = `liushui-master-key-1 ${Buffer.from(seededRandomBytes(seed)(32)).toString('base64')}\n`;
  return readMasterKey(text)!;
}

async function keyringOn(rows: DataKeyRow[], seed: string, moment: { now: Instant }): Promise<Keyring> {
  const clock = { now: () => moment.now };
  const random = systemRandomBytes;
  const ring = createKeyring({
    master: masterOf(seed),
    store: memoryStore(rows),
    ids: createIds(clock, random),
    random,
    clock,
  });
  await ring.prepare(moment.now);
  return ring;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'liushui-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was sealed opens again, also in another process and in another month', async () => {
  const rows: DataKeyRow[] = [];
  const moment = { now: october };
  const sealed = (await keyringOn(rows, 'm', moment)).sealText('personal', '张三', place);
  const other = await keyringOn(rows, 'm', { now: Date.parse('2015-12-01T00:00:00+08:00') as Instant });
  expect(other.openText(sealed, place)).toEqual({ kind: 'opened', value: '张三' });
});

test('the same text sealed twice looks different', async () => {
  const ring = await keyringOn([], 'm', { now: october });
  expect(ring.sealText('personal', '张三', place)).not.toEqual(ring.sealText('personal', '张三', place));
});

test('a secret is sealed as what it holds, not as what it prints', async () => {
  const ring = await keyringOn([], 'm', { now: october });
  const sealed = ring.sealText('credential', new Secret('the-md5-key-of-the-account'), place);
  expect(ring.openText(sealed, place)).toEqual({ kind: 'opened', value: 'the-md5-key-of-the-account' });
});

test('a dump of the database without the master key reveals nothing', async () => {
  const rows: DataKeyRow[] = [];
  const ring = await keyringOn(rows, 'm', { now: october });
  const sealed = ring.sealText('credential', 'the-md5-key-of-the-account', place);
  const dump = Buffer.concat([sealed, ...rows.map((row) => row.wrapped)]).toString('latin1');
  expect(dump).not.toContain('the-md5-key');
  const thief = createKeyring({
    master: masterOf('guessed'),
    store: memoryStore(rows),
    ids: { next: () => 'unused' },
    random: systemRandomBytes,
    clock: { now: () => october },
  });
  await expect(thief.prepare(october)).rejects.toThrow(Bug);
  expect(thief.openText(sealed, place)).toMatchObject({ kind: 'broken' });
});

test('every changed bit is noticed', async () => {
  const ring = await keyringOn([], 'm', { now: october });
  const sealed = ring.sealText('personal', 'x', place);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = sealed.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(ring.openText(changed, place).kind, `bit ${bit}`).toBe('broken');
  }
  for (let length = 0; length < sealed.length; length++)
    expect(ring.openText(sealed.slice(0, length), place).kind).toBe('broken');
});

test('a value that was moved to another row, column or table does not open', async () => {
  const ring = await keyringOn([], 'm', { now: october });
  const sealed = ring.sealText('personal', '张三', place);
  for (const moved of [{ rowId: 'r2' }, { column: 'buyer_id_no' }, { table: 'orders' }])
    expect(ring.openText(sealed, { ...place, ...moved }).kind).toBe('broken');
});

test('erasing a month leaves the rows, and nobody can read them', async () => {
  const rows: DataKeyRow[] = [];
  const ring = await keyringOn(rows, 'm', { now: october });
  const name = ring.sealText('personal', '张三', place);
  const exchange = ring.sealText('exchange', 'kept', place);
  await ring.erase('2015-10', 'personal');
  expect(ring.openText(name, place)).toEqual({ kind: 'erased' });
  expect(ring.openText(exchange, place).kind).toBe('opened');
  expect((await keyringOn(rows, 'm', { now: october })).openText(name, place)).toEqual({ kind: 'erased' });
  expect(() => ring.sealText('personal', 'late', place)).toThrow(Bug);
});

test('the month may change between preparing and sealing', async () => {
  const moment = { now: Date.parse('2015-10-31T23:59:59+08:00') as Instant };
  const ring = await keyringOn([], 'm', moment);
  moment.now = (moment.now + 2_000) as Instant;
  expect(ring.openText(ring.sealText('personal', 'x', place), place).kind).toBe('opened');
});

test('two processes that prepare the same month agree on one key', async () => {
  const rows: DataKeyRow[] = [];
  const [one, two] = await Promise.all([
    keyringOn(rows, 'm', { now: october }),
    keyringOn(rows, 'm', { now: october }),
  ]);
  expect(two.openText(one.sealText('personal', 'x', place), place).kind).toBe('opened');
  expect(two.digestKeyed('id_no', 'n')).toEqual(one.digestKeyed('id_no', 'n'));
});

test('a key that another process made meanwhile is loaded on demand', async () => {
  const rows: DataKeyRow[] = [];
  const early = await keyringOn(rows, 'm', { now: october });
  const late = await keyringOn(rows, 'm', { now: Date.parse('2016-02-01T00:00:00+08:00') as Instant });
  const sealed = late.sealText('personal', 'x', place);
  expect(early.openText(sealed, place)).toMatchObject({
    kind: 'broken',
    why: expect.stringContaining('not in the store'),
  });
  await early.loadFor([sealed]);
  expect(early.openText(sealed, place).kind).toBe('opened');
});

test('a digest finds equal values, tells classes apart, and outlives the month', async () => {
  const rows: DataKeyRow[] = [];
  const ring = await keyringOn(rows, 'm', { now: october });
  const later = await keyringOn(rows, 'm', { now: Date.parse('2016-02-01T00:00:00+08:00') as Instant });
  expect(later.digestKeyed('id_no', '110101')).toEqual(ring.digestKeyed('id_no', '110101'));
  expect(ring.digestKeyed('id_no', '110101')).not.toEqual(ring.digestKeyed('phone', '110101'));
  expect(ring.digestKeyed('id_no', '110101')).not.toEqual(ring.digestKeyed('id_no', '110102'));
  const foreign = await keyringOn([], 'm', { now: october });
  expect(foreign.digestKeyed('id_no', '110101')).not.toEqual(ring.digestKeyed('id_no', '110101'));
});

test('the check counts keys that open, that were erased, and that do not open', async () => {
  const rows: DataKeyRow[] = [];
  const ring = await keyringOn(rows, 'm', { now: october });
  await ring.erase('2015-10', 'exchange');
  const { fingerprint, opened, erased, closed } = await checkKeys(masterOf('m'), memoryStore(rows));
  expect([opened, erased, closed]).toEqual([7, 1, []]);
  expect(fingerprint).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){3}$/);
  const wrong = await checkKeys(masterOf('n'), memoryStore(rows));
  expect(wrong.opened).toBe(0);
  expect(wrong.closed).toContain('2015-10 personal');
  expect(wrong.fingerprint).not.toBe(fingerprint);
});

test('a wrapped key that is swapped with another one does not open', async () => {
  const rows: DataKeyRow[] = [];
  await keyringOn(rows, 'm', { now: october });
  const [first, second] = rows;
  rows[0] = { ...first!, wrapped: second!.wrapped };
  expect((await checkKeys(masterOf('m'), memoryStore(rows))).closed).toEqual([`${first!.month} ${first!.class}`]);
});

test('the master key file is made once, for its owner only', () => {
  const path = join(folder, 'master.key');
  const made = ensureMasterKey(path, systemRandomBytes);
  const again = ensureMasterKey(path, systemRandomBytes);
  expect(made.ok && again.ok && made.value.fingerprint === again.value.fingerprint).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['master.key']);
  const fromText = masterKeyFrom(new Secret(readFileSync(path, 'utf8')));
  expect(fromText.ok && made.ok && fromText.value.fingerprint === made.value.fingerprint).toBe(true);
});

test('a master key file that is missing, open to others or spoilt is refused', () => {
  const path = join(folder, 'master.key');
  expect(loadMasterKey(path)).toMatchObject({ refusal: { code: 'keys.master_missing' } });
  writeFileSync(path, 'liushui-master-key-1 short', { mode: 0o600 });
  expect(loadMasterKey(path)).toMatchObject({ refusal: { code: 'keys.master_malformed' } });
  chmodSync(path, 0o640);
  expect(loadMasterKey(path)).toMatchObject({ refusal: { code: 'keys.master_readable_by_others' } });
});
