import { expect, test } from 'vitest';
import { triageTable } from '../customs/index.ts';
import { routeOfRow } from './routing.data.ts';
import { receiversOf, routeOf } from './routing.ts';

test('every row of the decision table has somebody who can mend it, and no route is of a row that is gone', () => {
  expect(Object.keys(routeOfRow).sort()).toEqual([...new Set(triageTable.map(({ row }) => row))].sort());
});

// row, state, caveat, evidence of the latest re-push, and who is asked.
const table = `
  14    missing_reported  -                            -    channel
  14    missing_reported  -                            E0   channel
  14    missing_reported  -                            E1   channel
  14    missing_reported  -                            E2   nobody
  14    missing_reported  no_other_channel_to_compare  E0   both
  14    missing_reported  answer_unsigned              -    channel
  14    released          -                            -    nobody
  14    at_customs        -                            -    nobody
  16    at_customs        -                            -    port
  15    at_eport          -                            -    port
  13    accepted          no_other_channel_to_compare  -    both
  13    accepted          -                            -    port
  4     accepted          -                            -    channel
  12w   accepted          -                            -    channel
  11    hop_failed        -                            E3   nobody
  0     cannot_be_asked   -                            -    ours
  9     rejected          -                            -    ours
  19    accepted          -                            -    both
  -     missing_reported  -                            -    nobody
  none  accepted          -                            -    both
  99    accepted          -                            -    both
`;
const rows = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/) as [string, string, string, string, string]);

test.each(rows)('row %s in state %s (%s, %s) goes to: %s', (row, state, caveat, evidence, to) => {
  const judged = {
    verdictRow: row === 'none' ? undefined : row,
    caveats: caveat === '-' ? [] : [caveat],
    evidence: evidence === '-' ? undefined : evidence,
    isUnderWay: false,
  };
  expect(routeOf({ state: state as 'accepted' }, judged).to).toBe(to);
});

test.each([
  ['14', 'missing_reported', 'ours'],
  ['19', 'accepted', 'ours'],
  ['15', 'at_eport', 'port'],
  ['14', 'released', 'nobody'],
])('while a plan is at it, row %s in state %s goes to: %s', (verdictRow, state, to) => {
  const judged = { verdictRow, caveats: [], evidence: 'E0', isUnderWay: true };
  expect(routeOf({ state: state as 'accepted' }, judged).to).toBe(to);
});

test('who is asked gets a pack of its own: the channel by its id, the port by its place', () => {
  const declaration = { channel: 'alipay', place: 'ZONGSHU' };
  expect(receiversOf(declaration, 'both')).toEqual([
    { kind: 'channel', id: 'alipay' },
    { kind: 'port', id: 'ZONGSHU' },
  ]);
  expect([receiversOf(declaration, 'ours'), receiversOf(declaration, 'nobody')]).toEqual([[], []]);
});
