import { join } from 'node:path';
import { CommanderError } from 'commander';
import { loginFileOf, loginsFolder, openSession } from '../app/session.ts';
import { done } from '../kernel/index.ts';
import { backupDoors } from '../app/backup/doors.ts';
import { readConfigOfProcess } from '../platform/config.ts';
import type { Config } from '../platform/config.ts';
import { printRefusal } from './answer.ts';
import type { ExitCode } from './answer.ts';
import type { Doors } from './doors.ts';
import { isHelp, Performance, refusalOfUsage } from './perform.ts';
import type { Terminal } from './perform.ts';
import { buildProgram } from './program.ts';

const doors: Doors = {
  async openSession(config, log) {
    const opened = await openSession(config, log);
    if (!opened.ok) return opened;
    const { app, actor, clockRuns } = opened.value;
    const { db, clock, customs, payments, orders, webhooks, transport, tokens, worker, sandboxDoors, installation } =
      app;
    return done({
      ...{ actor, clockRuns, db, clock, customs, payments, orders, webhooks, transport, tokens, worker, sandboxDoors },
      close: () => opened.value.close(),
      sandbox: installation.bornAs === 'sandbox',
    });
  },
  loginFile: loginFileOf,
  firstLoginsFolder: (config) => join(config.dataFolder, loginsFolder),
  // Loaded when they are asked for: a command that only reads must not wait for a web server's code.
  start: async (config, told) => (await import('../app/start.ts')).startSandbox(config, told),
  serve: async (config, role) => (await import('../app/serve.ts')).serveInstallation(config, role),
  initProduction: async (config, wish) => (await import('../app/production.ts')).initProduction(config, wish),
  claimLogin: async (config, token) => (await import('../app/production.ts')).claimLogin(config, token),
  migrate: async (config, look) => (await import('../app/migrating.ts')).migrateInstallation(config, look),
  backup: backupDoors,
  examine: async (config) => (await import('../app/doctor.ts')).examine(config),
  async replay(config, wish, onProgress) {
    const { runReplay } = await import('../app/replay/replay.ts');
    const played = await runReplay({ ...wish, config, onProgress });
    if (!played.ok) return played;
    const html = async (): Promise<string> => (await import('../app/replay/report.ts')).reportHtml(played.value);
    return { ok: true, value: { figures: played.value, html } };
  },
};

/** Whoever reads what we say may have heard enough, as `head` has: the command itself was carried out. */
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  redraw: process.stderr.isTTY,
  onInterrupt(callback) {
    process.on('SIGINT', callback).on('SIGTERM', callback);
    return () => void process.off('SIGINT', callback).off('SIGTERM', callback);
  },
  exit: (code) => void (process.exitCode = code),
};

const words = process.argv.slice(2);
const wantsJson = words.includes('--json');

function show(printed: { stdout: string; stderr: string; exit: ExitCode }): void {
  terminal.out(printed.stdout);
  terminal.err(printed.stderr);
  terminal.exit(printed.exit);
}

async function main(config: Config): Promise<void> {
  const { perform } = new Performance(config, doors, terminal);
  let told = '';
  const keep = (text: string): void => void (told += text);
  const program = buildProgram({ lang: config.lang, perform }, (text) => terminal.out(text), keep);
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (isHelp(error)) return;
    if (!(error instanceof CommanderError)) throw error;
    // A group without its command: its help says what there is.
    if (error.code === 'commander.help' && !wantsJson) show({ stdout: '', stderr: told, exit: 2 });
    else show(printRefusal(refusalOfUsage(error), config.lang, wantsJson));
  }
}

const config = readConfigOfProcess();
if (config.ok) await main(config.value);
else show(printRefusal(config.refusal, 'en', wantsJson));
