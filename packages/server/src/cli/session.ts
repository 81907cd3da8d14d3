import type { Result } from '../kernel/index.ts';
import type { Config } from '../platform/config.ts';
import type { Answer } from './answer.ts';
import type { Doors } from './doors.ts';
import type { Session } from './open-session.ts';
import type { Tell } from './tell.ts';

export type { Session } from './open-session.ts';

/** What a command is given: its words, and the doors that only the wiring can open. */
export type Use = {
  readonly config: Config;
  readonly json: boolean;
  readonly tell: Tell;
  readonly doors: Doors;
  /** Opens the database as the person who is logged in, or as another login's; closed by the caller of the command. */
  session(config?: Config): Promise<Result<Session>>;
  /** Resolves at Ctrl-C or SIGTERM, which then no longer end the command by themselves. */
  untilStopped(): Promise<void>;
  /** What to type after an interruption to see how things stand. */
  lookWith(command: string): void;
  /** Prints to stdout before the command ends: for those that go on for as long as they are left alone. */
  print(answer: Answer): void;
};

export type Args = readonly (string | readonly string[] | undefined)[];
export type Options = Readonly<Record<string, unknown>>;
export type Run = (use: Use, args: Args, options: Options) => Promise<Result<Answer>>;

/** One option as text, where it was given. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function firstArg(args: Args): string {
  const [first] = args;
  return typeof first === 'string' ? first : '';
}
