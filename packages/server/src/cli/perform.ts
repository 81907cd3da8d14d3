import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import type { Config } from '../platform/config.ts';
import { StartRefused } from '../platform/postgres-refused.ts';
import type { Answer, ExitCode, Printed } from './answer.ts';
import { printAnswer, printRefusal } from './answer.ts';
import type { Doors } from './doors.ts';
import { frame } from './frame.texts.ts';
import type { Perform } from './leaf.ts';
import type { Session, Use } from './session.ts';
import { createTell } from './tell.ts';
import type { Tell } from './tell.ts';
import { namingPeople } from './who-may.ts';

export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  readonly redraw: boolean;
  /** Calls back at Ctrl-C and SIGTERM, as long as it is not taken back. */
  onInterrupt(callback: () => void): () => void;
  exit(code: ExitCode): void;
};

/** Runs one command from its words to its exit code. */
export class Performance {
  readonly #config: Config;
  readonly #doors: Doors;
  readonly #terminal: Terminal;
  #session: Session | undefined;
  #look = 'liushui jobs due';

  constructor(config: Config, doors: Doors, terminal: Terminal) {
    this.#config = config;
    this.#doors = doors;
    this.#terminal = terminal;
  }

  readonly perform: Perform = async (_command: Command, run, args, options) => {
    const json = options['json'] === true;
    const { lang, accessible } = this.#config;
    const redraw = this.#terminal.redraw && !accessible;
    const tell = createTell({ lang, write: (text) => this.#terminal.err(text), redraw, quiet: false });
    const stopWatching = this.#terminal.onInterrupt(() => void this.#interrupted(tell));
    const use = this.#useOf(json, tell, stopWatching);
    const result = await this.#named(await run(use, args, options).catch(refusalOfBug));
    stopWatching();
    tell.end();
    await this.#session?.close();
    this.#session = undefined;
    if (!result.ok) return this.#show(printRefusal(result.refusal, lang, json));
    const { exit, lines, json: told } = result.value;
    if (lines.length > 0 || Object.keys(told).length > 0) this.#show(printAnswer(result.value, lang, json));
    this.#terminal.exit(exit);
  };

  #useOf(json: boolean, tell: Tell, stopWatching: () => void): Use {
    return {
      ...{ config: this.#config, json, tell, doors: this.#doors },
      session: (as) => this.#openSession(as ?? this.#config),
      lookWith: (command) => void (this.#look = command),
      print: (answer: Answer) => this.#show(printAnswer(answer, this.#config.lang, json)),
      untilStopped: () => {
        stopWatching();
        return new Promise((settle) => void this.#terminal.onInterrupt(settle));
      },
    };
  }

  async #openSession(config: Config): Promise<Result<Session>> {
    if (this.#session) return done(this.#session);
    const opened = await this.#doors.openSession(config, () => undefined);
    if (opened.ok) this.#session = opened.value;
    return opened;
  }

  /** While the session is open: who could do what this person may not. */
  async #named(result: Result<Answer>): Promise<Result<Answer>> {
    if (result.ok || !this.#session) return result;
    const folder = this.#doors.firstLoginsFolder(this.#config);
    return { ok: false, refusal: await namingPeople(this.#session, result.refusal, folder) };
  }

  async #interrupted(tell: Tell): Promise<void> {
    tell.end();
    const { lang } = this.#config;
    this.#terminal.err(`${frame.interrupted[lang]} ${frame.look[lang]} ${this.#look}\n`);
    this.#session?.worker.stop();
    await this.#session?.close().catch(() => undefined);
    process.exit(130);
  }

  #show({ stdout, stderr, exit }: Printed): void {
    if (stdout !== '') this.#terminal.out(stdout);
    if (stderr !== '') this.#terminal.err(stderr);
    this.#terminal.exit(exit);
  }
}

/** What broke while a command ran. A start that was refused says why; anything else is our fault, and nobody knows how far it came. */
function refusalOfBug(error: unknown): Result<never> {
  if (error instanceof StartRefused) return refusalOfStart(error);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return refuse('server.bug_in_doubt', { requestId: `cli-${process.pid}` });
}

function refusalOfStart({ code, message, params }: StartRefused): Result<never> {
  if (code === 'schema.newer')
    return refuse('server.schema_newer', { database: '', worksWith: '', program: '', ...params });
  if (code === 'schema.shuts_out')
    return refuse('server.schema_shuts_out', { file: '', needs: '', processes: '', ...params });
  return refuse('installation.start_refused', { why: message });
}

/** Words that commander could not make sense of. */
export function refusalOfUsage(error: CommanderError): Refusal {
  const problem = error.message
    .replace(/^error: /, '')
    .split('\n')
    .join(' ');
  return { code: 'usage.bad_input', params: { problem } };
}

export function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && ['commander.helpDisplayed', 'commander.version'].includes(error.code);
}
