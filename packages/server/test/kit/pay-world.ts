import { expect } from 'vitest';
import { useStages } from './money-ground.ts';
import type { ChannelStage, Furnish } from './money-ground.ts';
import { bothBooks, brokenLaws } from './pay-books.ts';
import { doorsOf, furnish, makeKeys } from './pay-side.ts';

export { seller } from './pay-side.ts';

export type PayWorld = ChannelStage;

/** Whatever happened: what we booked at this place is what the channel has, and the laws of ledger and records hold. */
export async function expectEqualBooks(world: ChannelStage, accountId = world.accountId): Promise<void> {
  const { ours, theirs } = await bothBooks(world.app.db, world, accountId);
  expect(ours).toEqual(theirs);
  expect(await brokenLaws(world.app.db)).toEqual([]);
}

/** The OpenAPI gateway, played, and an account at it. */
export const openApi: Furnish = async (app, simulators) => {
  const doors = doorsOf(simulators.alipayUrl);
  return { ...doors, accountId: await furnish(app, `${simulators.alipayUrl}/gateway.do`, doors, makeKeys()) };
};

/** Server with its HTTP door and the simulated OpenAPI gateway on one moved clock. */
export function usePayWorld(start: string): { readonly world: PayWorld } {
  const own = useStages(start, { openApi });
  return {
    get world() {
      return own.world.openApi;
    },
  };
}
