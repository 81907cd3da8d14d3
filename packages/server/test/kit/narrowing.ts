type Table = {
  readonly columns: ReadonlyMap<string, string>;
  readonly constraints: ReadonlyMap<string, string>;
  readonly indexes: ReadonlyMap<string, string>;
};

/** Reads the text that `schemaDump` writes. */
function tablesIn(dump: string): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  let current: { columns: Map<string, string>; constraints: Map<string, string>; indexes: Map<string, string> };
  for (const line of dump.split('\n')) {
    const object = /^(\w+): (.*)$/.exec(line);
    if (object?.[1] !== undefined) {
      current = { columns: new Map(), constraints: new Map(), indexes: new Map() };
      tables.set(object[1], current);
      continue;
    }
    const index = /^ {2}CREATE (?:UNIQUE )?INDEX (\w+) /.exec(line);
    const constraint = /^ {2}(\w+): (.*)$/.exec(line);
    const column = /^ {2}(\w+) (.*)$/.exec(line);
    if (index?.[1] !== undefined) current!.indexes.set(index[1], line.trim());
    else if (constraint?.[1] !== undefined) current!.constraints.set(constraint[1], constraint[2] ?? '');
    else if (column?.[1] !== undefined) current!.columns.set(column[1], column[2] ?? '');
  }
  return tables;
}

const typeOf = (column: string): string => column.replace(/ not null.*$| default .*$/, '');
const isNeeded = (column: string): boolean => column.includes(' not null') && !column.includes(' default ');

function columnNarrowings(before: Table, after: Table): string[] {
  const found: string[] = [];
  for (const [name, was] of before.columns) {
    const is = after.columns.get(name);
    if (is === undefined) found.push(`column ${name} is gone`);
    else if (typeOf(is) !== typeOf(was)) found.push(`column ${name} was ${typeOf(was)} and is ${typeOf(is)}`);
    else if (is.includes(' not null') && !was.includes(' not null'))
      found.push(`column ${name} must not be null any more`);
    else if (isNeeded(is) && !isNeeded(was)) found.push(`column ${name} has lost its default`);
  }
  for (const [name, is] of after.columns)
    if (!before.columns.has(name) && isNeeded(is)) found.push(`column ${name} is new and has no default`);
  return found;
}

const valuesOf = (check: string): readonly string[] =>
  [...check.matchAll(/'((?:[^']|'')*)'/g)].map((match) => match[1] ?? '');
const shapeOf = (check: string): string => check.replace(/'(?:[^']|'')*'(?:::\w+)?(, )?/g, '');

/** The same check over a longer list of values lets through whatever it let through before. */
function isWider(was: string | undefined, is: string): boolean {
  return (
    was !== undefined && shapeOf(was) === shapeOf(is) && valuesOf(was).every((value) => valuesOf(is).includes(value))
  );
}

function constraintNarrowings(before: Table, after: Table): string[] {
  const found: string[] = [];
  const isNew = (column: string): boolean => !before.columns.has(column);
  for (const [name, is] of after.constraints) {
    const was = before.constraints.get(name);
    if (was === is || isWider(was, is)) continue;
    const named = [...after.columns.keys()].filter((column) => new RegExp(`\\b${column}\\b`).test(is));
    if (!is.startsWith('CHECK') || !named.every(isNew))
      found.push(`constraint ${name} is ${was === undefined ? 'new' : 'another'}`);
  }
  for (const [name, was] of before.constraints)
    if (/^(PRIMARY KEY|UNIQUE)/.test(was) && !after.constraints.has(name)) found.push(`constraint ${name} is gone`);
  return found;
}

function indexNarrowings(before: Table, after: Table): string[] {
  const isUnique = (index: string | undefined): boolean => index?.startsWith('CREATE UNIQUE') ?? false;
  return [...new Set([...before.indexes.keys(), ...after.indexes.keys()])]
    .filter((name) => isUnique(before.indexes.get(name)) || isUnique(after.indexes.get(name)))
    .filter((name) => before.indexes.get(name) !== after.indexes.get(name))
    .map((name) => `unique index ${name} is new, another or gone`);
}

/**
 * What the schema after a migration no longer takes from a program that was written for the one before: reads `schemaDump` of both.
 * A conflict that a statement expects (ON CONFLICT) needs its unique index too.
 */
export function narrowings(before: string, after: string): readonly string[] {
  const [was, is] = [tablesIn(before), tablesIn(after)];
  return [...was].flatMap(([name, table]) => {
    const now = is.get(name);
    if (!now) return [`${name}: is gone`];
    const found = [
      ...columnNarrowings(table, now),
      ...constraintNarrowings(table, now),
      ...indexNarrowings(table, now),
    ];
    return found.map((text) => `${name}: ${text}`);
  });
}
