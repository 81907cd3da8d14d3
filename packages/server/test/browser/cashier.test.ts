// Goal: in every state, on a phone and on a desktop, in both languages, the payer reads what is known and nothing that is not; whatever he presses,
// reloads or loses, he is charged once.
// Method: a real browser against the server and both simulators on one moved clock; at the end the books of both are held against ours.
// LIUSHUI_SCREENSHOTS=1 writes docs/cashier/*.png anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { bothBooks, brokenLaws } from '../kit/pay-books.ts';
import { stateOf, useCashierWorld } from './cashier-world.ts';
import { devices, leftOutWords, mayBeLeftOut } from './chromium.ts';
import type { Device } from './chromium.ts';
import { pageOf } from './scenes-page.ts';
import { scenes } from './scenes.ts';
import type { Scene } from './scenes.ts';
import { troubles } from './troubles.ts';
import { smallPng } from './small-png.ts';

const shotsFolder = join(import.meta.dirname, '../../../../docs/cashier');
const isShooting = process.env['LIUSHUI_SCREENSHOTS'] === '1';

/** Each device and each language for every state; all four of them where pictures are taken. */
const langsAt = (device: Device): readonly ('zh' | 'en')[] =>
  isShooting || device === 'inWechat' ? ['zh', 'en'] : device === 'phone' ? ['zh'] : ['en'];

/** What nobody knows or nobody may read: a failure, a number of a system, a hole in a text. */
const neverSaid = /失败|failed|undefined|NaN|\[object|\bnull\b|系统繁忙|未知错误|\{\w+\}/i;

if (mayBeLeftOut()) console.warn(leftOutWords);

describe.skipIf(mayBeLeftOut())('the payer’s page', () => {
  const own = useCashierWorld('2026-12-01 10:00:00');

  afterAll(async () => {
    for (const stage of [own.world.alipay, own.world.wechat]) {
      const { ours, theirs } = await bothBooks(stage.app.db, stage, stage.accountId);
      const differing = theirs.lines.filter((line, index) => line.received !== ours.lines[index]?.received);
      expect(differing.every(({ no, received }) => own.disputed.get(no) === received)).toBe(true);
    }
    expect(await brokenLaws(own.stage().app.db)).toEqual([]);
  });

  async function expectHonest(page: Page, { state }: Scene): Promise<void> {
    expect(state === undefined ? null : await stateOf(page)).toBe(state ?? null);
    const text = await page.locator('body').innerText();
    expect(text).not.toMatch(neverSaid);
    const rows = await own
      .stage()
      .app.db.query<{ no: string }>(
        `select serial_no as no from payment_attempts union all select trade_no from payment_attempts where trade_no is not null`,
      );
    const bare = text.replace(/\s/g, '');
    expect(rows.map(({ no }) => no).filter((no) => bare.includes(no))).toEqual([]);
  }

  async function expectAccessible(page: Page): Promise<void> {
    await page.evaluate(axe.source);
    const found = await page.evaluate<string[]>(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' ')))`,
    );
    expect(found).toEqual([]);
  }

  async function expectFitsNarrow(page: Page, device: Device): Promise<void> {
    await page.setViewportSize(devices.narrow.viewport);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(devices.narrow.viewport.width);
    await page.setViewportSize(devices[device].viewport);
  }

  test('docs/cashier shows every state', () => {
    const path = join(shotsFolder, 'README.md');
    if (isShooting) writeFileSync(path, pageOf(scenes));
    expect(readFileSync(path, 'utf8')).toBe(pageOf(scenes));
  });

  test.each(scenes.map((scene, index) => [scene.name, scene, index] as const))(
    '%s',
    { timeout: 30_000 },
    async (_name, scene, index) => {
      const { url } = await scene.arrange(own);
      const places: readonly Device[] = scene.devices ?? ['phone', 'desktop'];
      const all = places.flatMap((device) => langsAt(device).map((lang) => ({ device, lang })));
      // A page takes seconds of a busy machine: one of them by turns, all where pictures are taken and looked at.
      const variants = isShooting ? all : all.slice(index % all.length, (index % all.length) + 1);
      await Promise.all(
        variants.map(async ({ device, lang }) => {
          const page = await own.show(url + (scene.asked ?? ''), device, lang);
          await expectHonest(page, scene);
          await expectAccessible(page);
          expect(await page.getAttribute('html', 'lang')).toBe(lang === 'zh' ? 'zh-CN' : 'en');
          const path = join(shotsFolder, `${scene.name}-${device === 'inWechat' ? 'phone' : device}-${lang}.png`);
          if (isShooting) writeFileSync(path, smallPng(await page.screenshot({ fullPage: true })));
          if (device !== 'desktop') await expectFitsNarrow(page, device);
        }),
      );
      own.rest(false);
    },
  );

  troubles(own);
});
