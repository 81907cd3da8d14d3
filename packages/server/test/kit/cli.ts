import { join } from 'node:path';
import type { App } from '../../src/app/parts.ts';
import type { Answer } from '../../src/cli/answer.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Session, Use } from '../../src/cli/session.ts';
import { done } from '../../src/kernel/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import type { Actor } from '../../src/identity/index.ts';

const silent = (): void => undefined;

/** A command as it is typed, in this process: the session of somebody in a sandbox whose clock stands, unless `more` says otherwise. */
export async function typed(
  app: App,
  actor: Actor,
  words: readonly string[],
  more: Partial<Session> = {},
  useMore: Partial<Use> = {},
): Promise<Result<Answer>> {
  const session = { ...app, actor, sandbox: true, clockRuns: false, ...more } as unknown as Session;
  const doors = { firstLoginsFolder: () => join(app.config.dataFolder, 'logins') };
  const shared = { config: app.config, doors, session: () => Promise.resolve(done(session)) };
  const use = { ...shared, ...useMore } as unknown as Use;
  let result: Result<Answer> | undefined;
  const program = buildProgram(
    { lang: 'en', perform: async (_command, run, args, options) => void (result = await run(use, args, options)) },
    silent,
    silent,
  );
  await program.parseAsync([...words], { from: 'user' });
  if (!result) throw new Error('nothing ran');
  return result;
}
