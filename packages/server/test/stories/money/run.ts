import { makeMoney } from './make.ts';
import { playMoney } from './play.ts';
import type { MoneyStage } from './stage.ts';
import { moneyText, orderNoOf } from './story.ts';
import type { MoneyOrder, MoneyStory } from './story.ts';
import { fewer } from '../shrink.ts';

/** What the story of one seed came to. */
export type MoneyOutcome = {
  readonly seed: number;
  readonly orders: number;
  readonly digest: string;
  readonly calls: number;
  readonly broken?: { readonly law: string; readonly what: string; readonly step: number };
};

export async function runMoney(stage: MoneyStage, seed: number, orders: number): Promise<MoneyOutcome> {
  const { digest, calls, broken, second } = await playMoney(stage, makeMoney(seed, orders));
  const told = { seed, orders, digest, calls };
  return broken ? { ...told, broken: { law: broken.law, what: broken.what, step: second } } : told;
}

/** The shortest story by which the same law breaks, as far as it is found in time: first the orders that it takes, then their acts. */
export async function shortestMoney(
  stage: MoneyStage,
  seed: number,
  orders: number,
  isLate: () => boolean,
): Promise<{ text: string; what: string } | undefined> {
  const whole = makeMoney(seed, orders);
  const { broken } = await playMoney(stage, whole);
  if (!broken) return undefined;
  const breaks = async (tried: readonly MoneyOrder[]): Promise<boolean> =>
    (await playMoney(stage, { seed, orders: tried })).broken?.law === broken.law;
  const named = whole.orders.filter(({ no }) => orderNoOf(no) === broken.orderNo);
  let kept: readonly MoneyOrder[] = whole.orders;
  if (named.length > 0 && (await breaks(named))) kept = named;
  else kept = await fewer(kept, breaks, isLate);
  for (const [index, order] of kept.entries()) {
    const acts = await fewer(order.acts, (tried) => breaks(kept.with(index, { ...order, acts: tried })), isLate);
    kept = kept.with(index, { ...order, acts });
  }
  const story: MoneyStory = { seed, orders: kept };
  const again = await playMoney(stage, story);
  return { text: moneyText(story), what: again.broken?.what ?? broken.what };
}
