import { html } from './html.ts';
import type { Html } from './html.ts';

/** How a state looks: shape, colour and word go together, and none stands alone. */
export type Mark = 'done' | 'doubt' | 'under_way' | 'person' | 'over';

const line = 'fill="none" stroke="currentColor" stroke-width="2"';

/** Round with a tick · half disc · dashed diamond with a question mark · triangle · bar. */
const shapes: Readonly<Record<Mark, string>> = {
  done: `<circle cx="12" cy="12" r="10" ${line}/><path d="M7 12.5l3.5 3.5 6.5-7.5" ${line}/>`,
  under_way: `<circle cx="12" cy="12" r="10" ${line}/><path d="M12 2a10 10 0 0 0 0 20z" fill="currentColor"/>`,
  doubt: `<path d="M12 1.5L22.5 12 12 22.5 1.5 12z" ${line} stroke-dasharray="3.2 2"/><path d="M9.5 10a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 16v1.6" ${line}/>`,
  person: `<path d="M12 3L22 20.5H2z" ${line} stroke-linejoin="round"/><path d="M12 9.5v5M12 16.5v1.8" ${line}/>`,
  over: `<path d="M3 12h18" ${line} stroke-width="3"/>`,
};

export const markTag = (mark: Mark): Html =>
  html`<svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${{ html: shapes[mark] }}</svg>`;
