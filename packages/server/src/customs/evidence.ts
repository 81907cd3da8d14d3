import type { Instant } from '../kernel/index.ts';
import { ranks } from './declaration.ts';
import type { Summary } from './declaration.ts';
import type { ChannelSnapshot } from './facts.ts';
import { meaningOf } from './return-status.ts';

/**
 * What is known of a re-push beyond the channel's SUCCESS, which an idempotent interface answers whether or not it sent anything
 * (Alipay acquire.customs document, re-push rules).
 * E0 nothing · E1 the channel worked on it · E2 customs' electronic port answered · E3 port or customs say the record is there.
 */
export const evidenceLevels = ['E0', 'E1', 'E2', 'E3'] as const;
export type EvidenceLevel = (typeof evidenceLevels)[number];

/** How things stood before the push: nothing later than `pushedAt` is in it. */
export type Before = { readonly snapshot?: ChannelSnapshot; readonly askedAt?: Instant; readonly notFound?: true };

export type Evidence = {
  readonly level: EvidenceLevel;
  readonly reasons: readonly string[];
  /** True when the level rests on an answer without a signature we could check. */
  readonly unsigned: boolean;
};

/** Compares what is known now with how things stood before the push. A snapshot from before the push proves nothing about it. */
export function evidenceOf(before: Before, pushedAt: Instant, now: Summary): Evidence {
  const port = portReasons(pushedAt, now);
  if (port.length > 0) return { level: 'E3', reasons: port, unsigned: false };
  const { snapshot, snapshotAt } = now;
  if (!snapshot || snapshotAt === undefined || snapshotAt <= pushedAt)
    return { level: 'E0', reasons: [], unsigned: false };
  const unsigned = now.snapshotTrust !== 'verified';
  const receipt = receiptReasons(before, pushedAt, snapshot).filter(
    // Unsigned content counts only by what it could not have carried before (Alipay customs query: the signing of records is unconfirmed).
    (reason) => !unsigned || reason !== 'receipt_became_good',
  );
  if (receipt.length > 0) return { level: 'E2', reasons: receipt, unsigned };
  const worked = workedReasons(before, pushedAt, snapshot);
  if (worked.length > 0) return { level: 'E1', reasons: worked, unsigned };
  return { level: 'E0', reasons: [], unsigned };
}

function portReasons(pushedAt: Instant, now: Summary): string[] {
  const reasons: string[] = [];
  if (now.released && now.released.at > pushedAt) reasons.push('released_after_push');
  if (now.customsGoodAt !== undefined && now.customsGoodAt > pushedAt) reasons.push('customs_receipt_after_push');
  return reasons;
}

function receiptReasons(before: Before, pushedAt: Instant, after: ChannelSnapshot): string[] {
  const { receipt } = after;
  // An answer that never came, or that nobody could read, is none: the date is that of the channel, which has worked on it.
  if (!receipt || meaningOf(receipt.code).isSilence) return [];
  // Written before the push, it answers an earlier one, however late it was heard.
  if (receipt.at !== undefined && receipt.at < wholeSecond(pushedAt)) return [];
  // Without a date and without an earlier look there is nothing to tell it from an old one.
  if (receipt.at === undefined && !before.snapshot && before.notFound !== true) return [];
  const old = before.snapshot?.receipt;
  const reasons: string[] = [];
  // Channels write whole seconds: a receipt in the second of the push counts only if it was not there before.
  if (receipt.at !== undefined && receipt.at !== old?.at) reasons.push('receipt_time_after_push');
  if (receipt.receiptId !== undefined && receipt.receiptId !== old?.receiptId) reasons.push('another_receipt_id');
  const better = isGood(receipt.code) && !(old && isGood(old.code));
  if (better) reasons.push('receipt_became_good');
  return reasons;
}

function isGood(code: string): boolean {
  return meaningOf(code).rank >= ranks.eport;
}

function workedReasons(before: Before, pushedAt: Instant, after: ChannelSnapshot): string[] {
  const reasons: string[] = [];
  const old = before.snapshot;
  const modified = after.lastModifiedAt;
  if (modified !== undefined && modified >= wholeSecond(pushedAt) && modified !== old?.lastModifiedAt) {
    reasons.push('modified_after_push');
  }
  if (old?.progress === 'done' && (after.progress === 'waiting' || after.progress === 'sending')) {
    reasons.push('channel_started_again');
  }
  if (before.notFound) reasons.push('found_after_push');
  return reasons;
}

function wholeSecond(at: Instant): number {
  return Math.floor(at / 1000) * 1000;
}

/** Evidence never falls: a later look that shows less does not take back what an earlier one proved. */
export function higherEvidence(a: EvidenceLevel, b: EvidenceLevel): EvidenceLevel {
  return a > b ? a : b;
}
