import { expect, test } from 'vitest';
import { factsOf, second, snapshotOf } from '../../test/properties/facts.ts';
import { foldFacts } from './declaration.ts';
import { evidenceLevels, evidenceOf, higherEvidence } from './evidence.ts';
import type { Before } from './evidence.ts';
import { beforeOf } from './plan-item.ts';

/** The push leaves half a second into second 100. What was heard earlier is how things stood; channels write whole seconds. */
const pushedAt = second(100.5);

const table = `
  level  reasons                                           known before            heard after the push
  E0     -                                                 found=succ@50           -
  E0     -                                                 found=succ@50           ok=1@101
  E0     -                                                 found=succ@50           found=succ@160
  E0     -                                                 found=succ@50           gone@160
  E0     -                                                 found=succ@50           unclear@160
  E0     -                                                 found=succ:2:40@50      found=succ:2:40@160
  E0     -                                                 found=succ@50           found=succ:2:99@160
  E0     -                                                 found=succ:4:40@50      found=succ:3:99@160
  E0     -                                                 found=succ:2:40@50      found=succ:3:99@160 found=succ:3:99@260
  E0     -                                                 found=succ@50           unsigned_found=succ:2:99@160
  E1     channel_started_again                             found=succ@50           found=ws@160
  E1     channel_started_again                             found=succ@50           found=sending@160
  E0     -                                                 found=ws@50             found=sending@160
  E1     found_after_push                                  gone@50                 found=ws@160
  E2     receipt_time_after_push,receipt_became_good       found=succ@50           found=succ:2:100@160
  E2     receipt_time_after_push,receipt_became_good       found=succ@50           found=succ:2:101@160
  E2     receipt_time_after_push                           found=succ:2:40@50      found=succ:2:110@160
  E0     -                                                 found=succ:2:100@100    found=succ:2:100@160
  E2     receipt_time_after_push                           found=succ:2:40@50      found=sending:4:110@160
  E2     receipt_time_after_push                           found=succ@50           unsigned_found=succ:2:110@160
  E2     receipt_time_after_push,receipt_became_good       gone@50                 found=succ:2:110@160
  E2     receipt_time_after_push,receipt_became_good       -                       found=succ:2:110@160
  E3     released_after_push                               found=succ@50           released@160
  E3     customs_receipt_after_push                        found=succ@50           r=2@160
  E3     customs_receipt_after_push                        found=succ:3:40@50      r=2@160
  E3     customs_receipt_after_push                        found=succ@50           found=succ:3:110@160 r=2@120
  E0     -                                                 found=succ@50           r=1@160
  E0     -                                                 found=succ@50           r=4@160
  E0     -                                                 found=succ@50           r=100@160
  E0     -                                                 found=succ@50,r=2@90    -
  E0     -                                                 found=succ@50           r=2@90
`;

function cellsOf(line: string): [string, string, string, string] {
  const [level = '', reasons = '', before = '', after = ''] = line.trim().split(/\s{2,}/);
  return [level, reasons, before, after];
}

test('only what happened after the push counts, and the ladder names what it rests on', () => {
  const lines = table.trim().split('\n').slice(1).map(cellsOf);
  const read = lines.map(([, , known, after]) => {
    const words = (text: string): string => text.replace(/^-$/, '').replaceAll(',', ' ');
    const then = foldFacts(factsOf(words(known)));
    const found = evidenceOf(beforeOf(then) ?? {}, pushedAt, foldFacts(factsOf(words(after)), then));
    return [found.level, found.reasons.join() || '-', known, after];
  });
  expect(read).toEqual(lines);
});

const bare: Before = { snapshot: snapshotOf({}) };
const evidenceWith = (before: Before, snapshot: ReturnType<typeof snapshotOf>) =>
  evidenceOf(before, pushedAt, { ...foldFacts([]), snapshot, snapshotAt: second(160), snapshotTrust: 'verified' });

test('a look from before the push proves nothing about it, whatever it shows', () => {
  const looked = (at: number) =>
    evidenceOf(bare, pushedAt, {
      ...foldFacts([]),
      snapshot: snapshotOf({ progress: 'sending', receipt: { code: 'succ', text: '' } }),
      snapshotAt: second(at),
      snapshotTrust: 'verified',
    }).level;
  expect([99, 100.5, 100.501].map(looked)).toEqual(['E0', 'E0', 'E2']);
});

test('a change in the second of the push counts only when it was not there before', () => {
  const modified = (at: number) => snapshotOf({ lastModifiedAt: second(at) });
  const levels = [99, 100, 101].map((at) => evidenceWith({ snapshot: modified(40) }, modified(at)).level);
  expect(levels).toEqual(['E0', 'E1', 'E1']);
  expect(evidenceWith({ snapshot: modified(100) }, modified(100)).level).toBe('E0');
});

test('a place that writes no dates needs an earlier look: only a change from it counts', () => {
  const word = (code: string) => snapshotOf({ receipt: { code, text: '' } });
  expect(evidenceWith(bare, word('succ'))).toMatchObject({ level: 'E2', reasons: ['receipt_became_good'] });
  expect(evidenceWith({ snapshot: word('succ') }, word('succ')).level).toBe('E0');
  expect(evidenceWith({ snapshot: word('fail') }, word('succ')).level).toBe('E2');
  expect(evidenceWith({}, word('succ')).level).toBe('E0');
});

test('another receipt id counts, unless the receipt is dated before the push', () => {
  const id = (receiptId: string, at: number) =>
    snapshotOf({ receipt: { code: '2', text: '', at: second(at), receiptId } });
  expect(evidenceWith({ snapshot: id('a', 40) }, id('b', 110)).reasons).toEqual([
    'receipt_time_after_push',
    'another_receipt_id',
  ]);
  expect(evidenceWith({ snapshot: id('a', 40) }, id('b', 99)).level).toBe('E0');
});

test('that customs gave no answer is no answer of customs, however new it is: the channel has worked on it, no more', () => {
  const excepted = (at: number) =>
    snapshotOf({
      ...{ channelStatus: 'EXCEPT', progress: 'other', lastModifiedAt: second(at) },
      receipt: { code: 'EXCEPT', text: '', at: second(at) },
    });
  expect(evidenceWith({ snapshot: excepted(40) }, excepted(110))).toMatchObject({
    level: 'E1',
    reasons: ['modified_after_push'],
  });
});

test('an answer without a signature proves by its dates alone, never by a word that became better', () => {
  const unsigned = (code: string, at?: number) =>
    evidenceOf(bare, pushedAt, {
      ...foldFacts([]),
      snapshot: snapshotOf({ receipt: { code, text: '', ...(at === undefined ? {} : { at: second(at) }) } }),
      snapshotAt: second(160),
      snapshotTrust: 'transport_only',
    });
  expect(unsigned('succ')).toMatchObject({ level: 'E0', unsigned: true });
  expect(unsigned('2', 110)).toEqual({ level: 'E2', reasons: ['receipt_time_after_push'], unsigned: true });
});

test('of two levels the higher stays, in whatever order they come', () => {
  for (const a of evidenceLevels)
    for (const b of evidenceLevels) {
      const higher = evidenceLevels[Math.max(evidenceLevels.indexOf(a), evidenceLevels.indexOf(b))];
      expect([higherEvidence(a, b), higherEvidence(b, a)]).toEqual([higher, higher]);
    }
});
