import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { buildProgram } from '../packages/server/src/cli/program.ts';

const root = resolve(import.meta.dirname, '..');
const skipped = new Set(['node_modules', '.git', '.liushui', 'coverage']);

function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

type Page = { readonly path: string; readonly text: string };
const pages: readonly Page[] = markdownIn('').map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** Relative targets of `[words](target)`, outside of code. */
function brokenLinks({ path, text }: Page, isThere: (path: string) => boolean): readonly string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '``');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .filter((target) => !isThere(join(dirname(path), target.replace(/#.*$/, ''))))
    .map((target) => `${path}: ${target}`);
}

test('every relative link leads somewhere', () => {
  const isThere = (path: string): boolean => existsSync(join(root, path));
  expect(pages.flatMap((page) => brokenLinks(page, isThere))).toEqual([]);
});

test('the check of links sees a missing file and leaves code and addresses alone', () => {
  const text = 'See [a](there.md#part), [b](gone.md), [c](https://example.com/x) and `[d](code.md)`.';
  const found = brokenLinks({ path: 'docs/page.md', text }, (path) => path === 'docs/there.md');
  expect(found).toEqual(['docs/page.md: gone.md']);
});

const silent = (): void => undefined;
const program = buildProgram({ lang: 'en', perform: () => Promise.resolve() }, silent, silent);

/** What is wrong with one line that a reader would type; undefined when the program takes its words and options. */
function problemOf(line: string): string | undefined {
  const words = line
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/);
  let command: (typeof program.commands)[number] = program;
  for (const word of words) {
    const options = [...word.matchAll(/^--[a-z-]+/g)].map(([flag]) => flag);
    const unknown = options.find((flag) => !command.options.some(({ long }) => long === flag));
    if (unknown !== undefined) return `${command.name()} has no ${unknown}`;
    if (command.commands.length === 0 || !/^[a-z]/.test(word)) continue;
    const next = command.commands.find((one) => one.name() === word);
    if (!next) return `${command.name()} has no command ${word}`;
    command = next;
  }
  return undefined;
}

/** Lines of code, and code within a line, that call the program. */
function linesTyped({ text }: Page): readonly string[] {
  const blocks = [...text.matchAll(/^(?: {4,}|\t)?(?:\S+=\S+ )*(?:npx )?liushui (.*)$/gm)];
  const inline = [...text.matchAll(/`(?:\S+=\S+ )*(?:npx )?liushui ([^`\n]+)`/g)];
  return [...blocks, ...inline].map((match) => match[1] ?? '').filter((line) => /^[a-z]/.test(line));
}

const typed = pages
  .filter(({ path }) => !path.startsWith('packages/simulator'))
  .flatMap((page) => linesTyped(page).map((line) => ({ path: page.path, line })));

test('every command that a document names is one of the program, with its options', () => {
  expect(typed.length).toBeGreaterThan(20);
  const wrong = typed.flatMap(({ path, line }) => {
    const problem = problemOf(line);
    return problem === undefined ? [] : [`${path}: liushui ${line}: ${problem}`];
  });
  expect(wrong).toEqual([]);
});

test('the check of commands sees an unknown command, sub-command and option', () => {
  expect(problemOf('customs import LIST.txt --json')).toBeUndefined();
  expect(problemOf('customs improt LIST.txt')).toBe('customs has no command improt');
  expect(problemOf('custom import LIST.txt')).toBe('liushui has no command custom');
  expect(problemOf('customs import LIST.txt --jsno')).toBe('import has no --jsno');
});

/** `path/to/file.ts` or `.sql`, `.json` … in back-ticks; walks write them from the root or from the server's sources. */
function filesNamed({ text }: Page): readonly string[] {
  const names = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]+\.(?:ts|sql|json|patch|md|txt))`/g)];
  return names.map((match) => match[1] ?? '').filter((name) => !name.includes('<'));
}

test('every file that a map or a walk names is there', () => {
  const maps = ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  const walks = pages.filter(({ path }) => path.startsWith(join('docs', 'walks')) || maps.includes(path));
  expect(walks.length).toBeGreaterThan(5);
  const bases = ['', 'packages/server/src', 'packages/server'];
  const missing = walks.flatMap((page) =>
    filesNamed(page)
      .filter((name) => !bases.some((base) => existsSync(join(root, base, name))))
      .map((name) => `${page.path}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('every kind of case has its sheet, and every sheet has the same headings', async () => {
  const { caseKinds } = await import('../packages/server/src/cases/kinds.data.ts');
  const sheets = new Map(
    pages.filter(({ path }) => path.startsWith(join('docs', 'runbooks'))).map((page) => [page.path, page.text]),
  );
  const lacking = Object.values(caseKinds).filter(
    ({ runbook }) => !sheets.has(join('docs', 'runbooks', `${runbook}.md`)),
  );
  expect(lacking).toEqual([]);
  const headings = ['Symptom', 'What it means for money', 'What to look at', 'Way out', 'When to call whom'];
  for (const [path, text] of sheets) {
    const found = [...text.matchAll(/^## .*$/gm)].map(([line]) => line);
    expect(found.length, path).toBe(headings.length);
    for (const [index, heading] of headings.entries()) expect(found[index], path).toContain(heading);
  }
});
