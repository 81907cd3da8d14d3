import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiParts } from './parts.ts';
import { RateLimit } from './rate-limit.ts';
import { problemOf } from '../platform/refusals.ts';

/** A channel's message is a form of a few kilobytes; nothing of a megabyte is one. */
const noticeBytesMax = 64 * 1024;
/** Per address: a channel sends each message from few hosts, and hundreds a second on its worst day. */
const noticePace = { perSecond: 500, burst: 2000 };

/**
 * Where channels tell us of payments, without a login (architecture §5): limited in size and rate, kept as it came, verified by the account's
 * keys, and answered in the channel's words.
 */
export function addNoticeDoor(server: FastifyInstance, parts: ApiParts): void {
  const pace = new RateLimit(noticePace);
  void server.register((scope, _options, ready) => {
    scope.removeAllContentTypeParsers();
    // Every kind of content as its bytes; the two that channels send are found without being parsed each time.
    scope.addContentTypeParser(
      ['application/x-www-form-urlencoded', 'application/json', '*'],
      { parseAs: 'buffer', bodyLimit: noticeBytesMax },
      (_request, body, parsed) => parsed(null, body),
    );
    scope.route<{ Params: { channel: string; account: string } }>({
      method: ['POST', 'GET'],
      url: '/notify/:channel/:account',
      schema: { hide: true },
      bodyLimit: noticeBytesMax,
      async handler(request, reply) {
        if (pace.take(request.ip, performance.now()) > 0) return reply.code(429).send('');
        const { channel, account: accountId } = request.params;
        const taken = await parts.notices.take({
          ...{ channel, accountId, peer: request.ip, message: messageOf(request) },
        });
        if (!taken.ok)
          return reply.code(404).type('application/problem+json').send(problemOf(taken.refusal, request.id));
        const { status, contentType, body } = taken.value;
        return reply.code(status).type(contentType).send(body);
      },
    });
    ready();
  });
}

function messageOf(request: FastifyRequest) {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return {
    method: request.method,
    query: request.url.split('?', 2)[1] ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  };
}
