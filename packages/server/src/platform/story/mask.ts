/** Parameters, elements and members that hold something of a person, by name. Companies' names stay. */
const personal =
  '[a-z_]*(?:buyer|payer|cert|real_name|person|id_no|id_card|id_number|phone|mobile|openid|auth_code|trans_in|trans_out)[a-z_]*';
/** A bare name or account is a person's: what belongs to companies, goods and merchants is called by more than that. */
const named = `${personal}|name|account`;
const inForm = new RegExp(`(^|[&?\\s])(${named})=[^&\\s]+`, 'gi');
const inXml = new RegExp(`<(${named})>\\s*(?:<!\\[CDATA\\[[\\s\\S]*?\\]\\]>|[^<]+)\\s*</`, 'gi');
const inJson = new RegExp(`"(${named})"(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi');

/** A JSON text as the value of a form field, as Alipay's `biz_content`. */
const jsonInForm = /(?<=[&?\s][a-z_]+=|^[a-z_]+=)%7B[^&\s]*/gi;

/** A value that cannot be decoded is masked whole: nobody knows what it holds. */
function maskEncoded(value: string): string {
  try {
    const text = decodeURIComponent(value.replaceAll('+', ' '));
    const masked = maskPlain(text);
    return masked === text ? value : encodeURIComponent(masked);
  } catch {
    return '***';
  }
}

/** GB 11643-1999: a date in positions 7–14 and an ISO 7064 MOD 11-2 check character; order numbers of 18 digits stay readable. */
function isCitizenNo(text: string): boolean {
  if (!/^[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/.test(text)) return false;
  let rest = 0;
  for (const digit of text.slice(0, 17)) rest = ((rest + Number(digit)) * 2) % 11;
  return '0123456789X'[(12 - rest) % 11] === text.slice(17).toUpperCase();
}

/** Masks people in a text: named fields whole, citizens' and mobile numbers but for their last four. */
export const maskText = (text: string): string => maskPlain(text.replace(jsonInForm, maskEncoded));

function maskPlain(text: string): string {
  return text
    .replace(inForm, '$1$2=***')
    .replace(inXml, '<$1>***</')
    .replace(inJson, '"$1"$2"***"')
    .replace(/(?<!\d)\d{17}[\dXx](?!\d)/g, (found) => (isCitizenNo(found) ? `****${found.slice(-4)}` : found))
    .replace(/(?<!\d)1[3-9]\d{9}(?!\d)/g, (found) => `****${found.slice(-4)}`);
}

/** The same for bytes in a charset that contains ASCII: what is not masked stays as it came, byte for byte. */
export function maskBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(maskText(Buffer.from(bytes).toString('latin1')), 'latin1'));
}
