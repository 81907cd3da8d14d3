/** What the channel, or the way to it, does to the next call of that kind about one trade. */
export type CallFault =
  'unsent' | 'lost' | 'answer_lost' | 'unsigned' | 'unreadable' | 'slow' | 'late' | 'absent' | 'refused' | 'funds';

export type MoneyOperation = 'submit' | 'query' | 'close' | 'cancel' | 'refund' | 'refund_query';

/** Attempts, refunds and surplus receipts are named by their place within the order, so that an act may be left out. */
export type Act =
  | { readonly do: 'open'; readonly channel: StoryChannel; readonly product: Product; readonly keepOthers: boolean }
  | {
      readonly do: 'pay';
      readonly attempt: number;
      /** So many seconds after it the channel says so by itself; it says it again until it is heard. */
      readonly notify: readonly number[];
    }
  /** Somebody has the cashier open, and pays later or never. */
  | { readonly do: 'look'; readonly attempt: number }
  /** A bank's page that ends after the trade was closed: paid all the same. */
  | { readonly do: 'pay_late'; readonly attempt: number; readonly notify: readonly number[] }
  | { readonly do: 'say'; readonly attempt: number; readonly what: 'forged' | 'other_amount' | 'refund_news' }
  | { readonly do: 'fault'; readonly attempt: number; readonly on: MoneyOperation; readonly how: CallFault }
  | { readonly do: 'cancel' | 'keep' }
  | { readonly do: 'watch'; readonly attempt: number }
  /** Of what was received, in tenths; several of one act are asked for in one list. */
  | {
      readonly do: 'refund';
      readonly parts: readonly (readonly [number: string, tenths: number])[];
      readonly two: boolean;
    }
  | { readonly do: 'refund_act'; readonly refund: number; readonly told: 'approve' | 'withdraw' | 'topped_up' }
  | { readonly do: 'surplus'; readonly how: 'person_keep' | 'person_credit' | 'adopt' }
  /** Some process of ours dies when the database has answered it so many times. */
  | { readonly do: 'die'; readonly answers: number };

/** `calm` takes a number again as the same; at `strict` the same refund number again is another refund. One order may be paid at both. */
export type StoryChannel = 'calm' | 'strict';

export type Product = 'page' | 'wap' | 'code' | 'scan';

export type TimedAct = Act & { readonly at: number };

/** One order and what becomes of it; times in seconds after the beginning. */
export type MoneyOrder = {
  readonly no: number;
  readonly minor: number;
  /** Minutes after its first act. */
  readonly minutes: number;
  readonly acts: readonly TimedAct[];
};

export type MoneyStory = { readonly seed: number; readonly orders: readonly MoneyOrder[] };

export const orderNoOf = (no: number): string => `M${String(no).padStart(6, '0')}`;

/** As lines that a person can follow. */
export function moneyText({ orders }: MoneyStory): string {
  return orders
    .map(({ acts, no, ...order }) => {
      const lines = acts.map(({ at, do: verb, ...rest }) => `  ${at} s: ${verb} ${JSON.stringify(rest)}`);
      return [`order ${orderNoOf(no)} ${JSON.stringify(order)}`, ...lines].join('\n');
    })
    .join('\n');
}
