import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Perform } from './leaf.ts';
import { buildProgram } from './program.ts';

const silent = (): void => undefined;

async function scriptFor(shell: string): Promise<string> {
  let script = '';
  const perform: Perform = async (_command, run, args, options) => {
    const result = await run({} as Parameters<typeof run>[0], args, options);
    if (result.ok) script = String(result.value.json['script']);
  };
  const program = buildProgram({ lang: 'en', perform }, silent, silent);
  await program.parseAsync(['completion', shell], { from: 'user' });
  return script;
}

test('bash offers the commands of a group, the options of a command, and files where neither is left', async () => {
  const script = await scriptFor('bash');
  const offered = (...words: string[]): string => {
    const typed = ['liushui', ...words].map((word) => `'${word}'`).join(' ');
    const ask = `${script}\nCOMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _liushui; echo "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', ask], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  };
  expect(offered('customs', 'declare-anew', '')).toBe('propose approve refuse run pause resume stop show');
  expect(offered('customs', 'repush', 'propose', 'R-20151028-1', '--')).toBe(
    '--canary --control --cells --account --place --from --to --merchant --reason --json',
  );
  expect(offered('customs', 'import', 'program.texts')).toBe('program.texts.ts');
});

test('fish asks for the whole path, because several groups have a command of one name', async () => {
  const script = await scriptFor('fish');
  const lines = script.split('\n').filter((line) => line.includes('from declare-anew; and'));
  expect(lines.find((line) => line.includes('from propose;') || line.includes("from propose'"))).toContain(
    '--order-no',
  );
  expect(script).toContain('from customs; and __fish_seen_subcommand_from repush; and not');
});
