import { charsetNamed, decodeText } from './charset.ts';
import type { Charset } from './charset.ts';

/** One element. `text` has its entities decoded; `innerXml` is what stood between its tags, untouched. */
export type XmlElement = {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
  readonly innerXml: string;
};

export type XmlDocument = { readonly root: XmlElement; readonly charset: Charset };

/** Ten records of sixteen elements at their documented lengths are 20,000 characters. */
const charactersMax = 262_144;
const depthMax = 16;
/** Control characters: XML 1.0 §2.2. */
const notXml = /[^\t\n\r\u0020-\ufffd]/;

/** Reads a whole, well-formed document without a DOCTYPE. Undefined for anything else, whatever the bytes are. */
export function readXml(bytes: Uint8Array): XmlDocument | undefined {
  const charset = declaredCharset(bytes);
  const source = charset && decodeText(bytes, charset);
  if (charset === undefined || source === undefined) return undefined;
  if (source.length > charactersMax || notXml.test(source)) return undefined;
  try {
    return { root: new Reader(source).document(), charset };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** XML 1.0 §4.3.3: without an encoding declaration the document is UTF-8. Alipay names GBK there even after a UTF-8 request. */
function declaredCharset(bytes: Uint8Array): Charset | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 256));
  const encoding = /^(?:\xEF\xBB\xBF)?<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1];
  return charsetNamed(encoding ?? 'utf-8');
}

/** XML 1.0 §2.3, production Name; a few signs more than it allows. */
const nameForm = /[A-Za-z_:\u00c0-\ufffd][\w:.\-\u00b7-\ufffd]*/y;
/** §3.1, production Attribute: nothing is read in them, but they must be right. */
const attributeForm =
  /[\t\n\r ]+([A-Za-z_:\u00c0-\ufffd][\w:.\-\u00b7-\ufffd]*)[\t\n\r ]*=[\t\n\r ]*("[^<"]*"|'[^<']*')/y;
const blanksForm = /[\t\n\r ]*/y;
const quoted = (form: string): string => `[\\t\\n\\r ]*=[\\t\\n\\r ]*(?:"(?:${form})"|'(?:${form})')`;
/** §2.8, production XMLDecl. */
const declarationForm = new RegExp(
  `<\\?xml[\\t\\n\\r ]+version${quoted('1\\.[0-9]+')}(?:[\\t\\n\\r ]+encoding${quoted('[A-Za-z][\\w.-]*')})?` +
    `(?:[\\t\\n\\r ]+standalone${quoted('yes|no')})?[\\t\\n\\r ]*\\?>`,
  'y',
);

/** Walks over the document once. What it does not know, a DOCTYPE among it, is an error: one that defines entities could grow without end. */
class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  document(): XmlElement {
    this.#match(declarationForm);
    this.#skipAround();
    const root = this.#element(1);
    this.#skipAround();
    if (this.#at < this.#source.length) throw new SyntaxError('more than one root element');
    return root;
  }

  #element(depth: number): XmlElement {
    if (depth > depthMax) throw new SyntaxError('nested too deeply');
    this.#expect('<');
    const name = this.#match(nameForm)?.[0];
    if (name === undefined) throw new SyntaxError('no name');
    if (this.#source[this.#at] !== '>') this.#attributes();
    if (this.#take('/>')) return { name, text: '', children: [], innerXml: '' };
    this.#expect('>');
    const from = this.#at;
    const { text, children } = this.#content(depth);
    const innerXml = this.#source.slice(from, this.#at);
    this.#expect(`</${name}`);
    this.#match(blanksForm);
    this.#expect('>');
    return { name, text, children, innerXml };
  }

  /** Up to the tag that closes the element. */
  #content(depth: number): Pick<XmlElement, 'text' | 'children'> {
    const children: XmlElement[] = [];
    for (let text = this.#text(); ; text += this.#text()) {
      if (this.#source.startsWith('</', this.#at)) return { text, children };
      if (this.#take('<![CDATA[')) text += withPlainLines(this.#upTo(']]>'));
      else if (!this.#skipAside()) children.push(this.#element(depth + 1));
    }
  }

  #text(): string {
    const from = this.#at;
    this.#at = this.#source.indexOf('<', from);
    if (this.#at < 0) throw new SyntaxError('the document ends inside an element');
    return from === this.#at ? '' : decodeEntities(withPlainLines(this.#source.slice(from, this.#at)));
  }

  #attributes(): void {
    const names = new Set<string>();
    for (let found = this.#match(attributeForm); found; found = this.#match(attributeForm)) {
      const [, name = '', value = ''] = found;
      if (names.has(name)) throw new SyntaxError('an attribute occurs twice');
      names.add(name);
      decodeEntities(value);
    }
    this.#match(blanksForm);
  }

  /** Blanks, comments and instructions before and behind the root element. */
  #skipAround(): void {
    do this.#match(blanksForm);
    while (this.#skipAside());
  }

  #skipAside(): boolean {
    if (this.#take('<!--')) {
      this.#upTo('--');
      this.#expect('>');
      return true;
    }
    if (!this.#take('<?')) return false;
    if (/^xml(?:[\t\n\r ]|$)/i.test(this.#upTo('?>'))) throw new SyntaxError('a declaration inside the document');
    return true;
  }

  #upTo(end: string): string {
    const from = this.#at;
    const found = this.#source.indexOf(end, from);
    if (found < 0) throw new SyntaxError(`no ${end}`);
    this.#at = found + end.length;
    return this.#source.slice(from, found);
  }

  #match(form: RegExp): RegExpExecArray | undefined {
    form.lastIndex = this.#at;
    const found = form.exec(this.#source) ?? undefined;
    if (found) this.#at = form.lastIndex;
    return found;
  }

  #take(word: string): boolean {
    if (!this.#source.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #expect(word: string): void {
    if (!this.#take(word)) throw new SyntaxError(`no ${word}`);
  }
}

/** XML 1.0 §2.11: whatever ends a line is read as one line feed. */
function withPlainLines(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

const predefined = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** The five predefined entities and character references (XML 1.0 §4.6, §4.1). Any other ampersand makes the document unreadable. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:([a-z]{2,4});|#(\d{1,7});|#x([0-9A-Fa-f]{1,6});)?/g, (_whole, ...groups: unknown[]) => {
    const [name, decimal, hex] = groups.slice(0, 3).map((group) => (typeof group === 'string' ? group : ''));
    const known = predefined.get(name ?? '');
    if (known !== undefined) return known;
    const point = decimal ? Number(decimal) : parseInt(hex ?? '', 16);
    if (!isXmlCharacter(point)) throw new SyntaxError('not an XML character reference');
    return String.fromCodePoint(point);
  });
}

/** XML 1.0 §2.2, production Char. */
function isXmlCharacter(point: number): boolean {
  if (point === 0x9 || point === 0xa || point === 0xd) return true;
  return (
    (point >= 0x20 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd) ||
    (point >= 0x10000 && point <= 0x10ffff)
  );
}
