import { expect, test } from 'vitest';
import { factsOf, second } from '../../test/properties/facts.ts';
import { manifest } from '../channels/alipay/manifest.ts';
import { emptySummary, foldFact } from './declaration.ts';
import type { Declaration, Summary } from './declaration.ts';
import { isEffective, moveItem, nextLookAt, reasonToSkip } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import { decidePush } from './push-jobs.ts';

const rules = manifest.customs;
const due: PlanItem = { planId: 'P-1', state: 'due', why: '', pushes: 0, unsigned: false, numberChanged: false };
type Told = { readonly item: PlanItem; readonly summary: Summary };

/** An adopted declaration in a running plan, and what was heard of it, each at its own moment. */
function tell(words: string, from: Told = { item: due, summary: emptySummary }): Told {
  let told = from;
  for (const fact of factsOf(words)) {
    const summary = foldFact(told.summary, fact);
    told = { summary, item: moveItem(told.item, fact, summary, rules, fact.heardAt) };
  }
  return told;
}

const table = `
  state    pushes  evidence  facts
  due      0       -         adopted@-90 found=succ@-10
  pushing  1       -         adopted@-90 found=succ@-10 start=1@0
  pushed   1       E0        adopted@-90 found=succ@-10 start=1@0 ok=1@1
  pushed   1       E0        adopted@-90 found=succ@-10 start=1@0 doubt=1@10
  refused  1       -         adopted@-90 found=succ@-10 start=1@0 no=1:CONTEXT_INCONSISTENT@1
  due      0       -         adopted@-90 found=succ@-10 start=1@0 unsent=1@1
  pushed   1       E0        adopted@-90 found=succ@-10 start=1@0 doubt=1@10 start=2@400 unsent=2@401
  pushed   1       E1        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=ws@60
  pushed   1       E1        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=ws@60 found=succ@180
  pushed   1       E0        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=succ:2:-5@60
  judged   1       E2        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=succ:2:30@60
  judged   1       E3        adopted@-90 found=succ@-10 start=1@0 ok=1@1 r=120@60
  judged   1       E3        adopted@-90 found=succ@-10 start=1@0 ok=1@1 released@60
  pushed   1       E0        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=succ@1799
  judged   1       E0        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=succ@1800
  judged   1       E0        adopted@-90 found=succ@-10 start=1@0 ok=1@1 gone@1800
  judged   1       E1        adopted@-90 found=succ@-10 start=1@0 ok=1@1 found=ws@60 found=succ@1800
  pushed   1       E0        adopted@-90 found=succ@-10 start=1@0 ok=1@1 unclear@1800
  judged   1       E2        adopted@-90 found=succ@-10 start=1@0 ok=1@1 unclear@1800 found=succ:2:30@1815
  judged   2       E2        adopted@-90 found=succ@-10 start=1@0 doubt=1@10 found=succ@60 start=2@400 ok=2@401 found=succ:2:430@460
`;

test('SUCCESS moves an item to E0 and no further; only what is heard later can move it on', () => {
  const lines = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/\s+/g, ' '));
  const read = lines.map((line) => {
    const words = line.split(' ').slice(3).join(' ');
    const { item } = tell(words);
    return `${item.state} ${item.pushes} ${item.evidence ?? '-'} ${words}`;
  });
  expect(read).toEqual(lines);
});

test('what stood there at the last look before the first push is what later looks are compared with', () => {
  const late = tell('adopted@-90 found=succ@-60 found=succ:2:-30@-5 start=1@0 ok=1@1 found=succ:2:-30@60');
  expect(late.item).toMatchObject({ state: 'pushed', evidence: 'E0' });
  const again = tell('adopted@-90 found=succ@-60 start=1@0 doubt=1@10 found=ws@60 start=2@400');
  expect(again.item).toMatchObject({ before: { snapshot: { progress: 'done' } }, pushedAt: second(0) });
});

test('evidence is looked for at the times of the manifest, and a doubtful look at the end is not repeated without a pause', () => {
  const look = (words: string, now: number): number | undefined => {
    const { item, summary } = tell(`adopted@-90 found=succ@-10 start=1@0 ok=1@1 ${words}`);
    const at = nextLookAt(item, summary, rules, second(now));
    return at === undefined ? undefined : (at - second(0)) / 1000;
  };
  expect([look('', 2), look('found=succ@60', 61), look('found=succ@180', 181)]).toEqual([60, 180, 600]);
  expect(look('found=succ@600', 601)).toBe(1800);
  expect(look('', 1900)).toBe(1900);
  expect(look('unclear@1800', 1801)).toBeUndefined();
});

const declaration: Pick<Declaration, 'place' | 'requestNo' | 'numberRule'> = {
  place: 'ZONGSHU',
  requestNo: 'LS00000001',
  numberRule: 'adopted',
};
const with_ = (summary: Summary, changes: Partial<Declaration> = {}): Declaration =>
  ({ ...declaration, summary, ...changes }) as Declaration;

const pushes = `
  decision   now   facts
  push       0     adopted@-900 found=succ@-10
  push       0     adopted@-900 gone@-10
  ask_first  0     adopted@-900
  ask_first  0     adopted@-900 unclear@-10
  skip       0     adopted@-900 found=succ@-10 released@-5
  skip       0     adopted@-900 found=succ:3:-20@-10
  skip       0     adopted@-900 found=succ:2:-20@-10
  skip       0     adopted@-900 found=fail:100@-10
  ask_first  99    adopted@-900 found=succ@-10 start=1@0
  ask_first  400   adopted@-900 found=succ@-10 start=1@0 doubt=1@10
  ask_first  400   adopted@-900 found=succ@-10 start=1@0 doubt=1@10 unclear@60
  push       400   adopted@-900 found=succ@-10 start=1@0 doubt=1@10 found=succ@60
  done       400   adopted@-900 found=succ@-10 start=1@0 doubt=1@10 found=ws@60
  done       400   adopted@-900 found=succ@-10 start=1@0 doubt=1@10 found=succ@60 released@70
  push       400   adopted@-900 found=succ@-10 start=1@0 unsent=1@1
  done       400   adopted@-900 found=succ@-10 start=1@0 ok=1@1 found=succ@60
  done       400   adopted@-900 found=succ@-10 start=1@0 no=1:X@1
`;

test('a push that may have left is asked about first, by an answer that is no doubt; one that was taken is not made again', () => {
  const lines = pushes
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/\s+/g, ' '));
  const read = lines.map((line) => {
    const [, now = '', ...words] = line.split(' ');
    const { item, summary } = tell(words.join(' '));
    const live = ['due', 'pushing', 'pushed'].includes(item.state) ? item : undefined;
    return `${decidePush(with_(summary), live, rules, second(Number(now))).kind} ${now} ${words.join(' ')}`;
  });
  expect(read).toEqual(lines);
});

test('a place without re-push, and a record that cannot be asked about, are left out with their reason', () => {
  const { summary } = tell('adopted@-90 found=succ@-10');
  expect(reasonToSkip(with_(summary), rules, second(0))).toBeUndefined();
  expect(reasonToSkip(with_(summary, { place: 'NANSHAGJ' }), rules, second(0))).toBe('place_without_repush');
  const { requestNo: _none, ...numberless } = with_(summary);
  expect(reasonToSkip(numberless as Declaration, rules, second(0))).toBe('cannot_be_asked');
});

test('a channel that pushes again from some of its states only is left alone in every other, not where it knows nothing', () => {
  const gated = { ...rules, rePush: { ...rules.rePush, fromStatuses: ['succ'] } };
  const why = (words: string) => reasonToSkip(with_(tell(words).summary), gated, second(0));
  expect(why('adopted@-90 found=succ@-10')).toBeUndefined();
  expect(why('adopted@-90 found=sending@-10')).toBe('channel_state');
  expect(why('adopted@-90 found=sending@-10 gone@-5')).toBeUndefined();
  const decided = decidePush(with_(tell('adopted@-90 found=ws@-10').summary), due, gated, second(0));
  expect(decided).toEqual({ kind: 'skip', why: 'channel_state' });
});

test('neither an old look nor a state without end holds a push back for ever: it is asked about first, and pushed when it is stuck', () => {
  const gated = { ...rules, rePush: { ...rules.rePush, fromStatuses: ['succ'], stuckAfterMinutes: 1440 } };
  const decided = (words: string, now: number) => {
    const { summary } = tell(words);
    const why = reasonToSkip(with_(summary), gated, second(now));
    return [why, decidePush(with_(summary), due, gated, second(now)).kind];
  };
  const day = 86_400;
  expect(decided('adopted@-900 found=sending@-10', 3590)).toEqual(['channel_state', 'skip']);
  expect(decided('adopted@-900 found=sending@-10', 3591)).toEqual([undefined, 'ask_first']);
  expect(decided(`adopted@-900 found=sending@${day - 901}`, day)).toEqual(['channel_state', 'skip']);
  expect(decided(`adopted@-900 found=sending@${day - 900}`, day)).toEqual([undefined, 'push']);
  expect(decided(`adopted@-900 found=sending@${day - 900}`, 2 * day)).toEqual([undefined, 'ask_first']);
});

test('a channel that keeps no request numbers is asked before anything is declared anew, and what it knows stands', () => {
  const unkept = { ...rules, requestNo: { ...rules.requestNo, isKept: false } } as const;
  const anew = { item: { ...due, before: {} }, summary: emptySummary };
  const decided = (words: string, by: typeof rules | typeof unkept) => {
    const declared = with_(tell(words, anew).summary, { numberRule: 'serial' });
    return decidePush(declared, anew.item, by, second(0));
  };
  expect(decided('', rules)).toEqual({ kind: 'push' });
  expect(decided('', unkept)).toEqual({ kind: 'ask_first' });
  expect(decided('unclear@-10', unkept)).toEqual({ kind: 'ask_first' });
  expect(decided('gone@-10', unkept)).toEqual({ kind: 'push' });
  expect(decided('found=succ@-10', unkept)).toEqual({ kind: 'skip', why: 'earlier_declaration_stands' });
});

test('an effect is shown from E2 on', () => {
  expect(([undefined, 'E0', 'E1', 'E2', 'E3'] as const).map(isEffective)).toEqual([false, false, false, true, true]);
});
