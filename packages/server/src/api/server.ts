import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import swagger from '@fastify/swagger';
import fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import { assert, done } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import { listMerchants } from '../accounts/index.ts';
import { allowed, authenticate, everyMerchant, LoginAttempts } from '../identity/index.ts';
import type { Actor, LoggedIn } from '../identity/index.ts';
import { isConnectionLost } from '../platform/db.ts';
import { problemOf, refuseAs } from '../platform/refusals.ts';
import { checkerOf } from './body.ts';
import { answerOf, once, readKey } from './idempotency.ts';
import type { Answer } from './idempotency.ts';
import type { ApiParts } from './parts.ts';
import { badInput, told } from './problems.ts';
import { addPublicDoors, version } from './public-doors.ts';
import { keyPace, RateLimit } from './rate-limit.ts';
import type { Call, Reply, Route } from './route.ts';
import { attemptRoutes } from './routes-attempts.ts';
import { customsRoutes } from './routes-customs.ts';
import { incidentRoutes } from './routes-incidents.ts';
import { packRoutes } from './routes-packs.ts';
import { addNoticeDoor } from './notice-door.ts';
import { addCashierDoor } from './cashier-door.ts';
import { cashierRoutes } from './routes-cashier.ts';
import { paymentRoutes } from './routes-payments.ts';
import { refundRoutes } from './routes-refunds.ts';
import { peopleRoutes } from './routes-people.ts';
import { planRoutes } from './routes-plans.ts';
import { recordRoutes } from './routes-records.ts';
import { routingRoutes } from './routes-routing.ts';
import { sandboxRoutes } from './routes-sandbox.ts';
import { shareVerdictRoutes } from './routes-share-verdicts.ts';
import { sharingRoutes } from './routes-sharing.ts';
import { onboardingRoutes } from './routes-onboarding.ts';
import { statementRoutes } from './routes-statements.ts';
import { termRoutes } from './routes-terms.ts';
import { webhookDocuments, webhookRoutes } from './routes-webhooks.ts';
import { Problem } from './schemas.ts';
import { answerUnreadable } from './unreadable.ts';
import { isKeepable } from './wire.ts';

/** Far above any port's list; a JSON body is far smaller. */
const uploadBytesMax = 32 * 1024 * 1024;
const jsonBytesMax = 1024 * 1024;

export function createRoutes(parts: ApiParts): readonly Route[] {
  return [
    ...paymentRoutes(parts),
    ...attemptRoutes(parts),
    ...refundRoutes(parts),
    ...sharingRoutes(parts),
    ...shareVerdictRoutes(parts),
    ...routingRoutes(parts),
    ...cashierRoutes(parts),
    ...customsRoutes(parts),
    ...planRoutes(parts),
    ...incidentRoutes(parts),
    ...packRoutes(parts),
    ...recordRoutes(parts),
    ...peopleRoutes(parts),
    ...onboardingRoutes(parts),
    ...statementRoutes(parts),
    ...termRoutes(parts),
    ...webhookRoutes(parts),
    ...sandboxRoutes(parts),
  ];
}

type Login = LoggedIn & { readonly bytes: Uint8Array };
/** Who a request comes from, and its body as it came. */
const logins = new WeakMap<FastifyRequest, LoggedIn>();
const bodies = new WeakMap<FastifyRequest, Uint8Array>();

function loginOf(request: FastifyRequest): Login {
  const login = logins.get(request);
  assert(login, 'a route ran without its login');
  return { ...login, bytes: bodies.get(request) ?? new Uint8Array() };
}

/** The HTTP API, the status page and the health doors. It listens to nothing before `listen` is called. */
export function createServer(parts: ApiParts): FastifyInstance {
  const server = fastify({
    logger: false,
    genReqId: () => parts.customs.ids.next(),
    bodyLimit: jsonBytesMax,
    // Only a proxy that was named may say who is behind it: address lists and the limit of attempts go by that word.
    trustProxy: [...(parts.config?.trustedProxies ?? [])],
    routerOptions: { maxParamLength: 128 },
    clientErrorHandler: answerUnreadable(parts),
    frameworkErrors: (_error, request, reply) => void sendNoAddress(parts, request, reply),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: true, allErrors: false } },
  });
  readBodies(server);
  tellOutcomes(server, parts);
  server.setErrorHandler((error: FastifyError, request, reply) => sendError(parts, error, request, reply));
  addPublicDoors(server, parts);
  addNoticeDoor(server, parts);
  addCashierDoor(server, parts);
  void server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Liushui', version, description: 'Money in minor units beside its currency; times in RFC 3339.' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
      webhooks: webhookDocuments(),
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `schema${index}`),
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
  });
  void server.register((scope, _options, ready) => {
    addRoutes(scope, parts);
    ready();
  });
  return server;
}

/** JSON is parsed, everything else is a file; the bytes are kept for the digest of the request. */
function readBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, ready) => {
    bodies.set(request, body as Buffer);
    if (takesFile(request)) ready(null, undefined);
    else if (body.length === 0) ready(null, {});
    else void parse(request, body.toString('utf8'), ready);
  });
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, ready) => {
    bodies.set(request, body as Buffer);
    if (takesFile(request)) ready(null, undefined);
    else ready(Object.assign(new Error('send application/json'), { statusCode: 415 }), undefined);
  });
}

function takesFile(request: FastifyRequest): boolean {
  return (request.routeOptions.config as { readonly upload?: boolean }).upload === true;
}

function tellOutcomes(server: FastifyInstance, { metrics, log }: ApiParts): void {
  server.addHook('onRequest', (request, reply, next) => {
    void reply.header('request-id', request.id);
    next();
  });
  server.addHook('onResponse', (request, reply, next) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.count('liushui_http_requests_total', { route, status: String(reply.statusCode) }, 1);
    metrics.observe('liushui_http_seconds', { route }, reply.elapsedTime / 1000);
    log.debug('http.answered', { requestId: request.id, method: request.method, route, status: reply.statusCode });
    next();
  });
}

function addRoutes(scope: FastifyInstance, parts: ApiParts): void {
  const attempts = new LoginAttempts();
  const pace = new RateLimit(keyPace);
  scope.addHook('onRequest', (request, reply) => admit(parts, attempts, pace, request, reply));
  scope.get('/v1/openapi.json', { schema: { hide: true } }, (_request, reply) => reply.send(scope.swagger()));
  for (const route of createRoutes(parts)) {
    scope.route({
      method: route.method,
      url: route.path.replace(/\{(\w+)\}/g, ':$1'),
      schema: schemaOf(route),
      ...(route.upload ? { bodyLimit: uploadBytesMax } : {}),
      config: configOf(route),
      onRequest: (request, reply) => mayEnter(parts, route, request, reply),
      preValidation: checkForms(parts, route),
      handler: (request, reply) => answer(parts, route, request, reply),
    });
  }
}

/** Stands at the route itself, so that what is really there can be held against what was meant. */
function configOf({ upload, permission, whole }: Route): object {
  return { upload: upload === true, permission, whole: whole === true };
}

const none = Type.Object({}, { additionalProperties: false });
const problem = { description: 'Refused', content: { 'application/problem+json': { schema: Problem } } };

/** What a route takes: what it has no name for, it refuses, as nobody would read it. */
function schemaOf(route: Route): FastifySchema {
  return {
    params: route.params ?? none,
    querystring: route.query ?? none,
    ...(route.method === 'POST' && !route.upload ? { body: route.body ?? none } : {}),
    ...(route.upload ? { consumes: ['application/octet-stream'] } : {}),
    response: {
      ...Object.fromEntries(Object.entries(route.answers).map(answerSchema)),
      '4xx': problem,
      '5xx': problem,
    },
    ...{ tags: [route.tag], summary: route.summary },
    description: `Needs the permission ${[route.permission].flat().join(' or ')}.`,
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-z]+/g, '_')}`.replace(/_$/, ''),
  };
}

function answerSchema([status, schema]: [string, TSchema]): [string, object] {
  if (!('format' in schema) || schema['format'] !== 'binary') return [status, schema];
  return [status, { description: 'The file', content: { 'application/octet-stream': { schema } } }];
}

/** In the document only: files are taken as they are, and what is wrong with a key is told by `readKey`, in words of its own. */
function described(schema: FastifySchema, { method, config }: RouteOptions): FastifySchema {
  if (method !== 'POST') return schema;
  const isUpload = (config as { readonly upload?: boolean } | undefined)?.upload === true;
  return { ...schema, headers: keyHeader, ...(isUpload ? { body: Type.String({ format: 'binary' }) } : {}) };
}

const keyHeader = Type.Object({ 'idempotency-key': Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' }) });

/** Bearer key (RFC 6750 §2.1), its address list, its pace. */
async function admit(
  parts: ApiParts,
  attempts: LoginAttempts,
  pace: RateLimit,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token === undefined) return sendProblem(parts, reply, { code: 'auth.login_required', params: {} });
  const visit = { door: 'api', ip: request.ip } as const;
  const given = { digest: parts.tokens.digest, attempts };
  const login = await authenticate(parts.db, token, visit, given, parts.clock.now());
  if (!login.ok) return sendProblem(parts, reply, login.refusal);
  const afterSeconds = pace.take(Buffer.from(login.value.tokenDigest).toString('hex'), performance.now());
  if (afterSeconds > 0)
    return sendProblem(parts, reply, { code: 'server.too_many_requests', params: { afterSeconds } });
  logins.set(request, login.value);
  return undefined;
}

/** Role and scope before anything is read or looked up: who may not do it at all does not learn what exists. */
async function mayEnter(parts: ApiParts, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const permitted = mayTry(loginOf(request).actor, route);
  return permitted.ok ? undefined : sendProblem(parts, reply, permitted.refusal);
}

/** What fastify's check would make fit, and must not: bodies, and numbers of an address in other forms than ours. */
function checkForms(parts: ApiParts, { body = none, query, upload }: Route) {
  const checkBody = upload ? undefined : checkerOf(body);
  const numbers = Object.entries((query as { properties?: Record<string, TSchema> } | undefined)?.properties ?? {});
  const integers = numbers.flatMap(([name, schema]) => ('type' in schema && schema.type === 'integer' ? [name] : []));
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const asked = request.query as Readonly<Record<string, unknown>>;
    const odd = integers.find((name) => typeof asked[name] === 'string' && !/^-?\d{1,16}$/.test(asked[name]));
    if (odd !== undefined) return sendProblem(parts, reply, badInput(odd, '', 'must be integer'));
    if (request.method !== 'POST' || !checkBody) return undefined;
    if (request.body === undefined) request.body = {};
    const refusal = checkBody(request.body);
    return refusal ? sendProblem(parts, reply, refusal) : undefined;
  };
}

async function answer(
  parts: ApiParts,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { actor, tokenDigest, bytes } = loginOf(request);
  const { params, query, body } = request;
  if (![params, query, body].every(isKeepable))
    return sendProblem(parts, reply, badInput('request', '', 'text without NUL and halves of characters'));
  const call = { actor, params, query, body: body ?? {}, bytes };
  const named = await mayName(parts, call);
  if (!named.ok) return sendProblem(parts, reply, named.refusal);
  const run = () => runHidden(route, call);
  if (route.method === 'GET') {
    const found = await run();
    if (found.ok && found.value.file) return sendFile(reply, found.value.file);
    return sendAnswer(parts, reply, answerOf(found, request.id));
  }
  const key = readKey(request.headers['idempotency-key']);
  if (!key.ok) return sendProblem(parts, reply, key.refusal);
  const line = `${request.method} ${request.url}`;
  return sendAnswer(
    parts,
    reply,
    await once(parts, key.value, { tokenDigest, line, bytes, requestId: request.id }, route, run),
  );
}

function mayTry(actor: Actor, { permission, whole }: Route): ReturnType<typeof allowed> {
  const merchant = whole || actor.merchants.includes(everyMerchant) ? undefined : actor.merchants[0];
  const tries = [permission].flat().map((one) => allowed(actor, one, merchant));
  return tries.find((one) => one.ok) ?? tries[0] ?? done(undefined);
}

/** A merchant that is named must be there and the caller's, before anything is looked up: after that, only things can be another's. */
async function mayName(
  { db }: ApiParts,
  { actor, query, body }: Call<unknown, unknown, unknown>,
): Promise<ReturnType<typeof allowed>> {
  const parts = [query, body].map((part) => (part as { readonly merchant_id?: unknown } | undefined)?.merchant_id);
  const named = parts.filter((one) => typeof one === 'string');
  const theirs =
    actor.merchants.includes(everyMerchant) && named.length > 0 ? await listMerchants(db) : actor.merchants;
  const foreign = named.find((one) => !theirs.includes(one));
  return foreign === undefined ? done(undefined) : refuseAs('auth.merchant_missing', { merchant: told(foreign) });
}

async function runHidden(route: Route, call: Call<unknown, unknown, unknown>): Promise<Result<Reply>> {
  const result = await route.run(call);
  const refusal = result.ok || result.refusal.code !== 'auth.merchant_missing' ? undefined : route.absent?.(call);
  return refusal ? { ok: false, refusal } : result;
}

function sendAnswer(parts: ApiParts, reply: FastifyReply, { status, body, repeated }: Answer): FastifyReply {
  if (repeated) void reply.header('idempotent-replayed', 'true');
  if (status >= 400) {
    const code = body !== null && typeof body === 'object' && 'code' in body ? body['code'] : undefined;
    parts.metrics.count('liushui_refusals_total', { code: typeof code === 'string' ? code : 'unknown' }, 1);
    void reply.type('application/problem+json');
  }
  return reply.code(status).send(body);
}

/** As an attachment: a cover is a page of somebody's data, and must not run under this address. */
function sendFile(reply: FastifyReply, { name, pieces }: NonNullable<Reply['file']>): FastifyReply {
  const bare = name.replace(/[^0-9A-Za-z._-]/g, '_');
  void reply
    .header('content-disposition', `attachment; filename="${bare}"`)
    .header('x-content-type-options', 'nosniff');
  return reply.code(200).type('application/octet-stream').send(Readable.from(pieces));
}

function sendProblem(parts: ApiParts, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal, reply.request.id);
  parts.metrics.count('liushui_refusals_total', { code: problem.code }, 1);
  const afterSeconds = refusal.params['afterSeconds'];
  if (afterSeconds !== undefined) void reply.header('retry-after', String(afterSeconds));
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(problem);
}

/** An address that cannot be read, or whose part is longer than any of ours, before a hook was asked. */
function sendNoAddress(parts: ApiParts, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.header('request-id', request.id);
  return sendProblem(parts, reply, { code: 'server.no_such_address', params: { path: told(request.url) } });
}

/** What fastify refused is the caller's to mend; everything else is our fault and goes into the log with the request's id. */
function sendError(parts: ApiParts, error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [first] = error.validation ?? [];
  if (first) {
    const unknown = first.params['additionalProperty'];
    if (typeof unknown === 'string') {
      const params = { unknown: told(unknown) };
      return sendProblem(parts, reply, { code: 'usage.bad_input', params, pointer: `/${told(unknown)}` });
    }
    const missing = first.params['missingProperty'];
    const field = [first.instancePath.slice(1), missing]
      .filter((part) => typeof part === 'string' && part !== '')
      .join('/');
    const refusal = badInput(field || (error.validationContext ?? 'request'), '', first.message);
    return sendProblem(parts, reply, refusal);
  }
  const { statusCode } = error;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return sendProblem(parts, reply, refusalOf(statusCode, request, error.message));
  const where = request.routeOptions.url ?? 'unknown';
  parts.log.error('http.failed', { requestId: request.id, where, error });
  parts.metrics.count('liushui_bugs_total', { where }, 1);
  if (request.method === 'GET' && isConnectionLost(error))
    return sendProblem(parts, reply, { code: 'server.database_unreachable', params: {} });
  // A GET saves nothing that could be repeated; of anything else it is not known here how far it came.
  const code = request.method === 'GET' ? 'server.bug' : 'server.bug_in_doubt';
  return sendProblem(parts, reply, { code, params: { requestId: request.id } });
}

/** What fastify said no to before a route was asked, by its status. */
function refusalOf(status: number, request: FastifyRequest, why: string): Refusal {
  if (status === 413) {
    const limit = takesFile(request) ? uploadBytesMax : jsonBytesMax;
    return { code: 'server.body_too_large', params: { limit } };
  }
  if (status === 415)
    return { code: 'server.media_type', params: { found: told(request.headers['content-type'] ?? '') } };
  return badInput('request', '', why);
}
