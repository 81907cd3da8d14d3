import { done, shanghaiText } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Actor } from '../identity/index.ts';
import { paidAttempt, refundsOf } from './acceptance.ts';
import type { Line, Run } from './acceptance.ts';
import { csvMark, sheetLine } from '../platform/tables/csv-writer.ts';
import { lookAt } from './look.ts';
import type { OnboardingParts } from './parts.ts';
import { proofsOf } from './store.ts';
import type { Proof } from './store.ts';
import { packWords as w, testCases } from './testpack.texts.ts';

export type TestPack = {
  readonly name: string;
  readonly text: string;
  readonly cases: number;
  readonly passed: number;
};

/**
 * Some channels hand out live keys only for submitted test cases: the acceptance run as that paper, a table that opens in a spreadsheet. Each case
 * with what is done, what is expected, and what our records prove of it. The exchanges themselves are shown by their numbers.
 * @returns refusals account.not_found, of `allowed`.
 */
export async function makeTestPack(parts: OnboardingParts, actor: Actor, accountId: string): Promise<Result<TestPack>> {
  const look = await lookAt(parts, actor, accountId, 'exchanges.read');
  if (!look.ok) return look;
  const { lines, run, account } = look.value;
  const proofs = await proofsOf(
    parts.db,
    lines.flatMap(({ proof }) => proof ?? []),
  );
  const rows = lines.map((line, index) => rowOf(line, index + 1, run, proofs));
  const text = csvMark + [w.heads, ...rows].map(sheetLine).join('');
  const passed = lines.filter(({ state }) => state === 'green').length;
  return done({ name: `testpack-${account.channel}-${accountId}.csv`, text, cases: lines.length, passed });
}

const both = ({ zh, en }: { readonly zh: string; readonly en: string }): string => `${zh} ${en}`;

function rowOf(line: Line, no: number, run: Run, proofs: ReadonlyMap<string, Proof>): readonly string[] {
  const { name, does, expects } = testCases[line.key];
  const proof = line.proof === undefined ? undefined : proofs.get(line.proof);
  const [ours, theirs] = numbersOf(line, run);
  return [
    ...[String(no), both(name), both(does), both(expects), both(w.results[line.state]), ours, theirs],
    ...[
      proof?.request ?? (proof ? both(w.message) : ''),
      momentOf(proof?.at),
      proof?.httpStatus ?? '',
      line.proof ?? '',
    ],
  ];
}

const momentOf = (at: Instant | undefined): string => (at === undefined ? '' : shanghaiText(at));

/** The numbers that the channel knows the case by: ours and its own. */
function numbersOf({ key }: Line, { toClose, toPay }: Run): readonly [string, string] {
  const paid = paidAttempt(toPay);
  const [part, rest] = refundsOf(toPay);
  switch (key) {
    case 'opened':
    case 'doubled':
    case 'closed':
      return [toClose?.attempts.at(-1)?.serialNo ?? '', ''];
    case 'refund_part':
      return [part?.refundNo ?? '', paid?.tradeNo ?? ''];
    case 'refund_rest':
    case 'refund_seen':
      return [rest?.refundNo ?? '', paid?.tradeNo ?? ''];
    case 'paid':
    case 'notice':
    case 'query':
    case 'statement':
    case 'settlement':
      return [paid?.serialNo ?? '', paid?.tradeNo ?? ''];
  }
}
