import { performance } from 'node:perf_hooks';
import { assert, done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { QueryReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { nextTries, recordEnds, recordStarts } from '../platform/exchanges.ts';
import { priorities } from '../platform/jobs.ts';
import { learn } from '../platform/lane-health.ts';
import type { Job } from '../platform/jobs.ts';
import { takeTurn } from '../platform/lane-turn.ts';
import type { Sent, Transport } from '../platform/transport.ts';
import { sendBeforeMs } from '../platform/worker.ts';
import { snapshotOf } from './ask-jobs.ts';
import { prepareCall, slowWhereAsked } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import type { Declaration } from './declaration.ts';
import { instructionFor } from './instruction.ts';
import { laneOf } from './job-wishes.ts';
import type { ObserveInput } from './observe.ts';
import { differenceOf } from './request-template.ts';
import type { Candidate, RequestTemplate } from './request-template.ts';

const operation = 'customs.query';

/** A candidate and the declaration that would get its number. */
export type AskedCandidate = { readonly candidate: Candidate; readonly declaration: Declaration };

type Heard = {
  readonly exchange: { readonly bucket: number; readonly id: string };
  readonly reading: QueryReading | undefined;
  readonly silence: string;
  readonly heardAt: Instant;
};

/**
 * Asks the channel about candidates in one call, at the lane's pace, kept as an exchange of these declarations. Confirmed only when
 * every one is found and is the declaration of its row; then the facts to tell, once the numbers are there. Otherwise nothing is believed.
 */
export async function confirmTemplate(
  parts: CustomsJobParts,
  transport: Transport,
  opened: OpenAccount,
  template: RequestTemplate,
  asked: readonly AskedCandidate[],
): Promise<Result<readonly ObserveInput[]>> {
  assert(asked.length > 0, 'a template is believed only after somebody was asked');
  const lane = laneOf(opened.account.id, operation);
  const turn = await takeTurn(parts.db, lane, parts.clock.now());
  if (turn === undefined) return unconfirmed(template, asked.length, 0, ['the lane to the channel is closed']);
  await parts.clock.sleepUntil(turn);
  const heard = await ask(parts, transport, opened, lane, asked);
  if (!heard.ok) return heard;
  const judged = asked.map((one) => ({ one, difference: judge(one, heard.value) }));
  const agreed = judged.filter(({ difference }) => difference === undefined).length;
  if (agreed < asked.length) {
    const found = judged.map(({ one, difference }) => `${one.candidate.requestNo}: ${difference ?? 'agrees'}`);
    return unconfirmed(template, asked.length, agreed, found);
  }
  return done(asked.flatMap((one) => factOf(parts, one, heard.value)));
}

function unconfirmed(
  template: RequestTemplate,
  asked: number,
  agreed: number,
  found: readonly string[],
): Result<never> {
  return refuse('import.template_unconfirmed', { template: template.text, asked, agreed, found: found.join('; ') });
}

function judge({ candidate }: AskedCandidate, { reading, silence }: Heard): string | undefined {
  if (!reading) return `no answer (${silence})`;
  if (reading.trust === 'none') return 'the signature does not fit';
  const outcome = reading.byRequestNo.get(candidate.requestNo);
  if (outcome?.kind === 'succeeded') return differenceOf(candidate.row, outcome.facts);
  if (outcome?.kind === 'rejected') return `refused: ${outcome.code}`;
  return `in doubt${outcome?.kind === 'in_doubt' ? ` (${outcome.why})` : ''}`;
}

async function ask(
  parts: CustomsJobParts,
  transport: Transport,
  opened: OpenAccount,
  lane: string,
  asked: readonly AskedCandidate[],
): Promise<Result<Heard>> {
  const { account, connector, secrets } = opened;
  const query = connector.customs?.query;
  assert(query, `channel ${connector.manifest.id} cannot be asked`);
  const instructions = asked.map(({ candidate, declaration }) => instructionFor(candidate.requestNo, declaration));
  const at = parts.clock.now();
  const draft = query.build(instructions, account, { at, nonce: parts.ids.next() }, secrets);
  if (!draft.ok) return draft;
  const keys = asked.map(({ declaration }) => ({ bucket: declaration.bucket, id: declaration.id }));
  const tries = await nextTries(parts.db, operation, keys);
  const sendBefore = performance.now() + sendBeforeMs;
  const work = { at, jobs: keys.map((key) => jobLike(key, at)), context: undefined };
  const { call, start } = await prepareCall(parts, opened, operation, draft.value, work, tries);
  await parts.db.transaction((tx) => recordStarts(tx, parts.keyring, [start]));
  const sent = await parts.clock.busy(() => transport.send(call.request, { ...call.limits, sendBefore }, lane));
  const heardAt = parts.clock.now();
  const reading =
    sent.kind === 'answered' ? query.interpret(sent.answer, instructions, account, secrets, heardAt) : undefined;
  const exchange = { bucket: call.bucket, id: call.exchangeId };
  const end = { ...exchange, sent, heardAt, reading: reading ? { trust: reading.trust } : {} };
  await parts.db.transaction((tx) => recordEnds(tx, parts.keyring, [end]));
  const isAnswered = sent.kind === 'answered';
  await learn(parts.db, lane, { answered: Number(isAnswered), failed: Number(!isAnswered) }, heardAt);
  await slowWhereAsked(parts, lane, [{ opened, sent }]);
  return done({ exchange, reading, silence: silenceOf(sent), heardAt });
}

function silenceOf(sent: Sent): string {
  return sent.kind === 'answered' ? '' : sent.why;
}

/** The call is made for a person who waits, by no job of the table: it only names whom it speaks for. */
function jobLike({ bucket, id }: { readonly bucket: number; readonly id: string }, dueAt: Instant): Job {
  return {
    ...{ bucket, subject: id, kind: 'customs.ask', dueAt, priority: priorities.operator },
    ...{ gapKey: undefined, payload: {}, leasedWanted: 0, tries: 0 },
  };
}

function factOf(
  parts: CustomsJobParts,
  { candidate, declaration }: AskedCandidate,
  { reading, exchange, heardAt }: Heard,
): ObserveInput[] {
  const outcome = reading?.byRequestNo.get(candidate.requestNo);
  if (!reading || outcome?.kind !== 'succeeded' || !outcome.facts.found) return [];
  const body = { kind: 'channel_record', snapshot: snapshotOf(outcome.facts) } as const;
  const told = { source: 'channel', trust: reading.trust, happenedAt: heardAt, heardAt } as const;
  const key = { bucket: declaration.bucket, id: declaration.id };
  return [{ key, fact: { ...told, id: parts.ids.next(), exchange, body } }];
}
