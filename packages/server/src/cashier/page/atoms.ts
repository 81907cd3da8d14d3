import { rfc3339 } from '../../kernel/index.ts';
import type { Instant } from '../../kernel/index.ts';
import type { Words } from '../../platform/story/index.ts';
import { frame, sayIn } from '../cashier.texts.ts';
import type { Say } from '../cashier.texts.ts';
import type { PageFacts } from './facts.ts';
import { timeText } from './figures.ts';
import { html, nothing } from './html.ts';
import type { Html } from './html.ts';
import { markTag } from './marks.ts';
import type { Mark } from './marks.ts';

export const sayOf = ({ lang }: PageFacts): Say => sayIn(lang);

export const heading = (words: string, mark?: Mark, markWords?: string): Html =>
  html`<h1 tabindex="-1" class="${mark ?? ''}">
    ${mark === undefined ? nothing : markTag(mark)}${words}${
      markWords === undefined ? nothing : html` <span class="tag ${mark ?? ''}">${markWords}</span>`
    }
  </h1>`;

export const hint = (words: string): Html => html`<p class="hint">${words}</p>`;

/** Where this page is after a form or a link of its own: language and place stay. */
export function addressOf({ path, lang, cashier }: PageFacts, more: Readonly<Record<string, string>> = {}): string {
  const asked = new URLSearchParams({ ...(cashier.lang === lang ? {} : { lang }), ...more }).toString();
  return asked === '' ? path : `${path}?${asked}`;
}

type Button = { readonly act: string; readonly words: Words; readonly isMain?: boolean; readonly attempt?: number };

/** One button that tells the server something: with its own key, and with the attempt that the payer saw. */
export function actForm(facts: PageFacts, { act, words, isMain = false, attempt }: Button): Html {
  const asked = facts.cashier.lang === facts.lang ? '' : `?lang=${facts.lang}`;
  return html`<form method="post" action="${facts.path}/${act}${asked}">
    <input type="hidden" name="key" value="${facts.formKey}" />
    ${attempt === undefined ? nothing : html`<input type="hidden" name="attempt" value="${attempt}" />`}
    <button class="${isMain ? 'main' : 'plain'}">${sayOf(facts)(words)}</button>
  </form>`;
}

/** Until when; what is left is counted in the browser, by the server's clock. */
export function deadline(facts: PageFacts, until: Instant): Html {
  const say = sayOf(facts);
  const [before = '', after = ''] = say(frame.until).split('{time}');
  return html`<p class="until">
    ${before}<time datetime="${rfc3339(until)}">${timeText(until, facts.now)}</time>${after}<span
      class="left"
      data-until="${until}"
      data-words="${say(frame.left)}"
    ></span>
  </p>`;
}
