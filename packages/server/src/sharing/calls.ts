import { assert } from '../kernel/index.ts';
import type { Instant, Outcome, Reading, Result } from '../kernel/index.ts';
import type {
  Draft,
  Moment,
  ShareFacts,
  ShareInstruction,
  ShareOperations,
  ShareReceiver,
  ShareReturnFacts,
  ShareReturnInstruction,
  WireAnswer,
} from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import type { Share, ShareReturn } from './share.ts';
import { findPart } from './shared-order.ts';
import type { SharedOrder } from './shared-order.ts';
import type { ShareOperation } from './wishes.ts';

type Said = Omit<Reading<unknown>, 'outcome'> & {
  readonly outcome: Outcome<ShareFacts | ShareReturnFacts>;
  readonly isAbsent?: boolean;
};

/** One call about a request or a return, its instruction already in it: the same whenever it is made. */
export type ShareCall = {
  readonly build: (moment: Moment) => Result<Draft>;
  readonly interpret: (answer: WireAnswer, heardAt: Instant) => Said;
};

type Receivers = ReadonlyMap<string, ShareReceiver>;

export function callOf(
  operation: ShareOperation,
  { connector, account, secrets }: OpenAccount,
  shared: SharedOrder,
  about: Share | ShareReturn,
  receivers: Receivers,
): ShareCall {
  const calls: ShareOperations | undefined = connector.share;
  assert(calls, 'a share at a channel that shares nothing');
  if ('parts' in about) {
    const of = operation === 'share.submit' ? calls.submit : calls.query;
    const instruction = shareInstruction(shared, about, receivers);
    return {
      build: (moment) => of.build(instruction, account, moment, secrets),
      interpret: (answer, heardAt) => of.interpret(answer, instruction, account, secrets, heardAt),
    };
  }
  assert(calls.giveBack, 'a return at a channel where nothing comes back by a call of its own');
  const of = operation === 'share.return' ? calls.giveBack.submit : calls.giveBack.query;
  const instruction = returnInstruction(shared, about, receivers);
  return {
    build: (moment) => of.build(instruction, account, moment, secrets),
    interpret: (answer, heardAt) => of.interpret(answer, instruction, account, secrets, heardAt),
  };
}

function shareInstruction({ order }: SharedOrder, share: Share, receivers: Receivers): ShareInstruction {
  const attempt = order.attempts.find(({ id }) => id === share.attemptId);
  assert(attempt, 'a share is of an attempt of its order');
  return {
    ...{ shareNo: share.shareNo, serialNo: attempt.serialNo, tradeNo: attempt.tradeNo ?? '' },
    parts: share.parts.map(({ partNo, receiver, amount, reason }) => {
      return { partNo, receiver: receiverOf(receivers, receiver.id), amount, reason };
    }),
    ...{ releasesRest: share.releasesRest, reason: share.reason },
  };
}

function returnInstruction(shared: SharedOrder, back: ShareReturn, receivers: Receivers): ShareReturnInstruction {
  const found = findPart(shared, back.partId);
  assert(found, 'a return is of a part of its order');
  const { shareNo, channelNo } = found.share;
  return {
    ...{ returnNo: back.returnNo, shareNo, receiver: receiverOf(receivers, found.part.receiver.id) },
    ...(channelNo === undefined ? {} : { channelNo }),
    ...{ amount: back.amount, reason: back.reason },
  };
}

function receiverOf(receivers: Receivers, id: string): ShareReceiver {
  const receiver = receivers.get(id);
  assert(receiver, `receiver ${id} of a part is not there`);
  return receiver;
}
