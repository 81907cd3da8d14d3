import { plus } from '../kernel/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { rulesOf } from './calls.ts';
import type { CustomsJobParts } from './calls.ts';
import { lastAnswerAt } from './declaration.ts';
import type { Declaration } from './declaration.ts';
import { askedWithinMs, reasonToSkip } from './plan-item.ts';
import { findByFilter, findHeld } from './plan-store.ts';
import type { PlanFilter } from './plan-store.ts';
import { findMembers } from './report-store.ts';
import type { Member } from './report-store.ts';
import { judgeMembers } from './reports.ts';
import { findDeclarations } from './store.ts';
import { triageTable } from './triage-table.ts';

const chunk = 1000;

/** Rows of the triage table whose way out is to push again. */
const pushRows = new Set(
  triageTable.filter((row) => row.action === 'repush' || row.action === 'submit_again').map((row) => row.row),
);

export type Chosen = {
  readonly members: readonly Declaration[];
  /** How many were left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
};

/** Whom a list's verdicts put into a re-push. */
export async function chooseOfReport(parts: CustomsJobParts, reportId: string): Promise<Chosen> {
  const chosen = collector();
  for (let last: Member | undefined; ;) {
    const members = await findMembers(parts.db, reportId, chunk, last);
    if (members.length === 0) return chosen;
    await chooseAmong(parts, chosen, members);
    last = members.at(-1);
  }
}

/**
 * Whom the decision table puts into a re-push among all that are not released of an account, place and window of acceptance.
 * Whoever was not asked lately is left out: a verdict on an old look is a guess.
 */
export async function chooseByFilter(parts: CustomsJobParts, merchantId: string, filter: PlanFilter): Promise<Chosen> {
  const chosen = collector();
  const now = parts.clock.now();
  for (let last: RecordKey = { bucket: -1, id: '00000000-0000-0000-0000-000000000000' }; ;) {
    const keys = await findByFilter(parts.db, merchantId, filter, chunk, last);
    const tail = keys.at(-1);
    if (!tail) return chosen;
    const unjudged = keys.map((key): Member => ({
      key,
      line: 0,
      rowTradeNo: undefined,
      verdictRow: undefined,
      verdict: undefined,
    }));
    const judged = await judgeMembers(parts, merchantId, unjudged, now);
    const rows = new Map(
      judged.map(({ declaration, row }) => [
        declaration.id,
        (lastAnswerAt(declaration.summary) ?? 0) < plus(now, -askedWithinMs) ? undefined : row,
      ]),
    );
    await chooseAmong(
      parts,
      chosen,
      unjudged.map((member) => ({ ...member, verdictRow: rows.get(member.key.id) })),
    );
    last = tail;
  }
}

type Collector = { readonly members: Declaration[]; readonly leftOut: Record<string, number> };

function collector(): Collector {
  return { members: [], leftOut: {} };
}

async function chooseAmong(
  parts: CustomsJobParts,
  { members, leftOut }: Collector,
  part: readonly Member[],
): Promise<void> {
  const leave = (why: string): void => void (leftOut[why] = (leftOut[why] ?? 0) + 1);
  const rules = rulesOf(parts);
  const keys = part.map((member) => member.key);
  const byId = new Map((await findDeclarations(parts.db, keys)).map((declaration) => [declaration.id, declaration]));
  const held = await findHeld(parts.db, keys, '');
  for (const { key, verdictRow } of part) {
    const declaration = byId.get(key.id);
    const channelRules = declaration && rules(declaration.channel);
    if (!declaration || !channelRules) continue;
    const why = reasonToSkip(declaration, channelRules, parts.clock.now());
    if (verdictRow === undefined) leave('not_judged');
    else if (!pushRows.has(verdictRow)) leave(`row_${verdictRow}`);
    else if (why !== undefined) leave(why);
    else if (held.has(key.id)) leave('in_another_plan');
    else members.push(declaration);
  }
}
