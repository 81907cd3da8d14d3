import { chmodSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPostgres } from '../packages/server/src/platform/postgres.ts';
import { runNode } from './run-command.ts';

const root = resolve(import.meta.dirname, '..');

/** The test files that speak to a database: by name, by place, or because they take one from the test kit. */
function databaseTests(): readonly string[] {
  return globSync('packages/server/{src,test}/**/*.test.ts', { cwd: root }).filter(
    (path) =>
      /(\.db|store)\.test\.ts$|test\/journeys\//.test(path) ||
      readFileSync(join(root, path), 'utf8').includes('kit/database'),
  );
}

/** Linux on x64 only: elsewhere run `npm test` with DATABASE_URL on a server of your own. */
function binaries(): string {
  return join(root, 'node_modules/pg18-linux-x64/native');
}

async function testOn(url: string, args: readonly string[]): Promise<number> {
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--passWithNoTests', ...args];
  const ended = await runNode([...vitest, ...databaseTests()], root, { ...process.env, DATABASE_URL: url });
  process.stdout.write(ended.output);
  return ended.code;
}

/** Runs the database tests on another major than the embedded one; arguments go to vitest. */
async function main(args: readonly string[]): Promise<number> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'liushui-other-postgres-')));
  chmodSync(folder, 0o755); // as root the server runs as another account, which must get through
  const log = (line: string): void => console.error(line);
  try {
    const dataDir = join(folder, 'data');
    const server = await startPostgres({ dataDir, binariesDir: binaries(), durable: false, log });
    return await testOn(server.url, args).finally(() => server.stop());
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

process.exitCode = await main(process.argv.slice(3));
