import { createPrivateKey, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import { notificationOf } from './message.ts';
import type { Paid } from './message.ts';

/** Whom the load plays: a shop with its keys, and the channel with its key. */
export type Actors = {
  readonly server: string;
  /** One API key may send 50 requests a second: the load is as many shops' programs as it needs. */
  readonly tokens: readonly string[];
  readonly accountId: string;
  readonly channelKeyPem: string;
  readonly paid: Omit<Paid, 'serialNo'>;
};

export type Arrivals = { readonly ratePerSecond: number; readonly seconds: number; readonly seed: string };

/** One arrival. Milliseconds of waiting for answers, counted from the moment it was due; undefined where it came to nothing. */
export type Served = {
  readonly wishMs: number;
  readonly noticeMs: number | undefined;
  /** From the moment it was due until it was acknowledged, what the load itself needed included. */
  readonly wholeMs: number;
  readonly problem?: string;
};

export type Question =
  | { readonly kind: 'pay_ins'; readonly actors: Actors; readonly arrivals: Arrivals }
  | { readonly kind: 'codes'; readonly actors: Actors; readonly arrivals: Arrivals }
  | { readonly kind: 'sign'; readonly actors: Actors; readonly serialNos: readonly string[] }
  | { readonly kind: 'send'; readonly origin: string; readonly path: string; readonly clients: number };

export type LoadAnswer = {
  readonly served: readonly Served[];
  /** From the first moment due to the last answer. */
  readonly seconds: number;
  /** CPU of the load itself. */
  readonly cpuSeconds: number;
};

const connections = 256;
const patienceMs = 15_000;

/** Gaps of a Poisson process: some arrive close together, as payers do, and none waits for the answer of another. */
function momentsOf({ ratePerSecond, seconds, seed }: Arrivals): number[] {
  const random = seededRandomBytes(seed);
  const moments: number[] = [];
  for (let at = 0; ; moments.push(at)) {
    const unit = (Buffer.from(random(4)).readUInt32BE() + 1) / 2 ** 32;
    at += (-Math.log(unit) * 1000) / ratePerSecond;
    if (at >= seconds * 1000) return moments;
  }
}

type Caller = (path: string, headers: Readonly<Record<string, string>>, body: string) => Promise<string>;

function callerOf(pool: Pool): Caller {
  return async (path, headers, body) => {
    const options = {
      path,
      method: 'POST',
      headers,
      body,
      headersTimeout: patienceMs,
      bodyTimeout: patienceMs,
    } as const;
    const answer = await pool.request(options);
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
}

type Made = { readonly attempt: { readonly serial_no: string; readonly hand_out?: { readonly kind: string } } };

async function wish(call: Caller, actors: Actors, index: number, product: string, query: string): Promise<Made> {
  const { tokens, accountId } = actors;
  const headers = {
    ...{ authorization: `Bearer ${tokens[index % tokens.length] ?? ''}`, 'content-type': 'application/json' },
    'idempotency-key': randomUUID(),
  };
  const body = {
    order_no: randomUUID(),
    amount: 4200,
    currency: 'CNY',
    subject: '测试',
    account_id: accountId,
    product,
  };
  return JSON.parse(await call(`/v1/payments${query}`, headers, JSON.stringify(body))) as Made;
}

/** Behind a proxy that the server believes: the door's pace is one per address, and a channel has several. */
const formHeaders = (index: number): Record<string, string> => ({
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  'x-forwarded-for': `10.0.0.${1 + (index % 200)}`,
});

async function tellPaid(call: Caller, path: string, index: number, form: string): Promise<void> {
  const word = await call(path, formHeaders(index), form);
  if (word !== 'success') throw new Error(`a notification was answered with ${word}`);
}

/** A page for the payer, who pays at once; then the channel's word. */
async function payIn(call: Caller, actors: Actors, key: KeyObject, index: number, dueAt: number): Promise<Served> {
  const { attempt } = await wish(call, actors, index, 'page', '');
  const wished = performance.now();
  const form = await notificationOf({ ...actors.paid, serialNo: attempt.serial_no }, key);
  const signed = performance.now();
  await tellPaid(call, `/notify/alipay/${actors.accountId}`, index, form);
  const over = performance.now();
  return { wishMs: wished - dueAt, noticeMs: over - signed, wholeMs: over - dueAt };
}

/** Until the payer can scan: our work, and one call to the channel. */
async function code(call: Caller, actors: Actors, index: number, dueAt: number): Promise<Served> {
  const { attempt } = await wish(call, actors, index, 'precreate', '?wait=10s');
  if (attempt.hand_out?.kind !== 'code') throw new Error('no code within ten seconds');
  const wishMs = performance.now() - dueAt;
  return { wishMs, noticeMs: undefined, wholeMs: wishMs };
}

/** Begins each arrival when it is due, whatever became of the others. */
async function openModel(
  moments: readonly number[],
  serve: (index: number, dueAt: number) => Promise<Served>,
): Promise<Served[]> {
  const start = performance.now() + 10;
  const running: Promise<Served>[] = [];
  for (const [index, moment] of moments.entries()) {
    const dueAt = start + moment;
    if (dueAt > performance.now()) await delay(dueAt - performance.now());
    running.push(
      serve(index, dueAt).catch((error: unknown): Served => {
        const ms = performance.now() - dueAt;
        return { wishMs: ms, noticeMs: undefined, wholeMs: ms, problem: String(error) };
      }),
    );
  }
  return Promise.all(running);
}

async function measured(work: () => Promise<Served[]>): Promise<LoadAnswer> {
  const before = process.cpuUsage();
  const began = performance.now();
  const served = await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { served, seconds, cpuSeconds: (user + system) / 1e6 };
}

/** Carries out what the bench asks for, one question after the other. */
export function createLoad(): (question: Question) => Promise<unknown> {
  let forms: string[] = [];
  const withPool = async (origin: string, work: (call: Caller) => Promise<LoadAnswer>): Promise<LoadAnswer> => {
    const pool = new Pool(origin, { connections, pipelining: 1 });
    try {
      return await work(callerOf(pool));
    } finally {
      await pool.close();
    }
  };
  const arrive = ({ kind, actors, arrivals }: Extract<Question, { kind: 'pay_ins' | 'codes' }>) =>
    withPool(actors.server, (call) => {
      const key = createPrivateKey(actors.channelKeyPem);
      const serve = (index: number, dueAt: number) =>
        kind === 'codes' ? code(call, actors, index, dueAt) : payIn(call, actors, key, index, dueAt);
      return measured(() => openModel(momentsOf(arrivals), serve));
    });
  return async (question) => {
    if (question.kind === 'pay_ins' || question.kind === 'codes') return arrive(question);
    if (question.kind === 'send')
      return withPool(question.origin, (call) => measured(() => sendAll(call, question.path, question.clients, forms)));
    const { actors, serialNos } = question;
    const key = createPrivateKey(actors.channelKeyPem);
    forms = await Promise.all(serialNos.map((serialNo) => notificationOf({ ...actors.paid, serialNo }, key)));
    return { signed: forms.length };
  };
}

/** As many at a time as there are clients, each with the next one as soon as it is answered: what the other side can bear. */
async function sendAll(call: Caller, path: string, clients: number, forms: readonly string[]): Promise<Served[]> {
  const served: Served[] = [];
  const rest = forms.entries();
  const client = async (): Promise<void> => {
    for (const [index, form] of rest) {
      const began = performance.now();
      await tellPaid(call, path, index, form);
      const ms = performance.now() - began;
      served.push({ wishMs: 0, noticeMs: ms, wholeMs: ms });
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return served;
}
