/** Whether money moved, as far as the refused act is concerned. */
export type MoneyMoved = 'not_moved' | 'moved' | 'unknown';
/** How to go on after a refusal. */
export type Retry = 'never' | 'same_key' | 'after' | 'change_input';

export type RefusalParams = Readonly<Record<string, string | number | boolean>>;

/** A refused act: a returned value with a catalogue code, never an exception (style-by-example §9). */
export type Refusal = {
  readonly code: string;
  /** Fills the placeholders of the catalogue's sentences. */
  readonly params: RefusalParams;
  /** Which field, row or line: a JSON pointer, or words such as "line 212". */
  readonly pointer?: string;
};

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function refuse(code: string, params: RefusalParams = {}, pointer?: string): Result<never> {
  return { ok: false, refusal: pointer === undefined ? { code, params } : { code, params, pointer } };
}

export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}
