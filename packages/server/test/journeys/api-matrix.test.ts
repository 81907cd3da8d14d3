// Goal: who may do what over HTTP is what the roles say, at every route that the server really has, and another merchant's things cannot be
// told from things that are not there.
// Method: the routes as the framework heard of them; for each of them a request that works, sent by every role of its merchant, by every role
// of another merchant, and under keys that are none, ended or revoked. The table of what was answered is beside this file.
import diagnostics from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { beforeAll, expect, test } from 'vitest';
import { createServer } from '../../src/api/server.ts';
import { permissionsOfRole, roles } from '../../src/identity/index.ts';
import type { Permission, Role } from '../../src/identity/index.ts';
import { Callers } from '../kit/api-callers.ts';
import type { Said } from '../kit/api-callers.ts';
import { requestOf, samples } from '../kit/api-samples.ts';
import type { Sample } from '../kit/api-samples.ts';
import { makeThings, nothing } from '../kit/api-things.ts';
import type { Things } from '../kit/api-things.ts';
import { usePayWorld } from '../kit/pay-world.ts';
import { merchant } from '../kit/world.ts';

type Heard = {
  readonly method: string;
  readonly url: string;
  readonly config: { readonly permission?: unknown; readonly whole?: boolean };
};
type Door = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly permissions: readonly Permission[];
  readonly whole: boolean;
};

/** Without a login, and only these (architecture §5); the description of the doors asks for a key and nothing more. */
const open = {
  'GET /healthz': 'health',
  'GET /readyz': 'health',
  'GET /metrics': 'figures, for this machine',
  'GET /': 'counts',
  'GET /docs/errors/{code}': 'what refusals mean, for this machine',
  'GET /notify/{channel}/{account}': 'channels tell us',
  'POST /notify/{channel}/{account}': 'channels tell us',
  'GET /c/{token}': 'the payer, by the link that he was given',
  'GET /c/{token}/events': 'his page, kept up to date',
  'POST /c/{token}/choose': 'he chooses how to pay',
  'POST /c/{token}/paid': 'he says that he has paid',
  'POST /c/{token}/not-paid': 'he says that he has not',
  'GET /c/-/{name}': 'style and script of that page',
  'GET /v1/openapi.json': 'any key',
} as const;

const own = usePayWorld('2015-10-28 16:20:00');
const heard: Heard[] = [];
let callers: Callers;
let things: Things;
let server: FastifyInstance;
/** Ids of what is there and of what is not: an answer may repeat the one that was asked about. */
let numbers: readonly string[];
let nonces = 0;

const heardOf = ({ method, url, config }: RouteOptions): Heard[] =>
  [method].flat().map((one) => ({ method: one, url, config: (config ?? {}) as Heard['config'] }));

/** The framework tells of each route it takes; what we meant to add is not asked. */
async function listen(): Promise<FastifyInstance> {
  const onMade = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (route) => void heard.push(...heardOf(route)));
  };
  diagnostics.subscribe('fastify.initialization', onMade);
  const made = createServer(own.world.app);
  diagnostics.unsubscribe('fastify.initialization', onMade);
  await made.ready();
  return made;
}

const nameOf = ({ method, url }: Heard): string => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`;

function doorsOf(routes: readonly Heard[]): Door[] {
  return routes
    .filter((one) => one.method !== 'HEAD' && !(nameOf(one) in open))
    .map((one) => {
      const [method = '', path = ''] = nameOf(one).split(' ');
      const permissions = [one.config.permission ?? []].flat() as Permission[];
      return { method: method as Door['method'], path, permissions, whole: one.config.whole === true };
    });
}

beforeAll(async () => {
  server = await listen();
  things = await makeThings(own.world);
  numbers = [...Object.values(things), ...Object.values(nothing)].filter((one) => ![merchant, 'wang'].includes(one));
  callers = new Callers(own.world.app, server);
  for (const role of roles) {
    await callers.add(`own-${role}`, [role], [merchant]);
    await callers.add(`other-${role}`, [role], ['other']);
    await callers.add(`whole-${role}`, [role], ['*']);
  }
  await callers.add('own-all', roles, [merchant]);
}, 120_000);

function sampleOf({ method, path }: Door, about: Things): Sample {
  const make = samples[`${method} ${path}`];
  if (!make) throw new Error(`${method} ${path} has no sample in test/kit/api-samples.ts`);
  return make(about, String((nonces += 1)));
}

function send(who: string, door: Door, about: Things, more: Partial<Sample> = {}): Promise<Said> {
  const sample = { ...sampleOf(door, about), ...more };
  const { url, ...rest } = requestOf(door.path, sample);
  return callers.call(who, door.method, url, rest);
}

const codeOf = ({ body }: Said): string => (body as { readonly code?: string } | undefined)?.code ?? '';
const mayDo = (role: Role, door: Door): boolean => {
  const { takes } = sampleOf(door, things);
  return (takes ? [takes] : door.permissions).some((one) => permissionsOfRole[role].includes(one));
};

/** What an answer tells, without what only repeats the question. */
function tale({ status, body, text }: Said): string {
  const { request_id: _request, type: _type, ...told } = (body ?? {}) as Record<string, unknown>;
  let words = status >= 400 ? JSON.stringify(told) : text;
  // The longest first: C-9 also begins C-9999.
  for (const value of [...numbers].sort((a, b) => b.length - a.length)) words = words.replaceAll(value, '·');
  return `${status} ${words}`;
}

test('every route asks for a permission, but for the doors of architecture §5', () => {
  const naked = doorsOf(heard).filter(({ permissions }) => permissions.length === 0);
  expect(naked.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  expect(heard.map(nameOf)).toEqual(expect.arrayContaining(Object.keys(open)));
  expect(heard.filter(({ method }) => !['GET', 'HEAD', 'POST'].includes(method))).toEqual([]);
});

test('no route is entered without a key, or with one that has ended, was revoked, or was never given', async () => {
  const { app, clock } = own.world;
  const wish = { kind: 'cli', merchants: ['*'] } as const;
  const ended = await callers.tokenOf('own-all', { ...wish, label: 'ended' });
  const revoked = await callers.tokenOf('own-all', { ...wish, label: 'revoked' });
  const before = new Date(clock.now() - 1000);
  await app.db.query(`update access_tokens set expires_at = $1 where label = 'ended'`, [before]);
  await app.db.query(`update access_tokens set revoked_at = $1 where label = 'revoked'`, [before]);
  for (const [index, door] of doorsOf(heard).entries()) {
    const { url, ...rest } = requestOf(door.path, sampleOf(door, things));
    const from = { ...rest, remoteAddress: `192.0.2.${index}` };
    const codes = [undefined, `ls_key_${'x'.repeat(32)}`, ended, revoked].map(async (token) => {
      const said = await callers.send(token, door.method, url, from);
      return `${said.status} ${codeOf(said)}`;
    });
    expect(await Promise.all(codes), url).toEqual([
      ...['401 auth.login_required', '401 auth.token_invalid', '401 auth.token_expired', '401 auth.token_revoked'],
    ]);
  }
});

const isRoleMissing = (said: Said): boolean =>
  said.status === 403 && ['auth.role_missing', 'approval.role_missing'].includes(codeOf(said));

/** Who may not do it hears that, whoever the thing belongs to, and nothing of the thing. */
async function refusals(door: Door, role: Role, home: string): Promise<string[]> {
  const said = await send(`${home}-${role}`, door, things);
  const stranger = await send(`other-${role}`, door, things);
  const isHidden = isRoleMissing(stranger) || tale(stranger) === tale(await send(`other-${role}`, door, nothing));
  return [
    ...(isRoleMissing(said) ? [] : [`${role}: ${tale(said)}`]),
    ...(stranger.status >= 400 && isHidden ? [] : [`other ${role}: ${tale(stranger)}`]),
  ];
}

/** Who belongs to another merchant hears of our things what he hears of things that are not there. */
async function strangers(door: Door, role: Role): Promise<string[]> {
  const who = `other-${role}`;
  const ours = await send(who, door, things);
  const nobodys = await send(who, door, nothing);
  // What he makes is his own, with numbers of its own.
  const isMade = ours.status < 300 && door.method === 'POST';
  const isSame = isMade ? ours.status === nobodys.status : tale(ours) === tale(nobodys);
  return [
    ...(isSame ? [] : [`other ${role}: ours ${tale(ours)}, not there ${tale(nobodys)}`]),
    ...(!isMade && ours.text.includes(`"${merchant}"`) ? [`other ${role} reads of ${merchant}: ${tale(ours)}`] : []),
  ];
}

type Row = { readonly line: readonly string[]; readonly wrong: readonly string[] };

async function rowOf(door: Door): Promise<Row> {
  const wrong: string[] = [];
  const home = door.whole ? 'whole' : 'own';
  const cells = new Map<Role, string>();
  const may = roles.filter((role) => mayDo(role, door));
  for (const role of roles)
    wrong.push(...(may.includes(role) ? await strangers(door, role) : await refusals(door, role, home)));
  const none = await send('own-all', door, nothing);
  for (const role of may) {
    const said = await send(`${home}-${role}`, door, things);
    cells.set(role, String(said.status));
    // Done once, some acts are over: the next one who may is let in and told so.
    const isIn = said.status < 300 || (role !== may[0] && said.status === 409);
    if (!isIn) wrong.push(`${role}: ${tale(said)}`);
  }
  const needs = door.permissions.length > 3 ? 'what it decides about' : door.permissions.join(' or ');
  const absent = none.status < 400 ? String(none.status) : `${none.status} ${codeOf(none)}`;
  return {
    line: [`${door.method} ${door.path}`, needs, ...roles.map((role) => cells.get(role) ?? '–'), absent],
    wrong,
  };
}

const heads = ['route', 'permission', ...roles, 'not there, or another merchant’s'];

function tableOf(lines: readonly (readonly string[])[]): string {
  const widths = heads.map((_, column) => Math.max(...[heads, ...lines].map((line) => line[column]?.length ?? 0)));
  const row = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return [heads, ...lines].map((line) => `${row(line).trimEnd()}\n`).join('');
}

test('each role is let in where its permissions say, and strangers learn nothing', async () => {
  const rows = [];
  for (const door of doorsOf(heard)) rows.push({ door, ...(await rowOf(door)) });
  const wrong = rows.flatMap(({ door, wrong: words }) => words.map((word) => `${door.method} ${door.path}: ${word}`));
  expect(wrong).toEqual([]);
  await expect(tableOf(rows.map(({ line }) => line))).toMatchFileSnapshot('api-matrix.txt');
}, 300_000);

test('who names another merchant is refused before anything is looked up, whether there is such a merchant or not', async () => {
  type Operation = { readonly parameters?: unknown; readonly requestBody?: unknown };
  type Document = { readonly paths: Record<string, Record<string, Operation>> };
  const document = (await callers.call('own-all', 'GET', '/v1/openapi.json')).body as Document;
  const takers = doorsOf(heard).filter(({ method, path }) => {
    const { parameters, requestBody } = document.paths[path]?.[method.toLowerCase()] ?? {};
    return JSON.stringify([parameters, requestBody]).includes('merchant_id');
  });
  expect(takers.length).toBeGreaterThan(6);
  for (const door of takers)
    for (const about of [things, nothing])
      for (const named of [merchant, 'nobody']) {
        const { query = {}, body, ...sample } = sampleOf(door, about);
        const isInBody = body !== undefined;
        const more = isInBody ? { body: { ...body, merchant_id: named } } : { query: { ...query, merchant_id: named } };
        const role = roles.find((one) => mayDo(one, door)) ?? 'maker';
        const { url, ...rest } = requestOf(door.path, { ...sample, query, ...more });
        const said = await callers.call(`other-${role}`, door.method, url, rest);
        expect([said.status, codeOf(said)], `${door.path} ${named}`).toEqual([403, 'auth.merchant_missing']);
      }
});
