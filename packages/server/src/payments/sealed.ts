import type { SealedPlace } from '../platform/seal.ts';

/** Where the payer's code or id is kept; which of the two, the product says. */
export const sealedPlaceOf = (attemptId: string): SealedPlace => ({
  table: 'payment_attempts',
  column: 'payer_sealed',
  rowId: attemptId,
});
