import { spawnSync } from 'node:child_process';

const isThere = (): boolean =>
  process.env['CHROMIUM'] !== undefined ||
  ['chromium', 'chromium-browser'].some((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

/**
 * The tests of the payer's page need a browser. A machine that judges the project and has none gets Debian's, where we may install it; anywhere else
 * those tests say what they miss.
 */
export function installChromium(): void {
  if (isThere() || process.getuid?.() !== 0) return;
  console.log('\n== chromium: apt-get install chromium fonts-noto-cjk');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'];
  for (const args of [['update', '-q'], install])
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
}
