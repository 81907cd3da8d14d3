import iconv from 'iconv-lite';
import type { Settings, SigningReading } from '../settings.ts';
import { element, escapeXml } from '../xml.ts';
import { signText, textToSign, withoutEmpty } from './signing.ts';
import type { Charset, Pairs, SignType } from './signing.ts';
import type { Partner } from './types.ts';

/** One child of `response/alipay`: a text, or inner XML (the `records` of a query). */
export type Field =
  { readonly name: string; readonly value: string } | { readonly name: string; readonly inner: string };

export type AnswerParts = {
  readonly request: Pairs;
  readonly fields: readonly Field[];
  readonly charset: Charset;
  readonly signature: string | undefined;
  readonly signType: SignType;
};

/** The text under the signature. Flat fields by the documented rule; for nested ones three readings exist. */
export function signedText(fields: readonly Field[], reading: Exclude<SigningReading, 'none'>): string {
  const flat = fields.flatMap((field) => ('value' in field ? [[field.name, field.value] as const] : []));
  const nested = fields.flatMap((field) => {
    if (!('inner' in field) || reading === 'B') return [];
    return [[field.name, reading === 'A' ? field.inner : ''] as const];
  });
  return textToSign([...withoutEmpty(flat), ...nested]);
}

/** `undefined` = unsigned, by the switch `none`, which concerns nested answers only. */
export function signFields(
  fields: readonly Field[],
  settings: Settings,
  charset: Charset,
  signType: SignType,
  partner: Partner,
): string | undefined {
  const nested = fields.some((field) => 'inner' in field);
  if (nested && settings.signing_reading === 'none') return undefined;
  const reading = settings.signing_reading === 'none' ? 'A' : settings.signing_reading;
  return signText(signedText(fields, reading), charset, signType, partner.keys);
}

export function successXml(parts: AnswerParts): string {
  const inside = parts.fields.map((field) =>
    'value' in field ? element(field.name, field.value) : `<${field.name}>${field.inner}</${field.name}>`,
  );
  const sign =
    parts.signature === undefined ? '' : element('sign', parts.signature) + element('sign_type', parts.signType);
  return (
    `${declaration(parts.charset)}<alipay><is_success>T</is_success>${echo(parts.request)}` +
    `<response><alipay>${inside.join('')}</alipay></response>${sign}</alipay>`
  );
}

/** The gateway refused: never signed. */
export function refusalXml(error: string, charset: Charset, request: Pairs): string {
  return `${declaration(charset)}<alipay><is_success>F</is_success>${echo(request)}${element('error', error)}</alipay>`;
}

function declaration(charset: Charset): string {
  return `<?xml version="1.0" encoding="${charset === 'UTF-8' ? 'utf-8' : charset}"?>`;
}

function echo(request: Pairs): string {
  return `<request>${request.map(([name, value]) => `<param name="${escapeXml(name)}">${escapeXml(value)}</param>`).join('')}</request>`;
}

export function answerBytes(xml: string, charset: Charset): Buffer {
  return charset === 'UTF-8' ? Buffer.from(xml) : iconv.encode(xml, charset);
}
