import { expect, test } from 'vitest';
import { readXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

const read = (text: string) => readXml(new TextEncoder().encode(text));

/** `name(child child)`, or `name="text"`. */
function shown({ name, text, children }: XmlElement): string {
  return children.length > 0 ? `${name}(${children.map(shown).join(' ')})` : `${name}=${JSON.stringify(text)}`;
}

const readable = `
  <a/>                                                    a=""
  <a></a >                                                a=""
  <?xml version="1.0" encoding='utf-8'?> <a>b</a> <!--c-->  a="b"
  <a x="1" y = '2>'>b</a>                                 a="b"
  <a>1 &lt; 2 &amp;&#65;&#x42;</a>                        a="1 < 2 &AB"
  <a>b<!-- <c> -->d</a>                                   a="bd"
  <a>b<?c <d> ?>e</a>                                     a="be"
  <a><![CDATA[<b>&amp;]]]></a>                            a="<b>&amp;]"
  <a><b>1</b> <b>2</b><c><d/></c></a>                     a(b="1" b="2" c(d=""))
  <中>文</中>                                             中="文"
`;

test.each(
  readable
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}(?=\S+$|\S+=".*"$|a\()/)),
)('%s is read as %s', (text = '', expected = '') => {
  const document = read(text);
  expect(document && shown(document.root)).toBe(expected);
});

test.each([
  '',
  ' ',
  'a',
  '<a>',
  '<a',
  '<a></b>',
  '<a></a><a></a>',
  '<a></a>b',
  '<a><b></a></b>',
  '<a>&b;</a>',
  '<a>& b</a>',
  '<a>&#0;</a>',
  '<a b></a>',
  '<a b=c></a>',
  '<a b="1" b="2"></a>',
  '<a b="<"></a>',
  '<a b="&c;"></a>',
  '<a b="1"c="2"></a>',
  '<1></1>',
  '< a></a>',
  '<a>\u0001</a>',
  '<a><!--b</a>',
  '<a><!--b--c--></a>',
  '<a><![CDATA[b</a>',
  '<a><?xml version="1.0"?></a>',
  ' <?xml version="1.0"?><a/>',
  '<?xml version="1.0" encoding="utf-8><a/>',
  '<!DOCTYPE a><a/>',
  '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
  `${'<a>'.repeat(17)}${'</a>'.repeat(17)}`,
])('%s is no document', (text) => {
  expect(read(text)).toBeUndefined();
});

test('what stood between the tags is kept as it was, for signatures; the lines of a text all end alike', () => {
  const document = read('<a>\r\n<b>1\r2</b>&amp;<c x="y"/></a>');
  expect(document?.root.innerXml).toBe('\r\n<b>1\r2</b>&amp;<c x="y"/>');
  expect(document?.root.text).toBe('\n&');
  expect(document?.root.children[0]?.text).toBe('1\n2');
});
