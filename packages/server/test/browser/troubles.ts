// What goes wrong around a payer: he presses twice, reloads, goes back, opens a second tab, loses the network; the server dies. Each story ends with
// one payment, and with no word that was not true when it was said.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/index.ts';
import { expectState, stateOf } from './cashier-world.ts';
import type { CashierWorld, Link } from './cashier-world.ts';
import { devices } from './chromium.ts';

const s = 1000;
const m = 60 * s;

export function troubles(own: CashierWorld): void {
  const { alipay, wechat } = own.steps;
  const attempts = async ({ orderNo }: Link) => (await alipay.seen({ orderNo })).attempts;
  const serialOf = async (link: Link, index = 0) => (await attempts(link))[index]?.serialNo ?? '';
  const choose = async (page: Page, product: string): Promise<void> => {
    await page.check(`input[value$="~${product}"]`);
    await page.click('#pay');
  };
  const noSerial = async (page: Page, link: Link): Promise<void> =>
    expect(page.url()).not.toContain(await serialOf(link));

  test('a code is scanned and paid elsewhere: the page turns by itself, and leads back to the shop with the order number alone', async () => {
    const link = await own.open();
    const page = await own.visit(link.url);
    await choose(page, 'native');
    await expectState(page, 'scan');
    await wechat.pay(await serialOf(link));
    await own.pass(5 * s);
    await expectState(page, 'paid');
    const back = new URL((await page.getAttribute('.way-back a', 'href')) ?? '');
    expect([...back.searchParams]).toEqual([
      ['from', 'cashier'],
      ['order_no', link.orderNo],
    ]);
    await page.close();
  });

  test.each([
    ['wap', alipay],
    ['h5', wechat],
  ] as const)(
    'on a phone the wallet opens at once (%s), "back" does not send him there again, and coming back from it proves nothing',
    async (product, at) => {
      const link = await own.open();
      const page = await own.visit(link.url, 'phone');
      await choose(page, product);
      await page.waitForURL(/\/cashier[/?]/);
      await page.goBack();
      await expectState(page, 'wallet');
      await noSerial(page, link);
      await page.click('#go');
      await page.waitForURL(/\/cashier[/?]/);
      await at.fault('never_notify', await serialOf(link), { times: 9 });
      own.rest(true);
      await page.click('button:has-text("pay")');
      await page.waitForURL(/\?back=1$/);
      await expectState(page, 'checking');
      own.rest(false);
      await own.pass(10 * s);
      await expectState(page, 'paid');
      expect(await attempts(link)).toHaveLength(1);
      await page.close();
    },
  );

  test.each([
    ['the same form', (key: string) => [key, key, key]],
    ['three tabs', (key: string) => [key, `${key}-b`, `${key}-c`]],
  ])('pressed three times at one moment (%s): one attempt', async (_name, keysOf) => {
    const link = await own.open();
    const page = await own.visit(link.url);
    const key = (await page.getAttribute('#choose input[name=key]', 'value')) ?? '';
    const offers = await page.evaluate<string[]>(
      `[...document.querySelectorAll('input[name=offer]')].map(({ value }) => value)`,
    );
    const answers = await Promise.all(
      keysOf(key).map((one, index) =>
        fetch(`${link.url}/choose`, {
          ...{ method: 'POST', redirect: 'manual' },
          body: new URLSearchParams({ key: one, offer: offers[one === key ? 0 : index % 2] ?? '' }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(await attempts(link)).toHaveLength(1);
    await page.close();
  });

  test('double click, reload, back, and the same link in a second tab: one attempt, and each shows it', async () => {
    const link = await own.open();
    const page = await own.visit(link.url);
    const other = await own.visit(link.url);
    await page.check('input[value$="~native"]');
    await page.dblclick('#pay');
    await expectState(page, 'scan');
    await page.reload();
    await expectState(page, 'scan');
    await page.goBack();
    await expectState(page, 'scan');
    await expectState(other, 'scan');
    expect(await attempts(link)).toHaveLength(1);
    await wechat.pay(await serialOf(link));
    await own.pass(5 * s);
    await Promise.all([expectState(page, 'paid'), expectState(other, 'paid')]);
    await Promise.all([page.close(), other.close()]);
  });

  test('two tabs, two ways: the one that came second begins nothing, and says what is going on', async () => {
    const link = await own.open();
    const [first, second] = [await own.visit(link.url), await own.visit(link.url)];
    // Its stream is cut off: it knows nothing of the first one.
    await second.route('**/events*', (route) => route.abort());
    await second.reload();
    await choose(first, 'native');
    await expectState(first, 'scan');
    if ((await stateOf(second)) === 'choose') await choose(second, 'page');
    await expectState(second, 'scan');
    expect(await attempts(link)).toHaveLength(1);
    await Promise.all([first.close(), second.close()]);
  });

  test('the network is lost while he pays: the page says as of when it speaks, and knows as soon as it is back', async () => {
    const link = await own.open();
    const context = await own.browser.newContext({ ...devices.phone, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(link.url);
    await choose(page, 'wap');
    await page.waitForURL(/\/cashier\//);
    await page.goto(link.url);
    await expectState(page, 'wallet');
    await context.setOffline(true);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await page.waitForSelector('#stale:not([hidden])');
    expect(await page.innerText('#stale')).toMatch(/as of \d\d:\d\d:\d\d/);
    await alipay.pay(await serialOf(link));
    await own.pass(5 * s);
    expect(await stateOf(page)).toBe('wallet');
    await context.setOffline(false);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await expectState(page, 'paid');
    expect(await page.isHidden('#stale')).toBe(true);
    await context.close();
  });

  test('the server is killed while he looks: no word is taken back, and the page goes on when it is there again', async () => {
    const link = await own.open();
    const page = await own.visit(link.url, 'phone', 'en');
    await choose(page, 'wap');
    await page.waitForURL(/\/cashier\//);
    await page.goto(`${link.url}?back=1`);
    await expectState(page, 'checking');
    await own.killServer();
    await page.waitForSelector('#stale:not([hidden])');
    expect(await stateOf(page)).toBe('checking');
    expect(await page.innerText('#page')).toContain('do not pay again');
    await alipay.pay(await serialOf(link));
    await own.startServer();
    await own.pass(m);
    await expectState(page, 'paid');
    await page.close();
  });

  test('"I have not paid" is true: closed at the channel, another way chosen and paid; the first cannot be paid any more', async () => {
    const link = await own.open();
    const page = await own.visit(link.url);
    await choose(page, 'native');
    await expectState(page, 'scan');
    await page.click('form[action*="/not-paid"] button');
    await expectState(page, 'choose');
    expect(await page.innerText('.note')).toContain('没有扣款');
    await choose(page, 'page');
    await page.waitForURL(/\/cashier\//);
    expect((await wechat.pay(await serialOf(link))).refused).not.toBe(null);
    await alipay.pay(await serialOf(link, 1));
    await own.pass(5 * s);
    await page.goto(link.url);
    await expectState(page, 'paid');
    await page.close();
  });

  test('"I have not paid" is wrong: the close is refused, the channel is asked, and the page says "paid"', async () => {
    const link = await own.open();
    const page = await own.visit(link.url);
    await choose(page, 'native');
    await expectState(page, 'scan');
    const serialNo = await serialOf(link);
    await wechat.fault('never_notify', serialNo, { times: 9 });
    await wechat.pay(serialNo);
    await page.click('form[action*="/not-paid"] button');
    await own.pass(20 * s);
    await expectState(page, 'paid');
    expect(await attempts(link)).toHaveLength(1);
    await page.close();
  });

  test('the channel cannot be reached: "I have not paid" offers nothing else before the close has left', async () => {
    const link = await own.open();
    const page = await own.visit(link.url);
    await choose(page, 'native');
    await expectState(page, 'scan');
    own.rest(true);
    await page.click('form[action*="/not-paid"] button');
    await expectState(page, 'closing');
    expect(await page.locator('input[name=offer]').count()).toBe(0);
    own.rest(false);
    await own.pass(s);
    await expectState(page, 'choose');
    await page.close();
  });

  test('"I have paid" makes the channel be asked at once, although its message never comes', async () => {
    const link = await own.open();
    const page = await own.visit(link.url);
    await choose(page, 'native');
    await expectState(page, 'scan');
    await own.pass(5 * m);
    const serialNo = await serialOf(link);
    await wechat.fault('never_notify', serialNo, { times: 9 });
    await wechat.pay(serialNo);
    await page.click('form[action*="/paid"] button');
    await own.pass(6 * s);
    await expectState(page, 'paid');
    await page.close();
  });

  test('"I have paid", and the channel knows of nothing: the page says as of when, and goes on asking', async () => {
    const link = await own.open();
    const page = await own.visit(link.url, 'desktop', 'en');
    await choose(page, 'native');
    await expectState(page, 'scan');
    await own.pass(m);
    const before = await page.locator('#page').getAttribute('data-now');
    await page.click('form[action*="/paid"] button');
    await expectState(page, 'checking');
    expect(Number(await page.locator('#page').getAttribute('data-now'))).toBeGreaterThanOrEqual(Number(before));
    expect(await page.innerText('#page')).toMatch(/As of \d\d:\d\d:\d\d, WeChat Pay has not told us that you paid/);
    await page.close();
  });

  test('without scripts the page looks again by itself, and everything can be done', async () => {
    const link = await own.open();
    const context = await own.browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
    const page = await context.newPage();
    await page.goto(link.url);
    await choose(page, 'native');
    await page.waitForSelector('svg.qr');
    expect(await page.content()).toContain('http-equiv="refresh"');
    await wechat.pay(await serialOf(link));
    await own.pass(5 * s);
    await page.reload();
    expect(await page.innerText('h1')).toBe('Paid');
    await context.close();
  });

  test("inside the wallet its own script gets the channel's text, and what it answers proves nothing", async () => {
    const link = await own.open({ payerId: new Secret('oUpF8uMuAJO_M2pxb1Q9zNjWeS6o') });
    const context = await own.browser.newContext({ ...devices.inWechat, locale: 'zh-CN' });
    await context.addInitScript(
      `window.WeixinJSBridge = { invoke: (call, given, back) => { sessionStorage.asked = JSON.stringify([call, given]); back({ err_msg: 'get_brand_wcpay_request:ok' }); } };`,
    );
    const page = await context.newPage();
    await page.goto(link.url);
    await page.click('#pay');
    await page.waitForURL(/\?back=1$/);
    await expectState(page, 'checking');
    const [call, given] = JSON.parse(await page.evaluate<string>('sessionStorage.asked')) as [string, object];
    expect(call).toBe('getBrandWCPayRequest');
    expect(Object.keys(given)).toEqual(['appId', 'timeStamp', 'nonceStr', 'package', 'signType', 'paySign']);
    await context.close();
  });

  describe('what comes from outside', () => {
    test('a subject is text and never markup', async () => {
      const subject = '<img src=x onerror="document.title=1"> & "quotes"';
      const page = await own.visit((await own.open({ subject })).url);
      expect(await page.innerText('.order')).toContain(subject);
      expect(await page.locator('.order img').count()).toBe(0);
      await page.close();
    });
  });
}
