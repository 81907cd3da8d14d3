import { findPlansOfReport, showPlan } from '../customs/index.ts';
import type { CustomsJobParts, ShownCell, ShownPlan } from '../customs/index.ts';
import type { PlanTold } from './cover.ts';
import type { Source } from './member-store.ts';

/** The plans that pushed members of a source, or were made from it, with what they are known to have done. */
export async function plansTold(
  { db }: CustomsJobParts,
  source: Source,
  planIds: readonly string[],
): Promise<PlanTold[]> {
  const ofList = source.kind === 'report' ? await findPlansOfReport(db, source.id) : [];
  const ofSource = source.kind === 'plan' ? [source.id] : ofList.map(({ id }) => id);
  const ids = [...new Set([...ofSource, ...planIds])].sort();
  const shown = await Promise.all(ids.map((id) => showPlan(db, id)));
  return shown.flatMap((one) => (one.ok ? toldOf(one.value) : []));
}

/** Nothing is told of a plan that pushed nothing. */
function toldOf({ plan, counts, effective, cells }: ShownPlan): PlanTold[] {
  if (counts.pushes === 0) return [];
  if (cells.length > 0) return [{ id: plan.id, cells: cells.map(cellTold) }];
  const sent = (counts.byState['pushed'] ?? 0) + (counts.byState['judged'] ?? 0);
  return [{ id: plan.id, cells: [{ cell: '', sent, effective, pushed: 0, pushedWith: 0, held: 0, heldWith: 0 }] }];
}

function cellTold({ pushed, held, difference, low, high, ...cell }: ShownCell): PlanTold['cells'][number] {
  const figures = { cell: cell.cell, pushed, pushedWith: cell.pushedWith, held, heldWith: cell.heldWith };
  const all = { sent: cell.sent, effective: cell.effective };
  if (pushed === 0 || held === 0) return { ...figures, ...all };
  return { ...figures, ...all, difference: { value: difference, low, high } };
}
