/** A field of one of these names is a secret, whatever it holds. */
const secretName =
  /(^|_)(secret|password|passwd|token|totp|authorization|cookie|api_key|apikey|md5_key|private_key|master_key|database_url|sign|signature)s?($|_)/;
/** Names of people: the family name stays (user-experience: "family name, last 4"). */
const personName = /^(name|.*_)?(buyer|payer|payee|holder|person|real|cert|user)_name$|^cert_name$|^payer$|^buyer$/;
/** Numbers of people: the last 4 stay. */
const personNumber = /(^|_)(id_no|id_number|id_card|cert_no|phone|mobile|card_no|account_no|bank_card)($|_)/;

const depthMax = 8;
const itemsMax = 100;
const textMax = 4_000;

/** A copy for the log: no secrets, no readable people, no bytes, and no end of it. */
export function redact(value: unknown): object {
  const walked = walk(value, 0);
  return typeof walked === 'object' && walked !== null ? walked : { value: walked };
}

function walk(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return errorFields(value, depth);
  if (depth >= depthMax) return 'deeper than the log goes';
  if (Array.isArray(value)) return list(value, depth);
  const prepared = hasToJson(value) ? value.toJSON() : value;
  if (typeof prepared !== 'object' || prepared === null) return walk(prepared, depth);
  if (prepared instanceof Map) return walk(Object.fromEntries(prepared), depth);
  if (prepared instanceof Set) return list([...prepared], depth);
  return Object.fromEntries(Object.entries(prepared).map(([name, item]) => [name, field(name, item, depth)]));
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function field(name: string, item: unknown, depth: number): unknown {
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll('-', '_');
  if (secretName.test(snake)) return item === undefined || item === null ? item : '***';
  if (typeof item === 'string' && personName.test(snake)) return maskName(item);
  if ((typeof item === 'string' || typeof item === 'number') && personNumber.test(snake))
    return maskNumber(String(item));
  return walk(item, depth + 1);
}

function list(items: readonly unknown[], depth: number): unknown[] {
  const shown = items.slice(0, itemsMax).map((item) => walk(item, depth + 1));
  return items.length > itemsMax ? [...shown, `and ${items.length - itemsMax} more`] : shown;
}

function errorFields(error: Error, depth: number): object {
  const own = walk({ ...error }, depth + 1);
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(typeof own === 'object' ? own : {}),
    ...(error.cause === undefined ? {} : { cause: depth < depthMax ? walk(error.cause, depth + 1) : 'deeper' }),
  };
}

function maskName(name: string): string {
  const [first = ''] = [...name];
  return name === '' ? '' : `${first}**`;
}

function maskNumber(number: string): string {
  return number.length <= 4 ? '****' : `****${number.slice(-4)}`;
}

/** Masks what may stand inside any text: citizens' numbers, mobile numbers, keys, signatures, passwords in addresses. */
export function redactText(text: string): string {
  const masked = text
    .slice(0, textMax)
    .replace(/-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)/g, '***')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s/]+@/gi, '$1***@')
    .replace(/\b(sign|token|key|secret|password|buyer_name|buyer_id_no)=[^&\s"]+/gi, '$1=***')
    .replace(/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer ***')
    .replace(/(?<!\d)\d{17}[\dXx](?!\d)/g, (found) => (isCitizenNo(found) ? maskNumber(found) : found))
    .replace(/(?<!\d)1[3-9]\d{9}(?!\d)/g, (found) => `${found.slice(0, 3)}****${found.slice(-4)}`);
  return text.length > textMax ? `${masked} (${text.length} characters)` : masked;
}

/** GB 11643-1999: a date in positions 7–14 and an ISO 7064 MOD 11-2 check character; keeps 18-digit order numbers readable. */
function isCitizenNo(text: string): boolean {
  if (!/^[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/.test(text)) return false;
  let rest = 0;
  for (const digit of text.slice(0, 17)) rest = ((rest + Number(digit)) * 2) % 11;
  return '0123456789X'[(12 - rest) % 11] === text.slice(17).toUpperCase();
}
