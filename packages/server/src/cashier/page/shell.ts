import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { calm, frame, sayIn } from '../cashier.texts.ts';
import type { Words } from '../../platform/story/index.ts';
import { html, nothing } from './html.ts';
import type { Html } from './html.ts';

/** Nothing comes from another host, nothing runs but our one script, nobody may frame it (W3C Content Security Policy Level 3). */
export const cashierPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export type Asset = { readonly name: string; readonly type: string; readonly body: Buffer };

/** Its name carries its digest: what a browser keeps is never out of date. */
function assetOf(file: string, type: string): Asset {
  const body = readFileSync(join(import.meta.dirname, file));
  const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return { name: file.replace('.', `-${digest}.`), type, body };
}

const style = assetOf('cashier.css', 'text/css; charset=utf-8');
const script = assetOf('cashier.js', 'text/javascript; charset=utf-8');

export const cashierAssets: readonly Asset[] = [style, script];

type Shell = {
  readonly lang: 'zh' | 'en';
  readonly isSandbox: boolean;
  readonly title: string;
  readonly body: Html;
  readonly events?: string;
  readonly otherLang?: string;
  readonly looksAgain?: boolean;
};

export function shell({ lang, isSandbox, title, body, events, otherLang, looksAgain = false }: Shell): string {
  const say = sayIn(lang);
  const tag = lang === 'zh' ? 'zh-CN' : 'en';
  const other = lang === 'zh' ? 'en' : 'zh-CN';
  return html`<!doctype html>
    <html lang="${tag}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="stylesheet" href="/c/-/${style.name}" />
        ${events === undefined ? nothing : html`<script type="module" src="/c/-/${script.name}"></script>`}
        ${looksAgain ? html`<noscript><meta http-equiv="refresh" content="15" /></noscript>` : nothing}
      </head>
      <body>
        ${isSandbox ? html`<aside class="sandbox" aria-label="${say(frame.simulated)}">${say(frame.sandbox)}</aside>` : nothing}
        <p id="said" class="quiet" role="status"></p>
        <p id="stale" class="stale" role="status" data-words="${say(frame.stale)}" hidden></p>
        <main data-events="${events}" data-copied="${say(frame.copied)}">${body}</main>
        <footer>
          <p>${say(frame.zone)}</p>
          ${
            otherLang === undefined
              ? nothing
              : html`<p><a href="${otherLang}" lang="${other}" hreflang="${other}">${say(frame.other)}</a></p>`
          }
        </footer>
      </body>
    </html> `.html;
}

/** A page that belongs to no payment: a wrong link, too many looks, a machine that cannot answer now. */
export function calmPage(
  { lang, isSandbox }: { readonly lang: 'zh' | 'en'; readonly isSandbox: boolean },
  heading: Words,
  hint: Words,
): string {
  const say = sayIn(lang);
  const body = html`<div id="page">
    <h1>${say(heading)}</h1>
    <p class="hint">${say(hint)}</p>
  </div>`;
  return shell({ lang, isSandbox, title: `${say(frame.title)} · ${say(heading)}`, body });
}

export const calmWords = calm;
