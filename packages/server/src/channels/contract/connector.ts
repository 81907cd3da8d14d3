import type { Instant, Refusal } from '../../kernel/index.ts';
import type { CustomsOperations } from './customs.ts';
import type { CustomsRules, Manifest } from './manifest.ts';
import type { OpeningRules } from './opening.ts';
import type { PayOperations, PayRules, RefundOperations, RefundRules } from './pay.ts';
import type { ShareOperations, ShareRules } from './share.ts';
import type { StatementOperations, StatementRules } from './statement.ts';
import type { DefaultTerm } from './terms.ts';
import type { AccountSecrets, ChannelAccount, WireAnswer } from './wire.ts';

/** Rules without operations do not compile, nor the reverse: an operation is present or absent (style-by-example §7). */
type OperationsOf<M extends Manifest> = (M extends { readonly customs: CustomsRules }
  ? { readonly customs: CustomsOperations }
  : { readonly customs?: never }) &
  (M extends { readonly pay: PayRules } ? { readonly pay: PayOperations } : { readonly pay?: never }) &
  (M extends { readonly refund: RefundRules } ? { readonly refund: RefundOperations } : { readonly refund?: never }) &
  (M extends { readonly share: ShareRules } ? { readonly share: ShareOperations } : { readonly share?: never }) &
  (M extends { readonly statement: StatementRules }
    ? { readonly statement: StatementOperations }
    : { readonly statement?: never }) & {
    readonly terms?: readonly DefaultTerm[];
    readonly saysTooOften?: SaysTooOften;
    readonly refuseAccount?: RefuseAccount;
    readonly opening?: OpeningRules;
  };

/**
 * Whether an answer says that the channel is called too often: then the gap of the lane doubles for a while. It settles nothing, so it counts
 * without a signature.
 */
type SaysTooOften = (answer: WireAnswer) => boolean;

/** What the form of an account cannot say: settings that need each other, keys that nobody can read; each by its pointer. Asked before it is saved. */
type RefuseAccount = (account: ChannelAccount, secrets: AccountSecrets, at: Instant) => readonly Refusal[];

export type Connector = {
  readonly manifest: Manifest;
  /**
   * Signs the bytes of a draft with the account's newest key, `signWith` naming the kind of key where a channel has several. Runs off the
   * main thread where the algorithm is slow.
   */
  readonly sign: (
    toSign: Uint8Array,
    account: ChannelAccount,
    secrets: AccountSecrets,
    signWith?: string,
  ) => Promise<string>;
  readonly customs?: CustomsOperations;
  readonly pay?: PayOperations;
  readonly refund?: RefundOperations;
  readonly share?: ShareOperations;
  readonly statement?: StatementOperations;
  /** What the channel's documents say of contracts in general. */
  readonly terms?: readonly DefaultTerm[];
  readonly saysTooOften?: SaysTooOften;
  readonly refuseAccount?: RefuseAccount;
  /** What it takes to open an account. Absent: nobody wrote it down, and nothing is asked for before anything. */
  readonly opening?: OpeningRules;
};

export function defineConnector<M extends Manifest>(
  manifest: M,
  sign: Connector['sign'],
  operations: OperationsOf<M>,
): Connector {
  return { manifest, sign, ...operations };
}
