// Goal: the summary of a declaration is a function of its facts, and nothing weaker than a fact moves it.
// Method: random histories in the words of the state table, told to the same pure door as the real ones; a seed replays a failure.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manifest } from '../../src/channels/alipay/manifest.ts';
import { emptySummary, foldFact, foldFacts, stateAt } from '../../src/customs/declaration.ts';
import type { Declaration, Summary } from '../../src/customs/declaration.ts';
import { evidenceLevels } from '../../src/customs/evidence.ts';
import type { Fact } from '../../src/customs/facts.ts';
import { decideObserve, digestOf } from '../../src/customs/observe.ts';
import { summaryOf } from '../../src/customs/rebuild.ts';
import type { KeptFact } from '../../src/customs/store.ts';
import { CNY } from '../../src/kernel/index.ts';
import { factOf, second } from './facts.ts';

const doubts = [
  'doubt=1',
  'doubt=2',
  'unclear=silent',
  'unclear=HTTP_500',
  'unsent=2',
  'gone',
  'forged_ok=1',
  'forged_found=succ:2',
];
const refusals = ['no=1:TRADE_NOT_EXIST', 'no=2:CONTEXT_INCONSISTENT', 'r=100', 'found=fail:100', 'found=fail:fail'];
const others = [
  'adopted',
  'earlier=SUCCESS',
  'start=1',
  'start=2',
  'ok=1',
  'ok=2:N2',
  'found=ws',
  'found=succ',
  'found=succ:2:3',
  'unsigned_found=succ:3:9',
  'found=sending:4:5',
  'missing',
  'status=waiting',
  'r=2',
  'r=120',
  'r=4',
  'r=-401007',
  'l=2:missing',
];
const ends = ['released', 'l=800', 'status=released'];

/** Words with rising moments. One declaration is not heard of twice within a millisecond: each voice is its own transaction. */
function historyOf(words: readonly string[]): fc.Arbitrary<Fact[]> {
  const step = fc.record({ word: fc.constantFrom(...words), pause: fc.constantFrom(0.001, 1, 30, 61) });
  return fc.array(step, { maxLength: 25 }).map((steps) => {
    let moment = 0;
    return steps.map(({ word, pause }, index) => factOf(`${word}@${(moment += pause)}`, index));
  });
}

const anything = historyOf([...doubts, ...refusals, ...others, ...ends]);
const lastMoment = second(60 * 60);
const stateOf = (summary: Summary) => stateAt({ requestNo: 'LS00000001', summary }, lastMoment);

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

test('folding is the same each time, in one piece or in two, changes no input and survives being kept as JSON', () => {
  fc.assert(
    fc.property(anything, fc.nat(25), (facts, cut) => {
      const whole = foldFacts(freeze(facts));
      const first = freeze(foldFacts(facts.slice(0, cut)));
      expect(foldFacts(facts.slice(cut), JSON.parse(JSON.stringify(first)) as Summary)).toEqual(whole);
      expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
    }),
  );
});

test('what customs proved never falls, except after a dated refusal', () => {
  fc.assert(
    fc.property(historyOf([...doubts, ...others, ...ends]), (facts) => {
      let rank = 0;
      for (let told = 1; told <= facts.length; told += 1) {
        const { best } = foldFacts(facts.slice(0, told));
        expect(best?.rank ?? 0).toBeGreaterThanOrEqual(rank);
        rank = best?.rank ?? 0;
      }
    }),
  );
});

test('without a refusal nobody is shown as refused, however many answers are lost', () => {
  fc.assert(
    fc.property(historyOf([...doubts, ...others, ...ends]), (facts) => {
      expect(['rejected', 'refused_by_channel']).not.toContain(stateOf(foldFacts(facts)));
    }),
  );
});

test('doubt, wherever it comes in, makes no refusal, no delivery and no new payment number', () => {
  const proofs = ['rejected', 'refused_by_channel', 'at_eport', 'at_customs', 'released', 'hop_failed'];
  fc.assert(
    fc.property(
      anything,
      fc.constantFrom(...doubts.filter((word) => word !== 'gone' && !word.startsWith('unsent'))),
      (facts, word) => {
        const before = foldFacts(facts);
        const after = foldFact(before, factOf(`${word}@3000`, 99));
        if (proofs.includes(stateOf(after))) expect(stateOf(after)).toBe(stateOf(before));
        expect({ best: after.best, bad: after.bad, released: after.released, numbers: after.pushedPaymentNos }).toEqual(
          {
            ...{ best: before.best, bad: before.bad, released: before.released, numbers: before.pushedPaymentNos },
          },
        );
      },
    ),
  );
});

test('a fact that nobody understands, and an answer under a wrong signature, change nothing', () => {
  const odd = [
    { ...factOf('released@9'), body: { kind: 'told_by_a_later_version', state: 'released' } } as unknown as Fact,
    factOf('forged_ok=7@9'),
    factOf('forged_found=succ:399@9'),
    { ...factOf('gone@9'), trust: 'none' as const },
    { ...factOf('no=7:TRADE_NOT_EXIST@9'), trust: 'none' as const },
  ];
  fc.assert(
    fc.property(anything, fc.constantFrom(...odd), (facts, fact) => {
      const before = foldFacts(facts);
      expect(foldFact(before, fact)).toEqual(before);
    }),
  );
});

const declaration: Declaration = {
  bucket: 1,
  id: '00000000-0000-7000-8000-00000000000d',
  paymentId: '00000000-0000-7000-8000-00000000000e',
  merchantId: 'demo',
  accountId: 'A1',
  channel: 'alipay',
  place: 'ZONGSHU',
  childOrderNo: '',
  orderNo: '20151027200000000001',
  tradeNo: '2015102721001004930000000001',
  requestNo: 'LS00000001',
  customsOrderNo: '20151027200000000001',
  numberRule: 'adopted',
  declared: { minor: 42_000n, currency: CNY },
  customsCode: '3301TEST01',
  customsName: '测试公司',
  isSplit: false,
  paidAt: second(-3600),
  summary: emptySummary,
  state: 'ready',
  version: 1,
};

/** What the tables would hold after these voices came in by the door: the kept summary, and the facts with their counts. */
function tell(facts: readonly Fact[]): { summary: Summary; kept: KeptFact[] } {
  let record = declaration;
  const kept = new Map<string, KeptFact>();
  for (const fact of facts) {
    const decision = decideObserve(
      () => manifest.customs,
      { declaration: record },
      { key: record, fact },
      fact.heardAt,
    );
    record = decision.next?.declaration ?? record;
    for (const effect of decision.effects ?? []) {
      if (effect.kind === 'fact') keep(kept, digestOf(effect.fact), effect.fact);
      if (effect.kind !== 'seen') continue;
      const [digest, known] = [...kept].find(([, one]) => one.id === effect.factId) ?? [];
      if (digest === undefined || !known) throw new Error('counted a fact that is not there');
      kept.set(digest, { ...known, seenCount: known.seenCount + 1, lastSeenAt: effect.at });
    }
  }
  const inOrder = [...kept.values()].sort((a, b) => a.heardAt - b.heardAt || (a.id < b.id ? -1 : 1));
  return { summary: record.summary, kept: inOrder };
}

function keep(kept: Map<string, KeptFact>, digest: string, fact: Fact): void {
  const known = kept.get(digest);
  if (known) kept.set(digest, { ...known, seenCount: known.seenCount + 1, lastSeenAt: fact.heardAt });
  else kept.set(digest, { ...fact, declarationId: declaration.id, seenCount: 1, lastSeenAt: fact.heardAt });
}

test('made anew from the facts and how often each was seen, a summary is the one that was kept', () => {
  fc.assert(
    fc.property(anything, (facts) => {
      const { summary, kept } = tell(facts);
      expect(summaryOf(kept)).toEqual(summary);
    }),
    { numRuns: 400 },
  );
});

test('a thousand equal answers are one fact, and none of them is lost from the count', () => {
  const many = Array.from({ length: 1000 }, (_, index) => factOf(`found=succ@${index}`, index));
  const { summary, kept } = tell(many);
  expect(kept).toMatchObject([{ seenCount: 1000, lastSeenAt: second(999) }]);
  expect(summaryOf(kept)).toEqual(summary);
  expect(summary).toMatchObject({ asked: 1000, snapshotAt: second(999) });
});

test('evidence levels sort as they rise: the ladder is compared as text', () => {
  expect([...evidenceLevels].sort()).toEqual(evidenceLevels);
});
