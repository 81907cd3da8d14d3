import type { Complaint, SourceText } from './rule.ts';

// Written in pieces, so that this file does not find itself.
const machineFolders = ['work', 'tmp', 'root'];
const machinePath = new RegExp(`(?<![\\w.~/-])/(${machineFolders.join('|')})/[\\w.]`);
const briefPath = new RegExp(`\\b${'shared'}/(design|domain|protocols|cases)\\b`);

/** No file of the tree may know the machine it was written on. */
export function machinePathComplaints(file: SourceText): readonly Complaint[] {
  return file.text.split('\n').flatMap((line, index) => {
    const found = machinePath.exec(line) ?? briefPath.exec(line);
    if (!found) return [];
    const instead = 'derive it: import.meta.dirname, os.tmpdir(), a configuration value, or name the public document';
    return [{ rule: 'machine-path', path: file.path, line: index + 1, found: found[0], instead }];
  });
}

const recordPath = 'docs/decisions/0002-dependencies.md';

function dependenciesOf(manifest: string): readonly string[] {
  const fields = JSON.parse(manifest) as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) =>
    Object.keys(fields[field] ?? {}),
  );
}

/** A line of the record begins with the names it speaks of, each in back-ticks; `name-*` speaks of a family. */
function recordedNames(record: string): readonly string[] {
  return record
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
}

const covers = (recorded: string, name: string): boolean =>
  recorded.endsWith('*') ? name.startsWith(recorded.slice(0, -1)) : recorded === name;

/** Every dependency has its line (what it saves, what it drags in, how we would leave), and no line has lost its dependency. */
export function dependencyComplaints(files: readonly SourceText[]): readonly Complaint[] {
  const recorded = recordedNames(files.find((file) => file.path === recordPath)?.text ?? '');
  const manifests = files.filter((file) => /^(package|packages\/[^/]+\/package|tools\/package)\.json$/.test(file.path));
  const used = manifests.flatMap((file) => dependenciesOf(file.text).map((name) => ({ path: file.path, name })));
  const unrecorded = used
    .filter(({ name }) => !recorded.some((known) => covers(known, name)))
    .map(({ path, name }) => ({
      rule: 'dependency-record',
      path,
      line: 0,
      found: `${name} has no line`,
      instead: `add it to ${recordPath}: what it saves, what it drags in, how we would leave`,
    }));
  const orphaned = recorded
    .filter((known) => !used.some(({ name }) => covers(known, name)))
    .map((known) => ({
      rule: 'dependency-record',
      path: recordPath,
      line: 0,
      found: `${known} is no dependency`,
      instead: 'remove its line',
    }));
  return [...unrecorded, ...orphaned];
}
