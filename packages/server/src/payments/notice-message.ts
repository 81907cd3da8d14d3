import type { InboundMessage } from '../channels/contract/index.ts';

/** A message as it is kept: its head in two lines, an empty line, and the body as it came. */
export function bytesOfMessage({ method, query, headers, body }: InboundMessage): Buffer {
  return Buffer.concat([Buffer.from(`${method} ?${query}\n${JSON.stringify(headers)}\n\n`), body]);
}

/** The same message again. @throws Error for bytes that are no kept message. */
export function messageOfBytes(bytes: Uint8Array): InboundMessage {
  const kept = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = kept.indexOf('\n\n');
  const [first = '', headers = ''] = kept.subarray(0, Math.max(0, end)).toString().split('\n');
  const [, method, query] = /^([A-Z]+) \?(.*)$/.exec(first) ?? [];
  if (method === undefined || query === undefined) throw new Error('not a kept message of a channel');
  return { method, query, headers: JSON.parse(headers) as Record<string, string>, body: kept.subarray(end + 2) };
}
