import { inDoubt } from '../../kernel/index.ts';
import type { Outcome } from '../../kernel/index.ts';
import type { CloseFacts, PayOperations } from '../contract/index.ts';
import type { OpenapiSaid } from './openapi-answer.ts';
import { cancelRefusals, closeRefusals } from './openapi-codes.ts';
import { endingCall } from './pay-end.ts';

/** alipay.trade.close: for a trade that exists and is unpaid. A cashier that nobody has opened yet cannot be closed: it lives on. */
export const close: PayOperations['close'] = endingCall({
  method: 'alipay.trade.close',
  refusals: closeRefusals,
  absentCode: 'ACQ.TRADE_NOT_EXIST',
  ended: () => ({ outcome: { kind: 'succeeded', facts: { action: 'closed' } } }),
});

/** alipay.trade.cancel, within a day and for code payments in doubt only: on a paid trade it gives the money back. */
export const cancel: PayOperations['close'] = endingCall({
  method: 'alipay.trade.cancel',
  refusals: cancelRefusals,
  ended: (said) => cancelled(said),
});

const actions = new Map<string, CloseFacts['action']>([
  ['close', 'closed'],
  ['refund', 'refunded'],
]);

function cancelled(said: OpenapiSaid): { readonly outcome: Outcome<CloseFacts>; readonly isAbsent?: boolean } {
  // An unknown number is answered with success, too; only the action is missing then.
  if (!said.has('action') && !isAskedAgain(said))
    return { outcome: inDoubt('nothing was cancelled: no trade was found'), isAbsent: true };
  const action = actions.get(said.field('action'));
  if (action === undefined) return { outcome: inDoubt(`action ${said.field('action')} is not listed`) };
  if (isAskedAgain(said)) return { outcome: inDoubt('the channel wants to be asked to cancel again') };
  return { outcome: { kind: 'succeeded', facts: { action } } };
}

/** The answer table has it always; only N ends the cancelling. */
const isAskedAgain = (said: OpenapiSaid): boolean => said.field('retry_flag') !== 'N';
