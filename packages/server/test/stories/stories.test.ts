// Goal: whatever channel, port, network, people and machines do, Liushui's laws hold after every step.
// Method: stories made from seeds, played by the real commands, jobs and workers on a real database against the simulator's books.
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useDatabase } from '../kit/database.ts';
import { emptyHistory, laws } from './invariants.ts';
import type { Truth } from './invariants.ts';
import { makeStory } from './make-story.ts';
import { play } from './play.ts';
import type { Played } from './play.ts';
import { shortestOf } from './run.ts';
import { shrink } from './shrink.ts';
import type { Snapshot } from './snapshot.ts';
import { Stage } from './stage.ts';
import { storyText } from './story.ts';
import type { Story } from './story.ts';

const database = useDatabase();
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(database.url, tmpdir());
}, 120_000);
afterAll(() => stage.close());

const ordinary: Story = {
  seed: 7,
  orders: [0, 1].map((trade) => ({ trade, place: 'ZONGSHU', fate: 'lost' })),
  steps: [
    { do: 'adopt', orders: [0, 1], numbers: true },
    { do: 'list', orders: [0, 1], released: [] },
    { do: 'triage', list: 0 },
    { do: 'pass', seconds: 60 },
    { do: 'judge', list: 0 },
    { do: 'propose', list: 0 },
    { do: 'decide', plan: 0, by: 'zhao', verdict: 'approve', digest: 'seen' },
    { do: 'run', plan: 0, by: 'wang' },
    { do: 'pass', seconds: 300 },
  ],
};

const pushesOf = ({ calls }: Played): number => calls.filter(({ operation }) => operation === 'declare').length;

test('an ordinary story pushes what was lost, proves it, and breaks no law', async () => {
  const played = await play(stage, ordinary);
  expect(played.broken).toBeUndefined();
  expect(pushesOf(played)).toBe(2);
  expect(played.last.items.map(({ evidence }) => evidence)).toEqual(['E2', 'E2']);
});

test('a process that dies in the middle is played on by another, and what it sent is asked about', async () => {
  const death = { do: 'die', at: 'worker.after_send', hit: 2, seconds: 5 } as const;
  const played = await play(stage, {
    ...ordinary,
    steps: [...ordinary.steps.slice(0, 7), death, ...ordinary.steps.slice(7)],
  });
  expect(played.broken).toBeUndefined();
  expect(new Set(played.calls.map(({ process }) => process)).size).toBe(2);
  expect(played.last.exchanges.filter(({ kind }) => kind === 'lost')).not.toEqual([]);
});

test('the same seed is the same story, to the last row', async () => {
  const story = makeStory(3);
  const first = await play(stage, story);
  await play(stage, makeStory(4));
  expect((await play(stage, story)).digest).toBe(first.digest);
  expect(makeStory(3)).toEqual(story);
});

test('eight stories break no law', { timeout: 120_000 }, async () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const { broken } = await play(stage, makeStory(seed));
    if (!broken) continue;
    const shortest = await shortestOf(stage, seed, 40, () => false);
    expect.fail(`${broken.law}: ${shortest?.what ?? ''}\n${shortest?.text ?? ''}\nnpm run simulate -- --seed ${seed}`);
  }
});

test('the shortest story has nothing in it that could be left out', async () => {
  const story: Story = { ...makeStory(5), steps: [...makeStory(5).steps, { do: 'port_box' }, { do: 'rebuild' }] };
  const needs = (tried: Story): Promise<boolean> =>
    Promise.resolve(['run', 'rebuild'].every((verb) => tried.steps.some((step) => step.do === verb)));
  const short = await shrink(story, needs, () => false);
  expect(short.steps.map((step) => step.do)).toEqual(['run', 'rebuild']);
  expect(short.orders).toEqual([expect.objectContaining({ fate: 'lost' })]);
  expect(storyText(short)).toContain('1. run plan');
});

describe('books that were tampered with break the law that they break', () => {
  let played: Played;
  let truth: Truth;
  beforeAll(async () => {
    played = await play(stage, ordinary);
    const { calls, memory } = played;
    truth = { story: ordinary, calls, adopted: memory.adopted, gapMs: 300_000 };
  });
  const judge = (change: (books: Snapshot) => Partial<Snapshot>, seen: Partial<Truth> = {}): string | undefined => {
    const { last } = played;
    return laws(emptyHistory, last, { ...last, ...change(last) }, { ...truth, ...seen })?.law;
  };

  test('untouched, they break none', () => expect(judge(() => ({}))).toBeUndefined());
  test.each<[string, (books: Snapshot) => Partial<Snapshot>]>([
    ['nothing that was adopted is lost', ({ declarations }) => ({ declarations: declarations.slice(1) })],
    ['facts, calls and plan items only grow', ({ facts }) => ({ facts: facts.slice(1) })],
    ['a plan never grows, and runs as it was approved', ({ items }) => ({ items: items.toReversed() })],
    [
      'no push without an approved plan that runs',
      ({ approvals }) => ({ approvals: approvals.map((one) => ({ ...one, checker: one.maker })) }),
    ],
    ['the record precedes the call', ({ subjects }) => ({ subjects: subjects.slice(1) })],
    ['evidence never falls', ({ items }) => ({ items: items.map((item) => ({ ...item, evidence: 'E1' })) })],
    [
      'evidence rises by a fact of its kind after the push, and by nothing else',
      ({ items }) => ({ items: items.map((item) => ({ ...item, evidence: 'E3' })) }),
    ],
    [
      'the summary is the fold of the facts',
      ({ declarations }) => ({
        declarations: declarations.map((one) => ({ ...one, summary: { ...one.summary, asked: 99 } })),
      }),
    ],
    ['every number finds its record', ({ numbers }) => ({ numbers: numbers.slice(1) })],
    ['every push of a plan is counted once', ({ items }) => ({ items: items.map((item) => ({ ...item, pushes: 2 })) })],
  ])('%s', (law, change) => expect(judge(change)).toBe(law));

  test('two pushes of one trade within five minutes are seen by what the network saw', () => {
    const calls = truth.calls.map((call) => ({ ...call, tradeNo: 'one' }));
    expect(judge(() => ({}), { calls })).toBe('nothing is pushed twice within the gap of its trade');
  });
});
