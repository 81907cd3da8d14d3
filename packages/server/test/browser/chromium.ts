// A real browser for what a payer sees. Debian's Chromium; none is downloaded.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions } from 'playwright-core';

/** Where Chromium is: as told, or the first one in PATH. */
export function findChromium(): string | undefined {
  const told = process.env['CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = folders.flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)));
  return (told === undefined ? places : [told]).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** On a developer's machine a missing browser leaves these tests out; where the whole project is judged it fails them. */
export const mayBeLeftOut = (): boolean => findChromium() === undefined && process.env['CI'] !== 'true';

export const leftOutWords =
  'Chromium was not found: the browser tests are left out (set CHROMIUM, or apt-get install chromium)';

export function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('Chromium was not found: set CHROMIUM, or apt-get install chromium');
  // As root there is no sandbox of its own; it loads nothing but our own pages.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--font-render-hinting=none', '--disable-gpu', '--disable-lcd-text'],
  });
}

const phoneAgent =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36';

/** What the payer holds in his hands. */
export const devices = {
  phone: { viewport: { width: 360, height: 740 }, userAgent: phoneAgent, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1024, height: 720 } },
  narrow: { viewport: { width: 320, height: 640 }, userAgent: phoneAgent, hasTouch: true, isMobile: true },
  inWechat: {
    ...{ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
    userAgent: `${phoneAgent} MicroMessenger/8.0.50`,
  },
} as const satisfies Readonly<Record<string, BrowserContextOptions>>;

export type Device = keyof typeof devices;
