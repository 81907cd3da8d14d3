import { expect, test } from 'vitest';
import { blanksOf, isTermBlank, proposeCommand } from './blanks.ts';
import { sourceBlank } from './blanks.texts.ts';
import type { Blank } from './blanks.texts.ts';
import { readValue, termKinds } from './kinds.ts';

const valueWith = (kind: (typeof termKinds)[number], field: string, word: string | number) =>
  Object.fromEntries(blanksOf(kind).map(([name, { example }]) => [name, name === field ? word : example]));

test.each(termKinds)('what is printed for %s can be filled in with each word that is named, and holds then', (kind) => {
  for (const [field, { example, oneOf }] of blanksOf(kind))
    for (const word of oneOf?.map((one) => one.word) ?? [example]) {
      const value = valueWith(kind, field, word);
      expect(readValue(kind, value)).toEqual({ fits: true, value });
    }
});

test.each(termKinds)('no word that %s allows is left unsaid', (kind) => {
  for (const [field, { oneOf }] of blanksOf(kind)) {
    const read = readValue(kind, valueWith(kind, field, '?'));
    const allowed = read.fits ? '' : (read.misfits.find((one) => one.field === field)?.allowed.en ?? '');
    const isChoice =
      /^[a-z_]+( \| [a-z_]+)*$/.test(allowed) && !['days', 'hours', 'seconds', 'receivers'].includes(allowed);
    const words = (text: string): string[] => text.split(' | ').sort();
    if (isChoice) expect(oneOf?.map(({ word }) => word).sort(), `${kind} ${field}`).toEqual(words(allowed));
    else expect(oneOf, `${kind} ${field}: ${allowed}`).toBeUndefined();
  }
});

test('a word in capitals stands for one thing, and no real value looks like it', () => {
  const all: readonly Blank[] = [sourceBlank, ...termKinds.flatMap((kind) => blanksOf(kind).map(([, blank]) => blank))];
  const meanings = new Map<string, string>();
  for (const { word, zh, en, example, oneOf = [] } of all) {
    expect(word).toMatch(/^[A-Z]{3,}$/);
    expect(zh).toMatch(/[\u4e00-\u9fff]/);
    expect(meanings.get(word) ?? en).toBe(en);
    meanings.set(word, en);
    for (const real of [example, ...oneOf.map((one) => one.word)]) expect(isTermBlank(real)).toBe(false);
    expect(isTermBlank(word)).toBe(true);
  }
});

test('a printed command can be pasted into a shell', () => {
  expect(proposeCommand('A2', 'category', 'word')).toBe(
    'liushui terms propose A2 category --value name=CATEGORY --value body=BODY --source PAPER',
  );
  expect(proposeCommand('A2', 'instalments', 'example')).toBe(
    `liushui terms propose A2 instalments --value counts=3,6,12 --source 'contract 4.1'`,
  );
});
