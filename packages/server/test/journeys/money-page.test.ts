// Goal: the page of races promises no test that is not there, and leaves none out.
// Method: the names on the page are held against the names in the files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const page = readFileSync(join(import.meta.dirname, '../../../../docs/money-in-races.md'), 'utf8');
const files = new Map(
  [
    'in',
    'races',
    'products',
    'back',
    'disputed',
    'paused',
    'acts',
    'mixed',
    'sharing',
    'sharing-back',
    'sharing-doubt',
    'verdict',
  ]
    .map((name) => [name, `money-${name}.test.ts`])
    .concat([['crash', '../crash/money.crash.test.ts']])
    .map(([name = '', file = '']) => [name, namesIn(readFileSync(join(import.meta.dirname, file), 'utf8'))]),
);

/** Whatever stands in quotes before the function of a test. */
function namesIn(text: string): readonly string[] {
  const name = /(?:^ *test\(|^ {2,4}|\]\)\()(['"`])(.+?)\1,\s*(?:\{ timeout[^}]*\},\s*)?async/gm;
  return [...text.matchAll(name)].map((match) => match[2] ?? '');
}

const promised = page
  .split('\n')
  .map((line) => /\| ([\w-]+): ([^|]+) \|$/.exec(line))
  .flatMap((match) => (match ? [{ file: match[1] ?? '', name: match[2] ?? '' }] : []));

test('every test that the page names is there', () => {
  expect(promised.length).toBeGreaterThan(50);
  const missing = promised.filter(({ file, name }) => !files.get(file)?.some((known) => known.startsWith(name)));
  expect(missing).toEqual([]);
});

test('every journey of these files is on the page', () => {
  const left = [...files].flatMap(([file, names]) =>
    names
      .filter((known) => !promised.some((one) => one.file === file && known.startsWith(one.name)))
      .map((known) => `${file}: ${known}`),
  );
  expect(left).toEqual([]);
});
