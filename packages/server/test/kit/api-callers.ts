import type { FastifyInstance, InjectOptions } from 'fastify';
import { createUser, issueToken, systemActor } from '../../src/identity/index.ts';
import type { Role, TokenWish } from '../../src/identity/index.ts';
import type { App } from '../../src/app/parts.ts';

export type Said = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Undefined for what is not JSON. */
  readonly body: unknown;
};

/** A key may send a hundred at once: long runs go on under a new one before that. */
const perKey = 80;

type Login = { token: string; left: number };

/** People with keys at a server that is spoken to in process. */
export class Callers {
  readonly #app: App;
  readonly #server: FastifyInstance;
  readonly #logins = new Map<string, Login>();
  #keys = 0;

  constructor(app: App, server: FastifyInstance) {
    this.#app = app;
    this.#server = server;
  }

  async add(id: string, roles: readonly Role[], merchants: readonly string[]): Promise<void> {
    const { clock, customs, db } = this.#app;
    const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
    const stamp = { at: clock.now(), ids: customs.ids };
    const user = { id, name: id, roles, merchants };
    const made = await db.transaction((tx) => createUser(tx, user, change, stamp));
    if (!made.ok) throw new Error(JSON.stringify(made.refusal));
  }

  async tokenOf(userId: string, wish: Partial<TokenWish> = {}): Promise<string> {
    const { clock, customs, db, tokens } = this.#app;
    const change = { by: systemActor, consent: { kind: 'one_person' }, reason: '' } as const;
    const all = {
      kind: 'cli',
      label: 'test',
      merchants: ['*'],
      scopes: [],
      ipAllow: [],
      expiresInMs: undefined,
    } as const;
    const stamp = { at: clock.now(), ids: customs.ids };
    const issued = await db.transaction((tx) => issueToken(tx, { userId, ...all, ...wish }, change, tokens, stamp));
    if (!issued.ok) throw new Error(JSON.stringify(issued.refusal));
    return issued.value.token;
  }

  /** The key that this person's next requests come with; the same one for so many of them. */
  async keyOf(userId: string, requests = 1): Promise<string> {
    const known = this.#logins.get(userId);
    if (known && known.left >= requests) {
      known.left -= requests;
      return known.token;
    }
    const token = await this.tokenOf(userId);
    this.#logins.set(userId, { token, left: perKey - requests });
    return token;
  }

  /** One request of a person; a POST gets a key of its own unless one is given. */
  async call(who: string, method: 'GET' | 'HEAD' | 'POST', url: string, more: InjectOptions = {}): Promise<Said> {
    return this.send(await this.keyOf(who), method, url, more);
  }

  async send(
    token: string | undefined,
    method: 'GET' | 'HEAD' | 'POST',
    url: string,
    { headers, ...more }: InjectOptions = {},
  ): Promise<Said> {
    const answer = await this.#server.inject({
      ...{ method, url, remoteAddress: '127.0.0.1' },
      ...(method === 'POST' && more.payload === undefined ? { payload: {} } : {}),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(method === 'POST' ? { 'idempotency-key': `k${(this.#keys += 1)}` } : {}),
        ...headers,
      },
      ...more,
    });
    const isJson = /json/.test(String(answer.headers['content-type'])) && answer.body !== '';
    const body: unknown = isJson ? JSON.parse(answer.body) : undefined;
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body };
  }
}
