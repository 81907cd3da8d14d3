import { plus, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { text } from './session.ts';
import type { Options, Session } from './session.ts';

export function badWait(options: Options): Result<never> {
  return refuse(
    'usage.bad_input',
    { field: '--wait', value: text(options, 'wait') ?? '', problem: '35m, 2h' },
    '--wait',
  );
}

const lookEveryMs = 200;

/** Runs this process's worker until `enough` says so or the time is over. */
export async function workUntil(session: Session, waitMs: number, enough: () => Promise<boolean>): Promise<void> {
  const { clock, worker } = session;
  const end = plus(clock.now(), waitMs);
  if (await enough()) return;
  const working = worker.run();
  while (clock.now() < end) {
    await clock.sleepUntil(plus(clock.now(), lookEveryMs));
    if (await enough()) break;
  }
  worker.stop();
  await working;
}
