import { assert } from '../kernel/index.ts';

/** Places where losing the process matters. A test kills at each of them, restarts and compares the books. */
export const crashPointNames = [
  'command.before_commit',
  'command.after_commit',
  'worker.leased',
  'worker.prepared',
  'worker.before_send',
  'worker.after_send',
  'worker.heard',
  'notice.kept',
  'import.part_committed',
  'approval.decided',
  'plan.part_enqueued',
  'keys.created',
  'migration.applied',
  'replay.round_done',
] as const;
export type CrashPointName = (typeof crashPointNames)[number];

/** Die when this point is reached for the `hit`th time, counted from 1. */
export type CrashAt = { readonly name: CrashPointName; readonly hit: number };

/** Reads `name` or `name:n`. Undefined when there is no such point. */
export function readCrashAt(text: string): CrashAt | undefined {
  const match = /^([a-z_.]+)(?::([1-9]\d{0,8}))?$/.exec(text);
  const name = crashPointNames.find((known) => known === match?.[1]);
  return name && { name, hit: Number(match?.[2] ?? 1) };
}

let armed: CrashAt | undefined;
let hits = 0;
let watch: ((name: CrashPointName) => void) | undefined;

/** For the wiring only, and only in a sandbox. */
export function armCrashPoint(at: CrashAt | undefined, sandbox: boolean): void {
  assert(at === undefined || sandbox, 'crash points exist in a sandbox only');
  armed = at;
  hits = 0;
}

/** For tests that play several processes in one: each of them dies, or stands still, in its own way. Undefined ends it. */
export function watchCrashPoints(told: ((name: CrashPointName) => void) | undefined): void {
  watch = told;
}

/** SIGKILL leaves nobody the chance to tidy up, as a power cut would. */
export function crashPoint(name: CrashPointName): void {
  watch?.(name);
  if (armed?.name !== name) return;
  hits += 1;
  if (hits === armed.hit) process.kill(process.pid, 'SIGKILL');
}
