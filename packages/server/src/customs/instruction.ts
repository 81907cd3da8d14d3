import type { QueryInstruction } from '../channels/contract/index.ts';
import type { Declaration } from './declaration.ts';
import { splitOf } from './number-rule.ts';

export type Declared = Pick<
  Declaration,
  'orderNo' | 'tradeNo' | 'place' | 'numberRule' | 'customsOrderNo' | 'isSplit' | 'childOrderNo'
>;

/** A declaration as channels are told of it, to push it and to ask about it. An adopted payment was paid under the shop's own number. */
export function instructionFor(
  requestNo: string,
  declared: Declared,
): Required<Omit<QueryInstruction, 'childOrderNo'>> & QueryInstruction {
  const { isSplit, childOrderNo } = splitOf(declared);
  return {
    ...{ requestNo, serialNo: declared.orderNo, tradeNo: declared.tradeNo, place: declared.place, isSplit },
    ...(childOrderNo === '' ? {} : { childOrderNo }),
  };
}
