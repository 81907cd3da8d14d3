import type { Instant, Trust } from '../kernel/index.ts';
import type { ChannelProgress } from '../channels/contract/index.ts';

/** Who said it. `stated` facts (imports, port lists, operators) carry no signature at all. */
export type FactSource = 'import' | 'us' | 'channel' | 'port' | 'customs' | 'operator';
export type FactTrust = Trust | 'stated';

/** What a query told of a declaration, as far as it can change. Two equal snapshots are one fact seen twice. */
export type ChannelSnapshot = {
  readonly progress: ChannelProgress;
  readonly channelStatus: string;
  readonly pushedPaymentNo: string;
  readonly channelDeclareNo?: string;
  readonly place: string;
  readonly customsCode: string;
  readonly customsName: string;
  /** Minor units as text, absent when the channel's text was no amount. */
  readonly amountMinor?: string;
  readonly isSplit: boolean;
  readonly childOrderNo?: string;
  readonly identityCheck?: 'same' | 'different';
  readonly memo: string;
  readonly lastModifiedAt?: Instant;
  readonly isAnsweredWell?: boolean;
  readonly receipt?: {
    readonly code: string;
    readonly text: string;
    readonly at?: Instant;
    readonly receiptId?: string;
  };
};

export type FactBody =
  /** Taken over from another system, which says it had declared. */
  | { readonly kind: 'adopted'; readonly pushedPaymentNo?: string }
  | { readonly kind: 'earlier_push'; readonly answer: string }
  /** We are about to push; committed before the first byte. */
  | { readonly kind: 'push_started'; readonly try: number; readonly planId: string }
  | {
      readonly kind: 'push_accepted';
      readonly try: number;
      readonly pushedPaymentNo: string;
      readonly channelDeclareNo?: string;
      readonly identityCheck?: 'same' | 'different';
      readonly extra: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'push_rejected'; readonly try: number; readonly code: string; readonly text: string }
  /** Sent, or perhaps sent, and no answer that proves anything. */
  | {
      readonly kind: 'push_in_doubt';
      readonly try: number;
      readonly why: string;
      /** The channel says that an earlier declaration stands, perhaps under a number that we do not know. */
      readonly standsAlready?: true;
    }
  /** Not one byte left this machine. */
  | { readonly kind: 'push_unsent'; readonly try: number; readonly why: string }
  | { readonly kind: 'channel_record'; readonly snapshot: ChannelSnapshot }
  | { readonly kind: 'channel_not_found' }
  | { readonly kind: 'query_in_doubt'; readonly why: string }
  | { readonly kind: 'port_missing'; readonly reportId: string; readonly line: number; readonly tradeNo?: string }
  | { readonly kind: 'port_released'; readonly reportId: string; readonly line: number; readonly tradeNo?: string }
  | {
      readonly kind: 'port_status';
      readonly reportId: string;
      readonly line: number;
      readonly released: boolean;
      readonly tradeNo?: string;
    }
  /** The port says that it has the record. `reportId`: the list or the pack that it answers. */
  | { readonly kind: 'port_has'; readonly reportId: string; readonly line: number; readonly text: string }
  /** What a receiver of a pack answered, and nobody may conclude from: a channel about itself, or words that we do not know. */
  | {
      readonly kind: 'pack_reply';
      readonly reportId: string;
      readonly line: number;
      readonly result: string;
      readonly text: string;
    }
  | { readonly kind: 'payment_receipt'; readonly status: string; readonly text: string; readonly payCode: string }
  | {
      readonly kind: 'list_receipt';
      readonly status: string;
      readonly text: string;
      readonly copNo: string;
      readonly missingPayment: boolean;
    };

export type Fact = {
  readonly id: string;
  readonly source: FactSource;
  readonly trust: FactTrust;
  /** When it happened, by whoever said it. */
  readonly happenedAt: Instant;
  /** When we heard. */
  readonly heardAt: Instant;
  readonly exchange?: { readonly bucket: number; readonly id: string };
  readonly body: FactBody;
};
