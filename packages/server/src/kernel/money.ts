import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

export type Currency = Brand<string, 'Currency'>;
/** `minor` counts the smallest unit of the currency (fen for CNY). Never a float (architecture rule 5). */
export type Money = { readonly minor: bigint; readonly currency: Currency };

export const CNY = 'CNY' as Currency;

/** ISO 4217 minor digits of the currencies we may meet; an unknown currency is refused, not guessed. */
const minorDigits = new Map<string, number>([
  ['CNY', 2],
  ['USD', 2],
  ['EUR', 2],
  ['HKD', 2],
  ['GBP', 2],
  ['AUD', 2],
  ['CAD', 2],
  ['NZD', 2],
  ['SGD', 2],
  ['JPY', 0],
  ['KRW', 0],
]);

function minorDigitsOf(currency: Currency): number {
  const digits = minorDigits.get(currency);
  assert(digits !== undefined, `currency ${currency} is not in the table of minor digits`);
  return digits;
}

/**
 * Reads a decimal amount ("420", "420.0", "420.00") into minor units.
 * Returns undefined for anything else: signs, blanks, grouping, or digits below the minor unit, which are never rounded away.
 */
export function parseDecimal(text: string, currency: Currency): Money | undefined {
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(text);
  if (!match) return undefined;
  const digits = minorDigitsOf(currency);
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return undefined;
  return { minor: BigInt((match[1] ?? '') + fraction.padEnd(digits, '0')), currency };
}

/** Writes the amount with exactly the currency's decimals: 42000 fen → "420.00". */
export function toDecimal(money: Money): string {
  const digits = minorDigitsOf(money.currency);
  const sign = money.minor < 0n ? '-' : '';
  const text = (money.minor < 0n ? -money.minor : money.minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export function sumMoney(items: readonly Money[], currency: Currency): Money {
  let minor = 0n;
  for (const item of items) {
    assert(item.currency === currency, `cannot add ${item.currency} to ${currency}`);
    minor += item.minor;
  }
  return { minor, currency };
}
