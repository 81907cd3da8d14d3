import type { Instant } from '../kernel/index.ts';
import type { CustomsRules } from '../channels/contract/index.ts';
import { priorities } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import type { Declaration } from './declaration.ts';

/** The channel's customs rules by channel id; a channel that is gone has none, and nothing is asked of it. */
export type RulesOf = (channel: string) => CustomsRules | undefined;

export function askWish(
  declaration: Pick<Declaration, 'bucket' | 'id' | 'accountId'>,
  dueAt: Instant,
  priority: JobWish['priority'],
): JobWish {
  const lane = laneOf(declaration.accountId, 'customs.query');
  return { bucket: declaration.bucket, kind: 'customs.ask', subject: declaration.id, lane, dueAt, priority };
}

export function pushWish(declaration: Declaration, dueAt: Instant, planId: string): JobWish {
  return {
    bucket: declaration.bucket,
    kind: 'customs.push',
    subject: declaration.id,
    lane: laneOf(declaration.accountId, 'customs.declare'),
    dueAt,
    priority: priorities.plan,
    gapKey: gapKeyOf(declaration),
    payload: { planId },
  };
}

export function laneOf(accountId: string, operation: string): string {
  return `${accountId}/${operation}`;
}

/** Alipay counts its minutes between pushes per payment, whatever the declaration (acquire.customs document). */
export function gapKeyOf({ accountId, tradeNo }: { accountId: string; tradeNo: string }): string {
  return `push/${accountId}/${tradeNo}`;
}
