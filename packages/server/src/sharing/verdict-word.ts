import type { Refusal } from '../kernel/index.ts';
import type { Heard } from './observe-share.ts';
import { wasTaken } from './observe-share.ts';
import type { Share, ShareReturn } from './share.ts';

/**
 * Two people end what the channel leaves open. What it has verifiably taken on is never called undone: it may still be carried out.
 */
export function refuseShareVerdict(
  one: Share | ShareReturn,
  { by, outcome }: Pick<Heard<unknown>, 'by' | 'outcome'>,
): Refusal | undefined {
  if (by !== 'people') return undefined;
  const { state } = one;
  if (state !== 'in_doubt' && state !== 'processing') return { code: 'share.not_waiting', params: { state } };
  return outcome.kind === 'rejected' && wasTaken(one) ? { code: 'share.was_taken', params: {} } : undefined;
}
