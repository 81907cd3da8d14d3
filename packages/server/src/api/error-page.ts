import type { CatalogueEntry } from '../platform/catalogue.ts';
import { entryOf, refusalCodes } from '../platform/refusals.ts';
import { escapeHtml, pageStyle } from './status-page.ts';

/** Whether the catalogue has it: an address is anybody's text. */
export function isRefusalCode(code: string): boolean {
  return (refusalCodes as readonly string[]).includes(code);
}

const money: Readonly<Record<CatalogueEntry['money'], readonly [zh: string, en: string]>> = {
  not_moved: ['资金未动', 'no money moved'],
  moved: ['资金已动', 'money moved'],
  unknown: ['资金是否已动不明', 'not known whether money moved'],
};

const retry: Readonly<Record<CatalogueEntry['retry'], readonly [zh: string, en: string]>> = {
  never: ['不要再发', 'do not send it again'],
  same_key: ['用同一个幂等键再发', 'send it again with the same key'],
  after: ['稍候或条件满足后再发', 'send it again after a while, or once the condition is met'],
  change_input: ['改正输入后再发', 'correct the input, then send it'],
};

/** What `type` of a problem points at (RFC 9457 §3.1.1): the catalogue's words, in which each value has its name's place. */
export function errorPage(code: string): string {
  const { http, title, zh, en, wayOutZh, wayOutEn, ...entry } = entryOf(code);
  const [moneyZh, moneyEn] = money[entry.money];
  const [retryZh, retryEn] = retry[entry.retry];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(code)}</title><style>${pageStyle}</style></head><body><main>
<h1>${escapeHtml(title)}</h1><p><code>${escapeHtml(code)}</code> · HTTP ${http}</p>
<section lang="zh-CN"><p>${sentence(zh)}</p><p>${sentence(wayOutZh)}</p><p>${moneyZh}；${retryZh}。</p></section>
<section lang="en"><p>${sentence(en)}</p><p>${sentence(wayOutEn)}</p><p>${moneyEn}; ${retryEn}.</p></section>
</main></body></html>`;
}

function sentence(template: string): string {
  const words = escapeHtml(template.replace(/[[\]]/g, ''));
  return words.replace(/\{(\w+)(?:\|\w+)?\}/g, '<var>$1</var>');
}
