import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc/<pid>/stat per second (sysconf _SC_CLK_TCK, 100 on every Linux we know). */
const ticksPerSecond = 100;

type Stat = { readonly parent: number; readonly ticks: number };

/** Own CPU time and that of children which have ended (proc(5): utime, stime, cutime, cstime). */
function readStat(pid: string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined; // the process has just ended, or this is no Linux
  }
}

/** CPU seconds of this process (server and workers) and of PostgreSQL; simulators are not counted. Without /proc: this process alone. */
export function readCpu(postgresPid: number | undefined): number {
  const own = process.cpuUsage();
  const seconds = (own.user + own.system) / 1e6;
  return postgresPid === undefined ? seconds : seconds + cpuOfFamily(postgresPid);
}

/** CPU seconds of a process and of its children, such as PostgreSQL's. Without /proc: 0. */
export function cpuOfFamily(pid: number): number {
  let ticks = readStat(String(pid))?.ticks ?? 0;
  for (const entry of listProcesses()) {
    const stat = readStat(entry);
    if (stat?.parent === pid) ticks += stat.ticks;
  }
  return ticks / ticksPerSecond;
}

function listProcesses(): string[] {
  try {
    return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  } catch {
    return [];
  }
}

/** CPU seconds by stage: each reading goes to the stage that was running until then. */
export class StageCpu {
  readonly #read: () => number;
  readonly #seconds = new Map<string, number>();
  #stage = '';
  #from: number;

  constructor(read: () => number) {
    this.#read = read;
    this.#from = read();
  }

  enter(stage: string): void {
    if (stage === this.#stage) return;
    const now = this.#read();
    if (this.#stage !== '') this.#seconds.set(this.#stage, (this.#seconds.get(this.#stage) ?? 0) + now - this.#from);
    this.#stage = stage;
    this.#from = now;
  }

  /** Ends the running stage. */
  figures(): Readonly<Record<string, number>> {
    this.enter('');
    return Object.fromEntries(this.#seconds);
  }
}
