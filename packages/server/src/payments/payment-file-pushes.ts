import { cellAt, type Cell } from '../platform/tables/index.ts';
import type { EarlierPush } from './payment-file-row.ts';
import { asInstant } from './payment-file-rules.ts';

type EarlierPushes =
  | { readonly ok: true; readonly pushes: readonly EarlierPush[] }
  | { readonly ok: false; readonly field: 'earlier_push_at' | 'earlier_push_answer'; readonly found: string };

/** Times and answers pairwise: the nth column of times with the nth of answers, several in one cell apart by semicolons. */
export function readEarlierPushes(times: readonly Cell[], answers: readonly Cell[]): EarlierPushes {
  const pushes: EarlierPush[] = [];
  const columns = Math.max(times.length, answers.length);
  for (let column = 0; column < columns; column++) {
    const time = cellAt({ line: 0, cells: times }, column);
    const answer = cellAt({ line: 0, cells: answers }, column);
    const moments = listOf(time.text).map((text) => ({ text, at: asInstant({ text, numeric: time.numeric }) }));
    const said = answer.text === '' ? moments.map(() => '') : answer.text.split(/[;；]/).map((part) => part.trim());
    if (said.at(-1) === '' && said.length === moments.length + 1) said.pop();
    const wrong = moments.find(({ at }) => at === undefined);
    if (wrong) return { ok: false, field: 'earlier_push_at', found: wrong.text };
    if (said.length !== moments.length) return { ok: false, field: 'earlier_push_answer', found: answer.text };
    for (const [index, { at }] of moments.entries())
      if (at !== undefined) pushes.push({ at, answer: said[index] ?? '' });
  }
  return { ok: true, pushes };
}

function listOf(text: string): string[] {
  return text
    .split(/[;；]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
