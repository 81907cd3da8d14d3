import type { SealedPlace } from '../platform/seal.ts';

/** Where the payer's code or id is kept, as `code:…` or `id:…`. */
export const sealedPlaceOf = (attemptId: string): SealedPlace => ({
  table: 'payment_attempts',
  column: 'payer_sealed',
  rowId: attemptId,
});
