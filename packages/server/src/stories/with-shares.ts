import { bucketOf } from '../kernel/index.ts';
import type { AskedOrder, OrderStory } from '../payments/index.ts';
import { findSharingStories } from '../sharing/index.ts';
import type { SharingParts, SharingStory } from '../sharing/index.ts';

/** The stories of orders, with what was shared of them in its place. */
export async function withShares(
  parts: Pick<SharingParts, 'db' | 'clock' | 'channels'>,
  asked: readonly AskedOrder[],
): Promise<readonly AskedOrder[]> {
  const orders = new Map(asked.flatMap(({ stories }) => stories).map((story) => [story.id, story]));
  const keys = [...orders.values()].map(({ id, merchantId, orderNo }) => ({
    id,
    bucket: bucketOf(merchantId, orderNo),
  }));
  const shares = await findSharingStories(parts, keys);
  return asked.map((one) => ({ ...one, stories: one.stories.map((story) => joined(story, shares.get(story.id))) }));
}

function joined(story: OrderStory, shares: SharingStory | undefined): OrderStory {
  if (!shares) return story;
  // That nothing is left to do is true of the order alone.
  const steps = story.next.filter(({ at, case: about }) => at !== undefined || about !== undefined);
  const next = shares.next.length === 0 ? story.next : [...steps, ...shares.next];
  return {
    ...story,
    timeline: [...story.timeline, ...shares.timeline].toSorted((a, b) => a.at - b.at),
    next: next.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0)),
    openCases: [...story.openCases, ...shares.openCases],
    can: [...story.can, ...shares.can],
  };
}
