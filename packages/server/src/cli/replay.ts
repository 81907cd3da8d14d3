import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { done, parseShanghai, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Answer, Words } from './answer.ts';
import { plain } from './answer.ts';
import type { ReplayStep, ReplayWish } from './doors.ts';
import { table, time } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { planTexts } from './plans.texts.ts';
import { replayTexts as t } from './replay.texts.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Use } from './session.ts';

export function replayCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'replay <day>', t.about, replay, [
    ['--orders <n>', t.ordersOption],
    ['--seed <n>', t.seedOption],
    ['--data <folder>', t.dataOption],
    ['--resume', t.resumeOption],
    ['--signing <reading>', t.signingOption],
    ['--skip-day', t.skipDayOption],
    ['--report <file>', t.reportOption],
  ]);
}

const signings = ['A', 'B', 'C', 'none'] as const;

function readWish(options: Options): Result<ReplayWish> {
  const orders = Number(text(options, 'orders') ?? '33593');
  const seed = Number(text(options, 'seed') ?? '1');
  const signing = signings.find((one) => one === (text(options, 'signing') ?? 'A'));
  const folder = text(options, 'data');
  const resume = options['resume'] === true;
  if (!Number.isSafeInteger(orders) || orders < 35 || orders > 1_000_000) return bad('orders', options, '35 … 1000000');
  if (!Number.isSafeInteger(seed) || seed < 0) return bad('seed', options, '0, 1, 2 …');
  if (!signing) return bad('signing', options, signings.join(' | '));
  if (resume && folder === undefined) return bad('data', options, '--resume needs --data');
  const skipDay = options['skipDay'] === true;
  return done({
    orders,
    seed,
    signing,
    skipDay,
    dataFolder: folder === undefined ? undefined : resolve(folder),
    resume,
  });
}

function bad(name: string, options: Options, problem: string): Result<never> {
  return refuse('usage.bad_input', { field: `--${name}`, value: text(options, name) ?? '', problem }, `--${name}`);
}

const replay: Run = async (use, args, options) => {
  const day = firstArg(args);
  if (day !== '2015-10-28')
    return refuse('usage.bad_input', { field: 'DAY', value: day, problem: '2015-10-28' }, 'DAY');
  const wish = readWish(options);
  if (!wish.ok) return wish;
  const { dataFolder } = wish.value;
  use.lookWith(
    dataFolder === undefined
      ? 'liushui replay 2015-10-28 --data ./replay'
      : `liushui replay 2015-10-28 --data ${dataFolder} --resume`,
  );
  const played = await use.doors.replay(use.config, wish.value, teller(use));
  use.tell.end();
  if (!played.ok) return played;
  const report = text(options, 'report');
  if (report !== undefined) writeFileSync(report, await played.value.html());
  const answer = answerOfReplay(played.value.figures);
  const written = report === undefined ? [] : [t.written(resolve(report))];
  return done({ ...answer, lines: [...answer.lines, ...written] });
};

/** Tells a stage when it begins, how far it is, and once that the product saw what was wrong. */
function teller(use: Use): (step: ReplayStep) => void {
  let stage = '';
  let alerted = false;
  return (step) => {
    const words = t.stages[step.stage] ?? plain(step.stage);
    if (step.alert && !alerted) {
      alerted = true;
      use.tell.end();
      use.tell.line(t.alert(beijing(step.alert.at), step.alert.afterMinutes));
    }
    if (step.done !== undefined && step.of !== undefined) use.tell.progress(words, step.done, step.of);
    else if (step.stage !== stage) use.tell.line(t.stage(beijing(step.at), words));
    stage = step.stage;
  };
}

/** The replay's moments as people here read them. */
function beijing(at: string): string {
  const moment = parseShanghai(at);
  return moment === undefined ? at : time(moment);
}

type Cell = {
  readonly cell: string;
  readonly state: string;
  readonly canary: { readonly sent: number; readonly receipts: number };
  readonly control: { readonly held_back: number; readonly receipts: number };
  readonly effect: { readonly difference: number; readonly low: number; readonly high: number };
  readonly sent: number;
  readonly effective: number;
};

type Figures = {
  readonly orders: number;
  readonly real_orders: number;
  readonly affected: number;
  readonly triage: Readonly<Record<string, number>>;
  readonly triage_correct: number;
  readonly detected_after_minutes: number | null;
  readonly incident: { readonly seen: string } | null;
  readonly repush: Readonly<
    Record<'planned' | 'sent' | 'effective' | 'ineffective' | 'sent_twice_within_gap', number>
  > & { readonly cells: readonly Cell[] };
  readonly evidence_packs: readonly {
    readonly id: string;
    readonly receiver: string;
    readonly members: number;
    readonly complete: boolean;
  }[];
  readonly waves: readonly {
    readonly hour: string;
    readonly declared: number;
    readonly missing: number;
    readonly recovered: number;
  }[];
  readonly calls: Readonly<Record<'query' | 'declare', { readonly count: number; readonly ideal: number }>>;
  readonly cpu_seconds: number;
  readonly wall_seconds: number;
  readonly server_memory_mib: number;
  readonly lost: number;
};

const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });

function answerOfReplay(played: Readonly<Record<string, unknown>>): Answer {
  const figures = played as unknown as Figures;
  const { repush, calls, incident, detected_after_minutes: after } = figures;
  const causes = Object.entries(figures.triage)
    .map(([cause, n]) => `${cause} ${n.toLocaleString('en-US')}`)
    .join(', ');
  const lines = [
    t.orders(figures.orders, figures.real_orders, figures.affected),
    ...chartOfWaves(figures),
    incident && after !== null ? t.alert(incident.seen, after) : t.notSeen,
    t.triage(causes, percent.format(figures.triage_correct)),
    t.repush(repush.planned, repush.sent, repush.effective, repush.ineffective, repush.sent_twice_within_gap),
    ...(repush.cells.length > 0 ? [t.cellsHead, ...cellLines(repush.cells)] : []),
    ...packLines(figures),
    t.calls(calls.query.count, calls.query.ideal, calls.declare.count, calls.declare.ideal),
    t.memory(oneDecimal.format(figures.server_memory_mib)),
    t.end(figures.lost, oneDecimal.format(figures.cpu_seconds), oneDecimal.format(figures.wall_seconds)),
  ];
  return { exit: figures.lost > 0 ? 1 : 0, lines, json: played };
}

const chartWidth = 50;

/** The two waves, as wide as a terminal allows. */
function chartOfWaves({ waves }: Figures): Words[] {
  const most = Math.max(1, ...waves.map((wave) => wave.declared));
  const wide = (n: number): number => Math.round((n / most) * chartWidth);
  const rows = waves.map(({ hour, declared, missing, recovered }) => {
    const bar = '█'.repeat(wide(missing)) + '▓'.repeat(wide(recovered));
    return [`${hour} h`, declared.toLocaleString('en-US'), bar.padEnd(wide(declared), '░')];
  });
  return [t.chartHead, ...table(rows, [1]).map(plain)];
}

function cellLines(cells: readonly Cell[]): Words[] {
  const points = (share: number): string => `${share > 0 ? '+' : ''}${Math.round(100 * share)}`;
  const rowsIn = (lang: 'zh' | 'en'): string[][] =>
    cells.map(({ cell, state, canary, control, effect, sent, effective }) => [
      cell,
      planTexts.cellOf(canary.receipts, canary.sent)[lang],
      planTexts.cellOf(control.receipts, control.held_back)[lang],
      `${points(effect.difference)} (${points(effect.low)}..${points(effect.high)})`,
      (state === 'stopped' ? planTexts.readings.no_effect : planTexts.ramp(sent, effective))[lang],
    ]);
  const zh = table([planTexts.cellHeads.zh, ...rowsIn('zh')]);
  const en = table([planTexts.cellHeads.en, ...rowsIn('en')]);
  return zh.map((line, index) => ({ zh: line, en: en[index] ?? '' }));
}

function packLines({ evidence_packs: packs }: Figures): Words[] {
  if (packs.length === 0) return [];
  const inWords = (lang: 'zh' | 'en'): string =>
    packs
      .map(({ id, receiver, members, complete }) => {
        const word = (complete ? t.complete : t.incomplete)[lang];
        return `${id} → ${receiver} ${members.toLocaleString('en-US')} (${word})`;
      })
      .join(', ');
  return [{ zh: t.packs(inWords('zh')).zh, en: t.packs(inWords('en')).en }];
}
