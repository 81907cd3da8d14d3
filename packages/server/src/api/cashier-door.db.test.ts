// Goal: the payer's door lets in whoever has a link and nobody else, keeps nothing that is secret, tells nothing to other sites, and begins one payment
// however often a form is sent.
// Method: the server's own answers, without a browser; the simulated gateway behind it.
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { cashierVersions, findCashier, openCashier } from '../cashier/index.ts';
import { bothBooks } from '../../test/kit/pay-books.ts';
import { price, stepsOn } from '../../test/kit/pay-steps.ts';
import { usePayWorld } from '../../test/kit/pay-world.ts';
import { merchant, wang } from '../../test/kit/world.ts';
import { createServer } from './server.ts';

const own = usePayWorld('2026-12-01 10:00:00');
const { seen, states, pay } = stepsOn(() => own.world);
let server: FastifyInstance;
let orders = 0;

beforeAll(async () => {
  server = createServer(own.world.app);
  await server.ready();
});

async function link(changes: object = {}): Promise<{ readonly path: string; readonly orderNo: string }> {
  const orderNo = `C${(orders += 1)}`;
  const wish = { merchantId: merchant, orderNo, amount: price, subject: '测试商品', ...changes };
  const opened = await openCashier(own.world.app, wang, wish);
  if (!opened.ok) throw new Error(JSON.stringify(opened.refusal));
  return { path: new URL(opened.value.url).pathname, orderNo };
}

const get = (url: string, headers: Record<string, string> = {}) => server.inject({ method: 'GET', url, headers });
const send = (url: string, fields: Record<string, string>, agent = 'desktop') =>
  server.inject({
    ...{ method: 'POST', url, payload: new URLSearchParams(fields).toString() },
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': agent },
  });
const offerOf = (page: string): string => /name="offer" value="([^"]+)"/.exec(page)?.[1] ?? '';

test('only a digest of the link is kept, and the page tells no site where it was', async () => {
  const { path } = await link();
  const [, token = ''] = /^\/c\/(.+)$/.exec(path) ?? [];
  expect(token).toMatch(/^\d{3}[\w-]{43}$/);
  const rows = await own.world.app.db.query<{ row: string }>('select cashiers::text as row from cashiers');
  expect(rows.filter(({ row }) => row.includes(token.slice(3)))).toEqual([]);
  const { statusCode, headers } = await get(path);
  expect([statusCode, headers['referrer-policy'], headers['cache-control']]).toEqual([200, 'no-referrer', 'no-store']);
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
  );
});

test('nothing on the page comes from another host, and no script or style stands in it', async () => {
  const { body } = await get((await link({ subject: '<script>1</script>"' })).path);
  expect(body).toContain('&lt;script&gt;1&lt;/script&gt;&quot;');
  const loaded = [...body.matchAll(/<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
  expect(loaded.length).toBe(2);
  for (const address of loaded) expect((await get(address ?? '')).statusCode).toBe(200);
  expect(body).not.toMatch(/<style|style="|onclick|javascript:/);
  const style = readFileSync(`${import.meta.dirname}/../cashier/page/cashier.css`, 'utf8');
  expect(style).not.toMatch(/url\(|@import/);
});

test.each([
  ['no token at all', '/c/x'],
  ['another token of the same bucket', ''],
])('a wrong link is a calm page, in the language that the browser asks for (%s)', async (_name, given) => {
  const path = given === '' ? (await link()).path.replace(/.{5}$/, 'AAAAA') : given;
  const answer = await get(path, { 'accept-language': 'zh-CN' });
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
  expect(answer.body).toContain('没有这个付款页');
  expect((await get(path, { 'accept-language': 'en' })).body).toContain('There is no such payment page');
});

test('the language is what the payer asks for, then what the shop says, then what the browser says', async () => {
  const { path } = await link({ lang: 'en' });
  const german = { 'accept-language': 'zh-CN,zh;q=0.9' };
  expect((await get(path, german)).body).toContain('Choose how to pay');
  expect((await get(`${path}?lang=zh`, german)).body).toContain('选择付款方式');
});

test('what a channel hangs on the way back does not stay in the address', async () => {
  const { path } = await link();
  const answer = await get(`${path}?return=1&out_trade_no=20261201000000000001&sign=abc&lang=en`);
  expect([answer.statusCode, answer.headers['location']]).toEqual([303, `${path}?lang=en&back=1`]);
});

test('a form sent again, by a double click or by "reload", begins one payment; a form without a key begins none', async () => {
  const { path, orderNo } = await link();
  const offer = offerOf((await get(path)).body);
  expect((await send(`${path}/choose`, { offer })).statusCode).toBe(303);
  expect((await get(path)).body).toContain('data-state="choose"');
  const both = await Promise.all([1, 2].map(() => send(`${path}/choose`, { offer, key: 'key-of-form' })));
  expect(both.map(({ headers }) => headers['location'])).toEqual([`${path}?go=1`, `${path}?go=1`]);
  await send(`${path}/choose`, { offer, key: 'key-of-form' });
  expect((await states({ orderNo })).attempts).toEqual(['cashier_open']);
});

test('an old page begins nothing beside what can be paid already, and closes nothing but what it shows', async () => {
  const { path, orderNo } = await link();
  const offer = offerOf((await get(path)).body);
  await send(`${path}/choose`, { offer, key: 'first-key' });
  // Read on the phone before that, where another product is offered.
  await send(`${path}/choose`, { offer: offer.replace(/~.*/, '~wap'), key: 'other-key' }, 'Android Mobile');
  await send(`${path}/not-paid`, { attempt: '7', key: 'third-key' });
  expect((await states({ orderNo })).attempts).toEqual(['cashier_open']);
});

test('"I have paid" pressed on and on asks the channel a bounded number of times', async () => {
  const { path, orderNo } = await link();
  await send(`${path}/choose`, { offer: offerOf((await get(path)).body), key: 'first-key' });
  own.world.app.worker.nudge();
  for (let press = 0; press < 12; press += 1) {
    void send(`${path}/paid`, { attempt: '0', key: `press-${press}-key` });
    await own.world.pass(6_000);
  }
  const { asked } = (await seen({ orderNo })).attempts[0] ?? {};
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(7);
});

test('the way back makes the channel be asked at once, and the page that is loaded again and again after it does not', async () => {
  const { path, orderNo } = await link();
  await send(`${path}/choose`, { offer: offerOf((await get(path)).body), key: 'first-key' });
  await get(path);
  const askedFrom = async () => (await seen({ orderNo })).attempts[0]?.askedFrom;
  const before = await askedFrom();
  await own.world.pass(31_000);
  expect((await get(`${path}?return=1`)).headers['location']).toBe(`${path}?back=1`);
  const after = await askedFrom();
  expect(after).toBeGreaterThan(before!);
  await own.world.pass(31_000);
  expect((await get(`${path}?back=1`)).body).toContain('data-state="checking"');
  expect(await askedFrom()).toBe(after);
});

test('too many looks are told when to come again, and a form of a megabyte is not read', async () => {
  const { path } = await link();
  const answers = await Promise.all(Array.from({ length: 80 }, () => get(path, { 'accept-language': 'en' })));
  const refused = answers.filter(({ statusCode }) => statusCode === 429);
  expect(refused.length).toBeGreaterThan(10);
  expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused[0]?.body).toMatch(/Too many requests: go on in \d+ s/);
  const { path: other } = await link();
  expect((await send(`${other}/choose`, { offer: 'x'.repeat(5000), key: 'long-key-1' })).statusCode).toBe(413);
});

test('links of one order opened and used at one moment: one price is left, and one payment begins', async () => {
  const prices = [10_000n, 9_000n, 8_000n, 7_000n, 6_000n].map((minor) => ({ ...price, minor }));
  const { orderNo } = await link();
  await Promise.all(prices.map((amount) => link({ orderNo, amount })));
  const { db } = own.world.app;
  const left = await db.query('select id from cashiers where order_no = $1 and replaced_at is null', [orderNo]);
  expect(left.length).toBe(1);
  const one = await link();
  const { path: other } = await link({ orderNo: one.orderNo });
  const offer = offerOf((await get(one.path)).body);
  await Promise.all([
    send(`${one.path}/choose`, { offer, key: 'one-key-1' }),
    send(`${other}/choose`, { offer: offer.replace(/~.*/, '~wap'), key: 'other-key' }, 'Android Mobile'),
  ]);
  expect((await states({ orderNo: one.orderNo })).attempts.length).toBe(1);
});

test('an open page hears that its link was replaced', async () => {
  const { path, orderNo } = await link();
  const cashier = await findCashier(own.world.app, path.slice('/c/'.length));
  const visit = { userAgent: 'desktop', address: '127.0.0.1', isBack: false };
  const versions = cashierVersions(own.world.app, cashier!, visit, () => true);
  const first = await versions.next();
  await link({ orderNo, amount: { ...price, minor: 9000n } });
  expect((await versions.next()).value).not.toBe(first.value);
  await versions.return('');
});

test('another price while something is being paid: that is closed, and the new link leads to the new price alone', async () => {
  const { path, orderNo } = await link();
  await send(`${path}/choose`, { offer: offerOf((await get(path)).body), key: 'dear-key' });
  expect((await states({ orderNo })).attempts).toEqual(['cashier_open']);
  const { path: fresh } = await link({ orderNo, amount: { ...price, minor: 9000n } });
  expect((await states({ orderNo })).attempts).toEqual(['closing']);
  expect((await get(fresh)).body).not.toContain('id="go"');
  await own.world.pass(10_000);
  await send(`${fresh}/choose`, { offer: offerOf((await get(fresh)).body), key: 'cheap-key' });
  const [dear, cheap] = (await seen({ orderNo })).attempts;
  expect([dear?.state, cheap?.state, cheap?.amount.minor]).toEqual(['closing', 'cashier_open', 9000n]);
});

test('a link of an old price, and one whose time is over, closes nothing that another link has begun', async () => {
  const { path: old, orderNo } = await link({ expiresAt: own.world.clock.now() + 3_600_000 });
  const short = await link({ orderNo, amount: { ...price, minor: 9000n }, expiresAt: own.world.clock.now() + 130_000 });
  const { path: fresh } = await link({ orderNo, amount: { ...price, minor: 9000n } });
  await send(`${fresh}/choose`, { offer: offerOf((await get(fresh)).body), key: 'fresh-key' });
  await own.world.pass(135_000);
  await send(`${old}/not-paid`, { attempt: '0', key: 'old-key-1' });
  await send(`${short.path}/not-paid`, { attempt: '0', key: 'short-key' });
  expect((await states({ orderNo })).attempts).toEqual(['cashier_open']);
});

test('another price for the same order: the old link leads to no payment, the new one does', async () => {
  const { path, orderNo } = await link();
  const { path: fresh } = await link({ orderNo, amount: { ...price, minor: 9000n } });
  const offer = offerOf((await get(fresh)).body);
  await send(`${path}/choose`, { offer, key: 'old-price' });
  expect((await get(path)).body).toContain('data-state="replaced"');
  await send(`${fresh}/choose`, { offer, key: 'new-price' });
  const { attempts } = await seen({ orderNo });
  expect(attempts.map(({ amount }) => amount.minor)).toEqual([9000n]);
  await fetch((/id="go" href="([^"]+)"/.exec((await get(fresh)).body)?.[1] ?? '').replaceAll('&amp;', '&'));
  await pay(attempts[0]?.serialNo ?? '');
  await own.world.pass(10_000);
  expect((await get(fresh)).body).toContain('data-state="paid"');
  const { ours, theirs } = await bothBooks(own.world.app.db, own.world, own.world.accountId);
  expect(ours).toEqual(theirs);
});

test('an order that is paid or cancelled gets no link, and one that would end at once or lead nowhere neither', async () => {
  const opened = (changes: object) =>
    openCashier(own.world.app, wang, {
      merchantId: merchant,
      orderNo: 'C-late',
      amount: price,
      subject: 'x',
      ...changes,
    });
  const soon = own.world.clock.now() + 60_000;
  expect(await opened({ expiresAt: soon })).toMatchObject({ refusal: { code: 'payment.expiry_outside' } });
  const unreadable = await opened({ returnUrl: 'https://shop.example:99999/x' });
  expect(unreadable).toMatchObject({ refusal: { code: 'usage.bad_input', pointer: '/return_url' } });
  expect(await opened({ returnUrl: 'javascript:1' })).toMatchObject({ refusal: { code: 'usage.bad_input' } });
  const paidOrder = `C${orders - 1}`;
  expect(await opened({ orderNo: paidOrder })).toMatchObject({ refusal: { code: 'order.already_paid' } });
});
