import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from './call.ts';
import type { Connections } from './connections.ts';
import { controlDoor } from './control.ts';
import { BadRequest } from './input.ts';
import type { Reply } from './reply.ts';
import { jsonReply } from './reply.ts';
import type { World } from './world.ts';
import { UnreadableXml } from './xml.ts';

/** The doors of one simulator. `undefined` = no such door. */
export type Doors = (call: Call, world: World) => Reply | undefined | Promise<Reply | undefined>;

/** A history of 40,000 declarations in one call fits; nothing larger is ever meant. */
const bodyBytesMax = 256 * 1024 * 1024;

/** Listens on the loopback address only: the control doors have no lock. Resolves to the server and its address. */
export async function listen(
  port: number,
  doors: Doors,
  world: World,
  connections: Connections,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    answer(request, doors, world, connections)
      .catch(failure)
      .then((reply) => connections.send(response, reply))
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function answer(request: IncomingMessage, doors: Doors, world: World, connections: Connections): Promise<Reply> {
  const body = await readBody(request);
  const at = Number(request.headers['x-sandbox-at'] ?? 0);
  if (!Number.isSafeInteger(at)) throw new BadRequest('x-sandbox-at must be whole milliseconds since 1970');
  if (at > 0) {
    world.moveClock(at);
    connections.releaseDue();
  }
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const [path, query] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  const host = request.headers.host ?? '127.0.0.1';
  const call: Call = {
    method: request.method ?? 'GET',
    path,
    query,
    header: (name) => request.headers[name]?.toString(),
    host,
    body,
    json: () => parseJson(body),
  };
  const own = await doors(call, world);
  const reply = own ?? (path.startsWith('/control/') ? controlDoor(call, world, connections) : undefined);
  return reply ?? jsonReply({ error: `${call.method} ${path} is no door of this simulator` }, 404);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new BadRequest('the body is not JSON');
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMax) throw new BadRequest('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function failure(error: unknown): Reply {
  const message = error instanceof Error ? error.message : 'unknown error';
  const theirs = error instanceof BadRequest || error instanceof UnreadableXml;
  if (!theirs) process.stderr.write(`${error instanceof Error ? error.stack : message}\n`);
  return jsonReply({ error: message }, theirs ? 400 : 500);
}
