import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { problemOf } from '../platform/refusals.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';

const reasons: ReadonlyMap<string, string> = new Map([
  ['HPE_HEADER_OVERFLOW', 'headers of at most 16 KiB'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'a request that comes to its end in time'],
]);

/** What Node cannot read as HTTP reaches no hook: it is refused in our form all the same, and the connection ends (RFC 9112 §2.2). */
export function answerUnreadable({ customs, metrics }: ApiParts) {
  return (error: ConnectionError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const refusal = badInput('request', '', reasons.get(error.code) ?? 'HTTP/1.1');
    const requestId = customs.ids.next();
    const problem = problemOf(refusal, requestId);
    metrics.count('liushui_refusals_total', { code: problem.code }, 1);
    const body = JSON.stringify(problem);
    const head = [
      ...[`HTTP/1.1 ${problem.status} Bad Request`, 'content-type: application/problem+json; charset=utf-8'],
      ...[`content-length: ${Buffer.byteLength(body)}`, `request-id: ${requestId}`, 'connection: close'],
    ];
    return void socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
}
