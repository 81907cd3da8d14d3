import type { Order, Purse, Refund } from './types.ts';
import { dateOf } from './times.ts';

/** One line of the fund-flow bill: the fee has lines of its own. */
export type FundRow = {
  readonly at: number;
  readonly payee: string;
  readonly purse: Purse;
  readonly businessNo: string;
  readonly voucherNo: string;
  readonly name: string;
  readonly type: string;
  /** Fen; money to the merchant is positive. */
  readonly fen: number;
  readonly balanceFen: number;
  readonly remark: string;
};

/** One line of the trade bill. A refund stands under the day on which it was accepted. */
export type TradeRow = {
  readonly at: number;
  readonly kind: 'payment' | 'refund' | 'reversal';
  readonly order: Order;
  readonly refund: Refund | undefined;
};

const openingFen: Readonly<Record<Purse, number>> = { UNSETTLED: 0, AVAILABLE: 100_000_000, BASIC: 100_000_000 };

/** What lies in whose purse, and the lines of every day's bills. */
export class Ledger {
  readonly #balances = new Map<string, number>();
  readonly #funds = new Map<string, FundRow[]>();
  readonly #trades = new Map<string, TradeRow[]>();

  balanceOf(payee: string, purse: Purse): number {
    return this.#balances.get(`${payee}|${purse}`) ?? openingFen[purse];
  }

  set(payee: string, purse: Purse, fen: number): void {
    this.#balances.set(`${payee}|${purse}`, fen);
  }

  move(row: Omit<FundRow, 'balanceFen'>): void {
    if (row.fen === 0) return;
    const balanceFen = this.balanceOf(row.payee, row.purse) + row.fen;
    this.set(row.payee, row.purse, balanceFen);
    append(this.#funds, `${row.payee}|${dateOf(row.at)}`, { ...row, balanceFen });
  }

  record(row: TradeRow): void {
    append(this.#trades, `${row.order.terms.payee}|${dateOf(row.at)}`, row);
  }

  fundsOf(payee: string, date: string): readonly FundRow[] {
    return this.#funds.get(`${payee}|${date}`) ?? [];
  }

  tradesOf(payee: string, date: string): readonly TradeRow[] {
    return this.#trades.get(`${payee}|${date}`) ?? [];
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const rows = map.get(key);
  if (rows) rows.push(value);
  else map.set(key, [value]);
}
