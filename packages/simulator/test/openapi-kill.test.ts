import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { AlipaySdk } from 'alipay-sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appId, appInput, vectors } from './merchant.ts';
import { doors, minute, start } from './player.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;
let dataDir: string;
let child: ReturnType<typeof spawnSimulator> | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'liushui-simulator-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(dataDir, { recursive: true });
});

function spawnSimulator(at: string[]) {
  return spawn(process.execPath, [main, '--data', dataDir, '--clock', 'stepped', ...at]);
}

async function startProcess(...at: string[]) {
  child = spawnSimulator(at);
  for await (const line of createInterface(child.stdout)) {
    const ready = JSON.parse(line);
    const sim = doors(ready.alipay, ready.port);
    const sdk = new AlipaySdk({
      appId,
      privateKey: vectors.keys.app_private_pkcs8,
      keyType: 'PKCS8',
      alipayPublicKey: vectors.keys.alipay_public,
      gateway: `${ready.alipay}/gateway.do`,
    });
    const books = async () => {
      const pages = ['openapi/books', 'openapi/statement', 'control/faults', 'control/clock', 'control/settings'];
      return Promise.all(pages.map(async (page) => (await fetch(`${ready.alipay}/${page}`)).json()));
    };
    return { sim, sdk, books };
  }
  throw new Error('the process said nothing');
}

async function kill() {
  const gone = child && once(child, 'exit');
  child?.kill('SIGKILL');
  await gone;
}

test('after a kill trades, money, rules and open notifications come back, and an unanswered notification is sent again', async () => {
  const heard: string[] = [];
  let silent = true;
  const server = createServer((request, response) => {
    heard.push(request.url ?? '');
    request.resume();
    if (!silent) response.end('success');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const notifyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const first = await startProcess('--at', new Date(start).toISOString());
  await first.sim.control('openapi/apps', appInput('key'));
  await first.sim.control('settings', { openapi: { refund_visible_ms: 5_000 } });
  await first.sim.control('faults', { fault: 'bad_signature', match: { method: 'query', nth: 3 } });
  const ask = (shop: typeof first, method: string, bizContent: object, more = {}) =>
    shop.sdk.exec(`alipay.trade.${method}`, { bizContent, ...more }, { validateSign: true });
  for (const no of ['K1', 'K2', 'K3'])
    await ask(first, 'precreate', { out_trade_no: no, total_amount: '10.00', subject: 'milk' }, { notifyUrl });
  await first.sim.control('openapi/pay', { out_trade_no: 'K1' });
  for (const no of ['K2', 'K3']) await first.sim.control('openapi/open', { out_trade_no: no });
  await first.sim.control('openapi/pay', { out_trade_no: 'K3' });
  await ask(first, 'refund', { out_trade_no: 'K1', refund_amount: '1.00', out_request_no: 'R1' });
  await ask(first, 'query', { out_trade_no: 'K1' });
  await first.sim.after(1_000);
  while (heard.length < 3) await first.sim.control('clock');
  const before = await first.books();
  await kill();

  const second = await startProcess();
  expect(await second.books()).toEqual(before);
  silent = false;
  await second.sim.control('openapi/settle', {});
  expect(heard).toHaveLength(6);
  await ask(second, 'query', { out_trade_no: 'K1' });
  await expect(ask(second, 'query', { out_trade_no: 'K1' })).rejects.toThrow('验签失败');
  await second.sim.after(180 * minute);
  expect(await ask(second, 'query', { out_trade_no: 'K2' })).toMatchObject({ tradeStatus: 'TRADE_CLOSED' });
  server.closeAllConnections();
  server.close();
});
