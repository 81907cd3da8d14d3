// Our books and the channel's, side by side: what every journey of money ends with.
import { checkLedger } from '../../src/ledger/index.ts';
import type { Database } from '../../src/platform/db.ts';
import { brokenRecords } from '../stories/money/laws.ts';
import type { Doors } from './pay-side.ts';

export type TheirTrade = {
  readonly out_trade_no: string;
  readonly trade_no: string;
  readonly trade_status: string;
  readonly paid_at: string | null;
  readonly amount_fen: number;
  readonly refunded_fen: number;
  readonly refunds: readonly { readonly out_request_no: string; readonly amount_fen: number; readonly by: string }[];
};

export async function theirTrades({ get }: Doors, serialNos: readonly string[]): Promise<readonly TheirTrade[]> {
  const books = await get<{ trades: TheirTrade[] }>(`/openapi/books?out_trade_nos=${serialNos.join(',')}&limit=1000`);
  return books.trades;
}

type Line = { readonly no: string; readonly received: number; readonly refunds: readonly string[] };
export type Books = {
  /** Per number to pay: received, and each refund by its number. */
  readonly lines: readonly Line[];
  /** What lies at the channel. */
  readonly atPlace: number;
};

/** What the channel gave back by itself has a number at each side. */
const backOf = (byItself: boolean, no: string, fen: number): string => `${byItself ? 'by itself' : no}: ${fen}`;

/** What we booked, and what the channel has under the same numbers. Equal, or one of us is wrong. */
export async function bothBooks(
  db: Database,
  doors: Doors,
  accountId: string,
): Promise<{ readonly ours: Books; readonly theirs: Books }> {
  const rows = await db.query<{
    no: string;
    received: string;
    refunds: { no: string; origin: string; minor: number }[];
  }>(
    `select a.serial_no as no, a.received_minor::text as received,
       coalesce((select json_agg(json_build_object('no', r.refund_no, 'origin', r.origin, 'minor', r.amount_minor)) from refunds r
         where r.bucket = a.bucket and r.attempt_id = a.id and r.state = 'refunded'), '[]') as refunds
     from payment_attempts a where a.account_id = $1 order by 1`,
    [accountId],
  );
  const [place] = await db.query<{ sum: string }>(
    `select coalesce(sum(balance), 0)::text as sum from slots where account = $1`,
    [`channel_receivable:p=${accountId}:c=CNY`],
  );
  const ours = rows.map(({ no, received, refunds }) => {
    return {
      no,
      received: Number(received),
      refunds: refunds.map((one) => backOf(one.origin === 'channel', one.no, one.minor)).sort(),
    };
  });
  const trades = await theirTrades(
    doors,
    rows.map(({ no }) => no),
  );
  const theirs = rows.map(({ no }) =>
    lineOf(
      no,
      trades.filter((trade) => trade.out_trade_no === no),
    ),
  );
  const left = trades.reduce(
    (sum, trade) => sum + (trade.paid_at === null ? 0 : trade.amount_fen) - trade.refunded_fen,
    0,
  );
  return { ours: { lines: ours, atPlace: Number(place?.sum) }, theirs: { lines: theirs, atPlace: left } };
}

function lineOf(no: string, trades: readonly TheirTrade[]): Line {
  const received = trades.reduce((sum, trade) => sum + (trade.paid_at === null ? 0 : trade.amount_fen), 0);
  const refunds = trades.flatMap((trade) =>
    trade.refunds.map((one) => backOf(one.by !== 'refund', one.out_request_no, one.amount_fen)),
  );
  return { no, received, refunds: refunds.sort() };
}

/** What breaks a law of the ledger or of the records: refunds within receipts, whatever is open due or with a person, the shop told once. */
export async function brokenLaws(db: Database): Promise<readonly string[]> {
  const ledger = (await checkLedger(db)).map((one) => `${one.law}: ${JSON.stringify(one.found)}`);
  return [...ledger, ...(await brokenRecords(db))];
}
