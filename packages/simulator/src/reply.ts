/** What goes back on a connection, or does not. Times are simulated milliseconds. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly code: number;
      readonly contentType: string;
      readonly body: Buffer;
      readonly afterMs?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'hang'; readonly forMs: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'endless'; readonly start: string; readonly again: string };

export function jsonReply(value: unknown, code: number): Reply {
  return {
    kind: 'answer',
    code,
    contentType: 'application/json; charset=utf-8',
    body: Buffer.from(`${JSON.stringify(value)}\n`),
  };
}

export function textReply(text: string, contentType: string, code: number): Reply {
  return { kind: 'answer', code, contentType, body: Buffer.from(text) };
}

/** See other: the browser asks again with GET. */
export function redirect(to: string): Reply {
  return { ...emptyAnswer, headers: { location: to } };
}

const emptyAnswer = { kind: 'answer', code: 303, contentType: 'text/plain', body: Buffer.alloc(0) } as const;
