import { shanghaiText, type Instant } from '../kernel/index.ts';

/** `yyyy-mm-dd hh:mm`, Beijing. Sorts as text. */
export type Minute = string;

type Dated = { readonly orderNo: string; readonly acceptedAt?: Instant | undefined };

/** Many merchants number orders yyyymmddHHmm…; a sequence behind the date soon exceeds 23:59 and is recognised by that. */
const readableShareNeeded = 0.99;

/** When each order was placed, as its number tells it, else when its declaration was accepted. */
export function minutesOf(members: readonly Dated[]): readonly (Minute | undefined)[] {
  const dated = members.filter(({ orderNo }) => /^20\d{10}/.test(orderNo));
  const readable = dated.filter(({ orderNo }) => minuteOfNumber(orderNo) !== undefined);
  const numbersTell = dated.length > 0 && readable.length >= dated.length * readableShareNeeded;
  return members.map(({ orderNo, acceptedAt }) => {
    const told = numbersTell ? minuteOfNumber(orderNo) : undefined;
    return told ?? (acceptedAt === undefined ? undefined : shanghaiText(acceptedAt).slice(0, 16));
  });
}

function minuteOfNumber(orderNo: string): Minute | undefined {
  const match = /^(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)/.exec(orderNo);
  if (!match) return undefined;
  const [, year, month, day, hour, minute] = match;
  return `${year}-${month}-${day} ${hour}:${minute}`;
}
