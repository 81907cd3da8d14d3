type Words = { readonly zh: string; readonly en: string };

/** How a merchant may stand to a channel (合作模式), and what that closes. */
export type ModeRule = Words & {
  /** A setting that an account in this mode has, or that it must not have. */
  readonly setting?: { readonly name: string; readonly present: boolean };
  /** Products that are not to be had in this mode. */
  readonly forbids: readonly string[];
  /** It stands still more often than others: never the merchant's only account at the channel. */
  readonly neverAlone?: true;
};

export type ProductOpening = {
  /** Where one applies for it. */
  readonly where: Words;
  /** One of these was opened before it. */
  readonly after?: readonly string[];
  /** It comes with one of these and is not applied for. */
  readonly with?: readonly string[];
  /** The kinds of application that may have it. People note the kind: no interface tells it. */
  readonly appKinds?: readonly string[];
};

/** What it takes to open an account at a channel. Products are those of the manifest; one that is not listed asks for nothing before it. */
export type OpeningRules = {
  readonly modes: Readonly<Record<string, ModeRule>>;
  readonly products: Readonly<Record<string, ProductOpening>>;
  /** The settings that say whose account it is at the channel: two accounts that agree in all of them have one statement. */
  readonly ownerSettings: readonly string[];
  /** Where the address for messages is said: with each order, or pasted once into the channel's web site. */
  readonly noticeAddress: 'per_order' | 'web_site';
};
