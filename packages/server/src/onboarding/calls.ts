import { performance } from 'node:perf_hooks';
import { done, plus, refuse, seconds } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { PayOperations, TradeReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { instructionOf } from '../payments/index.ts';
import type { Attempt } from '../payments/index.ts';
import { nextTries, recordEnds, recordStarts } from '../platform/exchanges.ts';
import type { Sent, Transport } from '../platform/transport.ts';
import type { OnboardingParts } from './parts.ts';

export type Asked = {
  readonly exchangeId: string;
  readonly reading: TradeReading;
  readonly askedAt: Instant;
  readonly heardAt: Instant;
};

/** The call leaves within this time or not at all. */
const sendWithinMs = seconds(5);

/**
 * One call about an attempt, made while somebody waits for it: its row is committed before the first byte leaves, and its answer after
 * (architecture rules 2 and 3).
 */
export async function callNow(
  parts: OnboardingParts,
  transport: Transport,
  opened: OpenAccount,
  operation: 'pay.submit' | 'pay.query',
  attempt: Attempt,
): Promise<Result<Asked>> {
  const { account, connector, secrets } = opened;
  const words = (why: string): Result<never> => refuse('account.test_refused', { account: account.id, words: why });
  const { pay, manifest } = connector;
  const lane = manifest.lanes[operation];
  if (!pay || !lane) return words('no operation to try');
  const call: PayOperations['query'] = operation === 'pay.submit' ? pay.submit : pay.query;
  const instruction = instructionOf(parts, opened, attempt);
  const askedAt = parts.clock.now();
  const draft = call.build(instruction, account, { at: askedAt, nonce: parts.ids.next() }, secrets);
  if (!draft.ok) return draft;
  const { toSign, signWith, finish } = draft.value;
  const request = finish(await connector.sign(toSign, account, secrets, signWith));
  const { bucket, id: subject } = attempt;
  const exchangeId = parts.ids.next();
  // An operation of its own: the tries of the attempt's jobs are counted without it.
  const kept = `accept.${operation}`;
  const tries = await nextTries(parts.db, kept, [{ bucket, id: subject }]);
  await parts.db.transaction((tx) =>
    recordStarts(tx, parts.keyring, [
      {
        ...{ bucket, id: exchangeId, accountId: account.id, operation: kept, worker: parts.owner, request },
        ...{ createdAt: askedAt, sendBefore: plus(askedAt, sendWithinMs) },
        subjects: [{ bucket, id: subject, try: tries.get(subject) ?? 1 }],
      },
    ]),
  );
  const limits = { timeoutMs: lane.timeoutMs, answerBytesMax: lane.answerBytesMax };
  const sendBefore = performance.now() + sendWithinMs;
  const sent = await transport.send(request, { sendBefore, ...limits }, `${account.id}/accept`);
  const heardAt = parts.clock.now();
  const reading =
    sent.kind === 'answered' ? call.interpret(sent.answer, instruction, account, secrets, heardAt) : undefined;
  await keepEnd(parts, { bucket, id: exchangeId, sent, heardAt }, reading);
  return reading ? done({ exchangeId, reading, askedAt, heardAt }) : words(whyOf(sent));
}

const whyOf = (sent: Sent): string => (sent.kind === 'answered' ? '' : sent.why);

type End = { readonly bucket: number; readonly id: string; readonly sent: Sent; readonly heardAt: Instant };

async function keepEnd({ db, keyring }: OnboardingParts, end: End, reading: TradeReading | undefined): Promise<void> {
  const read = reading ? { outcome: reading.outcome.kind, trust: reading.trust } : {};
  await db.transaction((tx) => recordEnds(tx, keyring, [{ ...end, reading: read }]));
}
