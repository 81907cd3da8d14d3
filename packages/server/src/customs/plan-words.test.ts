import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skipReasons } from './plan-words.texts.ts';

/** What the deciding code answers: words in quotes after `return`, `leave(`, and codes of the pre-check. */
function reasonsIn(file: string): string[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  const found = [
    ...text.matchAll(/\breturn '([a-z_]+)';/g),
    ...text.matchAll(/\bleave\('([a-z_]+)'\)/g),
    ...text.matchAll(/\bcode: '([a-z_.]+)'/g),
  ];
  return found.map((match) => match[1] ?? '');
}

test('whatever leaves a declaration out of a plan is told in words of both languages', () => {
  const files = ['precheck.ts', 'declare-anew.ts', 'declare-anew-run.ts', 'plans.ts'];
  const item = reasonsIn('plan-item.ts').filter((word) => !/^E\d$/.test(word));
  const reasons = new Set([...files.flatMap(reasonsIn), ...item]);
  expect(reasons.size).toBeGreaterThan(16);
  expect([...reasons].filter((reason) => !skipReasons.includes(reason))).toEqual([]);
});
