import { done } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import { canBeNumber, findStories as findCustomsStories } from '../customs/index.ts';
import type { CustomsJobParts, Story as CustomsStory } from '../customs/index.ts';
import type { Actor } from '../identity/index.ts';
import { findOrderStories } from '../payments/index.ts';
import type { OrderStory } from '../payments/index.ts';
import { withShares } from './with-shares.ts';

export type Story = OrderStory | CustomsStory;

export type AskedNumber = {
  readonly number: string;
  /** Which numbers of the records these are: `order`, `trade`, `payment_serial`, `waybill` … Empty when nothing was found. */
  readonly kinds: readonly string[];
  readonly stories: readonly Story[];
  /** number.not_found, or number.check_digit for a serial number with a wrong digit. */
  readonly refusal?: Refusal;
};

export type StoriesAnswer = {
  readonly asked: readonly AskedNumber[];
  /** More records carry these numbers than one answer holds: ask with fewer numbers. */
  readonly more: boolean;
};

/**
 * One number → whole story: of an order and its money, of a declaration, of a plan, report, approval or case. What the number itself names
 * stands first, money before customs. A list of numbers gives a list of answers in its order.
 * @returns refusals of `allowed`, usage.bad_input; a number that is not found, or is another merchant's, is an answer, not a refusal of the whole.
 */
export async function findStories(
  parts: CustomsJobParts,
  actor: Actor,
  numbers: readonly string[],
): Promise<Result<StoriesAnswer>> {
  const found = await findCustomsStories(parts, actor, numbers);
  if (!found.ok) return found;
  const wanted = found.value.asked.map(({ number }) => number);
  const orders = await findOrderStories(parts, actor, wanted.filter(canBeNumber));
  if (!orders.ok) return orders;
  const told = await withShares(parts, orders.value.asked);
  const money = new Map(told.map((one) => [one.number, one]));
  const asked = found.value.asked.map((customs): AskedNumber => {
    const own = money.get(customs.number);
    if (!own || own.stories.length === 0) return customs;
    const numbered = customs.stories.filter(({ kind }) => kind !== 'declaration');
    const declared = customs.stories.filter(({ kind }) => kind === 'declaration');
    const kinds = [...new Set([...customs.kinds, ...own.kinds])];
    return { number: customs.number, kinds, stories: [...numbered, ...own.stories, ...declared] };
  });
  return done({ asked, more: found.value.more || orders.value.more });
}
