import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Received = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type Receiver = {
  readonly url: string;
  readonly received: Received[];
  /** What each request is answered; 200 unless told. `hang` keeps it waiting until the receiver is closed. */
  answer: (request: Received) => { readonly status: number; readonly body?: string; readonly to?: string } | 'hang';
  hanging(): number;
  close(): void;
};

/** A merchant's system on this machine. */
export async function startReceiver(): Promise<Receiver> {
  const held = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      const one = { path: request.url ?? '', headers: request.headers, body: bytes.toString('utf8') };
      made.received.push(one);
      const answer = made.answer(one);
      if (answer === 'hang') {
        held.add(response);
        response.on('close', () => held.delete(response));
        return;
      }
      response.writeHead(answer.status, answer.to === undefined ? {} : { location: answer.to }).end(answer.body ?? '');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const made: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received: [],
    answer: () => ({ status: 200 }),
    hanging: () => held.size,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return made;
}

/** Standard Webhooks 1.0 as a receiver would read it, written without a look at our side. */
export function isSigned({ headers, body }: Received, secret: string, nowMs: number): boolean {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (Math.abs(Number(time) - nowMs / 1000) > 5 * 60) return false;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = createHmac('sha256', key)
    .update(`${String(id)}.${String(time)}.${body}`)
    .digest('base64');
  return String(signatures).split(' ').includes(`v1,${wanted}`);
}
