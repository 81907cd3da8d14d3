/** Where a product is used: on the payer's own screen, or face to face. `*`: both. */
export type TermScene = '*' | 'online' | 'counter';

/**
 * What a channel's documents say of contracts in general. It holds for an account until two people have written down what its own
 * contract says, and is shown as unconfirmed for as long.
 */
export type DefaultTerm = {
  /** `*`: every product. */
  readonly product: string;
  readonly scene: TermScene;
  readonly kind: string;
  readonly value: Readonly<Record<string, string | number>>;
  readonly source: string;
  /** Which text says so. */
  readonly from: string;
  /** The same in Chinese. Absent: the text has no other name. */
  readonly fromZh?: string;
  /** Another text says otherwise: this one is offered when the account's contract is read, and does not hold before. */
  readonly alternative?: true;
};
