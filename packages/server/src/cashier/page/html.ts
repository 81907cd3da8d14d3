/** A piece of markup: whatever came in from outside is escaped by then. */
export type Html = { readonly html: string };

type Hole = Html | readonly Html[] | string | number | undefined;

const names: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const textOf = (hole: Hole): string => {
  if (hole === undefined) return '';
  if (typeof hole === 'string') return hole.replace(/[&<>"']/g, (character) => names[character] ?? '');
  if (typeof hole === 'number') return String(hole);
  return 'html' in hole ? hole.html : hole.map((one) => one.html).join('');
};

/** Markup with holes: text in them is escaped, for elements and for attributes in double quotes. */
export function html(pieces: TemplateStringsArray, ...holes: readonly Hole[]): Html {
  return { html: pieces.reduce((made, piece, index) => made + textOf(holes[index - 1]) + piece) };
}

export const nothing: Html = { html: '' };
