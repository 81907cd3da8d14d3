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

/** Files are offered where words of the program end: after a command that takes arguments. */
const cases = (paths: Paths): string =>
  [...paths]
    .map(([path, words]) => `    '${path}') words='${words.join(' ')}'${isGroup(words) ? '' : " files='-f'"} ;;`)
    .join('\n');

const isGroup = (words: readonly string[]): boolean => words.some((word) => !word.startsWith('-'));

const bash = (paths: Paths): string => `_liushui() {
  local path='' word words='' files=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*|*[A-Z0-9/.]*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${cases(paths)}
    *) files='-f' ;;
  esac
  COMPREPLY=($(compgen -W "$words" $files -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _liushui liushui`;

const zsh = (paths: Paths): string => `autoload -U +X bashcompinit && bashcompinit
${bash(paths)}`;

/** Every word of the path was typed, and of a group none of its commands: `propose` belongs to more than one group. */
function fishCondition(path: string, words: readonly string[]): string {
  if (path === '') return '__fish_use_subcommand';
  const typed = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const open = isGroup(words) ? [`not __fish_seen_subcommand_from ${commandsOf(words)}`] : [];
  return [...typed, ...open].join('; and ');
}

const commandsOf = (words: readonly string[]): string => words.filter((word) => !word.startsWith('-')).join(' ');

const fish = (paths: Paths): string =>
  [...paths]
    .map(([path, words]) => `complete -c liushui -n '${fishCondition(path, words)}' -a '${words.join(' ')}'`)
    .join('\n');

const shells: ReadonlyMap<string, (paths: Paths) => string> = new Map([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
]);
