import { createInterface } from 'node:readline';

/** The other end of `startChild`: says that it is ready, then answers line by line until its stdin ends. */
export async function answerLines(
  ready: Readonly<Record<string, unknown>>,
  answer: (question: unknown) => Promise<unknown>,
): Promise<void> {
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify((await answer(JSON.parse(line))) ?? null)}\n`);
}
