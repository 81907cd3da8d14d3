import { spawnSync } from 'node:child_process';
import { afterEach, expect, test, vi } from 'vitest';
import { Bug } from '../kernel/index.ts';
import { armCrashPoint, crashPoint, crashPointNames, readCrashAt, watchCrashPoints } from './crash-points.ts';

afterEach(() => {
  armCrashPoint(undefined, true);
  watchCrashPoints(undefined);
  vi.restoreAllMocks();
});

test.each([
  ['worker.before_send', { name: 'worker.before_send', hit: 1 }],
  ['worker.before_send:3', { name: 'worker.before_send', hit: 3 }],
  ['worker.before_send:0', undefined],
  ['worker.before_send:x', undefined],
  ['worker.nowhere', undefined],
  ['', undefined],
])('"%s" is read as a crash point or refused', (text, expected) => {
  expect(readCrashAt(text)).toEqual(expected);
});

test('only the named point kills, at the hit that was asked for', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  armCrashPoint({ name: 'worker.heard', hit: 2 }, true);
  crashPoint('worker.leased');
  crashPoint('worker.heard');
  expect(kill).not.toHaveBeenCalled();
  crashPoint('worker.heard');
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGKILL');
});

test('an unarmed process passes every point', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  for (const name of crashPointNames) crashPoint(name);
  expect(kill).not.toHaveBeenCalled();
});

test('who watches is told of every point, and nobody dies of it', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const told: string[] = [];
  watchCrashPoints((name) => told.push(name));
  for (const name of crashPointNames) crashPoint(name);
  expect(told).toEqual(crashPointNames);
  expect(kill).not.toHaveBeenCalled();
});

test('production has no crash points', () => {
  expect(() => armCrashPoint({ name: 'worker.heard', hit: 1 }, false)).toThrow(Bug);
});

test('the process is really gone: no exit handler runs', () => {
  const script = `
    import { armCrashPoint, crashPoint } from '${import.meta.dirname}/crash-points.ts';
    process.on('exit', () => console.log('tidied up'));
    armCrashPoint({ name: 'worker.heard', hit: 1 }, true);
    console.log('before'); crashPoint('worker.heard'); console.log('after');`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect([ended.signal, ended.stdout]).toEqual(['SIGKILL', 'before\n']);
});
