import { expect, test } from 'vitest';
import { CNY } from '../../kernel/index.ts';
import type { Currency, Instant } from '../../kernel/index.ts';
import { moneyText, numberTag, timeText } from './figures.ts';
import { html } from './html.ts';
import { qrCode } from './qr.ts';

test.each([
  [1n, CNY, '¥0.01'],
  [128_431_055n, CNY, '¥1,284,310.55'],
  [1200n, 'USD' as Currency, 'USD 12.00'],
  [1200n, 'JPY' as Currency, 'JPY 1,200'],
])('%s of %s is written %s', (minor, currency, text) => {
  expect(moneyText({ minor, currency })).toBe(text);
});

test.each([
  ['2015102720071011005551292', '20151027 2007 1011 0055 5129 2'],
  ['123456789', '1234 5678 9'],
  ['20159927200', '2015 9927 200'],
  ['A1001-2', 'A1001-2'],
  ['12345678', '12345678'],
])('%s is read in groups, and copied without gaps', (number, groups) => {
  const { html: markup } = numberTag(number);
  expect([...markup.matchAll(/<span>([^<]*)<\/span>/g)].map((match) => match[1])).toEqual(groups.split(' '));
  expect(markup.replace(/<[^>]*>/g, '')).toBe(number);
});

test('a time of today is a time, another one has its day', () => {
  const now = Date.UTC(2026, 11, 1, 2) as Instant;
  expect(timeText((now + 1000) as Instant, now)).toBe('10:00:01');
  expect(timeText((now - 86_400_000) as Instant, now)).toBe('2026-11-30 10:00');
});

test('what comes from outside is text, in elements and in attributes', () => {
  const outside = `<b>"'&`;
  expect(html`<p title="${outside}">${outside}${[html`<i>1</i>`]}${undefined}${2}</p>`.html).toBe(
    '<p title="&lt;b&gt;&quot;&#39;&amp;">&lt;b&gt;&quot;&#39;&amp;<i>1</i>2</p>',
  );
});

test('a code has its quiet zone of four and its three finders', () => {
  const { html: svg } = qrCode('weixin://wxpay/bizpayurl?pr=abc123', 'code');
  const [, size = ''] = /viewBox="0 0 (\d+) /.exec(svg) ?? [];
  const dark = new Set<string>();
  for (const [, x = '', y = '', width = ''] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g))
    for (let at = 0; at < Number(width); at += 1) dark.add(`${Number(x) + at} ${y}`);
  const end = Number(size) - 4;
  expect([...dark].every((place) => place.split(' ').every((one) => Number(one) >= 4 && Number(one) < end))).toBe(true);
  for (const [x, y] of [
    [4, 4],
    [end - 7, 4],
    [4, end - 7],
  ] as const)
    expect([dark.has(`${x} ${y}`), dark.has(`${x + 1} ${y + 1}`), dark.has(`${x + 3} ${y + 3}`)]).toEqual([
      true,
      false,
      true,
    ]);
});
