import type { Instant } from '../kernel/index.ts';
import type { PlaceRule } from '../channels/contract/index.ts';
import { newestBad, notFoundTwice, ranks } from './declaration.ts';
import type { Summary } from './declaration.ts';
import { overdue } from './overdue.data.ts';
import { readReceiptText } from './receipt-text.ts';
import { triageTable } from './triage-table.ts';
import type { TriageFact, TriageRow } from './triage-table.ts';

/** What the rest of the group looks like: the same place seen from other channels. */
export type GroupView = {
  /** Declarations of other channels at this place that are old enough to have a receipt, and how many have none. */
  readonly othersOld: number;
  readonly othersSilent: number;
};

export type TriageInput = {
  readonly requestNo?: string;
  readonly channelPlaceRule: PlaceRule;
  readonly place: string;
  readonly customsCode: string;
  readonly isSplit: boolean;
  readonly childOrderNo: string;
  readonly declaredMinor: bigint;
  readonly summary: Summary;
  /** The payment number that the port's list names, as the order document carries it. */
  readonly portTradeNo?: string;
  /** Places of the same payment that are declared, for ports with two legs. */
  readonly placesDeclared: readonly string[];
  readonly group: GroupView;
};

export type KnownFact = {
  readonly fact: TriageFact;
  readonly holds: boolean;
  readonly said: 'channel' | 'port' | 'customs' | 'us' | 'group';
  readonly value?: string;
  readonly at?: Instant;
};

export type Verdict = {
  readonly row: TriageRow;
  /** The facts that led to it: those which its row asks for. */
  readonly because: readonly KnownFact[];
  /** Said when a group fact had nothing to be compared with, or the answer behind the verdict was unsigned. */
  readonly caveats: readonly string[];
};

type Known = ReadonlyMap<TriageFact, KnownFact>;

/** The first row of the table whose conditions all hold. Pure: facts and clock in, verdict out. */
export function judge(input: TriageInput, now: Instant): Verdict {
  const known = knownFacts(input, now);
  for (const row of triageTable) {
    if (!row.when.every((condition) => holds(known, condition))) continue;
    const because = row.when
      .map((condition) => known.get(condition.replace('!', '') as TriageFact))
      .filter((fact) => fact !== undefined);
    return { row, because, caveats: caveatsOf(input, row) };
  }
  throw new Error('the last row of the table has no conditions');
}

function holds(known: Known, condition: string): boolean {
  const wanted = !condition.startsWith('!');
  return (known.get(condition.replace('!', '') as TriageFact)?.holds ?? false) === wanted;
}

function caveatsOf(input: TriageInput, row: TriageRow): string[] {
  const caveats: string[] = [];
  const needsGroup = row.when.some((condition) => ['only_this_channel', 'all_channels_affected'].includes(condition));
  if (needsGroup && input.group.othersOld === 0) caveats.push('no_other_channel_to_compare');
  if (input.summary.snapshotTrust === 'transport_only') caveats.push('answer_unsigned');
  if (input.summary.queryDoubt !== undefined) caveats.push('last_query_in_doubt');
  if (row.row === '19' && input.summary.asked === 0) caveats.push('not_asked_yet');
  return caveats;
}

function knownFacts(input: TriageInput, now: Instant): Known {
  const facts = [
    ...factsOfCall(input),
    ...factsOfChannel(input, now),
    ...factsOfCustoms(input),
    ...factsOfGroup(input),
  ];
  return new Map(facts.map((fact) => [fact.fact, fact]));
}

function factsOfCall({ requestNo, summary }: TriageInput): KnownFact[] {
  const { push } = summary;
  return [
    { fact: 'no_request_no', holds: requestNo === undefined, said: 'us' },
    { fact: 'never_pushed', holds: summary.pushes === 0, said: 'us' },
    { fact: 'blocked', holds: false, said: 'us' },
    { fact: 'accepted', holds: summary.firstAcceptedAt !== undefined, said: 'channel' },
    { fact: 'push_in_doubt', holds: push?.outcome === 'in_doubt' || push?.outcome === 'in_flight', said: 'us' },
  ];
}

function factsOfChannel(input: TriageInput, now: Instant): KnownFact[] {
  const { summary } = input;
  const { snapshot, notFoundTimes } = summary;
  const said = 'channel' as const;
  const at = summary.snapshotAt === undefined ? {} : { at: summary.snapshotAt };
  const last = notFoundTimes.at(-1);
  const twice = notFoundTwice(summary, summary.push?.startedAt ?? 0);
  const found = snapshot !== undefined && last === undefined;
  const progress = found ? snapshot.progress : undefined;
  // Measured at the moment of the answer: an old answer does not say how long it has been waiting since.
  const still = (summary.snapshotAt ?? now) - (snapshot?.lastModifiedAt ?? summary.firstAcceptedAt ?? now);
  const word = snapshot?.channelStatus ?? '';
  return [
    { fact: 'found', holds: found, said, value: word, ...at },
    { fact: 'not_found', holds: last !== undefined, said, ...(last === undefined ? {} : { at: last }) },
    { fact: 'not_found_twice', holds: twice, said, ...(last === undefined ? {} : { at: last }) },
    { fact: 'channel_done', holds: progress === 'done', said, value: word, ...at },
    {
      fact: 'waiting_too_long',
      holds: progress === 'waiting' && still > overdue.waitingMs,
      said,
      value: word,
      ...at,
    },
    {
      fact: 'sending_too_long',
      holds: progress === 'sending' && still > overdue.hardMs,
      said,
      value: word,
      ...at,
    },
    ...factsOfNumbers(input),
  ];
}

/** Codes in a refusal's text that say: orderer and payer are not the same person. */
const personCodes: ReadonlySet<string> = new Set(['1327']);

function factsOfNumbers(input: TriageInput): KnownFact[] {
  const { summary, portTradeNo } = input;
  const { snapshot } = summary;
  const said = 'channel' as const;
  const placeDiffers =
    snapshot !== undefined &&
    (snapshot.place.toUpperCase() !== input.place.toUpperCase() || snapshot.customsCode !== input.customsCode);
  const pushedNo = snapshot?.pushedPaymentNo;
  const splitDiffers =
    snapshot !== undefined &&
    (snapshot.isSplit !== input.isSplit || (snapshot.childOrderNo ?? '') !== input.childOrderNo);
  const numberDiffers =
    portTradeNo !== undefined && pushedNo !== undefined && pushedNo !== '' && portTradeNo !== pushedNo;
  const amountDiffers = snapshot?.amountMinor !== undefined && BigInt(snapshot.amountMinor) !== input.declaredMinor;
  const person =
    summary.identityCheck === 'different' || personCodes.has(readReceiptText(summary.bad?.text ?? '').code ?? '');
  const differing = numberDiffers ? `${portTradeNo} ≠ ${pushedNo}` : '';
  return [
    {
      fact: 'place_or_record_differs',
      holds: placeDiffers,
      said,
      value: `${snapshot?.place ?? ''} ${snapshot?.customsCode ?? ''}`,
    },
    { fact: 'numbers_differ', holds: splitDiffers || numberDiffers, said, value: differing },
    { fact: 'person_or_amount_differs', holds: amountDiffers || person, said },
  ];
}

function factsOfCustoms({ summary, channelPlaceRule, place, placesDeclared }: TriageInput): KnownFact[] {
  const { best, missing, released, listStatus } = summary;
  const bad = newestBad(summary);
  const said = 'customs' as const;
  const receiptAt = (receipt: { at: Instant; code: string } | undefined): { at?: Instant; value?: string } =>
    receipt ? { at: receipt.at, value: receipt.code } : {};
  const legs = channelPlaceRule.legs ?? [place];
  const waits = listStatus !== undefined && ['manual', 'inspection'].includes(listStatus.class);
  return [
    { fact: 'released', holds: released !== undefined, said: 'port', ...(released ? { at: released.at } : {}) },
    {
      fact: 'missing_reported',
      holds: missing !== undefined,
      said: 'port',
      ...(missing ? { at: missing.at, value: missing.source } : {}),
    },
    { fact: 'refused_by_customs', holds: bad?.class === 'refused', said, ...receiptAt(bad) },
    { fact: 'exists_already', holds: best?.class === 'present', said, ...receiptAt(best) },
    {
      fact: 'hop_failed',
      holds: bad !== undefined && ['hop_failed', 'retry'].includes(bad.class),
      said,
      ...receiptAt(bad),
    },
    { fact: 'eport_has_it', holds: best?.rank === ranks.eport, said, ...receiptAt(best) },
    { fact: 'customs_has_it', holds: best !== undefined && best.rank >= ranks.passedOn, said, ...receiptAt(best) },
    { fact: 'no_receipt', holds: (best?.rank ?? 0) < ranks.eport && bad === undefined, said },
    { fact: 'list_waits_for_people', holds: waits, said, ...receiptAt(listStatus) },
    { fact: 'place_gives_codes', holds: channelPlaceRule.givesCodes, said: 'us', value: place },
    {
      fact: 'leg_missing',
      holds: legs.some((leg) => !placesDeclared.includes(leg)),
      said: 'us',
      value: legs.join(' '),
    },
  ];
}

/** A group fact with nothing to compare with counts as satisfied; the verdict says so. */
function factsOfGroup({ group }: TriageInput): KnownFact[] {
  const share = group.othersOld === 0 ? 0 : group.othersSilent / group.othersOld;
  const value = `${group.othersSilent} of ${group.othersOld}`;
  return [
    { fact: 'only_this_channel', holds: group.othersOld === 0 || share < 0.5, said: 'group', value },
    { fact: 'all_channels_affected', holds: group.othersOld === 0 || share >= 0.5, said: 'group', value },
  ];
}
