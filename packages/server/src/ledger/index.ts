export { partsOfAccount } from './account.ts';
export type { AccountId } from './account.ts';
export { chart } from './chart.data.ts';
export { correct } from './correction.ts';
export type { BookedEntry, Correction } from './correction.ts';
export { entry } from './entry.ts';
export type { EntryDraft, Force, Line, Origin } from './entry.ts';
export { hold, releaseHold, settleHold } from './holds.ts';
export type { Hold } from './holds.ts';
export { checkLedger } from './invariants.ts';
export type { Broken } from './invariants.ts';
export {
  openingBalances,
  paymentSucceeded,
  refundRefused,
  refundStarted,
  refundSucceeded,
  shareCameBack,
  shareDone,
  shareFailed,
  sharePromised,
  surplusKept,
  surplusReceived,
} from './journeys.ts';
export type { AtPlace, Received, RefundAmount, Refunded, RefundOf, RefundPurse, SharedPart } from './journeys.ts';
export { postEntries } from './post.ts';
export type { Booking, Overdraft, Posted } from './post.ts';
export { claimMatchesRecords, noFloorWithoutCase, successIsBooked } from './store-invariants.ts';
export type { Law } from './store-invariants.ts';
export { balanceAt, balances, entriesOf, trialBalance } from './store-reads.ts';
export type { StandingEntry, TrialOf, TrialRow } from './store-reads.ts';
