import type { AccountSecrets, ChannelAccount, WireAnswer } from '../contract/index.ts';
import type { Charset } from './charset.ts';
import { encodeText } from './charset.ts';
import { canonicalText, joinSorted } from './mapi.ts';
import type { Field } from './mapi.ts';
import { signatureFits } from './sign.ts';
import { readXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

export const answerBytesMax = 1_048_576;

export type MapiAnswer =
  /** `is_success` = F: the call did not reach the business. Never signed. */
  | { readonly kind: 'system_error'; readonly code: string }
  /** `is_success` = T: the result elements, in the order of the document, not yet verified. */
  | {
      readonly kind: 'result';
      readonly elements: readonly XmlElement[];
      readonly charset: Charset;
      readonly sign: string;
    }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Takes the envelope of a MAPI answer apart. Names decide, never positions; the echo in `request` is not looked at. */
export function readMapiAnswer(answer: WireAnswer): MapiAnswer {
  if (answer.status !== 200) return unreadable(`http status ${answer.status}`);
  if (answer.body.byteLength > answerBytesMax) return unreadable(`answer of ${answer.body.byteLength} bytes`);
  const document = readXml(answer.body);
  if (document === undefined) return unreadable('the answer is no XML document that we can read');
  if (document.root.name !== 'alipay') return unreadable('the root element is not alipay');
  const top = flatFields(document.root.children, envelopeNames);
  if (top === undefined) return unreadable('an element of the envelope occurs twice');
  const response = document.root.children.find((child) => child.name === 'response');
  if (top.get('is_success') === 'F') {
    // A refusal is unsigned, so one that also carries a result or a signature contradicts itself.
    if (response !== undefined || top.has('sign')) return unreadable('a refusal with a result inside');
    return { kind: 'system_error', code: top.get('error') ?? '' };
  }
  if (top.get('is_success') !== 'T' || top.has('error')) return unreadable('is_success is neither T nor F');
  const [payload, ...others] = (response?.children ?? []).filter((child) => child.name === 'alipay');
  if (payload === undefined || others.length > 0) return unreadable('no single result element');
  return {
    kind: 'result',
    elements: payload.children,
    charset: document.charset,
    sign: (top.get('sign') ?? '').trim(),
  };
}

const envelopeNames: ReadonlySet<string> = new Set(['is_success', 'request', 'response', 'error', 'sign', 'sign_type']);

/** Text by element name; undefined when one of `once` occurs twice: nobody could say which of the two counts. */
export function flatFields(
  elements: readonly XmlElement[],
  once: ReadonlySet<string>,
): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const element of elements) {
    if (once.has(element.name) && fields.has(element.name)) return undefined;
    fields.set(element.name, element.text);
  }
  return fields;
}

/** Flat answers have one proven rule: element name = parameter name, text = value, then as for requests. */
export function flatSignatureFits(
  result: { readonly elements: readonly XmlElement[]; readonly charset: Charset; readonly sign: string },
  account: ChannelAccount,
  secrets: AccountSecrets,
): boolean {
  if (result.elements.some((element) => element.children.length > 0)) return false;
  const fields = result.elements.map((element): Field => [element.name, element.text]);
  return textFits(canonicalText(fields), result, account, secrets);
}

/**
 * How Alipay signs an answer with nested elements is not published. The readings, tried in this order: A, the value is the inner
 * XML; B, nested elements stay outside; C, they count as empty and stay; last, A without white space between tags.
 */
const nestedReadings: readonly (readonly [rule: string, value: (innerXml: string) => string | undefined])[] = [
  ['A', (innerXml) => innerXml || undefined],
  ['B', () => undefined],
  ['C', () => ''],
  ['A-no-white-space', (innerXml) => innerXml.replace(/>\s+</g, '><').trim() || undefined],
];

export type FittingRule = {
  readonly name: string;
  /** False under B and C when something is nested: then TLS alone protects the nested elements. */
  readonly coversAll: boolean;
};

/** The signing rule that fits, or undefined when none does. `nested` names the elements that may have children. */
export function fittingRule(
  result: { readonly elements: readonly XmlElement[]; readonly charset: Charset; readonly sign: string },
  nested: ReadonlySet<string>,
  account: ChannelAccount,
  secrets: AccountSecrets,
): FittingRule | undefined {
  const hasNested = result.elements.some((element) => element.children.length > 0);
  for (const [name, valueOf] of nestedReadings) {
    const fields = result.elements.flatMap((element): readonly Field[] => {
      const isNested = element.children.length > 0 || nested.has(element.name);
      const value = isNested ? valueOf(element.innerXml) : element.text || undefined;
      return value === undefined ? [] : [[element.name, value]];
    });
    if (textFits(joinSorted(fields), result, account, secrets)) {
      return { name, coversAll: name.startsWith('A') || !hasNested };
    }
  }
  return undefined;
}

function textFits(
  text: string,
  result: { readonly charset: Charset; readonly sign: string },
  account: ChannelAccount,
  secrets: AccountSecrets,
): boolean {
  if (result.sign === '') return false;
  const signed = encodeText(text, result.charset);
  return signed !== undefined && signatureFits(signed, result.sign, account, secrets);
}

function unreadable(why: string): MapiAnswer {
  return { kind: 'unreadable', why };
}
