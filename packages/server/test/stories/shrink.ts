import type { Step, Story, StoryOrder } from './story.ts';

/** Whether a story still breaks the law in question. */
export type StillBroken = (story: Story) => Promise<boolean>;

/**
 * The shortest story that is found within the time: steps are left out in ever smaller parts (delta debugging, Zeller and Hildebrandt
 * 2002), then orders, then what is left of lists, waits and repetitions.
 */
export async function shrink(story: Story, stillBroken: StillBroken, isLate: () => boolean): Promise<Story> {
  let best = story;
  for (let before = ''; before !== JSON.stringify(best) && !isLate();) {
    before = JSON.stringify(best);
    best = { ...best, steps: await fewer(best.steps, (steps) => stillBroken({ ...best, steps }), isLate) };
    best = await fewerOrders(best, stillBroken, isLate);
    best = await simplerSteps(best, stillBroken, isLate);
    best = await plainerOrders(best, stillBroken, isLate);
  }
  return best;
}

export async function fewer<T>(
  all: readonly T[],
  works: (part: readonly T[]) => Promise<boolean>,
  isLate: () => boolean,
): Promise<readonly T[]> {
  let kept = all;
  for (let size = Math.ceil(kept.length / 2); size >= 1;) {
    let isShorter = false;
    for (let from = 0; from < kept.length && !isLate();) {
      const rest = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (rest.length > 0 && (await works(rest))) {
        kept = rest;
        isShorter = true;
      } else from += size;
    }
    if (isLate() || (size === 1 && !isShorter)) break;
    size = isShorter ? Math.min(size, Math.ceil(kept.length / 2)) : Math.floor(size / 2);
  }
  return kept;
}

/** Orders keep their places, for their numbers come from there: one that is left out is named by no step any more. */
async function fewerOrders(story: Story, stillBroken: StillBroken, isLate: () => boolean): Promise<Story> {
  let best = story;
  for (let index = best.orders.length - 1; index >= 0 && best.orders.length > 1 && !isLate(); index -= 1) {
    const isLast = index === best.orders.length - 1;
    const steps = best.steps.map((step) => without(step, index));
    const shorter = { ...best, orders: isLast ? best.orders.slice(0, -1) : best.orders, steps };
    if (JSON.stringify(shorter) !== JSON.stringify(best) && (await stillBroken(shorter))) best = shorter;
  }
  return best;
}

function without(step: Step, index: number): Step {
  const others = (orders: readonly number[]): readonly number[] => orders.filter((other) => other !== index);
  if (step.do === 'adopt' || step.do === 'channel') return { ...step, orders: others(step.orders) };
  if (step.do === 'list') return { ...step, orders: others(step.orders), released: others(step.released) };
  if (step.do === 'receipts') return { ...step, rows: step.rows.filter(([other]) => other !== index) };
  if (step.do === 'together') return { ...step, steps: step.steps.map((one) => without(one, index)) };
  return step.do === 'meanwhile' ? { ...step, step: without(step.step, index) } : step;
}

/** What a step could be instead and still be the same kind of story. */
function simplerOf(step: Step): readonly Step[] {
  if (step.do === 'together') return step.steps;
  if (step.do === 'meanwhile') return [step.step];
  if (step.do === 'channel' || step.do === 'network') return step.times > 1 ? [{ ...step, times: 1 }] : [];
  if (step.do === 'receipts') return step.rows.length > 1 ? step.rows.map((row) => ({ ...step, rows: [row] })) : [];
  if (step.do === 'die' || step.do === 'stand') return step.hit > 1 ? [{ ...step, hit: 1 }] : [];
  if (step.do !== 'pass') return [];
  return [1, 30, 60, 400].filter((seconds) => seconds < step.seconds).map((seconds) => ({ ...step, seconds }));
}

async function simplerSteps(story: Story, stillBroken: StillBroken, isLate: () => boolean): Promise<Story> {
  let best = story;
  for (let index = 0; index < best.steps.length; index += 1) {
    const step = best.steps[index];
    for (const simpler of step ? simplerOf(step) : []) {
      if (isLate()) return best;
      const tried = { ...best, steps: best.steps.with(index, simpler) };
      if (!(await stillBroken(tried))) continue;
      best = tried;
      break;
    }
  }
  return best;
}

async function plainerOrders(story: Story, stillBroken: StillBroken, isLate: () => boolean): Promise<Story> {
  let best = story;
  for (let index = 0; index < best.orders.length && !isLate(); index += 1) {
    const order = best.orders[index];
    if (!order) continue;
    const { nameless: _nameless, pushedBefore: _pushed, ...rest } = order;
    const plain: StoryOrder = { ...rest, fate: 'lost' };
    if (JSON.stringify(plain) === JSON.stringify(order)) continue;
    const tried = { ...best, orders: best.orders.with(index, plain) };
    if (await stillBroken(tried)) best = tried;
  }
  return best;
}
