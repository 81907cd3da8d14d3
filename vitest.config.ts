import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const databaseSetup = 'packages/server/test/global-setup.ts';

export default defineConfig({
  test: {
    include: ['packages/*/{src,test,bench}/**/*.test.ts', 'tools/**/*.test.ts'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: existsSync(join(import.meta.dirname, databaseSetup)) ? [databaseSetup] : [],
  },
});
