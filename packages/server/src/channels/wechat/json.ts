/** The members of a JSON object. A member of another type than asked for reads as if it were not there. */
export type Fields = {
  readonly has: (name: string) => boolean;
  /** Empty where there is none. */
  readonly text: (name: string) => string;
  /** A whole number of fen: APIv3 writes amounts as numbers, never as text. */
  readonly fen: (name: string) => bigint | undefined;
  /** A member that is an object itself; one without members where there is none. */
  readonly group: (name: string) => Fields;
  /** The objects in a member that is a list; none where there is none. */
  readonly list: (name: string) => readonly Fields[];
};

/**
 * Undefined when the bytes are no UTF-8, no JSON object, or name a member twice: nobody could say which of the two counts.
 */
export function readFields(bytes: Uint8Array): Fields | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return isObject(value) && namesIn(text) === membersIn(value) ? fieldsOf(value) : undefined;
  } catch {
    return undefined;
  }
}

export const noFields: Fields = fieldsOf({});

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fieldsOf(members: Members): Fields {
  const member = (name: string): unknown => (Object.hasOwn(members, name) ? members[name] : undefined);
  return {
    has: (name) => member(name) !== undefined,
    text: (name) => textOf(member(name)),
    fen: (name) => wholeOf(member(name)),
    group: (name) => {
      const value = member(name);
      return isObject(value) ? fieldsOf(value) : noFields;
    },
    list: (name) => {
      const value = member(name);
      return Array.isArray(value) ? value.filter(isObject).map(fieldsOf) : [];
    },
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const wholeOf = (value: unknown): bigint | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;

/** How many names the text writes: in well-formed JSON a string before a colon is one, and no other is. */
function namesIn(json: string): number {
  let names = 0;
  for (const [, colon] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/gs)) if (colon !== undefined) names += 1;
  return names;
}

/** How many members were read: fewer than names when a name came twice. */
function membersIn(root: unknown): number {
  let members = 0;
  const waiting: unknown[] = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Object.values(value);
    if (!Array.isArray(value)) members += inner.length;
    for (const one of inner) waiting.push(one);
  }
  return members;
}
