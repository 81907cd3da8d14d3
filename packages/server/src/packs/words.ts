export type Words = { readonly zh: string; readonly en: string };
