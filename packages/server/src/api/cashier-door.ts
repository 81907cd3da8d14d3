import { performance } from 'node:perf_hooks';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { askOnReturn, calmPage, calmWords, cashierAssets, cashierPolicy } from '../cashier/index.ts';
import { cashierVersions, findCashier, showCashier } from '../cashier/index.ts';
import type { Cashier } from '../cashier/index.ts';
import { carryForm, formNames, visitOf } from './cashier-forms.ts';
import type { AskedPage, FormParts, PageRequest } from './cashier-forms.ts';
import type { ApiParts } from './parts.ts';
import { RateLimit } from './rate-limit.ts';
import { langOf } from './status-page.ts';

/** A form holds a key, an offer's name and a number. */
const formBytesMax = 4 * 1024;
/** Of one link: a payer, his tabs and his impatience. Of one address: everybody behind one router. */
const linkPace = { perSecond: 3, burst: 60 };
const addressPace = { perSecond: 30, burst: 300 };
/** How often a payer's word makes the channel be asked at once. */
const claimPace = { perSecond: 1 / 20, burst: 3 };
/** Open pages that are told of changes at once; the others ask by themselves. */
const streamsMax = { ofLink: 6, all: 2_000 } as const;

type Door = FormParts & {
  readonly links: RateLimit;
  readonly addresses: RateLimit;
  readonly streams: Map<string, number>;
  readonly isOpen: () => boolean;
};

/**
 * The payer's page (architecture §5: a door without a login). Who has the link sees one order and may pay it; the link is 256 random bits and no
 * number of anybody's. Limited in size and pace; nothing of it is kept by caches, and no other site may frame it.
 */
export function addCashierDoor(server: FastifyInstance, api: ApiParts): void {
  let isOpen = true;
  const door: Door = {
    ...{ api, links: new RateLimit(linkPace), addresses: new RateLimit(addressPace), claims: new RateLimit(claimPace) },
    ...{ streams: new Map(), isOpen: () => isOpen },
  };
  void server.register((scope, _options, ready) => {
    // A server that closes waits for its answers: streams end first.
    scope.addHook('preClose', (closed) => {
      isOpen = false;
      closed();
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytesMax },
      (_request, body, parsed) => parsed(null, new URLSearchParams(String(body))),
    );
    scope.setErrorHandler((error: Error & { statusCode?: number }, request, reply) =>
      sendBroken(door, error, request, reply),
    );
    addAssets(scope);
    addPages(scope, door);
    ready();
  });
}

const hidden = { schema: { hide: true } } as const;

function addAssets(scope: FastifyInstance): void {
  const headers = { 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' };
  scope.get<{ Params: { name: string } }>('/c/-/:name', hidden, (request, reply) => {
    const asset = cashierAssets.find(({ name }) => name === request.params.name);
    return asset ? reply.type(asset.type).headers(headers).send(asset.body) : reply.callNotFound();
  });
}

function addPages(scope: FastifyInstance, door: Door): void {
  scope.get<AskedPage>('/c/:token', hidden, (request, reply) =>
    withCashier(door, request, reply, (cashier) => sendCashier(door, cashier, request, reply)),
  );
  scope.get<AskedPage>('/c/:token/events', hidden, (request, reply) =>
    withCashier(door, request, reply, (cashier) => sendVersions(door, cashier, request, reply)),
  );
  for (const name of formNames)
    scope.post<AskedPage>(`/c/:token/${name}`, { ...hidden, bodyLimit: formBytesMax }, (request, reply) =>
      withCashier(door, request, reply, async (cashier) =>
        reply.redirect(await carryForm(door, name, cashier, request), 303),
      ),
    );
}

async function withCashier(
  door: Door,
  request: PageRequest,
  reply: FastifyReply,
  act: (cashier: Cashier) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const now = performance.now();
  const { token } = request.params;
  const waitS = Math.max(door.addresses.take(request.ip, now), door.links.take(token, now));
  if (waitS > 0) return sendCalm(door, request, reply.code(429).header('retry-after', String(waitS)), 'busy', waitS);
  const cashier = await findCashier(door.api, token);
  return cashier ? act(cashier) : sendCalm(door, request, reply.code(404), 'absent');
}

async function sendCashier(
  door: Door,
  cashier: Cashier,
  request: PageRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const place = cleanPlaceOf(request);
  const isReturn = request.query[returnWord] === '1';
  if (isReturn && door.claims.take(cashier.id, performance.now()) === 0) await askOnReturn(door.api, cashier);
  if (place !== undefined) return reply.redirect(place, 303);
  const visit = visitOf(request);
  const { token } = request.params;
  const lang = langFor(request, cashier.lang);
  const page = { ...visit, token, lang, isGone: request.query['gone'] === '1' };
  return sendPage(reply, await showCashier(door.api, cashier, page));
}

/** He comes from his wallet just now: that is told to the channel's plan once, and then the address says `back`, however often it is loaded. */
const returnWord = 'return';
const ownWords = ['lang', 'back', 'go', 'gone'];

/** What a channel hangs on the way back (numbers, amounts, signatures) proves nothing and is for systems: it does not stay in the address. */
function cleanPlaceOf({ params, query }: PageRequest): string | undefined {
  const names = Object.keys(query);
  if (names.every((name) => ownWords.includes(name))) return undefined;
  const { lang } = query;
  const isBack = query['back'] === '1' || query[returnWord] === '1';
  const kept = { ...(lang === 'zh' || lang === 'en' ? { lang } : {}), ...(isBack ? { back: '1' } : {}) };
  const asked = new URLSearchParams(kept).toString();
  return `/c/${params.token}${asked === '' ? '' : `?${asked}`}`;
}

/** The payer's wish, the shop's, the browser's. */
function langFor(request: FastifyRequest, ofShop?: 'zh' | 'en'): 'zh' | 'en' {
  const { lang } = request.query as { readonly lang?: unknown };
  if (lang === 'zh' || lang === 'en') return lang;
  return ofShop ?? langOf(request.headers['accept-language']);
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      ...{ 'content-security-policy': cashierPolicy, 'x-content-type-options': 'nosniff' },
      ...{ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store', vary: 'Accept-Language' },
      ...{ 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin' },
    })
    .send(page);
}

function sendCalm(
  { api }: Door,
  request: FastifyRequest,
  reply: FastifyReply,
  what: 'absent' | 'busy' | 'broken',
  seconds = 0,
): FastifyReply {
  const heading = what === 'busy' ? calmWords.busy(seconds) : calmWords[what];
  const where = { lang: langFor(request), isSandbox: api.installation.bornAs === 'sandbox' };
  return sendPage(reply, calmPage(where, heading, calmWords[`${what}Hint`]));
}

/** What it means for his money is said first; what broke stands in the log. */
function sendBroken(
  door: Door,
  error: Error & { statusCode?: number },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const status = error.statusCode !== undefined && error.statusCode < 500 ? error.statusCode : 503;
  const where = request.routeOptions.url ?? 'unknown';
  if (status === 503) door.api.log.error('cashier.failed', { requestId: request.id, where, error });
  return sendCalm(door, request, reply.code(status), 'broken');
}

/** Server-sent events (WHATWG HTML §9.2): the version of the page, whenever it changes and as a sign of life. */
async function sendVersions(
  { api, streams, isOpen }: Door,
  cashier: Cashier,
  request: PageRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const ofLink = streams.get(cashier.id) ?? 0;
  const all = [...streams.values()].reduce((sum, count) => sum + count, 0);
  if (ofLink >= streamsMax.ofLink || all >= streamsMax.all) return reply.code(503).send('');
  streams.set(cashier.id, ofLink + 1);
  void reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    // nginx would keep the events until they fill its buffer.
    ...{ 'x-accel-buffering': 'no', connection: 'keep-alive' },
  });
  try {
    const isWanted = (): boolean => isOpen() && !raw.destroyed && !raw.writableEnded;
    for await (const version of cashierVersions(api, cashier, visitOf(request), isWanted))
      raw.write(`event: version\ndata: ${version}\n\n`);
  } catch (error) {
    api.log.error('cashier.stream_failed', { requestId: request.id, error });
  } finally {
    const left = (streams.get(cashier.id) ?? 1) - 1;
    if (left > 0) streams.set(cashier.id, left);
    else streams.delete(cashier.id);
    raw.end();
  }
  return reply;
}
