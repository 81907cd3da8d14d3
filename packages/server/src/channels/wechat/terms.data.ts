import type { DefaultTerm } from '../contract/index.ts';

const source = 'default, to be confirmed with the channel';
const all = { product: '*', scene: '*', source } as const;

/** None of this is an account's contract: it holds for as long as nobody has written down what that one says. */
export const terms: readonly DefaultTerm[] = [
  {
    ...all,
    kind: 'fee',
    value: { rate: '0.006' },
    from: 'price list: 0.6 %; by category of business from 0.2 % to 1 %',
  },
  {
    ...{ ...all, kind: 'fee_return', value: { kind: 'rate' } },
    from: 'old fund flow: amount of the refund × rate, two decimals, with each refund',
  },
  {
    ...{ ...all, kind: 'fee_return', value: { kind: 'until_full' }, alternative: true },
    from: 'new fund flow: all of it has come back once the order is refunded in full',
  },
  {
    ...all,
    kind: 'refund_window',
    value: { days: 365 },
    from: 'refund document of APIv3: within a year of the payment',
  },
  { ...all, kind: 'refund_count', value: { max: 50 }, from: 'refund document of APIv3: fifty refunds of one order' },
  {
    ...all,
    kind: 'refund_gap',
    value: { seconds: 60 },
    from: 'refund document of APIv3: a minute between two of one order',
  },
  {
    ...{ ...all, kind: 'statement', value: { way: 'api', ready_from: '10:00', day_begins: '00:00' } },
    from: 'bill documents of APIv3: made from nine, to be fetched after ten the next morning',
  },
];
