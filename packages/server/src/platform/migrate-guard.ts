import type { MigrationGuard } from './migrate.ts';
import { StartRefused } from './postgres-refused.ts';
import { isAlive, readProcesses } from './processes.ts';

/**
 * Holds a migration back while a process serves that it would shut out: a file is applied beside running processes, never under them.
 * @throws StartRefused schema.shuts_out, which names them.
 */
export const spareRunning: MigrationGuard = async (tx, next) => {
  const shutOut = (await readProcesses(tx)).filter((one) => isAlive(one) && one.schema < next.worksWith);
  if (shutOut.length === 0) return;
  const processes = shutOut.map((one) => `${one.host}/${one.pid} (${one.program}, schema ${one.schema})`).join(', ');
  throw new StartRefused(
    'schema.shuts_out',
    `Migration ${next.name} needs programs that know schema ${next.worksWith}, and these are still running: ${processes}. Start the version before this one there first, or stop them; they are forgotten half a minute after they end.`,
    { file: next.name, needs: next.worksWith, processes },
  );
};
