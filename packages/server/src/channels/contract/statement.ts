import type { BusinessDate, Instant, Reading, Result } from '../../kernel/index.ts';
import type { SettingWish } from './pay.ts';
import type { AccountSecrets, ChannelAccount, Draft, Moment, WireAnswer } from './wire.ts';

/** One file (对账单): which kind of it, and of which day of the channel. */
export type StatementQuestion = {
  /** One of the kinds of the manifest's rules. */
  readonly kind: string;
  readonly day: BusinessDate;
};

/** Where a file lies for a few minutes, and what proves it. */
export type StatementAddress = {
  readonly url: string;
  /** The channel's digest of the contents, in its own form. */
  readonly digest: string;
};

/**
 * succeeded: the address, or that nothing happened that day · accepted: not made yet, ask again later · rejected: with a listed code: asking
 * again changes nothing until somebody does something · in_doubt: everything else, ask again.
 */
export type AskReading = Reading<
  { readonly found: true; readonly address: StatementAddress } | { readonly found: false; readonly words: string }
>;

/** The contents as the channel digests them, without their wrapping. `digest` is what they were compared with. */
export type ProvedFile = { readonly bytes: Uint8Array; readonly digest: string };

/**
 * Never `accepted`: whatever is not the proved file is asked for anew. `rejected`: what lies there is more than we take, so asking soon again changes
 * nothing. The trust of a proved file is that of the answer that named its digest.
 */
export type FetchReading = Reading<ProvedFile>;

export const statementLineKinds = [
  ...(['payment', 'refund', 'reversal', 'refund_return', 'fee', 'fee_return'] as const),
  ...(['share_out', 'payout', 'topup', 'withdrawal', 'unknown'] as const),
] as const;
export type StatementLineKind = (typeof statementLineKinds)[number];

/** One line as the channel wrote it. Amounts are decimals as text, with every digit that was printed. */
export type StatementLine = {
  /** Physical line of the contents, from 1, and where its bytes lie: the contents are the only home of columns that are not here. */
  readonly lineNo: number;
  readonly byteOff: number;
  readonly byteLen: number;
  readonly kind: StatementLineKind;
  /** The channel's own words for the kind. */
  readonly channelKind: string;
  /** The channel's own word for the state; a photograph of the moment at which the file was made. */
  readonly channelStatus?: string;
  /** Our number of the payment, and the channel's number of its trade. */
  readonly serialNo?: string;
  readonly tradeNo?: string;
  readonly refundNo?: string;
  readonly channelRefundNo?: string;
  /** What the channel quotes for a line that is about neither a payment nor a refund. */
  readonly voucherNo?: string;
  /** The channel's number of the movement itself. */
  readonly flowNo?: string;
  readonly product?: string;
  readonly currency: string;
  /** Signed effect on our balance at the channel, before the fee: + to us, − from us. */
  readonly amount: string;
  /** Signed effect of the fee: a charge −, a return +. Absent where fees have lines of their own. */
  readonly fee?: string;
  /** The rate as printed; never computed with. */
  readonly rate?: string;
  /** What the order was priced at, where that is another column. */
  readonly gross?: string;
  readonly balance?: string;
  /** For people; what the channel could not escape is lost. */
  readonly about?: string;
  readonly at: Instant;
};

export type StatementContent = {
  readonly lines: readonly StatementLine[];
  /** The file's own totals by their printed names, each compared with the lines. */
  readonly totals: Readonly<Record<string, string>>;
};

export type StatementKind = {
  readonly nameZh: string;
  readonly nameEn: string;
  /** What it tells of: trades, or every movement of the balance. */
  readonly view: 'trade' | 'flow' | 'share';
  /** False: its columns are not known, so its contents are kept and not read. */
  readonly isRead: boolean;
  /** False: only when somebody asks for it. */
  readonly isDaily: boolean;
  /** With one of these settings the account has no such file. */
  readonly closedBy?: readonly SettingWish[];
};

export type StatementRules = {
  readonly kinds: Readonly<Record<string, StatementKind>>;
  /** Minutes after the end of the channel's day, in Beijing: from then on a file is asked for; missing then, it is a case. */
  readonly readyAfterMinutes: number;
  readonly lateAfterMinutes: number;
  readonly retryMinutes: number;
  /** Files of days further back are not given any more. */
  readonly daysBack: number;
  /** Minutes for which an address holds. */
  readonly addressMinutes: number;
  /** Emptiness is believed by and by: a day without anything is asked about again so many minutes after its file should be there. */
  readonly emptyAgainMinutes: readonly number[];
};

export type StatementOperations = {
  readonly ask: {
    readonly build: (
      question: StatementQuestion,
      account: ChannelAccount,
      moment: Moment,
      secrets: AccountSecrets,
    ) => Result<Draft>;
    readonly interpret: (
      answer: WireAnswer,
      question: StatementQuestion,
      account: ChannelAccount,
      secrets: AccountSecrets,
      heardAt: Instant,
    ) => AskReading;
  };
  readonly fetch: {
    readonly build: (
      address: StatementAddress,
      account: ChannelAccount,
      moment: Moment,
      secrets: AccountSecrets,
    ) => Result<Draft>;
    readonly interpret: (answer: WireAnswer, address: StatementAddress) => FetchReading;
  };
  /**
   * Reads contents whole, or not at all.
   * @returns refusals statement.heading_unknown, statement.cell_unfit, statement.totals_differ, statement.not_whole, statement.other_account,
   * statement.other_day: each names the row, and the column where it is one.
   */
  readonly read: (
    contents: Uint8Array,
    question: StatementQuestion,
    account: ChannelAccount,
  ) => Result<StatementContent>;
};
