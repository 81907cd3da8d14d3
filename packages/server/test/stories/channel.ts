import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { alipayDoors } from '../../../simulator/src/alipay/doors.ts';
import { openApiPostman } from '../../../simulator/src/alipay/openapi/postman.ts';
import type { Reply } from '../../../simulator/src/reply.ts';
import { World } from '../../../simulator/src/world.ts';
import { plus } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import { insideTransaction } from '../../src/platform/db.ts';
import type { SendLimits, Sent, WireRequest } from '../../src/platform/transport.ts';
import type { StoryClock } from './clock.ts';
import type { StoryProcess } from './process.ts';
import { partner } from './people.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';

export type Operation = 'declare' | 'query';

/** What the network does to one call. `late`: it arrives after we stopped waiting. */
export type NetworkFault = 'refused' | 'lost' | 'answer_lost' | 'late' | 'slow';

/** One call as the network saw it: what the books of both sides are compared with. */
export type Call = {
  readonly process: string;
  readonly operation: Operation;
  readonly requestNos: readonly string[];
  readonly tradeNo: string;
  readonly at: Instant;
  /** When it reached the channel; absent: never. */
  arrivedAt?: Instant;
  /** The channel's answer was signed wrongly. */
  isForged?: boolean;
  readonly fault?: NetworkFault;
};

const lateMs = 25_000;

/** The channel and the port of the simulator, called in process: the same doors that its server opens, without sockets. */
export class Channel {
  readonly world: World;
  readonly calls: Call[] = [];
  readonly #folder: string;
  readonly #doors: ReturnType<typeof alipayDoors>;
  #clock: StoryClock | undefined;
  #random: Random = randomOf(0);
  #faults: { fault: NetworkFault; on: Operation; times: number }[] = [];
  /** Something that happens while a call of this operation is at the channel. */
  #meanwhile: { on: Operation; act: () => Promise<void> }[] = [];

  constructor(folder: string) {
    this.#folder = mkdtempSync(join(folder, 'channel-'));
    this.world = new World(this.#folder, 'stepped', 0, () => 0);
    this.#doors = alipayDoors(openApiPostman(this.world));
  }

  close(): void {
    this.world.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A new story: empty books, no faults. */
  begin(clock: StoryClock, seed: number): void {
    this.world.reset(clock.now());
    this.#clock = clock;
    this.#random = randomOf(seed ^ 0x5eed);
    this.calls.length = 0;
    this.heal();
  }

  disturb(fault: NetworkFault, on: Operation, times: number): void {
    this.#faults.push({ fault, on, times });
  }

  meanwhile(on: Operation, act: () => Promise<void>): void {
    this.#meanwhile.push({ on, act });
  }

  heal(): void {
    this.#faults = [];
    this.#meanwhile = [];
    this.world.removeFaults(undefined);
  }

  async send(process: StoryProcess, request: WireRequest, limits: SendLimits): Promise<Sent> {
    if (insideTransaction()) throw new Error('a call left while a database transaction was open');
    if (performance.now() >= limits.sendBefore) return { kind: 'unsent', why: 'the moment to send had passed' };
    const call = this.#read(process, request);
    this.calls.push(call);
    if (call.fault === 'refused') return { kind: 'unsent', why: 'connect ECONNREFUSED' };
    const sentAt = call.at;
    const giveUpAt = plus(sentAt, limits.timeoutMs);
    const reply = this.#deliver(call, request);
    const answered = await firstOf(
      process,
      giveUpAt,
      call.fault === 'lost' || call.fault === 'late' ? undefined : reply,
    );
    const ms = process.clock.now() - sentAt;
    if (answered === undefined || call.fault === 'answer_lost') {
      await process.clock.rest(giveUpAt);
      return { kind: 'silent', why: `no complete answer within ${limits.timeoutMs} ms`, sentAt, ms: limits.timeoutMs };
    }
    if (answered.kind !== 'answer') {
      if (answered.kind === 'hang') await process.clock.rest(giveUpAt);
      return { kind: 'silent', why: answered.kind === 'hang' ? 'no answer' : 'other side closed', sentAt, ms };
    }
    const headers = { 'content-type': answered.contentType };
    return { kind: 'answered', answer: { status: answered.code, headers, body: answered.body }, sentAt, ms };
  }

  #read(process: StoryProcess, request: WireRequest): Call {
    const params = new URLSearchParams(
      `${request.url.split('?')[1] ?? ''}&${Buffer.from(request.body ?? []).toString()}`,
    );
    const operation = params.get('service')?.endsWith('.query') ? 'query' : 'declare';
    const rule = this.#faults.find(({ on, times }) => on === operation && times > 0);
    if (rule) rule.times -= 1;
    return {
      process: process.name,
      operation,
      requestNos: (params.get('out_request_nos') ?? params.get('out_request_no') ?? '').split(','),
      tradeNo: params.get('trade_no') ?? '',
      at: process.clock.now(),
      ...(rule ? { fault: rule.fault } : {}),
    };
  }

  /** The way there, the channel's work and the way back, whatever becomes of the process that sent it. */
  async #deliver(call: Call, request: WireRequest): Promise<Reply | undefined> {
    const clock = this.#clock;
    if (!clock || call.fault === 'lost') return undefined;
    const wayMs = call.fault === 'late' ? lateMs : this.#random.between(10, 120);
    await clock.world.rest(plus(call.at, wayMs));
    const own = this.#meanwhile.find(({ on }) => on === call.operation);
    if (own) {
      this.#meanwhile = this.#meanwhile.filter((other) => other !== own);
      await clock.world.waitFor(own.act);
    }
    call.arrivedAt = clock.now();
    this.world.moveClock(clock.now());
    const [address = '', query = ''] = request.url.split('?', 2);
    const body = Buffer.from(request.body ?? []);
    const path = URL.parse(address)?.pathname ?? '';
    const silent = { header: () => undefined, json: () => undefined };
    const asked = { method: request.method, host: '127.0.0.1', path, query, body, ...silent };
    const reply = await clock.world.waitFor(() => this.#doors(asked, this.world));
    const played = this.world.attemptsOf(partner, call.requestNos[0] ?? '').at(-1)?.faults ?? [];
    if (call.operation === 'declare') call.isForged = played.includes('bad_signature');
    const slowMs = call.fault === 'slow' ? this.#random.between(2_000, 9_000) : this.#random.between(10, 200);
    const thinksMs = reply?.kind === 'answer' ? (reply.afterMs ?? 0) : 0;
    await clock.world.rest(plus(clock.now(), slowMs + thinksMs));
    return reply;
  }
}

/** The reply, or undefined when our patience ends first. */
async function firstOf(
  process: StoryProcess,
  giveUpAt: Instant,
  reply: Promise<Reply | undefined> | undefined,
): Promise<Reply | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = process.clock.callAt(giveUpAt, () => resolve(undefined));
  const first = await (reply ? Promise.race([reply, promise]) : promise);
  cancel();
  return first;
}
