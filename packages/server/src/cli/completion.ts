import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import { plain } from './answer.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { programTexts as t } from './program.texts.ts';
import { firstArg } from './session.ts';

/** `completion SHELL`: a script that completes commands and options, made from the commands themselves. */
export function completionCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'completion <shell>', t.completionAbout, (_use, args) => {
    const shell = firstArg(args);
    const write = shells.get(shell);
    if (!write)
      return Promise.resolve(
        refuse('usage.bad_input', { field: 'SHELL', value: shell, problem: 'bash | zsh | fish' }, 'SHELL'),
      );
    const script = write(pathsOf(program, ''));
    return Promise.resolve(done({ exit: 0, lines: script.split('\n').map(plain), json: { shell, script } }));
  });
}

/** What may follow after each path of words: `customs` → `import reports …`. */
type Paths = ReadonlyMap<string, readonly string[]>;

function pathsOf(command: Command, path: string): Paths {
  const words = command.commands.map((one) => one.name()).filter((name) => name !== 'help');
  const options = command.options.map((option) => option.long).filter((long) => typeof long === 'string');
  const paths = new Map<string, readonly string[]>([[path, [...words, ...options]]]);
  for (const one of command.commands) {
    const inner = pathsOf(one, path === '' ? one.name() : `${path} ${one.name()}`);
    for (const [key, value] of inner) paths.set(key, value);
  }
  return paths;
}

const cases = (paths: Paths): string =>
  [...paths].map(([path, words]) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n');

const bash = (paths: Paths): string => `_liushui() {
  local path='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*|*[A-Z0-9/.]*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases(paths)}
  esac
  COMPREPLY=($(compgen -W "$words" -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _liushui liushui`;

const zsh = (paths: Paths): string => `autoload -U +X bashcompinit && bashcompinit
${bash(paths)}`;

const fish = (paths: Paths): string =>
  [...paths]
    .map(([path, words]) => {
      const when =
        path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1) ?? ''}`;
      return `complete -c liushui -n '${when}' -a '${words.join(' ')}'`;
    })
    .join('\n');

const shells: ReadonlyMap<string, (paths: Paths) => string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]);
