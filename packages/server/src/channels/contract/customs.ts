import type { Instant, Money, Outcome, Reading, Result, Secret, Trust } from '../../kernel/index.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from './wire.ts';

/** One declaration: push the payment record (支付单) of this paid trade to this customs place. The same for a re-push. */
export type DeclareInstruction = {
  readonly requestNo: string;
  /** The number that was paid with, as the channel knows it. */
  readonly serialNo: string;
  readonly tradeNo: string;
  readonly amount: Money;
  readonly place: string;
  readonly customsCode: string;
  readonly customsName: string;
  readonly isSplit: boolean;
  readonly childOrderNo?: string;
  readonly buyer?: { readonly name: Secret; readonly idNo: Secret };
};

/** What the channel says when it takes a declaration. Taken is never delivered. */
export type DeclareFacts = {
  readonly requestNo: string;
  /** The payment number that the channel sends to customs: the order document must carry this one. */
  readonly pushedPaymentNo: string;
  readonly channelDeclareNo?: string;
  readonly identityCheck?: 'same' | 'different';
  /** Other elements of the answer, kept as they came (announcement 179 needs some of them). */
  readonly extra: Readonly<Record<string, string>>;
};

/** What is declared stands beside the number: a channel that keeps no request numbers is asked by it. */
export type QueryInstruction = Pick<DeclareInstruction, 'requestNo'> &
  Partial<Pick<DeclareInstruction, 'serialNo' | 'tradeNo' | 'place' | 'isSplit' | 'childOrderNo'>>;

/** How far the channel says it came. `other` keeps its raw word in `channelStatus`. */
export type ChannelProgress = 'waiting' | 'sending' | 'done' | 'other';

export type CustomsReceipt = {
  /** The receipt's status as customs wrote it ("2", "120", "-401007"), or the channel's word where the place gives no codes. */
  readonly code: string;
  readonly text: string;
  readonly at?: Instant;
  /** The receipt id inside the text (新增申报成功[id]), when there is one. */
  readonly receiptId?: string;
};

export type QueryFacts =
  | { readonly found: false }
  | {
      readonly found: true;
      readonly requestNo: string;
      readonly progress: ChannelProgress;
      readonly channelStatus: string;
      readonly pushedPaymentNo: string;
      readonly channelDeclareNo?: string;
      readonly place: string;
      readonly customsCode: string;
      readonly customsName: string;
      /** Absent when the text is no amount. */
      readonly amount?: Money;
      readonly isSplit: boolean;
      readonly childOrderNo?: string;
      /** Whether the buyer who was named is the payer, where the channel keeps what it found. */
      readonly identityCheck?: 'same' | 'different';
      readonly memo: string;
      readonly lastModifiedAt?: Instant;
      readonly receipt?: CustomsReceipt;
      /** The channel says that customs answered well, which ends a refusal of before and proves no delivery. */
      readonly isAnsweredWell?: boolean;
    };

/** The answer to one query call, taken apart by request number. Every number asked for is in the map. */
export type QueryReading = {
  readonly trust: Trust;
  /** Which of the channel's possible signing rules fitted, for the metric. */
  readonly signingRule?: string;
  readonly byRequestNo: ReadonlyMap<string, Outcome<QueryFacts>>;
};

type Push = {
  build(
    instruction: DeclareInstruction,
    account: ChannelAccount,
    moment: Moment,
    secrets: AccountSecrets,
  ): Result<Draft>;
  interpret(
    answer: WireAnswer,
    instruction: DeclareInstruction,
    account: ChannelAccount,
    secrets: AccountSecrets,
    heardAt: Instant,
  ): Reading<DeclareFacts>;
};

/** `secrets` and `heardAt`: as for payments, a request may name the key that answers are verified with, and a signature grows old. */
export type CustomsOperations = {
  readonly declare: Push;
  /** Where pushing again is a call of its own (`rePush.how`); elsewhere declaring again is. */
  readonly rePush?: Push;
  readonly query: {
    /** At most `batchMax` instructions. */
    build(
      instructions: readonly QueryInstruction[],
      account: ChannelAccount,
      moment: Moment,
      secrets: AccountSecrets,
    ): Result<Draft>;
    interpret(
      answer: WireAnswer,
      instructions: readonly QueryInstruction[],
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ): QueryReading;
  };
};
