import type { Instant, Money, Reading, Result } from '../../kernel/index.ts';
import type { SettingWish } from './pay.ts';
import type { ShareReceiver } from './receiver.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from './wire.ts';

export type SharePart = {
  /** Our number of this part, unique within the request. */
  readonly partNo: string;
  readonly receiver: ShareReceiver;
  readonly amount: Money;
  readonly reason: string;
};

/** One request to share one payment. Without parts it only releases what is still held. The same number gives the same request. */
export type ShareInstruction = {
  readonly shareNo: string;
  /** The payment serial number, and the channel's number of its trade. */
  readonly serialNo: string;
  readonly tradeNo: string;
  readonly parts: readonly SharePart[];
  /** Whether the rest is the merchant's from now on: nothing more can be shared after that. */
  readonly releasesRest: boolean;
  readonly reason: string;
};

/** `failed` is certain and final: the money of this part is the merchant's again. */
export type SharePartFacts = {
  readonly partNo: string;
  readonly state: 'pending' | 'succeeded' | 'failed';
  readonly channelPartNo?: string;
  readonly reason?: string;
  readonly at?: Instant;
};

export type ShareFacts = {
  readonly shareNo: string;
  /** The channel's number of the request. */
  readonly channelNo?: string;
  /** Only parts of which the channel said something. */
  readonly parts: readonly SharePartFacts[];
  /** The channel's own word for the state of the whole, for people. */
  readonly channelStatus: string;
};

/**
 * succeeded: the whole has ended, which never means that every part succeeded: read the parts · accepted: taken, parts still pending ·
 * rejected: nothing of it was done, with a listed code · in_doubt: everything else. `isAbsent`: the channel does not know the number, which
 * proves nothing: the same request goes again.
 */
export type ShareReading = Reading<ShareFacts> & { readonly isAbsent?: boolean };

/** One part comes back to the merchant, wholly or in part (分账回退). */
export type ShareReturnInstruction = {
  readonly returnNo: string;
  readonly shareNo: string;
  readonly channelNo?: string;
  readonly receiver: ShareReceiver;
  readonly amount: Money;
  readonly reason: string;
};
export type ShareReturnFacts = {
  readonly returnNo: string;
  readonly amount: Money;
  readonly at?: Instant;
  readonly channelStatus: string;
};
/** succeeded: the money is back · accepted: asked for · rejected: certainly not coming under this number · in_doubt. */
export type ShareReturnReading = Reading<ShareReturnFacts> & { readonly isAbsent?: boolean };

export type ReceiverInstruction = {
  /** A number of ours for channels that want one. */
  readonly requestNo: string;
  readonly receiver: ShareReceiver;
};
/** succeeded: bound (or gone), also where it was so before · rejected: notTaken with a listed code · in_doubt: the same request goes again. */
export type ReceiverReading = Reading<{ readonly channelStatus: string }>;

export type ShareRules = {
  /** Kinds of receivers, in the channel's words. */
  readonly kinds: Readonly<Record<string, ReceiverKind>>;
  /** What a receiver may be to the merchant; empty: the channel does not ask. */
  readonly relations: readonly string[];
  readonly shareNo: { readonly pattern: string };
  readonly returnNo: { readonly pattern: string };
  readonly partsMax: number;
  /** The setting by which an account says otherwise, where nothing public settles the number. */
  readonly partsMaxSetting?: string;
  /** Requests about one payment at most; absent: unpublished. */
  readonly requestsMax?: number;
  /** Of the payment that may be shared, in whole percent, unless the account's setting says otherwise; absent: all of it. */
  readonly percentMax?: { readonly usual: number; readonly setting: string };
  /** Milliseconds after the payment before anything can be shared. */
  readonly afterPaymentMs: number;
  /** Days after the payment on which the channel releases what is left by itself. */
  readonly heldDays: number;
  /** Days after the sharing within which a part can come back. */
  readonly returnDays: number;
  /** The same number with the same content again is the same request. */
  readonly resendIsSafe: boolean;
  readonly firstQueryAfterMs: number;
  /**
   * How a part comes back: by a call of its own before the refund, as a line of the refund itself, or by the channel's own doing with every
   * refund of a product (pro rata).
   */
  readonly comesBack: 'own_call' | 'with_refund';
  /** Products whose refunds take the parts back pro rata by themselves. */
  readonly proRataProducts: readonly string[];
  /** Settings with which an account can share; absent: every account. */
  readonly openedBy?: readonly SettingWish[];
};
export type ReceiverKind = {
  readonly nameZh: string;
  readonly nameEn: string;
  readonly pattern: string;
  readonly needsName: boolean;
  /** What this kind was given stays with it: the channel takes nothing back from it. Absent: it can come back. */
  readonly givesBack?: false;
};

type Build<Instruction> = (
  instruction: Instruction,
  account: ChannelAccount,
  moment: Moment,
  secrets: AccountSecrets,
) => Result<Draft>;
type Interpret<Instruction, Answer> = (
  answer: WireAnswer,
  instruction: Instruction,
  account: ChannelAccount,
  secrets: AccountSecrets,
  heardAt: Instant,
) => Answer;
type Operation<Instruction, Answer> = {
  readonly build: Build<Instruction>;
  readonly interpret: Interpret<Instruction, Answer>;
};

export type ShareOperations = {
  readonly bind: Operation<ReceiverInstruction, ReceiverReading>;
  readonly unbind: Operation<ReceiverInstruction, ReceiverReading>;
  readonly submit: Operation<ShareInstruction, ShareReading>;
  readonly query: Operation<ShareInstruction, ShareReading>;
  /** Where a part comes back by a call of its own. */
  readonly giveBack?: {
    readonly submit: Operation<ShareReturnInstruction, ShareReturnReading>;
    readonly query: Operation<ShareReturnInstruction, ShareReturnReading>;
  };
};
