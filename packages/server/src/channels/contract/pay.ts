import type { Instant, Money, Reading, Result, Secret, Trust } from '../../kernel/index.ts';
import type { Outcome } from '../../kernel/index.ts';
import type { ShareReceiver } from './receiver.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from './wire.ts';

/** One try to collect: the frozen terms of a payment serial number. The same instruction gives the same request but for time stamp and nonce. */
export type PayInstruction = {
  /** 支付流水号: the number that the channel sees as the number to pay. */
  readonly serialNo: string;
  /** One of the manifest's products. */
  readonly product: string;
  readonly amount: Money;
  /** What the payer reads; cleaned by the connector to what the channel carries. */
  readonly subject: string;
  /** Absolute: no attempt leaves without one. */
  readonly deadlineAt: Instant;
  readonly notifyUrl: string;
  readonly returnUrl?: string;
  /** The payer's code that the shop scanned (付款码), for products that ask for it. */
  readonly payerCode?: Secret;
  /** The payer's id at the channel, for products inside the wallet. */
  readonly payerId?: Secret;
  /** The address from which the payer's browser came, for products whose link only that browser may open. */
  readonly payerAddress?: Secret;
  /** The channel holds the money back so that it can be shared (分账). */
  readonly isHeldForSharing?: true;
};

/**
 * How a payer gets to the cashier. `url` goes to a browser, `sdk` to an app or to the wallet's own script, `code` is drawn, `trade` is opened
 * inside the wallet.
 */
export type HandOut =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'sdk'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string; readonly livesUntil?: Instant }
  | { readonly kind: 'trade'; readonly tradeNo: string };

/** What the channel knows of a trade. Amounts are the channel's own words: the core compares, never the connector alone. */
export type TradeFacts = {
  readonly serialNo: string;
  readonly tradeNo?: string;
  /** What the trade is about (total). */
  readonly amount?: Money;
  /** What the merchant receives, before the channel's fee. */
  readonly received?: Money;
  readonly payerPaid?: Money;
  readonly paidAt?: Instant;
  /** The payer as the channel names him, masked by the channel. */
  readonly payer?: string;
  /** Somebody has opened this trade: it is his. */
  readonly isOpened?: boolean;
  /** Money has gone back already (wholly or in part): ask about refunds. */
  readonly hasRefunds?: boolean;
  /** All of the money has gone back, whoever asked for it. */
  readonly isGivenBack?: boolean;
  readonly handOut?: HandOut;
  /** The channel's own word for the state, for people. */
  readonly channelStatus: string;
};

/**
 * succeeded: paid · accepted: the trade exists and is unpaid, or the call was taken · rejected: certainly unpaid for ever, with a listed code or
 * a closed trade · in_doubt: everything else. `isAbsent`: the channel does not know the number, which proves nothing before `absenceProves`.
 */
export type TradeReading = Reading<TradeFacts> & {
  readonly isAbsent?: boolean;
  /** A success about another amount or currency than ours, in the channel's words: the outcome is doubt, a person must look. */
  readonly disputed?: string;
};

/** succeeded: closed for ever · rejected: not closed, ask (paid, wrong state) · in_doubt. `isAbsent` as above. */
export type CloseFacts = { readonly action: 'closed' | 'refunded' | 'none' };
export type CloseReading = Reading<CloseFacts> & { readonly isAbsent?: boolean };

export type RefundInstruction = {
  readonly refundNo: string;
  readonly serialNo: string;
  readonly tradeNo: string;
  readonly amount: Money;
  /** What the attempt received, all of it. */
  readonly whole: Money;
  readonly reason: string;
  /** Where news of this refund may be sent: the address of its payment. */
  readonly notifyUrl: string;
  /** Parts of a shared payment that come back with this refund, where they come back with refunds. */
  readonly partsBack?: readonly { readonly receiver: ShareReceiver; readonly amount: Money }[];
};

export type RefundFacts = {
  readonly refundNo: string;
  readonly amount: Money;
  readonly at?: Instant;
  /** The fee that came back with it, where the channel says so. */
  readonly feeBack?: Money;
  readonly channelStatus: string;
};

/**
 * A refused refund whose code is in `fundsShortCodes` waits for money and goes again under the same number. `isAbnormal`: the money left and the
 * channel cannot deliver it; the outcome is doubt, a person must look, and a new number is never right.
 */
export type RefundReading = Reading<RefundFacts> & { readonly isAbnormal?: boolean };

/** A message that the channel sent by itself, taken apart. What it is worth is decided by trust and by comparison with our record. */
export type NoticeReading = {
  readonly trust: Trust;
  readonly kind: 'payment' | 'refund' | 'other';
  /** The channel's id of the message, the same over repeats. */
  readonly noticeId?: string;
  /** False: signed rightly, but about an account that is not this one. */
  readonly isOurs: boolean;
  readonly serialNo?: string;
  readonly refundNo?: string;
  readonly outcome: Outcome<TradeFacts>;
  /** The amount and currency as the message says them. The core compares with the record, which the connector does not know. */
  readonly says?: Money;
  /** The message's type in the channel's words. */
  readonly word: string;
  /** What this message is answered with, where its kind is answered otherwise than `notice.ack` of the rules. */
  readonly ack?: Acknowledgement;
};

export type InboundMessage = {
  readonly method: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export type Acknowledgement = { readonly status: number; readonly contentType: string; readonly body: string };

/** Where the payer pays: an online sale never uses a counter product, nor the reverse (channels punish it: 线上套线下). */
export type Scene = 'online' | 'counter';

export type ProductRule = {
  readonly nameZh: string;
  readonly nameEn: string;
  readonly scene: Scene;
  /** Where it can be used. `wallet`: in the browser of the channel's own wallet; `mini_program`: in a mini program of that wallet. */
  readonly terminals: readonly ('pc' | 'phone' | 'app' | 'wallet' | 'mini_program' | 'counter')[];
  /** What the payer gets. `wallet_script`: text for the wallet's own script; `nothing`: his code is charged at once. */
  readonly handsOut: 'page' | 'code' | 'wallet_script' | 'app' | 'nothing';
  /** Settings and secrets without which an account has not opened this product. Absent: none. */
  readonly openedBy?: readonly (SettingWish | { readonly secret: string })[];
  /** Settings with which its request cannot be made. Absent: none. */
  readonly closedBy?: readonly SettingWish[];
  /** What its request can carry besides the money. Absent: nothing, whatever a contract gives. */
  readonly carries?: readonly ('instalments' | 'split')[];
  /** `show`: a signed request is handed to the payer, nothing is called. `submit`: the channel is called first. */
  readonly begins: 'show' | 'submit';
  /** When a trade exists at the channel: not found before then is normal. */
  readonly tradeBornAt: 'call' | 'payer';
  readonly needs: readonly ('payer_code' | 'payer_id' | 'payer_address')[];
  /** Minutes after which "not found" proves that this number was never paid: the later of the two that are given. Absent: never. */
  readonly absenceProves?: { readonly afterDeadlineMinutes: number; readonly afterCreationMinutes?: number };
  /**
   * The payer's code is charged at once: asked every so often, then cancelled until the channel answers definitely. A code works once, so
   * such a call is never sent twice, whatever `resendIsSafe` says. `cancelAfterMs`: since it was charged, before anybody may cancel.
   */
  readonly codePayment?: {
    readonly waitMs: number;
    readonly everyMs: number;
    readonly forMs: number;
    readonly cancelAfterMs?: number;
  };
};

/** A setting of an account, and the values that are meant; without values: that it stands there at all. */
export type SettingWish = { readonly setting: string; readonly oneOf?: readonly string[] };

/** The wallet of a channel, and how a payer who comes with it is known. */
export type WalletRule = {
  /** A User-Agent with one of these words is the wallet's own browser; case does not matter. */
  readonly browser: readonly string[];
  /** With one of these besides it is the wallet on a desktop, which counts as an ordinary browser there. */
  readonly desktop: readonly string[];
  /** With one of these besides it is a mini program of the wallet. */
  readonly miniProgram: readonly string[];
  /** Whether phone pages of other channels can be paid in that browser. */
  readonly opensOthers: boolean;
  /** How the codes begin that this wallet shows to be charged (付款码). */
  readonly payerCodes: readonly string[];
  /** How a page in its browser asks the wallet to pay. Absent: pages cannot. */
  readonly bridge?: WalletBridge;
};

/** What the wallet puts into its browser: `object.method(call, given, back)`, once the document has heard `ready`. */
export type WalletBridge = {
  readonly object: string;
  readonly ready: string;
  readonly method: string;
  readonly call: string;
  /** The member that carries the trade's number, where the hand-out is one; a text for the script is given as it is. */
  readonly tradeParam?: string;
};

export type PayRules = {
  /** What a payment serial number may look like here. */
  readonly serialNo: { readonly pattern: string };
  readonly currencies: readonly string[];
  readonly amount: { readonly minMinor: bigint; readonly maxMinor: bigint };
  readonly expiry: { readonly minMs: number; readonly maxMs: number };
  /** The same number with the same bytes again is the same trade. */
  readonly resendIsSafe: boolean;
  readonly products: Readonly<Record<string, ProductRule>>;
  readonly wallet?: WalletRule;
  /** The setting by which all payments of an account exclude credit cards. Absent: only a contract can. */
  readonly creditCardOff?: SettingWish;
  /** Milliseconds between two questions about one number, at least. */
  readonly queryFloorMs: number;
  readonly notice: {
    /** What each message is answered with, once it is stored; never an error for money that we hold. */
    readonly ack: Acknowledgement;
    readonly refused: Acknowledgement;
  };
};

export type RefundRules = {
  readonly refundNo: { readonly pattern: string };
  /** The same number with the same amount again is the same refund. */
  readonly resendIsSafe: boolean;
  /** Milliseconds between two refunds of one trade. */
  readonly gapMs: number;
  /** Refunds of one payment at most; absent: unpublished. */
  readonly countMax?: number;
  /** The answer to the call is the end; otherwise ask. */
  readonly answerIsFinal: boolean;
  readonly firstQueryAfterMs: number;
  readonly fundsShortCodes: readonly string[];
};

/** Certificates name themselves in the request and content keys encrypt it, before the signature covers it: so a build knows the secrets. */
type Build<Instruction> = (
  instruction: Instruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
) => Result<Draft>;
export type BuildPay = Build<PayInstruction>;
export type BuildRefund = Build<RefundInstruction>;

/** `heardAt` is when the answer or message came in: some channels sign a time, and a signature is worth something for minutes only. */
export type PayOperations = {
  /** Products that begin with `show`: what the payer's browser or app is given. `finish` of the draft is not sent by us. */
  readonly show?: {
    build: BuildPay;
    /** Makes the finished request what is handed out. */
    handOut(request: ReturnType<Draft['finish']>, instruction: PayInstruction): HandOut;
  };
  /** Products that begin with `submit`. */
  readonly submit: {
    build: BuildPay;
    interpret(
      answer: WireAnswer,
      instruction: PayInstruction,
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ): TradeReading;
  };
  readonly query: {
    build: BuildPay;
    interpret(
      answer: WireAnswer,
      instruction: PayInstruction,
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ): TradeReading;
  };
  readonly close: {
    build: BuildPay;
    interpret(
      answer: WireAnswer,
      instruction: PayInstruction,
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ): CloseReading;
  };
  /** For code payments in doubt only: on a paid trade it gives the money back. */
  readonly cancel?: PayOperations['close'];
  readonly notice: {
    read(message: InboundMessage, account: ChannelAccount, secrets: AccountSecrets, heardAt: Instant): NoticeReading;
  };
};

export type RefundOperations = {
  readonly submit: {
    build: BuildRefund;
    interpret(
      answer: WireAnswer,
      instruction: RefundInstruction,
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ): RefundReading;
  };
  readonly query: {
    build: BuildRefund;
    interpret(
      answer: WireAnswer,
      instruction: RefundInstruction,
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ): RefundReading;
  };
};
