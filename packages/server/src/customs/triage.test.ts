import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factsOf, second } from '../../test/properties/facts.ts';
import { manifest } from '../channels/alipay/manifest.ts';
import { foldFacts } from './declaration.ts';
import type { Summary } from './declaration.ts';
import { judge } from './triage.ts';
import type { TriageInput } from './triage.ts';
import { triageFacts, triageTable } from './triage-table.ts';

const { places, unlistedPlace } = manifest.customs;
const ruleOf = (place: string) => places[place] ?? unlistedPlace;
const pushedNo = '2015102721001004930000000001';

/** Everything about the order but its facts: what a word of the table changes. */
const circumstances: Readonly<Record<string, (input: TriageInput) => TriageInput>> = {
  no_number: ({ requestNo: _none, ...rest }) => rest,
  local: (input) => ({ ...input, place: 'NINGBO', channelPlaceRule: unlistedPlace, placesDeclared: ['NINGBO'] }),
  henan: (input) => ({ ...input, place: 'HENAN', channelPlaceRule: ruleOf('HENAN'), placesDeclared: ['HENAN'] }),
  both_legs: (input) => ({ ...input, placesDeclared: ['HENAN', 'ZONGSHU'] }),
  other_record: (input) => ({ ...input, customsCode: '3301TEST02' }),
  port_names_it: (input) => ({ ...input, portTradeNo: pushedNo }),
  port_names_another: (input) => ({ ...input, portTradeNo: '2015102721001004930000000999' }),
  order_is_split: (input) => ({ ...input, isSplit: true, childOrderNo: 'C1' }),
  amount_differs: (input) => ({ ...input, declaredMinor: 41_900n }),
  person_differs: (input) => ({ ...input, summary: { ...input.summary, identityCheck: 'different' } }),
  only_us: (input) => ({ ...input, group: { othersOld: 100, othersSilent: 3 } }),
  all_channels: (input) => ({ ...input, group: { othersOld: 100, othersSilent: 97 } }),
};

/** At second 4000, unless the channel's own times say otherwise; `ws` and `sending` stand since acceptance at second 0. */
function inputOf(words: string): TriageInput {
  const all = words.split(' ');
  const facts = all.filter((word) => word.includes('@')).join(' ');
  const at = all.includes('local') || all.includes('henan') ? (all.includes('henan') ? 'HENAN' : 'NINGBO') : 'ZONGSHU';
  const input: TriageInput = {
    requestNo: 'LS00000001',
    channelPlaceRule: ruleOf('ZONGSHU'),
    place: 'ZONGSHU',
    customsCode: '3301TEST01',
    isSplit: false,
    childOrderNo: '',
    declaredMinor: 42_000n,
    summary: atPlace(foldFacts(factsOf(facts)), at),
    placesDeclared: ['ZONGSHU'],
    group: { othersOld: 0, othersSilent: 0 },
  };
  return all.reduce((made, word) => circumstances[word]?.(made) ?? made, input);
}

function atPlace(summary: Summary, place: string): Summary {
  return summary.snapshot ? { ...summary, snapshot: { ...summary.snapshot, place } } : summary;
}

const now = second(4000);
const rowOf = (words: string): string => judge(inputOf(words), now).row.row;

/** For each row what hits it, then neighbours that lack one of its facts, and the row which those hit. */
const table = `
  -    adopted@0 found=succ@3900 missing@3000 released@3950
  0    no_number missing@3000
  0    no_number adopted@0 missing@3000
  1    missing@3000
  1    -
  3    start=1@0 doubt=1@10 gone@60 gone@130
  3    start=1@0 gone@60 gone@130
  19   start=1@0 doubt=1@10 gone@60
  19   start=1@0 doubt=1@10 gone@60 gone@90
  19   start=1@0 doubt=1@10
  19   adopted@0 found=succ@20 missing@25 start=1@30 doubt=1@40 gone@60
  3    adopted@0 found=succ@20 missing@25 start=1@30 doubt=1@40 gone@60 gone@130
  4    adopted@0 gone@60
  4    adopted@0 gone@60 missing@3000
  4    start=1@0 ok=1@1 found=succ@20 missing@3000 gone@60
  4    adopted@0 other_record gone@60 missing@3000
  14   adopted@0 gone@60 found=succ@3900 missing@3000
  5    adopted@0 other_record found=succ@3900 missing@3000
  13   adopted@0 other_record found=succ@3900
  14   adopted@0 found=succ@3900 missing@3000
  5    adopted@0 other_record port_names_another found=succ@3900 missing@3000
  6    henan adopted@0 found=succ@3900 missing@3000
  14   henan both_legs adopted@0 found=succ@3900 missing@3000
  18   henan adopted@0 found=succ@3900
  6    henan adopted@0 port_names_another found=succ@3900 missing@3000
  7    adopted@0 port_names_another found=succ@3900 missing@3000
  7    adopted@0 order_is_split found=succ@3900 missing@3000
  14   adopted@0 port_names_it found=succ@3900 missing@3000
  13   adopted@0 port_names_another found=succ@3900
  7    adopted@0 port_names_another found=succ:100@3900 missing@3000
  8    adopted@0 person_differs found=succ:100@3900
  8    adopted@0 amount_differs found=succ:100@3900 missing@3000
  9    adopted@0 found=succ:100@3900 missing@3000
  13   adopted@0 person_differs found=succ@3900
  14   adopted@0 amount_differs found=succ@3900 missing@3000
  9    adopted@0 r=100@3900
  9    adopted@0 r=120@20 r=100@3900
  -    adopted@0 r=100@20 r=120@3900
  9    adopted@0 local found=succ:fail@3900
  10   adopted@0 found=succ:-401007@3900 missing@3000
  10   adopted@0 r=-401008@3900 missing@3000
  19   adopted@0 found=succ:-401007@3900
  15   adopted@0 found=succ:2@3800 r=-401007@3900 missing@3000
  16   adopted@0 r=120@20 r=-401008@3900 missing@3000
  11   adopted@0 found=sending:4@3900 missing@3000
  11   adopted@0 found=sending:-401011@3900 missing@3000
  11   adopted@0 found=succ:2@3000 found=sending:4@3900 missing@2000
  15   adopted@0 found=sending:4@3000 found=succ:2@3900 missing@2000
  12   adopted@0 found=sending:4@3900
  19   adopted@0 found=sending:-401009@1700 missing@3000
  12w  adopted@0 found=ws@601
  12w  adopted@0 found=ws@3900 missing@3000
  12w  adopted@0 only_us found=ws@3900 missing@3000
  19   adopted@0 found=ws@600
  19   adopted@0 found=ws@500 missing@550
  19   adopted@0 all_channels found=ws@3900
  12   adopted@0 found=sending@1801
  12   adopted@0 found=sending@3900 missing@3000
  19   adopted@0 found=sending@1800
  19   adopted@0 all_channels found=sending@3900 missing@3000
  15   adopted@0 found=sending:2@3900 missing@3000
  -    adopted@0 found=sending:3@3900
  13   adopted@0 found=succ@3900
  13   adopted@0 all_channels found=succ@3900
  19   adopted@0 only_us found=succ@3900
  18   adopted@0 local found=succ@3900
  14   adopted@0 only_us found=succ@3900 missing@3000
  14   adopted@0 local found=succ@3900 missing@3000
  19   adopted@0 all_channels found=succ@3900 missing@3000
  19   adopted@0 found=fail@3900 missing@3000
  15   adopted@0 found=succ:2@3900 missing@3000
  15   adopted@0 r=2@3900 missing@3000
  7    adopted@0 port_names_another found=succ:2@3900 missing@3000
  19   adopted@0 found=succ:2@3900
  16   adopted@0 found=succ:3@3900 missing@3000
  16   adopted@0 r=399@3900 missing@3000
  16   adopted@0 found=succ:3@3900 l=300@3950 missing@3000
  17   adopted@0 found=succ:3@3900 l=300@3950
  17   adopted@0 found=succ:3@3900 l=500@3950
  -    adopted@0 found=succ:3@3900 l=120@3950
  -    adopted@0 found=succ:399@3900
  18   adopted@0 local all_channels found=succ@3900
  19   adopted@0
  19   adopted@0 unclear@3900 missing@3000
  19   adopted@0 forged_found=succ:3@3900 missing@3000
`;

const lines = table
  .trim()
  .split('\n')
  .map((line) => line.trim().replace(/\s+/g, ' '));

test('the first row whose facts all hold is the verdict: for every row what hits it, and neighbours that do not', () => {
  const read = lines.map((line) => {
    const words = line.split(' ').slice(1).join(' ');
    return `${rowOf(words)} ${words}`;
  });
  expect(read).toEqual(lines);
});

test('every row but the one for failed checks, which come later, is hit by a line of the table', () => {
  const hit = new Set(lines.map((line) => line.split(' ')[0]));
  expect(triageTable.map(({ row }) => row).filter((row) => !hit.has(row))).toEqual(['2']);
});

/** The decision table as people keep it: number, what must hold, what to do and who. First match wins. */
const asKept = `
  -    released                                                                          none nobody
  0    no_request_no                                                                     find_number_or_declare_anew person
  1    never_pushed                                                                      declare_now automatic
  2    blocked                                                                           fix_data person
  3    push_in_doubt not_found_twice                                                     submit_again automatic
  4    accepted not_found !push_in_doubt                                                 submit_again automatic
  5    found place_or_record_differs missing_reported                                    modify person
  6    leg_missing missing_reported                                                      declare_leg automatic
  7    found numbers_differ missing_reported                                             resend_order_document person
  8    refused_by_customs person_or_amount_differs                                       contact_buyer person
  9    refused_by_customs                                                                by_code person
  10   exists_already missing_reported                                                   resend_order_document person
  11   hop_failed missing_reported                                                       repush automatic
  12w  found waiting_too_long !eport_has_it !customs_has_it only_this_channel            alert_channel person
  12   found sending_too_long !eport_has_it !customs_has_it only_this_channel            repush automatic
  13   channel_done no_receipt !missing_reported place_gives_codes all_channels_affected hold_and_ask_port automatic
  14   channel_done no_receipt missing_reported only_this_channel                        repush automatic
  15   eport_has_it missing_reported !numbers_differ                                     escalate_port person
  16   customs_has_it missing_reported                                                   agent_resends_list person
  17   customs_has_it list_waits_for_people                                              hand_over nobody
  18   channel_done no_receipt !place_gives_codes !missing_reported                      wait_for_release nobody
  -    customs_has_it !missing_reported                                                  none nobody
  19                                                                                     look person
`;

test('rows, order, facts, actions and owners are those of the decision table', () => {
  const kept = asKept
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '));
  expect(triageTable.map(({ row, when, action, who }) => [row, ...when, action, who].join(' '))).toEqual(kept);
});

test('a re-push is never the automatic way out where the table says that it harms', () => {
  for (const row of triageTable) {
    if (row.action === 'repush' || row.action === 'submit_again') expect(row.repushHarmEn).toBe('');
    expect([row.causeZh, row.causeEn, row.doZh, row.doEn, row.overturnedByZh, row.overturnedByEn]).not.toContain('');
  }
});

test('a verdict names the facts that its row asks for, as they are, and who said them', () => {
  const { because, row } = judge(inputOf('adopted@0 port_names_another found=succ@3900 missing@3000'), now);
  expect(row.row).toBe('7');
  expect(because).toEqual([
    { fact: 'found', holds: true, said: 'channel', value: 'succ', at: second(3900) },
    { fact: 'numbers_differ', holds: true, said: 'channel', value: `2015102721001004930000000999 ≠ ${pushedNo}` },
    { fact: 'missing_reported', holds: true, said: 'port', value: 'port', at: second(3000) },
  ]);
});

test('a verdict says what it rests on weakly', () => {
  const caveats = (words: string): readonly string[] => judge(inputOf(words), now).caveats;
  expect(caveats('adopted@0 only_us found=succ@3900 missing@3000')).toEqual([]);
  expect(caveats('adopted@0 found=succ@3900 missing@3000')).toEqual(['no_other_channel_to_compare']);
  expect(caveats('adopted@0 only_us unsigned_found=succ@3900 missing@3000')).toEqual(['answer_unsigned']);
  expect(caveats('adopted@0 only_us found=succ@3900 missing@3000 unclear@3950')).toEqual(['last_query_in_doubt']);
  expect(caveats('adopted@0 missing@3000')).toEqual(['not_asked_yet']);
});

test('1327 counts as a code of the refusal, not as digits of a number in its text', () => {
  const refusedWith = (text: string): string => {
    const input = inputOf('adopted@0 r=100@3900');
    const { bad } = input.summary;
    return judge({ ...input, summary: { ...input.summary, ...(bad ? { bad: { ...bad, text } } : {}) } }, now).row.row;
  };
  expect(refusedWith('[Code:1327;Desc:订购人与支付人姓名或证件号码不一致]')).toBe('8');
  expect(refusedWith('[Code:1313;Desc:超出年度限额];订单号为[20151027132700000001]')).toBe('9');
});

test('any mixture of facts gets exactly one verdict, whose facts hold', () => {
  const words = [...new Set(lines.flatMap((line) => line.split(' ').slice(1)))];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (some) => {
      const { row, because } = judge(inputOf(some.join(' ')), now);
      expect(because).toHaveLength(row.when.length);
      for (const [index, condition] of row.when.entries()) {
        expect(because[index]?.holds).toBe(!condition.startsWith('!'));
        expect(triageFacts).toContain(because[index]?.fact);
      }
    }),
  );
});
