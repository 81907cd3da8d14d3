/**
 * The members of a JSON object, each with its exact text: signatures cover that text, so nothing is ever written anew. Undefined
 * when the text is no object, or names a member twice: nobody could say which of the two counts.
 */
export function jsonMembers(json: string): ReadonlyMap<string, string> | undefined {
  if (!isObject(json)) return undefined;
  const members = new Map<string, string>();
  let at = skipBlank(json, json.indexOf('{') + 1);
  while (json[at] === '"') {
    const nameEnd = stringEnd(json, at);
    const name = JSON.parse(json.slice(at, nameEnd)) as string;
    const start = skipBlank(json, skipBlank(json, nameEnd) + 1);
    const end = valueEnd(json, start);
    if (members.has(name)) return undefined;
    members.set(name, json.slice(start, end));
    at = skipBlank(json, end);
    if (json[at] === ',') at = skipBlank(json, at + 1);
  }
  return members;
}

/** The elements of a list, each with its exact text; the list is a member's text, well-formed already. Undefined when it is no list. */
export function jsonElements(json: string | undefined): readonly string[] | undefined {
  if (json?.startsWith('[') !== true) return undefined;
  const elements: string[] = [];
  let at = skipBlank(json, 1);
  while (json[at] !== ']') {
    const end = valueEnd(json, at);
    elements.push(json.slice(at, end));
    at = skipBlank(json, end);
    if (json[at] === ',') at = skipBlank(json, at + 1);
  }
  return elements;
}

/** The text of a value: a string without its escapes, a number as it is written. Undefined for everything else. */
export function answerText(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.startsWith('"')) return JSON.parse(value) as string;
  return /^-?\d/.test(value) ? value : undefined;
}

/** Well-formed from end to end; what follows may then look for brackets and quotes only. */
function isObject(json: string): boolean {
  try {
    return json.trimStart().startsWith('{') && typeof JSON.parse(json) === 'object';
  } catch {
    return false;
  }
}

function skipBlank(json: string, from: number): number {
  let at = from;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at += 1;
  return at;
}

/** Behind the closing quote of the string that begins here. */
function stringEnd(json: string, from: number): number {
  let at = from + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function valueEnd(json: string, from: number): number {
  if (json[from] === '"') return stringEnd(json, from);
  let at = from;
  let depth = 0;
  for (;;) {
    const character = json[at];
    if (character === '"') {
      at = stringEnd(json, at);
      continue;
    }
    if (depth === 0 && /[,}\]\s]/.test(character ?? ',')) return at;
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    at += 1;
    if (depth === 0 && (character === '}' || character === ']')) return at;
  }
}
