import { CNY, parseDecimal, Secret } from '../../kernel/index.ts';
import type { Instant, Money, Outcome, Result, Trust } from '../../kernel/index.ts';
import type { Connector } from './connector.ts';
import type { ShareReceiver } from './receiver.ts';
import type { ReceiverInstruction, ShareInstruction, ShareReturnInstruction } from './share.ts';
import type { AccountSecrets, ChannelAccount, Draft, WireAnswer } from './wire.ts';

/** The part of the kit that knows sharing. Lanes and fixtures call its operations by these names. */
export const shareOperations = ['share.bind', 'share.unbind', 'share.submit', 'share.query'] as const;
export const returnOperations = ['share.return', 'share.return_query'] as const;
export type ShareFixtureOperation = (typeof shareOperations)[number] | (typeof returnOperations)[number];

export type FixtureReceiver = {
  readonly kind: string;
  readonly account: string;
  readonly name?: string;
  readonly relation?: string;
};

/** What a fixture says of sharing, beside number, trade and amount. */
export type FixtureShare = {
  /** Of a return: the share that it takes back from. */
  readonly shareNo?: string;
  readonly parts?: readonly (FixtureReceiver & { readonly partNo: string; readonly amount: string })[];
  readonly releasesRest?: boolean;
  readonly receiver?: FixtureReceiver;
};

type From = FixtureShare & { readonly requestNo: string; readonly tradeNo?: string; readonly amount?: string };

const receiverOf = (from: FixtureReceiver | undefined): ShareReceiver => ({
  kind: from?.kind ?? '',
  account: new Secret(from?.account ?? ''),
  ...(from?.name === undefined ? {} : { name: new Secret(from.name) }),
  ...(from?.relation === undefined ? {} : { relation: from.relation }),
});

function yuan(text: string | undefined): Money {
  const amount = parseDecimal(text ?? '1.00', CNY);
  if (!amount) throw new TypeError(`the fixture amount ${text ?? ''} is none`);
  return amount;
}

export const receiverInstruction = (from: From): ReceiverInstruction => ({
  requestNo: from.requestNo,
  receiver: receiverOf(from.receiver),
});

export const shareInstruction = (from: From): ShareInstruction => ({
  shareNo: from.requestNo,
  serialNo: 'LS20260102_0001',
  tradeNo: from.tradeNo ?? '',
  parts: (from.parts ?? []).map((part) => ({
    partNo: part.partNo,
    receiver: receiverOf(part),
    amount: yuan(part.amount),
    reason: '佣金',
  })),
  releasesRest: from.releasesRest ?? false,
  reason: '佣金',
});

const returnInstruction = (from: From): ShareReturnInstruction => ({
  returnNo: from.requestNo,
  shareNo: from.shareNo ?? '',
  receiver: receiverOf(from.receiver),
  amount: yuan(from.amount),
  reason: '退货',
});

type Moment = { readonly at: Instant; readonly nonce: string };

/** One operation with its instruction put in: whatever it asks for, it builds and reads. */
export type ShareCall = {
  readonly build: (account: ChannelAccount, moment: Moment, secrets: AccountSecrets) => Result<Draft>;
  readonly interpret: (
    answer: WireAnswer,
    account: ChannelAccount,
    secrets: AccountSecrets,
    heardAt: Instant,
  ) => { readonly trust: Trust; readonly outcome: Outcome<unknown>; readonly isAbsent?: boolean };
};

type Operation<Instruction> = {
  readonly build: (
    instruction: Instruction,
    account: ChannelAccount,
    moment: Moment,
    secrets: AccountSecrets,
  ) => Result<Draft>;
  readonly interpret: (
    answer: WireAnswer,
    instruction: Instruction,
    account: ChannelAccount,
    secrets: AccountSecrets,
    heardAt: Instant,
  ) => ReturnType<ShareCall['interpret']>;
};

const callOf = <Instruction>(operation: Operation<Instruction>, instruction: Instruction): ShareCall => ({
  build: (account, moment, secrets) => operation.build(instruction, account, moment, secrets),
  interpret: (answer, ...rest) => operation.interpret(answer, instruction, ...rest),
});

/** Undefined where the channel has no such operation, or the operation is none of sharing. */
export function shareCall({ share }: Connector, operation: string, from: From): ShareCall | undefined {
  if (!share) return undefined;
  const calls: ReadonlyMap<string, () => ShareCall | undefined> = new Map([
    ['share.bind', () => callOf(share.bind, receiverInstruction(from))],
    ['share.unbind', () => callOf(share.unbind, receiverInstruction(from))],
    ['share.submit', () => callOf(share.submit, shareInstruction(from))],
    ['share.query', () => callOf(share.query, shareInstruction(from))],
    ['share.return', () => share.giveBack && callOf(share.giveBack.submit, returnInstruction(from))],
    ['share.return_query', () => share.giveBack && callOf(share.giveBack.query, returnInstruction(from))],
  ]);
  return calls.get(operation)?.();
}

/** What became of each part belongs to the verdict: a whole that has ended says nothing of them. */
export function partsVerdict(facts: unknown): string {
  const { parts } = facts as { parts?: readonly { readonly partNo: string; readonly state: string }[] };
  return (parts ?? []).map(({ partNo, state }) => ` ${partNo}:${state}`).join('');
}
