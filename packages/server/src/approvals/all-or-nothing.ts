import type { Result } from '../kernel/index.ts';
import type { Database, Tx } from '../platform/db.ts';

type Work<T> = (tx: Tx) => Promise<Result<T>>;

/** One transaction: a refusal takes everything back, the use of an approval too. */
export const commitUnlessRefused = <T>(db: Database, work: Work<T>): Promise<Result<T>> => inOne(db, work, true);

/** What would come of it, without its coming. */
export const tryOut = <T>(db: Database, work: Work<T>): Promise<Result<T>> => inOne(db, work, false);

class RolledBack extends Error {}

async function inOne<T>(db: Database, work: Work<T>, isKept: boolean): Promise<Result<T>> {
  let result: Result<T> | undefined;
  try {
    return await db.transaction(async (tx) => {
      result = await work(tx);
      if (result.ok && isKept) return result;
      throw new RolledBack();
    });
  } catch (error) {
    if (error instanceof RolledBack && result) return result;
    throw error;
  }
}
