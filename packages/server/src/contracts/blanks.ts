import { shellWord } from '../platform/shell-word.ts';
import { sourceBlank, termBlanks } from './blanks.texts.ts';
import type { Blank } from './blanks.texts.ts';
import type { TermKind } from './kinds.ts';

/** What is to be written for a term of a kind: its members by name, and its source last. */
export function blanksOf(kind: TermKind): readonly (readonly [field: string, blank: Blank])[] {
  const members: Readonly<Record<string, Blank>> = termBlanks[kind];
  return Object.entries(members);
}

const words: ReadonlySet<string> = new Set([
  ...Object.values(termBlanks).flatMap((members: Readonly<Record<string, Blank>>) =>
    Object.values(members).map(({ word }) => word),
  ),
  sourceBlank.word,
]);

/** Whether somebody left a word of ours as it was printed. */
export const isTermBlank = (text: unknown): text is string => typeof text === 'string' && words.has(text);

/** The command that proposes a term: with our words in capitals, or with what one might write instead. */
export function proposeCommand(account: string, kind: TermKind, written: 'word' | 'example'): string {
  const members = blanksOf(kind).map(([field, blank]) => `--value ${shellWord(`${field}=${blank[written]}`)}`);
  const source = `--source ${shellWord(String(sourceBlank[written]))}`;
  return ['liushui terms propose', account, kind, ...members, source].join(' ');
}
