import { createRequire } from 'node:module';

export type Step = {
  readonly name: string;
  /** A script under the root and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly fix?: readonly [string, ...string[]];
  /** Turns the tool's words into what a person needs. */
  readonly report: (output: string) => string;
  /** A reason to distrust an exit code of 0. */
  readonly doubt?: (output: string) => string | undefined;
};

type Violation = {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
  readonly cycle?: readonly { readonly name: string }[];
};
type Cruise = {
  readonly summary: { readonly totalCruised: number; readonly violations: readonly Violation[] };
  readonly ruleSetUsed?: unknown;
};

const asIs = (output: string): string => output;

function cruiseOf(output: string): Cruise | undefined {
  try {
    return JSON.parse(output) as Cruise;
  } catch {
    return undefined;
  }
}

/** `rule: from → to`, then what may be imported instead. */
export function importReport(comments: ReadonlyMap<string, string>): (output: string) => string {
  return (output) => {
    const cruise = cruiseOf(output);
    if (!cruise) return output;
    const short = (path: string): string => path.replace(/^packages\/server\/src\//, '');
    return cruise.summary.violations
      .map((violation) => {
        const to = violation.cycle?.map(({ name }) => short(name)).join(' → ') ?? short(violation.to);
        const { name } = violation.rule;
        return `${name}: ${short(violation.from)} → ${to}   ${comments.get(name) ?? ''}`;
      })
      .join('\n');
  };
}

/** Under TypeScript 7 the checker read no file and reported success. */
export function readNothing(output: string): string | undefined {
  const cruised = cruiseOf(output)?.summary.totalCruised ?? 0;
  return cruised > 0
    ? undefined
    : 'dependency-cruiser read no files: is its TypeScript supported? Keep TypeScript on 6.0';
}

const config = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
  forbidden: readonly { name: string; comment: string }[];
};
const comments = new Map(config.forbidden.map((rule) => [rule.name, rule.comment]));

/** The slowest first, so that two lanes end together. */
export const steps: readonly Step[] = [
  {
    name: 'eslint',
    command: ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'],
    fix: ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '--fix', '.'],
    report: asIs,
  },
  { name: 'tsc', command: ['node_modules/typescript/bin/tsc', '-p', '.'], report: asIs },
  {
    name: 'prettier',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
    fix: ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level=warn', '.'],
    report: (output) => `${output.trimEnd()}\nrun: npm run check -- --fix`,
  },
  {
    name: 'dependency-cruiser',
    command: [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      '--config=.dependency-cruiser.cjs',
      '--output-type=json',
      'packages',
    ],
    report: importReport(comments),
    doubt: (output) => {
      const violations = importReport(comments)(output);
      return readNothing(output) ?? (violations === '' ? undefined : violations);
    },
  },
  {
    name: 'knip',
    command: ['node_modules/knip/bin/knip.js', '--no-progress', '--treat-config-hints-as-errors'],
    report: (output) => `${output.trimEnd()}\nremove what nobody uses, or use it`,
  },
  { name: 'tidy', command: ['tools/tidy/main.ts'], report: asIs },
];
