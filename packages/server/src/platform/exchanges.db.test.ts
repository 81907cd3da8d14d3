import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { plus, seconds } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { isUniqueViolation } from './db.ts';
import { endLost, nextTries, recordEnds, recordStarts } from './exchanges.ts';
import type { ExchangeEnd, ExchangeStart } from './exchanges.ts';
import { createIds, seededRandomBytes } from './ids.ts';
import { readMasterKey } from './keys-master.ts';
import { createKeyStore } from './keys-store.ts';
import { createKeyring } from './keys.ts';
import type { Keyring } from './keys.ts';

const own = useDatabase();
const start = Date.parse('2015-10-28T16:20:00+08:00') as Instant;
const clock = { now: () => start };
const random = seededRandomBytes('exchanges');
const ids = createIds(clock, random);
const payer = '张三丰 999999190001010015';
let keyring: Keyring;

beforeAll(async () => {
  const master = readMasterKey(`liushui-master-key-1 ${Buffer.from(random(32)).toString('base64')}`)!;
  keyring = createKeyring({ master, store: createKeyStore(own.db), ids, random, clock });
  await keyring.prepare(start);
});

beforeEach(async () => {
  await own.db.query('truncate exchanges, exchange_answers, exchange_subjects');
});

function startOf(subjects: ExchangeStart['subjects'], more: Partial<ExchangeStart> = {}): ExchangeStart {
  return {
    bucket: subjects[0]?.bucket ?? 0,
    id: ids.next(),
    accountId: 'A-1',
    operation: 'customs.declare',
    worker: 'w1',
    createdAt: start,
    sendBefore: plus(start, seconds(10)),
    request: { method: 'POST', url: `https://gateway.example/do?buyer=${payer}`, body: Buffer.from(`name=${payer}`) },
    subjects,
    ...more,
  };
}

const subject = (bucket: number, number = 1) => ({ bucket, id: ids.next(), try: number });

function endOf(exchange: ExchangeStart, body: string, reading: ExchangeEnd['reading']): ExchangeEnd {
  const answer = { status: 200, headers: {}, body: Buffer.from(body) };
  return {
    bucket: exchange.bucket,
    id: exchange.id,
    sent: { kind: 'answered', answer, sentAt: start, ms: 12.5 },
    heardAt: plus(start, 20),
    reading,
  };
}

const count = async (table: string): Promise<number> => (await own.db.query(`select from ${table}`)).length;

test('a try that was made already makes the whole transaction fail, whatever else is in it', async () => {
  const first = subject(5);
  await own.db.transaction((tx) => recordStarts(tx, keyring, [startOf([first])]));
  const again = own.db.transaction(async (tx) => {
    await recordStarts(tx, keyring, [startOf([subject(5)]), startOf([first])]);
  });
  const error = await again.catch((thrown: unknown) => thrown);
  expect(isUniqueViolation(error)).toBe(true);
  expect([await count('exchanges'), await count('exchange_subjects')]).toEqual([1, 1]);
});

test('the next try counts by subject and operation, and begins with one', async () => {
  const [pushed, asked] = [subject(5), subject(6)];
  await own.db.transaction((tx) =>
    recordStarts(tx, keyring, [
      startOf([pushed]),
      startOf([{ ...pushed, try: 2 }]),
      startOf([asked], { operation: 'customs.query' }),
    ]),
  );
  const tries = await nextTries(own.db, 'customs.declare', [pushed, asked]);
  expect([tries.get(pushed.id), tries.get(asked.id)]).toEqual([3, 1]);
});

test('a batch is one exchange that speaks for every record in it', async () => {
  const batch = startOf([subject(9), subject(3), subject(700)]);
  await own.db.transaction((tx) => recordStarts(tx, keyring, [batch]));
  const rows = await own.db.query('select bucket, exchange_bucket, exchange_id from exchange_subjects order by bucket');
  expect(rows).toEqual([3, 9, 700].map((bucket) => ({ bucket, exchange_bucket: 9, exchange_id: batch.id })));
});

test('an exchange that ended stays as it ended first', async () => {
  const exchange = startOf([subject(5)]);
  await own.db.transaction((tx) => recordStarts(tx, keyring, [exchange]));
  await recordEnds(own.db, keyring, [endOf(exchange, 'first', { outcome: 'accepted' })]);
  const late: ExchangeEnd = { ...endOf(exchange, 'second', {}), sent: { kind: 'lost', why: 'too late' } };
  await recordEnds(own.db, keyring, [late]);
  const [row] = await own.db.query(
    'select kind, why, http_status, ms, heard_at, reading, answer from exchange_answers',
  );
  expect(row).toMatchObject({ kind: 'answered', why: '', http_status: 200, ms: 12.5, heard_at: plus(start, 20) });
  expect(row?.['reading']).toEqual({ outcome: 'accepted' });
  const place = { table: 'exchange_answers', column: 'answer', rowId: exchange.id };
  const opened = keyring.openBytes(row?.['answer'] as Uint8Array, place);
  expect(opened.kind === 'opened' && Buffer.from(opened.value).toString()).toBe('first');
});

test('the time that the channel put on its answer is kept, and a word that is no time is not', async () => {
  const [dated, odd] = [startOf([subject(1)]), startOf([subject(2)])];
  await own.db.transaction((tx) => recordStarts(tx, keyring, [dated, odd]));
  const withDate = (exchange: ExchangeStart, date: string): ExchangeEnd => {
    const answer = { status: 200, headers: { date }, body: new Uint8Array() };
    return { ...endOf(exchange, '', {}), sent: { kind: 'answered', answer, sentAt: start, ms: 1 } };
  };
  await recordEnds(own.db, keyring, [withDate(dated, 'Wed, 28 Oct 2015 08:20:07 GMT'), withDate(odd, 'soon')]);
  const rows = await own.db.query('select channel_date from exchange_answers order by bucket');
  expect(rows).toEqual([{ channel_date: plus(start, seconds(7)) }, { channel_date: null }]);
});

test('silence and what was never sent are kept with their reason and without an answer', async () => {
  const [silent, unsent] = [startOf([subject(1)]), startOf([subject(2)])];
  await own.db.transaction((tx) => recordStarts(tx, keyring, [silent, unsent]));
  const heardAt = plus(start, 1);
  await recordEnds(own.db, keyring, [
    { bucket: 2, id: unsent.id, sent: { kind: 'unsent', why: 'no route' }, heardAt, reading: {} },
    { bucket: 1, id: silent.id, sent: { kind: 'silent', why: 'reset', sentAt: start, ms: 3 }, heardAt, reading: {} },
  ]);
  expect(await own.db.query('select kind, why, answer, ms from exchange_answers order by bucket')).toEqual([
    { kind: 'silent', why: 'reset', answer: null, ms: 3 },
    { kind: 'unsent', why: 'no route', answer: null, ms: null },
  ]);
});

test('exchanges of a dead process end as lost once they can no longer have an answer, and no other ones', async () => {
  const old = startOf([subject(1)]);
  const answered = startOf([subject(2)]);
  const young = startOf([subject(3)], { sendBefore: plus(start, seconds(60)) });
  await own.db.transaction((tx) => recordStarts(tx, keyring, [old, answered, young]));
  await recordEnds(own.db, keyring, [endOf(answered, 'yes', {})]);
  const [deadline, at] = [plus(start, seconds(30)), plus(start, seconds(90))];
  expect(await own.db.transaction((tx) => endLost(tx, deadline, at))).toBe(1);
  expect(await own.db.transaction((tx) => endLost(tx, deadline, at))).toBe(0);
  expect(await own.db.query('select bucket, kind, heard_at from exchange_answers order by bucket')).toEqual([
    { bucket: 1, kind: 'lost', heard_at: at },
    { bucket: 2, kind: 'answered', heard_at: plus(start, 20) },
  ]);
});

test('who reads a dump of the tables finds nobody in it, and the keyring reads everything', async () => {
  const exchange = startOf([subject(5)]);
  await own.db.transaction((tx) => recordStarts(tx, keyring, [exchange]));
  await recordEnds(own.db, keyring, [endOf(exchange, `answer about ${payer}`, {})]);
  // As text, bytes show as hexadecimal digits.
  const dump = await own.db.query<{ row: string }>(
    `select e::text as row from exchanges e union all select a::text from exchange_answers a
     union all select s::text from exchange_subjects s`,
  );
  const text = dump.map(({ row }) => row).join('\n');
  expect(text).toContain('https://gateway.example/do');
  for (const secret of ['张三丰', '999999190001010015', 'answer about']) {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex')];
    for (const form of [...forms, Buffer.from(secret).toString('base64')]) expect(text).not.toContain(form);
  }
  const [row] = await own.db.query<{ request: Uint8Array }>('select request from exchanges');
  const place = { table: 'exchanges', column: 'request', rowId: exchange.id };
  const opened = keyring.openBytes(row?.request ?? new Uint8Array(), place);
  expect(opened.kind === 'opened' && Buffer.from(opened.value).toString()).toBe(`buyer=${payer}\n\nname=${payer}`);
});
