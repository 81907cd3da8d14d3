import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { catalogueComplaints, readCatalogues } from './catalogue.ts';
import type { SourceText } from './rule.ts';
import type { Ratchet } from './sizes.ts';
import { complaintLine, tidy } from './tidy.ts';

const root = resolve(import.meta.dirname, '../..');
const textFile = /\.(ts|js|cjs|json|md|sql|sh|ya?ml|html|css|patch|csv|txt)$|^\.ci\/|^[^/]*rc$/;

/** Tracked and new files, not the ignored ones: what the next commit may hold. */
function sourcesOf(tree: string): readonly SourceText[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: tree,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed
    .split('\0')
    .filter((path) => textFile.test(path) && path !== 'package-lock.json' && existsSync(join(tree, path)))
    .map((path) => ({ path, text: readFileSync(join(tree, path), 'utf8') }));
}

const ratchet = JSON.parse(readFileSync(join(import.meta.dirname, 'ratchet.json'), 'utf8')) as Ratchet;
const complaints = [...tidy(sourcesOf(root), ratchet), ...catalogueComplaints(await readCatalogues(root))];
for (const complaint of complaints) console.log(complaintLine(complaint));
process.exitCode = complaints.length === 0 ? 0 : 1;
