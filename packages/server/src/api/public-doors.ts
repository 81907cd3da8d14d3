import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import manifest from '../../package.json' with { type: 'json' };
import { measureOffset } from '../platform/clock.ts';
import { problemOf } from '../platform/refusals.ts';
import { fitOf, migrationsDir, readMigrations, readStanding } from '../platform/migrate.ts';
import { errorPage, isRefusalCode } from './error-page.ts';
import type { ApiParts } from './parts.ts';
import { told } from './problems.ts';
import { langOf, pagePolicy, statusPage } from './status-page.ts';
import { readFigures, readLanes } from './store.ts';

export const version = manifest.version;

/** A process that is further off stops leasing (architecture rule 8). */
const offsetMaxMs = 1000;

/** The doors without a login (architecture §5): health, figures for this machine, a page of counts, and what refusals mean. */
export function addPublicDoors(server: FastifyInstance, parts: ApiParts): void {
  server.get('/healthz', { schema: { hide: true } }, (_request, reply) => reply.send({ ok: true }));
  server.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const checks = await readiness(parts);
    const ok = Object.values(checks).every((check) => check === 'ok');
    return reply.code(ok ? 200 : 503).send({ ok, checks });
  });
  server.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!isLoopback(request)) return reply.callNotFound();
    await setGauges(parts);
    return reply.type(parts.metrics.contentType).send(await parts.metrics.text());
  });
  server.get('/', { schema: { hide: true } }, async (request, reply) => {
    const now = parts.clock.now();
    const [lanes, figures] = [await readLanes(parts.db, 'all', now), await readFigures(parts.db)];
    const { bornAs } = parts.installation;
    const lang = langOf(request.headers['accept-language']);
    const page = statusPage({ lang, bornAs, version, now, lanes, figures });
    return sendPage(reply.header('vary', 'Accept-Language'), page);
  });
  // Words of the catalogue only, nothing of anybody; still for this machine, like all that is open without a key.
  server.get<{ Params: { code: string } }>('/docs/errors/:code', { schema: { hide: true } }, (request, reply) => {
    const { code } = request.params;
    return isLoopback(request) && isRefusalCode(code) ? sendPage(reply, errorPage(code)) : reply.callNotFound();
  });
  server.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(problemOf({ code: 'server.no_such_address', params: { path: told(request.url) } }, request.id)),
  );
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      ...{ 'content-security-policy': pagePolicy, 'x-content-type-options': 'nosniff' },
      ...{ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' },
    })
    .send(page);
}

/** The socket's own address: no header can claim to be this machine. A header that only proxies write proves that somebody is behind it. */
function isLoopback(request: FastifyRequest): boolean {
  const { headers } = request;
  if (['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'].some((name) => headers[name] !== undefined)) return false;
  const address = request.socket.remoteAddress ?? '';
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

type Checks = { readonly database: string; readonly schema: string; readonly clock: string };

async function readiness(parts: ApiParts): Promise<Checks> {
  try {
    const standing = await readStanding(parts.db, await readMigrations(migrationsDir));
    const { database, program, worksWith } = standing;
    // Beside a newer program that only expanded the schema this one goes on serving.
    const fits = ['same', 'ahead'].includes(fitOf(standing));
    const offset = Math.abs(await measureOffset(parts.db));
    return {
      database: 'ok',
      schema: fits ? 'ok' : `has ${database}, works with ${worksWith}, knows ${program}`,
      clock: offset <= offsetMaxMs ? 'ok' : `${Math.round(offset)} ms off`,
    };
  } catch {
    return { database: 'unreachable', schema: 'unknown', clock: 'unknown' };
  }
}

async function setGauges({ db, clock, metrics }: ApiParts): Promise<void> {
  const now = clock.now();
  for (const { lane, due, oldestDueAt, callsPerSecond } of await readLanes(db, 'all', now)) {
    metrics.set('liushui_jobs_due', { lane }, due);
    metrics.set('liushui_oldest_due_seconds', { lane }, oldestDueAt === undefined ? 0 : (now - oldestDueAt) / 1000);
    metrics.set('liushui_lane_rate', { lane }, callsPerSecond);
  }
  metrics.set('liushui_doubt_open', { kind: 'customs_declaration' }, (await readFigures(db)).doubtOpen);
}
