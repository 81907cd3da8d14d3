import type { PayRules } from '../channels/contract/index.ts';
import type { Job } from '../platform/jobs.ts';
import type { Attempt } from './attempt.ts';

export type PayOperation = 'pay.submit' | 'pay.query' | 'pay.close' | 'pay.cancel';

const waitsFor: Readonly<Record<PayOperation, readonly Attempt['state'][]>> = {
  'pay.submit': ['submitting', 'in_doubt', 'trade_open'],
  'pay.query': ['submitting', 'in_doubt', 'cashier_open', 'trade_open', 'closing', 'rejected', 'closed'],
  'pay.close': ['closing', 'rejected', 'closed'],
  'pay.cancel': ['closing', 'rejected', 'closed'],
};

type Standing = Pick<Attempt, 'state' | 'product' | 'closeFrom'>;

/**
 * Whether a call still serves anything when its turn comes. A first call whose fate is known, or in doubt, is made again only for its hand-out, where
 * the channel takes the same number for the same; a success is asked about only where a cancel that is in doubt may have given it back.
 */
export function isWaitedFor(operation: PayOperation, { state, product, closeFrom }: Standing, pay?: PayRules): boolean {
  const isCharged = pay?.products[product]?.codePayment !== undefined;
  if (operation === 'pay.submit' && state !== 'submitting')
    return waitsFor[operation].includes(state) && pay?.resendIsSafe === true && !isCharged;
  const mayBeGivenBack = state === 'succeeded' && isCharged && closeFrom !== undefined;
  return waitsFor[operation].includes(state) || mayBeGivenBack;
}

/** What is paid is not cancelled any more. */
export const isNeedless = (operation: PayOperation, { state }: Standing): boolean =>
  operation !== 'pay.query' && state === 'succeeded';

/** Calls that are asked about, not made again, once they may have reached the channel (architecture rule 2). */
export const isAsked = (operation: PayOperation, { state }: Standing): boolean =>
  (operation === 'pay.submit' && state === 'submitting') || (operation === 'pay.cancel' && state === 'succeeded');

/** An earlier try of it was begun, and nobody wrote that it stayed on this machine. */
export const mayHaveLeft = ({ payload }: Pick<Job, 'payload'>, nextTry: number): boolean =>
  nextTry > 1 && payload['unsent'] !== nextTry - 1;
