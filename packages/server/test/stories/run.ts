import { makeStory } from './make-story.ts';
import { play } from './play.ts';
import { shrink } from './shrink.ts';
import type { Stage } from './stage.ts';
import { storyText } from './story.ts';
import type { Story } from './story.ts';

/** What the story of one seed came to. */
export type Outcome = {
  readonly seed: number;
  readonly digest: string;
  /** Calls that the network saw: pushes and questions. */
  readonly pushes: number;
  readonly questions: number;
  readonly broken?: { readonly law: string; readonly what: string; readonly step: number };
};

export async function runSeed(stage: Stage, seed: number, stepsMax: number): Promise<Outcome> {
  const { digest, calls, broken, step } = await play(stage, makeStory(seed, stepsMax));
  const pushes = calls.filter(({ operation }) => operation === 'declare').length;
  const told = { seed, digest, pushes, questions: calls.length - pushes };
  return broken ? { ...told, broken: { ...broken, step } } : told;
}

export type Shortest = { readonly story: Story; readonly text: string; readonly what: string };

/** The shortest story by which the same law breaks, as far as it is found in that many milliseconds. */
export async function shortestOf(
  stage: Stage,
  seed: number,
  stepsMax: number,
  isLate: () => boolean,
): Promise<Shortest | undefined> {
  const whole = makeStory(seed, stepsMax);
  const { broken } = await play(stage, whole);
  if (!broken) return undefined;
  const sameLaw = async (story: Story): Promise<boolean> => (await play(stage, story)).broken?.law === broken.law;
  const story = await shrink(whole, sameLaw, isLate);
  const again = await play(stage, story);
  return { story, text: storyText(story), what: again.broken?.what ?? broken.what };
}
