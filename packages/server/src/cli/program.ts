import { Command } from 'commander';
import type { CommanderError } from 'commander';
import { customsCommands } from './customs.ts';
import type { Kit } from './leaf.ts';
import { importCommands } from './payments.ts';
import { programTexts as t } from './program.texts.ts';
import { startCommands } from './start.ts';

export const groups = [startCommands, importCommands, customsCommands];

/** All commands. Nothing is written and nothing ends the process here: the caller hears of both. */
export function buildProgram(kit: Kit, writeOut: (text: string) => void): Command {
  const program = new Command('liushui');
  program
    .description(t.about[kit.lang])
    .exitOverride((error: CommanderError) => {
      throw error;
    })
    .configureOutput({ writeOut, writeErr: () => undefined })
    .showSuggestionAfterError(true);
  for (const add of groups) add(kit, program);
  return program;
}
