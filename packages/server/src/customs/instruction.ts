import type { QueryInstruction } from '../channels/contract/index.ts';
import type { Declaration } from './declaration.ts';
import { splitOf } from './number-rule.ts';

export type Declared = Pick<
  Declaration,
  'orderNo' | 'paidUnder' | 'tradeNo' | 'place' | 'numberRule' | 'customsOrderNo' | 'isSplit' | 'childOrderNo'
>;

/** The number that was paid with: our payment serial number; of a payment that another system made, the shop's own. */
export const serialOf = ({ paidUnder, orderNo }: Pick<Declaration, 'paidUnder' | 'orderNo'>): string =>
  paidUnder ?? orderNo;

/** A declaration as channels are told of it, to push it and to ask about it. */
export function instructionFor(
  requestNo: string,
  declared: Declared,
): Required<Omit<QueryInstruction, 'childOrderNo'>> & QueryInstruction {
  const { isSplit, childOrderNo } = splitOf(declared);
  return {
    ...{ requestNo, serialNo: serialOf(declared), tradeNo: declared.tradeNo, place: declared.place, isSplit },
    ...(childOrderNo === '' ? {} : { childOrderNo }),
  };
}
