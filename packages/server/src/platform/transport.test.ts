import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { afterEach, expect, test, vi } from 'vitest';
import { Bug } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { SingleSend } from './transport-call.ts';
import { createTransport, sendBeforeIn } from './transport.ts';
import type { SendLimits, Transport, TransportClock } from './transport.ts';

const database = vi.hoisted(() => ({ insideTransaction: (): boolean => false }));
vi.mock('./db.ts', () => ({ insideTransaction: () => database.insideTransaction() }));

const at = 1_446_020_000_000 as Instant;
const stillClock: TransportClock = { now: () => at };
const open: { server: Server; sockets: Set<Socket> }[] = [];
const transports: Transport[] = [];

type Peer = { url: string; requests: () => number; wire: () => string };

/** A raw server: `onRequest` runs once for each request head seen on the wire. */
async function peer(onRequest: (socket: Socket, head: string) => void): Promise<Peer> {
  let wire = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      wire += text;
      if (/^(GET|POST) /.test(text)) onRequest(socket, text);
    });
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/gateway.do?a=1`,
    requests: () => wire.match(/(GET|POST) \S+ HTTP\/1\.1/g)?.length ?? 0,
    wire: () => wire,
  };
}

function transport(clock: TransportClock, sandbox: boolean): Transport {
  const made = createTransport({ sandbox, clock, connectionsPerLane: 4, connectTimeoutMs: 1_000 });
  transports.push(made);
  return made;
}

function limits(changed: Partial<SendLimits>): SendLimits {
  return { sendBefore: sendBeforeIn(5_000), timeoutMs: 2_000, answerBytesMax: 1024 * 1024, ...changed };
}

const post = (url: string) => ({ method: 'POST' as const, url, headers: { 'X-A': 'b' }, body: Buffer.from('n=1') });
const ok = 'HTTP/1.1 200 OK\r\nX-Two: a\r\nX-Two: b\r\ncontent-length: 2\r\n\r\nok';

afterEach(async () => {
  await Promise.all(transports.splice(0).map((made) => made.close()));
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test('a request goes out once, byte for byte, and its answer comes back', async () => {
  const server = await peer((socket) => socket.write(ok));
  const sent = await transport(stillClock, true).send(post(server.url), limits({}), 'a');
  expect(sent).toMatchObject({ kind: 'answered', sentAt: at, answer: { status: 200 } });
  if (sent.kind !== 'answered') return;
  expect(Buffer.from(sent.answer.body).toString()).toBe('ok');
  expect(sent.answer.headers['x-two']).toBe('a, b');
  expect(server.requests()).toBe(1);
  expect(server.wire()).toMatch(/^POST \/gateway\.do\?a=1 HTTP\/1\.1\r\n/);
  expect(server.wire()).toMatch(/\r\nx-a: b\r\n/);
  expect(server.wire()).toMatch(/\r\naccept-encoding: identity\r\n/);
  expect(server.wire()).toMatch(/\r\n\r\nn=1$/);
});

test('simulators are told the time of the sandbox, channels are not', async () => {
  const server = await peer((socket) => socket.write(ok));
  await transport(stillClock, true).send(post(server.url), limits({}), 'a');
  expect(server.wire()).toContain(`x-sandbox-at: ${at}`);
  const production = await peer((socket) => socket.write(ok));
  await transport(stillClock, false).send(post(production.url), limits({}), 'a');
  expect(production.wire()).not.toContain('sandbox');
});

test.each(['GET', 'POST'] as const)(
  'a %s whose connection is reset is doubt, and is not sent again',
  async (method) => {
    const server = await peer((socket) => socket.resetAndDestroy());
    const line = transport(stillClock, true);
    const sent = await line.send({ ...post(server.url), method }, limits({}), 'a');
    expect(sent.kind).toBe('silent');
    await line.drain();
    expect(server.requests()).toBe(1);
  },
);

test('a connection that is closed in the middle of an answer is doubt', async () => {
  const server = await peer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
  expect((await transport(stillClock, true).send(post(server.url), limits({}), 'a')).kind).toBe('silent');
});

test('a kept connection that dies between two calls never sends the second one twice', async () => {
  let calls = 0;
  const server = await peer((socket) => (++calls === 1 ? socket.write(ok) : socket.resetAndDestroy()));
  const line = transport(stillClock, true);
  expect((await line.send(post(server.url), limits({}), 'a')).kind).toBe('answered');
  expect((await line.send({ ...post(server.url), method: 'GET' }, limits({}), 'a')).kind).toBe('silent');
  expect(server.requests()).toBe(2);
});

test('a redirect is an answer and is not followed', async () => {
  const other = await peer((socket) => socket.write(ok));
  const server = await peer((socket) =>
    socket.write(`HTTP/1.1 302 Found\r\nlocation: ${other.url}\r\ncontent-length: 0\r\n\r\n`),
  );
  const sent = await transport(stillClock, true).send(post(server.url), limits({}), 'a');
  expect(sent).toMatchObject({ kind: 'answered', answer: { status: 302 } });
  expect(other.requests()).toBe(0);
});

test('an endless answer ends as doubt, long before 32 MiB', async () => {
  let written = 0;
  const server = await peer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const pour = (): void => {
      while (!socket.destroyed && socket.write(chunk)) written += chunk.length;
    };
    socket.on('drain', pour);
    pour();
  });
  const sent = await transport(stillClock, true).send(post(server.url), limits({}), 'a');
  expect(sent).toMatchObject({ kind: 'silent', why: 'answer exceeds 1048576 bytes' });
  expect(written).toBeLessThan(32 * 1024 * 1024);
});

test('an answer that announces too much is not read at all', async () => {
  const server = await peer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n'));
  const sent = await transport(stillClock, true).send(post(server.url), limits({ timeoutMs: 60_000 }), 'a');
  expect(sent).toMatchObject({ kind: 'silent', why: 'answer exceeds 1048576 bytes' });
});

test.each([
  ['no answer at all', () => undefined],
  ['headers that never end', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x-a: b\r\n')],
  ['a body that drips', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n', 'x')],
])('%s ends at the limit of the call', async (_, answer) => {
  const server = await peer(answer);
  const sent = await transport(stillClock, true).send(post(server.url), limits({ timeoutMs: 120 }), 'a');
  expect(sent).toMatchObject({ kind: 'silent', why: 'no complete answer within 120 ms' });
  expect(sent.kind === 'silent' && sent.ms).toBeLessThan(1_000);
});

function drip(socket: Socket, first: string, then: string): void {
  socket.write(first);
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(then)), 10);
}

test('a compressed answer is kept as it came', async () => {
  const server = await peer((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x08\x00', 'latin1'),
  );
  const sent = await transport(stillClock, true).send(post(server.url), limits({}), 'a');
  expect(sent).toMatchObject({ kind: 'answered', answer: { body: new Uint8Array([0x1f, 0x08, 0]) } });
});

test('nothing left this machine when the connection is refused or the certificate exchange fails', async () => {
  const gone = await peer(() => undefined);
  const { server } = open[0]!;
  await new Promise((resolve) => server.close(resolve));
  const line = transport(stillClock, true);
  expect(await line.send(post(gone.url), limits({}), 'a')).toMatchObject({ kind: 'unsent' });
  const plain = await peer(() => undefined);
  const { server: plainServer } = open[1]!;
  plainServer.on('connection', (socket: Socket) => socket.end('not tls'));
  const secure = plain.url.replace('http:', 'https:');
  expect(await line.send(post(secure), limits({}), 'a')).toMatchObject({ kind: 'unsent' });
  expect(plain.requests()).toBe(0);
});

test('after send_before not one byte leaves, even on an open connection', async () => {
  const server = await peer((socket) => socket.write(ok));
  const line = transport(stillClock, true);
  const late = await line.send(post(server.url), limits({ sendBefore: sendBeforeIn(0) }), 'a');
  expect(late).toEqual({ kind: 'unsent', why: 'the moment to send had passed' });
  expect(server.wire()).toBe('');
});

test('a call that waits behind others past its send_before is not sent', async () => {
  const answers: Socket[] = [];
  const server = await peer((socket) => answers.push(socket));
  const line = createTransport({ sandbox: true, clock: stillClock, connectionsPerLane: 1, connectTimeoutMs: 1_000 });
  transports.push(line);
  const first = line.send(post(server.url), limits({}), 'a');
  const second = line.send(post(server.url), limits({ sendBefore: sendBeforeIn(60) }), 'a');
  expect((await second).kind).toBe('unsent');
  expect(line.inFlight()).toBe(1);
  answers[0]!.write(ok);
  expect((await first).kind).toBe('answered');
  const third = line.send(post(server.url), limits({ timeoutMs: 100 }), 'a');
  expect((await third).kind).toBe('silent');
  expect(server.requests()).toBe(2);
});

test.each([
  'http://192.0.2.1/',
  'https://mapi.alipay.com/gateway.do',
  'http://localhost.example/',
  'http://[2001:db8::1]/',
])('a sandbox sends nothing to %s', async (url) => {
  const sent = await transport(stillClock, true).send(post(url), limits({}), 'a');
  expect(sent).toMatchObject({ kind: 'unsent', why: expect.stringContaining('only to this machine') });
});

test('production sends nothing in the clear', async () => {
  const sent = await transport(stillClock, false).send(post('http://192.0.2.1/'), limits({}), 'a');
  expect(sent).toMatchObject({ kind: 'unsent', why: expect.stringContaining('TLS only') });
});

test('in a stepped sandbox a hang ends when the sandbox clock passes the limit', async () => {
  const alarms: { at: Instant; ring: () => void; cancelled: boolean }[] = [];
  const clock: TransportClock = {
    now: () => at,
    callAt(when, ring) {
      const alarm = { at: when, ring, cancelled: false };
      alarms.push(alarm);
      return () => (alarm.cancelled = true);
    },
  };
  const server = await peer(() => alarms[0]!.ring());
  const sent = await transport(clock, true).send(post(server.url), limits({ timeoutMs: 60_000 }), 'a');
  expect(sent).toMatchObject({ kind: 'silent', why: 'no complete answer within 60000 ms of the sandbox clock' });
  expect(alarms).toMatchObject([{ at: at + 60_000, cancelled: true }]);
});

test('in production a clock that is set does not end a call', async () => {
  const clock: TransportClock = { now: () => at, callAt: () => expect.unreachable('limits are monotonic') };
  const server = await peer((socket) => socket.write(ok));
  expect((await transport(clock, false).send(post(server.url), limits({}), 'a')).kind).toBe('answered');
});

test('draining takes nothing new and waits for what is in flight', async () => {
  const answers: Socket[] = [];
  const server = await peer((socket) => answers.push(socket));
  const line = transport(stillClock, true);
  const running = line.send(post(server.url), limits({}), 'a');
  const drained = line.drain();
  expect(await line.send(post(server.url), limits({}), 'a')).toMatchObject({ kind: 'unsent' });
  await expect.poll(() => answers.length).toBe(1);
  answers[0]!.write(ok);
  await drained;
  expect((await running).kind).toBe('answered');
  expect(line.inFlight()).toBe(0);
});

test('closing breaks what is in flight: doubt, not silence for ever', async () => {
  const server = await peer(() => void line.close());
  const line = transport(stillClock, true);
  expect((await line.send(post(server.url), limits({ timeoutMs: 60_000 }), 'a')).kind).toBe('silent');
});

test('an answer limit above 32 MiB is a bug', async () => {
  const wish = limits({ answerBytesMax: 33 * 1024 * 1024 });
  await expect(transport(stillClock, true).send(post('http://127.0.0.1:1/'), wish, 'a')).rejects.toThrow(Bug);
});

test('while a database transaction is open the transport refuses to send', async () => {
  const server = await peer((socket) => socket.write(ok));
  database.insideTransaction = () => true;
  const sending = transport(stillClock, true).send(post(server.url), limits({}), 'a');
  database.insideTransaction = () => false;
  await expect(sending).rejects.toThrow(Bug);
  expect(server.wire()).toBe('');
});

test('a client library that starts the same request a second time is stopped', async () => {
  const controller = { abort: () => undefined } as unknown as Dispatcher.DispatchController;
  const pool = {
    dispatch: (_: unknown, handler: Dispatcher.DispatchHandler) => {
      handler.onRequestStart?.(controller, null);
      expect(() => handler.onRequestStart?.(controller, null)).toThrow('second sending');
    },
  } as unknown as Dispatcher;
  const call = new SingleSend(limits({}), stillClock, true);
  const sent = await call.run(pool, new URL('http://127.0.0.1/'), post('http://127.0.0.1/'), {});
  expect(sent).toMatchObject({ kind: 'silent', why: 'the connection ended; a second sending was prevented' });
});

test('a call that was reported as unsent cannot begin any more', async () => {
  const controller = { abort: () => undefined } as unknown as Dispatcher.DispatchController;
  const pool = {
    dispatch: (_: unknown, handler: Dispatcher.DispatchHandler) => {
      handler.onResponseError?.(controller, new Error('connection refused'));
      start = () => handler.onRequestStart?.(controller, null);
    },
  } as unknown as Dispatcher;
  let start = (): void => undefined;
  const call = new SingleSend(limits({}), stillClock, true);
  const sent = await call.run(pool, new URL('http://127.0.0.1/'), post('http://127.0.0.1/'), {});
  expect(sent).toEqual({ kind: 'unsent', why: 'connection refused' });
  expect(start).toThrow('over before it began');
});

test("where the address is somebody's word, production sends over TLS to public hosts only, by number and by name", async () => {
  const server = await peer((socket) => socket.write(ok));
  const { port } = new URL(server.url);
  const table = [
    [`http://127.0.0.1:${port}/`, 'such a message leaves over TLS only'],
    [`https://127.0.0.1:${port}/`, '127.0.0.1 is not a public address'],
    [`https://2130706433:${port}/`, '127.0.0.1 is not a public address'],
    [`https://[::ffff:127.0.0.1]:${port}/`, 'is not a public address'],
    ['https://169.254.169.254/latest/meta-data/', '169.254.169.254 is not a public address'],
    [`https://localhost:${port}/`, 'which is not a public address'],
  ] as const;
  for (const [url, why] of table) {
    const sent = await transport(stillClock, false).send(post(url), limits({ publicOnly: true }), 'webhook/W-1');
    expect(sent, url).toMatchObject({ kind: 'unsent', why: expect.stringContaining(why) as string });
  }
  expect(server.wire()).toBe('');
});
