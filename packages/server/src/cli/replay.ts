import { resolve } from 'node:path';
import type { Command } from 'commander';
import { done, parseShanghai, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { Answer } from './answer.ts';
import { plain } from './answer.ts';
import type { ReplayWish } from './doors.ts';
import { time } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { replayTexts as t } from './replay.texts.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run } from './session.ts';

export function replayCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'replay <day>', t.about, replay, [
    ['--orders <n>', t.ordersOption],
    ['--seed <n>', t.seedOption],
    ['--data <folder>', t.dataOption],
    ['--resume', t.resumeOption],
    ['--signing <reading>', t.signingOption],
  ]);
}

const signings = ['A', 'B', 'C', 'none'] as const;

function readWish(options: Options): Result<ReplayWish> {
  const orders = Number(text(options, 'orders') ?? '2000');
  const seed = Number(text(options, 'seed') ?? '1');
  const signing = signings.find((one) => one === (text(options, 'signing') ?? 'A'));
  const folder = text(options, 'data');
  const resume = options['resume'] === true;
  if (!Number.isSafeInteger(orders) || orders < 35 || orders > 1_000_000) return bad('orders', options, '35 … 1000000');
  if (!Number.isSafeInteger(seed) || seed < 0) return bad('seed', options, '0, 1, 2 …');
  if (!signing) return bad('signing', options, signings.join(' | '));
  if (resume && folder === undefined) return bad('data', options, '--resume needs --data');
  return done({ orders, seed, signing, dataFolder: folder === undefined ? undefined : resolve(folder), resume });
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
  const { orders, dataFolder } = wish.value;
  use.lookWith(
    dataFolder === undefined
      ? 'liushui replay 2015-10-28 --data ./replay'
      : `liushui replay 2015-10-28 --data ${dataFolder} --resume`,
  );
  let stage = '';
  const played = await use.doors.replay(use.config, wish.value, (step) => {
    const words = t.stages[step.stage] ?? plain(step.stage);
    if (step.done !== undefined && step.of !== undefined) use.tell.progress(words, step.done, step.of);
    else if (step.stage !== stage) use.tell.line(t.stage(beijing(step.at), words));
    stage = step.stage;
  });
  use.tell.end();
  if (!played.ok) return played;
  const next = orders >= 33_593 ? {} : { next: 'liushui replay 2015-10-28 --orders 33593' };
  return done({ ...answerOfReplay(played.value), ...next });
};

/** The replay's moments as people here read them. */
function beijing(at: string): string {
  const moment = parseShanghai(at);
  return moment === undefined ? at : time(moment);
}

type Figures = {
  readonly orders: number;
  readonly real_orders: number;
  readonly affected: number;
  readonly triage: Readonly<Record<string, number>>;
  readonly triage_correct: number;
  readonly repush: Readonly<Record<'planned' | 'sent' | 'effective' | 'ineffective' | 'sent_twice_within_gap', number>>;
  readonly calls: Readonly<Record<'query' | 'declare', { readonly count: number; readonly ideal: number }>>;
  readonly cpu_seconds: number;
  readonly wall_seconds: number;
  readonly lost: number;
};

const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 2 });

function answerOfReplay(played: Readonly<Record<string, unknown>>): Answer {
  const figures = played as unknown as Figures;
  const { repush, calls } = figures;
  const causes = Object.entries(figures.triage)
    .map(([cause, n]) => `${cause} ${n.toLocaleString('en-US')}`)
    .join(', ');
  const lines = [
    t.orders(figures.orders, figures.real_orders, figures.affected),
    t.triage(causes, percent.format(figures.triage_correct)),
    t.repush(repush.planned, repush.sent, repush.effective, repush.ineffective, repush.sent_twice_within_gap),
    t.calls(calls.query.count, calls.query.ideal, calls.declare.count, calls.declare.ideal),
    t.end(figures.lost, oneDecimal.format(figures.cpu_seconds), oneDecimal.format(figures.wall_seconds)),
  ];
  return { exit: figures.lost > 0 ? 1 : 0, lines, json: played };
}
