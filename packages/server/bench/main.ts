import { parseArgs } from 'node:util';
import type { Bench, BenchResult, Figure } from './bench.ts';
import { growth } from './growth.ts';
import { http } from './http/http.ts';
import { notifications } from './http/notify.ts';
import { jobRate } from './job-rate.ts';
import { ledger } from './ledger.ts';
import { lists } from './lists.ts';
import { describeMachine } from './machine.ts';
import { payIns } from './pay-ins.ts';
import { poison } from './poison.ts';
import { rates } from './rates.ts';
import { reportText } from './report.ts';
import type { Report } from './report.ts';
import { startServer } from './server.ts';
import type { BenchServer } from './server.ts';

/** The short ones first, so that something is known while the long one runs. */
const benches: readonly Bench[] = [rates, jobRate, ledger, payIns, http, notifications, lists, poison, growth];

type BenchChoice = {
  readonly quick: boolean;
  /** Names of benches; none: all of them. */
  readonly only: readonly string[];
  readonly tell: (line: string) => void;
};

async function runBenches({ quick, only, tell }: BenchChoice): Promise<Report> {
  const machine = describeMachine();
  const began = performance.now();
  let starting: Promise<BenchServer> | undefined;
  const server = (): Promise<BenchServer> => {
    if (!starting) tell('starting PostgreSQL');
    return (starting ??= startServer());
  };
  try {
    const results: BenchResult[] = [];
    for (const bench of benches) {
      if (only.length === 0 || only.includes(bench.name)) results.push(await bench.run({ quick, server, tell }));
    }
    const postgresql = starting ? (await starting).version : '';
    return {
      machine: { ...machine, postgresql },
      quick,
      seconds: (performance.now() - began) / 1000,
      figures: results.flatMap((result) => result.figures).map((figure) => (quick ? unjudged(figure) : figure)),
      tables: results.flatMap((result) => result.tables),
    };
  } finally {
    await (await starting?.catch(() => undefined))?.stop();
  }
}

/** One round of the smallest size reaches or misses a target by chance. */
function unjudged({ target: _target, ...figure }: Figure): Figure {
  return { ...figure, verdict: 'shown' };
}

const usage = `npm run bench -- [--only NAME]… [--quick] [--json]

${benches.map(({ name, says }) => `  ${name.padEnd(8)}${says}`).join('\n')}

--quick runs the smallest sizes once, to show that everything works. docs/operations/benchmarks.md explains the figures.
`;

type Said = { readonly out: string; readonly code: number };

/** What the command line says: a report on the first stream, progress by `tell`. Bad words end with 2; a FAIL is a figure, not an error. */
export async function answerBench(args: readonly string[], tell: (line: string) => void): Promise<Said> {
  const options = {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const read = (): ReturnType<typeof parseArgs<{ options: typeof options }>>['values'] | string => {
    try {
      return parseArgs({ args: [...args], options, strict: true }).values;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const chosen = read();
  if (typeof chosen === 'string') return { out: `${chosen}\n\n${usage}`, code: 2 };
  if (chosen.help === true) return { out: usage, code: 0 };
  const only = chosen.only ?? [];
  const unknown = only.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) return { out: `there is no bench ${unknown}\n\n${usage}`, code: 2 };
  const report = await runBenches({ quick: chosen.quick ?? false, only, tell });
  return { out: chosen.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report), code: 0 };
}
