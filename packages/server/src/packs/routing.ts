import type { Declaration } from '../customs/index.ts';
import { cannotCompare, notJudged, routeOfRow, settledMeanwhile, underWay } from './routing.data.ts';
import type { Side } from './routing.data.ts';
import type { Words } from './words.ts';

/** What is known of a member besides its declaration. */
export type Judged = {
  /** Undefined: nobody has sorted it. */
  readonly verdictRow: string | undefined;
  readonly caveats: readonly string[];
  /** What its latest re-push is known to have done. */
  readonly evidence: string | undefined;
  /** A plan pushes it, holds it back or waits for what its push does. */
  readonly isUnderWay: boolean;
};

export type Routed = { readonly to: Side; readonly why: Words };

/** Pure: who is asked about a member. What was settled since it was sorted is asked of nobody. */
export function routeOf(
  { state }: Pick<Declaration, 'state'>,
  { verdictRow, caveats, evidence, isUnderWay }: Judged,
): Routed {
  // Row 16 is about a record that customs has: that its state says so settles nothing.
  if (state === 'released' || (state === 'at_customs' && verdictRow !== '16')) return settledMeanwhile;
  const route = comparedRoute(verdictRow, caveats);
  if (route.to !== 'channel' && route.to !== 'both') return route;
  // From E2 on a push counts as effective.
  if (routeOfRow[verdictRow ?? '']?.to === 'channel' && (evidence === 'E2' || evidence === 'E3'))
    return settledMeanwhile;
  return isUnderWay ? underWay : route;
}

/** Rows that compare channels (13, 14) say nothing of the port's or the channel's fault where there is one channel only. */
function comparedRoute(verdictRow: string | undefined, caveats: readonly string[]): Routed {
  if (caveats.includes('no_other_channel_to_compare')) return cannotCompare;
  return (verdictRow === undefined ? undefined : routeOfRow[verdictRow]) ?? notJudged;
}

/** `channel/alipay`, `port/ZONGSHU`: who gets a pack. */
export type Receiver = { readonly kind: 'channel' | 'port'; readonly id: string };

export function receiversOf(declaration: Pick<Declaration, 'channel' | 'place'>, to: Side): Receiver[] {
  const channel = { kind: 'channel', id: declaration.channel } as const;
  const port = { kind: 'port', id: declaration.place } as const;
  if (to === 'both') return [channel, port];
  if (to === 'channel') return [channel];
  return to === 'port' ? [port] : [];
}
