export type Words = { readonly zh: string; readonly en: string };

export type Finding = {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: Words;
  readonly wayOut?: Words;
};

export const good = (name: string, found: Words): Finding => ({ name, state: 'ok', found });
export const warn = (name: string, found: Words, wayOut: Words): Finding => ({ name, state: 'warn', found, wayOut });
export const fail = (name: string, found: Words, wayOut: Words): Finding => ({ name, state: 'fail', found, wayOut });
