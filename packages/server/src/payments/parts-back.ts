import { Secret } from '../kernel/index.ts';
import type { RefundInstruction } from '../channels/contract/index.ts';
import { sealableText } from '../platform/seal-words.ts';
import type { SealedPlace } from '../platform/seal.ts';
import { moneyOf } from './attempt.ts';

type PartsBack = NonNullable<RefundInstruction['partsBack']>;

/** Where the receivers that give back with a refund are kept: the same request goes again, also when a receiver was removed meanwhile. */
export const backPlaceOf = (refundId: string): SealedPlace => ({
  table: 'refunds',
  column: 'parts_back_sealed',
  rowId: refundId,
});

type Kept = {
  readonly kind: string;
  readonly account: string;
  readonly name?: string;
  readonly relation?: string;
  readonly minor: string;
  readonly currency: string;
};

/** Secrets in clear: only to be sealed. */
export const textOfPartsBack = (partsBack: PartsBack): Secret =>
  sealableText(partsBack.map(({ receiver, amount }) => ({ ...receiver, ...amount })));

export const partsBackFrom = (text: string): PartsBack =>
  (JSON.parse(text) as readonly Kept[]).map(({ kind, account, name, relation, minor, currency }) => ({
    receiver: {
      ...{ kind, account: new Secret(account) },
      ...(name === undefined ? {} : { name: new Secret(name) }),
      ...(relation === undefined ? {} : { relation }),
    },
    amount: moneyOf(BigInt(minor), currency),
  }));
