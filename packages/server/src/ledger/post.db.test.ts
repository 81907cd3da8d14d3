import { expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { CNY, parseShanghai, plus } from '../kernel/index.ts';
import type { BusinessDate, Currency, Instant, Result } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { accountId } from './account.ts';
import type { AccountKindName } from './chart.data.ts';
import * as ledger from './index.ts';
import type { AtPlace, EntryDraft, Posted } from './index.ts';

const database = useDatabase();
const noon = parseShanghai('2026-11-21 12:00:00') as Instant;
const ids = createIds({ now: () => noon }, seededRandomBytes('ledger'));

/** A place of its own for each test: their books do not meet. */
const atPlace = (place: string, bucket = 17): AtPlace => ({
  ...{ bucket, merchantId: 'demo', subject: `order-${place}`, actor: 'system', place, currency: CNY },
});
const account = (at: AtPlace, kind: AccountKindName) => accountId(kind, { merchant: at.merchantId, ...at });

const post = (drafts: readonly EntryDraft[], when = noon): Promise<Result<Posted>[]> =>
  database.db.transaction((tx) => ledger.postEntries(tx, drafts, { at: when, ids }));

function posted(result: Result<Posted> | undefined): Posted {
  if (!result?.ok) throw new Error(JSON.stringify(result));
  return result.value;
}

async function balanceOf(at: AtPlace, kind: AccountKindName): Promise<bigint | undefined> {
  return (await ledger.balances(database.db, [account(at, kind)])).get(account(at, kind));
}

/** Settled money to pay out of: channel_available and merchant_available. */
const settled = (at: AtPlace, amount: bigint): EntryDraft =>
  ledger.openingBalances(at, {
    source: at.place,
    balances: { channel_available: amount, merchant_available: -amount },
  });

test('a source posts once, whoever tells it again', async () => {
  const at = atPlace('once');
  const draft = ledger.paymentSucceeded(at, { attempt: '1', amount: 10000n, fee: 60n });
  const [first, repeated] = (await post([draft, { ...draft }])).map(posted);
  expect(first).toMatchObject({ isNew: true, kind: 'payment' });
  expect(repeated).toEqual({ ...first, isNew: false });
  expect((await post([draft])).map(posted)).toEqual([repeated]);
  const together = await Promise.all(Array.from({ length: 20 }, () => post([{ ...draft, source: 'payment:2' }])));
  expect(
    together
      .flat()
      .map(posted)
      .filter((each) => each.isNew),
  ).toHaveLength(1);
  expect(await balanceOf(at, 'channel_receivable')).toBe(20000n);
});

test('one entry of a list that was posted before drops its own postings and nobody else’s', async () => {
  const at = atPlace('drop');
  const pay = (attempt: string): EntryDraft =>
    ledger.paymentSucceeded(at, { attempt: `drop-${attempt}`, amount: 100n, fee: 1n });
  await post([pay('2')]);
  expect((await post([pay('1'), pay('2'), pay('3')])).map((each) => posted(each).isNew)).toEqual([true, false, true]);
  expect(
    await database.db.query(
      'select seq::int, amount::int, balance_after::int from postings where account = $1 order by seq',
      [account(at, 'channel_receivable')],
    ),
  ).toEqual([1, 2, 3].map((seq) => ({ seq, amount: 100, balance_after: 100 * seq })));
});

test('a floor refuses the commands that do not fit, one by one and in their order, and names what is missing', async () => {
  const at = atPlace('floor');
  const holds = [600n, 500n, 400n, 1n].map((amount, index) => ledger.hold(at, { hold: `floor-${index}`, amount }));
  const answers = await post([settled(at, 1000n), ...holds]);
  expect(answers.map((each) => each.ok)).toEqual([true, true, false, true, false]);
  expect(answers[2]).toMatchObject({
    refusal: { code: 'ledger.floor', params: { account: account(at, 'channel_available'), shortage: '100' } },
  });
  expect(await balanceOf(at, 'channel_held')).toBe(1000n);
  // Asked again after it was done, it is done and not short.
  const again = await post(holds);
  expect(again.map((each) => (each.ok ? each.value.isNew : each.refusal.params['shortage']))).toEqual([
    ...[false, '500', false, '1'],
  ]);
});

test('a fact passes the floor and tells by how much, and what brings the account back is no overdraft', async () => {
  const at = atPlace('fact');
  const take = (amount: bigint): EntryDraft =>
    ledger.entry(at, {
      ...{ kind: 'late_payout', source: `late:${String(amount)}`, force: 'fact' },
      lines: [
        { account: account(at, 'recovery_receivable'), amount },
        { account: account(at, 'channel_available'), amount: -amount },
      ],
    });
  const [, first, second, back] = (await post([settled(at, 100n), take(70n), take(50n), take(-5n)])).map(posted);
  expect([first?.overdrawn, back?.overdrawn]).toEqual([[], []]);
  expect(second?.overdrawn).toEqual([{ account: account(at, 'channel_available'), shortage: 20n }]);
  const short = { account: account(at, 'channel_available'), shortage: 17n };
  expect((await post([take(2n)])).map((each) => posted(each).overdrawn)).toEqual([[short]]);
  const openCases = (accounts: string): string => `select unnest('${accounts}'::text[]) as account`;
  const law = (accounts: string) => [ledger.noFloorWithoutCase(openCases(accounts))];
  expect(await ledger.checkLedger(database.db, law('{}'))).toMatchObject([
    { law: 'I10', found: [`${short.account} -17`] },
  ]);
  expect(await ledger.checkLedger(database.db, law(`{${short.account}}`))).toEqual([]);
});

test('a hundred clients end one hold, and one of them does', async () => {
  const at = atPlace('hold');
  const held = { hold: 'p-1', amount: 900n };
  await post([settled(at, 1000n), ledger.hold(at, held)]);
  const ends = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      post([index % 3 === 0 ? ledger.settleHold(at, held, 850n) : ledger.releaseHold(at, held)]),
    ),
  );
  const won = ends.flat().map(posted);
  const winners = won.filter((each) => each.isNew);
  expect(winners).toHaveLength(1);
  expect(won.every((each) => each.entry === winners[0]?.entry && each.kind === winners[0].kind)).toBe(true);
  expect(await balanceOf(at, 'merchant_held')).toBe(0n);
  expect(await balanceOf(at, 'channel_available')).toBe(winners[0]?.kind === 'settle' ? 150n : 1000n);
});

test('lists that touch the same slots in any order wait for each other and never in a ring', async () => {
  const places = Array.from({ length: 12 }, (_, index) => atPlace(`ring-${index}`));
  const workers = Array.from({ length: 8 }, async (_, worker) => {
    for (let list = 0; list < 8; list += 1) {
      const mixed = places.map((at, index) => {
        const bucket = (index + worker + list) % 2;
        const attempt = `ring-${worker}-${list}-${index}`;
        return ledger.paymentSucceeded({ ...at, bucket }, { attempt, amount: 100n, fee: 1n });
      });
      await post(worker % 2 === 0 ? mixed : mixed.reverse());
    }
  });
  await Promise.all(workers);
  for (const at of places) expect(await balanceOf(at, 'merchant_pending')).toBe(-6400n);
});

test('two currencies at one place never net', async () => {
  const at = atPlace('two');
  const usd = { ...at, currency: 'USD' as Currency };
  await post([
    ledger.paymentSucceeded(at, { attempt: 'c', amount: 700n, fee: undefined }),
    ledger.paymentSucceeded(usd, { attempt: 'u', amount: 100n, fee: undefined }),
  ]);
  const rows = await ledger.trialBalance(database.db, { place: 'two' }, '2026-11-21' as BusinessDate);
  expect(rows.map(({ account: name, closing }) => `${name} ${String(closing)}`)).toEqual([
    'channel_receivable:p=two:c=CNY 700',
    'channel_receivable:p=two:c=USD 100',
    'merchant_pending:m=demo:p=two:c=CNY -700',
    'merchant_pending:m=demo:p=two:c=USD -100',
  ]);
});

test('an entry is booked at one instant, and a clock that steps back moves no slot back', async () => {
  const at = atPlace('clock');
  const pay = (attempt: string, happenedAt?: Instant): EntryDraft =>
    ledger.paymentSucceeded({ ...at, happenedAt }, { attempt, amount: 100n, fee: 1n });
  await post([pay('later')], plus(noon, 5000));
  await post([pay('earlier', plus(noon, -86_400_000))], noon);
  const entries = await ledger.entriesOf(database.db, at.bucket, at.subject);
  expect(entries.map(({ source, bookedAt, businessDate }) => [source, bookedAt - noon, businessDate])).toEqual([
    ['payment:later:succeeded', 5000, '2026-11-21'],
    ['payment:earlier:succeeded', 5000, '2026-11-20'],
  ]);
  expect(await ledger.balanceAt(database.db, account(at, 'merchant_pending'), plus(noon, 4999))).toBe(0n);
  expect(await ledger.balanceAt(database.db, account(at, 'merchant_pending'), plus(noon, 5000))).toBe(-200n);
});

test('a mistake is taken back and booked anew, today and about its day', async () => {
  const at = atPlace('wrong');
  await post([ledger.paymentSucceeded(at, { attempt: 'w', amount: 10000n, fee: 60n })]);
  const [wrong] = await ledger.entriesOf(database.db, at.bucket, at.subject);
  const right = ledger.paymentSucceeded(at, { attempt: 'w', amount: 9000n, fee: 54n });
  const correction = ledger.correct(wrong!, { actor: 'wang', right });
  await post([...correction, ...correction], plus(noon, 86_400_000));
  expect(await balanceOf(at, 'channel_receivable')).toBe(9000n);
  const entries = await ledger.entriesOf(database.db, at.bucket, at.subject);
  expect(entries.map(({ kind, businessDate, belongsTo, actor }) => [kind, businessDate, belongsTo, actor])).toEqual([
    ['payment', '2026-11-21', null, 'system'],
    ['reversal', '2026-11-22', '2026-11-21', 'wang'],
    ['payment', '2026-11-22', '2026-11-21', 'wang'],
  ]);
});

test('what was never booked cannot be taken back', async () => {
  const at = atPlace('never');
  const release = ledger.releaseHold(at, { hold: 'never', amount: 100n });
  await expect(post([release])).rejects.toThrow('takes back hold:never:held, which is not in the books');
  const held = ledger.hold(at, { hold: 'never', amount: 100n });
  await expect(post([held, release])).rejects.toThrow('which is not in the books');
  expect((await post([settled(at, 100n), held, release])).map((each) => posted(each).isNew)).toEqual([
    true,
    true,
    true,
  ]);
});

/** A payment of 100.00 settled with its fee, one of 50.00 not settled, a payout of 30.00 and its fee of 1.00 held. */
test('the trial balance of a day adds up', async () => {
  const at = atPlace('trial');
  const line = (kind: AccountKindName, amount: bigint) => ({ account: account(at, kind), amount });
  const fact = (source: string, lines: Parameters<typeof ledger.entry>[1]['lines']): EntryDraft =>
    ledger.entry(at, { kind: 'statement', source, force: 'fact', lines });
  await post([
    ledger.paymentSucceeded(at, { attempt: 't1', amount: 10000n, fee: 60n }),
    fact('fee', [line('fee_expected', 60n), line('channel_receivable', -60n)]),
    fact('settled', [
      ...[line('channel_available', 9940n), line('channel_receivable', -9940n)],
      ...[line('merchant_pending', 10000n), line('merchant_fee', -60n), line('merchant_available', -9940n)],
    ]),
    ledger.paymentSucceeded(at, { attempt: 't2', amount: 5000n, fee: 30n }),
    ledger.hold(at, { hold: 't3', amount: 3100n }),
  ]);
  const rows = await ledger.trialBalance(database.db, { place: 'trial' }, '2026-11-21' as BusinessDate);
  const text = rows.map((row) =>
    [row.account.split(':')[0], row.opening, row.debit, row.credit, row.closing].join(' '),
  );
  expect(text).toEqual([
    ...['channel_available 0 9940 3100 6840', 'channel_held 0 3100 0 3100', 'channel_receivable 0 15000 10000 5000'],
    ...['fee_expected 0 60 90 -30', 'merchant_available 0 3100 9940 -6840', 'merchant_fee 0 90 60 30'],
    ...['merchant_held 0 0 3100 -3100', 'merchant_pending 0 10000 15000 -5000'],
  ]);
  const sum = (side: 'debit' | 'credit'): bigint => rows.reduce((total, row) => total + row[side], 0n);
  expect([sum('debit'), sum('credit')]).toEqual([41290n, 41290n]);
  const shop = await ledger.trialBalance(database.db, { merchantId: 'demo' }, '2026-11-22' as BusinessDate);
  expect(shop.find((row) => row.account === account(at, 'channel_receivable'))).toMatchObject({ opening: 5000n });
  expect(shop.reduce((total, row) => total + row.closing, 0n)).toBe(0n);
});

test('what is open or succeeded elsewhere is compared with the books', async () => {
  const at = { ...atPlace('match'), merchantId: 'other' };
  await post([
    ledger.surplusReceived(at, { attempt: 'm1', amount: 500n, fee: 3n }),
    ledger.refundStarted(at, { refund: 'm2', amount: 200n, of: 'pending' }),
  ]);
  const open = (minor: number, place = 'match'): string =>
    `select 'other' as merchant_id, '${place}' as place, 'CNY' as currency, ${minor} as minor`;
  const refunds = (sql: string) => ledger.claimMatchesRecords('I13', 'refund_in_progress', sql);
  const surplus = (sql: string) => ledger.claimMatchesRecords('I14', 'surplus_payable', sql);
  const brokenBy = async (...laws: ledger.Law[]) =>
    (await ledger.checkLedger(database.db, laws)).map(({ law, found }) => [law, ...found]);
  expect(await brokenBy(refunds(open(200)), surplus(open(500)))).toEqual([]);
  expect(await brokenBy(refunds(open(150)), surplus(open(500, 'elsewhere')))).toEqual([
    ['I13', 'other match CNY booked 200 open 150'],
    ['I14', 'other elsewhere CNY booked open 500', 'other match CNY booked 500 open'],
  ]);
  const booked = `select bucket, source from entries where kind in ('payment', 'surplus')`;
  expect(await brokenBy(ledger.successIsBooked(booked))).toEqual([]);
  const less = `${booked} and source <> 'payment:m1:succeeded' union all select 3::int2, 'payment:lost:succeeded'`;
  expect((await brokenBy(ledger.successIsBooked(less)))[0]?.slice(1).sort()).toEqual([
    ...['17 payment:m1:succeeded did not succeed', '3 payment:lost:succeeded is not booked'],
  ]);
});

test('the books of all these tests keep their laws', async () => {
  expect(await ledger.checkLedger(database.db)).toEqual([]);
});

const tampered: Readonly<Record<string, readonly [string, string]>> = {
  'an amount was changed': [
    `update postings set amount = amount + 1 where account like '%p=once:%' and seq = 1`,
    'I1 I2 I3 I4 I6',
  ],
  'a posting was removed': [
    `delete from postings where account like 'merchant_fee%p=once:%' and seq = 1`,
    'I1 I2 I3 I4 I6',
  ],
  'an entry was removed': [`delete from entries where subject = 'order-once'`, 'I6'],
  'an update of a slot was lost': [
    `update slots set balance = balance - 100, seq = seq - 1 where account like 'channel_receivable%p=drop:%'`,
    'I3 I9',
  ],
  'a posting has another date': [
    `update postings set business_date = '2026-01-01' where account like 'channel_held%p=hold:%' and seq = 1`,
    'I6',
  ],
  'a slot ran backwards': [
    `update postings set booked_at = booked_at - interval '1 day' where account like '%p=clock:%' and seq = 2`,
    'I5 I6',
  ],
  'the mirror is not a mirror': [`update entries set lines = '[]' where kind = 'reversal'`, 'I6 I8'],
  'taken back twice': [`update entries set reverses = 'hold:p-1:held' where kind = 'reversal'`, 'I8'],
  'a source stands twice': [
    `alter table entries drop constraint entries_bucket_source_key; update entries set source = 'one' where subject = 'order-drop'`,
    'I7',
  ],
};

test.each(Object.keys(tampered))('the laws notice when %s', async (name) => {
  const [sql, laws] = tampered[name]!;
  const undone = new Error('undone');
  const tampering = database.db.transaction(async (tx) => {
    await tx.query(sql);
    const broken = await ledger.checkLedger(tx);
    expect(broken.map(({ law }) => law)).toEqual(laws.split(' '));
    throw undone;
  });
  await expect(tampering).rejects.toBe(undone);
});
