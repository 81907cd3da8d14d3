import type { Secret } from '../../kernel/index.ts';

/** Who may be given a part of a payment (分账接收方). The channel must know him by this account before anything is shared. */
export type ShareReceiver = {
  /** One of the kinds of the manifest's rules. */
  readonly kind: string;
  /** His number at the channel. */
  readonly account: Secret;
  /** His name as the channel holds it; channels that check it refuse another. */
  readonly name?: Secret;
  /** What he is to the merchant, one of the rules' relations. */
  readonly relation?: string;
};
