import type { Command } from 'commander';
import { done, rfc3339 } from '../kernel/index.ts';
import type { Answer, Words } from './answer.ts';
import type { RunningSandbox, StartStep } from './doors.ts';
import { time, widthOf } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { text } from './session.ts';
import type { Run, Use } from './session.ts';
import { startSteps, startTexts as t } from './start.texts.ts';

export function startCommands(kit: Kit, program: Command): void {
  leaf(kit, program, 'start', t.startAbout, start);
  leaf(kit, program, 'serve', t.serveAbout, serve, [['--role <role>', t.roleOption]]);
}

const oneDecimal = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const secondsOf = (ms: number): string => oneDecimal.format(ms / 1000);

const start: Run = async (use) => {
  use.tell.line(t.beginning);
  const order: StartStep[] = ['settings', 'database', 'schema', 'contents', 'server'];
  const stopped = use.untilStopped();
  const running = await use.doors.start(use.config, (step, about, ms) => {
    use.tell.line(t.step(order.indexOf(step) + 1, startSteps[step], about, secondsOf(ms)));
  });
  if (!running.ok) return running;
  use.print(answerOfStart(running.value));
  use.tell.line(t.stopHint);
  const why = await Promise.race([stopped.then(() => 'asked'), running.value.databaseLost.then(() => 'lost')]);
  use.tell.line(why === 'asked' ? t.stopping : t.lost);
  await running.value.stop();
  if (why === 'asked') use.tell.line(t.stopped);
  return done({ exit: why === 'asked' ? 0 : 1, lines: [], json: {} });
};

function answerOfStart(sandbox: RunningSandbox): Answer {
  const { address, busyPort, simulators, dataFolder, firstLogins, clockAt, readyInMs } = sandbox;
  const key = firstLogins['api-key'];
  const same = (value: string): Words => ({ zh: value, en: value });
  const rows: [Words, Words][] = [
    [t.rows.address, same(address)],
    [t.rows.alipay, same(simulators.alipay)],
    [t.rows.wechat, same(simulators.wechat)],
    [t.rows.port, same(simulators.port)],
    [t.rows.data, same(dataFolder)],
    [t.rows.logins, t.loginsKept(sandbox.loginsFolder)],
    [t.rows.key, key === undefined ? t.keyAgain : same(key)],
    [t.rows.signUp, t.signUpWay],
  ];
  const row = (lang: 'zh' | 'en', [name, value]: [Words, Words]): string =>
    `  ${name[lang]}${' '.repeat(18 - widthOf(name[lang]))}${value[lang]}`;
  const lines = [
    t.ready(secondsOf(readyInMs)),
    t.sandbox(time(clockAt)),
    ...(busyPort === undefined ? [] : [t.busy(busyPort, address)]),
    ...rows.map((one) => ({ zh: row('zh', one), en: row('en', one) })),
  ];
  const json = {
    ...{ address, simulators, data: dataFolder, logins: sandbox.loginsFolder, clock: rfc3339(clockAt) },
    ...{ ready_in_ms: Math.round(readyInMs), first_start: key !== undefined },
  };
  return { exit: 0, lines, json, next: 'npx liushui import payments docs/examples/2015-10-28/payments.csv' };
}

const serve: Run = async (use: Use, _args, options) => {
  const role = text(options, 'role') ?? 'all';
  const stopped = use.untilStopped();
  const running = await use.doors.serve(use.config, role);
  if (!running.ok) return running;
  const { address, bornAs, busyPort } = running.value;
  const lines = [
    t.serving(bornAs, role, address ?? ''),
    ...(busyPort === undefined || address === undefined ? [] : [t.busy(busyPort, address)]),
  ];
  use.print({ exit: 0, lines, json: { role, address, born_as: bornAs } });
  await stopped;
  use.tell.line(t.stopping);
  await running.value.stop();
  use.tell.line(t.stopped);
  return done({ exit: 0, lines: [], json: {} });
};
