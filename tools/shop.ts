// npm run shop: the example shop beside a sandbox that runs. It takes the sandbox's logins, so that one command is enough.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startShop } from '../packages/sdk/example/shop.ts';
import { createLiushui } from '../packages/sdk/src/index.ts';
import { readConfigOfProcess } from '../packages/server/src/platform/config.ts';

const port = Number(process.env['PORT'] ?? 8080);
/** A sandbox's clock stands in 2015: every message is old there. */
const anyTime = Number.MAX_SAFE_INTEGER;

function leave(zh: string, en: string): never {
  console.error(`${zh}\n${en}`);
  process.exit(1);
}

const startFirst = (): never => leave('请先在另一个终端执行 npm start。', 'Run npm start in another terminal first.');

const config = readConfigOfProcess();
if (!config.ok) leave(config.refusal.code, config.refusal.code);
const { dataFolder } = config.value;

function read(...path: readonly string[]): string {
  const file = join(dataFolder, ...path);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : startFirst();
}

const { address } = JSON.parse(read('server.json')) as { readonly address: string };

async function ask<Answer>(login: string, method: 'GET' | 'POST', path: string, body: object = {}): Promise<Answer> {
  const headers = { authorization: `Bearer ${read('logins', login)}` };
  const more = { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const post = { method, headers: { ...headers, ...more }, body: JSON.stringify(body) };
  const answer = await fetch(address + path, method === 'POST' ? post : { headers }).catch(startFirst);
  const text = await answer.text();
  return answer.ok ? (JSON.parse(text) as Answer) : leave(text, `${method} ${path}: HTTP ${answer.status}`);
}

type Accounts = {
  readonly items: readonly { readonly id: string; readonly settings: Readonly<Record<string, string>> }[];
};
const accounts = await ask<Accounts>('api-key', 'GET', '/v1/accounts');
const account = accounts.items.find(({ settings }) => ['key', 'cert'].includes(settings['openapi_mode'] ?? ''));
if (!account)
  leave(
    '这个沙箱没有可以收款的账户（建于旧版本）。请删除数据文件夹后重新 npm start。',
    'This sandbox has no account that collects: an older version made it. Delete its data folder and npm start again.',
  );

/** The address of the shop: proposed by the program, approved by zhao, as in earnest; its secret is shown once, so it is kept. */
async function connect(url: string): Promise<string> {
  const kept = join(dataFolder, 'shop.json');
  const before = existsSync(kept)
    ? (JSON.parse(readFileSync(kept, 'utf8')) as { url: string; secret: string })
    : undefined;
  if (before?.url === url) return before.secret;
  type Asked = { readonly secret: string; readonly approval_id: string };
  const { secret, approval_id: approval } = await ask<Asked>('api-key', 'POST', '/v1/webhooks', {
    url,
    reason: 'npm run shop',
  });
  await ask('zhao', 'POST', `/v1/approvals/${approval}/approve`, { reason: 'npm run shop' });
  writeFileSync(kept, JSON.stringify({ url, secret }), { mode: 0o600 });
  return secret;
}

const webhookSecret = await connect(`http://127.0.0.1:${port}/liushui`);
const liushui = createLiushui({ baseUrl: address, key: read('logins', 'api-key') });
const { url } = await startShop({ liushui, account: account.id, webhookSecret, port, toleranceSeconds: anyTime });
console.log(`示例商店 example shop  ${url}\n请用浏览器打开，Ctrl-C 结束。 Open it in a browser; Ctrl-C ends it.`);
