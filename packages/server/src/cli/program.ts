import { Command } from 'commander';
import type { CommanderError } from 'commander';
import { accountCommands } from './accounts.ts';
import { approvalCommands } from './approvals.ts';
import { backupCommands } from './backup.ts';
import { caseCommands } from './cases.ts';
import { claimCommands } from './claim.ts';
import { completionCommand } from './completion.ts';
import { customsCommands } from './customs.ts';
import { doctorCommand } from './doctor.ts';
import { incidentCommands } from './incidents.ts';
import { jobCommands } from './jobs.ts';
import { keysCommands } from './keys.ts';
import type { Kit } from './leaf.ts';
import { listenCommand } from './listen.ts';
import { loginCommands } from './login.ts';
import { migrateCommand } from './migrate.ts';
import { importCommands } from './payments.ts';
import { orderCommands } from './orders.ts';
import { peopleCommands } from './people.ts';
import { programTexts as t } from './program.texts.ts';
import { replayCommand } from './replay.ts';
import { retentionCommands } from './retention.ts';
import { routingCommands } from './routing.ts';
import { sandboxCommands } from './sandbox.ts';
import { sharingCommands } from './sharing.ts';
import { showCommand } from './show.ts';
import { startCommands } from './start.ts';
import { statementCommands } from './statements.ts';
import { termCommands } from './terms.ts';
import { webhookCommands } from './webhooks.ts';

const groups = [
  ...[
    startCommands,
    loginCommands,
    claimCommands,
    importCommands,
    customsCommands,
    showCommand,
    orderCommands,
    sharingCommands,
    approvalCommands,
    accountCommands,
    termCommands,
    routingCommands,
    statementCommands,
  ],
  ...[backupCommands, keysCommands, webhookCommands, listenCommand],
  ...[
    peopleCommands,
    incidentCommands,
    caseCommands,
    jobCommands,
    sandboxCommands,
    replayCommand,
    doctorCommand,
    migrateCommand,
    retentionCommands,
    completionCommand,
  ],
];

/** All commands. Nothing is written and nothing ends the process here: the caller hears of both. */
export function buildProgram(kit: Kit, writeOut: (text: string) => void, writeErr: (text: string) => void): Command {
  const program = new Command('liushui');
  program
    .description(t.about[kit.lang])
    .exitOverride((error: CommanderError) => {
      throw error;
    })
    .configureOutput({ writeOut, writeErr })
    .showSuggestionAfterError(true);
  for (const add of groups) add(kit, program);
  return program;
}
