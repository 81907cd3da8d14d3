import type { CustomsOperations } from './customs.ts';
import type { CustomsRules, Manifest } from './manifest.ts';
import type { AccountSecrets, ChannelAccount } from './wire.ts';

/** Rules without operations do not compile, nor the reverse: an operation is present or absent (style-by-example §7). */
type OperationsOf<M extends Manifest> = M extends { readonly customs: CustomsRules }
  ? { readonly customs: CustomsOperations }
  : { readonly customs?: never };

export type Connector = {
  readonly manifest: Manifest;
  /** Signs the bytes of a draft with the account's newest key. Runs off the main thread where the algorithm is slow. */
  readonly sign: (toSign: Uint8Array, account: ChannelAccount, secrets: AccountSecrets) => Promise<string>;
  readonly customs?: CustomsOperations;
};

export function defineConnector<M extends Manifest>(
  manifest: M,
  sign: Connector['sign'],
  operations: OperationsOf<M>,
): Connector {
  return { manifest, sign, ...operations };
}
