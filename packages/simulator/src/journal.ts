import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './commands.ts';

const journalNames = ['alipay', 'port'] as const;
export type JournalName = (typeof journalNames)[number];

/** One line of a book on disk: what was done, at which simulated (`at`) and real (`real`) millisecond. */
export type JournalLine = { readonly n: number; readonly at: number; readonly real: number; readonly command: Command };

/**
 * The books on disk: one file for each simulator, numbered across both, so that a reload repeats the commands in their order.
 * Written with a plain write and no fsync: that survives a kill of the process, which is what the tests do to it.
 */
export class Journal {
  readonly #files: Record<JournalName, number>;
  #n = 0;

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true });
    this.#files = { alipay: openSync(join(dir, 'alipay.jsonl'), 'a+'), port: openSync(join(dir, 'port.jsonl'), 'a+') };
  }

  read(): JournalLine[] {
    const lines = journalNames.flatMap((name) => readWhole(this.#files[name])).sort((a, b) => a.n - b.n);
    this.#n = lines.at(-1)?.n ?? 0;
    return lines;
  }

  append(name: JournalName, at: number, real: number, command: Command): void {
    this.#n += 1;
    const line: JournalLine = { n: this.#n, at, real, command };
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#files[name], bytes, done);
  }

  empty(): void {
    for (const name of journalNames) ftruncateSync(this.#files[name], 0);
    this.#n = 0;
  }

  close(): void {
    for (const name of journalNames) closeSync(this.#files[name]);
  }
}

/** A process killed while writing leaves a torn last line. Nobody was answered about it: drop it, or the next line joins it. */
function readWhole(file: number): JournalLine[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) ftruncateSync(file, end);
  const lines = bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as JournalLine);
}
