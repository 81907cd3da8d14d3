import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { SandboxAbout } from '../payments/index.ts';
import type { Answer, Words } from './answer.ts';
import { bilingualTable } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { openSandbox } from './open-sandbox.ts';
import type { OpenSandbox } from './open-sandbox.ts';
import { nextOfRun } from './run-under-way.ts';
import { sandboxTexts as t } from './sandbox.texts.ts';
import { firstArg, text } from './session.ts';
import type { Args, Options, Run } from './session.ts';

/** `sandbox behave`, `behaviours`, `pay`: what the API's doors of the same names do. */
export function sandboxActs(kit: Kit, sandbox: Command): void {
  leaf(kit, sandbox, 'behave <about> [behaviour]', t.behaveAbout, behave, [
    ['--call <kind>', t.callOption],
    ['--times <n>', t.timesOption],
    ['--lift', t.liftOption],
  ]);
  leaf(kit, sandbox, 'behaviours', t.behaviours, behaviours);
  leaf(kit, sandbox, 'pay <order>', t.payAbout, pay);
}

const bad = (field: string, value: string, problem: string): Result<never> =>
  refuse('usage.bad_input', { field, value, problem }, field);

const behave: Run = async (use, args, options) => {
  const opened = await openSandbox(use, 'sandbox behave');
  if (!opened.ok) return opened;
  const given = firstArg(args);
  const about: SandboxAbout = given === 'any' ? 'any' : { number: given };
  return options['lift'] === true ? lift(opened.value, about) : begin(opened.value, given, about, args, options);
};

async function begin(
  { session, doors }: OpenSandbox,
  given: string,
  about: SandboxAbout,
  args: Args,
  options: Options,
): Promise<Result<Answer>> {
  const [, second] = args;
  const behaviour = typeof second === 'string' ? second : '';
  const times = text(options, 'times');
  if (times !== undefined && !/^[1-9]\d{0,2}$/.test(times)) return bad('--times', times, '1-999');
  const call = text(options, 'call');
  const more = { ...(call === undefined ? {} : { call }), ...(times === undefined ? {} : { times: Number(times) }) };
  const begun = await doors.behave(session.actor, { about, behaviour, ...more });
  if (!begun.ok) return begun;
  const lines = begun.value.map(({ channel, accountId, serialNos }): Words => {
    const where = serialNos.length === 0 ? t.everything(accountId) : undefined;
    const numbers = serialNos.join(', ');
    return {
      zh: t.behaving(behaviour, channel, where?.zh ?? numbers).zh,
      en: t.behaving(behaviour, channel, where?.en ?? numbers).en,
    };
  });
  const json = begun.value.map(({ channel, accountId, serialNos }) => ({
    ...{ behaviour, channel, account: accountId, serial_nos: serialNos },
  }));
  return done({ exit: 0, lines, json: { behaving: json }, next: `liushui sandbox behave ${given} --lift` });
}

async function lift({ session, doors }: OpenSandbox, about: SandboxAbout): Promise<Result<Answer>> {
  const lifted = await doors.lift(session.actor, about);
  if (!lifted.ok) return lifted;
  return done({ exit: 0, lines: [t.lifted(lifted.value)], json: { lifted: lifted.value } });
}

const behaviours: Run = async (use) => {
  const opened = await openSandbox(use, 'sandbox behaviours');
  if (!opened.ok) return opened;
  const known = opened.value.doors.behaviours();
  const rows = (lang: 'zh' | 'en') => known.map((one) => [one.name, one.channels.join(', '), one[lang]]);
  const [zh, en] = [bilingualTable(t.heads, rows('zh')), bilingualTable(t.heads, rows('en'))];
  const lines = zh.map((line, index) => ({ zh: line.zh, en: en[index]?.en ?? '' }));
  return done({ exit: 0, lines, json: { behaviours: known }, next: 'liushui sandbox behave any book_then_hang' });
};

const pay: Run = async (use, args) => {
  const opened = await openSandbox(use, 'sandbox pay');
  if (!opened.ok) return opened;
  const { session, doors } = opened.value;
  const paid = await doors.pay(session.actor, firstArg(args));
  if (!paid.ok) return paid;
  const { orderNo, serialNo, channel } = paid.value;
  return done({
    exit: 0,
    lines: [t.paid(orderNo, serialNo, channel)],
    json: { order_no: orderNo, serial_no: serialNo, channel },
    next: (await nextOfRun(session, orderNo)) ?? `liushui show ${orderNo}`,
  });
};
