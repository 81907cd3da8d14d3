import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { factOf, factsOf, second, snapshotOf } from '../../test/properties/facts.ts';
import { nextAskAt } from './asking.ts';
import { declarationStates, foldFacts, stateAt } from './declaration.ts';
import type { DeclarationState } from './declaration.ts';
import type { ChannelSnapshot, Fact } from './facts.ts';
import { planItemStates } from './plan-item.ts';

/** Facts as `what=detail@second`, then the second at which the state is asked for. No number: adopted without a request number. */
const table = `
  state               at    facts
  ready               0     -
  cannot_be_asked     0     no_number
  cannot_be_asked     9     no_number missing@5
  submitting          5     start=1@0
  submitting          25    start=1@0
  in_doubt            26    start=1@0
  in_doubt            90    start=1@0 doubt=1@10
  in_doubt            90    start=1@0 doubt=1@10 unclear@60
  in_doubt            90    start=1@0 doubt=1@10 gone@60
  in_doubt            99    start=1@0 doubt=1@10 gone@60 gone@90
  ready               199   start=1@0 doubt=1@10 gone@60 gone@120
  accepted            90    start=1@0 doubt=1@10 found=ws@60
  accepted            90    start=1@0 found=ws@60
  accepted            90    start=1@0 doubt=1@10 ok=1@11
  accepted            90    start=1@0 ok=1@1 doubt=1@10
  ready               90    start=1@0 unsent=1@1
  refused_by_channel  90    start=1@0 no=1:TRADE_NOT_EXIST@1
  in_doubt            90    start=1@0 forged_ok=1@1
  accepted            90    start=1@0 ok=1@1
  accepted            0     adopted@-90
  accepted            90    adopted@-90 earlier=SUCCESS@-60
  accepted            90    adopted@-90 found=succ@60
  accepted            90    adopted@-90 found=succ@60 gone@80
  ready               200   adopted@-90 found=succ@60 gone@80 gone@140
  repushing           9     adopted@-90 start=1@5
  in_doubt            90    adopted@-90 start=1@5 doubt=1@15
  accepted            90    adopted@-90 start=1@5 no=1:CONTEXT_INCONSISTENT@6
  accepted            90    adopted@-90 start=1@5 ok=1@6
  repushing           409   adopted@-90 start=1@5 start=2@400 doubt=1@405
  repushing           409   adopted@-90 start=1@5 start=2@400 ok=1@405
  at_eport            90    adopted@-90 found=succ:2@60
  at_eport            90    adopted@-90 r=2@60
  at_eport            90    adopted@-90 r=-401007@60
  accepted            90    adopted@-90 r=1@60
  accepted            90    adopted@-90 r=77@60
  at_customs          90    adopted@-90 found=succ:3@60
  at_customs          90    adopted@-90 r=120@60 r=-401007@70
  at_customs          90    adopted@-90 r=399@60 r=2@70
  hop_failed          90    adopted@-90 r=4@60
  hop_failed          90    adopted@-90 r=2@50 r=4@60
  at_eport            90    adopted@-90 r=4@50 r=2@60
  at_customs          90    adopted@-90 r=3@50 r=4@60
  hop_failed          90    adopted@-90 r=-401011@60
  at_eport            90    adopted@-90 r=2@50 r=-401011@60
  accepted            90    adopted@-90 r=-401009@60
  rejected            90    adopted@-90 r=100@60
  rejected            90    adopted@-90 r=120@50 r=100@60
  at_customs          90    adopted@-90 r=100@60 r=120@70
  at_eport            90    adopted@-90 r=3@40 r=100@60 r=2@70
  at_customs          90    adopted@-90 r=100@60 r=120@70 r=100@50
  missing_reported    90    adopted@-90 missing@60
  missing_reported    90    adopted@-90 r=2@50 missing@60
  missing_reported    90    adopted@-90 l=2:missing@60
  missing_reported    90    adopted@-90 r=399@40 missing@60 r=-401009@70
  at_eport            90    adopted@-90 missing@60 r=2@70
  at_customs          90    adopted@-90 r=399@40 missing@60 r=2@70
  accepted            90    adopted@-90 status=waiting@60
  released            90    adopted@-90 released@60
  released            90    adopted@-90 status=released@60
  released            90    adopted@-90 l=800@60 missing@70
  released            9     released@5 no_number
`;

function lines(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/\s+/g, ' '));
}

function stateOf(words: string, at: number): DeclarationState {
  const facts = factsOf(words.replace('no_number', '').replace(/^-$/, ''));
  const requestNo = words.includes('no_number') ? {} : { requestNo: 'LS00000001' };
  return stateAt({ ...requestNo, summary: foldFacts(facts) }, second(at));
}

test('the state follows from the facts and the clock, as the table says', () => {
  const read = lines(table).map((line) => {
    const [, at = '', ...words] = line.split(' ');
    return `${stateOf(words.join(' '), Number(at))} ${at} ${words.join(' ')}`;
  });
  expect(read).toEqual(lines(table));
});

test('a channel that says customs answered well ends what it said before, not what customs wrote, and proves no delivery', () => {
  const told = (word: string, snapshot: Partial<ChannelSnapshot>): Fact => ({
    ...factOf(word),
    body: { kind: 'channel_record', snapshot: snapshotOf(snapshot) },
  });
  const refused = { code: 'except', text: '', at: second(50) };
  const well = { channelStatus: 'SUCCESS', isAnsweredWell: true, identityCheck: 'different' } as const;
  const facts = [
    factOf('adopted@-90'),
    factOf('missing@40'),
    told('found@60', { progress: 'other', receipt: refused }),
  ];
  const state = (more: readonly Fact[]) =>
    stateAt({ requestNo: 'LS1', summary: foldFacts([...facts, ...more]) }, second(99));
  expect(foldFacts(facts).bad?.class).toBe('hop_failed');
  const after = [told('found@90', { ...well, lastModifiedAt: second(80) })];
  expect(foldFacts([...facts, ...after])).toMatchObject({ identityCheck: 'different', missing: { at: second(40) } });
  expect(foldFacts([...facts, ...after]).bad).toBeUndefined();
  expect(state(after)).toBe('missing_reported');
  expect(foldFacts([...facts, told('found@90', { ...well, lastModifiedAt: second(45) })]).bad).toBeDefined();
  expect(state([factOf('r=100@55'), ...after])).toBe('rejected');
});

/** States that only what comes later can lead to: pre-checks, automatic re-pushes, operators' verdicts, refunds. */
const notYet: readonly DeclarationState[] = [
  'draft',
  'blocked',
  'mismatch',
  'repush_due',
  'escalated',
  'cancelled',
  'closed',
  'closed_manual',
];

test('every state is reached by a row of the table or named as not yet reachable, never both', () => {
  const reached = new Set(lines(table).map((line) => line.split(' ')[0]));
  expect(declarationStates.filter((state) => !reached.has(state))).toEqual(notYet);
});

test('the lists of states are those that the tables allow', () => {
  const schema = readFileSync(new URL('../../migrations/schema.txt', import.meta.url), 'utf8');
  const listOf = (tableName: string): string[] => {
    const list = new RegExp(`${tableName}_state_check: CHECK (.*)`).exec(schema)?.[1] ?? '';
    return [...list.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
  };
  expect(listOf('customs_declarations')).toEqual(declarationStates);
  expect(listOf('plan_items')).toEqual(planItemStates);
});

test('the channel is asked soon after acceptance, then ever less often, and not at all once the payment side is done', () => {
  const ask = (words: string, at: number): number | undefined => {
    const next = nextAskAt({ requestNo: 'LS00000001', summary: foldFacts(factsOf(words)) }, second(at), false);
    return next === undefined ? undefined : (next - second(0)) / 1000;
  };
  const accepted = 'start=1@0 ok=1@0';
  expect([1, 31, 61, 121, 301, 601, 1201].map((at) => ask(accepted, at))).toEqual([30, 60, 120, 300, 600, 1200, 2400]);
  expect(ask(`${accepted} found=ws@2401`, 2401)).toBe(6060);
  expect(ask(`${accepted} found=ws@90000`, 90_000)).toBe(104_400);
  expect(ask(`${accepted} found=ws@700000`, 700_000)).toBe(786_420);
  expect(ask(`${accepted} found=succ:3@60`, 61)).toBeUndefined();
  expect(ask(`${accepted} released@60`, 61)).toBeUndefined();
});
