import { shanghaiText, toDecimal } from '../../kernel/index.ts';
import type { Instant, Money } from '../../kernel/index.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

/** `¥1,284,310.55`; other currencies by their code before the figure. */
export function moneyText(money: Money): string {
  const [whole = '', fraction] = toDecimal(money).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const figure = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return money.currency === 'CNY' ? `¥${figure}` : `${money.currency} ${figure}`;
}

/** Of today the time alone; the page's foot names the zone. */
export function timeText(at: Instant, now: Instant): string {
  const [day = '', time = ''] = shanghaiText(at).split(' ');
  return shanghaiText(now).startsWith(day) ? time : `${day} ${time.slice(0, 5)}`;
}

/** Groups by meaning: a date and then fours, other digits by fours, letters never. The gaps are style: copied, the number is bare. */
function groupsOf(number: string): readonly string[] {
  if (!/^\d{9,}$/.test(number)) return [number];
  const isDated = /^20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/.test(number);
  const [first, rest] = isDated ? [[number.slice(0, 8)], number.slice(8)] : [[], number];
  return [...first, ...(rest.match(/.{1,4}/g) ?? [])];
}

export const numberTag = (number: string): Html =>
  html`<span class="no">${groupsOf(number).map((group) => html`<span>${group}</span>`)}</span>`;
