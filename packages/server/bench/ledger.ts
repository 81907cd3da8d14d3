import { paymentSucceeded, postEntries } from '../src/ledger/index.ts';
import type { EntryDraft } from '../src/ledger/index.ts';
import { CNY } from '../src/kernel/index.ts';
import type { Tx } from '../src/platform/db.ts';
import { byTurns, figureOf, secondsOf, shortText } from './bench.ts';
import type { Bench, BenchContext, BenchResult } from './bench.ts';
import { good, merchant } from './server.ts';
import type { BenchWorld } from './server.ts';

/** What lists save on the busiest pair of accounts there can be, against the ledger that everybody writes first. */
export const ledger: Bench = {
  name: 'ledger',
  says: 'entries posted a second on one hot pair, lists of 1 to 1,000, against a row lock per transfer',
  run,
};

/** Posts that many transfers of two postings each, and waits until all are committed. */
type Books = { readonly post: (transfers: number) => Promise<void> };

const targets = new Map([
  [100, { atLeast: 10 }],
  [1000, { atLeast: 25 }],
]);

async function run({ quick, server, tell }: BenchContext): Promise<BenchResult> {
  const sizes = quick ? [1, 10] : [1, 10, 100, 1000];
  const rounds = quick ? 1 : 5;
  const world = await (await server()).openWorld();
  try {
    const baseline = await rowLockBooks(world);
    const sides = [
      { transfers: quick ? 20 : 300, books: baseline },
      ...sizes.map((size) => ({ transfers: quick ? 20 : Math.min(4000, size * 100), books: listBooks(world, size) })),
    ];
    tell(`ledger: lists of ${sizes.map(shortText).join(', ')}`);
    for (const { books } of sides) await books.post(quick ? 10 : 100); // makes the slots, and plans what will be measured
    const rates = await byTurns(
      rounds,
      sides,
      async ({ transfers, books }) => transfers / (await secondsOf(() => books.post(transfers))),
    );
    const figures = sizes.map((size, index) => {
      const pairs = rates.map(([first = NaN, ...others]) => ({ subject: others[index] ?? NaN, baseline: first }));
      const measure = `post on one hot pair, lists of ${shortText(size)}`;
      const named = { bench: 'ledger', measure, against: 'row lock per transfer', unit: 'transfers/s' };
      const target = targets.get(size);
      return figureOf(target ? { ...named, target } : named, pairs);
    });
    return { figures, tables: [] };
  } finally {
    await world.close();
  }
}

const clientsOfLists = 4;
const clientsOfRows = 8;

/** Runs the pieces of work by so many clients, each taking the next one when it is free. */
async function byClients(clients: number, pieces: number, work: () => Promise<unknown>): Promise<void> {
  let left = pieces;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

let numbered = 0;

function hotPayment(): EntryDraft {
  numbered += 1;
  const at = {
    bucket: 7,
    merchantId: merchant,
    subject: `o-${numbered}`,
    actor: 'system',
    place: 'hot',
    currency: CNY,
  };
  return paymentSucceeded(at, { attempt: String(numbered), amount: 100n, fee: undefined });
}

function listBooks({ app, clock }: BenchWorld, size: number): Books {
  const { ids } = app.customs;
  return {
    post: (transfers) =>
      byClients(clientsOfLists, Math.ceil(transfers / size), async () => {
        const drafts = Array.from({ length: Math.min(size, transfers) }, hotPayment);
        const answers = await app.db.transaction((tx) => postEntries(tx, drafts, { at: clock.now(), ids }));
        if (!answers.every((answer) => good(answer).isNew)) throw new Error('an entry was there before');
      }),
  };
}

/** One transaction for each transfer: lock both accounts, write entry and postings with their balances, move the accounts on. */
async function rowLockBooks({ app }: BenchWorld): Promise<Books> {
  await app.db.query(`
    create table bench_accounts (id int primary key, balance bigint not null, seq bigint not null);
    insert into bench_accounts values (1, 0, 0), (2, 0, 0);
    create table bench_entries (id uuid primary key, source text not null unique, booked_at timestamptz not null default now());
    create table bench_postings (account int not null, seq bigint not null, entry uuid not null, amount bigint not null,
      balance_after bigint not null, booked_at timestamptz not null default now(), primary key (account, seq))`);
  const transfer = async (tx: Tx): Promise<void> => {
    const id = app.customs.ids.next();
    await tx.query('select balance from bench_accounts where id in (1, 2) order by id for update');
    await tx.query('insert into bench_entries (id, source) values ($1, $2)', [id, `transfer:${id}`]);
    await tx.query(
      `insert into bench_postings (account, seq, entry, amount, balance_after)
       select a.id, a.seq + 1, $1, t.amount, a.balance + t.amount from bench_accounts a join (values (1, 100), (2, -100)) t(id, amount) using (id)`,
      [id],
    );
    await tx.query(
      'update bench_accounts set balance = balance + case id when 1 then 100 else -100 end, seq = seq + 1 where id in (1, 2)',
    );
  };
  return { post: (transfers) => byClients(clientsOfRows, transfers, () => app.db.transaction(transfer)) };
}
