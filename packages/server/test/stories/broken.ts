/** A law, and what of the books does not agree with it. */
export type Broken = { readonly law: string; readonly what: string };
