// The receiver in docs/examples/webhooks, as a reader would run it, against what we sign.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Secret } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { signedHeaders } from './sign.ts';

const script = join(import.meta.dirname, '../../../../docs/examples/webhooks/receiver.mjs');
const [secret, other] = [7, 8].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`) as [string, string];
const message = {
  id: 'msg_1',
  body: '{"type":"webhook.test","timestamp":"2015-10-28T16:20:00+08:00","data":{"n":"流"}}',
};
let child: ChildProcess;
let url = '';
const told: string[] = [];

beforeAll(async () => {
  child = spawn(process.execPath, [script, '0'], {
    env: { WEBHOOK_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout! });
  const [first] = (await once(lines, 'line')) as [string];
  url = `http://127.0.0.1:${first.replace('port ', '')}/`;
  lines.on('line', (line) => told.push(line));
});
afterAll(() => child.kill());

async function send(with_: readonly string[], ageMs = 0, body = message.body): Promise<number> {
  const at = (Date.now() - ageMs) as Instant;
  const headers = signedHeaders(
    message,
    at,
    with_.map((one) => new Secret(one)),
  );
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

test('the example takes what is signed with its secret, also during a rotation, and knows it again', async () => {
  expect(await send([secret])).toBe(204);
  expect(await send([other, secret])).toBe(204);
  await vi.waitFor(() => expect(told).toEqual(['msg_1 webhook.test {"n":"流"}', 'msg_1 again']));
});

test('it takes nothing else: another secret, other bytes, an old message, no signature', async () => {
  expect(await send([other])).toBe(401);
  expect(await send([secret], 0, `${message.body} `)).toBe(401);
  expect(await send([secret], 301_000)).toBe(401);
  expect(await send([secret], -301_000)).toBe(401);
  expect(await send([])).toBe(401);
  expect((await fetch(url, { method: 'POST', body: message.body })).status).toBe(401);
});
