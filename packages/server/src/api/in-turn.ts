const lines = new Map<string, Promise<unknown>>();

/** Carries out what bears the same name one after another, in this process: a double click is two requests of one moment. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = lines.get(name) ?? Promise.resolve();
  const turn = before.then(work, work);
  const ended = turn.catch(() => undefined);
  lines.set(name, ended);
  try {
    return await turn;
  } finally {
    if (lines.get(name) === ended) lines.delete(name);
  }
}
