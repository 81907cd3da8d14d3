import type { Instant, Secret, WireAnswer, WireRequest } from '../../kernel/index.ts';

export type { WireAnswer, WireRequest };

/**
 * A request that lacks only its signature. `toSign` are the bytes that the signature covers; `finish` puts the signature in place.
 * Both depend on nothing but the arguments of `build`: building twice gives the same bytes.
 */
export type Draft = {
  readonly toSign: Uint8Array;
  /** Which kind of key signs, where a channel has several; absent: the only one. */
  readonly signWith?: string;
  readonly finish: (signature: string) => WireRequest;
};

/** One account at a channel, as the connector sees it: its settings as the manifest's fields describe them. */
export type ChannelAccount = {
  readonly id: string;
  readonly settings: Readonly<Record<string, string>>;
};

/** The account's live secrets by the manifest's field names; several keys of one name live side by side during a switch, newest first. */
export type AccountSecrets = Readonly<Record<string, readonly Secret[]>>;

/** What a builder may need that is neither instruction nor account; passed in so that a test owns it. */
export type Moment = { readonly at: Instant; readonly nonce: string };
