import type { Command } from 'commander';
import type { Lang } from '../platform/config.ts';
import type { Words } from './answer.ts';
import { frame } from './frame.texts.ts';
import type { Args, Options, Run } from './session.ts';

/** Carries out one command and prints its answer. */
export type Perform = (command: Command, run: Run, args: Args, options: Options) => Promise<void>;

/** What a group of commands is built with. */
export type Kit = { readonly lang: Lang; readonly perform: Perform };

export type OptionSpec = readonly [flags: string, words: Words];

/** A command that does something; every one of them can answer in JSON. */
export function leaf(
  kit: Kit,
  parent: Command,
  spec: string,
  words: Words,
  run: Run,
  options: readonly OptionSpec[] = [],
): Command {
  const command = parent.command(spec).description(words[kit.lang]);
  for (const [flags, about] of options) command.option(flags, about[kit.lang]);
  command.option('--json', frame.options[kit.lang]);
  return command.action(async () => {
    await kit.perform(command, run, command.processedArgs as Args, command.opts());
  });
}

export function group(kit: Kit, parent: Command, name: string, words: Words): Command {
  return parent.command(name).description(words[kit.lang]);
}
