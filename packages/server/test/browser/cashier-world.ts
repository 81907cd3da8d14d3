// Server, both channels and a browser: what the tests of the payer's page stand on.
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../../src/api/server.ts';
import { openCashier } from '../../src/cashier/index.ts';
import type { CashierWish } from '../../src/cashier/index.ts';
import { useStages } from '../kit/money-ground.ts';
import type { ChannelStage } from '../kit/money-ground.ts';
import { price, stepsOn } from '../kit/pay-steps.ts';
import { openApi } from '../kit/pay-world.ts';
import { wechatPay } from '../kit/wechat-world.ts';
import { merchant, wang } from '../kit/world.ts';
import { plus } from '../../src/kernel/index.ts';
import { devices, launch } from './chromium.ts';
import type { Device } from './chromium.ts';

export type Link = { readonly url: string; readonly path: string; readonly orderNo: string };
type Lang = 'zh' | 'en';

export function useCashierWorld(start: string) {
  const own = useStages(start, { alipay: openApi, wechat: wechatPay });
  let browser: Browser | undefined;
  const contexts = new Map<string, BrowserContext>();
  let orders = 0;
  let isWorking = true;
  let again: FastifyInstance | undefined;

  beforeAll(async () => {
    browser = await launch();
    workAtOnce(own.world.alipay, () => isWorking);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await again?.close();
  });

  const stage = () => own.world.alipay;

  /** A link as a shop gets it. The number begins with its day, as shops' numbers do. */
  async function open(changes: Partial<CashierWish> = {}): Promise<Link> {
    const orderNo = changes.orderNo ?? `202612010001${String((orders += 1)).padStart(8, '0')}`;
    const opened = await openCashier(stage().app, wang, {
      ...{ merchantId: merchant, orderNo, amount: price, subject: '测试商品 A-1' },
      ...{ returnUrl: 'http://127.0.0.1:9/shop?from=cashier', ...changes },
    });
    if (!opened.ok) throw new Error(JSON.stringify(opened.refusal));
    const { url } = opened.value;
    return { url, path: new URL(url).pathname, orderNo };
  }

  async function contextOf(device: Device, lang: Lang): Promise<BrowserContext> {
    const name = `${device} ${lang}`;
    const known = contexts.get(name);
    if (known) return known;
    const made = await browser!.newContext({
      ...devices[device],
      ...{ locale: lang === 'zh' ? 'zh-CN' : 'en-GB', reducedMotion: 'reduce' },
      // Both themes are looked at, one of them on each device.
      colorScheme: device === 'desktop' && lang === 'en' ? 'dark' : 'light',
    });
    made.setDefaultTimeout(5_000);
    contexts.set(name, made);
    return made;
  }

  /** A tab with this address; what the page says or asks of other hosts fails the test. */
  async function visit(url: string, device: Device = 'desktop', lang: Lang = 'zh'): Promise<Page> {
    const page = await (await contextOf(device, lang)).newPage();
    page.on('pageerror', (error) => expect.soft(error.message).toBe('no error in the page'));
    await page.goto(url);
    return page;
  }

  const shown = new Map<string, Page>();

  /** The same in the one tab that this kind of payer has. */
  async function show(url: string, device: Device, lang: Lang): Promise<Page> {
    const name = `${device} ${lang}`;
    const known = shown.get(name);
    if (known) await known.goto(url);
    const page = known ?? (await visit(url, device, lang));
    shown.set(name, page);
    return page;
  }

  /** All connections break, as when the program is killed; nothing listens until it is started again. */
  async function killServer(): Promise<void> {
    const server = again ?? stage().server;
    server.server.closeAllConnections();
    await server.close();
  }

  async function startServer(): Promise<void> {
    again = createServer(stage().app);
    await again.listen(stage().app.config.listen);
  }

  return {
    get world() {
      return own.world;
    },
    get browser() {
      return browser!;
    },
    steps: { alipay: stepsOn(() => own.world.alipay), wechat: stepsOn(() => own.world.wechat) },
    ...{ stage, open, visit, show, contextOf, killServer, startServer },
    pass: (ms: number) => stage().pass(ms),
    from: (ms: number) => plus(stage().clock.now(), ms),
    /** Serial numbers whose amount the channel names differently, and what it names. */
    disputed: new Map<string, number>(),
    /** While it rests no call leaves. */
    rest: (still: boolean) => void (isWorking = !still),
  };
}

export type CashierWorld = ReturnType<typeof useCashierWorld>;

/** What is committed is worked at once, as a running worker would: the clock is moved by the tests all the same. */
function workAtOnce({ app }: ChannelStage, isWorking: () => boolean): void {
  let running: Promise<unknown> | undefined;
  let isWanted = false;
  const work = async (): Promise<void> => {
    while (isWanted && isWorking()) {
      isWanted = false;
      await app.worker.runDue();
    }
    running = undefined;
  };
  const wake = app.worker.nudge.bind(app.worker);
  Object.assign(app.worker, {
    nudge() {
      wake();
      isWanted = true;
      running ??= delay(0).then(work);
    },
  });
}

/** Which state the page shows. */
export const stateOf = (page: Page): Promise<string | null> => page.locator('#page').getAttribute('data-state');

export async function expectState(page: Page, state: string): Promise<void> {
  await page.waitForSelector(`#page[data-state="${state}"]`);
}

export const minutesLater = (count: number): number => count * 60_000;
